//! Address databases (`.mmdb`) of any vendor, several at once.

mod database;
mod error;
mod shape;

use std::net::IpAddr;
use std::path::Path;

pub use database::Database;
pub use error::GeoError;

/// Where an address is, and whose network it belongs to. The texts are those of the database.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Place<'a> {
    /// The country as ISO 3166-1 alpha-2 code, in capitals.
    pub country: Option<&'a str>,
    /// The country's name.
    pub country_name: Option<&'a str>,
    /// The name of the country's first subdivision (state, province, land).
    pub region: Option<&'a str>,
    /// The city's name.
    pub city: Option<&'a str>,
    /// Degrees north; there is never a latitude without a longitude.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// IANA name of the time zone.
    pub timezone: Option<&'a str>,
    /// The number of the autonomous system that announces the address.
    pub asn: Option<u32>,
    /// The organisation behind the autonomous system.
    pub as_org: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Takes over what is missing here from another database's answer.
    ///
    /// What belongs together stays together: the name of a country or of an organisation is
    /// taken only for the same country or number, and the coordinates as a pair.
    fn fill_from(&mut self, other: Place<'a>) {
        if self.country.is_none() || other.country.is_none() || self.country == other.country {
            self.country = self.country.or(other.country);
            self.country_name = self.country_name.or(other.country_name);
        }
        if self.asn.is_none() || other.asn.is_none() || self.asn == other.asn {
            self.asn = self.asn.or(other.asn);
            self.as_org = self.as_org.or(other.as_org);
        }
        self.region = self.region.or(other.region);
        self.city = self.city.or(other.city);
        self.timezone = self.timezone.or(other.timezone);
        if self.latitude.is_none() {
            (self.latitude, self.longitude) = (other.latitude, other.longitude);
        }
    }

    fn says_where(&self) -> bool {
        self.country.is_some()
            || self.country_name.is_some()
            || self.region.is_some()
            || self.city.is_some()
            || self.latitude.is_some()
            || self.timezone.is_some()
    }

    fn says_whose(&self) -> bool {
        self.asn.is_some() || self.as_org.is_some()
    }
}

/// Address databases in the order in which they are asked.
///
/// Threads can share one: a lookup only reads.
#[derive(Debug)]
pub struct Geo {
    databases: Vec<Database>,
}

impl Geo {
    /// Opens databases; names are given in the language (`de`, `pt-BR`) where a database has
    /// them in it, else in English. The files are read into memory.
    pub fn open<P: AsRef<Path>>(paths: &[P], language: &str) -> Result<Geo, GeoError> {
        let open = |path: &P| Database::open(path.as_ref(), language);
        Ok(Geo { databases: paths.iter().map(open).collect::<Result<_, _>>()? })
    }

    /// What the databases say of an address; of several that carry a field the first one counts.
    pub fn place(&self, address: IpAddr) -> Place<'_> {
        let mut place = Place::default();
        for database in &self.databases {
            place.fill_from(database.place(address));
        }
        place
    }

    /// The databases, in the order in which they are asked.
    pub fn databases(&self) -> &[Database] {
        &self.databases
    }

    /// How many lookups failed because a database is damaged, and what was wrong first.
    pub fn lookup_errors(&self) -> Option<LookupErrors> {
        let count = self.databases.iter().map(Database::error_count).sum();
        let first = self.databases.iter().find_map(Database::first_error)?;
        Some(LookupErrors { count, first: first.to_string() })
    }
}

/// The lookups that a damaged database could not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupErrors {
    /// How many there were.
    pub count: u64,
    /// One sentence on the first of them.
    pub first: String,
}

#[cfg(test)]
mod tests;
