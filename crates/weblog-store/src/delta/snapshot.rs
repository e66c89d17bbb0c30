//! The state of a table at one version (section Action Reconciliation).

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use arrow_schema::SchemaRef;
use serde_json::{Map, Value};

use super::action::{Action, Add, Protocol, Removed};
use super::error::DeltaError;
use super::log::Listing;
use super::{checkpoint, log, schema};

/// A file of data.
#[derive(Clone, Debug, PartialEq)]
pub struct DataFile {
    /// Relative to the root of the dataset, as the file system knows it.
    pub path: String,
    /// The value of each partition column, in their order. Null and the empty text are the same.
    pub partition: Vec<Option<String>>,
    /// Rows, as `stats` tells. None for a file of another tool that keeps no statistics.
    pub rows: Option<u64>,
    /// Size in bytes.
    pub bytes: u64,
    /// When it was written, in milliseconds since 1970 in UTC.
    pub modified: i64,
    /// What is known of its contents: the JSON of [`FileStats`](super::FileStats).
    pub stats: Option<String>,
}

/// The state of a table at one version.
#[derive(Clone, Debug)]
pub struct Snapshot {
    version: u64,
    pub(super) protocol: Protocol,
    pub(super) metadata: Metadata,
    files: BTreeMap<String, DataFile>,
    pub(super) removed: BTreeMap<String, Removed>,
    inputs: HashMap<String, i64>,
    notes: Vec<String>,
}

/// The last `metaData` action, and what is taken from it.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    /// As it was read: what weblog does not know in it must not get lost.
    pub raw: Map<String, Value>,
    pub fields: Vec<Value>,
    pub partition_columns: Vec<String>,
    pub schema: SchemaRef,
}

impl Snapshot {
    /// Reads the log of the dataset at `root`. None if there is none, or if it has no commit yet.
    ///
    /// Writers need not be waited for: what they commit meanwhile is in the snapshot as a whole or not at
    /// all, and when another tool tidies the log meanwhile, it is read once more.
    ///
    /// # Errors
    /// A log that cannot be read, that is damaged, or that uses what weblog does not know.
    pub fn read(root: &Path) -> Result<Option<Snapshot>, DeltaError> {
        let directory = log::directory(root);
        let Some(mut listing) = log::list(&directory)? else { return Ok(None) };
        loop {
            let Some(newest) = listing.newest() else { return Ok(None) };
            let result = Snapshot::read_listed(root, &listing, newest, true);
            let Err(DeltaError::Gap { .. } | DeltaError::Checkpoint { .. }) = result else {
                return result.map(Some);
            };
            let Some(now) = log::list(&directory)? else { return result.map(Some) };
            if now.checkpoints == listing.checkpoints && now.latest == listing.latest {
                return result.map(Some);
            }
            listing = now;
        }
    }

    /// The state at `version`, or at a later one if there is one and `onwards`.
    pub(super) fn read_listed(
        root: &Path,
        listing: &Listing,
        version: u64,
        onwards: bool,
    ) -> Result<Snapshot, DeltaError> {
        let directory = log::directory(root);
        let mut start = checkpoint::newest(&directory, listing, version);
        let mut snapshot = Snapshot::empty(std::mem::take(&mut start.notes));
        let mut next = 0;
        if let Some((version, actions)) = start.found {
            snapshot.apply(root, actions)?;
            next = version + 1;
        }
        while onwards || next <= version {
            let Some(actions) = log::read_commit(&directory, next)? else { break };
            snapshot.apply(root, actions)?;
            next += 1;
        }
        if next <= version {
            return Err(start
                .problem
                .unwrap_or(DeltaError::Gap { path: log::commit_path(&directory, next) }));
        }
        snapshot.version = next - 1;
        if snapshot.metadata.raw.is_empty() || snapshot.protocol.reader == 0 {
            return Err(DeltaError::Line {
                path: log::commit_path(&directory, 0),
                line: 1,
                expected: "a protocol and a metaData action in the first commit".into(),
            });
        }
        Ok(snapshot)
    }

    /// Reads the commits that were made since.
    ///
    /// # Errors
    /// As [`Snapshot::read`]; what was read before the error stays in.
    pub fn update(&mut self, root: &Path) -> Result<(), DeltaError> {
        let directory = log::directory(root);
        while let Some(actions) = log::read_commit(&directory, self.version + 1)? {
            self.apply(root, actions)?;
            self.version += 1;
        }
        // If our own commit is gone, other tools have tidied the log, and newer ones may be gone too.
        if !log::commit_path(&directory, self.version).exists() {
            *self = Snapshot::read(root)?
                .ok_or_else(|| DeltaError::Gap { path: log::commit_path(&directory, self.version) })?;
        }
        Ok(())
    }

