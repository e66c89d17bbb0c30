//! Whether the log is whole: no commit is missing, each can be read, and each checkpoint says what the
//! commits before it say.

use std::collections::BTreeSet;
use std::path::Path;

use super::checkpoint;
use super::error::DeltaError;
use super::log;
use super::recover;
use super::snapshot::Snapshot;

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file of the log that it is about, relative to the dataset.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// What was found in a log.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// The newest state. None if it cannot be read, or if there is no commit yet.
    pub snapshot: Option<Snapshot>,
    /// Commits that were read.
    pub commits: u64,
    /// Checkpoints that were compared with what the commits before them say.
    pub checkpoints: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Commits that are being written, or were when somebody was killed.
    pub temporary: Vec<String>,
    /// Runs that have a directory of their own in the dataset, and whether each is at work.
    pub runs: Vec<(String, bool)>,
}

/// Reads the whole log of the dataset at `root`. None if there is none.
///
/// # Errors
/// The system refuses to list the log. What is wrong with it is no error.
pub fn verify(root: &Path) -> Result<Option<Verified>, DeltaError> {
    let directory = log::directory(root);
    let Some(listing) = log::list(&directory)? else { return Ok(None) };
    let mut found = Verified::default();
    let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    found.runs = recover::runs(root)?;
    found.temporary = listing.temporary.iter().map(|path| below(path)).collect();
    let Some(newest) = listing.newest() else { return Ok(Some(found)) };

    let mut fault = |path: &Path, what: String| found.faults.push(Fault { path: below(path), what });
    for version in missing(&listing.commits, newest) {
        fault(&log::commit_path(&directory, version), "is missing although later commits exist".into());
    }
    let first = listing.commits.first().into_iter().chain(listing.checkpoints.keys().next()).min().copied();
    // What the commits say, without any checkpoint, as far as they go.
    let mut replay: Option<Snapshot> = None;
    for version in first.unwrap_or(0)..=newest {
        let at = log::checkpoint_path(&directory, version);
        let parts = listing.checkpoints.get(&version);
        let read = parts.map(|parts| (parts, checkpoint::read_state(root, &directory, version, parts)));
        match log::read_commit(&directory, version) {
            Err(error) => {
                fault(&log::commit_path(&directory, version), unplaced(&error));
                replay = None;
            }
            Ok(None) => replay = None,
            Ok(Some(actions)) => {
                found.commits += 1;
                let result = match &mut replay {
                    Some(snapshot) => snapshot.advance(root, actions),
                    None if version == 0 => Snapshot::first(root, actions).map(|first| replay = Some(first)),
                    None => Ok(()),
                };
                if let Err(error) = result {
                    fault(&log::commit_path(&directory, version), unplaced(&error));
                    replay = None;
                }
            }
        }
        match (read, &replay) {
            (None, _) => {}
            (Some((parts, Err(why))), _) => {
                fault(parts.first().unwrap_or(&at), format!("cannot be used: {why}"))
            }
            (Some((parts, Ok(state))), Some(commits)) => {
                found.checkpoints += 1;
                if let Some(what) = difference(&state, commits) {
                    fault(parts.first().unwrap_or(&at), format!("is not what the commits say: {what}"));
                }
            }
            // The commits before it are gone: it stands for them.
            (Some((_, Ok(state))), None) => replay = Some(state),
        }
    }
    match Snapshot::read(root) {
        Ok(snapshot) => found.snapshot = snapshot,
        Err(error) if found.faults.is_empty() => {
            found.faults.push(Fault { path: below(&directory), what: unplaced(&error) });
        }
        Err(_) => {}
    }
    Ok(Some(found))
}

/// The commits that are not there between others. Those before the first one were tidied away.
fn missing(commits: &BTreeSet<u64>, newest: u64) -> Vec<u64> {
    let Some(first) = commits.first() else { return Vec::new() };
    (*first..=newest).filter(|version| !commits.contains(version)).take(MOST).collect()
}

/// Missing commits that are told.
const MOST: usize = 100;

/// What differs between a checkpoint and the commits that it stands for. Tombstones may have expired.
fn difference(checkpoint: &Snapshot, commits: &Snapshot) -> Option<String> {
    let count = |from: &Snapshot, of: &Snapshot| {
        let known: std::collections::HashMap<&str, _> =
            of.files().map(|file| (file.path.as_str(), file)).collect();
        from.files().filter(|file| known.get(file.path.as_str()) != Some(file)).count()
    };
    match (count(checkpoint, commits), count(commits, checkpoint)) {
        (0, 0) => {}
        (more, less) => {
            return Some(format!("{more} files of it and {less} of theirs are other ones, or not there"));
        }
    }
    if checkpoint.metadata.raw != commits.metadata.raw {
        return Some("the metadata is another".into());
    }
    if checkpoint.protocol != commits.protocol {
        return Some("the protocol is another".into());
    }
    if checkpoint.inputs() != commits.inputs() {
        return Some("the inputs are taken in to other places".into());
    }
    let unknown = checkpoint.removed.keys().filter(|path| !commits.removed.contains_key(*path)).count();
    (unknown > 0).then(|| format!("{unknown} files were taken out by no commit"))
}

/// The error without the path, which is told beside it.
fn unplaced(error: &DeltaError) -> String {
    match error {
        DeltaError::Line { line, expected, .. } => format!("line {line}: expected {expected}"),
        DeltaError::Unsupported { why, .. } => why.clone(),
        DeltaError::Gap { path } => format!("{} is missing", super::error::shown(path)),
        DeltaError::Io { doing, error, .. } => format!("cannot {doing} it: {error}"),
        other => other.to_string(),
    }
}
