//! Parquet files of others, as texts: tables that a user joins to records.

use crate::error::StoreError;
use arrow_array::{ArrayRef, RecordBatch, StringArray, cast::AsArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;

/// The rows of a file, some thousands at a time.
///
/// # Errors
/// When it is no Parquet file, or one that cannot be read.
pub fn rows(file: File) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>>, StoreError> {
    Ok(ParquetRecordBatchReaderBuilder::try_new(file)?.build()?)
}

/// The values of a column as they would be written; None for nested ones.
///
/// # Errors
/// When a value has no text, as one that is not UTF-8.
pub fn texts(column: &ArrayRef) -> Result<Option<StringArray>, ArrowError> {
    if column.data_type().is_nested() {
        return Ok(None);
    }
    Ok(Some(cast(column, &DataType::Utf8)?.as_string().clone()))
}

/// Whether values are texts, whatever they look like.
pub fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_text(values),
        kind => matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}
