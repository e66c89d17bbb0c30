use super::*;
use proptest::prelude::*;

const DAY: i64 = 86_400_000_000;

fn key(text: &str) -> Option<Key> {
    Some(Key::from_bytes(text.as_bytes()).unwrap())
}

fn anonymizer(mode: Mode) -> Anonymizer {
    Anonymizer::new(mode, key("a key for tests, no secret")).unwrap()
}

fn made(mode: Mode, logged: &str) -> Option<String> {
    anonymizer(mode).address(logged, Some(0)).map(Cow::into_owned)
}

/// The key of the sample that comes with Crypto-PAn.
const SAMPLE_KEY: [u8; 32] = [
    21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101,
    39, 98, 87, 76, 45, 42, 132, 34, 2,
];

#[test]
fn prefix_mode_gives_the_published_results_of_crypto_pan() {
    let key = Key::from_bytes(&SAMPLE_KEY).unwrap();
    let mut anonymizer = Anonymizer::new(Mode::Prefix, Some(key)).unwrap();
    for (original, published) in [
        ("128.11.68.132", "135.242.180.132"),
        ("129.118.74.4", "134.136.186.123"),
        ("130.132.252.244", "133.68.164.234"),
        ("141.223.7.43", "141.167.8.160"),
        ("192.102.249.13", "252.138.62.131"),
        ("205.245.121.43", "242.21.121.163"),
        ("24.0.250.221", "100.15.198.226"),
        ("4.3.88.225", "124.60.155.63"),
        ("64.14.118.196", "0.255.183.58"),
        ("10.185.25.118", "117.161.29.118"),
        // IPv6 as the other programs have it that read it at all.
        ("::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"),
        ("::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"),
        ("2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"),
        ("2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"),
    ] {
        assert_eq!(anonymizer.address(original, None).as_deref(), Some(published), "{original}");
    }
}

#[test]
fn truncation_leaves_the_network_alone_of_every_way_to_log_an_address() {
    for (logged, left) in [
        ("192.0.2.17", Some("192.0.2.0")),
        ("192.0.2.17:5678", Some("192.0.2.0")),
        ("2001:db8:1:2::3", Some("2001:db8:1::")),
        ("[2001:DB8:1:2::3]:443", Some("2001:db8:1::")),
        ("fe80::1%eth0", Some("fe80::")),
        ("::ffff:192.0.2.17", Some("192.0.2.0")),
        // 6to4 has the whole IPv4 address of the client in its first 48 bits.
        ("2002:c000:211::1", Some("2002:c000:200::")),
        ("192.0.2.17, 198.51.100.7", Some("192.0.2.0, 198.51.100.0")),
        ("192.0.2.17,unknown,_hidden, 300.1.2.3", Some("192.0.2.0, unknown")),
        (
            "for=192.0.2.17;proto=https;by=\"[2001:db8:1:2::3]:80\";host=a.example",
            Some("for=192.0.2.0;proto=https;by=\"[2001:db8:1::]\""),
        ),
        ("For=\"[2001:db8:1:2::3]\", for=192.0.2.17", Some("For=\"[2001:db8:1::]\", for=192.0.2.0")),
        ("-", Some("-")),
        ("", Some("")),
        ("ppp-12.example.net", None),
        ("192%2E0%2E2%2E17", None),
        ("192.0.2.17/24", None),
        ("192.0.2.17 198.51.100.7", None),
        (",", None),
        ("for=;;=,", None),
    ] {
        assert_eq!(made(Mode::Truncate, logged).as_deref(), left, "{logged}");
    }
}

