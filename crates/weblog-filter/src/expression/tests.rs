use super::*;
use proptest::prelude::*;
use weblog_parse::{Instant, Options, Parsed, Parser};

/// 2025-01-06T12:00:00Z
const NOON: i64 = 1_736_164_800_000_000;

fn clock() -> Clock {
    Clock { now: NOON, ..Clock::default() }
}

fn record() -> Record<'static> {
    let mut record = Record::new();
    record.push(Field::Time, Value::Time(Instant { micros: NOON - 3_600_000_000, digits: 0 }));
    record.push(Field::RemoteAddr, Value::Plain(b"192.0.2.7"));
    record.push(Field::Method, Value::Plain(b"GET"));
    record.push(Field::Path, Value::Path(b"/api/a%20b"));
    record.push(Field::Status, Value::Int(502));
    record.push(Field::Bytes, Value::Int(2_000_000));
    record.push(Field::UserAgent, Value::Escaped(b"Mozilla \\\"x\\\""));
    record.push(Field::DurationUs, Value::Int(2_500_000));
    record.push(Field::Extra, Value::Text(b"\"a b\" 0.250"));
    record.push(Field::ForwardedSuspect, Value::Json("true"));
    record.push_other("collection", Value::Json("\"books \\\"new\\\"\""));
    record.push_other("ratio", Value::Json("0.5"));
    record.push_other("wait_ms", Value::Json("30"));
    record.push_other("nothing", Value::Json("null"));
    record
}

fn matches(expression: &str) -> bool {
    let compiled = Expression::compile(expression, clock());
    let mut compiled = compiled.unwrap_or_else(|bad| panic!("{expression}: {bad}"));
    compiled.matches(&record()).unwrap()
}

#[track_caller]
fn all(expected: bool, expressions: &[&str]) {
    for expression in expressions {
        assert_eq!(matches(expression), expected, "{expression}");
    }
}

#[test]
fn numbers_are_compared_as_numbers() {
    all(
        true,
        &[
            "status == 502",
            "status = 502",
            "status >= 500",
            "status>=502",
            "status < 502.5",
            "status > 501.5",
        ],
    );
    all(
        true,
        &["status == 5xx", "status in [4xx, 5xx]", "status > 4xx", "status <= 5xx", "status == \"502\""],
    );
    all(true, &["ratio == 0.5", "ratio < 1", "ratio > 0", "bytes > 1M", "bytes < 1GiB", "bytes == 2MB"]);
    all(
        false,
        &["status == 500", "status > 502", "status < 5xx", "status == 502.5", "ratio >= 1", "bytes < 10K"],
    );
}

#[test]
fn spans_of_time_have_units() {
    all(true, &["duration_us > 2s", "duration_us < 1m", "duration_us == 2500ms", "duration_us == 2500000"]);
    all(true, &["wait_ms == 30ms", "wait_ms < 1s", "wait_ms > 10us", "wait_ms == 30"]);
    all(false, &["duration_us > 3s", "wait_ms > 30ms"]);
}

#[test]
fn text_is_compared_with_words_and_quotes() {
    all(
        true,
        &[
            "method == GET",
            "method = \"GET\"",
            "method == 'GET'",
            "method == \"get\"i",
            "method in [GET, POST]",
        ],
    );
    all(
        true,
        &["path == \"/api/a b\"", "path startswith /api/", "path endswith \" b\"", "path contains api"],
    );
    all(
        true,
        &["user_agent contains \"\\\"x\\\"\"", "collection == \"books \\\"new\\\"\"", "collection >= b"],
    );
    all(
        true,
        &[
            "path contains \"API\"i",
            "path startswith \"/API\"i",
            "path endswith \"B\"i",
            "path starts_with /api",
        ],
    );
    all(true, &["method in GET", "method in (GET, HEAD,)", "method not in [POST]", "not method in [POST]"]);
    all(false, &["method == get", "method in [POST, HEAD]", "path contains API", "collection < b"]);
}

