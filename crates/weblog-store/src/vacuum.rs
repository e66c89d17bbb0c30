//! Files that nobody needs any more go from the directory.
//!
//! A file that was taken out of the dataset is read by those who opened it before, and by those who ask
//! for an older version, so it stays for a grace. Beside those there are files that no commit ever named,
//! of runs that were killed, and their directories. What weblog did not write is never touched, unless
//! the log says that it was part of the dataset.

use crate::{
    dataset::is_part,
    delta::{DeltaError, Operation, Snapshot, abandoned, at_work, note, recover},
    error::StoreError,
    group::opened,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What is to be removed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vacuum {
    /// How long a file stays after it was taken out, and one that no commit names after it was written.
    /// None: as long as the dataset says, or a week.
    pub grace: Option<Duration>,
    /// Whether only to tell.
    pub dry_run: bool,
}

/// Why a thing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It was taken out of the dataset before the grace.
    Removed,
    /// No commit names it.
    Orphan,
    /// A run that was killed left it.
    Leftover,
    /// It is a directory of a partition without files.
    Empty,
}

/// One thing that goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gone {
    /// Why.
    pub why: Why,
    /// Where, relative to the dataset.
    pub path: String,
    /// Its size; none of a directory.
    pub bytes: Option<u64>,
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vacuumed {
    /// All that went, or would.
    pub gone: Vec<Gone>,
    /// Files that were taken out and stay until the grace is over.
    pub waiting: u64,
    /// Files that lie outside the directory, behind a link, and stay.
    pub outside: u64,
}

impl Vacuumed {
    /// How many files went, and their bytes.
    pub fn files(&self) -> (u64, u64) {
        let files = self.gone.iter().filter_map(|gone| gone.bytes);
        files.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes))
    }
}

/// What lies in the directories of partitions.
#[derive(Default)]
struct Tree {
    /// Files with names as weblog gives them: when they were written, and how many bytes they have.
    ours: BTreeMap<String, (SystemTime, u64)>,
    /// The directories, and how many things are in each.
    directories: BTreeMap<String, usize>,
}

impl Vacuum {
    /// Removes what nobody needs. Beside runs that are at work it is safe.
    ///
    /// # Errors
    /// A log that cannot be read, a dataset that weblog must not write to, a file that cannot be removed.
    pub fn run(&self, root: &Path) -> Result<Vacuumed, StoreError> {
        let snapshot = opened(root)?;
        snapshot.check_replaceable(root, Operation::Optimize)?;
        let mut all = Vacuumed::default();
        all.gone.extend(self.leftovers(root)?);
        let grace = self.grace.unwrap_or_else(|| snapshot.grace());
        // In this order: a file that is there, whose run has ended, and that no commit names after that is
        // never named by one.
        let tree = Tree::read(root, snapshot.partition_columns())?;
        let works = at_work(root)?;
        let snapshot = opened(root)?;
        let limit = SystemTime::now().checked_sub(grace).unwrap_or(UNIX_EPOCH);
        all.removed(root, &snapshot, limit)?;
        for (path, (written, bytes)) in &tree.ours {
            let run = path.rsplit('/').next().and_then(|name| name.get(5..37)).unwrap_or_default();
            if !snapshot.mentions(path) && *written < limit && !works.contains(run) {
                all.gone.push(Gone { why: Why::Orphan, path: path.clone(), bytes: Some(*bytes) });
            }
        }
        if !self.dry_run {
            remove_files(root, snapshot, &all.gone, grace)?;
        }
        all.empty(root, tree, self.dry_run)?;
        all.gone.sort();
        Ok(all)
    }

    /// What runs that were killed left behind.
    fn leftovers(&self, root: &Path) -> Result<Vec<Gone>, StoreError> {
        let dead = abandoned(root)?;
        let bytes = |path: &String| directory_size(&root.join(path));
        let mut gone: Vec<Gone> = dead
            .iter()
            .map(|path| Gone { why: Why::Leftover, path: path.clone(), bytes: Some(bytes(path)) })
            .collect();
        if !self.dry_run {
            let orphans = recover(root)?.orphans.into_iter();
            gone.extend(orphans.map(|path| Gone { why: Why::Orphan, path, bytes: None }));
        }
        Ok(gone)
    }
}

