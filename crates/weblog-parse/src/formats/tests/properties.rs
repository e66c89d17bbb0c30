//! What holds for every line, and what is written in a format comes back from it.

use super::{Family, Header, named, shown, under};
use crate::{
    parser::{Options, Parser},
    record::{Record, Value},
    schema::Field,
    time::Memo,
    zone::Zone,
};
use proptest::prelude::*;
use std::fmt::Write;

/// Lines near the formats: whole ones in which a piece was cut out, doubled or replaced.
fn near_lines() -> impl Strategy<Value = Vec<u8>> {
    const LINES: &[&str] = &[
        "h2 2026-01-22T03:56:14.186641Z a 192.0.2.7:2817 - 0.086 -1 0.037 200 201 5 57 \"GET https://a:443/b?q HTTP/2.0\" \"c\" - - t \"R\" \"s\" \"-\" 1 2026-01-22T03:56:13.364000Z \"f\" \"-\" \"-\" \"1\" \"2\" \"A\" \"S\" T",
        "2026-01-22T03:56:14.559871Z e 192.0.2.7:4586 - -1 -1 -1 504 0 0 0 \"GET http://a:80/ HTTP/1.1\" \"x\" - -",
        "tls 2.0 2026-01-22T03:56:14 n l 192.0.2.7:51341 198.51.100.1:443 5 2 98 246 - a - E t - n h2 - - 2026-01-22T03:56:10",
        "o b [06/Feb/2026:00:00:38 +0000] 192.0.2.3 r 3E57 REST.GET.OBJECT k \"GET /k HTTP/1.1\" 404 N 113 4 41 28 \"r\" \"u\" v h S E A b T",
        "Feb  6 12:14:14 lb haproxy[1]: 192.0.2.7:33317 [06/Feb/2026:12:14:14.655] i b/s 10/0/30/69/+109 200 +2750 - - ---- 1/2/3/4/+5 6/7 {a|b} {} \"GET /i?a HTTP/1.1\"",
        "1286536309.586    921 192.0.2.68 TCP_MISS/200 507 POST http://r/a?c u HIER_DIRECT/198.51.100.4 text/html",
        "[2026-04-15T20:17:00.310Z] \"POST /a HTTP/2\" 204 - 154 0 226 100 \"192.0.2.9\" \"n\" \"c\" \"l\" \"t\"",
        "[pid: 12|app: 0|req: 1/2] 192.0.2.4 () {36 vars in 500 bytes} [Thu Jan  1 10:00:00 2026] GET /x => generated 12 bytes in 3 msecs (HTTP/1.1 200) 2 headers in 70 bytes (1 switches on core 0)",
        "[22/Jan/2026:03:56:14 +0000] HIT 201 200 - GET https s \"/u\" [Client 192.0.2.4] [Length 12] [Gzip -] [Sent-to h] \"u\" \"r\"",
        "192.0.2.4 - - [22/Jan/2026:03:56:14 +0100] \"GET /a?b HTTP/1.1\" 200 5 \"-\" \"a\" 88 0.2 [s] [] a, b : c 0, - : 5 0.1, - : 0.2 502, - : 200 d",
        "192.0.2.4 - - [22/Jan/2026:03:56:14 +0100] \"GET /a?b HTTP/1.1\" 200 5 \"-\" \"a\" 42 \"w\" \"h\" 12ms",
        "ua:c\tstatus:200\ttime:[22/Jan/2026:03:56:14 +0900]\thost:1\treq:GET / HTTP/1.1\tsize:-\tpath:/a\tstatus:201",
        "[Wed Oct 11 14:32:52.123456 2025] [core:error] [pid 1:tid 2] (13)P: [client 192.0.2.1:1] AH00124: m, referer: r",
        "2026/01/22 03:56:14 [error] 12#13: *45 m, client: 192.0.2.4, server: s, request: \"GET / HTTP/1.1\", host: \"h\"",
        "2026-01-22 03:56:14 198.51.100.1 GET /a%20b q=1 443 - 192.0.2.4 M+(X) \"r x\" 200 0 64 15",
        "2026-01-22\t03:56:14\tF\t182\t192.0.2.10\tGET\td\t/v%20f\t000\t-\tM%20X\tx\tk\tE\tr\ts\th\t23\t0.001\t-\tT\tE\tE\tH\t-\t-\t1\t0.0\tE\tt\t-\t-\t-",
    ];
    let piece = prop_oneof![
        prop::sample::select(vec![
            "",
            " ",
            "\"",
            "-",
            "-1",
            "[",
            "]",
            "\\",
            "\t",
            "+",
            "%",
            ":",
            "9999999999999999999",
            "\u{e9}",
            "\0",
            ", ",
            "{",
            "}"
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    (
        prop::sample::select(LINES),
        prop::collection::vec((any::<prop::sample::Index>(), 0..6usize, piece), 0..3),
    )
        .prop_map(|(line, edits)| {
            let mut line = line.as_bytes().to_vec();
            for (at, cut, piece) in edits {
                let at = at.index(line.len() + 1);
                line.splice(at..line.len().min(at + cut), piece);
            }
            line
        })
}

fn families() -> impl Strategy<Value = Family> {
    prop::sample::select(Family::NAMES.iter().map(|(_, family)| *family).collect::<Vec<_>>())
}

/// A word as a server may log it; never `-`, which is null.
fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9./:_=?&;%-]{1,12}".prop_filter("null", |word| word != "-")
}

/// Text for between quotes.
fn text() -> impl Strategy<Value = String> {
    "[ -~]{0,16}".prop_filter("null", |text| text != "-")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn number() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![1 => Just(None), 3 => (0..10_000i64).prop_map(Some), 1 => (0..=i64::MAX / 1_000_000).prop_map(Some)]
}

fn or_dash(number: Option<i64>) -> String {
    number.map_or("-".into(), |number| number.to_string())
}

/// The value of a field in a record that was shown.
fn value<'s>(record: &'s str, name: &str) -> Option<&'s str> {
    record.lines().find_map(|row| row.strip_prefix(name)?.strip_prefix('='))
}

