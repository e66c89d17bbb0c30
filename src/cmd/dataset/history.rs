//! `weblog dataset history`: what each commit did.

use super::{
    To,
    object::{Object, columns, grouped, json, moment, ndjson},
};
use anyhow::Result;
use serde_json::Value;
use std::path::Path;
use weblog_store::{
    delta::{Entry, rfc3339},
    identity::Identities,
};

/// The text of the answer, the newest commit first. None if there is no commit.
pub(super) fn show(root: &Path, most: Option<usize>, to: To, colour: bool) -> Result<Option<String>> {
    let Some(mut entries) = weblog_store::delta::history(root)? else { return Ok(None) };
    entries.reverse();
    entries.truncate(most.unwrap_or(usize::MAX));
    Ok(Some(match to {
        To::Table => table(&entries, colour),
        To::Ndjson => ndjson(entries.iter().map(object)),
        To::Json => json(entries.iter().map(object)),
    }))
}

/// How many inputs a commit took something of.
fn inputs(entry: &Entry) -> u64 {
    Identities::of(&entry.inputs).total().0
}

/// A commit as an object.
pub(super) fn object(entry: &Entry) -> Object {
    let parameters = Value::Object(entry.parameters.clone());
    let columns = if entry.columns.is_empty() { Value::Null } else { entry.columns.clone().into() };
    Object::default()
        .put("version", entry.version)
        .put("time", entry.time.map(rfc3339))
        .put("operation", entry.operation.clone())
        .put("rows_added", entry.added.rows)
        .put("rows_removed", entry.removed.rows)
        .put("files_added", entry.added.files)
        .put("files_removed", entry.removed.files)
        .put("bytes_added", entry.added.bytes)
        .put("bytes_removed", entry.removed.bytes)
        .put("inputs", inputs(entry))
        .put("new_columns", columns)
        .put("program", entry.program.clone())
        .put("parameters", if entry.parameters.is_empty() { Value::Null } else { parameters })
}

/// Commits as a table.
pub(super) fn table(entries: &[Entry], colour: bool) -> String {
    let header = ["version", "time", "operation", "rows", "files", "inputs", "program", "new columns"];
    let change = |added: u64, removed: u64| match (added, removed) {
        (added, 0) => format!("+{}", grouped(added)),
        (0, removed) => format!("-{}", grouped(removed)),
        (added, removed) => format!("+{} -{}", grouped(added), grouped(removed)),
    };
    let row = |entry: &Entry| {
        vec![
            entry.version.to_string(),
            entry.time.map_or("-".into(), |time| moment(&rfc3339(time))),
            entry.operation.clone().unwrap_or("-".into()),
            change(entry.added.rows, entry.removed.rows),
            change(entry.added.files, entry.removed.files),
            inputs(entry).to_string(),
            entry.program.clone().unwrap_or("-".into()),
            entry.columns.join(" "),
        ]
    };
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    columns(&header, &rows, &[0, 3, 4, 5], colour)
}
