use super::*;
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/geo").join(name)
}

fn open(names: &[&str]) -> Geo {
    open_in(names, "en")
}

fn open_in(names: &[&str], language: &str) -> Geo {
    Geo::open(&names.iter().map(|name| file(name)).collect::<Vec<_>>(), language).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_nested_database_gives_all_fields_of_a_place() {
    let geo = open(&["city.mmdb"]);
    let place = Place {
        country: Some("DE"),
        country_name: Some("Germany"),
        region: Some("Sampleland"),
        city: Some("Sampletown"),
        latitude: Some(52.25),
        longitude: Some(13.5),
        timezone: Some("Europe/Berlin"),
        asn: None,
        as_org: None,
    };
    assert_eq!(geo.place(ip("192.0.2.1")), place);
    assert_eq!(geo.place(ip("::ffff:192.0.2.1")), place, "a mapped address is an IPv4 address");
    assert_eq!(geo.place(ip("2001:db8:1::7")).city, Some("Tōkyō-Sample"));
    assert_eq!(geo.place(ip("198.51.100.9")).latitude, Some(-0.5));
    assert_eq!(geo.place(ip("203.0.113.200")), Place::default(), "an address in no network");
}

#[test]
fn where_a_network_is_registered_is_not_where_it_is() {
    let geo = open(&["city.mmdb"]);
    assert_eq!(geo.place(ip("192.0.2.200")).country, Some("FR"));
    assert_eq!(geo.place(ip("203.0.113.1")), Place::default());
}

#[test]
fn names_come_in_the_language_asked_for_or_else_in_english() {
    let german = open_in(&["city.mmdb"], "de");
    let place = german.place(ip("192.0.2.1"));
    assert_eq!(
        (place.country_name, place.region, place.city),
        (Some("Deutschland"), Some("Musterland"), Some("Musterstadt"))
    );
    let partly = german.place(ip("198.51.100.1"));
    assert_eq!((partly.country_name, partly.city), (Some("United States"), Some("Springfield Test")));
    let unknown = open_in(&["city.mmdb"], "pt-BR");
    assert_eq!(unknown.place(ip("192.0.2.1")).city, Some("Sampletown"));
}

#[test]
fn a_network_database_gives_number_and_organisation() {
    let geo = open(&["asn.mmdb"]);
    let place = geo.place(ip("198.51.100.1"));
    assert_eq!((place.asn, place.as_org), (Some(64497), Some("Example \"Transit\", Inc.")));
    assert_eq!(geo.place(ip("203.0.113.1")).as_org, None);
    assert_eq!(geo.place(ip("2001:db8::1")).asn, Some(4_200_000_001));
}

#[test]
fn a_flat_database_gives_the_same_fields_and_its_floats_stay_short() {
    let geo = open(&["flat.mmdb"]);
    let place = geo.place(ip("192.0.2.1"));
    assert_eq!((place.country, place.region, place.city), (Some("DE"), Some("Flatland"), Some("Flattown")));
    assert_eq!((place.latitude, place.longitude), (Some(52.52), Some(13.405)));
    assert_eq!(geo.place(ip("203.0.113.1")).asn, Some(64511));
    assert_eq!(geo.place(ip("198.51.100.1")), Place::default(), "ZZ, a dash and empty texts say nothing");
    assert_eq!(geo.place(ip("2001:db8::1")), Place::default(), "it has no IPv6 networks");
    assert_eq!(geo.lookup_errors(), None, "which is no fault of it");
}

#[test]
fn an_ipinfo_database_may_give_the_country_as_name_or_as_code() {
    let geo = open(&["ipinfo.mmdb"]);
    let newer = geo.place(ip("192.0.2.1"));
    assert_eq!((newer.country, newer.country_name), (Some("DE"), Some("Germany")));
    assert_eq!((newer.asn, newer.as_org), (Some(64496), Some("Example Net")));
    let older = geo.place(ip("198.51.100.1"));
    assert_eq!((older.country, older.country_name), (Some("US"), Some("United States")));
    let city = geo.place(ip("203.0.113.1"));
    assert_eq!(
        (city.country, city.region, city.city),
        (Some("FR"), Some("Test-de-France"), Some("Villeneuve-Test"))
    );
    assert_eq!(
        (city.latitude, city.longitude, city.timezone),
        (Some(48.5), Some(2.25), Some("Europe/Paris"))
    );
    let pair = geo.place(ip("2001:db8::1"));
    assert_eq!((pair.latitude, pair.longitude), (Some(35.5), Some(139.75)));
}

#[test]
fn of_several_databases_the_first_that_has_a_field_wins() {
    let both = open(&["city.mmdb", "asn.mmdb"]).place(ip("192.0.2.1")).asn;
    assert_eq!(both, Some(64496));
    let first = open(&["city.mmdb", "flat.mmdb"]);
    assert_eq!(first.place(ip("192.0.2.1")).city, Some("Sampletown"));
    let second = open(&["flat.mmdb", "city.mmdb"]);
    let place = second.place(ip("192.0.2.1"));
    assert_eq!((place.city, place.country_name), (Some("Flattown"), Some("Germany")));
}

#[test]
fn a_name_is_never_joined_with_another_databases_code() {
    // flat.mmdb says that this is FR and 64511; the others name 64498 and nothing.
    let geo = open(&["flat.mmdb", "asn.mmdb", "city.mmdb"]);
    let place = geo.place(ip("203.0.113.1"));
    assert_eq!((place.asn, place.as_org), (Some(64511), Some("Example Plat")));
    let other = open(&["asn.mmdb", "flat.mmdb"]);
    assert_eq!(
        (other.place(ip("203.0.113.1")).asn, other.place(ip("203.0.113.1")).as_org),
        (Some(64498), None)
    );
}

#[test]
fn a_database_tells_what_it_is() {
    let geo = open(&["city.mmdb", "asn.mmdb", "ipinfo.mmdb"]);
    let has = |at: usize| (geo.databases()[at].has_places(), geo.databases()[at].has_networks());
    assert_eq!((has(0), has(1), has(2)), ((true, false), (false, true), (true, true)));
    assert_eq!(geo.databases()[0].kind(), "Test-City");
    assert_eq!(geo.databases()[0].built(), 1_767_225_600);
}

fn refusal(path: &Path) -> String {
    Geo::open(&[path], "en").unwrap_err().to_string()
}

#[test]
fn what_cannot_be_used_is_refused_in_one_sentence() {
    assert!(refusal(&file("corrupt.mmdb")).contains("damaged database"));
    assert!(refusal(&file("neither.mmdb")).ends_with("(\"Test-Other\") has neither places nor networks"));
    assert!(refusal(&file("")).ends_with("not a file; name a .mmdb database"));
    assert!(
        refusal(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).ends_with("not a .mmdb database")
    );
    assert!(matches!(Geo::open(&[file("none.mmdb")], "en"), Err(GeoError::Read { .. })));
}

#[test]
fn a_database_still_packed_is_told_from_any_other_file() {
    let path = std::env::temp_dir().join(format!("weblog-enrich-{}.mmdb.gz", std::process::id()));
    fs::write(&path, [0x1f, 0x8b, 8, 0]).unwrap();
    assert!(refusal(&path).ends_with("compressed by gzip; unpack the .mmdb database first"));
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_record_that_cannot_be_read_says_nothing_and_is_counted() {
    let geo = open(&["corrupt-record.mmdb"]);
    assert_eq!(geo.place(ip("192.0.2.1")).country, Some("DE"));
    assert_eq!(geo.lookup_errors(), None);
    assert_eq!(geo.place(ip("198.51.100.1")), Place::default());
    assert_eq!(geo.place(ip("198.51.100.2")), Place::default());
    let errors = geo.lookup_errors().unwrap();
    assert_eq!(errors.count, 2);
    assert!(errors.first.contains("corrupt-record.mmdb, looking up 198.51.100.1: "), "{}", errors.first);
}

#[test]
fn threads_can_share_the_databases() {
    fn shareable<T: Send + Sync>(_: &T) {}
    shareable(&open(&["city.mmdb"]));
}

/// Opens these bytes as a database, and asks it some addresses if it opens.
fn try_bytes(bytes: &[u8]) {
    let directory = std::env::temp_dir();
    let path = directory.join(format!(
        "weblog-enrich-{}-{:?}.mmdb",
        std::process::id(),
        std::thread::current().id()
    ));
    fs::write(&path, bytes).unwrap();
    if let Ok(geo) = Geo::open(&[&path], "de") {
        for address in
            ["192.0.2.1", "198.51.100.1", "203.0.113.1", "8.8.8.8", "2001:db8:1::1", "::", "ffff::"]
        {
            geo.place(ip(address));
        }
    }
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_tree_bent_into_a_circle_does_not_hang() {
    // All node numbers become zero: every step leads back to the root.
    let mut bytes = fs::read(file("city.mmdb")).unwrap();
    bytes[..204 * 7].fill(0);
    try_bytes(&bytes);
}

#[test]
fn a_file_cut_short_anywhere_does_no_harm() {
    let bytes = fs::read(file("ipinfo.mmdb")).unwrap();
    for end in (0..bytes.len()).step_by(7) {
        try_bytes(&bytes[..end]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_damage_makes_it_panic(changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20)) {
        let mut bytes = fs::read(file("city.mmdb")).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        try_bytes(&bytes);
    }
}
