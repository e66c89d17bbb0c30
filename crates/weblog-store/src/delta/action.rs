//! The lines of a commit (section Actions).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::path;
use super::snapshot::DataFile;

/// One line of a commit, or one row of a checkpoint.
pub(super) enum Action {
    Add(Add),
    Remove {
        path: String,
        removed: Removed,
    },
    Metadata(Map<String, Value>),
    Protocol(Protocol),
    Txn {
        app_id: String,
        version: i64,
    },
    /// `commitInfo`, and whatever weblog has no use for.
    Other,
}

/// A file that belongs to the table from here on.
pub(super) struct Add {
    pub path: String,
    pub partition: BTreeMap<String, Option<String>>,
    pub bytes: u64,
    pub modified: i64,
    pub stats: Option<String>,
}

/// The tombstone of a file that was taken out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Removed {
    /// When, in milliseconds since 1970.
    pub at: Option<i64>,
    /// Whether rows went with it; if not, they are in other files.
    pub data_change: bool,
    /// What the log said of the file, if the tool that took it out repeated that.
    pub extended: Option<Extended>,
}

/// The extended metadata of a tombstone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Extended {
    pub partition: BTreeMap<String, Option<String>>,
    pub bytes: u64,
}

/// What a reader and a writer must know (section Protocol Evolution).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Protocol {
    pub reader: i64,
    pub writer: i64,
    pub reader_features: Option<Vec<String>>,
    pub writer_features: Option<Vec<String>>,
}

impl Action {
    /// The action of an object with one key, its kind. Other keys that are null do not count: rows of a
    /// checkpoint have them. The error is what was expected.
    pub(super) fn parse(line: Value) -> Result<Action, String> {
        let Value::Object(object) = line else { return Err("a JSON object".into()) };
        for (kind, body) in object {
            match (&*kind, body) {
                (_, Value::Null) => {}
                ("add", body) => return add(body).map(Action::Add),
                ("remove", body) => {
                    let path = location(&body)?;
                    let at = body["deletionTimestamp"].as_i64();
                    let data_change = body["dataChange"].as_bool().unwrap_or(true);
                    let extended = partition(&body["partitionValues"])?.zip(body["size"].as_u64());
                    let extended = extended.map(|(partition, bytes)| Extended { partition, bytes });
                    return Ok(Action::Remove { path, removed: Removed { at, data_change, extended } });
                }
                ("metaData", Value::Object(body)) => return Ok(Action::Metadata(body)),
                ("protocol", body) => return protocol(&body).map(Action::Protocol),
                ("txn", body) => {
                    let app_id = body["appId"].as_str().ok_or("txn.appId, a text")?.to_owned();
                    let version = body["version"].as_i64().ok_or("txn.version, a whole number")?;
                    return Ok(Action::Txn { app_id, version });
                }
                ("metaData", _) => return Err("metaData, an object".into()),
                _ => {}
            }
        }
        Ok(Action::Other)
    }
}

fn add(mut body: Value) -> Result<Add, String> {
    if !body["deletionVector"].is_null() {
        return Err("a file without deletion vector, which weblog cannot read".into());
    }
    let partition = partition(&body["partitionValues"])?.ok_or("add.partitionValues, an object")?;
    Ok(Add {
        path: location(&body)?,
        partition,
        bytes: body["size"].as_u64().ok_or("add.size, a whole number")?,
        modified: body["modificationTime"].as_i64().ok_or("add.modificationTime, a whole number")?,
        stats: match body["stats"].take() {
            Value::String(stats) => Some(stats),
            _ => None,
        },
    })
}

/// The values of the partition columns; none if they are not told.
fn partition(values: &Value) -> Result<Option<BTreeMap<String, Option<String>>>, String> {
    let Some(values) = values.as_object() else { return Ok(None) };
    let mut partition = BTreeMap::new();
    for (column, value) in values {
        let value = match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            _ => return Err("texts in partitionValues".into()),
        };
        partition.insert(column.clone(), value);
    }
    Ok(Some(partition))
}

fn location(body: &Value) -> Result<String, String> {
    let uri = body["path"].as_str().ok_or("a path, a text")?;
    path::from_log(uri).map_err(|error| format!("a path inside the dataset ({error})"))
}

fn protocol(body: &Value) -> Result<Protocol, String> {
    let features = |name: &str| match &body[name] {
        Value::Null => Ok(None),
        Value::Array(list) => {
            Ok(Some(list.iter().map(|f| f.as_str().unwrap_or_default().to_owned()).collect()))
        }
        _ => Err(format!("protocol.{name}, a list")),
    };
    Ok(Protocol {
        reader: body["minReaderVersion"].as_i64().ok_or("protocol.minReaderVersion, a whole number")?,
        writer: body["minWriterVersion"].as_i64().ok_or("protocol.minWriterVersion, a whole number")?,
        reader_features: features("readerFeatures")?,
        writer_features: features("writerFeatures")?,
    })
}

impl Protocol {
    /// What weblog writes: the oldest that can hold a log of appends.
    pub(super) const OURS: Protocol =
        Protocol { reader: 1, writer: 2, reader_features: None, writer_features: None };

    /// Why weblog must not read such a table. Two features change nothing for a reader of file lists.
    pub(super) fn read_refusal(&self) -> Option<String> {
        let harmless = ["timestampNtz", "vacuumProtocolCheck"];
        let unknown: Vec<&str> =
            self.reader_features.iter().flatten().map(|feature| feature.as_str()).collect();
        let unknown: Vec<&str> = unknown.into_iter().filter(|feature| !harmless.contains(feature)).collect();
        match self.reader {
            ..=1 => None,
            3 if unknown.is_empty() => None,
            3 => Some(format!(
                "the table needs a reader that knows {}; read it with the tool that wrote it",
                unknown.join(", ")
            )),
            version => Some(format!(
                "the table needs a reader of version {version} and weblog knows 1; read it with the tool that \
                 wrote it"
            )),
        }
    }

    /// Why weblog must not write to such a table.
    pub(super) fn write_refusal(&self) -> Option<String> {
        (self.writer > 2 || self.reader > 1).then(|| {
            format!(
                "the table needs a writer of version {} and weblog knows 2; write to another dataset",
                self.writer
            )
        })
    }
}

/// The line that adds a file. `data_change` is false when its rows come from files that the same commit
/// takes out.
pub(super) fn add_line(file: &DataFile, partition_columns: &[String], data_change: bool) -> Value {
    let mut add = json!({
        "path": path::to_log(&file.path),
        "partitionValues": values(file, partition_columns),
        "size": file.bytes,
        "modificationTime": file.modified,
        "dataChange": data_change,
    });
    if let Some(stats) = &file.stats {
        add["stats"] = stats.clone().into();
    }
    json!({"add": add})
}

/// The line that takes a file out.
pub(super) fn remove_line(
    file: &DataFile,
    partition_columns: &[String],
    at: i64,
    data_change: bool,
) -> Value {
    json!({"remove": {
        "path": path::to_log(&file.path),
        "deletionTimestamp": at,
        "dataChange": data_change,
        "extendedFileMetadata": true,
        "partitionValues": values(file, partition_columns),
        "size": file.bytes,
    }})
}

fn values(file: &DataFile, partition_columns: &[String]) -> Map<String, Value> {
    let values = partition_columns.iter().zip(&file.partition);
    values.map(|(column, value)| (column.clone(), value.clone().map_or(Value::Null, Value::from))).collect()
}
