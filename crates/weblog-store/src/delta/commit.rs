//! Making a commit (sections Creation of New Log Entries, Transaction Identifiers, Commit Provenance
//! Information).

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arrow_schema::SchemaRef;
use serde_json::{Map, Value, json};

use super::action::{Protocol, add_line};
use super::error::{CommitError, DeltaError, printable};
use super::snapshot::{DataFile, Metadata, Snapshot};
use super::{checkpoint, durable, log, path, schema};

/// A checkpoint is written with every commit whose version this divides. A thousand commits are read in
/// some 15 ms without one.
const CHECKPOINT_EVERY: u64 = if cfg!(test) { 50 } else { 1_000 };

/// The version of an input that was never taken in.
pub const NEVER: i64 = -1;

/// What a commit adds.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// New files, which must be in their place and durable: see [`Staging`](super::Staging).
    pub add: Vec<DataFile>,
    /// The data columns of these files. Columns that the table does not have yet are added to it. The
    /// first commit of a table needs a schema.
    pub schema: Option<SchemaRef>,
    /// The columns that the table is partitioned by; they are texts, and every commit names the same.
    pub partition_columns: Vec<String>,
    /// How far each input is taken in by these files.
    pub txns: Vec<Txn>,
    /// What to note in the log about this run: `operationParameters`.
    pub info: Vec<(String, String)>,
}

/// How far an input is taken in: a `txn` action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Txn {
    /// The input.
    pub app_id: String,
    /// How far it was when the files were written, [`NEVER`] if never taken in. The commit is only
    /// made if that is still so.
    pub from: i64,
    /// How far it is with this commit.
    pub version: i64,
}

/// What a commit led to.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The table with the commit. None if there was nothing to commit and there is no table.
    pub snapshot: Option<Snapshot>,
    /// Whether a commit was made: one that adds nothing is not.
    pub written: bool,
    /// Something that went wrong and does no harm: a checkpoint that could not be written.
    pub note: Option<String>,
}

/// Makes a commit, or none of it. When others commit at the same time, it waits for its turn.
///
/// `base` spares reading the whole log if the caller has read it before.
///
/// # Errors
/// [`CommitError::InputTaken`] if the table has more of one of the inputs than the caller knew; a log
/// that cannot be read or written; columns that do not fit those of the table.
pub fn commit(root: &Path, base: Option<Snapshot>, change: &Commit) -> Result<Committed, CommitError> {
    make(root, base, |base| {
        check(root, base, change)?;
        Ok(lines(base, change)?)
    })
}

/// Makes the commit that has the lines which `plan` gives for the newest state, if any: the plan is asked
/// again when others were faster.
pub(super) fn make(
    root: &Path,
    mut base: Option<Snapshot>,
    mut plan: impl FnMut(Option<&Snapshot>) -> Result<Option<Vec<Value>>, CommitError>,
) -> Result<Committed, CommitError> {
    let mut taken = None;
    let mut attempt = 0;
    loop {
        match &mut base {
            Some(snapshot) => snapshot.update(root)?,
            None => base = Snapshot::read(root)?,
        }
        let Some(lines) = plan(base.as_ref())? else {
            return Ok(Committed { snapshot: base, written: false, note: None });
        };
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let version = base.as_ref().map_or(0, |snapshot| snapshot.version() + 1);
        let directory = log::create_directory(root)?;
        if log::publish_commit(&directory, version, text.as_bytes())? {
            return Ok(committed(root, base, version, &text)?);
        }
        // The version is taken, so the next look must see it: if it never does, the name is not a commit.
        attempt = if taken == Some(version) { attempt + 1 } else { 1 };
        if attempt > 20 {
            let path = log::commit_path(&directory, version);
            return Err(DeltaError::io("read", &path)(std::io::ErrorKind::AlreadyExists.into()).into());
        }
        taken = Some(version);
        wait(attempt);
    }
}

/// The table with the commit that was just made from this text.
fn committed(root: &Path, base: Option<Snapshot>, version: u64, text: &str) -> Result<Committed, DeltaError> {
    let directory = log::directory(root);
    let actions = log::parse(&log::commit_path(&directory, version), text.as_bytes())?;
    let snapshot = match base {
        None => Snapshot::first(root, actions)?,
        Some(mut snapshot) => {
            snapshot.advance(root, actions)?;
            snapshot
        }
    };
    let due = version > 0 && version.is_multiple_of(CHECKPOINT_EVERY);
    let note = match due {
        true => checkpoint::write(&directory, &snapshot.without_expired(root, now_millis()))
            .err()
            .map(|error| error.to_string()),
        false => None,
    };
    Ok(Committed { snapshot: Some(snapshot), written: true, note })
}

/// Whether the change may be made to this state.
fn check(root: &Path, base: Option<&Snapshot>, change: &Commit) -> Result<(), CommitError> {
    let partition = &change.partition_columns;
    check_paths(&change.add, partition)?;
    for txn in &change.txns {
        let now = base.and_then(|snapshot| snapshot.inputs().get(&txn.app_id)).copied().unwrap_or(NEVER);
        if now != txn.from {
            return Err(CommitError::InputTaken { app_id: txn.app_id.clone(), from: txn.from, now });
        }
    }
    let Some(snapshot) = base else { return Ok(()) };
    check_writable(root, snapshot)?;
    if snapshot.partition_columns() != partition {
        let by = |columns: &[String]| match columns {
            [] => "nothing".to_owned(),
            columns => printable(&columns.join(", ")),
        };
        let why = format!(
            "the dataset is partitioned by {} and these files by {}; write them as the dataset is, or to \
             another dataset",
            by(snapshot.partition_columns()),
            by(partition)
        );
        return Err(DeltaError::Schema { why }.into());
    }
    Ok(())
}

