//! What holds for every compiled format: it reads back what a server writes, and no line or format makes it
//! panic, loop, or read one line in two ways.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::time::{Duration, Instant};
use weblog_parse::{Escape, Name, Program, Record, Reject, Value, Zone, text::bytes, time::Memo};

/// The values of a record, decoded, by name.
fn decoded(record: &Record<'_>) -> Fields {
    let show = |value: Value<'_>| match value {
        Value::Int(number) => number.to_string().into_bytes(),
        Value::Time(instant) => format!("{}/{}", instant.micros, instant.digits).into_bytes(),
        Value::Str(text) | Value::Json(text) => text.into(),
        value => bytes(value, &mut Vec::new()).unwrap().to_vec(),
    };
    let name = |name: &Name<'_>| match name {
        Name::Known(field) => field.name().to_owned(),
        Name::Other(other) => (*other).to_owned(),
    };
    record.fields().iter().map(|(field, value)| (name(field), show(*value))).collect()
}

/// Names and decoded values.
type Fields = Vec<(String, Vec<u8>)>;

type Read = (Result<bool, Reject>, Fields);

fn fast(program: &Program, line: &[u8]) -> Read {
    let mut record = Record::new();
    let read = program.parse(&mut Memo::default(), Zone::default(), line, &mut record);
    (read, decoded(&record))
}

fn slow(program: &Program, line: &[u8]) -> Read {
    let mut record = Record::new();
    let read = program.parse_reference(&mut Memo::default(), Zone::default(), line, &mut record);
    (read, decoded(&record))
}

/// The servers and their ways to escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Apache,
    Nginx(Escape),
}

impl Server {
    fn compile(self, format: &str) -> Program {
        match self {
            Server::Apache => Program::apache(format).unwrap(),
            Server::Nginx(escape) => Program::nginx(format, escape).unwrap(),
        }
    }

    /// A value as the server writes it: `ap_escape_logitem`, `ngx_http_log_escape`, `ngx_escape_json`.
    fn write(self, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for byte in value {
            let letter = match byte {
                b'\n' => 'n',
                b'\r' => 'r',
                b'\t' => 't',
                0x08 => 'b',
                0x0b => 'v',
                0x0c => 'f',
                _ => ' ',
            };
            match (self, byte) {
                (Server::Nginx(Escape::None), _) => out.push(*byte),
                (Server::Apache | Server::Nginx(Escape::Json), b'"' | b'\\') => out.extend([b'\\', *byte]),
                (Server::Apache, b'\n' | b'\r' | b'\t' | 0x08 | 0x0b) => {
                    out.extend(format!("\\{letter}").bytes())
                }
                (Server::Apache, 0..0x20 | 0x7f..) => out.extend(format!("\\x{byte:02x}").bytes()),
                (Server::Nginx(Escape::Default), 0..0x20 | 0x7f.. | b'"' | b'\\') => {
                    out.extend(format!("\\x{byte:02X}").bytes());
                }
                (Server::Nginx(Escape::Json), b'\n' | b'\r' | b'\t' | 0x08 | 0x0c) => {
                    out.extend(format!("\\{letter}").bytes());
                }
                (Server::Nginx(Escape::Json), 0..0x20) => out.extend(format!("\\u{byte:04X}").bytes()),
                _ => out.push(*byte),
            }
        }
        out
    }

    fn missing(self) -> &'static [u8] {
        if matches!(self, Server::Apache | Server::Nginx(Escape::Default)) { b"-" } else { b"" }
    }
}

