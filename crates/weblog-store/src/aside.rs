//! Rows of more partitions than can be written at a time: kept in memory, then in sorted runs on disk,
//! and given back partition by partition. This is an external merge sort by partition (Knuth, The Art
//! of Computer Programming, volume 3, section 5.4).

use crate::{delta::Staging, error::StoreError, partition::Key};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, UInt32Array, cast::AsArray, types::Int64Type};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::{concat::concat_batches, take::take_record_batch};
use std::{
    fs::File,
    io::{BufReader, BufWriter, Seek},
    sync::Arc,
};

/// Bytes of rows in memory. Sorting them takes about as much again.
const MEMORY: usize = 24 << 20;
/// Rows of a batch of a run. When runs are merged, each has one batch in memory.
const BATCH_ROWS: usize = 512;
/// The name of the column that numbers the partition.
const KEY: &str = "\u{0}partition";

/// Rows put aside.
#[derive(Default)]
pub(crate) struct Aside {
    /// Rows with a column for their partition, all of one schema.
    pending: Vec<RecordBatch>,
    bytes: usize,
    runs: Vec<File>,
}

impl Aside {
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.runs.is_empty()
    }

    /// Adds parts of one batch.
    pub(crate) fn push(&mut self, parts: &[(Key, RecordBatch)], staging: &Staging) -> Result<(), StoreError> {
        let Some((_, first)) = parts.first() else { return Ok(()) };
        // A copy: the parts would keep the whole batch in memory.
        let rows = concat_batches(first.schema_ref(), parts.iter().map(|(_, part)| part))?;
        let keys = parts.iter().flat_map(|(key, part)| std::iter::repeat_n(*key, part.num_rows()));
        let keys: ArrayRef = Arc::new(keys.collect::<Int64Array>());
        let fields = rows.schema_ref().fields().iter().map(|field| field.as_ref().clone());
        let fields: Vec<Field> = fields.chain([Field::new(KEY, DataType::Int64, true)]).collect();
        let columns = rows.columns().iter().cloned().chain([keys]).collect();
        let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
        let grown = self.pending.first().is_some_and(|old| old.schema_ref() != rows.schema_ref());
        if grown {
            self.write_run(staging)?;
        }
        self.bytes += rows.get_array_memory_size();
        self.pending.push(rows);
        if self.bytes > MEMORY {
            self.write_run(staging)?;
        }
        Ok(())
    }

    fn write_run(&mut self, staging: &Staging) -> Result<(), StoreError> {
        let Some(sorted) = self.take_sorted()? else { return Ok(()) };
        let file = staging.scratch()?;
        let mut writer = StreamWriter::try_new(BufWriter::new(file), sorted.schema_ref())?;
        let mut start = 0;
        while start < sorted.num_rows() {
            let rows = BATCH_ROWS.min(sorted.num_rows() - start);
            writer.write(&sorted.slice(start, rows))?;
            start += rows;
        }
        writer.finish()?;
        let file = writer.into_inner()?.into_inner().map_err(|error| scratch(error.into_error()))?;
        self.runs.push(file);
        Ok(())
    }

    /// The rows in memory in the order of their partitions.
    fn take_sorted(&mut self) -> Result<Option<RecordBatch>, StoreError> {
        self.bytes = 0;
        let pending = std::mem::take(&mut self.pending);
        let Some(first) = pending.first() else { return Ok(None) };
        let all = concat_batches(first.schema_ref(), &pending)?;
        drop(pending);
        let keys = keys(&all);
        let key = |row: u32| keys.is_valid(row as usize).then(|| keys.value(row as usize));
        let mut order: Vec<u32> = (0..all.num_rows() as u32).collect();
        order.sort_by_key(|row| key(*row));
        Ok(Some(take_record_batch(&all, &UInt32Array::from(order))?))
    }

    /// The rows, partition by partition.
    pub(crate) fn sorted(mut self) -> Result<Sorted, StoreError> {
        let last = self.take_sorted()?;
        let mut cursors = Vec::new();
        for mut file in self.runs {
            file.rewind().map_err(scratch)?;
            let run = StreamReader::try_new(BufReader::with_capacity(16 << 10, file), None)?;
            cursors.push(Cursor { run: Some(run), batch: None, row: 0 });
        }
        cursors.extend(last.map(|batch| Cursor { run: None, batch: Some(batch), row: 0 }));
        Ok(Sorted { cursors })
    }
}

/// Runs that are read side by side.
pub(crate) struct Sorted {
    cursors: Vec<Cursor>,
}

struct Cursor {
    run: Option<StreamReader<BufReader<File>>>,
    batch: Option<RecordBatch>,
    row: usize,
}

impl Sorted {
    /// The next rows, of one partition; the parts of a partition come one after the other, in the order
    /// in which they were put aside.
    pub(crate) fn next(&mut self) -> Result<Option<(Key, RecordBatch)>, StoreError> {
        let mut least: Option<(Key, usize)> = None;
        for (at, cursor) in self.cursors.iter_mut().enumerate() {
            if let Some(key) = cursor.key()?
                && least.is_none_or(|(known, _)| key < known)
            {
                least = Some((key, at));
            }
        }
        Ok(least.and_then(|(key, at)| Some((key, self.cursors[at].take(key)?))))
    }
}

impl Cursor {
    /// The partition of the next row; none at the end.
    fn key(&mut self) -> Result<Option<Key>, StoreError> {
        while self.batch.as_ref().is_none_or(|batch| self.row == batch.num_rows()) {
            self.row = 0;
            self.batch = match &mut self.run {
                Some(run) => run.next().transpose()?,
                None => None,
            };
            if self.batch.is_none() {
                return Ok(None);
            }
        }
        Ok(self.batch.as_ref().map(|batch| {
            let keys = keys(batch);
            keys.is_valid(self.row).then(|| keys.value(self.row))
        }))
    }

    /// The next rows of this partition that are in memory.
    fn take(&mut self, key: Key) -> Option<RecordBatch> {
        let batch = self.batch.as_ref()?;
        let keys = keys(batch);
        let is_same = |row: &usize| keys.is_valid(*row).then(|| keys.value(*row)) == key;
        let rows = (self.row..batch.num_rows()).take_while(is_same).count();
        let mut part = batch.slice(self.row, rows);
        part.remove_column(part.num_columns() - 1);
        self.row += rows;
        Some(part)
    }
}

fn keys(batch: &RecordBatch) -> &Int64Array {
    batch.column(batch.num_columns() - 1).as_primitive::<Int64Type>()
}

fn scratch(error: std::io::Error) -> StoreError {
    StoreError::Io { doing: "use", path: "a temporary file of the dataset".into(), error }
}
