//! What each commit did (section Commit Provenance Information).

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use serde_json::{Map, Value};

use super::action::Action;
use super::error::DeltaError;
use super::log;
use super::snapshot::{Snapshot, rows};
use super::travel::{committed_at, oldest, told};

/// One commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The version that it made.
    pub version: u64,
    /// When it was made, in milliseconds since 1970 in UTC.
    pub time: Option<i64>,
    /// What it did, as other tools call it: `WRITE`, `OPTIMIZE`, `DELETE`, …
    pub operation: Option<String>,
    /// The program that made it.
    pub program: Option<String>,
    /// What it says of how it was made: `operationParameters`.
    pub parameters: Map<String, Value>,
    /// What came in.
    pub added: Amount,
    /// What was taken out.
    pub removed: Amount,
    /// Columns that the table did not have before. Empty for the first commit.
    pub columns: Vec<String>,
    /// The `txn` actions: how far each input was taken in.
    pub inputs: HashMap<String, i64>,
}

/// Files and what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Files.
    pub files: u64,
    /// Rows, as far as statistics tell.
    pub rows: u64,
    /// Bytes of the files, as far as they are known.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, (rows, bytes): (u64, u64)) {
        self.files += 1;
        self.rows += rows;
        self.bytes += bytes;
    }
}

/// The commits that the log still has, from the oldest. None if there is no dataset.
///
/// # Errors
/// As [`Snapshot::read`].
pub fn history(root: &Path) -> Result<Option<Vec<Entry>>, DeltaError> {
    let directory = log::directory(root);
    let Some(listing) = log::list(&directory)? else { return Ok(None) };
    if listing.newest().is_none() {
        return Ok(None);
    }
    let oldest = oldest(&listing);
    let mut state = State::default();
    if oldest > 0 {
        let before = Snapshot::read_listed(root, &listing, oldest, false)?;
        state.columns = Some(before.metadata.fields.iter().filter_map(name).collect());
        let files = before.files().map(|file| (file.path.clone(), (file.rows.unwrap_or(0), file.bytes)));
        state.files = files.collect();
    }
    let mut entries = Vec::new();
    for version in listing.commits.range(oldest..) {
        let path = log::commit_path(&directory, *version);
        let file = match File::open(&path) {
            // Tidied away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(DeltaError::io("read", &path))?,
        };
        let mut entry = Entry { version: *version, ..Entry::default() };
        log::each(&path, BufReader::new(file), |line| state.take(line, &mut entry))?;
        if entry.time.is_none() {
            entry.time = committed_at(root, *version)?;
        }
        entries.push(entry);
    }
    Ok(Some(entries))
}

/// What must be known of the commits before.
#[derive(Default)]
struct State {
    /// Rows and bytes of each file.
    files: HashMap<String, (u64, u64)>,
    columns: Option<HashSet<String>>,
}

impl State {
    /// Takes a line of the commit. The error is what was expected.
    fn take(&mut self, line: Value, entry: &mut Entry) -> Result<(), String> {
        if let Some(info) = line.get("commitInfo") {
            let text = |name: &str| info[name].as_str().map(str::to_owned);
            entry.time = told(info);
            entry.operation = text("operation");
            entry.program = text("engineInfo");
            entry.parameters = info["operationParameters"].as_object().cloned().unwrap_or_default();
        }
        match Action::parse(line)? {
            Action::Add(add) => {
                let amount = (add.stats.as_deref().and_then(rows).unwrap_or(0), add.bytes);
                entry.added.add(amount);
                self.files.insert(add.path, amount);
            }
            Action::Remove { path, .. } => entry.removed.add(self.files.remove(&path).unwrap_or_default()),
            Action::Txn { app_id, version } => {
                entry.inputs.insert(app_id, version);
            }
            Action::Metadata(raw) => {
                let fields = raw.get("schemaString").and_then(Value::as_str).and_then(super::schema::parse);
                let fields = fields.unwrap_or_default();
                if let Some(before) = &self.columns {
                    entry.columns =
                        fields.iter().filter_map(name).filter(|name| !before.contains(name)).collect();
                }
                self.columns = Some(fields.iter().filter_map(name).collect());
            }
            Action::Protocol(_) | Action::Other => {}
        }
        Ok(())
    }
}

fn name(field: &Value) -> Option<String> {
    field["name"].as_str().map(str::to_owned)
}
