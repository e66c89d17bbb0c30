//! The log as a whole: what is committed is what is read.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::*;

mod checkpoints;
mod commits;
mod damage;
mod foreign;
mod history;
mod recovery;
mod replacing;
mod travel;

fn schema(columns: &[(&str, DataType)]) -> Option<SchemaRef> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect();
    Some(Arc::new(Schema::new(fields)))
}

fn one_column() -> Option<SchemaRef> {
    schema(&[("status", DataType::Int32)])
}

/// A file of the day 2019-01-`day`; a path with a space and a percent sign in it.
fn file(name: &str, day: &str) -> DataFile {
    let columns = vec![("status".to_owned(), ColumnStat { nulls: 1, ..ColumnStat::default() })];
    DataFile {
        path: format!("day={day}/part {name}%20.parquet"),
        partition: vec![Some(day.to_owned())],
        rows: Some(7),
        bytes: 100,
        modified: 1_548_116_774_123,
        stats: Some(FileStats { rows: 7, columns }.to_json()),
    }
}

fn adding(files: impl IntoIterator<Item = DataFile>) -> Commit {
    Commit {
        add: files.into_iter().collect(),
        schema: one_column(),
        partition_columns: vec!["day".to_owned()],
        ..Commit::default()
    }
}

fn taking(app_id: &str, from: i64, version: i64) -> Vec<Txn> {
    vec![Txn { app_id: app_id.to_owned(), from, version }]
}

fn read(root: &Path) -> Snapshot {
    Snapshot::read(root).unwrap().expect("there is a table")
}

fn paths(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.files().map(|file| file.path.as_str()).collect()
}

/// All that a snapshot holds, but how it was read.
#[derive(Debug, PartialEq)]
struct State(
    u64,
    action::Protocol,
    serde_json::Map<String, serde_json::Value>,
    Vec<DataFile>,
    BTreeMap<String, action::Removed>,
    HashMap<String, i64>,
    SchemaRef,
);

fn state(snapshot: &Snapshot) -> State {
    State(
        snapshot.version(),
        snapshot.protocol.clone(),
        snapshot.metadata.raw.clone(),
        snapshot.files().cloned().collect(),
        snapshot.removed.clone(),
        snapshot.inputs().clone(),
        snapshot.schema().clone(),
    )
}

/// Writes a commit by hand.
fn write_commit(root: &Path, version: u64, text: &str) {
    let directory = log::directory(root);
    fs::create_dir_all(&directory).unwrap();
    fs::write(log::commit_path(&directory, version), text).unwrap();
}
