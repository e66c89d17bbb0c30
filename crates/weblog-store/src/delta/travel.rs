//! The state of a table as it was: at an older version, or at a time.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde_json::Value;

use super::action::Action;
use super::error::DeltaError;
use super::log::{self, Listing};
use super::snapshot::{DataFile, Snapshot};
use super::stats;

impl Snapshot {
    /// The state of the dataset at `root` as it was with this version. None if there is no dataset.
    ///
    /// Its files may have been removed since: see [`Snapshot::missing_files`].
    ///
    /// # Errors
    /// [`DeltaError::Past`] when there is no such version yet, or when the log does not reach back to it;
    /// else as [`Snapshot::read`].
    pub fn read_at(root: &Path, version: u64) -> Result<Option<Snapshot>, DeltaError> {
        let directory = log::directory(root);
        let Some(listing) = log::list(&directory)? else { return Ok(None) };
        let Some(newest) = listing.newest() else { return Ok(None) };
        let past = |why| DeltaError::Past { path: root.to_owned(), why };
        if version > newest {
            return Err(past(format!("there is no version {version} yet, the newest is {newest}")));
        }
        let oldest = oldest(&listing);
        match Snapshot::read_listed(root, &listing, version, false) {
            Err(DeltaError::Gap { .. }) if version < oldest => Err(past(format!(
                "the log does not reach back to version {version} any more, the oldest that can be read is \
                 {oldest}"
            ))),
            result => result.map(Some),
        }
    }

    /// The files of this version that are not there any more, as after a vacuum.
    pub fn missing_files(&self, root: &Path) -> Vec<&DataFile> {
        self.files().filter(|file| !is_there(root, &file.path)).collect()
    }
}

/// Whether a file of data is there, and is a file.
fn is_there(root: &Path, path: &str) -> bool {
    fs::metadata(root.join(path)).is_ok_and(|metadata| metadata.is_file())
}

/// The oldest version that can be read, going back from the newest.
pub(super) fn oldest(listing: &Listing) -> u64 {
    let Some(newest) = listing.newest() else { return 0 };
    let mut first = newest;
    // A checkpoint that is newer than all commits stands alone.
    if listing.commits.contains(&newest) {
        while first > 0 && listing.commits.contains(&(first - 1)) {
            first -= 1;
        }
    }
    match first {
        0 => 0,
        first => listing.checkpoints.range(first - 1..).next().map_or(first, |(version, _)| *version),
    }
}

/// The version that was the newest one at a time, in milliseconds since 1970 in UTC. None if there is no
/// dataset.
///
/// A commit is as old as it says itself (`inCommitTimestamp`, else `timestamp`), else as its file. Clocks
/// of writers differ: a commit is not older than the one before it.
///
/// # Errors
/// [`DeltaError::Past`] when the time is before the first version that can be read; else as
/// [`Snapshot::read`].
pub fn version_at(root: &Path, millis: i64) -> Result<Option<u64>, DeltaError> {
    let directory = log::directory(root);
    let Some(listing) = log::list(&directory)? else { return Ok(None) };
    let oldest = oldest(&listing);
    let mut found = None;
    for version in listing.commits.range(oldest..) {
        let made = committed_at(root, *version)?;
        match made {
            Some(made) if made > millis => {
                if found.is_some() {
                    break;
                }
                let made = rfc3339(made);
                let why = match oldest {
                    0 => format!("at that time there was no dataset yet, its first commit is of {made}"),
                    oldest => format!(
                        "the log does not reach back to that time any more, the oldest version that can be \
                         read is {oldest} of {made}"
                    ),
                };
                return Err(DeltaError::Past { path: root.to_owned(), why });
            }
            _ => found = Some(*version),
        }
    }
    Ok(found.or(listing.newest()))
}

/// When a commit was made, in milliseconds since 1970 in UTC. None if the log does not have it any more.
///
/// # Errors
/// The system refuses to read it.
pub fn committed_at(root: &Path, version: u64) -> Result<Option<i64>, DeltaError> {
    let path = log::commit_path(&log::directory(root), version);
    let failed = |error| DeltaError::io("read", &path)(error);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let modified = file.metadata().and_then(|metadata| metadata.modified()).map_err(failed)?;
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(failed)?;
        let info = serde_json::from_slice::<Value>(&line).unwrap_or_default();
        if let Some(told) = told(&info["commitInfo"]) {
            return Ok(Some(told));
        }
    }
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Some(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}

/// `2019-01-22T00:26:14.123Z` of milliseconds since 1970.
pub fn rfc3339(millis: i64) -> String {
    stats::millis(millis).unwrap_or_else(|| millis.to_string())
}

/// When a commit says that it was made.
pub(super) fn told(info: &Value) -> Option<i64> {
    info["inCommitTimestamp"].as_i64().or(info["timestamp"].as_i64())
}

/// The first version after `version` of which all files are there. None if there is none.
///
/// # Errors
/// As [`Snapshot::read_at`].
pub fn whole_since(root: &Path, version: u64) -> Result<Option<u64>, DeltaError> {
    let Some(snapshot) = Snapshot::read_at(root, version)? else { return Ok(None) };
    let mut missing: BTreeSet<String> =
        snapshot.missing_files(root).into_iter().map(|file| file.path.clone()).collect();
    let directory = log::directory(root);
    for version in version + 1.. {
        let Some(actions) = log::read_commit(&directory, version)? else { break };
        for action in actions {
            match action {
                Action::Add(add) if !is_there(root, &add.path) => {
                    missing.insert(add.path);
                }
                Action::Remove { path, .. } => {
                    missing.remove(&path);
                }
                _ => {}
            }
        }
        if missing.is_empty() {
            return Ok(Some(version));
        }
    }
    Ok(None)
}
