//! What holds for any line of JSON.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use weblog_parse::{Parsed, Parser, Record};
use weblog_wire::{
    dialect::{Arena, Dialect, Json, Reader, is_json},
    ndjson,
};

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("-".to_owned()),
        Just(String::new()),
        Just("true".to_owned()),
        Just("0.001, 0.200".to_owned()),
        Just("\"\\ud83d\\ude00\\x22\\u0000\"".to_owned()),
        Just("\"22/Jan/2019:03:56:14 +0330\"".to_owned()),
        Just("\"GET /%zz?a HTTP/1.1\"".to_owned()),
        "-?[0-9]{0,20}(\\.[0-9]{0,9})?([eE][+-]?[0-9]{1,3})?",
        "\"-?[0-9]{1,20}(\\.[0-9]{1,9})?[mnuµs]{0,2}\"",
        "\"[ -~é]{0,8}\"",
    ]
}

fn value() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let items = prop::collection::vec((key(), inner), 0..3);
        prop_oneof![
            items.clone().prop_map(|items| {
                let items: Vec<_> = items.into_iter().map(|(_, item)| item).collect();
                format!("[{}]", items.join(","))
            }),
            items.prop_map(object),
        ]
    })
}

fn object(pairs: Vec<(String, String)>) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", pairs.join(","))
}

fn key() -> BoxedStrategy<String> {
    let known = [
        "time",
        "status",
        "request",
        "method",
        "uri",
        "url",
        "path",
        "host",
        "headers",
        "tls",
        "version",
        "ts",
        "duration",
        "remote_addr",
        "client_ip",
        "http_user_agent",
        "body_bytes_sent",
        "request_time",
        "log",
        "stream",
        "message",
        "MESSAGE",
        "@timestamp",
        "_HOSTNAME",
        "httpRequest",
        "webaclId",
        "latencies",
        "http",
        "source",
        "response_code",
        "response_flags",
        "DownstreamStatus",
        "cs-method",
        "cs-uri-stem",
        "date",
        "cs-uri-query",
        "kubernetes",
        "args",
        "upstream_addr",
        "upstream_response_time",
        "attributes",
        "body",
        "http.request.method",
        "level",
        "msg",
        "User-Agent",
    ];
    prop_oneof![8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[a-zé\\\\/\"]{0,4}"]
        .boxed()
}

fn nearly_entry() -> impl Strategy<Value = String> {
    prop::collection::vec((key(), value()), 0..8).prop_map(object)
}

fn written(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    ndjson::Writer::new(None).write(record, &mut out);
    out
}

/// The record of a line, and who wrote it; none when it is rejected or carries a line.
fn read<'a>(line: &'a [u8], arena: &'a Arena) -> Option<(Dialect, Record<'a>)> {
    let mut record = Record::new();
    match Reader::default().read(line, arena, &mut record) {
        Ok(Json::Record(dialect)) => Some((dialect, record)),
        Ok(Json::Line(_)) | Err(_) => None,
    }
}

/// Whether an object is what a shipper makes of a line of JSON: such a line is taken out, whoever wrote it.
fn carries_an_object(json: &[u8]) -> bool {
    let json = String::from_utf8_lossy(json);
    ["log", "message", "MESSAGE"].iter().any(|key| json.contains(&format!("\"{key}\":\"{{")))
}

