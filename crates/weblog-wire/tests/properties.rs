//! What holds for every record: written and read again it is the same, and serde_json agrees.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use weblog_parse::{Field, Instant, Name, Parser, Record, Value};
use weblog_wire::{
    Columns,
    csv::{self, Separator},
    ndjson,
    text::{Scratch, text},
    visible::visible,
};

/// Every field as its name and its text.
fn texts(record: &Record<'_>) -> Vec<(String, String)> {
    let name = |name: &Name<'_>| match name {
        Name::Known(field) => field.name().to_owned(),
        Name::Other(other) => (*other).to_owned(),
    };
    record
        .fields()
        .iter()
        .map(|(n, value)| (name(n), text(*value, &mut Scratch::default()).to_owned()))
        .collect()
}

fn written(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    ndjson::Writer::new(None).write(record, &mut out);
    assert_eq!(out.pop(), Some(b'\n'));
    out
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..24),
        "[ -~]{0,24}".prop_map(String::into_bytes),
        "[\\\\x0-9a-f\"\t\n]{0,16}".prop_map(String::into_bytes),
        "\\PC{0,12}".prop_map(String::into_bytes),
    ]
}

/// JSON and nearly JSON, with the keys of the schema and others.
fn nearly_json() -> impl Strategy<Value = String> {
    let key =
        prop_oneof![Just("time"), Just("status"), Just("path"), Just("note"), Just("a\\u0062"), Just("x\\q")];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("tru".to_owned()),
        Just("\"a\\\"b\"".to_owned()),
        Just("\"\\ud83d\\ude00\"".to_owned()),
        Just("\"\\u12\"".to_owned()),
        Just("{\"b\":[1,{}]}".to_owned()),
        Just("[1,]".to_owned()),
        Just("\"\u{7f}é\"".to_owned()),
        Just("\"\u{1}\"".to_owned()),
        "-?[0-9]{1,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?",
        "\"[ -~]{0,6}\"",
    ];
    let blank = prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\t")];
    let pair = (blank.clone(), key, blank.clone(), leaf, blank)
        .prop_map(|(a, key, b, value, c)| format!("{a}\"{key}\"{b}:{value}{c}"));
    let end = prop_oneof![8 => Just("}"), 1 => Just(",}"), 1 => Just("}}"), 1 => Just("")];
    (prop::collection::vec(pair, 0..5), end).prop_map(|(pairs, end)| format!("{{{}{end}", pairs.join(",")))
}