/// One variable with a value: its names in the two languages, what is written, and what is read.
#[derive(Clone, Debug)]
struct Sample {
    apache: &'static str,
    nginx: &'static str,
    /// Stands in quotes, since it may hold anything.
    quoted: bool,
    written: Option<Vec<u8>>,
    read: Vec<(&'static str, Option<Vec<u8>>)>,
}

fn sample(apache: &'static str, nginx: &'static str, name: &'static str, text: String) -> Sample {
    let value = Some(text.into_bytes());
    Sample { apache, nginx, quoted: false, written: value.clone(), read: vec![(name, value)] }
}

fn free(apache: &'static str, nginx: &'static str, name: &'static str) -> BoxedStrategy<Sample> {
    let value = prop::option::of(prop_oneof![
        prop::collection::vec(any::<u8>(), 0..30),
        "[ -~]{0,30}".prop_map(String::into_bytes),
    ]);
    value
        // A `-` that somebody sent cannot be told from a missing value.
        .prop_filter("a dash", |value| value.as_deref() != Some(b"-"))
        .prop_map(move |value| Sample {
            apache,
            nginx,
            quoted: true,
            written: value.clone(),
            read: vec![(name, value)],
        })
        .boxed()
}

fn number(apache: &'static str, nginx: &'static str, name: &'static str) -> BoxedStrategy<Sample> {
    prop::option::of(0i64..)
        .prop_map(move |value| {
            let value = value.map(|number| number.to_string().into_bytes());
            Sample { apache, nginx, quoted: false, written: value.clone(), read: vec![(name, value)] }
        })
        .boxed()
}

fn time() -> BoxedStrategy<Sample> {
    (0i64..4_000_000_000, -720i32..720, any::<bool>())
        .prop_map(|(seconds, minutes, iso)| {
            let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&offset);
            let (apache, nginx, format) = match iso {
                true => ("[%{%Y-%m-%dT%H:%M:%S%z}t]", "[$time_iso8601]", "[%Y-%m-%dT%H:%M:%S%z]"),
                false => ("%t", "[$time_local]", "[%d/%b/%Y:%H:%M:%S %z]"),
            };
            let read = vec![
                ("time", Some(format!("{}/0", seconds * 1_000_000).into_bytes())),
                ("utc_offset", Some(minutes.to_string().into_bytes())),
            ];
            let written = Some(time.format(format).to_string().into_bytes());
            Sample { apache, nginx, quoted: false, written, read }
        })
        .boxed()
}

fn request() -> BoxedStrategy<Sample> {
    ("[A-Z]{3,7}", "/[a-zA-Z0-9/._~-]{0,20}", prop::option::of("[a-z=&%\"]{0,10}"))
        .prop_map(|(method, path, query)| {
            let target = query.as_ref().map_or(path.clone(), |query| format!("{path}?{query}"));
            let bytes = |text: &str| Some(text.as_bytes().to_vec());
            let read = vec![
                ("method", bytes(&method)),
                ("target", bytes(&target)),
                ("path", bytes(&path)),
                ("query", query.map(String::into_bytes)),
                ("protocol", bytes("HTTP/1.1")),
            ];
            let written = bytes(&format!("{method} {target} HTTP/1.1"));
            Sample { apache: "%r", nginx: "$request", quoted: true, written, read }
        })
        .boxed()
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let all = vec![
        time(),
        request(),
        "192\\.0\\.2\\.[0-9]{1,2}".prop_map(|text| sample("%h", "$remote_addr", "remote_addr", text)).boxed(),
        "[a-z.]{1,9}".prop_map(|text| sample("%u", "$remote_user", "remote_user", text)).boxed(),
        "[0-9]{3}"
            .prop_map(|text| {
                let read = text.trim_start_matches('0');
                let read = if read.is_empty() { "0" } else { read }.as_bytes().to_vec();
                Sample {
                    read: vec![("status", Some(read))],
                    ..sample("%>s", "$status", "status", text.clone())
                }
            })
            .boxed(),
        number("%b", "$body_bytes_sent", "bytes"),
        number("%I", "$request_length", "request_bytes"),
        free("%{Referer}i", "$http_referer", "referer"),
        free("%{User-Agent}i", "$http_user_agent", "user_agent"),
        free("%{X-Thing}i", "$http_x_thing", "http_x_thing"),
        free("%{a}C", "$cookie_a", "cookie_a"),
    ];
    prop::sample::subsequence(all, 1..=11).prop_shuffle().prop_flat_map(|strategies| strategies)
}

fn servers() -> impl Strategy<Value = Server> {
    prop::sample::select(vec![Server::Apache, Server::Nginx(Escape::Default), Server::Nginx(Escape::Json)])
}

