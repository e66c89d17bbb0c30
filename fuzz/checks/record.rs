//! What holds for any record: it stands in schema order; its time has a date; and it is written as one line of
//! valid JSON that is read back to the same record.

use serde::{Deserializer, de::IgnoredAny};
use std::sync::LazyLock;
use weblog_parse::{Field, Instant, Record, Value};
use weblog_wire::ndjson;

/// Checks a record and gives it as it is written.
pub fn check(record: &Record<'_>) -> Vec<u8> {
    let mut sorted = record.clone();
    sorted.canonical();
    assert_eq!(*record, sorted, "not in schema order");
    if let Some(Value::Time(instant)) = record.get(Field::Time) {
        assert_eq!(Instant::dated(instant.micros, instant.digits), Some(instant), "no date of RFC 3339");
    }
    let json = written(record);
    let object = json.strip_suffix(b"\n").expect("a line ends");
    assert!(!object.contains(&b'\n'), "{}", object.escape_ascii());
    serde_json::Deserializer::from_slice(object).deserialize_map(Object).expect("valid JSON");
    let mut again = Record::new();
    ndjson::read(object, &mut again).expect("what is written can be read");
    is_same(&written(&again), &json);
    json
}

/// Checks that two records are written alike.
pub fn check_same(record: &Record<'_>, other: &Record<'_>) {
    if record != other {
        is_same(&written(record), &written(other));
    }
}

fn is_same(json: &[u8], other: &[u8]) {
    assert!(json == other, "{}\n{}", json.escape_ascii(), other.escape_ascii());
}

fn written(record: &Record<'_>) -> Vec<u8> {
    // To make one takes longer than to use it.
    static WRITER: LazyLock<ndjson::Writer> = LazyLock::new(|| ndjson::Writer::new(None));
    let mut out = Vec::new();
    WRITER.clone().write(record, &mut out);
    out
}

/// An object whose values are anything.
struct Object;

impl<'de> serde::de::Visitor<'de> for Object {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
