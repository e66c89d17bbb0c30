//! A snapshot as the columns of a checkpoint: one struct column for each kind of action, of which each
//! row fills one.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, MapBuilder, MapFieldNames, StringBuilder};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, Field, Schema};
use serde_json::{Map, Value};

use super::super::action::{Protocol, Removed};
use super::super::path;
use super::super::snapshot::{DataFile, Snapshot};

enum Row<'a> {
    Protocol(&'a Protocol),
    Metadata(&'a Map<String, Value>),
    Txn(&'a str, i64),
    Add(&'a DataFile),
    Remove(&'a str, &'a Removed),
}

/// The rows of the checkpoint.
pub(super) fn batch(snapshot: &Snapshot) -> Result<RecordBatch, ArrowError> {
    let mut inputs: Vec<(&String, &i64)> = snapshot.inputs().iter().collect();
    inputs.sort();
    let mut rows = vec![Row::Protocol(&snapshot.protocol), Row::Metadata(&snapshot.metadata.raw)];
    rows.extend(inputs.into_iter().map(|(app_id, version)| Row::Txn(app_id, *version)));
    rows.extend(snapshot.files().map(Row::Add));
    rows.extend(snapshot.removed.iter().map(|(path, removed)| Row::Remove(path, removed)));

    let groups = [
        ("txn", txn(&rows)?),
        ("add", add(&rows, snapshot.partition_columns())?),
        ("remove", remove(&rows)?),
        ("metaData", metadata(&rows)?),
        ("protocol", protocol(&rows)?),
    ];
    let fields: Vec<Field> =
        groups.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true)).collect();
    let columns = groups.into_iter().map(|(_, column)| Arc::new(column) as ArrayRef).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn txn<'a>(rows: &[Row<'a>]) -> Result<StructArray, ArrowError> {
    let of =
        |row: &Row| if let Row::Txn(id, version) = row { Some((id.to_string(), *version)) } else { None };
    group(
        rows.iter().map(|row| of(row).is_some()),
        vec![
            ("appId", strings(rows.iter().map(|row| of(row).map(|(id, _)| id)))),
            ("version", longs(rows.iter().map(|row| of(row).map(|(_, version)| version)))),
        ],
    )
}

fn add<'a>(rows: &[Row<'a>], partition_columns: &[String]) -> Result<StructArray, ArrowError> {
    let of = |row: &Row<'a>| if let Row::Add(file) = row { Some(*file) } else { None };
    let partition = maps(rows.iter().map(|row| match row {
        Row::Add(file) => Some(partition_columns.iter().cloned().zip(file.partition.clone()).collect()),
        _ => None,
    }))?;
    group(
        rows.iter().map(|row| matches!(row, Row::Add(_))),
        vec![
            ("path", strings(rows.iter().map(|row| of(row).map(|file| path::to_log(&file.path))))),
            ("partitionValues", partition),
            (
                "size",
                longs(rows.iter().map(|row| of(row).map(|f| i64::try_from(f.bytes).unwrap_or(i64::MAX)))),
            ),
            ("modificationTime", longs(rows.iter().map(|row| of(row).map(|file| file.modified)))),
            // Section V1 Spec: in a checkpoint nothing is new.
            ("dataChange", bools(rows.iter().map(|row| of(row).map(|_| false)))),
            ("stats", strings(rows.iter().map(|row| of(row).and_then(|file| file.stats.as_deref())))),
        ],
    )
}

fn remove<'a>(rows: &[Row<'a>]) -> Result<StructArray, ArrowError> {
    let of = |row: &Row<'a>| match row {
        Row::Remove(path, removed) => Some((*path, *removed)),
        _ => None,
    };
    let extended = |row: &Row<'a>| of(row).and_then(|(_, removed)| removed.extended.as_ref());
    let partition = maps(rows.iter().map(|row| {
        let values = &extended(row)?.partition;
        Some(values.iter().map(|(column, value)| (column.clone(), value.clone())).collect())
    }))?;
    let size = |row| extended(row).map(|known| i64::try_from(known.bytes).unwrap_or(i64::MAX));
    group(
        rows.iter().map(|row| of(row).is_some()),
        vec![
            ("path", strings(rows.iter().map(|row| of(row).map(|(path, _)| path::to_log(path))))),
            ("deletionTimestamp", longs(rows.iter().map(|row| of(row).and_then(|(_, removed)| removed.at)))),
            ("dataChange", bools(rows.iter().map(|row| of(row).map(|(_, removed)| removed.data_change)))),
            (
                "extendedFileMetadata",
                bools(rows.iter().map(|row| of(row).map(|(_, removed)| removed.extended.is_some()))),
            ),
            ("partitionValues", partition),
            ("size", longs(rows.iter().map(size))),
        ],
    )
}

