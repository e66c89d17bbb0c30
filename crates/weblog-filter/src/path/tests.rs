use super::*;
use proptest::prelude::*;

fn name(pattern: &str, fields: &[(Field, Value<'_>)]) -> String {
    let mut record = Record::new();
    fields.iter().for_each(|(field, value)| record.push(*field, *value));
    let mut out = String::new();
    PathPattern::parse(pattern, Zone::default()).unwrap().name(&record, None, &mut out);
    out
}

fn of_vhost(vhost: &[u8]) -> String {
    name("{vhost}", &[(Field::Vhost, Value::Text(vhost))])
}

#[test]
fn fields_stand_in_braces() {
    let fields = [
        (Field::Time, Value::Json("\"2025-01-06T23:30:00Z\"")),
        (Field::Status, Value::Int(404)),
        (Field::Vhost, Value::Plain(b"example.com")),
    ];
    assert_eq!(name("out/{vhost}/{status}.log", &fields), "out/example.com/404.log");
    assert_eq!(name("{time:%Y/%m/%d-%H%M}", &fields), "2025/01/06-2330");
    assert_eq!(name("{time} {{{method}}}", &fields), "2025-01-06 {_none}");
    let pattern = PathPattern::parse("{time:day %d}", "Europe/Berlin".parse().unwrap()).unwrap();
    let mut record = Record::new();
    record.push(Field::Time, fields[0].1);
    let mut out = String::new();
    pattern.name(&record, None, &mut out);
    assert_eq!(out, "day 07");
}

#[test]
fn no_value_leaves_its_directory() {
    for (value, safe) in [
        ("..", "%2E."),
        (".", "%2E"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        (".ssh", "%2Essh"),
        ("", "_empty"),
        ("_none", "%5Fnone"),
        ("_empty", "%5Fempty"),
        ("a b\n", "a%20b%0A"),
        ("ü%", "%C3%BC%25"),
    ] {
        assert_eq!(of_vhost(value.as_bytes()), safe);
    }
}

#[test]
fn a_long_value_ends_in_its_hash() {
    let (a, b) = (of_vhost(&[b'a'; 300]), of_vhost(&[b'a'; 301]));
    assert!(a.len() == 200 && b.len() == 200 && a != b);
    let both = [(Field::Vhost, Value::Text(&[b'/'; 90])), (Field::Path, Value::Text(&[b'x'; 999]))];
    assert_eq!(name("{vhost}{path}", &both).len(), 200);
    assert_eq!(name("{vhost}/{path}", &both).len(), 401);
}

#[test]
fn a_pattern_that_is_wrong_says_so() {
    for pattern in ["{", "}", "{vhost", "{}", "{time:%q}", "{status:%Y}", "{time:%}"] {
        assert!(PathPattern::parse(pattern, Zone::default()).is_err(), "{pattern}");
    }
}

proptest! {
    #[test]
    fn different_short_values_have_different_safe_names(
        a in prop::collection::vec(any::<u8>(), 0..40),
        b in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let (of_a, of_b) = (of_vhost(&a), of_vhost(&b));
        prop_assert_eq!(a == b, of_a == of_b);
        prop_assert!(of_a.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-%".contains(&b)));
        prop_assert!(!of_a.starts_with('.') && !of_a.is_empty() && of_a.len() <= 200);
    }

    #[test]
    fn no_pattern_panics(pattern in "[{}a-z:%/YmdHM.]{0,30}") {
        if let Ok(pattern) = PathPattern::parse(&pattern, Zone::default()) {
            let mut record = Record::new();
            record.push(Field::Time, Value::Int(1_700_000_000));
            pattern.name(&record, None, &mut String::new());
        }
    }
}
