//! What holds for any format string and any line: compiling ends; the fast way through a line agrees with
//! the slow one; a reject points into the line; a record has only the fields of its format, and holds what
//! is checked of any record.
//!
//! The first byte chooses the language: `a` is Apache httpd's, `b`, `c` and `d` are nginx's with its three
//! ways to escape. The first line is the format string; one or two lines of the log follow.

use crate::record;
use weblog_parse::{Escape, Field, Kind, Name, Program, Record, Zone, time::Memo};

pub fn check(data: &[u8]) {
    let Some((language, text)) = data.split_first() else { return };
    let mut lines = text.split(|b| *b == b'\n');
    let Ok(format) = std::str::from_utf8(lines.next().unwrap_or_default()) else { return };
    let compiled = match language.wrapping_sub(b'a') % 4 {
        0 => Program::apache(format),
        1 => Program::nginx(format, Escape::Default),
        2 => Program::nginx(format, Escape::Json),
        _ => Program::nginx(format, Escape::None),
    };
    let program = match compiled {
        Ok(program) => program,
        Err(bad) => return assert!(bad.at <= format.len(), "{bad}"),
    };
    assert_eq!(program.source(), format);
    let fields = program.fields();
    let known =
        |(name, _): &(Name<'static>, Kind)| if let Name::Known(field) = name { Some(*field) } else { None };
    assert!(fields.iter().filter_map(known).is_sorted_by(|one, next| one < next), "{fields:?}");
    let mut memo = Memo::default();
    for line in lines.take(2) {
        let (mut record, mut reference) = (Record::new(), Record::new());
        let read = program.parse(&mut memo, Zone::default(), line, &mut record);
        // Only the slow way turns a line down.
        if let Err(reject) = read {
            assert!((1..=line.len() + 1).contains(&reject.column), "{reject:?}");
            continue;
        }
        let slow = program.parse_reference(&mut Memo::default(), Zone::default(), line, &mut reference);
        assert_eq!(read, slow);
        for (name, _) in record.fields() {
            let around = matches!(name, Name::Known(Field::Extra | Field::Host) | Name::Other("prefix"));
            assert!(around || fields.iter().any(|(known, _)| known == name), "{name:?}");
        }
        record::check(&record);
        record::check_same(&record, &reference);
    }
}
