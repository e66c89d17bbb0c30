//! One Parquet file: how its columns are encoded, and what its footer tells.
//!
//! Written with zstd, delta encodings where neighbours are alike or all distinct, dictionaries
//! elsewhere, page index and statistics in page headers: DuckDB 2 skips pages by the latter, other
//! engines by the former. Bloom filters tell which row groups have an address.

use crate::{
    delta::{ColumnStat, FileStats, Stat},
    error::StoreError,
};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding, Type, ZstdLevel},
    file::{
        metadata::{ColumnChunkMetaData, KeyValue, RowGroupMetaData},
        properties::{EnabledStatistics, WriterProperties},
        statistics::Statistics,
    },
    schema::types::ColumnPath,
};
use std::io::Write;

/// Rows of a row group, at most.
const GROUP_ROWS: usize = 1 << 19;
/// Rows of a page, at most: each page is compressed for itself, so small ones make large files, and readers
/// skip whole pages, so large ones are read in vain.
const PAGE_ROWS: usize = 1 << 17;
/// Encoded bytes of a row group, at most.
const GROUP_BYTES: usize = 64 << 20;
/// Texts that are looked for as a whole or in part, never by range: bounds of theirs would skip nothing.
const UNBOUNDED: &[&str] = &[
    "remote_logname",
    "method",
    "target",
    "query",
    "protocol",
    "request",
    "request_kind",
    "referer",
    "user_agent",
    "extra",
    "extra_fields",
    "country_name",
    "region",
    "timezone",
    "as_org",
    "browser",
    "browser_version",
    "os",
    "os_version",
    "device",
    "bot",
    "bot_class",
];
/// Columns of which every value, or nearly, is another one: no dictionary.
const DISTINCT: &[&str] = &["request_id", "query", "offset", "extra", "extra_fields"];

/// Columns that are asked for one value, which few row groups have: these get a Bloom filter, which takes
/// about one byte and a half for each value that it holds, and skips the others.
const LOOKED_FOR: &[&str] = &["remote_addr", "client_addr", "request_id"];

/// A Parquet file being written.
pub struct ParquetFile<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Begins a file with these columns.
    pub fn new(out: W, schema: &SchemaRef) -> Result<Self, StoreError> {
        let writer = ArrowWriter::try_new(out, SchemaRef::clone(schema), Some(properties(schema)))?;
        Ok(ParquetFile { writer })
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        Ok(self.writer.write(batch)?)
    }

    /// Bytes of memory that the row group in progress takes.
    pub fn memory(&self) -> usize {
        self.writer.memory_size()
    }

    /// Bytes written, and those that the row group in progress will have, about.
    pub fn size(&self) -> usize {
        self.writer.bytes_written() + self.writer.in_progress_size()
    }

    /// Ends the row group in progress.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        Ok(self.writer.flush()?)
    }

    /// Writes the footer. Gives what was written to, and what the columns hold.
    pub fn finish(mut self) -> Result<(W, FileStats), StoreError> {
        self.writer.flush()?;
        let stats = stats(self.writer.flushed_row_groups());
        Ok((self.writer.into_inner()?, stats))
    }
}

