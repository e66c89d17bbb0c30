use super::*;
use proptest::prelude::*;

/// Peer, header, the client's text (its address, if it has one), believed entries, suspect, and why.
type Case = (&'static str, &'static str, &'static str, u32, bool, &'static str);

fn trusted(items: &str) -> Trusted {
    Trusted::new([items]).unwrap()
}

fn check(trusted: &Trusted, header: impl Fn(&'static str) -> [Option<&'static str>; 2], cases: &[Case]) {
    for &(peer, text, client, hops, suspect, why) in cases {
        let [forwarded_for, forwarded] = header(text);
        let got = trusted.client(peer, forwarded_for, forwarded);
        assert_eq!((got.text, got.hops, got.suspect), (client, hops, suspect), "{peer} {text}: {why}");
        let bare = client.split('%').next().unwrap();
        let address: Option<IpAddr> = bare.parse().ok();
        assert_eq!(got.address, address.map(|a| a.to_canonical()), "{peer} {text}: {why}");
    }
}

#[test]
fn x_forwarded_for_is_walked_from_the_right_as_far_as_it_is_trusted() {
    // The peers are 10.0.0.0/8; 203.0.113.0/24 is a content network.
    let trusted = trusted("10.0.0.0/8 203.0.113.0/24 2001:db8:cd::/48");
    #[rustfmt::skip]
    let cases: &[Case] = &[
        ("10.0.0.2", "192.0.2.1", "192.0.2.1", 1, false, "one proxy, one client"),
        ("10.0.0.2", "192.0.2.1, 203.0.113.9", "192.0.2.1", 2, false, "nginx: real_ip_recursive on goes past trusted entries"),
        ("10.0.0.2", "192.0.2.7, 192.0.2.1, 203.0.113.9", "192.0.2.1", 2, false, "MDN: the first from the right that is not trusted; the rest is hearsay"),
        ("192.0.2.200", "192.0.2.1", "192.0.2.200", 0, false, "nginx: a peer outside set_real_ip_from is the client itself"),
        ("192.0.2.200", "10.0.0.2", "192.0.2.200", 0, true, "a stranger who claims to speak for one of ours"),
        ("192.0.2.200", "<script>", "192.0.2.200", 0, true, "a stranger who writes what is no address"),
        ("10.0.0.2", "", "10.0.0.2", 0, false, "no header: the peer is the client"),
        ("10.0.0.2", "-", "10.0.0.2", 0, false, "an absent header as logged"),
        ("10.0.0.2", " , ,", "10.0.0.2", 0, false, "RFC 9110 5.6.1: empty elements are none"),
        ("10.0.0.2", ",192.0.2.1,,203.0.113.9, ", "192.0.2.1", 2, false, "empty elements between others"),
        ("10.0.0.2", "203.0.113.7, 203.0.113.8", "203.0.113.7", 2, false, "nginx, Apache: where all are trusted, the leftmost"),
        ("10.0.0.2", "10.0.0.7", "10.0.0.7", 1, false, "a client of one's own network behind a proxy in it"),
        ("10.0.0.2", "10.0.0.7, 203.0.113.8", "10.0.0.7", 2, true, "a private address that came in from a public one"),
        ("203.0.113.9", "192.168.1.5", "192.168.1.5", 1, true, "Apache's RemoteIPTrustedProxy would keep the proxy here; we believe and are wary"),
        ("10.0.0.2", "192.168.1.5, 192.0.2.1", "192.0.2.1", 1, true, "a private address left of the client: forged, or a careless company"),
        ("10.0.0.2", "127.0.0.1, 192.0.2.1", "192.0.2.1", 1, true, "loopback: the classic forgery"),
        ("10.0.0.2", "203.0.113.7, 192.0.2.1", "192.0.2.1", 1, true, "a trusted address left of the client"),
        ("10.0.0.2", "' or 1=1, 192.0.2.1", "192.0.2.1", 1, true, "no address left of the client"),
        ("10.0.0.2", "unknown, 192.0.2.1", "192.0.2.1", 1, false, "squid says unknown when it hides its clients"),
        ("10.0.0.2", "unknown", "unknown", 1, false, "nginx and Apache keep the proxy; the client is not known"),
        ("10.0.0.2", "192.0.2.1, unknown, 203.0.113.9", "unknown", 2, false, "nobody vouches for what stands left of unknown"),
        ("10.0.0.2", "192.0.2.1, example.com", "example.com", 1, true, "a trusted proxy that writes a name"),
        ("10.0.0.2", "192.0.2.1:51234", "192.0.2.1", 1, false, "Azure's gateways write ports"),
        ("10.0.0.2", "192.0.2.1:99999", "192.0.2.1:99999", 1, true, "no port"),
        ("10.0.0.2", "[2001:db8::1]:443", "2001:db8::1", 1, false, "brackets and a port"),
        ("10.0.0.2", "[2001:db8::1]", "2001:db8::1", 1, false, "brackets alone"),
        ("10.0.0.2", "\"2001:db8::1\"", "2001:db8::1", 1, false, "quotes"),
        ("10.0.0.2", "2001:DB8::1", "2001:DB8::1", 1, false, "the text is as written"),
        ("10.0.0.2", "fe80::1%eth0", "fe80::1%eth0", 1, false, "a zone is no part of the address"),
        ("10.0.0.2", "::ffff:192.0.2.1", "::ffff:192.0.2.1", 1, false, "a mapped address is IPv4"),
        ("::ffff:10.0.0.2", "192.0.2.1", "192.0.2.1", 1, false, "also that of the peer"),
        ("10.0.0.2:33000", "192.0.2.1", "192.0.2.1", 1, false, "a peer logged with its port"),
        ("2001:db8:cd::9", "2001:db8::1", "2001:db8::1", 1, false, "IPv6 all the way"),
        ("10.0.0.2", "192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.2", 1, true, "nginx would take the last; only a comma separates here"),
        ("10.0.0.2", "192.0.2.66, 192.0.2.1", "192.0.2.1", 1, false, "two headers, joined with a comma"),
        ("-", "192.0.2.1", "-", 0, false, "no peer known: nobody to believe"),
        ("proxy.example", "192.0.2.1", "proxy.example", 0, false, "a name is not trusted, whoever it is"),
        ("192.0.2.1", "192.0.2.1, 10.0.0.7", "192.0.2.1", 0, false, "nginx's realip put the client in the peer's place: the proxies behind it are no forgery"),
        ("192.0.2.1", "10.9.9.9, 192.0.2.1, 10.0.0.7", "192.0.2.1", 0, true, "but what stands left of it may be"),
        ("unix:", "192.0.2.1", "unix:", 0, false, "a socket is not trusted unless asked"),
    ];
    check(&trusted, |text| [Some(text), None], cases);
}

