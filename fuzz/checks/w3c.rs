//! What holds for any `#Fields:` header and any rows under it: a row is read alike by a parser that met the
//! header and by one that begins behind it; its record has only the columns of the header, and holds what is
//! checked of any record.
//!
//! The first byte chooses the format: `a` W3C, `b` CloudFront, `c` the one that the lines tell. The header
//! stands without its `#Fields:`, and up to three lines of any kind follow.

use crate::record;
use weblog_parse::{
    Field, Format, Name, Options, Parsed, Parser, Record,
    formats::{Family, Header},
};

pub fn check(data: &[u8]) {
    let Some((format, text)) = data.split_first() else { return };
    let format = match format.wrapping_sub(b'a') % 3 {
        0 => Format::Of(Family::W3c),
        1 => Format::Of(Family::Cloudfront),
        _ => Format::Auto,
    };
    let text = [b"#Fields:", text].concat();
    let mut lines = text.split(|b| *b == b'\n');
    let first = lines.next().unwrap_or_default();
    let parser = Parser::new(Options { format, ..Options::default() });
    let mut whole = parser.clone();
    whole.begin(Some(first), None);
    assert_eq!(whole.parse(first, &mut Record::new()), Parsed::Skipped);
    let mut above = first;
    for line in lines.take(3) {
        let mut behind = parser.clone();
        behind.begin(Some(first), Some(above));
        let (mut record, mut other) = (Record::new(), Record::new());
        let parsed = whole.parse(line, &mut record);
        assert_eq!(parsed, behind.parse(line, &mut other));
        match parsed {
            Parsed::Record { format, .. } => {
                record::check(&record);
                record::check_same(&record, &other);
                has_only_columns(&record, format, above);
            }
            Parsed::Rejected(reject) => {
                assert!((1..=line.len() + 1).contains(&reject.column), "{reject:?}");
            }
            Parsed::Skipped => {}
        }
        if Header::is_header(line) {
            above = line;
        }
    }
}

fn has_only_columns(record: &Record<'_>, format: Format, header: &[u8]) {
    let Format::Of(Family::W3c | Family::Cloudfront) = format else { return };
    // A header of the other kind is none for this one; its rows are read by the usual columns.
    let Some(fields) = Header::compile(header).map(|header| header.fields()) else { return };
    let known = |name| fields.iter().any(|(known, _)| *known == name);
    let usual = format.fields();
    for (name, _) in record.fields() {
        let around = matches!(name, Name::Known(Field::Host) | Name::Other("prefix"));
        assert!(around || known(*name) || usual.iter().any(|(known, _)| known == name), "{name:?}");
    }
}
