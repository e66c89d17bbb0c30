use super::*;

fn at(text: &str) -> Option<&'static str> {
    country(text.parse().unwrap())
}

// Nothing but public facts that do not move: the networks of national research institutions.
#[test]
fn well_known_networks_have_their_country() {
    assert_eq!(at("18.0.0.1"), Some("US"));
    assert_eq!(at("193.0.6.139"), Some("NL"), "RIPE NCC in Amsterdam");
    assert_eq!(at("130.133.1.1"), Some("DE"), "Freie Universität Berlin");
    assert_eq!(at("133.11.0.1"), Some("JP"), "University of Tokyo");
    assert_eq!(at("2001:67c:2e8:22::c100:68b"), Some("NL"), "RIPE NCC in Amsterdam");
    assert_eq!(at("::ffff:133.11.0.1"), Some("JP"), "a mapped address is an IPv4 address");
}

#[test]
fn addresses_that_are_not_on_the_internet_have_none() {
    for text in ["0.0.0.0", "10.0.0.1", "127.0.0.1", "192.0.2.1", "255.255.255.255", "::", "::1", "fe80::1"] {
        assert_eq!(at(text), None, "{text}");
    }
    assert_eq!(at("2001:db8::1"), None);
    assert_eq!(at("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), None);
}

#[test]
fn the_first_line_tells_the_truth_about_the_table() {
    let about = about();
    assert_eq!(about.date.len(), "2026-06-17".len());
    assert_eq!(ipv4().starts.len(), about.ipv4_ranges);
    assert_eq!(ipv4().numbers.len(), about.ipv4_ranges);
    assert_eq!(ipv6().starts.len(), about.ipv6_ranges);
    assert_eq!(ipv6().numbers.len(), about.ipv6_ranges);
    let used = ipv4().numbers.iter().chain(&ipv6().numbers).max().copied().map(usize::from);
    assert_eq!(used, Some(about.countries));
}

#[test]
fn the_ranges_ascend_and_neighbours_differ() {
    fn check<A: Ord + Copy>(ranges: &Ranges<A>) {
        assert!(ranges.starts.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ranges.numbers.windows(2).all(|pair| pair[0] != pair[1]));
    }
    check(ipv4());
    check(ipv6());
}

#[test]
fn every_code_is_two_capital_letters() {
    let codes = head().codes.as_bytes();
    assert_eq!(&codes[..2], b"--");
    assert!(codes[2..].iter().all(u8::is_ascii_uppercase));
}
