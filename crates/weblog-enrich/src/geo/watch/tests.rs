use super::*;
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;

fn bytes_of(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/geo").join(name)).unwrap()
}

/// A database in a directory of its own, and its watch.
struct Watched {
    directory: PathBuf,
    path: PathBuf,
    geo: Geo,
    watch: Watch,
}

impl Watched {
    fn new(test: &str) -> Watched {
        let directory = std::env::temp_dir().join(format!("weblog-watch-{test}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("place.mmdb");
        fs::write(&path, bytes_of("city.mmdb")).unwrap();
        let geo = Geo::open(&[&path], "en").unwrap();
        let watch = Watch::new(&geo, "en");
        Watched { directory, path, geo, watch }
    }

    /// Looks once; what is told comes as text.
    fn look(&mut self, now: SystemTime) -> Vec<String> {
        let (new, told) = self.watch.look(&self.geo, now);
        self.geo = new.unwrap_or_else(|| self.geo.next(self.geo.databases().to_vec()));
        let here = format!("{}/", self.directory.display());
        told.iter().map(|told| told.to_string().replace(&here, "")).collect()
    }

    /// Looks as if the files had been left alone for a minute.
    fn look_later(&mut self) -> Vec<String> {
        self.look(SystemTime::now() + Duration::from_secs(60))
    }

    /// Looks when the files have just been changed.
    fn look_at_once(&mut self) -> Vec<String> {
        self.look(SystemTime::UNIX_EPOCH)
    }

    fn rename_over(&self, bytes: &[u8]) {
        let new = self.directory.join("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, &self.path).unwrap();
    }

    fn city(&self) -> Option<&str> {
        self.geo.place(IpAddr::from([192, 0, 2, 1])).city
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.directory).unwrap();
    }
}

const NEW: &str = "place.mmdb: read anew: Test-Flat of 2100-01-01";
const NONE: [&str; 0] = [];

#[test]
fn a_file_that_nobody_touches_is_never_read_again() {
    let mut watched = Watched::new("untouched");
    let before = Arc::clone(&watched.geo.databases()[0]);
    assert_eq!(watched.look_later(), NONE);
    assert_eq!(watched.look_at_once(), NONE);
    assert!(Arc::ptr_eq(&before, &watched.geo.databases()[0]));
}

#[test]
fn a_file_renamed_into_place_is_taken_over_and_told_once() {
    let mut watched = Watched::new("rename");
    watched.rename_over(&bytes_of("flat.mmdb"));
    assert_eq!(watched.look_later(), [NEW]);
    assert_eq!(watched.city(), Some("Flattown"));
    assert_eq!(watched.look_later(), NONE);
}

#[test]
fn a_file_that_just_changed_waits_until_two_looks_agree() {
    let mut watched = Watched::new("settle");
    watched.rename_over(&bytes_of("flat.mmdb"));
    assert_eq!(watched.look_at_once(), NONE);
    assert_eq!(watched.city(), Some("Sampletown"));
    assert_eq!(watched.look_at_once(), [NEW]);
    assert_eq!(watched.city(), Some("Flattown"));
}

#[test]
fn a_file_is_not_read_while_it_is_written_in_place() {
    let mut watched = Watched::new("written");
    let bytes = bytes_of("flat.mmdb");
    let mut file = fs::File::create(&watched.path).unwrap();
    for part in bytes.chunks(bytes.len() / 4) {
        file.write_all(part).unwrap();
        assert_eq!(watched.look_at_once(), NONE);
        assert_eq!(watched.city(), Some("Sampletown"));
    }
    assert_eq!(watched.look_at_once(), [NEW]);
}

#[test]
fn half_a_file_is_refused_once_and_taken_when_it_is_whole() {
    let mut watched = Watched::new("half");
    let bytes = bytes_of("flat.mmdb");
    fs::write(&watched.path, &bytes[..bytes.len() / 2]).unwrap();
    let refusal = "place.mmdb: not a .mmdb database; the database of 2100-01-01, read before, stays in use";
    assert_eq!(watched.look_later(), [refusal]);
    assert_eq!(watched.look_later(), NONE);
    assert_eq!(watched.city(), Some("Sampletown"));
    fs::write(&watched.path, &bytes).unwrap();
    assert_eq!(watched.look_later(), [NEW]);
    assert_eq!(watched.city(), Some("Flattown"));
}

#[test]
fn garbage_leaves_the_old_one_in_use() {
    let mut watched = Watched::new("garbage");
    watched.rename_over(&bytes_of("corrupt.mmdb"));
    let told = watched.look_later();
    assert!(told[0].starts_with("place.mmdb: damaged database: "), "{told:?}");
    assert_eq!(watched.look_later(), NONE);
    watched.rename_over(b"\x1f\x8bgarbage");
    let told = watched.look_later();
    assert!(told[0].starts_with("place.mmdb: compressed by gzip"), "{told:?}");
    assert_eq!(watched.city(), Some("Sampletown"));
}

#[test]
fn a_file_that_is_gone_is_told_of_once_and_may_come_back() {
    let mut watched = Watched::new("gone");
    fs::remove_file(&watched.path).unwrap();
    assert_eq!(watched.look_later(), NONE, "it may be gone for a moment only");
    let told = watched.look_later();
    assert!(told[0].starts_with("cannot read place.mmdb: "), "{told:?}");
    assert_eq!(watched.look_later(), NONE);
    assert_eq!(watched.city(), Some("Sampletown"));
    fs::write(&watched.path, bytes_of("flat.mmdb")).unwrap();
    assert_eq!(watched.look_later(), [NEW]);
}

#[test]
fn a_database_without_places_does_not_replace_one_of_places() {
    let mut watched = Watched::new("kind");
    watched.rename_over(&bytes_of("asn.mmdb"));
    let told = watched.look_later();
    let refusal = "place.mmdb: this database (\"Test-ASN\") lacks what the one before (\"Test-City\") had; ";
    assert!(told[0].starts_with(refusal), "{told:?}");
    assert_eq!(watched.city(), Some("Sampletown"));
}

#[test]
fn failed_lookups_are_counted_on_when_a_database_is_replaced() {
    let mut watched = Watched::new("faults");
    watched.rename_over(&bytes_of("corrupt-record.mmdb"));
    assert_eq!(watched.look_later().len(), 1);
    watched.geo.place(IpAddr::from([198, 51, 100, 1]));
    watched.rename_over(&bytes_of("city.mmdb"));
    assert_eq!(watched.look_later().len(), 1);
    assert_eq!(watched.geo.lookup_errors().map(|errors| errors.count), Some(1));
}
