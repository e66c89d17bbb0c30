//! What a database has to say, found out by looking at its first records.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use maxminddb::{LookupResult, MaxMindDbError, PathElement, Reader, path};
use serde::de::IgnoredAny;

use super::shape::Shaped;

/// How many records are looked at, at most, to see what a database has.
const PROBED_RECORDS: usize = 500;
/// How many networks are passed over, at most, in the search for those records.
const PROBED_NETWORKS: usize = 20_000;
/// How many languages are told apart, at most.
const LANGUAGES: usize = 64;

/// What a database has to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) places: bool,
    pub(super) networks: bool,
    pub(super) isp: bool,
    pub(super) connection_type: bool,
    pub(super) anonymizer: bool,
}

impl Carried {
    pub(super) fn anything(self) -> bool {
        self != Carried::default()
    }

    /// Whether it has the places and networks that another one has. The rest is too rare in some
    /// databases for its absence to mean anything.
    pub(super) fn includes(self, other: Carried) -> bool {
        self.places >= other.places && self.networks >= other.networks
    }

    fn see(&mut self, shaped: &Shaped) {
        self.places |= shaped.place.says_where();
        self.networks |= shaped.place.says_whose();
        self.isp |= shaped.place.isp.is_some();
        self.connection_type |= shaped.place.connection_type.is_some();
        self.anonymizer |= shaped.has_flags;
    }

    /// MaxMind's Shield databases are those of places with flags where clients hide, and only there:
    /// there may be none in the first records.
    fn widen(&mut self, kind: &str) {
        self.anonymizer |= kind.contains("Shield");
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) carried: Carried,
    /// The languages of names.
    pub(super) languages: BTreeSet<String>,
    /// The first record that could not be read.
    pub(super) error: Option<MaxMindDbError>,
}

/// Looks at the first records of each address family in address order.
///
/// Goes from network to network by lookups, each of which takes at most 128 steps, and not by
/// the reader's own walk of the tree, which never ends in a tree that a fault bent into a circle.
pub(super) fn probe(reader: &Reader<Vec<u8>>) -> Found {
    let metadata = reader.metadata();
    let mut found = Found::default();
    found.languages.extend(metadata.languages.iter().take(LANGUAGES).cloned());
    found.family(reader, IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if metadata.ip_version == 6 {
        found.family(reader, IpAddr::V6(Ipv6Addr::new(1, 0, 0, 0, 0, 0, 0, 0)));
    }
    if found.carried.anything() {
        found.carried.widen(&metadata.database_type);
    }
    found
}

impl Found {
    fn family(&mut self, reader: &Reader<Vec<u8>>, first: IpAddr) {
        let mut records = 0;
        let mut next = Some(first);
        for _ in 0..PROBED_NETWORKS {
            let Some(address) = next.filter(|_| records < PROBED_RECORDS) else { break };
            match self.record(reader, address) {
                Ok(is_there) => records += usize::from(is_there),
                Err(error) => _ = self.error.get_or_insert(error),
            }
            next = after(reader, address);
        }
    }

    /// Looks at the record of an address, if there is one.
    fn record(&mut self, reader: &Reader<Vec<u8>>, address: IpAddr) -> Result<bool, MaxMindDbError> {
        let found = reader.lookup(address)?;
        let Some(shaped) = found.decode::<Shaped>()? else { return Ok(false) };
        self.carried.see(&shaped);
        if shaped.translated.country {
            self.languages_of(&found, &path!["country", "names"]);
        }
        if shaped.translated.city {
            self.languages_of(&found, &path!["city", "names"]);
        }
        Ok(true)
    }

    fn languages_of(&mut self, found: &LookupResult<'_, Vec<u8>>, names: &[PathElement<'_>]) {
        let Ok(Some(names)) = found.decode_path::<HashMap<&str, IgnoredAny>>(names) else { return };
        for language in names.keys() {
            if self.languages.len() < LANGUAGES && !self.languages.contains(*language) {
                self.languages.insert(language.to_string());
            }
        }
    }
}

/// The first address behind the network that an address is in; None behind the last one.
fn after(reader: &Reader<Vec<u8>>, address: IpAddr) -> Option<IpAddr> {
    let network = reader.lookup(address).ok()?.network().ok()?;
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