fn properties(schema: &SchemaRef) -> WriterProperties {
    let level = ZstdLevel::try_new(3).unwrap_or_default();
    let mut builder = WriterProperties::builder()
        .set_created_by(format!("weblog version {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_write_page_header_statistics(true)
        .set_statistics_truncate_length(Some(64))
        .set_column_index_truncate_length(Some(64))
        .set_key_value_metadata(Some(vec![KeyValue::new("weblog.schema".into(), "1".to_owned())]));
    for field in schema.fields() {
        let path = || ColumnPath::from(field.name().as_str());
        if UNBOUNDED.contains(&field.name().as_str()) || *field.data_type() == DataType::Binary {
            builder = builder.set_column_statistics_enabled(path(), EnabledStatistics::None);
        }
        if LOOKED_FOR.contains(&field.name().as_str()) {
            builder = builder
                .set_column_bloom_filter_fpp(path(), 0.01)
                .set_column_bloom_filter_max_ndv(path(), GROUP_ROWS as u64);
        }
        // The same addresses and sizes come again and again. Where they do not, the writer gives the dictionary
        // up when it is full, and goes on with this encoding.
        let (dictionary, encoding) = match (field.name().as_str(), field.data_type()) {
            ("bytes" | "response_bytes" | "request_bytes", _) => (true, Encoding::DELTA_BINARY_PACKED),
            ("remote_addr" | "client_addr", _) => (true, Encoding::DELTA_LENGTH_BYTE_ARRAY),
            ("time" | "duration_us" | "offset", _) => (false, Encoding::DELTA_BINARY_PACKED),
            (name, DataType::Utf8) if DISTINCT.contains(&name) => (false, Encoding::DELTA_LENGTH_BYTE_ARRAY),
            (_, DataType::Binary) => (false, Encoding::DELTA_LENGTH_BYTE_ARRAY),
            _ => continue,
        };
        builder =
            builder.set_column_dictionary_enabled(path(), dictionary).set_column_encoding(path(), encoding);
    }
    builder.build()
}

/// What the row groups say of the columns of numbers and times. Texts are left out: the commit log would
/// become many times as large, and readers skip files by time.
pub(crate) fn stats(groups: &[RowGroupMetaData]) -> FileStats {
    let mut columns: Vec<(String, ColumnStat)> = Vec::new();
    let mut rows = 0;
    for (number, group) in groups.iter().enumerate() {
        let group_rows = group.num_rows().unsigned_abs();
        // What is inside of a map has no name of its own.
        let is_number = |column: &&ColumnChunkMetaData| {
            column.column_type() != Type::BYTE_ARRAY && column.column_path().parts().len() == 1
        };
        let numbers = group.columns().iter().filter(is_number);
        for (at, column) in numbers.enumerate() {
            if number == 0 {
                let name = column.column_descr().name().to_owned();
                columns.push((name, ColumnStat { nulls: 0, min: None, max: None }));
            }
            let (Some(found), (_, all)) = (column.statistics(), &mut columns[at]) else { continue };
            let nulls = found.null_count_opt().unwrap_or(0);
            if nulls < group_rows {
                let first = all.nulls == rows;
                let (min, max) = bounds(found, column.column_descr().logical_type_ref().is_some());
                all.min = lower(all.min.take(), min, first);
                all.max = higher(all.max.take(), max, first);
            }
            all.nulls += nulls;
        }
        rows += group_rows;
    }
    FileStats { rows, columns }
}

fn bounds(found: &Statistics, is_time: bool) -> (Option<Stat>, Option<Stat>) {
    match found {
        Statistics::Int64(found) => {
            let stat = |value: &i64| if is_time { Stat::Time(*value) } else { Stat::Int(*value) };
            (found.min_opt().map(stat), found.max_opt().map(stat))
        }
        Statistics::Double(found) => {
            let stat = |value: &f64| value.is_finite().then_some(Stat::Float(*value));
            (found.min_opt().and_then(stat), found.max_opt().and_then(stat))
        }
        _ => (None, None),
    }
}

fn lower(old: Option<Stat>, new: Option<Stat>, first: bool) -> Option<Stat> {
    if first { new } else { old.zip(new).map(|(old, new)| if less(&new, &old) { new } else { old }) }
}

fn higher(old: Option<Stat>, new: Option<Stat>, first: bool) -> Option<Stat> {
    if first { new } else { old.zip(new).map(|(old, new)| if less(&old, &new) { new } else { old }) }
}

fn less(a: &Stat, b: &Stat) -> bool {
    match (a, b) {
        (Stat::Int(a), Stat::Int(b)) | (Stat::Time(a), Stat::Time(b)) => a < b,
        (Stat::Float(a), Stat::Float(b)) => a < b,
        _ => false,
    }
}
