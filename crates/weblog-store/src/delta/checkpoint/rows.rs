//! The rows of a checkpoint as the JSON objects that a commit would have.
//!
//! A checkpoint of another tool has columns of its own and names nested fields in its own way; read by
//! name, all of them look the same.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, StructArray};
use arrow_schema::{ArrowError, DataType};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value};

/// The columns that are read.
const KINDS: [&str; 5] = ["txn", "add", "remove", "metaData", "protocol"];
/// What is not read of them: statistics spread over columns may be large.
const LEFT_OUT: [&str; 3] = ["stats_parsed", "partitionValues_parsed", "tags"];

/// Calls `take` with each row.
pub(super) fn read(bytes: Vec<u8>, mut take: impl FnMut(Value) -> Result<(), String>) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    // Arrow's own notes on types are left aside: a text is then a text, whoever wrote it.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(Bytes::from(bytes), options)
        .map_err(|error| told(&error))?;
    let columns = builder.parquet_schema().columns().iter().enumerate();
    let wanted = columns.filter(|(_, column)| match column.path().parts() {
        [kind, field, ..] => KINDS.contains(&&**kind) && !LEFT_OUT.contains(&&**field),
        _ => false,
    });
    let wanted: Vec<usize> = wanted.map(|(leaf, _)| leaf).collect();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), wanted);
    let batches = builder.with_projection(mask).build().map_err(|error| told(&error))?;
    for batch in batches {
        let rows = StructArray::from(batch.map_err(|error: ArrowError| told(&error))?);
        (0..rows.len()).try_for_each(|row| take(object(&rows, row)))?;
    }
    Ok(())
}

fn object(group: &StructArray, row: usize) -> Value {
    let columns = group.fields().iter().zip(group.columns());
    let filled = columns.filter(|(_, column)| column.is_valid(row));
    Value::Object(filled.map(|(field, column)| (field.name().clone(), value(column, row))).collect())
}

fn value(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Struct(_) => object(column.as_struct(), row),
        DataType::List(_) => {
            let list = column.as_list::<i32>().value(row);
            (0..list.len()).map(|at| value(&list, at)).collect()
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let Some((keys, values)) = entries.columns().first().zip(entries.columns().get(1)) else {
                return Value::Null;
            };
            let Some(keys) = keys.as_string_opt::<i32>() else { return Value::Null };
            let entry = |at: usize| (keys.value(at).to_owned(), value(values, at));
            Value::Object((0..entries.len()).map(entry).collect::<Map<_, _>>())
        }
        // No field of an action has another type.
        _ => Value::Null,
    }
}