/// A format of the samples, the line that the server writes, and what is to be read.
fn written(server: Server, samples: &[Sample], separator: &str) -> (String, Vec<u8>, Fields) {
    let (mut format, mut line, mut read) = (String::new(), Vec::new(), Vec::new());
    for (at, sample) in samples.iter().enumerate() {
        let (before, quote) = (if at > 0 { separator } else { "" }, if sample.quoted { "\"" } else { "" });
        let name = if server == Server::Apache { sample.apache } else { sample.nginx };
        format.push_str(&[before, quote, name, quote].concat());
        let value = sample.written.as_deref().map_or(server.missing().to_vec(), |value| server.write(value));
        line.extend([before.as_bytes(), quote.as_bytes(), &value, quote.as_bytes()].concat());
        for (name, value) in &sample.read {
            // In JSON what is missing is empty; a number is then none.
            let empty = server == Server::Nginx(Escape::Json) && sample.quoted && sample.written.is_none();
            if let Some(value) = value.clone().or(empty.then(Vec::new)) {
                read.push(((*name).to_owned(), value));
            }
        }
    }
    read.sort();
    (format, line, read)
}

fn formats() -> impl Strategy<Value = String> {
    let item = prop::sample::select(vec![
        "%h",
        "%l",
        "%u",
        "%t",
        "%r",
        "\"%r\"",
        "%>s",
        "%b",
        "%U%q",
        "%{%F %T}t",
        "%{Referer}i",
        "[%{x}i]",
        "%D",
        "%{X-Forwarded-For}i",
        "%X",
        "%v:%p",
        "%{ms}T",
        "\"%u\"",
        "%P",
        "|",
        " ",
        "-",
        "%%",
    ]);
    prop::collection::vec(item, 1..8).prop_map(|items| items.join(" "))
}

fn near_lines() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "-",
            "192.0.2.1",
            "192.0.2.1, 192.0.2.2",
            "[22/Jan/2019:03:56:14 +0330]",
            "[-]",
            "\"GET / HTTP/1.1\"",
            "\"-\"",
            "200",
            "2019-01-22 00:00:00",
            "\"a \\\" b\"",
            "\"a\"b\"",
            "/a?b",
            "0.1",
            "\"",
            "[",
            "joe doe",
            "a:80",
            "|",
            "%",
            "\0",
            "\\",
            "\t",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,10}",
    ];
    (
        prop::collection::vec(part, 0..10),
        prop_oneof![4 => Just(" "), 1 => Just("  "), 1 => Just("\t"), 1 => Just("")],
    )
        .prop_map(|(parts, blank)| parts.join(blank).into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_server_writes_is_read_back(
        server in servers(),
        samples in samples(),
        separator in prop::sample::select(vec![" ", "\t", " | ", ","]),
    ) {
        let (format, line, expected) = written(server, &samples, separator);
        let (read, mut fields) = fast(&server.compile(&format), &line);
        fields.retain(|(name, _)| name != "request_kind");
        fields.sort();
        prop_assert_eq!(read, Ok(false), "{} reads {}", format, line.escape_ascii());
        prop_assert_eq!(fields, expected, "{} reads {}", format, line.escape_ascii());
    }

    #[test]
    fn the_fast_way_reads_what_becomes_of_a_line_as_the_slow_one_does(
        server in servers(),
        samples in samples(),
        faults in prop::collection::vec((any::<prop::sample::Index>(), 0..3usize, "[ \"\\\\\\[\\]a0\t-]{0,3}"), 0..3),
    ) {
        let (format, mut line, _) = written(server, &samples, " ");
        for (at, gone, new) in faults {
            let at = at.index(line.len() + 1);
            line.splice(at..(at + gone).min(line.len()), new.into_bytes());
        }
        let program = server.compile(&format);
        let both = (fast(&program, &line), slow(&program, &line));
        if let Err(reject) = &both.0.0 {
            prop_assert!((1..=line.len() + 1).contains(&reject.column));
        }
        prop_assert_eq!(both.0, both.1, "{} reads {}", format, line.escape_ascii());
    }

    #[test]
    fn the_fast_way_reads_any_line_as_the_slow_one_does(format in formats(), line in near_lines(), none in any::<bool>()) {
        if let Ok(program) = Program::apache(&format) {
            let both = (fast(&program, &line), slow(&program, &line));
            if let Err(reject) = &both.0.0 {
                prop_assert!((1..=line.len() + 1).contains(&reject.column));
            }
            prop_assert_eq!(both.0, both.1, "{} reads {}", format, line.escape_ascii());
        }
        let nginx = format.replace("%{", "$a_").replace('%', "$status");
        let escape = if none { Escape::None } else { Escape::Json };
        if let Ok(program) = Program::nginx(&nginx, escape) {
            prop_assert_eq!(fast(&program, &line), slow(&program, &line), "{} reads {}", nginx, line.escape_ascii());
        }
    }

    #[test]
    fn a_record_stands_in_schema_order_and_only_has_the_fields_of_its_format(format in formats(), line in near_lines()) {
        if let Ok(program) = Program::apache(&format) {
            let mut record = Record::new();
            let _ = program.parse(&mut Memo::default(), Zone::default(), &line, &mut record);
            let before = record.clone();
            record.canonical();
            prop_assert_eq!(&before, &record);
            let fields = program.fields();
            for (name, _) in record.fields() {
                let around = matches!(name, Name::Known(weblog_parse::Field::Extra | weblog_parse::Field::Host) | Name::Other("prefix"));
                prop_assert!(around || fields.iter().any(|(known, _)| known == name), "{:?} of {}", name, format);
            }
        }
    }

    #[test]
    fn a_time_in_any_format_of_strftime_is_the_instant_that_chrono_makes_of_it(
        seconds in 0i64..3_000_000_000,
        minutes in -720i32..720,
        date in prop::sample::select(vec![
            "%Y-%m-%d", "%F", "%d/%b/%Y", "%e %B %Y", "%D", "%y%m%d", "%Y %j", "%G-W%V-%u", "%G %V %a", "%A, %h %d %C%y",
        ]),
        of_day in prop::sample::select(vec!["%H:%M:%S", "%T", "%I:%M:%S %p", "%R:%S", "%k.%M.%S", "%H%M%S", "%l %P %M %S"]),
        order in any::<bool>(),
    ) {
        let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
        let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&offset);
        let format = if order { format!("{date} {of_day} %z") } else { format!("%z {of_day} {date}") };
        let text = time.format(&format).to_string();
        let program = Program::apache(&format!("%{{{format}}}t|%>s")).unwrap();
        let (read, fields) = fast(&program, format!("{text}|200").as_bytes());
        prop_assert_eq!(read, Ok(false), "{} reads {}", format, text);
        let instant = format!("{}/0", seconds * 1_000_000).into_bytes();
        prop_assert_eq!(&fields[0], &("time".to_owned(), instant), "{} reads {}", format, text);
        prop_assert_eq!(&fields[1], &("utc_offset".to_owned(), minutes.to_string().into_bytes()));
    }

    #[test]
    fn no_format_string_makes_the_compiler_panic(
        format in prop_oneof!["\\PC{0,30}", "[%$^{}!<>,a-zA-Z0-9 \\\\\"\\[\\]]{0,40}"],
        line in near_lines(),
    ) {
        let programs = [
            Program::apache(&format),
            Program::nginx(&format, Escape::Default),
            Program::nginx(&format, Escape::Json),
            Program::nginx(&format, Escape::None),
        ];
        for program in programs {
            match program {
                Ok(program) => prop_assert_eq!(fast(&program, &line), slow(&program, &line)),
                Err(error) => prop_assert!(error.at <= format.len()),
            }
        }
    }
}

