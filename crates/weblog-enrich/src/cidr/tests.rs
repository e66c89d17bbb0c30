use super::*;
use proptest::prelude::*;

#[test]
fn addresses_networks_netmasks_and_ranges_are_read() {
    let v4 = |a: [u8; 4], b: [u8; 4]| Range::V4(u32::from_be_bytes(a), u32::from_be_bytes(b));
    for (text, range) in [
        ("192.0.2.1", v4([192, 0, 2, 1], [192, 0, 2, 1])),
        ("192.0.2.0/24", v4([192, 0, 2, 0], [192, 0, 2, 255])),
        ("192.0.2.77/24", v4([192, 0, 2, 0], [192, 0, 2, 255])),
        ("192.0.2.0/255.255.255.128", v4([192, 0, 2, 0], [192, 0, 2, 127])),
        ("0.0.0.0/0", v4([0; 4], [255; 4])),
        ("0.0.0.0/0.0.0.0", v4([0; 4], [255; 4])),
        ("192.0.2.1/32", v4([192, 0, 2, 1], [192, 0, 2, 1])),
        (" 192.0.2.1 - 192.0.2.9 ", v4([192, 0, 2, 1], [192, 0, 2, 9])),
        ("::ffff:192.0.2.0/120", v4([192, 0, 2, 0], [192, 0, 2, 255])),
        ("::ffff:192.0.2.1", v4([192, 0, 2, 1], [192, 0, 2, 1])),
        ("::/0", Range::V6(0, u128::MAX)),
        ("2001:db8::/32", Range::V6(0x2001_0db8 << 96, (0x2001_0db9 << 96) - 1)),
        ("::1-::3", Range::V6(1, 3)),
    ] {
        assert_eq!(Range::parse(text), Ok(range), "{text}");
    }
}

#[test]
fn what_is_no_range_is_told_by_what_was_expected() {
    for (text, expected) in [
        ("", "an address"),
        ("example.com", "an address"),
        ("192.0.2", "an address"),
        ("192.0.2.0/33", "0 to 32"),
        ("192.0.2.0/", "0 to 32"),
        ("192.0.2.0/+8", "0 to 32"),
        ("192.0.2.0/255.0.255.0", "ones and then zeros"),
        ("2001:db8::/129", "0 to 128"),
        ("fe80::1%eth0/64", "an address"),
        ("192.0.2.9-192.0.2.1", "not above its last"),
        ("192.0.2.9-::1", "both IPv4 or both IPv6"),
    ] {
        let error = Range::parse(text).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_network_of_all_ipv6_holds_no_ipv4() {
    let map = Map::new([(Range::parse("::/0").unwrap(), 0)]);
    assert_eq!(map.find("2001:db8::1".parse().unwrap()), Some(0));
    assert_eq!(map.find("192.0.2.1".parse().unwrap()), None);
    assert_eq!(map.find("::ffff:192.0.2.1".parse().unwrap()), None);
}

fn naive(ranges: &[(u32, u32)], at: u32) -> Option<u32> {
    let around = ranges.iter().enumerate().filter(|(_, (first, last))| (*first..=*last).contains(&at));
    around.min_by_key(|(number, (first, last))| (last - first, *number)).map(|(number, _)| number as u32)
}

proptest! {
    #[test]
    fn the_narrowest_range_is_found_as_a_search_through_all_finds_it(
        ends in prop::collection::vec((0u32..60, 0u32..60), 0..25), base in 0usize..3
    ) {
        // Small numbers overlap often; the high end has no address behind it, and in the middle the first octet changes.
        let base = [0, (10 << 24) - 30, u32::MAX - 59][base];
        let ranges: Vec<_> = ends.iter().map(|(a, b)| (base + a.min(b), base + a.max(b))).collect();
        let map = Map::new(ranges.iter().zip(0..).map(|((first, last), number)| (Range::V4(*first, *last), number)));
        let wide = u128::MAX - u128::from(u32::MAX);
        let map6 = Map::new(ranges.iter().zip(0..).map(|((first, last), number)| {
            (Range::V6(wide + u128::from(*first), wide + u128::from(*last)), number)
        }));
        for at in base..=base + 59 {
            prop_assert_eq!(map.find(IpAddr::V4(at.into())), naive(&ranges, at));
            prop_assert_eq!(map6.find(IpAddr::V6((wide + u128::from(at)).into())), naive(&ranges, at));
        }
    }

    #[test]
    fn a_network_holds_exactly_what_shares_its_prefix(address: u32, length in 0u32..=32, other: u32) {
        let text = format!("{}/{length}", std::net::Ipv4Addr::from(address));
        let range = Range::parse(&text).unwrap();
        let same = length == 0 || address >> (32 - length) == other >> (32 - length);
        prop_assert_eq!(range.contains(IpAddr::V4(other.into())), same);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9a-f:./ ]{0,40}") {
        let _ = Range::parse(&text);
    }
}
