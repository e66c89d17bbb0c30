use super::*;
use std::{
    fs,
    net::IpAddr,
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize},
    thread,
};

fn bytes_of(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/geo").join(name)).unwrap()
}

fn directory(test: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("weblog-sources-{test}-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    directory
}

fn table() -> Sources {
    Sources::open::<&Path>(&[], "en").unwrap()
}

#[test]
fn files_are_looked_at_once_a_second() {
    let directory = directory("second");
    let path = directory.join("place.mmdb");
    fs::write(&path, bytes_of("city.mmdb")).unwrap();
    let sources = Sources::open(&[&path], "en").unwrap();
    let later = SystemTime::now() + Duration::from_secs(3600);
    assert_eq!(sources.refresh_at(Duration::from_millis(5000), later).len(), 0);
    fs::write(&path, bytes_of("flat.mmdb")).unwrap();
    assert_eq!(sources.refresh_at(Duration::from_millis(5999), later).len(), 0, "too early to look");
    assert_eq!((sources.generation(), sources.geo().generation()), (0, 0));
    assert_eq!(sources.refresh_at(Duration::from_millis(6000), later).len(), 1);
    assert_eq!((sources.generation(), sources.geo().generation()), (1, 1));
    fs::write(&path, b"garbage").unwrap();
    let told = sources.refresh_at(Duration::from_millis(7000), later);
    assert!(matches!(told[..], [Refreshed::Refused { .. }]));
    assert_eq!(sources.generation(), 1, "what is remembered stays good");
    fs::remove_dir_all(directory).unwrap();
}

/// Four threads read all the time while the file goes through all that can happen to it.
#[test]
fn readers_see_one_database_or_the_other_whatever_happens_to_the_file() {
    let directory = directory("readers");
    let path = directory.join("place.mmdb");
    let (city, other) = (bytes_of("city.mmdb"), bytes_of("ipinfo-location.mmdb"));
    fs::write(&path, &city).unwrap();
    let sources = Sources::open(&[&path], "en").unwrap();
    let (end, clock) = (AtomicBool::new(false), AtomicU64::new(0));
    let (replaced, refused, lookups) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let read = || {
        let mut geo = sources.geo();
        while !end.load(Ordering::Relaxed) {
            // Each call is a second later than the one before, and all files are settled.
            let since = Duration::from_secs(clock.fetch_add(1, Ordering::Relaxed));
            for told in sources.refresh_at(since, SystemTime::now() + Duration::from_secs(60)) {
                let count = if matches!(told, Refreshed::Replaced { .. }) { &replaced } else { &refused };
                count.fetch_add(1, Ordering::Relaxed);
            }
            if sources.generation() != geo.generation() {
                geo = sources.geo();
            }
            let place = geo.place(IpAddr::from([192, 0, 2, 1]));
            let whole =
                [(Some("Sampletown"), Some("Sampleland")), (Some("Villeneuve-Test"), Some("Test-de-France"))];
            assert!(whole.contains(&(place.city, place.region)), "{place:?}");
            lookups.fetch_add(1, Ordering::Relaxed);
        }
    };
    let wait_for = |count: &AtomicUsize, change: &dyn Fn()| {
        let before = count.load(Ordering::Relaxed);
        change();
        for _ in 0..2000 {
            if count.load(Ordering::Relaxed) > before {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        end.store(true, Ordering::Relaxed);
        panic!("nobody noticed");
    };
    let rename_over = |bytes: &[u8]| {
        fs::write(directory.join("new"), bytes).unwrap();
        fs::rename(directory.join("new"), &path).unwrap();
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(read);
        }
        for _ in 0..5 {
            wait_for(&replaced, &|| rename_over(&other));
            wait_for(&replaced, &|| fs::write(&path, &city).unwrap());
            wait_for(&refused, &|| rename_over(b"garbage"));
            wait_for(&refused, &|| fs::write(&path, &city[..city.len() / 2]).unwrap());
            wait_for(&replaced, &|| fs::write(&path, &city).unwrap());
        }
        end.store(true, Ordering::Relaxed);
    });
    assert!(lookups.load(Ordering::Relaxed) > 100);
    assert!(sources.generation() >= 15);
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn special_addresses_are_looked_up_nowhere() {
    let sources = Sources::open(&[bytes_path("city.mmdb")], "en").unwrap();
    let geo = sources.geo();
    assert!(geo.place(IpAddr::from([192, 0, 2, 1])).city.is_some(), "though the database has it");
    for logged in ["192.0.2.1", "10.0.0.1", "64:ff9b::10.0.0.1", "fe80::1%eth0", "-", "host.example"] {
        assert_eq!(sources.place_in(&geo, logged), Place::default(), "{logged}");
    }
}

fn bytes_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/geo").join(name)
}

#[test]
fn the_table_knows_the_address_inside_of_another() {
    let sources = table();
    let geo = sources.geo();
    for logged in ["193.0.6.139", "64:ff9b::193.0.6.139", "2002:c100:68b::1"] {
        assert_eq!(sources.place_in(&geo, logged).country, Some("NL"), "{logged}");
    }
}

#[test]
fn the_table_is_old_after_four_hundred_days() {
    let built = {
        let mut digits = country_table::about().date.split('-').map(|part| part.parse::<i64>().unwrap());
        let mut next = || digits.next().unwrap();
        let date = (next(), next() as u32, next() as u32);
        (0..).find(|day| civil_from_days(*day) == date).unwrap() as u64
    };
    let sources = table();
    assert_eq!(sources.warnings((built + 400) * 86_400), [""; 0]);
    let warnings = sources.warnings((built + 401) * 86_400);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("more than 400 days ago"), "{warnings:?}");
    let city = Sources::open(&[bytes_path("city.mmdb")], "en").unwrap();
    assert!(city.warnings((built + 4000) * 86_400).iter().all(|warning| !warning.contains("table")));
}

#[test]
fn without_databases_there_is_nothing_to_refresh() {
    assert_eq!(table().refresh_at(Duration::from_secs(1 << 40), SystemTime::now()).len(), 0);
}