fn int(record: &str, name: &str) -> Option<i64> {
    value(record, name).map(|number| number.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_makes_a_format_panic_and_every_record_stands_in_schema_order(
        family in families(),
        line in prop_oneof![3 => near_lines(), 1 => prop::collection::vec(any::<u8>(), 0..80)],
    ) {
        let header = family.default_header(b"");
        let mut record = Record::new();
        super::guess(&line);
        match family.parse(header, &mut Memo::default(), Zone::default(), &line, &mut record) {
            Ok(extra) => {
                let mut again = record.clone();
                again.canonical();
                prop_assert_eq!(&again, &record);
                prop_assert_eq!(extra, record.get(Field::Extra).is_some() && family != Family::Ltsv);
                for (name, value) in record.fields() {
                    let plain = |b: &u8| (0x20..0x7f).contains(b) && !matches!(b, b'"' | b'\\');
                    if let Value::Plain(text) = value {
                        prop_assert!(text.iter().all(plain), "{}: {:?}", named(*name), value);
                    }
                    let json_safe = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
                    prop_assert!(!named(*name).is_empty() && named(*name).as_bytes().iter().all(json_safe));
                }
            }
            Err(reject) => prop_assert!((1..=line.len() + 1).contains(&reject.column), "{:?}", reject),
        }
    }

    #[test]
    fn a_line_of_an_application_load_balancer_gives_back_what_was_written(
        micros in 0..4_000_000_000_000_000i64,
        ports in (0..65_536i64, prop::option::of(0..65_536i64)),
        times in prop::array::uniform3(number()),
        sizes in (number(), number()),
        status in prop::option::of(100..600i64),
        agent in text(),
        words in prop::array::uniform6(word()),
    ) {
        let seconds = |time: Option<i64>| time.map_or("-1".into(), |t| format!("{}.{:06}", t / 1_000_000, t % 1_000_000));
        let time = chrono::DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let target = ports.1.map_or("-".into(), |port| format!("198.51.100.1:{port}"));
        let [kind, elb, cipher, tls, group, trace] = &words;
        let line = format!(
            "{kind} {time} {elb} 192.0.2.7:{} {target} {} {} {} {} - {} {} \"-\" \"{}\" {cipher} {tls} {group} \"{trace}\"",
            ports.0, seconds(times[0]), seconds(times[1]), seconds(times[2]), or_dash(status), or_dash(sizes.0),
            or_dash(sizes.1), escaped(&agent),
        );
        let (read, extra) = under(None, Family::Alb, &line).unwrap();
        prop_assert!(!extra);
        for (name, wanted) in [
            ("time", time.as_str()), ("type", kind), ("elb", elb), ("remote_addr", "192.0.2.7"), ("user_agent", &agent),
            ("tls_cipher", cipher), ("tls_protocol", tls), ("target_group_arn", group), ("request_id", trace),
        ] {
            prop_assert_eq!(value(&read, name), Some(wanted), "{} of {}", name, line);
        }
        prop_assert_eq!(value(&read, "upstream_addr"), ports.1.map(|_| target.as_str()));
        for (name, wanted) in [
            ("client_port", Some(ports.0)), ("request_processing_time_us", times[0]), ("upstream_time_us", times[1]),
            ("response_processing_time_us", times[2]), ("status", status), ("request_bytes", sizes.0),
            ("bytes", sizes.1),
        ] {
            prop_assert_eq!(int(&read, name), wanted, "{} of {}", name, line);
        }
    }

    #[test]
    fn a_line_of_ltsv_gives_back_what_was_written(
        fields in prop::collection::btree_map("x_[a-z]{1,6}", text(), 0..8),
        numbers in (number(), number()),
        agent in text(),
        status in prop::option::of(0..600i64),
        front in any::<bool>(),
    ) {
        let mut line = format!("size:{}\tua:{}\tstatus:{}", or_dash(numbers.0), escaped(&agent), status.map_or("-".into(), |s| format!("{s:03}")));
        for (name, text) in &fields {
            let field = format!("{name}:{}", escaped(text));
            line = if front { format!("{field}\t{line}") } else { format!("{line}\t{field}") };
        }
        write!(line, "\treqtime_microsec:{}", or_dash(numbers.1)).unwrap();
        let (read, _) = under(None, Family::Ltsv, &line).unwrap();
        for (name, text) in &fields {
            prop_assert_eq!(value(&read, name), Some(text.as_str()));
        }
        prop_assert_eq!(value(&read, "user_agent"), Some(agent.as_str()));
        for (name, wanted) in [("bytes", numbers.0), ("status", status), ("duration_us", numbers.1)] {
            prop_assert_eq!(int(&read, name), wanted);
        }
    }

    #[test]
    fn a_row_of_w3c_gives_back_what_was_written_in_any_order_of_columns(
        seconds in 0..4_000_000_000i64,
        agent in "[!-*,-~]{1,8}( [!-*,-~]{1,8}){0,3}",
        words in prop::array::uniform3(word()),
        millis in number(),
        status in 100..600i64,
        order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle(),
        separator in prop::sample::select(vec!["\t", " "]),
    ) {
        prop_assume!(agent != "-" && !agent.starts_with(['"', '#']) && !words[0].starts_with('?'));
        let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let [query, user, own] = &words;
        let cells = [
            ("date", time.format("%Y-%m-%d").to_string()), ("time", time.format("%H:%M:%S").to_string()),
            ("cs(User-Agent)", agent.replace(' ', "+")), ("cs-uri-query", query.clone()),
            ("cs-username", user.clone()), ("x-own-Column", own.clone()), ("time-taken", or_dash(millis)),
            ("sc-status", status.to_string()),
        ];
        let join = |of: &dyn Fn(&(&str, String)) -> String, by| order.iter().map(|at| of(&cells[*at])).collect::<Vec<_>>().join(by);
        let header = Header::compile(format!("#Fields: {}", join(&|cell| cell.0.to_owned(), " ")).as_bytes()).unwrap();
        let line = join(&|cell| cell.1.clone(), separator);
        let (read, extra) = under(Some(&header), Family::W3c, &line).unwrap();
        prop_assert!(!extra, "{}", line);
        let time = time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        for (name, wanted) in [
            ("time", &time), ("user_agent", &agent), ("query", query), ("remote_user", user), ("x_own_column", own),
        ] {
            prop_assert_eq!(value(&read, name), Some(wanted.as_str()), "{} of {}", name, line);
        }
        prop_assert_eq!(int(&read, "duration_us"), millis.map(|millis| millis * 1_000));
        prop_assert_eq!(int(&read, "status"), Some(status));
    }

    #[test]
    fn a_line_of_haproxy_gives_back_what_was_written(
        millis in 0..4_000_000_000_000i64,
        prefix in prop::sample::select(vec!["", "Feb  6 12:14:14 lb haproxy[1]: ", "<134>2026-02-06T12:14:14Z lb haproxy: "]),
        timers in prop::array::uniform5(prop::option::of(0..100_000i64)),
        late in any::<bool>(),
        counts in prop::array::uniform7(0..5_000i64),
        names in ("[a-z_~]{1,8}", "[a-z_.]{1,8}", "[a-z0-9]{1,8}"),
        captured in prop::option::of("[a-zA-Z0-9 ./|()]{0,20}"),
        port in 0..65_536i64,
        sent in 0..=i64::MAX,
    ) {
        let time = chrono::DateTime::from_timestamp_millis(millis).unwrap();
        let timer = |at: usize| timers[at].map_or("-1".into(), |timer| timer.to_string());
        let late = if late { "+" } else { "" };
        let total = if timers[4].is_some() { late } else { "" };
        let headers = captured.as_ref().map_or(String::new(), |text| format!("{{{text}}} "));
        let [a, b, c, d, e, f, g] = counts;
        let line = format!(
            "{prefix}2001:db8::1:{port} [{}] {} {}/{} {}/{}/{}/{}/{total}{} 200 {late}{sent} - - CD-- {a}/{b}/{c}/{d}/{e} \
             {f}/{g} {headers}\"GET /a?b HTTP/1.1\"",
            time.format("%d/%b/%Y:%H:%M:%S%.3f"), names.0, names.1, names.2, timer(0), timer(1), timer(2), timer(3), timer(4),
        );
        prop_assert_eq!(super::guess(line.as_bytes()), Some(Family::Haproxy), "{}", line);
        let (read, extra) = under(None, Family::Haproxy, &line).unwrap();
        prop_assert!(!extra);
        let time = time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        for (name, wanted) in [
            ("time", time.as_str()), ("remote_addr", "2001:db8::1"), ("frontend", &names.0), ("backend", &names.1),
            ("server", &names.2), ("path", "/a"), ("termination_state", "CD--"),
        ] {
            prop_assert_eq!(value(&read, name), Some(wanted), "{} of {}", name, line);
        }
        prop_assert_eq!(value(&read, "captured_request_headers"), captured.as_deref());
        let micros = timers.map(|timer| timer.map(|millis| millis * 1_000));
        for (name, wanted) in [
            ("tq_us", micros[0]), ("tw_us", micros[1]), ("tc_us", micros[2]), ("tr_us", micros[3]),
            ("duration_us", micros[4]), ("bytes", Some(sent)), ("client_port", Some(port)), ("actconn", Some(a)),
            ("retries", Some(e)), ("srv_queue", Some(f)), ("backend_queue", Some(g)),
        ] {
            prop_assert_eq!(int(&read, name), wanted, "{} of {}", name, line);
        }
    }

    #[test]
    fn decimal_seconds_become_exact_microseconds(micros in 0..=i64::MAX / 10, digits in 0..=6usize) {
        let unit = 10i64.pow(6 - digits as u32);
        let (micros, fraction) = (micros / unit * unit, format!("{:06}", micros % 1_000_000));
        let point = if digits == 0 { String::new() } else { format!(".{}", &fraction[..digits]) };
        let text = format!("{}{point}", micros / 1_000_000);
        prop_assert_eq!(crate::formats::part::micros(text.as_bytes()), Some(Some(micros)));
    }
}

#[test]
fn a_plus_is_a_blank_where_the_format_says_so_and_only_there() {
    assert_eq!(shown(Value::Plus(b"a+b++c")), "a b  c");
    assert_eq!(shown(Value::Plus(b"a b")), "a b");
    let mut parser = Parser::new(Options::default());
    let line = b"192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] \"GET /a+b HTTP/1.1\" 200 5 \"-\" \"c+d\"";
    let mut record = Record::new();
    parser.parse(line, &mut record);
    assert_eq!(record.get(Field::UserAgent).map(shown).as_deref(), Some("c+d"));
}