impl Vacuumed {
    /// Finds the files that were taken out before the grace.
    fn removed(&mut self, root: &Path, snapshot: &Snapshot, limit: SystemTime) -> Result<(), StoreError> {
        let limit = limit.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let home = fs::canonicalize(root).map_err(failed("read", root))?;
        for (path, at) in snapshot.removed() {
            let full = root.join(path);
            let Ok(found) = fs::symlink_metadata(&full) else { continue };
            let inside = full.parent().and_then(|parent| fs::canonicalize(parent).ok());
            if !found.is_file() || inside.is_none_or(|parent| !parent.starts_with(&home)) {
                self.outside += 1;
            } else if at < limit {
                self.gone.push(Gone { why: Why::Removed, path: path.to_owned(), bytes: Some(found.len()) });
            } else {
                self.waiting += 1;
            }
        }
        Ok(())
    }

    /// Removes directories in which nothing is left, from the deepest up.
    fn empty(&mut self, root: &Path, mut tree: Tree, dry_run: bool) -> Result<(), StoreError> {
        for gone in &self.gone {
            if let Some((parent, _)) = gone.path.rsplit_once('/')
                && let Some(things) = tree.directories.get_mut(parent)
            {
                *things = things.saturating_sub(1);
            }
        }
        let mut paths: Vec<String> = tree.directories.keys().cloned().collect();
        paths.sort_by_key(|path| std::cmp::Reverse(path.matches('/').count()));
        for path in paths {
            let is_gone = match dry_run {
                true => tree.directories[&path] == 0,
                // Only the system knows whether somebody has put a file there just now.
                false => fs::remove_dir(root.join(&path)).is_ok(),
            };
            if is_gone {
                if let Some((parent, _)) = path.rsplit_once('/')
                    && let Some(things) = tree.directories.get_mut(parent)
                {
                    *things = things.saturating_sub(1);
                }
                self.gone.push(Gone { why: Why::Empty, path, bytes: None });
            }
        }
        Ok(())
    }
}

/// Removes the files, and says so in the log.
fn remove_files(root: &Path, snapshot: Snapshot, gone: &[Gone], grace: Duration) -> Result<(), StoreError> {
    let files: Vec<&Gone> = gone
        .iter()
        .filter(|gone| matches!(gone.why, Why::Removed | Why::Orphan) && gone.bytes.is_some())
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    let bytes: u64 = files.iter().filter_map(|gone| gone.bytes).sum();
    let parameters = [
        ("retentionCheckEnabled", "false".to_owned()),
        ("specifiedRetentionMillis", grace.as_millis().to_string()),
    ];
    let found = [("numFilesToDelete", files.len() as u64), ("sizeOfDataToDelete", bytes)];
    let told = |error| match error {
        crate::delta::CommitError::Delta(error) => StoreError::Log(error),
        _ => StoreError::Busy { path: root.to_owned() },
    };
    let snapshot = note(root, snapshot, "VACUUM START", &parameters, &found).map_err(told)?;
    let mut parents: BTreeSet<&Path> = BTreeSet::new();
    for file in &files {
        let path = root.join(&file.path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("remove", &path)(error));
            }
            _ => parents.extend(Path::new(&file.path).parent()),
        }
    }
    let metrics = [("numDeletedFiles", files.len() as u64), ("numVacuumedDirectories", parents.len() as u64)];
    if let Some(snapshot) = snapshot {
        note(root, snapshot, "VACUUM END", &[("status", "COMPLETED".to_owned())], &metrics).map_err(told)?;
    }
    Ok(())
}

impl Tree {
    /// Reads the directories of partitions, and no others. Links are not followed.
    fn read(root: &Path, columns: &[String]) -> Result<Tree, StoreError> {
        let mut tree = Tree::default();
        tree.add(root, "", columns)?;
        Ok(tree)
    }

    /// Adds what is in a directory. How many things that is.
    fn add(&mut self, root: &Path, below: &str, columns: &[String]) -> Result<usize, StoreError> {
        let path = root.join(below);
        let mut things = 0;
        for entry in fs::read_dir(&path).map_err(failed("list", &path))? {
            things += 1;
            let entry = entry.map_err(failed("list", &path))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let own = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            let kind = entry.file_type().map_err(failed("read", &path))?;
            match columns {
                [] if kind.is_file() && is_part(&name) => match entry.metadata() {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    found => {
                        let found = found.map_err(failed("read", &path))?;
                        let written = found.modified().map_err(failed("read", &path))?;
                        self.ours.insert(own, (written, found.len()));
                    }
                },
                [column, rest @ ..]
                    if kind.is_dir()
                        && name.strip_prefix(column.as_str()).is_some_and(|v| v.starts_with('=')) =>
                {
                    let inside = self.add(root, &own, rest)?;
                    self.directories.insert(own, inside);
                }
                _ => {}
            }
        }
        Ok(things)
    }
}

fn directory_size(path: &Path) -> u64 {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|found| found.len()).sum()
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |error| StoreError::Log(DeltaError::Io { doing, path, error })
}
