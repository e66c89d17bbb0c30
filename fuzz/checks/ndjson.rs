//! What holds for any line of JSON: serde_json agrees whether it is an object, and what is read and
//! written again stays the same.

use serde_json::value::RawValue;
use std::collections::BTreeMap;
use weblog_parse::Record;
use weblog_wire::{csv, ndjson};

pub fn check(data: &[u8]) {
    for line in data.split(|b| *b == b'\n') {
        let mut record = Record::new();
        let read = ndjson::read(line, &mut record);
        let theirs = serde_json::from_slice::<BTreeMap<Key, &RawValue>>(line);
        assert_eq!(read.is_ok(), theirs.is_ok(), "{:?} {read:?} {theirs:?}", String::from_utf8_lossy(line));
        if let Err(reject) = read {
            assert!((1..=line.len() + 1).contains(&reject.column), "{reject:?}");
        } else {
            let once = written(&record);
            let mut again = Record::new();
            ndjson::read(once.strip_suffix(b"\n").unwrap_or_default(), &mut again)
                .expect("what is written can be read");
            assert_eq!(written(&again), once);
        }
        if let Some(mut reader) = csv::Reader::of_header(line) {
            for row in data.split(|b| *b == b'\n') {
                let _ = reader.read(row, &mut Record::new());
            }
        }
    }
}

/// A key, whatever its escapes mean: half a surrogate pair is a key for us.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key;

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|_| Key)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("key")
    }
}

fn written(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    ndjson::Writer::new(None).write(record, &mut out);
    out
}
