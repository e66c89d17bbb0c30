//! Rows of Parquet files, with the columns that are summed only.

use super::{Rules, columns::of_rollup};
use crate::error::StoreError;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use std::fs::File;

/// The rows of a file of a dataset, some thousands at a time.
///
/// # Errors
/// When it is no Parquet file, or one that cannot be read.
pub fn rows(
    file: File,
    rules: &Rules,
) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, StoreError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let wanted: Vec<String> = rules.inputs().into_iter().chain(of_rollup().map(str::to_owned)).collect();
    let schema = builder.parquet_schema();
    let fields = schema.root_schema().get_fields().iter().enumerate();
    let roots = fields.filter(|(_, field)| wanted.iter().any(|name| name == field.name()));
    let mask = ProjectionMask::roots(schema, roots.map(|(at, _)| at).collect::<Vec<_>>());
    Ok(builder.with_projection(mask).with_batch_size(8_192).build()?)
}
