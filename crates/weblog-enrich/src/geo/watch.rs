//! Databases that are replaced on disk while a program runs.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::language::Wishes;
use super::stamp::Stamp;
use super::{Database, Geo, GeoError};

/// How long a file must have been left alone before it is read, and the time between two looks.
pub(crate) const QUIET: Duration = Duration::from_secs(1);

/// What became of a database whose file has changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refreshed {
    /// The file was read anew and is used from now on.
    Replaced {
        /// The file.
        path: PathBuf,
        /// What the database calls itself.
        kind: String,
        /// The day on which it was built, `YYYY-MM-DD`.
        built_on: String,
    },
    /// The file cannot be used; what was read of it before stays in use.
    Refused {
        /// What is wrong with it.
        error: GeoError,
        /// The day on which the database in use was built, `YYYY-MM-DD`.
        built_on: String,
    },
}

impl fmt::Display for Refreshed {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Refreshed::Replaced { path, kind, built_on } => {
                write!(formatter, "{}: read anew: {kind} of {built_on}", path.display())
            }
            Refreshed::Refused { error, built_on } => {
                write!(formatter, "{error}; the database of {built_on}, read before, stays in use")
            }
        }
    }
}

/// Looks after the files of databases.
#[derive(Debug)]
pub(crate) struct Watch {
    wishes: Wishes,
    files: Vec<Seen>,
}

/// What is remembered of one file.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Its state at the last look.
    last: Stamp,
    /// The state in which it was refused, so that this is told once.
    refused: Option<Stamp>,
}

impl Watch {
    pub(crate) fn new(geo: &Geo, language: &str) -> Watch {
        let seen = |database: &Arc<Database>| Seen { last: database.stamp(), refused: None };
        Watch { wishes: Wishes::parse(language), files: geo.databases().iter().map(seen).collect() }
    }

    /// Looks at each file once, and reads the changed ones that are no longer being written.
    ///
    /// Gives the databases to use from now on, if there are new ones, and what is to be told. A file
    /// is left alone until two looks found it in the same state, or it has not been changed for a while.
    pub(crate) fn look(&mut self, geo: &Geo, now: SystemTime) -> (Option<Geo>, Vec<Refreshed>) {
        let mut told = Vec::new();
        let mut databases = geo.databases().to_vec();
        for (database, seen) in databases.iter_mut().zip(&mut self.files) {
            match seen.changed(database, now).then(|| database.reopen(&self.wishes)) {
                None | Some(Err(GeoError::Changing { .. })) => {}
                Some(Ok(new)) => {
                    let (path, kind) = (new.path().to_path_buf(), new.kind().to_string());
                    told.push(Refreshed::Replaced { path, kind, built_on: new.built_on() });
                    *database = Arc::new(new);
                }
                Some(Err(error)) => {
                    seen.refused = Some(seen.last);
                    told.push(Refreshed::Refused { error, built_on: database.built_on() });
                }
            }
        }
        let is_new = told.iter().any(|told| matches!(told, Refreshed::Replaced { .. }));
        (is_new.then(|| geo.next(databases)), told)
    }
}

impl Seen {
    /// Whether the file is another one than what was read of it, and worth a try.
    fn changed(&mut self, database: &Database, now: SystemTime) -> bool {
        let state = Stamp::of_path(database.path());
        let is_quiet = self.last == state || state.is_older_than(QUIET, now);
        self.last = state;
        if state == database.stamp() {
            self.refused = None;
        }
        state != database.stamp() && self.refused != Some(state) && is_quiet
    }
}

#[cfg(test)]
mod tests;