fn valid_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"\\u00e9\\ud83d\\ude00\"".to_owned()),
        "-?[1-9][0-9]{0,3}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        "\"[ !#-\\[\\]-~é]{0,8}\"",
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let items = prop::collection::vec(inner, 0..3);
        prop_oneof![
            items.clone().prop_map(|items| format!("[{}]", items.join(" , "))),
            items.prop_map(|items| {
                let pairs: Vec<_> =
                    items.iter().enumerate().map(|(at, item)| format!("\"k{at}\": {item}")).collect();
                format!("{{{}}}", pairs.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_is_written_as_json_that_holds_its_texts(
        agent in bytes(), path in bytes(), micros in -1_000_000_000_000_000i64..4_000_000_000_000_000, status in any::<i64>(),
    ) {
        let mut record = Record::new();
        record.push(Field::Time, Value::Time(Instant { micros, digits: 6 }));
        record.push(Field::Path, Value::Path(&path));
        record.push(Field::Status, Value::Int(status));
        record.push(Field::UserAgent, Value::Escaped(&agent));
        record.push(Field::Extra, Value::Text(&agent));
        record.push_other("json", Value::JsonEscaped(&agent));
        record.push_other("json_path", Value::JsonPath(&path));
        record.push_other("text_path", Value::TextPath(&path));
        let line = written(&record);
        let json: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&line).unwrap();
        let theirs: Vec<_> = json.iter().map(|(k, v)| (k.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned))).collect();
        let mut ours = texts(&record);
        ours.sort();
        prop_assert_eq!(ours, theirs);
        prop_assert!(!line.iter().any(|b| *b < 0x20));

        let mut again = Record::new();
        ndjson::read(&line, &mut again).unwrap();
        prop_assert_eq!(texts(&again), texts(&record));
        prop_assert_eq!(written(&again), line);
    }

    #[test]
    fn a_line_is_read_exactly_when_serde_json_reads_it_as_an_object(line in nearly_json()) {
        let mut record = Record::new();
        let ours = ndjson::read(line.as_bytes(), &mut record);
        let theirs = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line);
        // A raw value may hold half a surrogate pair, which a string may not.
        if theirs.is_err() && ours.is_ok() {
            prop_assert!(line.contains("\\u") || line.contains('e') || line.contains('E'), "{line}");
        } else {
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{} {:?}", line, ours);
        }
        if let Err(reject) = ours {
            prop_assert!((1..=line.len() + 1).contains(&reject.column));
        }
    }

    #[test]
    fn unknown_fields_pass_through_byte_for_byte(value in valid_json(), key in "[a-z]{1,3}_[a-z]{1,3}") {
        let line = format!("{{\"status\":200,\"{key}\":{value}}}");
        let mut record = Record::new();
        ndjson::read(line.as_bytes(), &mut record).unwrap();
        prop_assert_eq!(String::from_utf8(written(&record)).unwrap(), line);
    }

    #[test]
    fn no_bytes_make_the_readers_panic(line in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = ndjson::read(&line, &mut Record::new());
        if let Some(mut reader) = csv::Reader::of_header(&line) {
            let _ = reader.read(&line, &mut Record::new());
        }
        let mut reader = csv::Reader::of_header(b"time,status,note").unwrap();
        let _ = reader.read(&line, &mut Record::new());
    }

    #[test]
    fn a_row_gives_its_record_back_and_is_one_line(
        agent in bytes(), note in bytes(), status in any::<i64>(), tab in any::<bool>(),
    ) {
        let separator = if tab { Separator::Tab } else { Separator::Comma };
        let mut record = Record::new();
        record.push(Field::Status, Value::Int(status));
        record.push(Field::UserAgent, Value::Text(&agent));
        record.push_other("note", Value::Text(&note));
        // Without quotes an empty cell is an absent one.
        prop_assume!(!tab || (!agent.is_empty() && !note.is_empty()));
        let mut writer = csv::Writer::new(separator, Columns::named(["status", "user_agent", "note"]));
        let (mut header, mut row) = (Vec::new(), Vec::new());
        writer.header(&mut header);
        prop_assert_eq!(writer.write(&record, &mut row), 0);
        prop_assert_eq!(row.iter().filter(|b| **b == b'\n').count(), 1);
        let mut reader = csv::Reader::of_header(&header[..header.len() - 1]).unwrap();
        let mut again = Record::new();
        reader.read(&row[..row.len() - 1], &mut again).unwrap();
        let plain = |texts: Vec<(String, String)>| -> Vec<(String, Vec<u8>)> {
            texts.into_iter().map(|(name, text)| {
                let mut bytes = Vec::new();
                weblog_parse::text::restore(&text, &mut bytes);
                (name, bytes)
            }).collect()
        };
        prop_assert_eq!(plain(texts(&again)), plain(texts(&record)));
    }

    #[test]
    fn nothing_that_a_terminal_obeys_stays_in_visible_text(text in "\\PC{0,8}[\\x00-\\x9f\\u{200b}\\u{202e}]{0,4}\\PC{0,8}") {
        let shown = visible(&text);
        prop_assert!(!shown.chars().any(char::is_control));
        let hidden = ['\u{202e}', '\u{200b}'];
        prop_assert!(!shown.contains(hidden));
    }

    #[test]
    fn a_table_row_is_one_line_no_wider_than_the_terminal(agent in bytes(), path in bytes(), width in 20usize..200) {
        let mut record = Record::new();
        record.push(Field::RemoteAddr, Value::Text(b"192.0.2.1"));
        record.push(Field::Path, Value::Text(&path));
        record.push(Field::UserAgent, Value::Text(&agent));
        let mut out = Vec::new();
        weblog_wire::table::Writer::new(width, false, true).write(&record, &mut out);
        let line = String::from_utf8(out).unwrap();
        prop_assert_eq!(line.matches('\n').count(), 1);
        prop_assert!(!line.trim_end_matches('\n').chars().any(char::is_control));
        let cells: usize = line.chars().map(|c| unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)).sum();
        prop_assert!(cells <= width, "{cells} > {width}: {line}");
    }

    #[test]
    fn a_parsed_line_comes_back_from_json_and_is_parsed_to_the_same_record(agent in "[ -~&&[^\"\\\\]]{0,20}", path in "/[a-z%0-9]{0,12}") {
        let line = format!("192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] \"GET {path} HTTP/1.1\" 200 5 \"-\" \"{agent}\"");
        let mut record = Record::new();
        Parser::default().parse(line.as_bytes(), &mut record);
        let json = written(&record);
        let mut again = Record::new();
        ndjson::read(&json, &mut again).unwrap();
        let get = |field| again.get(field).map(|value| text(value, &mut Scratch::default()).to_owned());
        let rebuilt = format!(
            "{} - - [22/Jan/2019:03:56:14 +0330] \"{} {} {}\" {} {} \"-\" \"{}\"",
            get(Field::RemoteAddr).unwrap(), get(Field::Method).unwrap(), get(Field::Target).unwrap(),
            get(Field::Protocol).unwrap(), get(Field::Status).unwrap(), get(Field::Bytes).unwrap(),
            get(Field::UserAgent).unwrap_or("-".into()),
        );
        prop_assert_eq!(rebuilt, line);
    }
}

#[test]
fn nulls_of_the_schema_are_absent_and_the_last_of_two_values_counts() {
    let mut record = Record::new();
    ndjson::read(br#"{"note":null,"status":404,"country":null,"status":200}"#, &mut record).unwrap();
    assert_eq!(written(&record), br#"{"status":200,"note":null}"#);
}

#[test]
fn the_columns_of_a_record_are_those_that_records_like_it_can_have() {
    let mut record = Record::new();
    ndjson::read(br#"{"user_agent":"x","note":1,"status":200}"#, &mut record).unwrap();
    let columns = Columns::of_record(&record);
    let names: Vec<_> = columns.iter().map(weblog_wire::Column::name).collect();
    assert_eq!((names[0], names.last()), ("time", Some(&"note")));
    assert!(names.contains(&"referer") && names.contains(&"bytes") && !names.contains(&"country"));
}
