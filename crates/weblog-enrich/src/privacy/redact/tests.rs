use super::*;
use crate::privacy::{Anonymizer, Key, Mode, Rotation};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn redactor() -> Redactor {
    Redactor::new(&RedactOptions::default())
}

fn in_field(field: Field, text: &str) -> String {
    redactor().text(Name::Known(field), text).into_owned()
}

#[test]
fn values_of_secret_parameters_go_and_the_rest_stays_byte_for_byte() {
    for (query, left) in [
        ("a=1&token=abc&b=%20+", "a=1&token=REDACTED&b=%20+"),
        ("TOKEN=abc", "TOKEN=REDACTED"),
        ("%74oken=abc&x", "%74oken=REDACTED&x"),
        ("%2574oken=abc&x", "%2574oken=REDACTED&x"),
        ("user[password]=abc&a[]=1", "user[password]=REDACTED&a[]=1"),
        ("a[token]=x&a%5Btoken%5D=y", "a[token]=REDACTED&a%5Btoken%5D=REDACTED"),
        ("token=a%26b&c=d", "token=REDACTED&c=d"),
        ("token=a=b=&c=d", "token=REDACTED&c=d"),
        ("password=my pass&c=d", "password=REDACTED&c=d"),
        (
            "csrf_token=1&newPassword=2&client-secret=3",
            "csrf_token=REDACTED&newPassword=REDACTED&client-secret=REDACTED",
        ),
        (
            "X-Amz-Credential=1&AWSAccessKeyId=2&Signature=3&sig=4",
            "X-Amz-Credential=REDACTED&AWSAccessKeyId=REDACTED&Signature=REDACTED&sig=REDACTED",
        ),
        ("a=1;sid=abc;b=2", "a=1;sid=REDACTED;b=2"),
        ("token=", "token="),
        ("token", "token"),
        (
            "u=http%3A%2F%2Fx%2F%3Ftoken%3Dabc%26d%3D1&e=2",
            "u=http%3A%2F%2Fx%2F%3Ftoken%3DREDACTED%26d%3D1&e=2",
        ),
        ("keyboard=us&passenger=2&codec=h264&monkey=1", "keyboard=us&passenger=2&codec=h264&monkey=1"),
        ("state=CA", "state=CA"),
        ("token=REDACTED&x=1", "token=REDACTED&x=1"),
        ("k=a\\x26&token=b", "k=a\\x26&token=REDACTED"),
    ] {
        assert_eq!(in_field(Field::Query, query), left);
    }
}

#[test]
fn path_parameters_and_user_info_go_where_they_stand() {
    for (target, left) in [
        ("/a;jsessionid=1F;v=2/b;JSESSIONID=2?x=1", "/a;jsessionid=REDACTED;v=2/b;JSESSIONID=REDACTED?x=1"),
        ("/a?next=/b;sid=x/y&c=1", "/a?next=/b;sid=REDACTED&c=1"),
        ("http://bob:pw@a.example/x", "http://REDACTED@a.example/x"),
        ("https://bob@a.example/", "https://REDACTED@a.example/"),
        ("https://a:b@c@d.example/", "https://REDACTED@d.example/"),
        ("/go?u=https%3A%2F%2Fbob%3Ap%252Fw%40a.example%2F", "/go?u=https%3A%2F%2FREDACTED%40a.example%2F"),
        ("https://a.example/@bob", "https://a.example/@bob"),
        ("/users/alice@example.com/x", "/users/REDACTED/x"),
        ("/users/alice%40example.com.json", "/users/REDACTED"),
        ("/img/logo@2x.png", "/img/logo@2x.png"),
        ("/npm/vue@2.6.14/vue@3.2.min.js", "/npm/vue@2.6.14/vue@3.2.min.js"),
    ] {
        assert_eq!(in_field(Field::Target, target), left);
        assert_eq!(in_field(Field::Referer, target), left);
    }
}