#[test]
fn patterns_are_regular_expressions() {
    all(
        true,
        &[
            "path ~ \"^/api/\"",
            "path =~ '^/api/'",
            "path ~* \"^/API\"",
            "path ~ \"^/API\"i",
            "path matches api",
        ],
    );
    all(true, &["path !~ \"^/x\"", "path !~* API2", "status ~ \"^50\"", "user_agent ~ \"\\\"x\\\"$\""]);
    all(false, &["path ~ \"^api\"", "path !~* \"^/API\"", "not path ~ api"]);
}

#[test]
fn addresses_are_in_networks() {
    all(
        true,
        &[
            "remote_addr in 192.0.2.0/24",
            "remote_addr == 192.0.2.7",
            "remote_addr in [2001:db8::/32, 192.0.2.0/28]",
        ],
    );
    all(
        true,
        &[
            "remote_addr == \"192.0.2.0/24\"",
            "remote_addr not in 198.51.100.0/24",
            "remote_addr != 192.0.2.8",
        ],
    );
    all(false, &["remote_addr in [198.51.100.0/24]", "remote_addr in 2001:db8::/32"]);
}

#[test]
fn times_are_since_and_until() {
    all(
        true,
        &[
            "since 2h",
            "until 30m",
            "since today",
            "today",
            "since 2025-01-06",
            "until 2025-01-07",
            "since yesterday",
        ],
    );
    all(
        true,
        &["time >= 2025-01-06T11:00", "time < 2025-01-06 12:00", "time == 2025-01-06", "time == today"],
    );
    all(true, &["time <= 2025-01-06", "time in [2025-01-05, 2025-01-06]", "time >= \"2025-01-06 11:00:00\""]);
    all(true, &["since 2025-01-06 11:00 and until 2025-01-06 11:01", "since 2025-01-06T11:00:00Z"]);
    all(
        false,
        &["since 30m", "until 1h", "yesterday", "time > 2025-01-06", "time == yesterday", "until today"],
    );
}

#[test]
fn an_absent_field_is_nothing_and_negations_are_opposites() {
    for test in [
        "country == DE",
        "country > A",
        "country ~ D",
        "country in [DE]",
        "country contains D",
        "exists(country)",
    ] {
        all(false, &[test]);
        all(true, &[&format!("!({test})"), &format!("not {test}")]);
    }
    all(
        true,
        &[
            "country != DE",
            "country !~ D",
            "country not in [DE]",
            "country not contains D",
            "country == null",
        ],
    );
    all(
        true,
        &["country is null", "method is not null", "method != null", "country == -", "nothing == null"],
    );
    all(
        false,
        &["country", "country != null", "method == null", "method is null", "nothing", "exists(nothing)"],
    );
    all(
        true,
        &[
            "country in [null, DE]",
            "method",
            "exists(method)",
            "forwarded_suspect",
            "forwarded_suspect == true",
        ],
    );
}

#[test]
fn the_last_trailing_word_has_a_name() {
    all(
        true,
        &[
            "last == 0.250",
            "last > 0.2",
            "last < 1",
            "extra contains \"a b\"",
            "last ~ \"^0\"",
            "exists(last)",
        ],
    );
    all(false, &["last > 0.3", "last == a"]);
}

