//! Whether a dataset is whole: its log, its files, and that both say the same.
//!
//! What is wrong is an error; what is only left over, and does no harm, is a note. Writers may be at work
//! meanwhile: what is wrong with a file that left the dataset since is not told.

use crate::{
    delta::{DataFile, DeltaError, Snapshot, verify},
    partition::By,
};
use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

mod file;
mod pages;
mod strays;

/// How much is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Read every page of every file, not only the footers.
    pub deep: bool,
    /// Threads.
    pub threads: usize,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Whether it is wrong, or only worth knowing.
    pub is_error: bool,
    /// What it is about, in a word: `log`, `checkpoint`, `missing`, `size`, `footer`, `rows`,
    /// `statistics`, `columns`, `partition`, `data`; of notes `orphan`, `removed`, `staging`, `running`.
    pub kind: &'static str,
    /// The file or directory, relative to the dataset.
    pub path: Option<String>,
    /// What is so, in words.
    pub what: String,
}

impl Finding {
    fn error(kind: &'static str, path: &str, what: impl Into<String>) -> Self {
        Finding { is_error: true, kind, path: Some(path.to_owned()), what: what.into() }
    }

    fn note(kind: &'static str, path: &str, what: impl Into<String>) -> Self {
        Finding { is_error: false, ..Finding::error(kind, path, what) }
    }
}

/// What a check came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The version that was looked at. None if the log cannot be read.
    pub version: Option<u64>,
    /// Commits that were read.
    pub commits: u64,
    /// Checkpoints that were compared with them.
    pub checkpoints: u64,
    /// Files that were looked at.
    pub files: u64,
    /// Rows that they have, as the log says.
    pub rows: u64,
    /// Bytes that they have, as the log says.
    pub bytes: u64,
    /// What was found, errors and notes in order of their paths.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.iter().all(|finding| !finding.is_error)
    }
}

/// Looks at the dataset at `root`. `progress` is told how many files are done. None if there is no dataset.
///
/// # Errors
/// The system refuses to list the dataset. What is wrong with it is in the report.
pub fn check(
    root: &Path,
    options: Options,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Option<Report>, DeltaError> {
    let Some(log) = verify(root)? else { return Ok(None) };
    let mut report = Report { commits: log.commits, checkpoints: log.checkpoints, ..Report::default() };
    for fault in &log.faults {
        let kind = if fault.path.contains(".checkpoint.") { "checkpoint" } else { "log" };
        report.findings.push(Finding::error(kind, &fault.path, &*fault.what));
    }
    if let Some(snapshot) = &log.snapshot {
        report.version = Some(snapshot.version());
        report.files = snapshot.files().len() as u64;
        report.rows = snapshot.files().filter_map(|file| file.rows).sum();
        report.bytes = snapshot.files().map(|file| file.bytes).sum();
        let mut found = files(root, snapshot, options, progress);
        if found.iter().any(|finding| finding.is_error)
            && let Ok(Some(now)) = Snapshot::read(root)
        {
            let current: HashSet<&str> = now.files().map(|file| file.path.as_str()).collect();
            let is_there = |path: &String| current.contains(path.as_str());
            found.retain(|finding| finding.path.as_ref().is_none_or(is_there));
        }
        report.findings.extend(found);
    } else if log.faults.is_empty() {
        report.findings.push(Finding::note("log", "_delta_log", "has no commit yet"));
    }
    report.findings.extend(strays::find(root, &log)?);
    report.findings.sort_by(|a, b| (!a.is_error, &a.path, a.kind).cmp(&(!b.is_error, &b.path, b.kind)));
    Ok(Some(report))
}

/// Looks at all files, some at a time.
fn files(
    root: &Path,
    snapshot: &Snapshot,
    options: Options,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Vec<Finding> {
    let all: Vec<&DataFile> = snapshot.files().collect();
    let table = file::Table {
        root,
        schema: snapshot.schema(),
        columns: snapshot.partition_columns(),
        by: By::of_columns(snapshot.partition_columns()),
        deep: options.deep,
    };
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..options.threads.clamp(1, all.len().max(1)) {
            scope.spawn(|| {
                while let Some(file) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let findings = table.check(file);
                    found.lock().unwrap_or_else(PoisonError::into_inner).extend(findings);
                    progress(1 + done.fetch_add(1, Ordering::Relaxed) as u64, all.len() as u64);
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
