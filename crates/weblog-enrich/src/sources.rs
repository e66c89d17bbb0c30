//! What the enrichment of a run asks: the databases given, or the embedded table of countries.

use crate::{
    address, country_table,
    fields::Group,
    geo::{Database, Geo, GeoError, Place, QUIET, Refreshed, Watch},
};
use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use weblog_parse::{Field, time::civil_from_days};

/// The databases of a run. Threads share one.
#[derive(Debug)]
pub struct Sources {
    /// The databases in use. It is locked for as long as it takes to copy a pointer.
    geo: RwLock<Arc<Geo>>,
    /// The generation of the databases in use.
    generation: AtomicU64,
    /// Looks after the files, in one thread at a time.
    watch: Mutex<Watch>,
    opened: Instant,
    /// When the files are to be looked at again, in milliseconds since the sources were opened.
    next_look: AtomicU64,
    /// No database can carry a country, so the embedded table does.
    table: bool,
}

/// The embedded table is worth a warning when it is older than this many days.
const OLD_TABLE: i64 = 400;

impl Sources {
    /// Opens databases of places and networks, with names in the first language of a list (`de`,
    /// `pt-BR,es`) that a database has them in, else in English.
    ///
    /// # Errors
    /// When a file cannot be read, is no database, or one of which no field is known.
    pub fn open<P: AsRef<Path>>(paths: &[P], language: &str) -> Result<Self, GeoError> {
        let geo = Arc::new(Geo::open(paths, language)?);
        let table = !geo.databases().iter().any(|database| database.has_places());
        Ok(Sources {
            generation: AtomicU64::new(geo.generation()),
            watch: Mutex::new(Watch::new(&geo, language)),
            opened: Instant::now(),
            next_look: AtomicU64::new(if paths.is_empty() { u64::MAX } else { 0 }),
            geo: RwLock::new(geo),
            table,
        })
    }

    /// The databases in use. Hold on to them for as long as their answers are needed, and ask again
    /// when [`Sources::generation`] is no longer theirs.
    pub fn geo(&self) -> Arc<Geo> {
        Arc::clone(&self.geo.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The generation of the databases in use: another one than [`Geo::generation`] of those at hand
    /// means that a file was replaced, and what is remembered of their answers is out of date.
    #[inline]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Takes over databases that were replaced on disk, and tells what happened, each thing once.
    ///
    /// May be called from any thread, as often as wanted: each file is looked at once a second at
    /// most, by one thread. A file is read when it has not changed for a second. One that cannot be
    /// used is refused, what was read before stays in use, and it is tried again when it changes again.
    pub fn refresh(&self) -> Vec<Refreshed> {
        self.refresh_at(self.opened.elapsed(), SystemTime::now())
    }

    fn refresh_at(&self, since_opened: Duration, now: SystemTime) -> Vec<Refreshed> {
        let since_opened = u64::try_from(since_opened.as_millis()).unwrap_or(u64::MAX);
        let is_early = || since_opened < self.next_look.load(Ordering::Relaxed);
        if is_early() {
            return Vec::new();
        }
        let Ok(mut watch) = self.watch.try_lock() else { return Vec::new() };
        // Another thread may have looked between the question above and the lock.
        if is_early() {
            return Vec::new();
        }
        let (new, told) = watch.look(&self.geo(), now);
        if let Some(new) = new {
            let generation = new.generation();
            *self.geo.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
            self.generation.store(generation, Ordering::Release);
        }
        self.next_look.store(since_opened + QUIET.as_millis() as u64, Ordering::Relaxed);
        told
    }

    /// The fields on an address that these sources can fill, in the order of the schema.
    pub(crate) fn place_fields(&self) -> Vec<Field> {
        let geo = self.geo();
        let any = |has: fn(&Database) -> bool| geo.databases().iter().any(|database| has(database));
        let mut fields = vec![Field::AddrKind, Field::Country];
        if !self.table {
            fields = Group::Place.fields().to_vec();
        }
        if any(Database::has_networks) {
            fields.extend([Field::Asn, Field::AsOrg]);
        }
        let single = [
            (Field::Isp, any(Database::has_isp)),
            (Field::ConnectionType, any(Database::has_connection_type)),
            (Field::Anonymizer, any(Database::has_anonymizer)),
        ];
        fields.extend(single.into_iter().filter(|(_, has)| *has).map(|(field, _)| field));
        fields
    }

    /// Whether the country comes from the embedded table.
    pub(crate) fn has_table(&self) -> bool {
        self.table
    }

    /// What these databases and the embedded table know of an address as logged. One that is set
    /// apart for a purpose, see [`address::kind`], is looked up in neither.
    pub fn place_in<'g>(&self, geo: &'g Geo, logged: &str) -> Place<'g> {
        let Some(address) = address::parse(logged.as_bytes()) else { return Place::default() };
        if address::kind(address).is_some() {
            return Place::default();
        }
        let mut place = geo.place(address);
        if self.table {
            place.country = country_table::country(address::embedded(address));
        }
        place
    }

    /// One sentence on each source that is old, at a time in seconds since 1970: on databases after
    /// 90 days, and on the embedded table, if it is asked, after 400.
    pub fn warnings(&self, now: u64) -> Vec<String> {
        let mut warnings = self.geo().warnings(now);
        let (date, limit) = (country_table::about().date, (now / 86_400) as i64 - OLD_TABLE);
        let (year, month, day) = civil_from_days(limit);
        if self.table && date < format!("{year:04}-{month:02}-{day:02}").as_str() {
            warnings.push(format!(
                "the table of countries inside the program is of {date}, more than {OLD_TABLE} days ago; \
                 a newer weblog or a database knows more"
            ));
        }
        warnings
    }

    /// One sentence on the lookups that a damaged database could not answer.
    pub fn fault(&self) -> Option<String> {
        let errors = self.geo().lookup_errors()?;
        let lookups = if errors.count == 1 { "lookup" } else { "lookups" };
        Some(format!("{} {lookups} failed; the first: {}", errors.count, errors.first))
    }
}

#[cfg(test)]
mod tests;
