//! Rows of one partition in the order of their time, however many there are: sorted in memory, then in
//! runs on disk that are merged (Knuth, The Art of Computer Programming, volume 3, section 5.4).
//!
//! The order is stable: rows of the same time stay in the order in which they came. Rows without a time
//! come last.

use crate::{delta::Staging, error::StoreError};
use arrow_array::{Array, RecordBatch, UInt32Array, cast::AsArray, types::TimestampMicrosecondType};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::SchemaRef;
use arrow_select::{concat::concat_batches, interleave::interleave_record_batch, take::take_record_batch};
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{BufReader, BufWriter, Seek},
};

/// Bytes of rows in memory. Sorting them takes about as much again.
const MEMORY: usize = 48 << 20;
/// Batches in memory: a batch of one row takes more than its bytes.
const BATCHES: usize = 2_048;
/// Rows of a batch of a run, of which each run has one in memory while they are merged.
const RUN_ROWS: usize = 512;
/// Rows of a batch that is given.
const ROWS: usize = 8_192;
/// Runs that are merged at a time; more become one first.
const RUNS: usize = 96;

/// The place of a row in the order of time.
type Moment = (bool, i64);

/// Takes rows.
pub(crate) struct Sorter {
    schema: SchemaRef,
    /// The number of the column of times. Without one, rows stay in their order.
    time: Option<usize>,
    pending: Vec<RecordBatch>,
    bytes: usize,
    runs: Vec<File>,
}

impl Sorter {
    /// A sorter of rows with these columns.
    pub(crate) fn new(schema: SchemaRef) -> Self {
        let time = schema.index_of("time").ok();
        let time = time.filter(|at| *schema.field(*at).data_type() == crate::columns::time_type());
        Sorter { schema, time, pending: Vec::new(), bytes: 0, runs: Vec::new() }
    }

    /// Adds rows.
    pub(crate) fn push(&mut self, batch: RecordBatch, staging: &Staging) -> Result<(), StoreError> {
        self.bytes += batch.get_array_memory_size();
        self.pending.push(batch);
        if self.bytes > MEMORY || self.pending.len() >= BATCHES {
            self.write_run(staging)?;
        }
        Ok(())
    }

    fn write_run(&mut self, staging: &Staging) -> Result<(), StoreError> {
        let sorted = self.take_sorted()?;
        let mut start = 0;
        let next = || {
            let rows = RUN_ROWS.min(sorted.num_rows() - start);
            let part = (rows > 0).then(|| sorted.slice(start, rows));
            start += rows;
            Ok(part)
        };
        let run = write(&self.schema, staging, next)?;
        self.runs.push(run);
        if self.runs.len() == RUNS {
            // The first run holds what came first, as before.
            let mut merged = Merge::new(std::mem::take(&mut self.runs), None, self.time, RUN_ROWS)?;
            self.runs.push(write(&self.schema, staging, || merged.next())?);
        }
        Ok(())
    }

    /// The rows in memory in their order.
    fn take_sorted(&mut self) -> Result<RecordBatch, StoreError> {
        self.bytes = 0;
        let all = concat_batches(&self.schema, &std::mem::take(&mut self.pending))?;
        let rows = all.num_rows();
        if self.time.is_none()
            || (1..rows).all(|row| moment(&all, self.time, row - 1) <= moment(&all, self.time, row))
        {
            return Ok(all);
        }
        let mut order: Vec<u32> = (0..rows as u32).collect();
        order.sort_by_key(|row| moment(&all, self.time, *row as usize));
        Ok(take_record_batch(&all, &UInt32Array::from(order))?)
    }

    /// The rows in their order.
    pub(crate) fn sorted(mut self) -> Result<Merge, StoreError> {
        let last = self.take_sorted()?;
        Merge::new(self.runs, Some(last), self.time, ROWS)
    }
}

fn write(
    schema: &SchemaRef,
    staging: &Staging,
    mut next: impl FnMut() -> Result<Option<RecordBatch>, StoreError>,
) -> Result<File, StoreError> {
    let mut writer = StreamWriter::try_new(BufWriter::new(staging.scratch()?), schema)?;
    while let Some(batch) = next()? {
        writer.write(&batch)?;
    }
    writer.finish()?;
    writer.into_inner()?.into_inner().map_err(|error| scratch(error.into_error()))
}

/// Runs that are read side by side.
pub(crate) struct Merge {
    cursors: Vec<Cursor>,
    /// The next row of each cursor.
    heap: BinaryHeap<Reverse<(Moment, usize)>>,
    time: Option<usize>,
    rows: usize,
}

struct Cursor {
    run: Option<StreamReader<BufReader<File>>>,
    batch: Option<RecordBatch>,
    row: usize,
    /// Where the batch stands among those of the rows that are given next.
    held: Option<usize>,
}

