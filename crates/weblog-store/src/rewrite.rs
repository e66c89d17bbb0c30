//! Files of a dataset, read back and written anew.

use crate::{
    delta::{ColumnStat, DataFile, FileStats, Snapshot, Staging, partition_path},
    error::StoreError,
    parquet_file::ParquetFile,
};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};
use std::{
    fs::File,
    io::{BufWriter, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Rows of a batch that is read.
const ROWS: usize = 8_192;
/// Memory of the row group in progress, in bytes.
const MEMORY: usize = 80 << 20;

/// Gives the rows of a file to `take`, with the columns of `schema`: those that the file does not have are
/// null, and those that only the file has are left out. How many rows there were.
///
/// # Errors
/// A file that cannot be read, or that has another number of rows than the log says.
pub(crate) fn read(
    root: &Path,
    file: &DataFile,
    schema: &SchemaRef,
    mut take: impl FnMut(RecordBatch) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    let unfit = |why: String| StoreError::DataFile { path: file.path.clone(), why };
    let told = |error: &dyn std::fmt::Display| unfit(error.to_string());
    let open = File::open(root.join(&file.path)).map_err(|error| told(&error))?;
    // The reader is not meant to panic, but what is damaged must not end the run without a word.
    let damaged = || unfit("its Parquet is damaged".into());
    let begin = || -> Result<_, StoreError> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(open, options)
            .map_err(|error| told(&error))?;
        let roots = builder.schema().fields().iter().enumerate();
        let wanted = roots.filter(|(_, field)| schema.column_with_name(field.name()).is_some());
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.map(|(at, _)| at));
        // Room for more rows than there are would be made nevertheless.
        let rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(ROWS);
        let builder = builder.with_projection(mask).with_batch_size(rows.clamp(1, ROWS));
        builder.build().map_err(|error| told(&error))
    };
    let mut batches = catch_unwind(AssertUnwindSafe(begin)).map_err(|_| damaged())??;
    let mut rows = 0;
    while let Some(batch) = catch_unwind(AssertUnwindSafe(|| batches.next())).map_err(|_| damaged())? {
        let batch = batch.map_err(|error| told(&error))?;
        rows += batch.num_rows() as u64;
        take(align(&batch, schema).map_err(|error| told(&error))?)?;
    }
    match file.rows.filter(|said| *said != rows) {
        Some(said) => Err(unfit(format!("it has {rows} rows and the commit log says {said}"))),
        None => Ok(rows),
    }
}

/// The batch with these columns.
fn align(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, StoreError> {
    let exact = CastOptions { safe: false, ..CastOptions::default() };
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        columns.push(match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => Arc::clone(column),
            Some(column) => cast_with_options(column, field.data_type(), &exact)?,
            None => new_null_array(field.data_type(), batch.num_rows()),
        });
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

/// The columns of a schema that have these names.
pub(crate) fn columns_of(schema: &SchemaRef, names: &[&str]) -> SchemaRef {
    let wanted = schema.fields().iter().filter(|field| names.contains(&field.name().as_str()));
    Arc::new(Schema::new(wanted.cloned().collect::<Vec<_>>()))
}

/// What the log says of one column of a file: in how many rows it is null, and its bounds.
pub(crate) fn stats_of(file: &DataFile) -> Option<serde_json::Value> {
    file.stats.as_deref().and_then(|stats| serde_json::from_str(stats).ok())
}

/// Whether the log says that a column is null in all rows of a file.
pub(crate) fn is_null(stats: &serde_json::Value, column: &str) -> bool {
    let rows = stats["numRecords"].as_u64();
    rows.is_some() && stats["nullCount"][column].as_u64() == rows
}

/// The texts that the log says are null in all rows of these files. Appenders keep no statistics of
/// texts, so these were stripped.
pub(crate) fn stripped(files: &[DataFile], schema: &SchemaRef) -> Vec<String> {
    let stats: Vec<_> = files.iter().map(stats_of).collect();
    let texts = schema.fields().iter().filter(|field| *field.data_type() == DataType::Utf8);
    let everywhere = |name: &str| stats.iter().all(|s| s.as_ref().is_some_and(|stats| is_null(stats, name)));
    texts.map(|field| field.name().clone()).filter(|name| everywhere(name)).collect()
}

/// New files of one partition, in the staging directory.
pub(crate) struct Rewriter<'a> {
    staging: &'a Staging,
    schema: &'a SchemaRef,
    /// Texts of which the log shall say that they are null, if they are.
    told: Vec<String>,
    /// A file is complete when it has about so many bytes.
    target: u64,
    directory: String,
    partition: Vec<Option<String>>,
    open: Option<Open>,
    /// Files of this run before these.
    first: usize,
    written: Vec<(String, DataFile)>,
}