#[test]
fn words_and_signs_bind_as_everywhere() {
    all(true, &["method == GET or method == POST and status == 1", "(true || false) && true", "! false"]);
    all(true, &["not (method == POST or status == 200)", "method == GET AND NOT status IN [200]", "!!true"]);
    all(true, &["true", "`method` == GET", "\n\tmethod  ==\nGET "]);
    all(false, &["(method == GET or method == POST) and status == 1", "false"]);
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    for (expression, column, expected) in [
        ("", 1, "a test, like status >= 500"),
        ("status >=", 10, "a value"),
        ("status >= 500 &&", 17, "a test"),
        ("status >= 500 & true", 15, "`&&`, `||` or the end"),
        ("status == 500 || 503", 18, "the name of a field before a value, like status in [500, 503]"),
        ("(status == 500", 15, "`)`"),
        ("status == 500)", 14, "a `(` before this"),
        ("status == abc", 11, "a number, as status is one"),
        ("status in [500, x]", 17, "a number"),
        ("status in [500", 15, "`,` and another value, or `]`"),
        ("status in []", 12, "a value"),
        ("path ~ ^/api", 8, "a pattern in quotes"),
        ("path ~ \"(\"", 8, "another pattern: unclosed group"),
        ("path ~ \"(a{1000}){1000}\"", 8, "a smaller pattern"),
        ("path == \"x", 11, "the quote that closes the text"),
        ("bytes > 2s", 9, "no span of time"),
        ("bytes > 1m", 9, "1M for a size"),
        ("duration_us > 5xx", 15, "a span of time"),
        ("duration_us > 1M", 15, "a span of time"),
        ("time > 2h", 8, "`since 2h`"),
        ("time ~ x", 8, "`since`"),
        ("since tuesday", 7, "a time like 2025-01-06"),
        ("exists(1)", 8, "the name of a field"),
        ("exists(a b)", 10, "`)`"),
        ("forwarded_suspect == 1", 22, "true or false"),
        ("remote_addr > 192.0.2.0/24", 15, "`in` or `==`"),
        ("ä == 1 x", 8, "`&&`"),
    ] {
        let bad = Expression::compile(expression, clock()).expect_err(expression);
        assert_eq!(bad.column, column, "{expression}: {bad}");
        assert!(bad.expected.contains(expected), "{expression}: {bad}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let deep = format!("{}true{}", "(".repeat(60), ")".repeat(60));
    assert!(Expression::compile(&deep, clock()).is_ok());
    for text in ["(".repeat(10_000), "!".repeat(10_000), "not ".repeat(9_000), "x".repeat(100_000)] {
        assert!(Expression::compile(&text, clock()).is_err());
    }
    let long = vec!["status == 1"; 4_000].join(" || ");
    assert!(Expression::compile(&long, clock()).is_ok());
    let many = vec!["path ~ x"; 300].join(" || ");
    assert!(Expression::compile(&many, clock()).unwrap_err().expected.contains("at most 256 patterns"));
    let pattern = format!("path ~ \"{}\"", "a".repeat(5_000));
    assert!(Expression::compile(&pattern, clock()).unwrap_err().expected.contains("at most 4096 bytes"));
}

#[test]
fn the_fields_that_are_named_are_known() {
    let named = |text| {
        let expression = Expression::compile(text, clock()).unwrap();
        expression.names().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(named("status > 1 && x == 1 && status < 9 && exists(y) && last > 0"), ["status", "x", "last"]);
    assert_eq!(named("since 2h"), ["time"]);
    let expression = Expression::compile("exists(country)", clock()).unwrap();
    assert!(expression.names_any(&[Field::Country]) && !expression.names_any(&[Field::City]));
}

#[test]
fn what_has_to_be_looked_up_is_asked_for_only_where_it_decides() {
    let mut expression = Expression::compile("status == 502 && country == DE", clock()).unwrap();
    expression.look_up(vec![Field::Country]);
    let mut record = record();
    assert_eq!(expression.matches(&record), None);
    let mut more = record.clone();
    more.push(Field::Country, Value::Plain(b"DE"));
    assert!(expression.matches_with(&record, &more));
    record.push(Field::Country, Value::Plain(b"FR"));
    assert_eq!(expression.matches(&record), Some(false));
    assert!(!expression.matches_with(&record, &more), "what the record says counts");
    let mut other = Record::new();
    other.push(Field::Status, Value::Int(200));
    assert_eq!(expression.matches(&other), Some(false));
}

/// Expressions of all kinds, most of them valid.
fn expressions() -> impl Strategy<Value = String> {
    let number = prop::sample::select(vec!["0", "200", "404", "500", "4xx", "5xx", "302.5", "99999"]);
    let operator = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let field = prop::sample::select(vec!["status", "bytes", "ratio"]);
    let leaf = prop_oneof![
        (field, operator, number)
            .prop_map(|(field, operator, number)| format!("{field} {operator} {number}")),
        prop::sample::select(vec![
            "since 2019-01-22",
            "until 2019-01-22 00:26",
            "today",
            "path ~ \"^/a\"",
            "method == GET",
            "exists(bytes)",
            "user_agent contains Moz",
            "referer",
            "status in [200, 5xx]",
            "true",
            "last > 1",
            "status is null",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!({one})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
        ]
    })
}

/// Lines in the forms of `common` and `combined`, and some that are broken.
fn lines() -> impl Strategy<Value = String> {
    let second = 0..60u8;
    let status = prop::sample::select(vec!["200", "404", "500", "599", "-", "99", "x"]);
    let bytes = prop::sample::select(vec!["0", "-", "512", "99999", "99999999999999999999"]);
    let request = prop::sample::select(vec![
        "GET /a HTTP/1.1",
        "GET / \\\" 500 HTTP/1.1",
        "-",
        "\\x16\\x03",
        "POST /b\" 200 5",
    ]);
    let tail = prop::sample::select(vec![
        "",
        " \"-\" \"Mozilla\"",
        " \"-\" \"M\" 1.5",
        " \"-\" \"M\" \"192.0.2.1\"",
        " \"",
        " 500",
    ]);
    (second, status, bytes, request, tail).prop_map(|(second, status, bytes, request, tail)| {
        format!("192.0.2.1 - - [22/Jan/2019:03:56:{second:02} +0330] \"{request}\" {status} {bytes}{tail}")
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = Expression::compile(&text, clock());
    }

    #[test]
    fn no_words_panic(words in prop::collection::vec(prop::sample::select(vec![
        "status", "path", "time", "==", "!=", "~", "!~*", "<", "in", "not", "[", "]", "(", ")", ",", "\"", "'x'i", "5xx",
        "2s", "1M", "192.0.2.0/24", "since", "until", "today", "exists", "exists(", "null", "is", "&&", "or", "!", "`a",
        "contains", "true", "-", "2025-01-06 08:00", "\\", "é", "\"(\"",
    ]), 0..12), glue in "[ ]?") {
        let text = words.join(&glue);
        if let Err(bad) = Expression::compile(&text, clock()) {
            prop_assert!(bad.at <= text.len() && text.is_char_boundary(bad.at) && !bad.expected.is_empty(), "{}", bad);
        }
    }

    #[test]
    fn a_glance_decides_as_the_whole_record_does(text in expressions(), line in lines()) {
        let mut expression = Expression::compile(&text, clock()).unwrap();
        let mut parser = Parser::new(Options::default());
        let mut whole = Record::new();
        let parsed = parser.parse(line.as_bytes(), &mut whole);
        let (mut record, mut decision) = (Record::new(), None);
        let glanced = parser.parse_if(line.as_bytes(), &mut record, |glance| {
            decision = expression.matches_glance(glance);
            decision.is_none()
        });
        prop_assert_eq!(&glanced, &parsed);
        if let Parsed::Record { .. } = parsed {
            let of_record = expression.matches(&whole);
            match decision {
                Some(_) => prop_assert_eq!(decision, of_record),
                None => prop_assert_eq!(&record, &whole),
            }
        } else {
            prop_assert_eq!(decision, None);
        }
    }

    #[test]
    fn a_negation_is_the_opposite(text in expressions()) {
        let negated = format!("not ({text})");
        prop_assert_eq!(matches(&negated), !matches(&text));
    }
}
