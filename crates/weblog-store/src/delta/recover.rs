//! Clearing away what runs that were killed left behind.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use super::action::Action;
use super::durable::{self, gone, sync_directory};
use super::error::DeltaError;
use super::log;
use super::path;
use super::snapshot::Snapshot;
use super::staging::{self, END, MOVES, directory, is_named_by, lock_path};

/// What a recovery did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Directories of runs that are no more.
    pub dead: usize,
    /// Directories of runs that are at work, which were left alone.
    pub alive: usize,
    /// Files of data that had got their names and that no commit names. They are removed.
    pub orphans: Vec<String>,
}

/// Clears away what killed runs left behind in the dataset at `root`: half-written files, commits that
/// were never made, and files that were moved to their place and never committed.
///
/// Safe at any time, beside runs that are at work and beside other recoveries, and to be killed itself.
/// Directories of partitions stay even if they are empty.
///
/// # Errors
/// The system refuses something, or the log cannot be read: then no file of data is removed.
pub fn recover(root: &Path) -> Result<Recovered, DeltaError> {
    log::remove_temporary(root)?;
    let mut recovered = Recovered::default();
    for id in ids(root)? {
        let path = lock_path(root, &id);
        // A directory is not without its lock, unless something other than weblog took that away.
        let alone = directory(root).join(&id).is_dir();
        let lock = match OpenOptions::new().read(true).write(true).create(alone).truncate(false).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(DeltaError::io("open", &path))?,
        };
        if !durable::try_lock(&lock).map_err(DeltaError::io("lock", &path))? {
            recovered.alive += 1;
            continue;
        }
        // Another recovery, or the run itself, was done with it before we had the lock.
        if !durable::still_named(&lock, &path).map_err(DeltaError::io("read", &path))? {
            continue;
        }
        recovered.orphans.extend(clean(root, &id)?);
        recovered.dead += 1;
    }
    Ok(recovered)
}

/// The identifiers of the runs that are at work in the dataset at `root`.
///
/// # Errors
/// The system refuses something.
pub fn at_work(root: &Path) -> Result<BTreeSet<String>, DeltaError> {
    Ok(runs(root)?.into_iter().filter(|(_, works)| *works).map(|(id, _)| id).collect())
}

/// The directories of runs that are no more, relative to `root`: what [`recover`] would clear away.
///
/// # Errors
/// The system refuses something.
pub fn abandoned(root: &Path) -> Result<Vec<String>, DeltaError> {
    let dead = runs(root)?.into_iter().filter(|(_, works)| !works).map(|(id, _)| directory(root).join(id));
    let below = |path: std::path::PathBuf| path.strip_prefix(root).ok().map(|p| p.to_string_lossy().into());
    Ok(dead.filter_map(below).collect())
}

/// All runs here, and whether each is at work.
pub(super) fn runs(root: &Path) -> Result<Vec<(String, bool)>, DeltaError> {
    let works = |id: String| {
        let path = lock_path(root, &id);
        let works = match OpenOptions::new().read(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            other => {
                let lock = other.map_err(DeltaError::io("open", &path))?;
                !durable::try_lock(&lock).map_err(DeltaError::io("lock", &path))?
            }
        };
        Ok((id, works))
    };
    ids(root)?.into_iter().map(works).collect()
}

/// The identifiers of all runs that have a lock or a directory here. What has another name is not ours.
fn ids(root: &Path) -> Result<BTreeSet<String>, DeltaError> {
    let parent = directory(root);
    let entries = match fs::read_dir(&parent) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        other => other.map_err(DeltaError::io("list", &parent))?,
    };
    let mut ids = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(DeltaError::io("list", &parent))?.file_name();
        let name = name.to_string_lossy();
        let id = name.strip_suffix(".lock").unwrap_or(&name);
        if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            ids.insert(id.to_owned());
        }
    }
    Ok(ids)
}

/// Removes the directory of a run, and the files it published that no commit names. The caller holds
/// its lock, so no commit of it can follow.
pub(super) fn clean(root: &Path, id: &str) -> Result<Vec<String>, DeltaError> {
    let mut orphans = moved(root, id)?;
    if !orphans.is_empty() {
        for path in committed(root, &orphans)? {
            orphans.remove(&path);
        }
    }
    for orphan in &orphans {
        let path = root.join(orphan);
        gone(fs::remove_file(&path)).map_err(DeltaError::io("remove", &path))?;
        // The list goes only when the removal is durable.
        let parent = path.parent().unwrap_or(root);
        sync_directory(parent).map_err(DeltaError::io("make durable", parent))?;
    }
    staging::remove(root, id)?;
    Ok(orphans.into_iter().collect())
}

/// The files of this run that have got their names. A list without its end was not whole when the run
/// was killed, so nothing had moved.
fn moved(root: &Path, id: &str) -> Result<BTreeSet<String>, DeltaError> {
    let list = directory(root).join(id).join(MOVES);
    let text = match fs::read(&list) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(DeltaError::io("read", &list))?,
    };
    let Ok(text) = String::from_utf8(text) else { return Ok(BTreeSet::new()) };
    let Some(targets) = text.strip_suffix(END) else { return Ok(BTreeSet::new()) };
    let ours = |target: &&str| path::check(target).is_ok() && is_named_by(target, id);
    let there = |target: &&str| fs::symlink_metadata(root.join(target)).is_ok();
    Ok(targets.lines().filter(ours).filter(there).map(str::to_owned).collect())
}

/// Which of the paths any commit names, also one whose files were taken out since: reading an older
/// version needs them.
fn committed(root: &Path, paths: &BTreeSet<String>) -> Result<BTreeSet<String>, DeltaError> {
    let Some(snapshot) = Snapshot::read(root)? else { return Ok(BTreeSet::new()) };
    let mut found: BTreeSet<String> = paths.iter().filter(|path| snapshot.mentions(path)).cloned().collect();
    let log = log::directory(root);
    for version in (0..=snapshot.version()).rev() {
        if found.len() == paths.len() {
            break;
        }
        for action in log::read_commit(&log, version)?.into_iter().flatten() {
            let path = match action {
                Action::Add(add) => add.path,
                Action::Remove { path, .. } => path,
                _ => continue,
            };
            if paths.contains(&path) {
                found.insert(path);
            }
        }
    }
    Ok(found)
}