#[test]
fn a_pseudonym_has_sixteen_hexadecimal_digits_and_is_the_same_for_every_spelling() {
    let mode = Mode::Hmac(Rotation::Never);
    let one = made(mode, "192.0.2.17").unwrap();
    assert!(is_pseudonym(&one), "{one}");
    assert_eq!(made(mode, "::ffff:192.0.2.17").as_ref(), Some(&one));
    assert_eq!(made(mode, "192.0.2.17:80").as_ref(), Some(&one));
    assert_eq!(made(mode, &one).as_ref(), Some(&one), "it is not hashed again");
    assert_ne!(made(mode, "192.0.2.18").as_ref(), Some(&one));
    let name = made(mode, "PPP-12.example.net").unwrap();
    assert_eq!(made(mode, "ppp-12.EXAMPLE.net."), Some(name));
    assert_eq!(made(mode, "no name at all"), None);
}

#[test]
fn a_rotating_key_lasts_a_day_or_a_week_and_needs_the_time() {
    let logged = "192.0.2.17";
    let mut daily = anonymizer(Mode::Hmac(Rotation::Daily));
    let at = |daily: &mut Anonymizer, micros| daily.address(logged, Some(micros)).unwrap().into_owned();
    assert_eq!(at(&mut daily, 0), at(&mut daily, DAY - 1));
    assert_ne!(at(&mut daily, 0), at(&mut daily, DAY));
    assert_ne!(at(&mut daily, 0), at(&mut daily, -1));
    assert_eq!(daily.address(logged, None), None);
    assert_eq!(daily.period(Some(DAY)), Some(1));
    // 2024-01-01 was a Monday.
    let monday = 19_723 * DAY;
    let mut weekly = anonymizer(Mode::Hmac(Rotation::Weekly));
    assert_eq!(at(&mut weekly, monday), at(&mut weekly, monday + 7 * DAY - 1));
    assert_ne!(at(&mut weekly, monday), at(&mut weekly, monday - 1));
    assert_ne!(at(&mut weekly, monday), at(&mut daily, monday));
}

#[test]
fn other_keys_give_other_pseudonyms() {
    let mode = Mode::Hmac(Rotation::Never);
    let mut one = Anonymizer::new(mode, key("0123456789abcdef")).unwrap();
    let mut same = Anonymizer::new(mode, key("0123456789abcdef\n")).unwrap();
    let mut other = Anonymizer::new(mode, Some(Key::random().unwrap())).unwrap();
    assert_eq!(one.address("192.0.2.1", None), same.address("192.0.2.1", None));
    assert_ne!(one.address("192.0.2.1", None), other.address("192.0.2.1", None));
}

#[test]
fn a_mode_without_its_key_and_a_short_key_are_errors_that_say_so() {
    assert_eq!(Anonymizer::new(Mode::Prefix, None).unwrap_err(), KeyError::Missing);
    assert_eq!(Anonymizer::new(Mode::Hmac(Rotation::Daily), None).unwrap_err(), KeyError::Missing);
    let error = Key::from_bytes(b"fifteen bytes..\n").unwrap_err();
    assert_eq!(error.to_string(), "the key has 15 bytes and must have at least 16, random ones");
    assert!(!format!("{:?}", key("0123456789abcdef")).contains("0123"));
    assert!(!format!("{:?}", anonymizer(Mode::Prefix)).contains("key for"));
}

#[test]
fn nothing_is_left_of_what_is_dropped() {
    assert_eq!(made(Mode::Drop, "192.0.2.1"), None);
    assert_eq!(made(Mode::Drop, "host.example.net"), None);
}

#[test]
fn usual_names_of_fields_with_addresses_are_known() {
    for name in [
        "remote_addr",
        "client_addr",
        "forwarded_for",
        "http_x_forwarded_for",
        "X-Forwarded-For",
        "http_x_real_ip",
        "true_client_ip",
        "CF-Connecting-IP",
        "forwarded",
        "proxy_protocol_addr",
        "realip_remote_addr",
        "c-ip",
        "request.remote_ip",
        "ClientHost",
        "request_X-Real-Ip",
        "client:ip",
    ] {
        assert!(holds_addresses(name), "{name}");
    }
    for name in ["server_addr", "upstream_addr", "remote_port", "client_version", "s-ip", ""] {
        assert!(!holds_addresses(name), "{name}");
    }
    assert!(HOLDERS.is_sorted());
}

