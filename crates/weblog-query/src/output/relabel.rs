//! Columns as Arrow and Parquet have them: instants with their zone, and no types that a file lacks.

use crate::value::Column;
use arrow_array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, cast::AsArray,
    types::TimestampMicrosecondType,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::errors::ParquetError;
use std::sync::Arc;

/// The columns with plain times as the instants that they are.
pub(super) fn with_zone(schema: &SchemaRef, utc: bool) -> SchemaRef {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, None) if utc => {
            let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            Arc::new(field.as_ref().clone().with_data_type(instant))
        }
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// The columns as the writer of Parquet takes them: spans as their text.
///
/// # Errors
/// A type that Parquet does not have, or its writer.
pub(super) fn for_parquet(schema: &SchemaRef) -> Result<SchemaRef, ParquetError> {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Interval(_) => Ok(Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8))),
        kind => match foreign(kind) {
            None => Ok(Arc::clone(field)),
            Some(what) => Err(ParquetError::General(format!(
                "the column {} holds {what}: cast it to varchar or json",
                field.name()
            ))),
        },
    };
    Ok(Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Result<Vec<_>, _>>()?)))
}

/// What of a type, or inside of it, a Parquet file cannot have.
fn foreign(kind: &DataType) -> Option<&'static str> {
    match kind {
        DataType::Union(..) => Some("values of several types (a UNION)"),
        DataType::Interval(_) => Some("intervals inside of lists or structs"),
        DataType::List(inner)
        | DataType::LargeList(inner)
        | DataType::FixedSizeList(inner, _)
        | DataType::Map(inner, _) => foreign(inner.data_type()),
        DataType::Struct(fields) => fields.iter().find_map(|field| foreign(field.data_type())),
        _ => None,
    }
}

/// A batch with the columns of a schema that one of the functions above made.
pub(super) fn relabelled(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let column = |(array, field): (&ArrayRef, &Arc<Field>)| -> ArrayRef {
        if array.data_type() == field.data_type() {
            return Arc::clone(array);
        }
        match (array.as_primitive_opt::<TimestampMicrosecondType>(), array.data_type()) {
            (Some(times), _) => Arc::new(times.clone().with_timezone("UTC")),
            (None, DataType::Interval(_)) => {
                let spans = Column::new(array, field, true);
                let text =
                    |row| (!spans.is_null(row)).then(|| spans.text(row, &mut String::new()).to_owned());
                Arc::new((0..array.len()).map(text).collect::<StringArray>())
            }
            _ => Arc::clone(array),
        }
    };
    let columns = batch.columns().iter().zip(schema.fields()).map(column).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}