#[test]
fn forwarded_is_read_as_rfc_7239_has_it() {
    let trusted = trusted("10.0.0.0/8=forwarded 203.0.113.0/24=forwarded");
    #[rustfmt::skip]
    let cases: &[Case] = &[
        ("10.0.0.2", "for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", 1, false, "section 4, example"),
        ("10.0.0.2", "For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17", 1, false, "section 4, example: a quoted address with brackets and port"),
        ("10.0.0.2", "for=192.0.2.43, for=203.0.113.17", "192.0.2.43", 2, false, "section 7.1: a list"),
        ("10.0.0.2", "for=\"_gazonk\"", "_gazonk", 1, false, "section 6.3: an obfuscated identifier"),
        ("10.0.0.2", "for=_hidden, for=_SEVKISEK", "_SEVKISEK", 1, false, "section 7.4: nobody vouches beyond a hidden one"),
        ("10.0.0.2", "for=unknown", "unknown", 1, false, "section 6.2"),
        ("10.0.0.2", "for=\"192.0.2.43:_port\"", "192.0.2.43", 1, false, "section 6: a hidden port"),
        ("10.0.0.2", "proto=https;host=example.com", "", 1, false, "for is optional: the proxy tells of nobody"),
        ("10.0.0.2", "FOR = 192.0.2.1 ; PROTO=https", "192.0.2.1", 1, false, "any case, and blanks that should not be"),
        ("10.0.0.2", "host=\"a,b;for=192.0.2.9\";for=192.0.2.1", "192.0.2.1", 1, false, "commas and semicolons inside quotes are text"),
        ("10.0.0.2", "host=\"a\\\",for=192.0.2.9\";for=192.0.2.1", "192.0.2.1", 1, false, "an escaped quote does not end the text"),
        ("10.0.0.2", "for=\"evil, for=192.0.2.1", "192.0.2.1", 1, true, "a quote without its pair does not reach over the comma"),
        ("10.0.0.2", "for=\"evil, for=\"[2001:db8::1]\"", "2001:db8::1", 1, true, "nor where the next entry is quoted"),
        ("10.0.0.2", "for=192.0.2.1;for=192.0.2.2", "for=192.0.2.1;for=192.0.2.2", 1, true, "section 4: each parameter once"),
        ("10.0.0.2", "192.0.2.1", "192.0.2.1", 1, true, "no parameter"),
        ("10.0.0.2", "for=\"192.0.2.1, 192.0.2.2\"", "192.0.2.1, 192.0.2.2", 1, true, "two addresses in one"),
        ("10.0.0.2", "for=10.1.1.1, for=192.0.2.1", "192.0.2.1", 1, true, "hearsay of a private address"),
        ("192.0.2.200", "for=10.1.1.1", "192.0.2.200", 0, true, "a stranger's claim"),
    ];
    // Unreadable elements have no address, whatever their text looks like.
    let (bare, cases): (Vec<Case>, Vec<Case>) = cases.iter().partition(|case| case.5 == "no parameter");
    check(&trusted, |text| [None, Some(text)], &cases);
    for case in bare {
        let client = trusted.client(case.0, None, Some(case.1));
        assert_eq!((client.address, client.text, client.suspect), (None, case.2, case.4));
    }
}