#[test]
fn addresses_anywhere_in_a_text_are_replaced() {
    for (text, left) in [
        ("from 192.0.2.17.", "from 192.0.2.0."),
        ("ip=192.0.2.17&x=1", "ip=192.0.2.0&x=1"),
        ("u=%2Fa%3Fip%3D192%2e0%2E2%2E17%26b", "u=%2Fa%3Fip%3D192.0.2.0%26b"),
        ("[2001:DB8:1:2::3]:443", "[2001:db8:1::]:443"),
        ("ip=2001%3Adb8%3A1%3A2%3A%3A3", "ip=2001:db8:1::"),
        ("ip=2001%253Adb8%253A1%253A2%253A%253A3;", "ip=2001:db8:1::;"),
        ("192.000.002.017", "192.0.2.0"),
        ("1.192.0.2.17", "REDACTED"),
        ("at 10:27:10.123, std::fs::read, a::b", "at 10:27:10.123, std::fs::read, a::b"),
        ("Chrome/120.0.0.0 Edg/120.0.2210.91", "Chrome/120.0.0.0 Edg/120.0.2210.91"),
        ("v1.2.3", "v1.2.3"),
        ("x2001:db8:1:2::3", "xREDACTED"),
        ("2001:db8:1:2::3:4:5:6:7:8", "REDACTED"),
    ] {
        assert_eq!(anonymizer(Mode::Truncate).text(text, None), left, "{text}");
    }
    assert_eq!(anonymizer(Mode::Drop).text("a 192.0.2.1 b", None), "a REDACTED b");
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from)]
}

/// Bits that two addresses of one kind have in common in front.
fn common(one: IpAddr, other: IpAddr) -> Option<u32> {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => Some((one.to_bits() ^ other.to_bits()).leading_zeros()),
        (IpAddr::V6(one), IpAddr::V6(other)) => Some((one.to_bits() ^ other.to_bits()).leading_zeros()),
        _ => None,
    }
}

fn flipped(address: IpAddr, bit: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() ^ 1 << (bit % 32))),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() ^ 1 << (bit % 128))),
    }
}

proptest! {
    #[test]
    fn prefix_mode_keeps_common_prefixes_exactly(one in address(), bit: u8, second in address()) {
        let prefixes = CryptoPan::new(&SAMPLE_KEY);
        for other in [flipped(one, bit), second] {
            prop_assert_eq!(common(one, other), common(prefixes.encrypt(one), prefixes.encrypt(other)));
        }
    }

    #[test]
    fn truncation_done_twice_changes_nothing(logged in "[-a-f0-9:.,;= \\[\\]%\"]{0,40}", one in address()) {
        for text in [logged, one.to_string()] {
            let mut anonymizer = anonymizer(Mode::Truncate);
            if let Some(once) = anonymizer.address(&text, None) {
                let twice = anonymizer.address(&once, None);
                prop_assert_eq!(twice.as_deref(), Some(&*once));
            }
        }
    }

    #[test]
    fn a_pseudonym_is_stable_within_its_period_and_differs_between(one in address(), day in -40_000i64..40_000, a in 0..DAY, b in 0..DAY) {
        let mut anonymizer = anonymizer(Mode::Hmac(Rotation::Daily));
        let text = one.to_string();
        let mut at = |time| anonymizer.address(&text, Some(time)).unwrap().into_owned();
        prop_assert_eq!(at(day * DAY + a), at(day * DAY + b));
        prop_assert_ne!(at(day * DAY + a), at((day + 1) * DAY + b));
    }

    #[test]
    fn no_text_makes_it_panic(logged in "\\PC{0,60}", time: Option<i64>) {
        for mode in [Mode::Truncate, Mode::Prefix, Mode::Drop, Mode::Hmac(Rotation::Weekly)] {
            let mut anonymizer = anonymizer(mode);
            anonymizer.address(&logged, time);
            anonymizer.text(&logged, time);
        }
    }
}
