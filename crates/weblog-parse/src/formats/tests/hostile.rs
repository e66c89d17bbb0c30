//! Lines of a mebibyte that are made to cost much: each is read in time that grows with its length.

use super::{Family, Header, guess};
use crate::{record::Record, time::Memo, zone::Zone};
use std::time::{Duration, Instant};

const SIZE: usize = 1 << 20;

#[test]
fn no_line_takes_time_that_grows_with_the_square_of_its_length() {
    let combined = "192.0.2.1 - - [22/Jan/2019:00:00:00 +0000] \"-\" 200 5 \"-\" \"-\" 5 0.1 [a] [] ";
    let haproxy = "192.0.2.1:1 [06/Feb/2026:12:14:14.655] i b/s 0/0/0/0/1 200 5 - - ---- 1/1/1/1/0 0/0 ";
    let apache = "[Wed Oct 11 14:32:52 2000] [error] ";
    let nginx = "2026/01/22 03:56:14 [error] 1#1: x";
    let uwsgi = "[pid: 1|app: 0|req: 1/2] 1 () {36 vars in 500 bytes} ";
    let s3 = "a b [06/Feb/2026:00:00:38 +0000] 1 1 1 1 1 - 200 - 1 1 1 1 - \"";
    let starts = ["", combined, haproxy, apache, nginx, uwsgi, s3, "a:", "2026-01-22 03:56:14 "];
    let units = [
        "\"",
        "\"\" ",
        "[",
        "[]",
        "[a] ",
        "{",
        "} {",
        "a, ",
        ", client: ",
        ", client: 1, server: a",
        ", host: \"",
        "a:b\t",
        "\\",
        " ",
        "\t",
        " : ",
        "-, ",
        "9",
        "/",
        "(",
        ": [client ",
        "%41",
        "+",
    ];
    let header = Header::iis(b"");
    for (start, unit) in starts.iter().flat_map(|start| units.iter().map(move |unit| (start, unit))) {
        let line = format!("{start}{}", unit.repeat(SIZE / unit.len())).into_bytes();
        for (name, family) in Family::NAMES {
            let begun = Instant::now();
            let mut record = Record::new();
            let _ = family.parse(Some(header), &mut Memo::default(), Zone::default(), &line, &mut record);
            guess(&line);
            // Linear time is some milliseconds; the square of a mebibyte is minutes.
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(2), "{took:?} for {name} of {start}{unit}");
        }
    }
}

#[test]
fn a_header_of_many_columns_is_turned_down_at_once_and_unknown_names_are_bounded() {
    let begun = Instant::now();
    let wide = format!("#Fields:{}", " a".repeat(SIZE));
    assert_eq!(Header::compile(wide.as_bytes()), None);
    assert!(begun.elapsed() < Duration::from_secs(2));
}
