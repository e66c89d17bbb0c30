//! How fast rows come into DuckDB through the table function: `table_function [ROWS]`.

#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use weblog_query::{Batches, Engine, EngineOptions, Scan, ScanError, Source, Table};

/// Rows of a batch: as many as a chunk of a log has.
const BATCH: usize = 5_000;

struct Rows {
    batch: RecordBatch,
    count: usize,
}

struct Given {
    batch: RecordBatch,
    left: AtomicUsize,
}

impl Scan for Rows {
    fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    fn start(&self, columns: &[usize]) -> Result<Box<dyn Batches>, ScanError> {
        let options = RecordBatchOptions::new().with_row_count(Some(BATCH));
        let arrays = columns.iter().map(|at| Arc::clone(self.batch.column(*at))).collect();
        let schema = Arc::new(self.batch.schema().project(columns)?);
        let batch = RecordBatch::try_new_with_options(schema, arrays, &options)?;
        Ok(Box::new(Given { batch, left: AtomicUsize::new(self.count) }))
    }
}

impl Batches for Given {
    fn next(&self) -> Option<Result<RecordBatch, ScanError>> {
        let left = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).ok()?;
        Some(Ok(self.batch.clone()))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: usize = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(10_000_000);
    let text = |length: usize| -> ArrayRef {
        Arc::new((0..BATCH).map(|n| Some(format!("{n:0length$}"))).collect::<StringArray>())
    };
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("number", DataType::Int64, Arc::new((0..BATCH as i64).map(|n| Some(n % 7)).collect::<Int64Array>())),
        ("short", DataType::Utf8, text(10)),
        ("long", DataType::Utf8, text(80)),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    let scan = Arc::new(Rows { batch, count: rows.div_ceil(BATCH) });
    let options = EngineOptions { threads: 1, memory: 1 << 30, trust_sql: false, times: None };
    let engine =
        Engine::open(&options, vec![Table { name: "rows".into(), sources: vec![Source::Scan(scan)] }])?;
    let mut out = std::io::stdout().lock();
    for sql in [
        "select count(*) from rows",
        "select sum(number) from rows",
        "select number, count(*) from rows group by 1",
        "select sum(strlen(short)) from rows",
        "select sum(strlen(long)) from rows",
    ] {
        let begun = Instant::now();
        let answered: usize = {
            let mut prepared = engine.prepare(sql)?;
            let mut count = 0;
            for batch in prepared.run()? {
                count += batch?.num_rows();
            }
            count
        };
        let rate = rows as f64 / begun.elapsed().as_secs_f64() / 1e6;
        writeln!(out, "{rate:7.1} M rows/s  {sql} ({answered} rows)")?;
    }
    Ok(())
}
