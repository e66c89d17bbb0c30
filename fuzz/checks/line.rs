//! What holds for any line in any format: the fast path reads it as the slow one does, whatever was read
//! before it; its reject points into it; and its record holds what is checked of any record.
//!
//! The first byte chooses the format, `a` being the first one. One or two lines follow.

use crate::record;
use weblog_parse::{
    Field, Format, Kind, Name, Options, Parsed, Parser, Record,
    formats::{Family, Header},
};

pub fn check(data: &[u8]) {
    let Some((format, text)) = data.split_first() else { return };
    let count = Format::names().count();
    let format = Format::names().nth(usize::from(format.wrapping_sub(b'a')) % count);
    let (_, format) = format.expect("there are so many");
    let parser = Parser::new(Options { format, ..Options::default() });
    let lines = || text.split(|b| *b == b'\n').take(2);
    let first = lines().next();
    let mut fast = parser.clone();
    fast.begin(first, None);
    let (mut above, mut header) = (None, None);
    for line in lines() {
        let mut record = Record::new();
        let parsed = fast.parse(line, &mut record);
        // What the fast path does not take the slow one has read: again is only new at another place.
        if above.is_some() || matches!(parsed, Parsed::Record { .. }) {
            // A parser that begins here knows nothing but what the place tells.
            let mut slow = parser.clone();
            slow.begin(first, header);
            let mut reference = Record::new();
            assert_eq!(parsed, slow.parse_slowly(line, &mut reference), "{format:?}");
            if matches!(parsed, Parsed::Record { .. }) {
                record::check_same(&record, &reference);
            }
        }
        match parsed {
            Parsed::Record { format, .. } => {
                record::check(&record);
                is_announced(&record, &fast.fields(format), format);
            }
            Parsed::Rejected(reject) => {
                assert!((1..=line.len() + 1).contains(&reject.column), "{reject:?}");
            }
            Parsed::Skipped => {}
        }
        above = Some(line);
        if Header::is_header(line) {
            header = Some(line);
        }
    }
}

/// A record has the fields that its format says it has, in their order, and what stands around any line.
fn is_announced(record: &Record<'_>, fields: &[(Name<'static>, Kind)], format: Format) {
    let mut rest = fields.iter();
    for (name, _) in record.fields() {
        // Clients may stand in a list in any log.
        let list = *name == Name::Known(Field::ForwardedFor);
        let around = list || matches!(name, Name::Known(Field::Extra | Field::Host) | Name::Other("prefix"));
        // The labels are the line's own.
        let own = format == Format::Of(Family::Ltsv);
        assert!(around || own || rest.any(|(known, _)| known == name), "{name:?} {format:?}");
    }
}
