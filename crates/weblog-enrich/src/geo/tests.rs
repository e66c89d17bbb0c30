//! What databases say, by shape and by vendor; `tests/damage.rs` has what harms them.

mod damage;

use super::*;
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
        ..Place::default()
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
    assert_eq!(geo.databases()[0].built(), 4_102_444_800);
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

#[test]
fn a_database_of_providers_names_them_beside_the_network() {
    let geo = open(&["isp.mmdb"]);
    let place = geo.place(ip("192.0.2.1"));
    assert_eq!((place.asn, place.as_org), (Some(64496), Some("Example Net")));
    assert_eq!(place.isp, Some("Example Cable"), "not the organisation that is its customer");
    assert_eq!(geo.place(ip("198.51.100.1")).isp, None, "a dash says nothing");
    assert_eq!(geo.place(ip("2001:db8::1")).isp, Some("Example Six"));
}

#[test]
fn connections_have_names_in_lower_case() {
    let geo = open(&["connection-type.mmdb"]);
    for (address, connection_type) in [
        ("192.0.2.1", "cable_dsl"),
        ("192.0.2.129", "cellular"),
        ("198.51.100.1", "corporate"),
        ("198.51.100.129", "satellite"),
        ("203.0.113.1", "dialup"),
        ("203.0.113.129", "Carrier pigeon"),
    ] {
        assert_eq!(geo.place(ip(address)).connection_type, Some(connection_type), "{address}");
    }
}

#[test]
fn of_what_a_client_hides_behind_the_strongest_is_told() {
    let geo = open(&["anonymous.mmdb"]);
    for (address, anonymizer) in [
        ("192.0.2.1", Some("anonymous")),
        ("192.0.2.65", Some("hosting")),
        ("192.0.2.129", Some("proxy")),
        ("192.0.2.193", Some("proxy")),
        ("198.51.100.1", Some("vpn")),
        ("203.0.113.1", Some("tor")),
        ("2001:db8::1", None),
    ] {
        assert_eq!(geo.place(ip(address)).anonymizer, anonymizer, "{address}");
    }
    let texts = open(&["privacy.mmdb"]);
    let of = |address| texts.place(ip(address)).anonymizer;
    assert_eq!(
        (of("192.0.2.1"), of("198.51.100.1"), of("203.0.113.1")),
        (Some("vpn"), Some("anonymous"), None)
    );
}

#[test]
fn a_database_of_everything_gives_everything() {
    let geo = open(&["enterprise.mmdb"]);
    let place = geo.place(ip("192.0.2.1"));
    assert_eq!((place.country, place.city, place.asn), (Some("BR"), Some("Sampletown"), Some(64496)));
    assert_eq!((place.isp, place.connection_type), (Some("Example Cable"), Some("corporate")));
    assert_eq!(place.anonymizer, Some("proxy"));
}

#[test]
fn a_name_is_that_of_a_network_only_beside_its_number() {
    let geo = open(&["ipinfo-asn.mmdb"]);
    let of = |address| (geo.place(ip(address)).asn, geo.place(ip(address)).as_org);
    assert_eq!(of("192.0.2.1"), (Some(64496), Some("Example Net")));
    assert_eq!(of("198.51.100.1"), (Some(64497), Some("Example Transit")), "not its customer's");
    assert_eq!(of("203.0.113.1"), (None, None));
}

#[test]
fn a_location_may_be_written_all_in_texts() {
    let geo = open(&["ipinfo-location.mmdb"]);
    let place = geo.place(ip("192.0.2.1"));
    assert_eq!((place.country, place.region), (Some("FR"), Some("Test-de-France")));
    assert_eq!((place.latitude, place.longitude), (Some(48.5), Some(2.25)));
}

#[test]
fn every_database_adds_what_it_has_in_one_pass() {
    let names =
        ["city.mmdb", "asn.mmdb", "isp.mmdb", "connection-type.mmdb", "privacy.mmdb", "anonymous.mmdb"];
    let geo = open(&names);
    let place = geo.place(ip("192.0.2.1"));
    assert_eq!((place.city, place.asn, place.isp), (Some("Sampletown"), Some(64496), Some("Example Cable")));
    assert_eq!((place.connection_type, place.anonymizer), (Some("cable_dsl"), Some("vpn")));
}

