use super::*;
use crate::agent;
use proptest::prelude::*;
use std::{
    collections::HashSet,
    fs,
    net::IpAddr,
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

mod name_server;

const FILE: &str = "\
# made up
date 2026-11-21

operator Example
source example.com/bots
bots ExampleBot, Example News
ranges all 8.8.8.0/24 8.8.9.0/24 2600::/32
hosts all bots.example.com

operator Sample
bots SampleBot
ranges 9.9.9.9
asns all own 64500

operator Cloudy
bots CloudyBot
asns all 64501 64502

operator Vague
bots VagueBot
hosts vague.example.com
";

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A file of this content that is gone when the test ends.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, content: &str) -> Temporary {
        let path = std::env::temp_dir().join(format!("weblog-verify-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Temporary(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn sample(name: &str) -> Ranges {
    Ranges::open(&Temporary::new(name, FILE).0).unwrap()
}

#[test]
fn an_address_in_complete_networks_is_verified_and_one_outside_is_an_impostors() {
    let ranges = sample("complete");
    for (from, expected) in [
        ("8.8.8.0", Verdict::Verified),
        ("8.8.9.255", Verdict::Verified),
        ("8.8.7.255", Verdict::Impostor),
        ("8.8.10.0", Verdict::Impostor),
        ("::ffff:8.8.8.8", Verdict::Verified),
        ("2600::1", Verdict::Verified),
        ("2600:1::1", Verdict::Impostor),
    ] {
        assert_eq!(ranges.verdict("ExampleBot", address(from), None), Some(expected), "{from}");
        assert_eq!(ranges.verdict("Example News", address(from), Some(64500)), Some(expected), "{from}");
    }
}

#[test]
fn an_operators_own_system_verifies_and_one_with_customers_only_excludes() {
    let ranges = sample("asns");
    let verdict = |bot, asn| ranges.verdict(bot, address("1.1.1.1"), asn).unwrap();
    assert_eq!(verdict("SampleBot", Some(64500)), Verdict::Verified);
    assert_eq!(verdict("SampleBot", Some(1)), Verdict::Impostor);
    assert_eq!(verdict("SampleBot", None), Verdict::Claimed);
    assert_eq!(ranges.verdict("SampleBot", address("9.9.9.9"), Some(1)), Some(Verdict::Verified));
    assert_eq!(verdict("CloudyBot", Some(64502)), Verdict::Claimed);
    assert_eq!(verdict("CloudyBot", Some(64500)), Verdict::Impostor);
    assert_eq!(verdict("VagueBot", Some(1)), Verdict::Claimed);
}

#[test]
fn nobody_vouches_for_a_bot_that_no_operator_has() {
    let ranges = sample("nobody");
    for bot in ["", "FooBot", "examplebot"] {
        assert_eq!(ranges.verdict(bot, address("8.8.8.8"), None), None);
    }
}

#[test]
fn behind_a_proxy_nobody_is_an_impostor() {
    let ranges = sample("proxy");
    for from in ["10.0.0.1", "127.0.0.1", "192.0.2.1", "::1", "fe80::1", "2001:db8::1"] {
        assert_eq!(ranges.verdict("ExampleBot", address(from), Some(1)), Some(Verdict::Claimed), "{from}");
    }
}

#[test]
fn a_file_that_is_not_understood_is_told_of_by_line_column_and_what_was_expected() {
    for (text, at) in [
        ("", "1:1: expected a line with the date"),
        ("date 21.11.2026", "1:6: expected a date as 2026-11-21"),
        ("date 2026-13-01", "1:6: expected a date as 2026-11-21"),
        ("date 2026-11-21\nbots A", "2:1: expected an operator before it"),
        ("date 2026-11-21\nranges 8.8.8.0/24", "2:1: expected a network"),
        ("date 2026-11-21\noperator", "2:9: expected the name of an operator"),
        ("operator A\nbots B,, C", "2:8: expected the name of a bot"),
        ("operator A\nbots B\noperator C\nbots D, B", "4:9: expected a bot that no line before has"),
        ("operator A\nranges all 8.8.8.0/33", "2:12: expected a network"),
        ("operator A\n  ranges 8.8.8.0/24 0.0.0.0/0", "2:21: expected a network"),
        ("operator A\nranges 8.8.8.0/+8", "2:8: expected a network"),
        ("operator A\nasns AS1", "2:6: expected the number"),
        ("operator A\nhosts com", "2:7: expected a domain"),
        ("operator A\nhosts .example.com", "2:7: expected a domain"),
        ("operator A\nhost example.com", "2:1: expected date, operator"),
        ("date 2026-11-21\noperator A\nranges all", "4:1: expected networks"),
    ] {
        let error = file::parse("x", text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x:{at}")), "{text:?}: {error}");
    }
    let missing = Ranges::open(&PathBuf::from("/nowhere/at/all")).unwrap_err();
    assert!(matches!(missing, RangesError::Read { .. }), "{missing}");
}

#[test]
fn the_age_is_counted_in_days_from_the_date() {
    let ranges = sample("age");
    let day = |days: u64| UNIX_EPOCH + Duration::from_secs(days * 86_400 + 7);
    // 2026-11-21 is day 20778.
    for (now, age) in [(20_778, 0), (20_779, 1), (20_900, 122), (1, 0)] {
        assert_eq!(ranges.age_days(day(now)), age);
    }
    for (date, expected) in [
        ("1970-01-01", Some(0)),
        ("2000-02-29", Some(11_016)),
        ("2024-03-01T00:00:00Z", Some(19_783)),
        ("2024-03-01x", None),
    ] {
        assert_eq!(file::day(date), expected, "{date}");
    }
}

const PUBLISHED: &str = r#"{
  "creationTime": "2026-11-01T00:00:00.000000",
  "prefixes": [{"ipv6Prefix": "2600:5::/64"}, {"ipv4Prefix": "8.7.6.0/28", "service": "x"}]
}"#;

#[test]
fn what_an_operator_publishes_takes_the_place_of_its_networks() {
    let json = Temporary::new("published.json", PUBLISHED);
    let mut ranges = sample("published");
    ranges.read_published("Example", &json.0).unwrap();
    for bot in ["ExampleBot", "Example News"] {
        assert_eq!(ranges.verdict(bot, address("8.7.6.15"), None), Some(Verdict::Verified));
        assert_eq!(ranges.verdict(bot, address("2600:5::9"), None), Some(Verdict::Verified));
        assert_eq!(ranges.verdict(bot, address("8.8.8.8"), None), Some(Verdict::Impostor));
    }
    assert_eq!(ranges.age_days(UNIX_EPOCH + Duration::from_secs(20_778 * 86_400)), 20);
}

#[test]
fn what_is_published_for_one_bot_says_nothing_of_the_others() {
    let json = Temporary::new("one.json", PUBLISHED);
    let mut ranges = sample("one");
    for bot in ["Example News", "NewBot"] {
        ranges.read_published(bot, &json.0).unwrap();
        assert_eq!(ranges.verdict(bot, address("8.7.6.1"), None), Some(Verdict::Verified));
        assert_eq!(ranges.verdict(bot, address("8.8.8.8"), None), Some(Verdict::Impostor));
    }
    assert_eq!(ranges.verdict("ExampleBot", address("8.8.8.8"), None), Some(Verdict::Verified));
    assert!(ranges.hosts("Example News").is_some());
}

#[test]
fn json_that_holds_no_networks_changes_nothing() {
    for (text, at) in [
        ("{", "1:1: expected JSON"),
        ("[]", "1:1: expected an object with a list of prefixes"),
        (r#"{"prefixes": []}"#, "1:1: expected at least one network"),
        ("{\"prefixes\": [\n {\"ipv4Prefix\": \"8.8.8.0/40\"}]}", "2:18: expected a network, not"),
        (r#"{"prefixes": [{"ipv4Prefix": 5}]}"#, "1:3: expected a network, not"),
    ] {
        let json = Temporary::new("bad.json", text);
        let mut ranges = sample("bad");
        let error = ranges.read_published("Example", &json.0).unwrap_err().to_string();
        assert!(error.contains(&format!("bad.json:{at}")), "{error}");
        assert_eq!(ranges.verdict("ExampleBot", address("8.8.8.8"), None), Some(Verdict::Verified));
    }
}

#[test]
fn the_embedded_file_vouches_only_for_bots_that_agents_can_name() {
    let ranges = Ranges::embedded();
    let named: HashSet<&str> = agent::bot_names().collect();
    let unknown: Vec<&str> = ranges.bots().filter(|bot| !named.contains(bot)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(ranges.bots().count() > 100);
}

#[test]
fn well_known_bots_are_told_from_those_who_only_say_so() {
    let ranges = Ranges::embedded();
    for (bot, from, asn, expected) in [
        ("Googlebot", "66.249.66.1", None, Verdict::Verified),
        ("Googlebot", "2001:4860:4801:10::1", Some(15169), Verdict::Verified),
        ("Googlebot", "34.1.2.3", Some(396982), Verdict::Claimed),
        ("Googlebot", "1.1.1.1", Some(13335), Verdict::Impostor),
        ("Googlebot", "1.1.1.1", None, Verdict::Claimed),
        ("bingbot", "157.55.39.1", None, Verdict::Verified),
        ("bingbot", "52.1.1.1", Some(16509), Verdict::Impostor),
        ("Applebot", "17.58.101.1", None, Verdict::Verified),
        ("facebookexternalhit", "31.13.127.1", Some(32934), Verdict::Verified),
        ("GPTBot", "1.1.1.1", Some(13335), Verdict::Claimed),
        ("Baiduspider", "1.1.1.1", Some(13335), Verdict::Claimed),
    ] {
        assert_eq!(ranges.verdict(bot, address(from), asn), Some(expected), "{bot} from {from} of {asn:?}");
    }
    assert!(ranges.hosts("Googlebot").unwrap().contains("crawl-66-249-66-1.googlebot.com."));
}

#[test]
fn a_host_name_is_in_a_domain_by_whole_labels() {
    let hosts = Hosts { suffixes: vec!["bots.example.com".to_string()], all: true };
    for (name, expected) in [
        ("bots.example.com", true),
        ("A1.Bots.Example.COM.", true),
        ("notbots.example.com", false),
        ("bots.example.com.attacker.example", false),
        ("example.com", false),
        ("", false),
    ] {
        assert_eq!(hosts.contains(name), expected, "{name}");
    }
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(lines in proptest::collection::vec("(date|operator|bots|ranges|asns|hosts|é)? ?[a-z0-9./:, é-]{0,20}", 0..8)) {
        let _ = file::parse("x", &lines.join("\n"));
    }

    #[test]
    fn no_json_makes_it_panic(text in "[\\[\\]{}\",:a-z0-9./ é]{0,60}") {
        let _ = published::parse("x", &text);
        let _ = published::parse("x", &format!("{{\"prefixes\": [{{\"ipv4Prefix\": \"{}\"}}]}}", text.replace('"', "")));
    }

    #[test]
    fn networks_hold_what_a_slow_search_finds(
        nets in proptest::collection::vec((any::<[u8; 4]>(), 8u32..=32), 1..20),
        probe in any::<[u8; 4]>(),
    ) {
        let texts: Vec<String> = nets.iter().map(|(a, len)| format!("{}/{len}", std::net::Ipv4Addr::from(*a))).collect();
        let all: Vec<_> = texts.iter().map(|text| networks::network(text).unwrap()).collect();
        let slow = |number: u32| nets.iter().any(|(a, len)| (u32::from_be_bytes(*a) ^ number) >> (32 - len) == 0);
        let set = networks::Networks::new(all);
        for number in nets.iter().map(|(a, _)| u32::from_be_bytes(*a)).chain([u32::from_be_bytes(probe)]) {
            for number in [number, number.wrapping_add(1), number.wrapping_sub(1)] {
                prop_assert_eq!(set.contains(IpAddr::V4(number.into())), slow(number));
            }
        }
    }
}
