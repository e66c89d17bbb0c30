//! Commits that take files out, and put others in their place (sections Add File and Remove File,
//! Append-only Tables).
//!
//! Other runs commit at the same time. What they add is no conflict, since a replacement only says what
//! becomes of the files that it read. If one of those is gone, its rows may be in another file already, so
//! the replacement is not made: [`CommitError::FileGone`].

use std::path::Path;

use arrow_schema::SchemaRef;
use serde_json::{Map, Value, json};

use super::action::{add_line, remove_line};
use super::commit::{Committed, check_paths, check_writable, make, now_millis};
use super::error::{CommitError, DeltaError};
use super::schema;
use super::snapshot::{DataFile, Snapshot};

/// What a replacement does to the rows, by the name that other tools give it in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The same rows in other files.
    Optimize,
    /// Rows are taken out.
    Delete,
    /// Values of rows are changed.
    Update,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Optimize => "OPTIMIZE",
            Operation::Delete => "DELETE",
            Operation::Update => "UPDATE",
        }
    }

    /// Whether readers of changes must look at the files.
    fn changes_data(self) -> bool {
        self != Operation::Optimize
    }
}

/// Files in the place of others.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// The files to be taken out, as a snapshot has them.
    pub remove: Vec<DataFile>,
    /// New files, which must be in their place and durable: see [`Staging`](super::Staging).
    pub add: Vec<DataFile>,
    /// The data columns of the new files, which the table must have.
    pub schema: SchemaRef,
    /// What is done to the rows.
    pub operation: Operation,
    /// What to note in the log about this run: `operationParameters`.
    pub info: Vec<(String, String)>,
}

/// Makes a commit that replaces files, or none of it. `base` is the state that it was planned with.
///
/// # Errors
/// [`CommitError::FileGone`] if somebody else took out one of the files; a table that is append-only, or
/// uses what weblog does not know; a log that cannot be read or written.
pub fn replace(root: &Path, base: Snapshot, change: &Replacement) -> Result<Committed, CommitError> {
    let columns = base.partition_columns().to_vec();
    make(root, Some(base), |base| {
        let Some(snapshot) = base.filter(|_| !change.remove.is_empty() || !change.add.is_empty()) else {
            return Ok(None);
        };
        check(root, snapshot, change, &columns)?;
        let (now, data_change) = (now_millis(), change.operation.changes_data());
        let mut lines = vec![info(snapshot, change, now)];
        let removed = change.remove.iter().map(|file| remove_line(file, &columns, now, data_change));
        lines.extend(removed);
        lines.extend(change.add.iter().map(|file| add_line(file, &columns, data_change)));
        Ok(Some(lines))
    })
}

/// Makes a commit that changes nothing and says what was done to the files, such as `VACUUM START`.
/// Gives the state after it.
///
/// # Errors
/// A log that cannot be read or written.
pub fn note(
    root: &Path,
    base: Snapshot,
    operation: &str,
    parameters: &[(&str, String)],
    metrics: &[(&str, u64)],
) -> Result<Option<Snapshot>, CommitError> {
    let committed = make(root, Some(base), |base| {
        if let Some(snapshot) = base {
            check_writable(root, snapshot)?;
        }
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into()));
        let metrics = metrics.iter().map(|(name, value)| ((*name).to_owned(), *value));
        Ok(Some(vec![commit_info(base, operation, parameters.collect(), metrics, now_millis())]))
    })?;
    Ok(committed.snapshot)
}

impl Snapshot {
    /// Whether files of this table may be replaced.
    ///
    /// # Errors
    /// A table that uses what weblog does not know, or that is append-only while rows would change.
    pub fn check_replaceable(&self, root: &Path, operation: Operation) -> Result<(), DeltaError> {
        check_writable(root, self)?;
        let only_appended =
            self.property("delta.appendOnly").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        match only_appended && operation.changes_data() {
            true => Err(DeltaError::Unsupported {
                path: root.to_owned(),
                why: "rows of the table must not be removed or changed, says its property delta.appendOnly; \
                      unset that with the tool that set it"
                    .into(),
            }),
            false => Ok(()),
        }
    }
}

fn check(
    root: &Path,
    snapshot: &Snapshot,
    change: &Replacement,
    columns: &[String],
) -> Result<(), CommitError> {
    snapshot.check_replaceable(root, change.operation)?;
    check_paths(&change.add, columns)?;
    if snapshot.partition_columns() != columns {
        let why = "the dataset was partitioned in another way meanwhile; run it again".to_owned();
        return Err(DeltaError::Schema { why }.into());
    }
    if schema::grow(&mut snapshot.metadata.fields.clone(), columns, &change.schema)? {
        let why = "columns were taken out of the dataset meanwhile; run it again".to_owned();
        return Err(DeltaError::Schema { why }.into());
    }
    match change.remove.iter().find(|file| snapshot.file(&file.path).is_none()) {
        Some(gone) => Err(CommitError::FileGone { path: gone.path.clone() }),
        None => Ok(()),
    }
}

fn info(snapshot: &Snapshot, change: &Replacement, now: i64) -> Value {
    let sum = |files: &[DataFile], of: fn(&DataFile) -> u64| files.iter().map(of).sum::<u64>();
    let rows = |file: &DataFile| file.rows.unwrap_or(0);
    let (before, after) = (sum(&change.remove, rows), sum(&change.add, rows));
    let mut metrics = vec![
        ("numRemovedFiles", change.remove.len() as u64),
        ("numAddedFiles", change.add.len() as u64),
        ("numRemovedBytes", sum(&change.remove, |file| file.bytes)),
        ("numAddedBytes", sum(&change.add, |file| file.bytes)),
    ];
    match change.operation {
        Operation::Optimize => metrics.push(("numOutputRows", after)),
        _ => metrics.extend([("numDeletedRows", before.saturating_sub(after)), ("numCopiedRows", after)]),
    }
    let parameters = change.info.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    let metrics = metrics.into_iter().map(|(name, value)| (name.to_owned(), value));
    commit_info(Some(snapshot), change.operation.name(), parameters.collect(), metrics, now)
}

fn commit_info(
    base: Option<&Snapshot>,
    operation: &str,
    parameters: Map<String, Value>,
    metrics: impl Iterator<Item = (String, u64)>,
    now: i64,
) -> Value {
    let metrics: Map<String, Value> =
        metrics.map(|(name, value)| (name, Value::from(value.to_string()))).collect();
    json!({"commitInfo": {
        "timestamp": now,
        "operation": operation,
        "operationParameters": parameters,
        "operationMetrics": metrics,
        "readVersion": base.map(Snapshot::version),
        "isBlindAppend": false,
        "engineInfo": concat!("weblog/", env!("CARGO_PKG_VERSION")),
    }})
}