#[test]
fn no_line_takes_time_that_grows_with_the_square_of_its_length() {
    let formats = [
        "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"",
        "%{a}i %{b}i %{c}i %{d}i %>s",
        "\"%{a}i\" \"%{b}i\" \"%{c}i\" \"%{d}i\" %>s",
        "[%{a}i] [%{b}i] [%{c}i] %t",
        "%{X-Forwarded-For}i %{%F %T}t %U%q %b",
    ];
    let head = "192.0.2.1 - - [22/Jan/2019:00:00:00 +0000] \"";
    for unit in [
        "\"",
        "[",
        "]",
        "\\",
        "\\\"",
        "\" \"",
        "] [",
        " ",
        "a ",
        "\t ",
        "a, ",
        "- ",
        "\" 200",
        "1",
        "[22/Jan/2019:00:00:00 ",
    ] {
        for start in ["", head, "\"", "[", "x "] {
            for size in [10_000, 1 << 18] {
                let line = format!("{start}{}", unit.repeat(size / unit.len())).into_bytes();
                for format in formats {
                    let program = Program::apache(format).unwrap();
                    let begun = Instant::now();
                    let _ = program.parse(&mut Memo::default(), Zone::default(), &line, &mut Record::new());
                    // Linear time is some milliseconds; the square of the length is a minute.
                    assert!(
                        begun.elapsed() < Duration::from_secs(1),
                        "{:?}: {format} {start}{unit}",
                        begun.elapsed()
                    );
                }
            }
        }
    }
}