#[test]
fn secrets_are_known_by_their_shape_in_any_text() {
    // Put together here, so that no scanner of sources takes them for real ones.
    let digits = "0123456789abcdefABCD0123456789abcdefABCD";
    let jwt = format!("{}J{}.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "ey", "hbGciOiJIUzI1NiJ9");
    for secret in [
        "alice@example.com".to_owned(),
        "ålice.b+c@bücher.example".to_owned(),
        "alice%40example.com".to_owned(),
        "alice%2540example.com".to_owned(),
        jwt.clone(),
        jwt.to_ascii_uppercase(),
        "4111111111111111".to_owned(),
        "4111 1111 1111 1111".to_owned(),
        "4111-1111-1111-1111".to_owned(),
        "3782 822463 10005".to_owned(),
        "4111%201111%201111%201111".to_owned(),
        format!("{}{}", "AKIA", "ABCDEFGHIJKLMNOP"),
        format!("{}_{digits}", "ghp"),
        format!("{}-{digits}", "xoxb"),
        format!("{}_live_{digits}", "sk"),
        format!("{}Sy{digits}", "AIza"),
    ] {
        for field in [Field::UserAgent, Field::Extra, Field::Path, Field::RemoteUser, Field::Method] {
            assert_eq!(in_field(field, &format!("x {secret} y")), "x REDACTED y");
        }
        assert_eq!(redactor().text(Name::Other("note"), &format!("({secret})")), "(REDACTED)");
    }
    assert_eq!(in_field(Field::Extra, "Bearer abcdefgh1234"), "Bearer REDACTED");
    assert_eq!(in_field(Field::Extra, "BASIC+dXNlcjpwYXNz="), "BASIC+REDACTED");
}

#[test]
fn what_only_looks_like_a_secret_is_borrowed() {
    let redactor = redactor();
    for text in [
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        "/index.php?page=2&_=1700000000000&t=20190122031456&n=4111111111111112&f=0.4111111111111111",
        "basic authentication, bearer of news",
        "task-ghp_short eyJhbGciOiJIUzI1NiJ9 AKIAshort",
        "/%7Euser/a%20b?q=%C3%A9t%C3%A9&x=%",
        "/@user me@localhost a@b",
        "",
    ] {
        for field in [Field::Target, Field::UserAgent, Field::Extra] {
            assert!(
                matches!(redactor.text(Name::Known(field), text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }
}

#[test]
fn fields_go_as_a_whole_by_their_name() {
    let redactor =
        Redactor::new(&RedactOptions { names: vec!["remote_user".into(), "Foo".into()], default: true });
    for name in
        ["http_cookie", "Set-Cookie", "http_authorization", "cookie_sid", "arg_code", "x_csrf_token", "foo"]
    {
        assert_eq!(redactor.text(Name::Other(name), "abc"), REDACTED, "{name}");
        assert_eq!(redactor.text(Name::Other(name), "-"), "-", "{name}");
    }
    for name in ["code", "key", "arg_page", "content_type"] {
        assert_eq!(redactor.text(Name::Other(name), "abc"), "abc", "{name}");
    }
    assert_eq!(redactor.text(Name::Known(Field::RemoteUser), "alice"), REDACTED);
    assert_eq!(redactor.text(Name::Known(Field::Query), "foo=1&bar=2"), "foo=REDACTED&bar=2");
    assert_eq!(in_field(Field::RemoteUser, "alice"), "alice");
}

#[test]
fn names_count_without_the_default_and_nothing_counts_without_both() {
    let named = Redactor::new(&RedactOptions { names: vec!["foo".into()], default: false });
    assert_eq!(
        named.text(Name::Known(Field::Query), "foo=1&token=2&m=a@b.example"),
        "foo=REDACTED&token=2&m=a@b.example"
    );
    assert_eq!(named.text(Name::Other("cookie"), "a"), "a");
    let none = Redactor::new(&RedactOptions { names: vec![], default: false });
    assert_eq!(none.text(Name::Known(Field::Query), "token=1"), "token=1");
    assert_eq!(none.line(None, b"token=1 192.0.2.1", None), b"token=1 192.0.2.1");
}

#[test]
fn a_megabyte_of_hostile_text_takes_linear_time() {
    let redactor = redactor();
    let key = Key::from_bytes(b"a key for tests, no secret").unwrap();
    let mut anonymizer = Anonymizer::new(Mode::Hmac(Rotation::Never), Some(key)).unwrap();
    for unit in [
        "@",
        "a@",
        "a@b.",
        "token=",
        "=",
        "a=",
        "://",
        ":%2F/",
        ":%2F%2F",
        "://a%3A%2F%2F",
        "eyJ",
        "eyJa.",
        "-eyJ",
        "ghp_",
        "bearer ",
        "basic+",
        "bearer=",
        "1",
        "1 ",
        "4111 ",
        "%25",
        "%2525",
        "\\u0025",
        "1.",
        "1:",
        "192.0.2.1 ",
        "2001:db8::1 ",
        "a::",
        "::1",
        "\"a\":",
        "a: ",
        "key: \"",
        ";sid=",
        "[",
        "\\\\",
        "%",
        "\"token\":[",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        let started = Instant::now();
        redactor.text(Name::Known(Field::Target), &text);
        redactor.text(Name::Known(Field::Extra), &text);
        redactor.line(Some(&mut anonymizer), text.as_bytes(), None);
        // A pass takes some 10 ms; what is not linear takes minutes.
        assert!(started.elapsed() < Duration::from_secs(5), "{unit}: {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn redaction_done_twice_changes_nothing(
        parts in prop::collection::vec(prop_oneof![
            "[a-zA-Z0-9@.:/?&=;% \"+-]{0,6}".boxed(),
            prop::sample::select(vec![
                "token=", "%40", "a@b.example", "4111111111111111", "4111 1111 1111 1111", "://", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln",
                "Bearer ", "dXNlcjpwYXNz", ";sid=", "%3D", "\\x3d", "%25", "&", "REDACTED", "\\\"", "é",
            ]).prop_map(str::to_owned).boxed(),
        ], 0..12),
    ) {
        let text = parts.concat();
        let redactor = redactor();
        for field in [Field::Target, Field::Extra, Field::UserAgent] {
            let once = redactor.text(Name::Known(field), &text);
            let twice = redactor.text(Name::Known(field), &once);
            prop_assert_eq!(&twice, &once);
            prop_assert!(matches!(twice, Cow::Borrowed(_)));
        }
    }
}
