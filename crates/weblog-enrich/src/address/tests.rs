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

#[test]
fn a_special_address_is_named_by_its_purpose() {
    for (text, purpose) in [
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "reserved"),
        ("10.255.255.255", "private"),
        ("172.31.0.1", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.0", "cgnat"),
        ("127.9.9.9", "loopback"),
        ("169.254.0.1", "link_local"),
        ("192.0.0.8", "reserved"),
        ("192.0.0.170", "reserved"),
        ("192.0.2.255", "documentation"),
        ("198.51.100.0", "documentation"),
        ("203.0.113.0", "documentation"),
        ("198.19.0.1", "benchmarking"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.254", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::2", "reserved"),
        ("64:ff9b:1::1", "translated"),
        ("100::1", "reserved"),
        ("2001:2::1", "benchmarking"),
        ("2001:10::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("3fff:fff::1", "documentation"),
        ("4000::1", "reserved"),
        ("5f00::1", "reserved"),
        ("fc00::1", "private"),
        ("fdff::1", "private"),
        ("fe80::1", "link_local"),
        ("febf::1", "link_local"),
        ("fec0::1", "reserved"),
        ("ff02::1", "multicast"),
    ] {
        assert_eq!(kind(text.parse().unwrap()), Some(purpose), "{text}");
    }
    for text in ["192.0.0.9", "192.0.0.10", "223.255.255.255", "2001:1::1", "2001:3::1", "2001:4:112::1"] {
        assert_eq!(kind(text.parse().unwrap()), None, "{text}");
    }
    for text in ["2001:20::1", "2001:3f:ffff::1", "2001:200::1", "2620:4f:8000::1", "3fff:1000::1"] {
        assert_eq!(kind(text.parse().unwrap()), None, "{text}");
    }
}

#[test]
fn an_address_that_carries_an_ipv4_address_is_what_that_one_is() {
    let inside = |text: &str| embedded(text.parse().unwrap()).to_string();
    assert_eq!(inside("::ffff:192.0.2.33"), "192.0.2.33");
    assert_eq!(inside("64:ff9b::192.0.2.33"), "192.0.2.33");
    assert_eq!(inside("2002:c000:221:7::1"), "192.0.2.33");
    assert_eq!(
        inside("2001:0:cb00:7101:8000:63bf:3fff:fdde"),
        "192.0.2.33",
        "the client's, not the server's"
    );
    assert_eq!(
        inside("64:ff9b:1::192.0.2.33"),
        "64:ff9b:1::c000:221",
        "where it stands is up to the network"
    );
    assert_eq!(inside("2001:db8::1"), "2001:db8::1");
    assert_eq!(kind("64:ff9b::10.0.0.1".parse().unwrap()), Some("private"));
    assert_eq!(kind("64:ff9b::1.1.1.1".parse().unwrap()), None);
    assert_eq!(kind("2002:7f00:1::1".parse().unwrap()), Some("loopback"));
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
    fn an_address_inside_is_never_one_with_another_inside(bits: u128) {
        let inside = embedded(IpAddr::V6(Ipv6Addr::from_bits(bits)));
        prop_assert_eq!(embedded(inside), inside);
        prop_assert_eq!(kind(IpAddr::V6(Ipv6Addr::from_bits(bits))), kind(inside));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        parse(&bytes);
    }
}
