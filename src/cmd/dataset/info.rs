//! `weblog dataset info`: what a dataset holds.

use super::{
    To, history,
    object::{Object, bold, columns, count, grouped, json, moment, ndjson, size},
};
use anyhow::Result;
use serde_json::{Value, json};
use std::path::Path;
use weblog_store::{
    delta::{Entry, Snapshot, rfc3339, type_name},
    inspect::{Column, Contents, contents},
};

/// Commits that are shown.
const LAST: usize = 5;

/// The text of the answer.
pub(super) fn show(root: &Path, snapshot: &Snapshot, to: To, colour: bool) -> Result<String> {
    let contents = contents(snapshot);
    let mut last = weblog_store::delta::history(root)?.unwrap_or_default();
    last.retain(|entry| entry.version <= snapshot.version());
    last.reverse();
    last.truncate(LAST);
    Ok(match to {
        To::Table => table(root, snapshot, &contents, &last, colour),
        To::Ndjson => ndjson([object(snapshot, &contents, &last)].into_iter()),
        To::Json => json([object(snapshot, &contents, &last)].into_iter()),
    })
}

fn object(snapshot: &Snapshot, contents: &Contents, last: &[Entry]) -> Object {
    let range = contents.range.as_ref();
    let times = contents.times.as_ref();
    let part = |at: usize| contents.sizes.map(|sizes| sizes[at]);
    let committed = last.first().and_then(|entry| entry.time).map(rfc3339);
    Object::default()
        .put("version", snapshot.version())
        .put("committed", committed)
        .put("table_id", snapshot.table_id())
        .put("partition_columns", snapshot.partition_columns().to_vec())
        .put("partitions", contents.partitions)
        .put("first_partition", range.map(|(first, _)| first.as_str()))
        .put("last_partition", range.map(|(_, last)| last.as_str()))
        .put("first_time", times.map(|(first, _)| first.as_str()))
        .put("last_time", times.map(|(_, last)| last.as_str()))
        .put("rows", contents.rows)
        .put("files", contents.files)
        .put("bytes", contents.bytes)
        .put("smallest_file", part(0))
        .put("median_file", part(1))
        .put("largest_file", part(2))
        .put("small_files", contents.small)
        .put("small_files_in", contents.small_in)
        .put("inputs", contents.inputs)
        .put("input_bytes", contents.input_bytes)
        .put("streams", contents.streams)
        .list("columns", contents.columns.iter().map(column))
        .list("last_commits", last.iter().map(history::object))
}

fn column(column: &Column) -> Object {
    let filled = column.filled.map_or(Value::Null, |filled| json!((filled * 1e6).round() / 1e6));
    Object::default().put("name", &*column.name).put("type", kind(column)).put("filled", filled)
}

fn kind(column: &Column) -> &'static str {
    type_name(&column.kind).unwrap_or("another")
}

fn table(root: &Path, snapshot: &Snapshot, contents: &Contents, last: &[Entry], colour: bool) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let value = weblog_wire::visible::visible(&value).into_owned();
        text.push_str(&format!("{} {value}\n", bold(&format!("{name:<11}"), colour)));
    };
    line("dataset", root.display().to_string());
    let made = last.first().and_then(|entry| Some(format!(", of {}", moment(&rfc3339(entry.time?)))));
    line("version", snapshot.version().to_string() + &made.unwrap_or_default());
    line("table id", snapshot.table_id().to_owned());
    let by = match snapshot.partition_columns() {
        [] => "none".to_owned(),
        columns => {
            let range = contents.range.as_ref();
            let range = range.map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
            format!("{} by {}{range}", grouped(contents.partitions), columns.join(", "))
        }
    };
    line("partitions", by);
    if let Some((first, last)) = &contents.times {
        line("time", format!("{} to {}", moment(first), moment(last)));
    }
    line("rows", contents.rows.map_or("not told by all files".into(), grouped));
    line("files", format!("{}, {}", grouped(contents.files), size(contents.bytes)));
    if let Some([smallest, median, largest]) = contents.sizes.map(|sizes| sizes.map(size)) {
        line("sizes", format!("smallest {smallest}, median {median}, largest {largest}"));
    }
    let merged = match contents.small {
        0 => "none to merge".to_owned(),
        small => {
            let places = count(contents.small_in, "partition", "partitions");
            format!("{} in {places}, which `weblog compact` would merge", grouped(small))
        }
    };
    line("small files", merged);
    let inputs = count(contents.inputs, "file", "files");
    let streams = match contents.streams {
        0 => String::new(),
        streams => format!("; {}", count(streams, "stream of records", "streams of records")),
    };
    line("inputs", format!("{inputs}, {} of them{streams}", size(contents.input_bytes)));
    let rows: Vec<Vec<String>> = contents
        .columns
        .iter()
        .map(|column| {
            let filled = column.filled.map_or("-".into(), |filled| format!("{:.1}%", filled * 100.0));
            vec![column.name.clone(), kind(column).to_owned(), filled]
        })
        .collect();
    text.push('\n');
    text.push_str(&columns(&["column", "type", "not null"], &rows, &[2], colour));
    text.push('\n');
    text.push_str(&history::table(last, colour));
    text
}
