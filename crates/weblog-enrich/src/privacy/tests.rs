use super::*;
use proptest::prelude::*;
use weblog_parse::{Field, Name};

fn redactor() -> Redactor {
    Redactor::new(&RedactOptions::default())
}

fn line(mode: Mode, text: &str) -> String {
    let key = Key::from_bytes(b"a key for tests, no secret").unwrap();
    let mut anonymizer = Anonymizer::new(mode, Some(key)).unwrap();
    String::from_utf8(redactor().line(Some(&mut anonymizer), text.as_bytes(), None)).unwrap()
}

#[test]
fn a_rejected_line_keeps_its_shape_without_what_is_personal() {
    for (raw, left) in [
        (
            r#"192.0.2.17 - - [22/Jan/2019:03:56:14 +0330] "GET /a?token=abc&b=1 HTTP/1.1" 200 5 "https://u:p@h.example/" "x"#,
            r#"192.0.2.0 - - [22/Jan/2019:03:56:14 +0330] "GET /a?token=REDACTED&b=1 HTTP/1.1" 200 5 "https://REDACTED@h.example/" "x"#,
        ),
        ("ppp-12.example.net - - [x] \"GET", "REDACTED - - [x] \"GET"),
        ("www.example.com:80 ppp.example.net - -", "REDACTED REDACTED - -"),
        ("2019-01-22T00:26:14.123Z stdout F x", "2019-01-22T00:26:14.123Z stdout F x"),
        (
            r#"{"ts":1.5,"request":{"remote_ip":"192.0.2.17","uri":"/?a=1\u0026token=abc\u0026b=1"},"password":"x\"y","n":1}"#,
            r#"{"ts":1.5,"request":{"remote_ip":"192.0.2.0","uri":"/?a=1\u0026token=REDACTED"},"password":"REDACTED","n":1}"#,
        ),
        (r#""Cookie":["a=1; b=2"],"Referer":["x"]"#, r#""Cookie":["REDACTED"],"Referer":["x"]"#),
        ("token=abc status=200", "token=REDACTED status=200"),
        ("token=abc def\" status=200", "token=REDACTED\" status=200"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: REDACTED"),
    ] {
        assert_eq!(line(Mode::Truncate, raw), left);
    }
}

#[test]
fn bytes_that_are_no_text_pass_through_a_raw_line() {
    let mut anonymizer = Anonymizer::new(Mode::Truncate, None).unwrap();
    let raw = b"\xff\x16\x03 192.0.2.17 \xfe token=\xff\xfe";
    let left = redactor().line(Some(&mut anonymizer), raw, None);
    assert_eq!(left, b"\xff\x16\x03 192.0.2.0 \xfe token=REDACTED");
}

#[test]
fn a_rotating_key_gives_nothing_for_a_line_without_a_time() {
    assert_eq!(line(Mode::Hmac(Rotation::Daily), "x 192.0.2.17 y"), "x REDACTED y");
    assert!(line(Mode::Hmac(Rotation::Never), "x 192.0.2.17 y").starts_with("x anon-"));
}

/// What must not be found in any output, and how it comes into a line: as it is, or by a name.
const CANARIES: &[(&str, &str, &str)] = &[
    ("", "203.0.113.77", ""),
    ("", "2001:db8:aaaa:bbbb::7777", ""),
    ("", "canary.bird@mine.example", ""),
    ("token=", "Canary0Token", ""),
    ("user[password]=", "Canary0Password", ""),
    ("https://bird:", "Canary0Password", "@mine.example/"),
    ("", "5555555555554444", ""),
    ("", "eyJDYW5hcnkwMDAw.eyJDYW5hcnkwMDAx.Q2FuYXJ5", ""),
];

const LINES: &[&str] = &[
    r#"192.0.2.1 - {} [22/Jan/2019:03:56:14 +0330] "GET / HTTP/1.1" 200 5 "-" "x""#,
    r#"192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] "GET /a/{}/b HTTP/1.1" 200 5 "-" "x""#,
    r#"192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] "GET /a?b=1&{}&c=2 HTTP/1.1" 200 5 "-" "x""#,
    r#"192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] "GET /a HTTP/1.1" 200 5 "https://s.example/?{}" "x""#,
    r#"192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] "GET /a HTTP/1.1" 200 5 "-" "Agent/1.0 ({})" {}"#,
    r#"{"remote_ip":"{}","request":"/a?{}","user_agent":"({})"}"#,
    "2019-01-22 00:26:14 GET /a {} 80 - {} Agent+({}) 200 0 0 5",
    "h.example:80 {} junk \\x16\\x03{}",
    "{}",
    "{}, {}",
];

/// Percent-encodes every byte, or only those that have to be.
fn encoded(text: &str, all: bool) -> String {
    let encode = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() && !all => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn spelt(text: &str, upper: bool, rounds: usize, all: bool) -> String {
    let text = if upper { text.to_ascii_uppercase() } else { text.to_owned() };
    (0..rounds).fold(text, |text, _| encoded(&text, all))
}

/// Whether an output holds the canary, in any spelling.
fn holds(output: &str, canary: &str) -> bool {
    let mut bytes = output.as_bytes().to_vec();
    let canary = canary.to_ascii_lowercase();
    for _ in 0..4 {
        if String::from_utf8_lossy(&bytes).to_ascii_lowercase().contains(&canary) {
            return true;
        }
        let mut decoded = Vec::new();
        weblog_parse::text::percent_decode(&bytes, &mut decoded);
        bytes = decoded;
    }
    false
}

fn modes() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![
        Mode::Truncate,
        Mode::Prefix,
        Mode::Drop,
        Mode::Hmac(Rotation::Never),
        Mode::Hmac(Rotation::Daily),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_canary_gets_through_a_raw_line(
        line_of in prop::sample::select(LINES), which in prop::sample::select(CANARIES), mode in modes(),
        upper: bool, rounds in 0usize..3, all: bool, whole: bool, around in "[ /&?(),;\"']{0,2}",
    ) {
        let (before, canary, behind) = which;
        // Either the value alone is encoded, or all that belongs to it, as in a nested address.
        let put = match whole {
            true => spelt(&format!("{before}{canary}{behind}"), upper, rounds, all),
            false => format!("{before}{}{behind}", spelt(canary, upper, rounds, all)),
        };
        let text = line_of.replace("{}", &format!("{around}{put}{around}"));
        let output = line(mode, &text);
        prop_assert!(!holds(&output, canary), "{text}\n{output}");
    }

    #[test]
    fn no_canary_gets_through_a_field(
        field in prop::sample::select(vec![Field::Target, Field::Query, Field::Path, Field::Referer, Field::Request, Field::Extra]),
        which in prop::sample::select(&CANARIES[2..]), upper: bool, rounds in 0usize..3, all: bool, around in "[ /&?(),;\"']{0,2}",
    ) {
        let (before, canary, behind) = which;
        let put = spelt(&format!("{before}{canary}{behind}"), upper, rounds, all);
        let text = format!("/a?b=x{around}{put}{around}c");
        let output = redactor().text(Name::Known(field), &text);
        prop_assert!(!holds(&output, canary), "{text}\n{output}");
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), ascii in "[ -~]{0,200}", mode in modes()) {
        let key = Key::from_bytes(b"a key for tests, no secret").unwrap();
        let mut anonymizer = Anonymizer::new(mode, Some(key)).unwrap();
        redactor().line(Some(&mut anonymizer), &bytes, None);
        redactor().line(Some(&mut anonymizer), ascii.as_bytes(), Some(0));
    }
}
