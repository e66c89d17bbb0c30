//! Lines of a mebibyte that are made to cost much: each is read in time that grows with its length.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};
use weblog_parse::{Field, Parser, Record, Value};

const SIZE: usize = 1 << 20;

fn repeated(start: &str, unit: &str, end: &str) -> Vec<u8> {
    format!("{start}{}{end}", unit.repeat(SIZE / unit.len())).into_bytes()
}

#[test]
fn no_line_takes_time_that_grows_with_the_square_of_its_length() {
    let head = "192.0.2.1 - - [22/Jan/2019:00:00:00 +0000] ";
    let lines = [
        repeated("", "[", ""),
        repeated("", " [", "]"),
        repeated("", "[]", ""),
        repeated("", " ", "x"),
        repeated("x", " ", ""),
        repeated("x", "\0", ""),
        repeated("", "\x1b[m", ""),
        repeated("x", "\x1b[m", ""),
        repeated("", "a, ", ""),
        repeated("", "a ", &format!("{head}\"-\" - -")),
        repeated(head, "\"", ""),
        repeated(&format!("{head}\""), "\" ", ""),
        repeated(&format!("{head}\""), "\" 200", ""),
        repeated(&format!("{head}\""), "\\", ""),
        repeated(&format!("{head}\"GET /"), "%41", " HTTP/1.1\" 200 5"),
        repeated(&format!("{head}\"GET / HTTP/1.1\" 200 5 \""), "\" \"", ""),
        repeated(&format!("{head}\"GET / HTTP/1.1\" 200 5 "), "[22/Jan/2019:", ""),
        repeated(&format!("{head}\"GET / HTTP/1.1\" 200 "), "9", ""),
        repeated("<", "9", ">"),
        repeated("", "2019-01-22T00:00:00 ", ""),
    ];
    for line in lines {
        let begun = Instant::now();
        Parser::default().parse(&line, &mut Record::new());
        // Linear time is some milliseconds; the square of a mebibyte is minutes.
        let shown = String::from_utf8_lossy(&line[..60]).into_owned();
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?} for {shown}", begun.elapsed());
    }
}

#[test]
fn a_hundred_thousand_values_of_one_field_become_the_last_one() {
    let mut record = Record::new();
    record.push(Field::Bytes, Value::Int(1));
    for number in 0..100_000 {
        record.push(Field::Status, Value::Int(number));
    }
    let begun = Instant::now();
    record.canonical();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!((record.fields().len(), record.get(Field::Status)), (2, Some(Value::Int(99_999))));
}
