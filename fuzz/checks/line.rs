//! What holds for any line: the fast path reads it as the slow one does, its reject points into it,
//! and its record is one line of JSON that is read back to the same record.

use weblog_parse::{Format, Options, Parsed, Parser, Record};
use weblog_wire::ndjson;

pub fn check(data: &[u8]) {
    for line in data.split(|b| *b == b'\n') {
        for (_, format) in Format::NAMES {
            let mut parser = Parser::new(Options { format: *format, ..Options::default() });
            let (mut fast, mut slow) = (Record::new(), Record::new());
            let parsed = parser.parse(line, &mut fast);
            assert_eq!(parsed, parser.parse_slowly(line, &mut slow), "{format:?}");
            if let Parsed::Rejected(reject) = parsed {
                assert!((1..=line.len() + 1).contains(&reject.column), "{reject:?}");
            }
            let json = written(&fast);
            assert_eq!(json, written(&slow), "{format:?}");
            assert_eq!(json.iter().filter(|b| **b == b'\n').count(), 1);
            let object = json.strip_suffix(b"\n").unwrap_or_default();
            serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(object).expect("valid JSON");
            let mut again = Record::new();
            ndjson::read(object, &mut again).expect("what is written can be read");
            assert_eq!(written(&again), json);
        }
    }
}

fn written(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    ndjson::Writer::new(None).write(record, &mut out);
    out
}
