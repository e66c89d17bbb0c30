//! What holds for every line.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use weblog_parse::{
    Field, Format, Instant, Options, Parsed, Parser, Record, Value, Zone,
    text::{bytes, lossless, percent_decode, restore, unescape},
    time::{Shape, shape},
};

/// A record as its fields with their bytes decoded: what the two paths have to agree on.
fn decoded(record: &Record<'_>) -> Vec<String> {
    let show = |value: Value<'_>| match bytes(value, &mut Vec::new()) {
        Some(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        None => format!("{value:?}"),
    };
    record.fields().iter().map(|(name, value)| format!("{name:?}={}", show(*value))).collect()
}

fn both(format: Format, line: &[u8]) -> [(Parsed, Vec<String>); 2] {
    let mut parser = Parser::new(Options { format, ..Options::default() });
    let (mut fast, mut slow) = (Record::new(), Record::new());
    let quick = parser.parse(line, &mut fast);
    let reference = parser.parse_slowly(line, &mut slow);
    [(quick, decoded(&fast)), (reference, decoded(&slow))]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("-".to_owned()),
        "[a-z]{1,6}",
        "192\\.0\\.2\\.[0-9]{1,2}",
        Just("2001:db8::1".to_owned()),
        Just("a.example:443".to_owned()),
        Just("192.0.2.1,".to_owned()),
        Just("\"\"".to_owned()),
        "[ -~]{0,8}",
    ]
}

fn inside_quotes() -> impl Strategy<Value = String> {
    prop_oneof![
        "(GET|POST|get) /[a-z%?=&]{0,8}( HTTP/1\\.[01])?",
        Just("-".to_owned()),
        Just(String::new()),
        "[ -~]{0,20}",
        "[a-z\\\\\"x0-9 ]{0,12}",
        "\\PC{0,10}",
    ]
}

fn tail() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(" \"-\"".to_owned()),
        Just(" \"192.0.2.7, 192.0.2.8\"".to_owned()),
        " [0-9]{1,5}",
        "[ -~]{0,16}",
        Just(" [22/Jan/2019:00:00:00 +0000] \"x".to_owned()),
    ]
}

prop_compose! {
    /// Lines near the formats: some are well-formed, some nearly, some not at all.
    fn near_lines()(
        before in prop_oneof![
            8 => Just(""),
            1 => prop::sample::select(vec!["\u{feff}", "\0\0", "\x1b[32m", "web | ", "Jan 22 00:00:01 h t: "]),
        ],
        names in prop::collection::vec(name(), 2..5),
        blank in prop_oneof![4 => Just(" "), 1 => Just("  "), 1 => Just("\t")],
        time in prop_oneof![
            6 => Just("[22/Jan/2019:03:56:14 +0330]".to_owned()),
            1 => Just("[-]".to_owned()),
            1 => "\\[[ -~]{0,28}\\]",
        ],
        request in inside_quotes(),
        status in prop_oneof![4 => "[0-9]{3}", 1 => Just("-".to_owned()), 1 => "[0-9a-z]{0,4}"],
        size in prop_oneof![4 => "[0-9]{1,9}", 1 => Just("-".to_owned()), 1 => "[0-9]{18,21}"],
        agent in prop::option::of((inside_quotes(), inside_quotes())),
        tail in tail(),
        cut in prop_oneof![8 => Just(usize::MAX), 1 => 0..200usize],
    ) -> Vec<u8> {
        let agent = agent.map(|(referer, agent)| format!(" \"{referer}\" \"{agent}\"")).unwrap_or_default();
        let line = format!("{before}{}{blank}{time} \"{request}\" {status} {size}{agent}{tail}", names.join(blank));
        line.as_bytes()[..line.len().min(cut)].to_vec()
    }
}

fn formats() -> impl Strategy<Value = Format> {
    prop::sample::select(Format::names().map(|(_, format)| format).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fast_path_reads_a_line_as_the_slow_one_does(format in formats(), line in near_lines()) {
        let [fast, slow] = both(format, &line);
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn no_bytes_make_the_parser_panic_and_every_column_is_in_the_line(
        format in formats(),
        line in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let [fast, slow] = both(format, &line);
        if let (Parsed::Rejected(reject), _) = &fast {
            prop_assert!((1..=line.len() + 1).contains(&reject.column));
        }
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn a_record_stands_in_schema_order_whatever_the_line(line in near_lines()) {
        let mut record = Record::new();
        Parser::default().parse(&line, &mut record);
        let before = record.clone();
        record.canonical();
        prop_assert_eq!(before, record);
    }

    #[test]
    fn text_that_is_written_without_loss_gives_its_bytes_back(raw in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut text = String::new();
        lossless(&raw, &mut text);
        let mut back = Vec::new();
        restore(&text, &mut back);
        prop_assert_eq!(raw, back);
    }

    #[test]
    fn backslashes_before_an_x_are_told_from_escapes(raw in "[\\\\x0-9a-f]{0,12}") {
        let mut text = String::new();
        lossless(raw.as_bytes(), &mut text);
        let mut back = Vec::new();
        restore(&text, &mut back);
        prop_assert_eq!(raw.as_bytes(), back);
    }

    #[test]
    fn what_a_server_escapes_comes_back(raw in prop::collection::vec(any::<u8>(), 0..60), apache in any::<bool>()) {
        let mut line = Vec::new();
        for byte in &raw {
            match (byte, apache) {
                (b'"' | b'\\', true) => line.extend([b'\\', *byte]),
                (b'\n', true) => line.extend(b"\\n"),
                (0..0x20 | 0x7f.., true) => line.extend(format!("\\x{byte:02x}").bytes()),
                (0..0x20 | 0x7f.. | b'"' | b'\\', false) => line.extend(format!("\\x{byte:02X}").bytes()),
                _ => line.push(*byte),
            }
        }
        let mut back = Vec::new();
        unescape(&line, &mut back);
        prop_assert_eq!(raw, back);
    }

    #[test]
    fn percent_encoding_is_undone_once_and_never_makes_a_nul(raw in "[a%05zZ/]{0,20}") {
        let mut once = Vec::new();
        percent_decode(raw.as_bytes(), &mut once);
        prop_assert!(!once.contains(&0));
        prop_assert!(once.len() <= raw.len());
    }

    #[test]
    fn a_time_is_the_instant_that_chrono_makes_of_it(
        seconds in -62_000_000_000i64..253_000_000_000,
        minutes in -1_439i32..1_440,
    ) {
        let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
        let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&offset);
        prop_assume!((0..=9_999).contains(&chrono::Datelike::year(&time)));
        let text = time.format("%d/%b/%Y:%H:%M:%S %z").to_string();
        let line = format!("- - - [{text}] \"-\" - -");
        let mut record = Record::new();
        Parser::default().parse(line.as_bytes(), &mut record);
        let instant = Instant { micros: seconds * 1_000_000, digits: 0 };
        prop_assert_eq!(record.get(Field::Time), Some(Value::Time(instant)));
        prop_assert_eq!(record.get(Field::UtcOffset), Some(Value::Int(i64::from(minutes))));
        let iso = time.format("%Y-%m-%dT%H:%M:%S%:z").to_string();
        match shape(iso.as_bytes(), Zone::default()) {
            Some(Shape::Full(logged)) => prop_assert_eq!(logged.instant, instant),
            other => prop_assert!(false, "{iso}: {other:?}"),
        }
    }

    #[test]
    fn no_text_makes_the_reader_of_times_panic(text in "[ -~äÄ]{0,40}") {
        shape(text.as_bytes(), Zone::default());
    }
}
