//! Address databases (`.mmdb`) of any vendor, several at once.

mod database;
mod error;
mod language;
mod place;
mod probe;
mod shape;
mod stamp;
mod watch;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use crate::address::embedded;
pub use database::Database;
pub use error::GeoError;
pub use place::Place;
pub use watch::Refreshed;
pub(crate) use watch::{QUIET, Watch};

/// A database older than this many days is worth a warning: addresses change hands.
const OLD: u64 = 90;

/// Address databases in the order in which they are asked.
///
/// Threads can share one: a lookup only reads.
#[derive(Debug)]
pub struct Geo {
    databases: Vec<Arc<Database>>,
    generation: u64,
}

impl Geo {
    /// Opens databases; names are given in the language (`de`, `pt-BR`), or the first of a list of
    /// them (`de,en`), that a database has them in, else in English. A region falls back to its
    /// language and a language to a region that there is. The files are read into memory.
    pub fn open<P: AsRef<Path>>(paths: &[P], language: &str) -> Result<Geo, GeoError> {
        let wishes = language::Wishes::parse(language);
        let open = |path: &P| Database::open(path.as_ref(), &wishes).map(Arc::new);
        Ok(Geo { databases: paths.iter().map(open).collect::<Result<_, _>>()?, generation: 0 })
    }

    /// What comes after these databases when some of them were replaced.
    fn next(&self, databases: Vec<Arc<Database>>) -> Geo {
        Geo { databases, generation: self.generation + 1 }
    }

    /// What the databases say of an address; of several that carry a field the first one counts.
    /// Of an address that carries an IPv4 address (NAT64, 6to4, Teredo) that one is looked up.
    pub fn place(&self, address: IpAddr) -> Place<'_> {
        let address = embedded(address);
        let mut place = Place::default();
        for database in &self.databases {
            place.fill_from(database.place(address));
        }
        place
    }

    /// The databases, in the order in which they are asked.
    pub fn databases(&self) -> &[Arc<Database>] {
        &self.databases
    }

    /// How many times databases had been replaced on disk when these were put together.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// One sentence on each database that is older than 90 days, at a time in seconds since 1970.
    /// One that does not know when it was built is not warned of.
    pub fn warnings(&self, now: u64) -> Vec<String> {
        let is_old = |database: &&Arc<Database>| database.built() > 0 && database.age_days(now) > OLD;
        let sentence = |database: &Arc<Database>| {
            let (path, kind, day) = (database.path().display(), database.kind(), database.built_on());
            let days = database.age_days(now);
            format!("{path}: this database ({kind}) was built on {day}, {days} days ago, and addresses move")
        };
        self.databases.iter().filter(is_old).map(sentence).collect()
    }

    /// How many lookups failed because a database is damaged, and what was wrong first.
    pub fn lookup_errors(&self) -> Option<LookupErrors> {
        let count = self.databases.iter().map(|database| database.error_count()).sum();
        let first = self.databases.iter().find_map(|database| database.first_error())?;
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