#[test]
fn the_header_named_with_the_peer_counts_and_two_that_differ_are_suspect() {
    let both = (Some("192.0.2.1"), Some("for=192.0.2.2"));
    for (items, client, suspect) in [
        ("10.0.0.0/8", "192.0.2.1", true),
        ("10.0.0.0/8=x-forwarded-for", "192.0.2.1", false),
        ("10.0.0.0/8=Forwarded", "192.0.2.2", false),
        ("10.0.0.0/8=x-forwarded-for,10.0.0.2=forwarded", "192.0.2.2", false),
    ] {
        let client_of = trusted(items).client("10.0.0.2", both.0, both.1).text.to_owned();
        assert_eq!(client_of, client, "{items}");
        assert_eq!(trusted(items).client("10.0.0.2", both.0, both.1).suspect, suspect, "{items}");
    }
    let any = trusted("10.0.0.0/8");
    assert!(!any.client("10.0.0.2", Some("192.0.2.1"), Some("for=192.0.2.1")).suspect);
    assert_eq!(any.client("10.0.0.2", Some("-"), Some("for=192.0.2.2")).text, "192.0.2.2");
    let named = trusted("10.0.0.0/8=forwarded");
    assert_eq!(
        named.client("10.0.0.2", Some("192.0.2.1"), None).text,
        "10.0.0.2",
        "the other header is not read"
    );
}

#[test]
fn a_peer_behind_a_unix_socket_is_trusted_when_asked() {
    for items in ["unix", "unix:", "UNIX=x-forwarded-for"] {
        let client = trusted(items).client("unix:", Some("192.0.2.1"), None);
        assert_eq!((client.text, client.hops, client.suspect), ("192.0.2.1", 1, false), "{items}");
    }
}

