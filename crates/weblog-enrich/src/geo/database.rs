//! One database: opened with care, since what users have is often not what they think.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use maxminddb::{MaxMindDbError, Reader, path};
use weblog_parse::time::civil_from_days;

use super::language::Wishes;
use super::probe::{Carried, probe};
use super::shape::Shaped;
use super::stamp::Stamp;
use super::{GeoError, Place};

/// One address database.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    reader: Reader<Vec<u8>>,
    /// The keys of names to try before the English one.
    languages: Vec<String>,
    carried: Carried,
    stamp: Stamp,
    faults: Arc<Faults>,
}

/// The lookups that failed. A database that replaces another one goes on with its count.
#[derive(Debug, Default)]
struct Faults {
    count: AtomicU64,
    first: OnceLock<String>,
}

const SECONDS_OF_A_DAY: u64 = 86_400;

impl Database {
    /// Opens one database and looks what it has to say.
    pub(super) fn open(path: &Path, wishes: &Wishes) -> Result<Database, GeoError> {
        let unreadable = |error| GeoError::Read { path: path.to_path_buf(), error };
        // Taken first: should another file get this path meanwhile, the next look will tell.
        let stamp = Stamp::of_path(path);
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(GeoError::NotAFile { path: path.to_path_buf() });
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let before = Stamp::of_file(&file).map_err(unreadable)?;
        if !is_mmdb(&mut file).map_err(unreadable)? {
            let gzip = is_gzip(&mut file).map_err(unreadable)?;
            return Err(GeoError::NotMmdb { path: path.to_path_buf(), gzip });
        }
        let mut bytes = Vec::new();
        file.rewind().map_err(unreadable)?;
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        if Stamp::of_file(&file).map_err(unreadable)? != before {
            return Err(GeoError::Changing { path: path.to_path_buf() });
        }
        Database::from_bytes(path, bytes, stamp, wishes)
    }

    /// A database out of the bytes of a file.
    pub(super) fn from_bytes(
        path: &Path,
        bytes: Vec<u8>,
        stamp: Stamp,
        wishes: &Wishes,
    ) -> Result<Database, GeoError> {
        let damaged =
            |error: MaxMindDbError| GeoError::Damaged { path: path.to_path_buf(), reason: error.to_string() };
        let reader = Reader::from_source(bytes).map_err(damaged)?;
        let found = probe(&reader);
        match found.error {
            _ if found.carried.anything() => {}
            Some(error) => return Err(damaged(error)),
            None => {
                let kind = reader.metadata().database_type.clone();
                return Err(GeoError::NothingUseful { path: path.to_path_buf(), kind });
            }
        }
        Ok(Database {
            path: path.to_path_buf(),
            languages: wishes.keys(&found.languages),
            carried: found.carried,
            reader,
            stamp,
            faults: Arc::default(),
        })
    }

    /// Opens the same file anew, to take the place of this database.
    pub(super) fn reopen(&self, wishes: &Wishes) -> Result<Database, GeoError> {
        let mut new = Database::open(&self.path, wishes)?;
        if !new.carried.includes(self.carried) {
            let (path, kind, before) = (self.path.clone(), new.kind().into(), self.kind().into());
            return Err(GeoError::OtherKind { path, kind, before });
        }
        new.faults = Arc::clone(&self.faults);
        Ok(new)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the database calls itself, such as `GeoLite2-City`.
    pub fn kind(&self) -> &str {
        &self.reader.metadata().database_type
    }

    /// When it was built, in seconds since 1970.
    pub fn built(&self) -> u64 {
        self.reader.metadata().build_epoch
    }

    /// The day on which it was built, `YYYY-MM-DD` in UTC.
    pub fn built_on(&self) -> String {
        let (year, month, day) = civil_from_days((self.built() / SECONDS_OF_A_DAY) as i64);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// How many whole days ago it was built, at a time in seconds since 1970; 0 if it was built later.
    pub fn age_days(&self, now: u64) -> u64 {
        now.saturating_sub(self.built()) / SECONDS_OF_A_DAY
    }

    /// Whether it says where addresses are.
    pub fn has_places(&self) -> bool {
        self.carried.places
    }

    /// Whether it says which autonomous system addresses belong to.
    pub fn has_networks(&self) -> bool {
        self.carried.networks
    }

    /// Whether it names internet service providers.
    pub fn has_isp(&self) -> bool {
        self.carried.isp
    }

    /// Whether it says how networks are connected.
    pub fn has_connection_type(&self) -> bool {
        self.carried.connection_type
    }

    /// Whether it says which addresses clients hide behind.
    pub fn has_anonymizer(&self) -> bool {
        self.carried.anonymizer
    }

    /// The file's metadata when it was read.
    pub(super) fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(super) fn error_count(&self) -> u64 {
        self.faults.count.load(Ordering::Relaxed)
    }

    pub(super) fn first_error(&self) -> Option<&str> {
        self.faults.first.get().map(String::as_str)
    }

    /// What this database says of an address. A record that cannot be read says nothing; it is
    /// counted, see [`super::Geo::lookup_errors`].
    pub fn place(&self, address: IpAddr) -> Place<'_> {
        let address = address.to_canonical();
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Place::default();
        }
        match self.read(address) {
            Ok(place) => place,
            Err(error) => {
                self.faults.count.fetch_add(1, Ordering::Relaxed);
                let first = || format!("{}, looking up {address}: {error}", self.path.display());
                self.faults.first.get_or_init(first);
                Place::default()
            }
        }
    }

    fn read(&self, address: IpAddr) -> Result<Place<'_>, MaxMindDbError> {
        let found = self.reader.lookup(address)?;
        let Some(Shaped { mut place, translated, .. }) = found.decode::<Shaped>()? else {
            return Ok(Place::default());
        };
        if translated.country {
            let look = |language: &str| found.decode_path(&path!["country", "names", language]);
            place.country_name = self.name(place.country_name, look);
        }
        if translated.region {
            let look = |language: &str| found.decode_path(&path!["subdivisions", 0, "names", language]);
            place.region = self.name(place.region, look);
        }
        if translated.city {
            let look = |language: &str| found.decode_path(&path!["city", "names", language]);
            place.city = self.name(place.city, look);
        }
        Ok(place)
    }

    /// The name in the first language wished for that there is one in, or else the English one.
    fn name<'a>(
        &self,
        english: Option<&'a str>,
        look: impl Fn(&str) -> Result<Option<&'a str>, MaxMindDbError>,
    ) -> Option<&'a str> {
        for language in &self.languages {
            if language == "en" && english.is_some() {
                break;
            }
            let name = look(language).ok().flatten();
            if name.is_some_and(|name| !matches!(name, "" | "-")) {
                return name;
            }
        }
        english
    }
}

/// Looks for the marker of the metadata, which the format puts into the last 128 KiB, before a
/// file of any size that is something else is read whole.
fn is_mmdb(file: &mut File) -> io::Result<bool> {
    const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(128 * 1024)))?;
    let mut tail = Vec::new();
    file.take(128 * 1024).read_to_end(&mut tail)?;
    Ok(tail.windows(MARKER.len()).rev().any(|window| window == MARKER))
}

fn is_gzip(file: &mut File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.rewind()?;
    file.take(2).read_to_end(&mut head)?;
    Ok(head == [0x1f, 0x8b])
}
