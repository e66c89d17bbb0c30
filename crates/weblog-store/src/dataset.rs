//! A dataset that rows are added to: whole commits, each with how far its inputs were taken in.

use crate::{
    append::{Appender, Written},
    delta::{self, Commit, CommitError, DataFile, FileStats, Snapshot, Staging, Txn, partition_path},
    error::StoreError,
    identity::Identities,
    layout::Unplaced,
    origin::Origins,
    partition::{By, COLUMNS},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::{
    collections::HashMap,
    ops::AddAssign,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// A dataset, open for one run.
pub struct Dataset {
    root: PathBuf,
    snapshot: Option<Snapshot>,
    staging: Staging,
    appender: Appender,
    by: By,
    commits: u64,
}

/// What a commit brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Rows.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Something that went wrong and does no harm.
    pub notes: Vec<String>,
}

impl AddAssign for Added {
    fn add_assign(&mut self, other: Added) {
        self.rows += other.rows;
        self.files += other.files;
        self.bytes += other.bytes;
        self.notes.extend(other.notes);
    }
}

impl Dataset {
    /// Opens a dataset, or begins one with these columns. Clears away what killed runs left behind.
    ///
    /// `by` is how a new dataset is divided; one that exists is divided as it is. `wanted` are the only
    /// columns that rows are stored with, if not all are.
    ///
    /// # Errors
    /// A directory that cannot be written, a commit log that cannot be read, a dataset that is divided
    /// in another way.
    pub fn open(
        root: &Path,
        by: Option<By>,
        columns: &SchemaRef,
        wanted: Option<&[String]>,
    ) -> Result<Self, StoreError> {
        if root.exists() && !root.is_dir() {
            return Err(StoreError::NoDirectory { path: root.to_owned() });
        }
        let created = |error| StoreError::Io { doing: "create", path: root.to_owned(), error };
        std::fs::create_dir_all(root).map_err(created)?;
        delta::recover(root)?;
        let snapshot = Snapshot::read(root)?;
        if snapshot.is_none() && !is_new(root)? {
            return Err(StoreError::Foreign { path: root.to_owned() });
        }
        let divided = snapshot.as_ref().map(|snapshot| By::of_columns(snapshot.partition_columns()));
        let by = match (divided, by) {
            (Some(None), _) => return Err(StoreError::Divided { path: root.to_owned(), how: None }),
            (Some(Some(is)), Some(asked)) if is != asked => {
                return Err(StoreError::Divided { path: root.to_owned(), how: Some(is) });
            }
            (Some(Some(is)), _) => is,
            (None, asked) => asked.unwrap_or(By::Day),
        };
        let schema = snapshot.as_ref().map_or(columns, |snapshot| snapshot.schema());
        let appender = Appender::new(by, SchemaRef::clone(schema), Unplaced::Grow, wanted);
        Ok(Dataset {
            root: root.to_owned(),
            snapshot,
            staging: Staging::new(root)?,
            appender,
            by,
            commits: 0,
        })
    }

    /// The inputs that the dataset knows.
    pub fn identities(&self) -> Identities {
        self.snapshot.as_ref().map(|snapshot| Identities::of(snapshot.inputs())).unwrap_or_default()
    }

    /// The versions of all `txn` actions, by the id of what they count.
    pub fn txns(&self) -> HashMap<String, i64> {
        self.snapshot.as_ref().map(|snapshot| snapshot.inputs().clone()).unwrap_or_default()
    }

    /// The records with an origin that the dataset knows.
    pub fn origins(&self) -> Origins {
        self.snapshot.as_ref().map(|snapshot| Origins::of(snapshot.inputs())).unwrap_or_default()
    }

    /// Adds rows, for the next commit.
    pub fn write(&mut self, batch: RecordBatch) -> Result<(), StoreError> {
        self.appender.write(batch, &self.staging).map_err(|error| error.at(&self.root))
    }

    /// Makes all rows since the last commit part of the dataset.
    ///
    /// # Errors
    /// [`CommitError::InputTaken`] when another run took in one of the inputs meanwhile.
    pub fn commit(&mut self, txns: Vec<Txn>) -> Result<Added, CommitFailed> {
        let written = self.appender.finish(&self.staging).map_err(|error| error.at(&self.root))?;
        let (moves, add) = self.places(&written)?;
        self.staging.publish(&moves).map_err(StoreError::Log)?;
        let is_new = self.snapshot.is_none();
        let schema = (is_new || !add.is_empty()).then(|| SchemaRef::clone(self.appender.schema()));
        let mut added = Added {
            rows: written.iter().map(|file| file.stats.rows).sum(),
            bytes: written.iter().map(|file| file.bytes).sum(),
            files: written.len() as u64,
            notes: Vec::new(),
        };
        let partition_columns = self.by.columns().iter().map(|column| (*column).to_owned()).collect();
        let change = Commit { add, schema, partition_columns, txns, info: Vec::new() };
        let committed = delta::commit(&self.root, self.snapshot.take(), &change)?;
        self.staging.committed();
        self.snapshot = committed.snapshot;
        self.commits += 1;
        added.notes.extend(committed.note);
        Ok(added)
    }

    /// Where the files of a commit go, and how the log describes them.
    fn places(&self, written: &[Written]) -> Result<(Vec<Move>, Vec<DataFile>), StoreError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let modified = i64::try_from(now).unwrap_or(i64::MAX);
        let (mut moves, mut add) = (Vec::new(), Vec::new());
        for (number, Written { name, key, bytes, stats }) in written.iter().enumerate() {
            let partition = self.by.values(*key);
            let values = self.by.columns().iter().copied().zip(partition.iter().map(Option::as_deref));
            let directory = partition_path(values)?;
            let slash = if directory.is_empty() { "" } else { "/" };
            let id = self.staging.id();
            let path = format!("{directory}{slash}part-{id}-{:03}-{number:05}.parquet", self.commits);
            moves.push((name.clone(), path.clone()));
            add.push(DataFile {
                path,
                partition,
                rows: Some(stats.rows),
                bytes: *bytes,
                modified,
                stats: Some(FileStats::to_json(stats)),
            });
        }
        Ok((moves, add))
    }

    /// Ends the run: what was not committed is taken back.
    pub fn close(self) -> Result<(), StoreError> {
        let Dataset { staging, appender, .. } = self;
        if appender.is_empty() {
            return Ok(staging.finish()?);
        }
        drop(staging);
        Ok(())
    }
}