#[test]
fn names_stand_for_the_published_ranges() {
    let trusted = trusted("private,cloudflare");
    let client = trusted.client("192.168.0.9", Some("8.8.8.8, 172.68.1.1, 10.1.2.3"), None);
    assert_eq!((client.text, client.hops), ("8.8.8.8", 3));
    for (name, inside, outside) in [
        ("private", "100.64.0.1", "8.8.8.8"),
        ("cloudflare", "2606:4700::1", "151.101.1.1"),
        ("fastly", "151.101.1.1", "104.16.0.1"),
        ("cloudfront", "15.158.27.206", "151.101.1.1"),
        ("google-lb", "35.191.255.1", "35.192.0.1"),
        ("imperva", "45.60.1.1", "45.61.0.1"),
        ("Sucuri", "192.88.135.1", "192.88.136.1"),
    ] {
        let trusted = Trusted::new([name]).unwrap();
        assert!(trusted.contains(inside.parse().unwrap()), "{name} has {inside}");
        assert!(!trusted.contains(outside.parse().unwrap()), "{name} has not {outside}");
    }
}

#[test]
fn no_two_names_inside_the_program_share_an_address() {
    let ranges = Ranges::embedded();
    let all: Vec<_> =
        ranges.names().flat_map(|name| ranges.get(name).unwrap().iter().map(move |r| (name, *r))).collect();
    assert!(all.len() > 250, "{} ranges", all.len());
    assert!(include_str!("../../data/proxy-ranges.txt").contains(Ranges::as_of()));
    for (name, range) in &all {
        let (first, last): (IpAddr, IpAddr) = match range {
            crate::cidr::Range::V4(a, b) => (IpAddr::V4((*a).into()), IpAddr::V4((*b).into())),
            crate::cidr::Range::V6(a, b) => (IpAddr::V6((*a).into()), IpAddr::V6((*b).into())),
        };
        let others = all
            .iter()
            .filter(|(other, range)| other != name && (range.contains(first) || range.contains(last)));
        assert_eq!(others.count(), 0, "{name} {first}-{last}");
    }
}

#[test]
fn a_file_of_ranges_adds_names_and_replaces_those_it_has() {
    let mut ranges = Ranges::embedded();
    ranges.add("# our own\nour-lb 192.0.2.0/28 # two of them\nour-lb\t2001:db8::1-2001:db8::9\n\ncloudflare 198.51.100.0/24\n").unwrap();
    let trusted = Trusted::with_ranges(["our-lb", "cloudflare", "fastly"], &ranges).unwrap();
    for (address, is) in [
        ("192.0.2.3", true),
        ("2001:db8::5", true),
        ("198.51.100.1", true),
        ("104.16.0.1", false),
        ("151.101.0.1", true),
    ] {
        assert_eq!(trusted.contains(address.parse().unwrap()), is, "{address}");
    }
    for (file, error) in [
        ("ok 192.0.2.1\nlb", "line 2, column 3: expected a range"),
        ("lb 192.0.2.0/40", "line 1, column 4: expected a prefix length from 0 to 32"),
        ("  10.0.0.0/8 lb", "line 1, column 3: expected a name"),
    ] {
        let told = ranges.add(file).unwrap_err().to_string();
        assert!(told.starts_with(error), "{told}");
    }
    assert!(ranges.get("ok").is_none(), "nothing of a bad file is added");
}

#[test]
fn what_cannot_be_trusted_is_told_with_what_was_expected() {
    for (item, told) in [
        ("10.0.0.0/40", "\"10.0.0.0/40\": expected a prefix length from 0 to 32"),
        ("10.0.0", "\"10.0.0\": expected an address, a network"),
        (
            "cloudflair",
            "\"cloudflair\": expected an address, a network as 192.0.2.0/24, unix, or one of cloudflare, cloudfront, fastly,",
        ),
        ("10.0.0.0/8=x-real-ip", "expected x-forwarded-for or forwarded behind the ="),
    ] {
        let error = Trusted::new([item]).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(Trusted::new(["", " , "]).unwrap().is_empty());
}

#[test]
fn long_lists_are_walked_only_as_far_as_needed() {
    let trusted = trusted("10.0.0.0/8");
    let proxies = "10.0.0.1, ".repeat(1000);
    let client = trusted.client("10.0.0.2", Some(&proxies), None);
    assert_eq!((client.address, client.hops, client.suspect), (None, 32, true), "nobody has so many proxies");
    let hearsay = "192.0.2.9, ".repeat(1000) + "192.0.2.1";
    let client = trusted.client("10.0.0.2", Some(&hearsay), None);
    assert_eq!((client.text, client.hops, client.suspect), ("192.0.2.1", 1, true));
    let quotes = "\"\\".repeat(50_000);
    let client = trusted.client("10.0.0.2", None, Some(&quotes));
    assert_eq!((client.address, client.suspect), (None, true));
}

fn entry() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u8>().prop_map(|n| format!("10.0.0.{n}")),
        any::<u8>().prop_map(|n| format!("192.0.2.{n}")),
        any::<u16>().prop_map(|n| format!("[2001:db8::{n:x}]:80")),
        Just("unknown".to_owned()),
        "[ -~]{0,12}",
    ]
}

