use super::*;
use proptest::prelude::*;

fn parsed(text: &str) -> Option<String> {
    parse(text.as_bytes()).map(|address| address.to_string())
}

#[test]
fn every_usual_way_to_log_an_address_is_understood() {
    for (logged, address) in [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:5678", "192.0.2.1"),
        ("192.0.2.1, 198.51.100.7", "192.0.2.1"),
        ("192.0.2.1,198.51.100.7", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]:443, 192.0.2.1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:c000:201]:80", "192.0.2.1"),
    ] {
        assert_eq!(parsed(logged).as_deref(), Some(address), "{logged}");
    }
}

#[test]
fn what_is_no_address_gives_none() {
    for logged in [
        "",
        "-",
        ",",
        "-, 192.0.2.1",
        "unknown",
        "unix:",
        "unix:/run/app.sock",
        "localhost",
        "cafe.example",
        "a.example:80",
        "192.0.2",
        "192.0.2.1.5",
        "192.0.2.256",
        "192.0.2.1:",
        "192.0.2.1:http",
        "192.0.2.1:+80",
        "192.0.2.1:70000",
        "192.0.2.1/24",
        "[::1",
        "[::1]443",
        "[]:80",
        "fe80::1%",
        "2001:db8::1::2",
        "12345",
    ] {
        assert_eq!(parsed(logged), None, "{logged}");
    }
    assert_eq!(parse(b"192.0.2.\xff"), None);
}

#[test]
fn private_and_reserved_addresses_are_not_public() {
    for text in [
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
    ] {
        assert!(!is_public(text.parse().unwrap()), "{text}");
    }
    for text in
        ["1.1.1.1", "100.63.0.1", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1"]
    {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
    for text in ["2606:4700::1111", "2a00::1", "3fff:1000::1", "::ffff:1.1.1.1"] {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
}

proptest! {
    #[test]
    fn any_address_comes_back_with_and_without_a_port(bits: u128, short: u32, port: u16) {
        let six = Ipv6Addr::from_bits(bits);
        let four = Ipv4Addr::from_bits(short);
        prop_assert_eq!(parse(six.to_string().as_bytes()), Some(six.to_canonical()));
        prop_assert_eq!(parse(format!("[{six}]:{port}").as_bytes()), Some(six.to_canonical()));
        prop_assert_eq!(parse(four.to_string().as_bytes()), Some(IpAddr::V4(four)));
        prop_assert_eq!(parse(format!("{four}:{port}").as_bytes()), Some(IpAddr::V4(four)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        parse(&bytes);
    }
}