    /// The version: the first commit makes version 0.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The table's own identifier, the same in all versions.
    pub fn table_id(&self) -> &str {
        self.metadata.raw.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// The columns that files hold; all may be null. A column of a type that weblog does not write has
    /// the type `Null`.
    pub fn schema(&self) -> &SchemaRef {
        &self.metadata.schema
    }

    /// The columns that the directories stand for; all are texts.
    pub fn partition_columns(&self) -> &[String] {
        &self.metadata.partition_columns
    }

    /// The files of this version, in the order of their paths.
    pub fn files(&self) -> impl ExactSizeIterator<Item = &DataFile> {
        self.files.values()
    }

    /// How far each input was taken in: the last `txn` version of each `appId`.
    pub fn inputs(&self) -> &HashMap<String, i64> {
        &self.inputs
    }

    /// What a reader should be told although it is no error: checkpoints that could not be used.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The file of this path, if this version has it.
    pub fn file(&self, path: &str) -> Option<&DataFile> {
        self.files.get(path)
    }

    /// A property of the table, such as `delta.appendOnly`.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.metadata.raw.get("configuration")?.get(name)?.as_str()
    }

    /// Whether this version has the file, or knows that it was taken out.
    pub(crate) fn mentions(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.removed.contains_key(path)
    }

    fn empty(notes: Vec<String>) -> Snapshot {
        Snapshot {
            version: 0,
            protocol: Protocol::default(),
            metadata: Metadata {
                raw: Map::new(),
                fields: Vec::new(),
                partition_columns: Vec::new(),
                schema: SchemaRef::new(arrow_schema::Schema::empty()),
            },
            files: BTreeMap::new(),
            removed: BTreeMap::new(),
            inputs: HashMap::new(),
            notes,
        }
    }

    /// The state before the first commit, for [`commit`](super::commit).
    pub(super) fn first(root: &Path, actions: Vec<Action>) -> Result<Snapshot, DeltaError> {
        let mut snapshot = Snapshot::empty(Vec::new());
        snapshot.apply(root, actions)?;
        Ok(snapshot)
    }

    /// Says of which version this is, for a checkpoint.
    pub(super) fn set_version(&mut self, version: u64) {
        self.version = version;
    }

    /// The state after the next commit, which has these actions.
    pub(super) fn advance(&mut self, root: &Path, actions: Vec<Action>) -> Result<(), DeltaError> {
        self.apply(root, actions)?;
        self.version += 1;
        Ok(())
    }

    /// Applies the actions of one commit, or of a checkpoint. Their order among themselves is open, so
    /// what the others depend on goes first.
    fn apply(&mut self, root: &Path, actions: Vec<Action>) -> Result<(), DeltaError> {
        let unsupported = |why| DeltaError::Unsupported { path: root.to_owned(), why };
        let mut rest = Vec::with_capacity(actions.len());
        for action in actions {
            match action {
                Action::Protocol(protocol) => self.protocol = protocol,
                Action::Metadata(raw) => self.metadata = Metadata::new(raw).map_err(unsupported)?,
                other => rest.push(other),
            }
        }
        if let Some(why) = self.protocol.read_refusal() {
            return Err(unsupported(why));
        }
        for action in rest {
            match action {
                Action::Add(add) => {
                    self.removed.remove(&add.path);
                    let file = self.added(add);
                    self.files.insert(file.path.clone(), file);
                }
                Action::Remove { path, removed } => {
                    self.files.remove(&path);
                    self.removed.insert(path, removed);
                }
                Action::Txn { app_id, version } => {
                    self.inputs.insert(app_id, version);
                }
                Action::Metadata(_) | Action::Protocol(_) | Action::Other => {}
            }
        }
        Ok(())
    }

    fn added(&self, mut add: Add) -> DataFile {
        let columns = self.metadata.partition_columns.iter();
        DataFile {
            partition: columns.map(|column| add.partition.remove(column).flatten()).collect(),
            rows: add.stats.as_deref().and_then(rows),
            path: add.path,
            bytes: add.bytes,
            modified: add.modified,
            stats: add.stats,
        }
    }
}

/// The number of rows that statistics tell. There are many statistics in a log, so only what is not plain is
/// parsed.
pub(super) fn rows(stats: &str) -> Option<u64> {
    const NAME: &str = "\"numRecords\":";
    let mut found = stats.split(NAME);
    if let (Some(_), Some(rest), None) = (found.next(), found.next(), found.next()) {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && matches!(rest.as_bytes().get(digits), Some(b',' | b'}')) {
            return rest[..digits].parse().ok();
        }
    }
    serde_json::from_str::<Value>(stats).ok()?["numRecords"].as_u64()
}

impl Metadata {
    /// The error says what weblog cannot do with the table.
    pub(super) fn new(mut raw: Map<String, Value>) -> Result<Metadata, String> {
        // A checkpoint has a column also for what is not there.
        raw.retain(|_, value| !value.is_null());
        if raw.get("format").is_some_and(|format| format["provider"] != "parquet") {
            return Err("its files are not Parquet; read it with the tool that wrote it".into());
        }
        if !raw.get("id").is_some_and(Value::is_string) {
            return Err("its metaData has no id; the log is damaged, put it back from a copy".into());
        }
        let fields = raw.get("schemaString").and_then(Value::as_str).and_then(schema::parse);
        let fields =
            fields.ok_or("its schemaString is not a schema; the log is damaged, put it back from a copy")?;
        let columns = raw.get("partitionColumns").and_then(Value::as_array);
        let columns = columns.into_iter().flatten().filter_map(Value::as_str);
        let partition_columns: Vec<String> = columns.map(str::to_owned).collect();
        let schema = schema::data_schema(&fields, &partition_columns);
        Ok(Metadata { raw, fields, partition_columns, schema })
    }
}
