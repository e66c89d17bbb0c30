//! Samples of each format, every one written for these tests.

#![allow(clippy::unwrap_used)]

use super::{Family, Header, guess};
use crate::{
    record::{Name, Record, Value},
    reject::{Reason, Reject},
    text::bytes,
    time::Memo,
    zone::Zone,
};

mod balancers;
mod errors;
mod hostile;
mod properties;
mod rows;
mod servers;

/// A value as a reader would see it.
fn shown(value: Value<'_>) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Time(instant) => {
            let time = chrono::DateTime::from_timestamp_micros(instant.micros).unwrap();
            match instant.digits {
                3 => time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
                6 => time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
                _ => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            }
        }
        other => String::from_utf8_lossy(bytes(other, &mut Vec::new()).unwrap()).into_owned(),
    }
}

fn named<'a>(name: Name<'a>) -> &'a str {
    match name {
        Name::Known(field) => field.name(),
        Name::Other(name) => name,
    }
}

/// What a line reads as under a header: its fields, one in a row; and whether it has more.
fn under(header: Option<&Header>, family: Family, line: &str) -> Result<(String, bool), Reject> {
    let mut record = Record::new();
    let extra = family.parse(header, &mut Memo::default(), Zone::default(), line.as_bytes(), &mut record)?;
    let row = |(name, value): &(Name<'_>, Value<'_>)| format!("{}={}\n", named(*name), shown(*value));
    Ok((record.fields().iter().map(row).collect(), extra))
}

/// What a line of the format reads as. The format is guessed, its fields are announced with their
/// kinds and in their order, and no prefix of the line makes the parser panic.
#[track_caller]
fn read(family: Family, line: &str) -> String {
    let header = family.default_header(b"");
    assert_eq!(guess(line.as_bytes()), Some(family), "{line}");
    let (fields, extra) = under(header, family, line).unwrap();
    assert_eq!(extra, fields.lines().any(|field| field.starts_with("extra=")));
    announced(family, header, line);
    for end in 0..line.len() {
        let mut record = Record::new();
        let cut = &line.as_bytes()[..end];
        let read = family.parse(header, &mut Memo::default(), Zone::default(), cut, &mut record);
        if let Err(reject) = read {
            assert!(reject.column <= end + 1, "{reject:?} of {end} bytes");
        }
    }
    fields
}

#[track_caller]
fn announced(family: Family, header: Option<&Header>, line: &str) {
    let listed = family.fields(header);
    let mut record = Record::new();
    family.parse(header, &mut Memo::default(), Zone::default(), line.as_bytes(), &mut record).unwrap();
    let mut places = Vec::new();
    for (name, value) in record.fields() {
        let place = listed.iter().position(|(known, _)| known == name);
        let Some(place) = place else {
            // A wrapper stands before the line, and any label may stand in LTSV.
            let wrapper = matches!(named(*name), "host" | "prefix");
            assert!(family == Family::Ltsv || wrapper, "{name:?} is not announced");
            continue;
        };
        let kind = match value {
            Value::Int(_) => crate::schema::Kind::Int,
            Value::Time(_) => crate::schema::Kind::Time,
            _ => crate::schema::Kind::Text,
        };
        assert_eq!(kind, listed[place].1, "{name:?}");
        places.push(place);
    }
    assert!(places.is_sorted(), "{places:?}");
}

/// Some of the fields that a line reads as; `name=` alone says that the field is null.
#[track_caller]
fn holds(family: Family, line: &str, fields: &[&str]) {
    let read = read(family, line);
    for field in fields {
        let (name, value) = field.split_once('=').unwrap();
        let found = read.lines().find_map(|row| row.strip_prefix(name)?.strip_prefix('='));
        let wanted = (!value.is_empty()).then_some(value);
        assert_eq!(found, wanted, "{name} in\n{read}");
    }
}

/// Why a line is rejected: the reason, the text from the column on, and what was expected there.
#[track_caller]
fn rejected(family: Family, line: &str, reason: Reason, rest: &str, expected: &str) {
    let header = family.default_header(b"");
    let reject = under(header, family, line).unwrap_err();
    assert_eq!((reject.reason, &line[reject.column - 1..]), (reason, rest), "{reject}");
    assert!(reject.expected.contains(expected), "{reject}");
}

#[test]
fn every_format_has_one_name_and_every_name_one_format() {
    for (name, family) in Family::NAMES {
        assert_eq!(family.name(), *name);
        assert_eq!(Family::NAMES.iter().filter(|(known, other)| known == name || other == family).count(), 1);
        assert!(!family.fields(family.default_header(b"")).is_empty());
    }
}

#[test]
fn a_line_that_ends_with_a_carriage_return_reads_like_one_without() {
    let line = "192.0.2.7:1 [06/Feb/2026:12:12:51.443] f b/s 1/2/5007 212 -- 0/0/0/0/3 0/0";
    assert_eq!(under(None, Family::Haproxy, line), under(None, Family::Haproxy, &format!("{line}\r")));
}

#[test]
fn no_format_is_guessed_for_the_lines_of_access_log_formats() {
    let head = "192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] \"GET / HTTP/1.1\" 200 5";
    let tails = ["", " \"-\" \"curl/8\"", " \"-\" \"curl/8\" \"-\"", " \"-\" \"curl/8\" 12"];
    for line in tails.map(|tail| format!("{head}{tail}")) {
        assert_eq!(guess(line.as_bytes()), None, "{line}");
    }
    for line in ["", "-", "{\"a\":1}", "==> access.log <==", "#Version: 1.0", "a b", " ", "[", "{"] {
        assert_eq!(guess(line.as_bytes()), None, "{line}");
    }
}