proptest! {
    #[test]
    fn a_trusted_address_is_the_client_only_if_all_are_trusted(
        peer in entry(), list in prop::collection::vec(entry(), 0..6)
    ) {
        let trusted = trusted("10.0.0.0/8");
        let header = list.join(", ");
        let client = trusted.client(&peer, Some(&header), None);
        if client.address.is_some_and(|address| trusted.contains(address)) {
            let parts: Vec<_> = header.split(',').filter(|part| !part.trim_ascii().is_empty()).collect();
            let all = parts.iter().all(|part| matches!(node::read(part), Node::Address(a, _) if trusted.contains(a)));
            prop_assert!(all || header.trim() == "-", "{peer} | {header}");
        }
    }

    #[test]
    fn what_a_client_writes_on_the_left_never_changes_the_answer(
        forged in "[ -~é]{0,60}", list in prop::collection::vec(entry(), 0..3)
    ) {
        let trusted = trusted("10.0.0.0/8");
        let told: Vec<String> = ["192.0.2.1".to_owned()].into_iter().chain(list.into_iter().filter(|e| e.starts_with("10."))).collect();
        let honest = trusted.client("10.0.0.2", Some("192.0.2.1"), None);
        let header = format!("{forged}, {}", told.join(", "));
        let client = trusted.client("10.0.0.2", Some(&header), None);
        prop_assert_eq!(client.address, honest.address, "{}", header);

        let elements: Vec<String> = told.iter().map(|entry| format!("for=\"{entry}\";proto=https")).collect();
        let header = format!("{forged}, {}", elements.join(", "));
        let client = trusted.client("10.0.0.2", None, Some(&header));
        prop_assert_eq!(client.address, honest.address, "{}", header);
    }

    #[test]
    fn any_header_has_an_answer(peer in "\\PC{0,20}", a in "\\PC{0,80}", b in "[-a-z0-9\",;=\\\\\\[\\]:. ]{0,80}") {
        let trusted = trusted("private 192.0.2.0/24");
        for peer in [peer.as_str(), "10.0.0.1"] {
            trusted.client(peer, Some(&a), Some(&b));
            trusted.client(peer, Some(&b), Some(&a));
        }
    }
}

#[test]
#[ignore = "a measurement: cargo test --release -p weblog-enrich proxies::tests::speed -- --ignored --nocapture"]
fn speed() {
    let trusted = trusted("private cloudflare cloudfront fastly");
    let lists: Vec<String> =
        (0..4096).map(|n| format!("203.0.113.{}, 104.16.{}.7", n % 256, n / 256)).collect();
    let elements: Vec<String> = (0..4096)
        .map(|n| format!("for=203.0.113.{};proto=https, for=\"104.16.{}.7\"", n % 256, n / 256))
        .collect();
    for (name, lists, first) in [("X-Forwarded-For", &lists, true), ("Forwarded", &elements, false)] {
        let start = std::time::Instant::now();
        let mut hops = 0;
        for _ in 0..100 {
            for list in lists {
                let list = std::hint::black_box(list.as_str());
                let (a, b) = if first { (Some(list), None) } else { (None, Some(list)) };
                hops += u64::from(trusted.client("10.0.0.1", a, b).hops);
            }
        }
        assert_eq!(hops, 2 * 409_600);
        println!("{name}, two entries: {:.0} ns", start.elapsed().as_nanos() as f64 / 409_600.0);
    }
}