fn metadata<'a>(rows: &[Row<'a>]) -> Result<StructArray, ArrowError> {
    let of = |row: &Row<'a>, name: &str| match row {
        Row::Metadata(raw) => raw.get(name),
        _ => None,
    };
    let is = || rows.iter().map(|row| matches!(row, Row::Metadata(_)));
    let texts = |name: &str| strings(rows.iter().map(|row| of(row, name).and_then(|value| value.as_str())));
    // Options and configuration must be there even if they are empty.
    let options = |value: Option<&Value>| {
        let entries = value.and_then(Value::as_object).into_iter().flatten();
        entries.map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned))).collect()
    };
    let when = |row: &Row<'a>, value| matches!(row, Row::Metadata(_)).then(|| options(value));
    let format_of = |row: &Row<'a>, name: &str| of(row, "format").and_then(|format| format.get(name));
    let format = group(
        is(),
        vec![
            ("provider", strings(rows.iter().map(|row| format_of(row, "provider")?.as_str()))),
            ("options", maps(rows.iter().map(|row| when(row, format_of(row, "options"))))?),
        ],
    )?;
    let columns = rows.iter().map(|row| {
        let Value::Array(columns) = of(row, "partitionColumns")? else { return None };
        Some(columns.iter().filter_map(|column| column.as_str().map(str::to_owned)).collect())
    });
    group(
        is(),
        vec![
            ("id", texts("id")),
            ("name", texts("name")),
            ("description", texts("description")),
            ("format", Arc::new(format)),
            ("schemaString", texts("schemaString")),
            ("partitionColumns", lists(columns)),
            ("createdTime", longs(rows.iter().map(|row| of(row, "createdTime")?.as_i64()))),
            ("configuration", maps(rows.iter().map(|row| when(row, of(row, "configuration"))))?),
        ],
    )
}

fn protocol<'a>(rows: &[Row<'a>]) -> Result<StructArray, ArrowError> {
    let of = |row: &Row<'a>| if let Row::Protocol(protocol) = row { Some(*protocol) } else { None };
    let ints = |get: fn(&Protocol) -> i64| -> ArrayRef {
        let values = rows.iter().map(|row| of(row).and_then(|protocol| i32::try_from(get(protocol)).ok()));
        Arc::new(values.collect::<Int32Array>())
    };
    group(
        rows.iter().map(|row| of(row).is_some()),
        vec![
            ("minReaderVersion", ints(|protocol| protocol.reader)),
            ("minWriterVersion", ints(|protocol| protocol.writer)),
            ("readerFeatures", lists(rows.iter().map(|row| of(row)?.reader_features.clone()))),
            ("writerFeatures", lists(rows.iter().map(|row| of(row)?.writer_features.clone()))),
        ],
    )
}

fn group(
    valid: impl Iterator<Item = bool>,
    columns: Vec<(&str, ArrayRef)>,
) -> Result<StructArray, ArrowError> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    StructArray::try_new(fields.into(), columns, Some(valid.collect::<NullBuffer>()))
}

fn strings(values: impl Iterator<Item = Option<impl AsRef<str>>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn longs(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<Int64Array>())
}

fn bools(values: impl Iterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(values.collect::<BooleanArray>())
}

type Entries = Vec<(String, Option<String>)>;

fn maps(values: impl Iterator<Item = Option<Entries>>) -> Result<ArrayRef, ArrowError> {
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut maps = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
    for entries in values {
        for (key, value) in entries.iter().flatten() {
            maps.keys().append_value(key);
            maps.values().append_option(value.as_ref());
        }
        maps.append(entries.is_some())?;
    }
    Ok(Arc::new(maps.finish()))
}

fn lists(values: impl Iterator<Item = Option<Vec<String>>>) -> ArrayRef {
    let element = Field::new("element", arrow_schema::DataType::Utf8, true);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element);
    for list in values {
        lists.append_option(list.map(|list| list.into_iter().map(Some)));
    }
    Arc::new(lists.finish())
}