/// The temporary name of a file, and its place in the dataset.
type Move = (String, String);

/// Why a commit was not made.
#[derive(Debug)]
#[non_exhaustive]
pub enum CommitFailed {
    /// Another run took in an input meanwhile: plan again.
    InputTaken,
    /// Anything else.
    Store(StoreError),
}

impl From<StoreError> for CommitFailed {
    fn from(error: StoreError) -> Self {
        CommitFailed::Store(error)
    }
}

impl From<CommitError> for CommitFailed {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::InputTaken { .. } => CommitFailed::InputTaken,
            CommitError::Delta(error) => CommitFailed::Store(StoreError::Log(error)),
            // An appender replaces nothing.
            CommitError::FileGone { .. } => CommitFailed::InputTaken,
        }
    }
}

/// Whether a directory without a commit log may become a dataset: nothing of somebody else is in it.
fn is_new(directory: &Path) -> Result<bool, StoreError> {
    let failed = |error| StoreError::Io { doing: "list", path: directory.to_owned(), error };
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_ours = match entry.file_type().map_err(failed)?.is_dir() {
            _ if name.starts_with(['.', '_']) => true,
            // A run may be about to make the first commit, or was killed before it.
            true => COLUMNS.iter().any(|column| is_value_of(column, &name)) && is_new(&entry.path())?,
            false => is_part(&name),
        };
        if !is_ours {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_value_of(column: &str, directory: &str) -> bool {
    directory.strip_prefix(column).is_some_and(|rest| rest.starts_with('='))
}

/// Whether a file has a name as [`Dataset::places`] gives them.
pub(crate) fn is_part(name: &str) -> bool {
    let id = name.strip_prefix("part-").and_then(|rest| rest.get(..33));
    id.is_some_and(|id| id.ends_with('-') && id[..32].bytes().all(|byte| byte.is_ascii_hexdigit()))
}
