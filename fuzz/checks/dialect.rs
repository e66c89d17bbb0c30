//! What holds for any line of JSON in any dialect: its reject points into it; it is read alike whatever was
//! read before it; and its record holds what is checked of any record, also that of a line that was carried.

use crate::record;
use weblog_parse::{Parsed, Parser, Record, Reject};
use weblog_wire::dialect::{Arena, Dialect, Json, Reader, is_json};

pub fn check(data: &[u8]) {
    let mut reader = Reader::default();
    for line in data.split(|b| *b == b'\n').take(2) {
        if !is_json(line) {
            continue;
        }
        let (arena, other) = (Arena::new(), Arena::new());
        let (mut record, mut alone) = (Record::new(), Record::new());
        let read = entry(&mut reader, line, &arena, &mut record);
        assert_eq!(read, entry(&mut Reader::default(), line, &other, &mut alone));
        if read.is_ok() {
            let json = record::check(&record);
            record::check_same(&record, &alone);
            comes_back(json.trim_ascii_end());
        }
    }
}

/// Who wrote a line; none for a line that was carried, or is none.
fn entry<'a>(
    reader: &mut Reader,
    line: &'a [u8],
    arena: &'a Arena,
    record: &mut Record<'a>,
) -> Result<Option<Dialect>, Reject> {
    let read = reader.read(line, arena, record);
    let (len, parsed) = match read {
        Ok(Json::Record(dialect)) => return Ok(Some(dialect)),
        Ok(Json::Line(wrapped)) => {
            assert!(record.fields().is_empty());
            let parsed = Parser::default().parse(wrapped.line, record);
            if matches!(parsed, Parsed::Record { .. }) {
                wrapped.add_to(record);
            }
            (wrapped.line.len(), parsed)
        }
        Err(reject) => (line.len(), Parsed::Rejected(reject)),
    };
    match parsed {
        Parsed::Rejected(reject) => {
            assert!((1..=len + 1).contains(&reject.column), "{reject:?}");
            Err(reject)
        }
        Parsed::Record { .. } | Parsed::Skipped => Ok(None),
    }
}

/// What is written with a time before other fields is read again as weblog's own.
fn comes_back(json: &[u8]) {
    if !json.starts_with(b"{\"time\":\"") {
        return;
    }
    let (arena, mut record) = (Arena::new(), Record::new());
    if let Ok(Json::Record(Dialect::Weblog)) = Reader::default().read(json, &arena, &mut record) {
        let again = record::check(&record);
        assert!(again.trim_ascii_end() == json, "{}\n{}", json.escape_ascii(), again.escape_ascii());
    }
}