impl Merge {
    fn new(
        runs: Vec<File>,
        last: Option<RecordBatch>,
        time: Option<usize>,
        rows: usize,
    ) -> Result<Self, StoreError> {
        let mut cursors = Vec::new();
        for mut file in runs {
            file.rewind().map_err(scratch)?;
            let run = StreamReader::try_new(BufReader::with_capacity(16 << 10, file), None)?;
            cursors.push(Cursor { run: Some(run), batch: None, row: 0, held: None });
        }
        cursors.extend(last.map(|batch| Cursor { run: None, batch: Some(batch), row: 0, held: None }));
        let mut heap = BinaryHeap::new();
        for (at, cursor) in cursors.iter_mut().enumerate() {
            heap.extend(cursor.moment(time)?.map(|moment| Reverse((moment, at))));
        }
        Ok(Merge { cursors, heap, time, rows })
    }

    /// The next rows.
    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, StoreError> {
        if let ([cursor], Some(_)) = (&mut *self.cursors, self.heap.peek()) {
            let Some(batch) = cursor.batch.as_ref() else { return Ok(None) };
            let part = batch.slice(cursor.row, self.rows.min(batch.num_rows() - cursor.row));
            cursor.row += part.num_rows();
            if cursor.moment(self.time)?.is_none() {
                self.heap.clear();
            }
            return Ok(Some(part));
        }
        let (mut held, mut indices) = (Vec::new(), Vec::new());
        while indices.len() < self.rows
            && let Some(Reverse((_, at))) = self.heap.pop()
        {
            let cursor = &mut self.cursors[at];
            let Some(batch) = &cursor.batch else { continue };
            let number = *cursor.held.get_or_insert_with(|| {
                held.push(batch.clone());
                held.len() - 1
            });
            indices.push((number, cursor.row));
            cursor.row += 1;
            self.heap.extend(cursor.moment(self.time)?.map(|moment| Reverse((moment, at))));
        }
        self.cursors.iter_mut().for_each(|cursor| cursor.held = None);
        if indices.is_empty() {
            return Ok(None);
        }
        let held: Vec<&RecordBatch> = held.iter().collect();
        Ok(Some(interleave_record_batch(&held, &indices)?))
    }
}

impl Cursor {
    /// The time of the next row; none at the end.
    fn moment(&mut self, time: Option<usize>) -> Result<Option<Moment>, StoreError> {
        while self.batch.as_ref().is_none_or(|batch| self.row == batch.num_rows()) {
            (self.row, self.held) = (0, None);
            self.batch = match &mut self.run {
                Some(run) => run.next().transpose()?,
                None => None,
            };
            if self.batch.is_none() {
                return Ok(None);
            }
        }
        Ok(self.batch.as_ref().map(|batch| moment(batch, time, self.row)))
    }
}

fn moment(batch: &RecordBatch, time: Option<usize>, row: usize) -> Moment {
    let Some(time) = time else { return (false, 0) };
    let times = batch.column(time).as_primitive::<TimestampMicrosecondType>();
    if times.is_null(row) { (true, 0) } else { (false, times.value(row)) }
}

fn scratch(error: std::io::Error) -> StoreError {
    StoreError::Io { doing: "use", path: "a temporary file of the dataset".into(), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, TimestampMicrosecondArray};
    use arrow_schema::{DataType, Field, Schema};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn batch(rows: &[(Option<i64>, i64)]) -> RecordBatch {
        let schema = Schema::new(vec![
            Field::new("time", crate::columns::time_type(), true),
            Field::new("n", DataType::Int64, true),
        ]);
        let times: TimestampMicrosecondArray = rows.iter().map(|(time, _)| *time).collect();
        let numbers: Int64Array = rows.iter().map(|(_, n)| Some(*n)).collect();
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(times.with_timezone("UTC")), Arc::new(numbers)])
            .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn rows_come_in_the_order_of_their_time_whatever_the_runs(
            times in prop::collection::vec(prop::option::of(0i64..40), 0..2500),
            cut in 1usize..30,
        ) {
            let root = tempfile::tempdir().unwrap();
            let staging = Staging::new(root.path()).unwrap();
            let rows: Vec<_> = times.iter().copied().zip(0..).collect();
            let mut sorter = Sorter::new(batch(&[]).schema());
            for (number, part) in rows.chunks(cut).enumerate() {
                sorter.push(batch(part), &staging).unwrap();
                if number % 3 == 1 {
                    sorter.write_run(&staging).unwrap();
                }
            }
            let mut merged = sorter.sorted().unwrap();
            let mut got = Vec::new();
            while let Some(part) = merged.next().unwrap() {
                let times = part.column(0).as_primitive::<TimestampMicrosecondType>().iter();
                let numbers = part.column(1).as_primitive::<arrow_array::types::Int64Type>().values();
                got.extend(times.zip(numbers.iter().copied()));
            }
            let mut expected = rows;
            expected.sort_by_key(|(time, _)| (time.is_none(), *time));
            prop_assert_eq!(got, expected);
        }
    }
}