/// Whether files may be added under these names.
pub(super) fn check_paths(files: &[DataFile], partition_columns: &[String]) -> Result<(), DeltaError> {
    for file in files {
        path::check(&file.path)?;
        if file.partition.len() != partition_columns.len() {
            let why = "its partition has not a value for each partition column";
            return Err(DeltaError::Path { path: file.path.clone(), why });
        }
    }
    Ok(())
}

/// Whether weblog knows all that a writer to this table must know.
pub(super) fn check_writable(root: &Path, snapshot: &Snapshot) -> Result<(), DeltaError> {
    if let Some(why) = snapshot.protocol.write_refusal() {
        return Err(DeltaError::Unsupported { path: root.to_owned(), why });
    }
    if let Some(why) = schema::refusal(&snapshot.metadata.fields) {
        let why = format!("weblog cannot write to the table: {why}; write to another dataset");
        return Err(DeltaError::Unsupported { path: root.to_owned(), why });
    }
    Ok(())
}

/// The lines of the commit. None if it would change nothing.
fn lines(base: Option<&Snapshot>, change: &Commit) -> Result<Option<Vec<Value>>, DeltaError> {
    let metadata = metadata(base, change)?;
    if metadata.is_none() && change.add.is_empty() && change.txns.is_empty() {
        return Ok(None);
    }
    let now = now_millis();
    let mut lines = vec![commit_info(change, now)];
    if base.is_none() {
        let Protocol { reader, writer, .. } = Protocol::OURS;
        lines.push(json!({"protocol": {"minReaderVersion": reader, "minWriterVersion": writer}}));
        if metadata.is_none() {
            return Err(DeltaError::Schema {
                why: "the first commit of a dataset must name its columns".to_owned(),
            });
        }
    }
    lines.extend(metadata.map(|metadata| json!({"metaData": metadata})));
    lines.extend(
        change
            .txns
            .iter()
            .map(|txn| json!({"txn": {"appId": txn.app_id, "version": txn.version, "lastUpdated": now}})),
    );
    lines.extend(change.add.iter().map(|file| add_line(file, &change.partition_columns, true)));
    Ok(Some(lines))
}

/// The metadata that the commit must write: that of a new table, or with new columns.
fn metadata(base: Option<&Snapshot>, change: &Commit) -> Result<Option<Map<String, Value>>, DeltaError> {
    let Some(columns) = &change.schema else { return Ok(None) };
    if let Some(Metadata { raw, fields, partition_columns, .. }) = base.map(|snapshot| &snapshot.metadata) {
        let mut fields = fields.clone();
        let grown = schema::grow(&mut fields, partition_columns, columns)?;
        let mut raw = raw.clone();
        raw.insert("schemaString".into(), schema::to_string(&fields).into());
        return Ok(grown.then_some(raw));
    }
    let mut fields = Vec::new();
    schema::grow(&mut fields, &change.partition_columns, columns)?;
    fields.extend(change.partition_columns.iter().map(|column| schema::field_json(column, "string")));
    let metadata = json!({
        "id": uuid(),
        "name": "weblog",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema::to_string(&fields),
        "partitionColumns": change.partition_columns,
        "configuration": {},
        "createdTime": now_millis(),
    });
    Ok(metadata.as_object().cloned())
}

fn commit_info(change: &Commit, now: i64) -> Value {
    let rows: u64 = change.add.iter().filter_map(|file| file.rows).sum();
    let bytes: u64 = change.add.iter().map(|file| file.bytes).sum();
    let mut parameters = Map::new();
    parameters.insert("mode".into(), "Append".into());
    parameters.insert("partitionBy".into(), json!(change.partition_columns).to_string().into());
    parameters.extend(change.info.iter().map(|(name, value)| (name.clone(), value.clone().into())));
    json!({"commitInfo": {
        "timestamp": now,
        "operation": "WRITE",
        "operationParameters": parameters,
        "operationMetrics": {
            "numFiles": change.add.len().to_string(),
            "numOutputRows": rows.to_string(),
            "numOutputBytes": bytes.to_string(),
        },
        "isBlindAppend": true,
        "engineInfo": concat!("weblog/", env!("CARGO_PKG_VERSION")),
    }})
}

/// Milliseconds since 1970.
pub(super) fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A random identifier as RFC 9562 writes it (version 4).
fn uuid() -> String {
    let bits = durable::random() & !(0xf << 76) & !(0xc << 60) | (0x4 << 76) | (0x8 << 60);
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// A moment that differs from writer to writer.
fn wait(attempt: u32) {
    let longest = 1_000_u128 << attempt.min(5);
    let micros = u64::try_from(durable::random() % longest).unwrap_or(0);
    std::thread::sleep(Duration::from_micros(micros));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_identifier_is_a_uuid_of_version_4() {
        for _ in 0..100 {
            let id = uuid();
            assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
        assert_ne!(uuid(), uuid());
    }
}
