//! One database: opened with care, since what users have is often not what they think.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use maxminddb::{MaxMindDbError, PathElement, Reader, path};

use super::shape::Shaped;
use super::{GeoError, Place};

/// One address database.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    reader: Reader<Vec<u8>>,
    /// None for English, which needs no second look.
    language: Option<String>,
    has_places: bool,
    has_networks: bool,
    errors: AtomicU64,
    first_error: OnceLock<String>,
}

/// How many records are looked at, at most, to see what a database has.
const PROBED_RECORDS: usize = 500;
/// How many networks are passed over, at most, in the search for those records.
const PROBED_NETWORKS: usize = 20_000;

impl Database {
    /// Opens one database and looks whether it has anything to say on places or networks.
    pub fn open(path: &Path, language: &str) -> Result<Database, GeoError> {
        let named = || path.to_path_buf();
        let unreadable = |error| GeoError::Read { path: named(), error };
        let about = fs::metadata(path).map_err(unreadable)?;
        if !about.is_file() {
            return Err(GeoError::NotAFile { path: named() });
        }
        let mut file = File::open(path).map_err(unreadable)?;
        if !is_mmdb(&mut file).map_err(unreadable)? {
            let gzip = is_gzip(&mut file).map_err(unreadable)?;
            return Err(GeoError::NotMmdb { path: named(), gzip });
        }
        let bytes = fs::read(path).map_err(unreadable)?;
        let damaged = |error: MaxMindDbError| GeoError::Damaged { path: named(), reason: error.to_string() };
        let reader = Reader::from_source(bytes).map_err(damaged)?;
        let mut database = Database {
            path: named(),
            reader,
            language: (language != "en").then(|| language.to_string()),
            has_places: false,
            has_networks: false,
            errors: AtomicU64::new(0),
            first_error: OnceLock::new(),
        };
        database.probe()?;
        Ok(database)
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

    /// Whether it says where addresses are.
    pub fn has_places(&self) -> bool {
        self.has_places
    }

    /// Whether it says which autonomous system addresses belong to.
    pub fn has_networks(&self) -> bool {
        self.has_networks
    }

    pub(super) fn error_count(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    pub(super) fn first_error(&self) -> Option<&str> {
        self.first_error.get().map(String::as_str)
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
                self.errors.fetch_add(1, Ordering::Relaxed);
                self.first_error
                    .get_or_init(|| format!("{}, looking up {address}: {error}", self.path.display()));
                Place::default()
            }
        }
    }

    fn read(&self, address: IpAddr) -> Result<Place<'_>, MaxMindDbError> {
        let found = self.reader.lookup(address)?;
        let Some(Shaped { mut place, translated, .. }) = found.decode::<Shaped>()? else {
            return Ok(Place::default());
        };
        if let Some(language) = self.language.as_deref() {
            let name = |path: &[PathElement<'_>]| found.decode_path::<&str>(path).ok().flatten();
            if translated.country {
                place.country_name = name(&path!["country", "names", language]).or(place.country_name);
            }
            if translated.region {
                place.region = name(&path!["subdivisions", 0, "names", language]).or(place.region);
            }
            if translated.city {
                place.city = name(&path!["city", "names", language]).or(place.city);
            }
        }
        Ok(place)
    }

    /// Looks at the first records in address order for what they carry.
    ///
    /// Goes from network to network by lookups, each of which takes at most 128 steps, and not by
    /// the reader's own walk of the tree, which never ends in a tree that a fault bent into a circle.
    fn probe(&mut self) -> Result<(), GeoError> {
        let mut records = 0;
        let mut networks = 0;
        let mut error = None;
        let first_ipv6 = Ipv6Addr::new(1, 0, 0, 0, 0, 0, 0, 0);
        let mut next = Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        while let Some(address) = next {
            match self.reader.lookup(address) {
                Ok(found) => match found.decode::<Shaped>() {
                    Ok(None) => {}
                    Ok(Some(Shaped { place, .. })) => {
                        records += 1;
                        self.has_places |= place.says_where();
                        self.has_networks |= place.says_whose();
                    }
                    Err(first) => _ = error.get_or_insert(first),
                },
                Err(first) => _ = error.get_or_insert(first),
            }
            networks += 1;
            let enough = records >= PROBED_RECORDS || networks >= PROBED_NETWORKS;
            next = match self.after(address) {
                Some(following) if !enough => Some(following),
                _ if address.is_ipv4() && self.reader.metadata().ip_version == 6 => {
                    (records, networks) = (0, 0);
                    Some(IpAddr::V6(first_ipv6))
                }
                _ => None,
            };
        }
        match error {
            _ if self.has_places || self.has_networks => Ok(()),
            Some(error) => Err(GeoError::Damaged { path: self.path.clone(), reason: error.to_string() }),
            None => {
                let kind = self.kind().to_string();
                Err(GeoError::NothingUseful { path: self.path.clone(), kind })
            }
        }
    }

    /// The first address behind the network that an address is in; None behind the last one.
    fn after(&self, address: IpAddr) -> Option<IpAddr> {
        let network = self.reader.lookup(address).ok()?.network().ok()?;
        match (address, network.prefix()) {
            (IpAddr::V4(address), prefix) if network.is_ipv4() => {
                let rest = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
                Some(IpAddr::V4(Ipv4Addr::from_bits((address.to_bits() | rest).checked_add(1)?)))
            }
            (IpAddr::V6(address), prefix) => {
                let rest = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
                Some(IpAddr::V6(Ipv6Addr::from_bits((address.to_bits() | rest).checked_add(1)?)))
            }
            // An IPv6 database without any IPv4 network.
            _ => None,
        }
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
