//! The whole state of a table as one Parquet file (sections Checkpoints, Checkpoint Schema, Last
//! Checkpoint File), so that a reader need not read all commits.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use flate2::Crc;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use super::action::Action;
use super::error::{DeltaError, shown};
use super::log::{self, Listing};
use super::snapshot::Snapshot;

mod columns;
mod rows;

/// Where the checksum of a checkpoint stands among the `tags` of `_last_checkpoint`. Parquet itself
/// does not notice every flipped bit, and commits could not be told from a damaged checkpoint.
const CHECKSUM: &str = "weblog.crc32";

/// Writes the checkpoint of a snapshot and points `_last_checkpoint` to it.
pub(super) fn write(log: &Path, snapshot: &Snapshot) -> Result<(), DeltaError> {
    let path = log::checkpoint_path(log, snapshot.version());
    let bytes = encode(snapshot)
        .map_err(|error| DeltaError::io("write", &path)(std::io::Error::other(error.to_string())))?;
    if !log::publish(log, &path, &bytes)? {
        // Another tool was faster, and its checkpoint says the same.
        return Ok(());
    }
    let pointer = log.join("_last_checkpoint");
    let newer = read_pointer(log).is_some_and(|old| old["version"].as_u64() > Some(snapshot.version()));
    if newer {
        return Ok(());
    }
    let actions = 2 + snapshot.inputs().len() + snapshot.files().len() + snapshot.removed.len();
    let text = json!({
        "version": snapshot.version(),
        "size": actions,
        "sizeInBytes": bytes.len(),
        "numOfAddFiles": snapshot.files().len(),
        "tags": {CHECKSUM: checksum(&bytes)},
    });
    log::replace(log, &pointer, text.to_string().as_bytes())
}

fn encode(snapshot: &Snapshot) -> Result<Vec<u8>, ParquetError> {
    let batch = columns::batch(snapshot)?;
    let zstd = Compression::ZSTD(ZstdLevel::try_new(3)?);
    let properties = WriterProperties::builder().set_compression(zstd).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner()
}

fn read_pointer(log: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(log.join("_last_checkpoint")).ok()?).ok()
}

fn checksum(bytes: &[u8]) -> String {
    let mut crc = Crc::new();
    crc.update(bytes);
    format!("{:08x}", crc.sum())
}

/// Where to begin reading the log.
#[derive(Default)]
pub(super) struct Start {
    /// The newest checkpoint that can be used, and its actions. None: begin with the first commit.
    pub found: Option<(u64, Vec<Action>)>,
    /// What is wrong with the newest checkpoint, for when the commits do not make up for it.
    pub problem: Option<DeltaError>,
    /// A sentence on each checkpoint that was passed over.
    pub notes: Vec<String>,
}

/// The newest checkpoint of the log up to a version that can be used. `_last_checkpoint` is only a hint to
/// the protocol; the directory itself is listed anyway.
pub(super) fn newest(log: &Path, listing: &Listing, version: u64) -> Start {
    let pointer = read_pointer(log);
    let mut start = Start::default();
    for (version, parts) in listing.checkpoints.range(..=version).rev() {
        let of_this = pointer.as_ref().filter(|pointer| pointer["version"] == *version);
        match read(parts, of_this.and_then(|pointer| pointer["tags"][CHECKSUM].as_str())) {
            Ok(actions) => {
                start.found = Some((*version, actions));
                return start;
            }
            Err(why) => {
                let path = parts.first().cloned().unwrap_or_else(|| PathBuf::from(log));
                start.notes.push(format!(
                    "cannot use the checkpoint {} ({why}); read the commits instead",
                    shown(&path)
                ));
                start.problem.get_or_insert(DeltaError::Checkpoint { path, why });
            }
        }
    }
    start
}

/// The state that a checkpoint holds. The error says what is wrong with it.
pub(super) fn read_state(
    root: &Path,
    log: &Path,
    version: u64,
    parts: &[PathBuf],
) -> Result<Snapshot, String> {
    let pointer = read_pointer(log).filter(|pointer| pointer["version"] == version);
    let checksum = pointer.as_ref().and_then(|pointer| pointer["tags"][CHECKSUM].as_str());
    let mut state = Snapshot::first(root, read(parts, checksum)?).map_err(|error| error.to_string())?;
    state.set_version(version);
    Ok(state)
}

/// The actions of a checkpoint. The error says what is wrong with it.
fn read(parts: &[PathBuf], expected: Option<&str>) -> Result<Vec<Action>, String> {
    let mut actions = Vec::new();
    for path in parts {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        if expected.is_some_and(|expected| parts.len() == 1 && checksum(&bytes) != expected) {
            return Err("its checksum differs".into());
        }
        // The reader is not meant to panic, but a foreign checkpoint has no checksum, and what is damaged
        // in it must not end the run.
        let take = |row| {
            actions.push(Action::parse(row).map_err(|expected| format!("expected {expected}"))?);
            Ok(())
        };
        catch_unwind(AssertUnwindSafe(|| rows::read(bytes, take)))
            .map_err(|_| "its Parquet is damaged")??;
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for action in &actions {
        let kind = match action {
            Action::Protocol(_) => "protocol",
            Action::Metadata(_) => "metaData",
            _ => continue,
        };
        *kinds.entry(kind).or_default() += 1;
    }
    match kinds.values().copied().collect::<Vec<_>>()[..] {
        [1, 1] => Ok(actions),
        _ => Err("it has not exactly one protocol and one metaData".into()),
    }
}