/// Text as the inside of a JSON string, non-ASCII as `\u`, as some shippers do.
fn quoted(text: &str, ascii: bool) -> String {
    let json = serde_json::to_string(text).unwrap();
    if !ascii {
        return json;
    }
    let mut out = String::new();
    for c in json.chars() {
        match c {
            ' '..='~' => out.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}

fn wrap(wrapper: usize, line: &str, ascii: bool) -> String {
    let line = quoted(line, ascii);
    let bytes: Vec<u8> = serde_json::from_str::<String>(&line).unwrap().into_bytes();
    match wrapper {
        0 => format!(r#"{{"log":{line},"stream":"stderr","time":"2026-01-22T00:26:15.1Z"}}"#),
        1 => format!(r#"{{"MESSAGE":{line},"_HOSTNAME":"web1","__REALTIME_TIMESTAMP":"1769041575000000"}}"#),
        2 => format!(r#"{{"_HOSTNAME":"web1","MESSAGE":{bytes:?}}}"#),
        3 => format!(r#"{{"@timestamp":"2026-01-22T00:26:15Z","host":{{"name":"w"}},"message":{line}}}"#),
        4 => format!(r#"{{"file":"/x","host":"web1","message":{line},"source_type":"file"}}"#),
        5 => format!(r#"{{"timestamp":1769041575000,"message":{line}}}"#),
        6 => format!(r#"{{"log":{line},"kubernetes":{{"host":"node1"}}}}"#),
        _ => format!(r#"{{"date":1769041575.5,"log":{line}}}"#),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_of_any_object_is_valid_json_that_is_read_again_as_it_was_written(line in nearly_entry()) {
        let (arena, again) = (Arena::new(), Arena::new());
        if let Some((_, record)) = read(line.as_bytes(), &arena) {
            let json = written(&record);
            prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&json).is_ok(), "{line}\n{json:?}");
            if json.starts_with(b"{\"time\":\"") && record.fields().len() > 1 {
                let json = json.trim_ascii_end();
                if let Some((dialect, record)) = read(json, &again)
                    && dialect == Dialect::Weblog
                    && !carries_an_object(json)
                {
                    let twice = written(&record);
                    prop_assert_eq!(twice.trim_ascii_end(), json);
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(line in prop::collection::vec(any::<u8>(), 0..80), cut in 0usize..400, near in nearly_entry()) {
        let arena = Arena::new();
        let _ = is_json(&line);
        let _ = read(&line, &arena);
        let near = near.as_bytes();
        let near = &near[..cut.min(near.len())];
        if let Err(reject) = Reader::default().read(near, &arena, &mut Record::new())
            && !near.windows(7).any(|key| key == b"\"log\":\"" || key == b"MESSAGE" || key == b"message") {
            prop_assert!((1..=near.len() + 1).contains(&reject.column));
        }
    }

    #[test]
    fn weblogs_own_ndjson_is_read_exactly_as_ndjson(
        agent in prop::collection::vec(any::<u8>(), 0..12), path in "/[!-~]{0,8}", status in 0u16..1000, user in "[a-z-]",
        fields in prop::option::of(prop::collection::vec("(time|remote_addr|status|path|bytes|user_agent|vhost)", 1..4)),
        note in prop::option::of("\"(uri|duration|@timestamp|log|message|request_time|note)\":(1|\"x\")"),
    ) {
        let mut line = format!("192.0.2.7 - {user} [22/Jan/2019:03:56:14 +0330] \"GET {path} HTTP/1.1\" {status:03} 12 \"-\" \"").into_bytes();
        line.extend(agent.iter().filter(|b| !b"\"\\\n".contains(b)));
        line.push(b'"');
        let mut record = Record::new();
        prop_assume!(matches!(Parser::default().parse(&line, &mut record), Parsed::Record { .. }));
        if let Some(fields) = &fields {
            record.retain(|name| matches!(name, weblog_parse::Name::Known(field) if fields.iter().any(|f| f == field.name())));
        }
        let mut json = written(&record);
        json.truncate(json.len() - 1);
        if let Some(note) = note.filter(|_| fields.is_none()) {
            json.truncate(json.len() - 1);
            json.extend_from_slice(format!(",{note}}}").as_bytes());
        }
        let arena = Arena::new();
        let mut reader = Reader::default();
        let mut expected = Record::new();
        ndjson::read(&json, &mut expected).unwrap();
        for _ in 0..2 {
            let mut ours = Record::new();
            let read = reader.read(&json, &arena, &mut ours);
            prop_assert!(matches!(read, Ok(Json::Record(Dialect::Weblog))), "{:?}", read);
            prop_assert_eq!(&ours, &expected);
        }
    }

    #[test]
    fn a_line_that_was_wrapped_is_unwrapped_as_it_was(
        line in "[^{\\s][^\r\n]{0,40}[^}\\s]", wrappers in prop::collection::vec(0usize..8, 1..=4), ascii in any::<bool>(),
    ) {
        prop_assume!(!is_json(line.as_bytes()));
        let mut wrapped = line.clone();
        for wrapper in wrappers {
            wrapped = wrap(wrapper, &wrapped, ascii);
        }
        let arena = Arena::new();
        let read = Reader::default().read(wrapped.as_bytes(), &arena, &mut Record::new());
        match read {
            Ok(Json::Line(inner)) => prop_assert_eq!(String::from_utf8_lossy(inner.line), line),
            other => prop_assert!(false, "{wrapped}\n{other:?}"),
        }
    }
}