struct Open {
    name: String,
    file: ParquetFile<BufWriter<File>>,
    /// For each text of `told`, the rows in which it is null.
    nulls: Vec<u64>,
}

impl<'a> Rewriter<'a> {
    /// A writer into the partition of these values. `first` tells its files from others of the run.
    pub(crate) fn new(
        staging: &'a Staging,
        snapshot: &'a Snapshot,
        partition: &[Option<String>],
        first: usize,
        target: u64,
        told: Vec<String>,
    ) -> Result<Self, StoreError> {
        let values = snapshot.partition_columns().iter().zip(partition);
        let directory = partition_path(values.map(|(column, value)| (column.as_str(), value.as_deref())))?;
        Ok(Rewriter {
            staging,
            schema: snapshot.schema(),
            told,
            target,
            directory,
            partition: partition.to_vec(),
            open: None,
            first,
            written: Vec::new(),
        })
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => {
                let name = format!("{:05}", self.first + self.written.len());
                let (file, _) = self.staging.create(&name)?;
                let file = ParquetFile::new(BufWriter::new(file), self.schema)?;
                Open { name, file, nulls: vec![0; self.told.len()] }
            }
        };
        open.file.write(batch)?;
        for (nulls, name) in open.nulls.iter_mut().zip(&self.told) {
            *nulls += batch.column_by_name(name).map_or(0, |column| column.null_count() as u64);
        }
        if open.file.memory() > MEMORY {
            open.file.flush()?;
        }
        if open.file.size() as u64 >= self.target {
            // The size of a row group in progress is a guess: only what is written counts.
            open.file.flush()?;
            if open.file.size() as u64 >= large(self.target) {
                return self.close(open);
            }
        }
        self.open = Some(open);
        Ok(())
    }

    fn close(&mut self, open: Open) -> Result<(), StoreError> {
        let Open { name, file, nulls } = open;
        let failed = |error| StoreError::Io { doing: "write", path: name.clone().into(), error };
        let (mut out, mut stats) = file.finish()?;
        out.flush().map_err(failed)?;
        let bytes = out.get_ref().metadata().map_err(failed)?.len();
        let told = self.told.iter().zip(nulls).filter(|(_, nulls)| *nulls == stats.rows);
        let told = told.map(|(name, nulls)| (name.clone(), ColumnStat { nulls, min: None, max: None }));
        let told: Vec<_> = told.collect();
        stats.columns.extend(told);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let slash = if self.directory.is_empty() { "" } else { "/" };
        let path = format!("{}{slash}part-{}-000-{name}.parquet", self.directory, self.staging.id());
        let data = DataFile {
            path,
            partition: self.partition.clone(),
            rows: Some(stats.rows),
            bytes,
            modified: i64::try_from(now).unwrap_or(i64::MAX),
            stats: Some(FileStats::to_json(&stats)),
        };
        self.written.push((name, data));
        Ok(())
    }

    /// Completes the files: the name of each in the staging directory, and what the log shall say of it.
    pub(crate) fn finish(mut self) -> Result<Vec<(String, DataFile)>, StoreError> {
        if let Some(open) = self.open.take() {
            self.close(open)?;
        }
        Ok(self.written)
    }
}

/// The size from which on a file need not be merged with others. Files that are closed because they reach
/// the target are above it, so that merging twice does nothing.
pub(crate) fn large(target: u64) -> u64 {
    target / 5 * 4
}
