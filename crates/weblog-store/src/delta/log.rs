//! The names in `_delta_log`, and how a commit gets one (sections Delta Log Entries, Checkpoints).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::action::Action;
use super::durable::{self, gone, publish_new, sync_directory};
use super::error::DeltaError;

/// A commit that is being written has a name that begins so.
pub(super) const TEMPORARY: &str = ".tmp-";

/// The longest line that is read: a stray file is not worth more memory.
const LINE: u64 = 256 << 20;

pub(super) fn directory(root: &Path) -> PathBuf {
    root.join("_delta_log")
}

pub(super) fn commit_path(log: &Path, version: u64) -> PathBuf {
    log.join(format!("{version:020}.json"))
}

pub(super) fn checkpoint_path(log: &Path, version: u64) -> PathBuf {
    log.join(format!("{version:020}.checkpoint.parquet"))
}

/// What lies in the log.
#[derive(Default)]
pub(super) struct Listing {
    /// The last commit.
    pub latest: Option<u64>,
    /// All commits.
    pub commits: BTreeSet<u64>,
    /// Checkpoints of which all parts are there.
    pub checkpoints: BTreeMap<u64, Vec<PathBuf>>,
    /// Commits that are being written, or were when somebody was killed.
    pub temporary: Vec<PathBuf>,
}

impl Listing {
    /// The newest version. None if there is none.
    pub(super) fn newest(&self) -> Option<u64> {
        self.latest.max(self.checkpoints.keys().last().copied())
    }
}

/// Lists the log. None if there is no such directory.
pub(super) fn list(log: &Path) -> Result<Option<Listing>, DeltaError> {
    let entries = match fs::read_dir(log) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(DeltaError::io("list", log))?,
    };
    let mut listing = Listing::default();
    let mut parts: BTreeMap<(u64, usize), Vec<PathBuf>> = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(DeltaError::io("list", log))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let pieces: Vec<&str> = name.split('.').collect();
        let version = || pieces[0].parse::<u64>().ok().filter(|_| pieces[0].len() == 20);
        match (&pieces[1..], version()) {
            _ if name.starts_with(TEMPORARY) => listing.temporary.push(path),
            (["json"], Some(version)) => {
                listing.latest = listing.latest.max(Some(version));
                listing.commits.insert(version);
            }
            (["checkpoint", "parquet"], Some(version)) => {
                listing.checkpoints.insert(version, vec![path]);
            }
            (["checkpoint", _, of, "parquet"], Some(version)) => {
                if let Ok(of) = of.parse() {
                    parts.entry((version, of)).or_default().push(path);
                }
            }
            _ => {}
        }
    }
    let whole = parts.into_iter().filter(|((_, of), paths)| paths.len() == *of);
    whole.for_each(|((version, _), paths)| {
        listing.checkpoints.entry(version).or_insert(paths);
    });
    Ok(Some(listing))
}

/// The actions of a commit. None if there is no such commit.
pub(super) fn read_commit(log: &Path, version: u64) -> Result<Option<Vec<Action>>, DeltaError> {
    let path = commit_path(log, version);
    match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DeltaError::io("read", &path)(error)),
        Ok(file) => parse(&path, BufReader::new(file)).map(Some),
    }
}

/// The actions of a commit's text, a JSON object per line.
pub(super) fn parse(path: &Path, text: impl BufRead) -> Result<Vec<Action>, DeltaError> {
    let mut actions = Vec::new();
    each(path, text, |line| {
        actions.push(Action::parse(line)?);
        Ok(())
    })?;
    Ok(actions)
}

/// Takes the lines of a commit, one after another. `take` says what it expected of one.
pub(super) fn each(
    path: &Path,
    mut text: impl BufRead,
    mut take: impl FnMut(Value) -> Result<(), String>,
) -> Result<(), DeltaError> {
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let read =
            (&mut text).take(LINE).read_until(b'\n', &mut bytes).map_err(DeltaError::io("read", path))?;
        let expected = |expected: String| DeltaError::Line { path: path.to_owned(), line, expected };
        match read {
            0 if line == 1 => return Err(expected("an action, and the file is empty".into())),
            0 => break,
            _ if bytes.trim_ascii().is_empty() => continue,
            _ => {}
        }
        let value = serde_json::from_slice(&bytes).map_err(|e| expected(format!("a JSON object ({e})")))?;
        take(value).map_err(expected)?;
    }
    Ok(())
}

/// Makes a commit. False if another one has this version.
pub(super) fn publish_commit(log: &Path, version: u64, text: &[u8]) -> Result<bool, DeltaError> {
    publish(log, &commit_path(log, version), text)
}

/// Writes a file of the log that is durable and whole before it has its name. False if the name is
/// taken.
pub(super) fn publish(log: &Path, path: &Path, bytes: &[u8]) -> Result<bool, DeltaError> {
    loop {
        let (_locked, temporary) = write_temporary(log, bytes)?;
        match publish_new(&temporary, path) {
            Ok(()) => {
                sync_directory(log).map_err(DeltaError::io("make durable", log))?;
                return Ok(true);
            }
            Err(error) => {
                // What cannot be removed is left for the next recovery.
                let still_there = fs::remove_file(&temporary).is_ok();
                match error.kind() {
                    io::ErrorKind::AlreadyExists => return Ok(false),
                    // A recovery found our file before we had its lock, and took it away.
                    io::ErrorKind::NotFound if !still_there && log.is_dir() => continue,
                    _ => return Err(DeltaError::io("write", path)(error)),
                }
            }
        }
    }
}

/// Writes a file of the log in place of the one that has its name.
pub(super) fn replace(log: &Path, path: &Path, bytes: &[u8]) -> Result<(), DeltaError> {
    let (_locked, temporary) = write_temporary(log, bytes)?;
    fs::rename(&temporary, path).map_err(DeltaError::io("write", path))?;
    sync_directory(log).map_err(DeltaError::io("make durable", log))
}

/// A durable file under a name that no reader looks at. Its lock tells recoveries that its writer lives.
fn write_temporary(log: &Path, bytes: &[u8]) -> Result<(File, PathBuf), DeltaError> {
    let path = log.join(format!("{TEMPORARY}{}", durable::random_name()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(DeltaError::io("create", &path))?;
    // Without a lock a recovery may take the file away: then it is written again.
    let _locked = durable::try_lock(&file);
    if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
        let _left_for_recovery = fs::remove_file(&path);
        return Err(DeltaError::io("write", &path)(error));
    }
    Ok((file, path))
}

/// Makes `_delta_log` if it is missing, durably.
pub(super) fn create_directory(root: &Path) -> Result<PathBuf, DeltaError> {
    let log = directory(root);
    durable::create_directories(&log).map_err(DeltaError::io("create", &log))?;
    Ok(log)
}

/// Takes away commits that were never made because their writer is dead.
pub(super) fn remove_temporary(root: &Path) -> Result<(), DeltaError> {
    let Some(listing) = list(&directory(root))? else { return Ok(()) };
    for path in listing.temporary {
        let Ok(file) = OpenOptions::new().write(true).open(&path) else { continue };
        if durable::try_lock(&file).map_err(DeltaError::io("lock", &path))? {
            gone(fs::remove_file(&path)).map_err(DeltaError::io("remove", &path))?;
        }
    }
    Ok(())
}