#[test]
fn a_database_tells_which_fields_it_can_fill() {
    let names = [
        "city.mmdb",
        "asn.mmdb",
        "isp.mmdb",
        "connection-type.mmdb",
        "anonymous.mmdb",
        "privacy.mmdb",
        "enterprise.mmdb",
        "shield.mmdb",
    ];
    let geo = open(&names);
    let has = geo.databases().iter().map(|database| {
        let flags = [
            (database.has_places(), 'p'),
            (database.has_networks(), 'n'),
            (database.has_isp(), 'i'),
            (database.has_connection_type(), 'c'),
            (database.has_anonymizer(), 'a'),
        ];
        flags.into_iter().filter(|(has, _)| *has).map(|(_, letter)| letter).collect::<String>()
    });
    assert_eq!(has.collect::<Vec<_>>(), ["p", "n", "ni", "c", "a", "a", "pnica", "pa"]);
}

#[test]
fn a_database_of_nothing_but_domains_is_refused() {
    assert!(refusal(&file("domain.mmdb")).contains("\"Test-Domain\""));
}

#[test]
fn languages_are_tried_in_the_order_of_wish() {
    let names = |list: &str, address: &str| {
        let geo = open_in(&["enterprise.mmdb"], list);
        let place = geo.place(ip(address));
        format!("{}, {}", place.country_name.unwrap_or("-"), place.city.unwrap_or("-"))
    };
    assert_eq!(names("en", "192.0.2.1"), "Brazil, Sampletown");
    assert_eq!(names("pt", "192.0.2.1"), "Brasil, Amostra", "a language finds its region");
    assert_eq!(names("pt_PT.UTF-8", "192.0.2.1"), "Brasil, Amostra");
    assert_eq!(names("es-MX,zh-CN", "192.0.2.1"), "Brasil (es), 样本");
    assert_eq!(names("zh-CN,es", "192.0.2.1"), "Brasil (es), 样本");
    assert_eq!(names("es,en,zh-CN", "192.0.2.1"), "Brasil (es), Sampletown");
    assert_eq!(names("ja", "192.0.2.1"), "Brazil, Sampletown");
    assert_eq!(names("en,ru", "198.51.100.1"), "Россия, Пример", "no English name ends the search");
    assert_eq!(names("en", "198.51.100.1"), "-, -");
}

const BUILT: u64 = 4_102_444_800;
const DAY: u64 = 86_400;

#[test]
fn a_database_older_than_ninety_days_is_worth_one_sentence() {
    let geo = open(&["city.mmdb", "asn.mmdb"]);
    assert_eq!(geo.databases()[0].age_days(BUILT + 3 * DAY - 1), 2);
    assert_eq!(geo.databases()[0].age_days(BUILT - 1), 0, "a clock may be wrong");
    assert_eq!(geo.databases()[0].built_on(), "2100-01-01");
    assert_eq!(geo.warnings(BUILT + 91 * DAY - 1), [""; 0]);
    let warnings = geo.warnings(BUILT + 91 * DAY);
    assert_eq!(warnings.len(), 2);
    let end = "city.mmdb: this database (Test-City) was built on 2100-01-01, 91 days ago, and addresses move";
    assert!(warnings[0].ends_with(end), "{}", warnings[0]);
}

#[test]
fn an_address_that_carries_an_ipv4_address_has_its_place() {
    let geo = open(&["city.mmdb"]);
    let place = geo.place(ip("192.0.2.1"));
    assert_eq!(geo.place(ip("64:ff9b::192.0.2.1")), place);
    assert_eq!(geo.place(ip("2002:c000:201::1")), place);
    assert_eq!(geo.place(ip("2001:0:cb00:7101:8000:63bf:3fff:fdfe")), place);
    assert_eq!(
        open(&["flat.mmdb"]).place(ip("64:ff9b::192.0.2.1")).city,
        Some("Flattown"),
        "an IPv4 one too"
    );
}
