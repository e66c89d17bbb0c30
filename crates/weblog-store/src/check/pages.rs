//! All pages of a file: what its rows really hold.

use crate::delta::{ColumnStat, FileStats, Stat};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray,
    cast::AsArray,
    types::{Float64Type, Int64Type, TimestampMicrosecondType},
};
use arrow_schema::{DataType, TimeUnit};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, file::reader::ChunkReader};

/// Decodes every page and tells what is in it. The error says what cannot be read.
pub(super) fn read<R: ChunkReader + 'static>(
    reader: ParquetRecordBatchReaderBuilder<R>,
) -> Result<FileStats, String> {
    let names = reader.schema().fields().iter().map(|field| field.name().clone());
    let mut columns: Vec<(String, ColumnStat)> = names.map(|name| (name, ColumnStat::default())).collect();
    let mut rows = 0;
    for batch in reader.with_batch_size(8192).build().map_err(|error| error.to_string())? {
        let batch = batch.map_err(|error| format!("cannot be read behind row {rows}: {error}"))?;
        rows += batch.num_rows() as u64;
        for (column, (_, stat)) in batch.columns().iter().zip(&mut columns) {
            stat.nulls += column.null_count() as u64;
            bounds(column, stat);
        }
    }
    Ok(FileStats { rows, columns })
}

/// Widens the bounds of a column of numbers or times.
fn bounds(column: &ArrayRef, stat: &mut ColumnStat) {
    match column.data_type() {
        DataType::Int64 => widen(column.as_primitive::<Int64Type>(), Stat::Int, stat, |stat| match stat {
            Stat::Int(value) => Some(*value),
            _ => None,
        }),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            widen(column.as_primitive::<TimestampMicrosecondType>(), Stat::Time, stat, |stat| match stat {
                Stat::Time(value) => Some(*value),
                _ => None,
            });
        }
        DataType::Float64 => {
            widen(column.as_primitive::<Float64Type>(), Stat::Float, stat, |stat| match stat {
                Stat::Float(value) => Some(*value),
                _ => None,
            });
        }
        _ => {}
    }
}

fn widen<T: ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    make: fn(T::Native) -> Stat,
    stat: &mut ColumnStat,
    of: fn(&Stat) -> Option<T::Native>,
) {
    let mut min = stat.min.as_ref().and_then(of);
    let mut max = stat.max.as_ref().and_then(of);
    for value in values.iter().flatten() {
        if min.is_none_or(|min| value < min) {
            min = Some(value);
        }
        if max.is_none_or(|max| value > max) {
            max = Some(value);
        }
    }
    stat.min = min.map(make);
    stat.max = max.map(make);
}
