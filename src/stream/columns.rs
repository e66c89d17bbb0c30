//! Records as columns: what `to-parquet` stores and `query` asks.

use super::{
    gate::{Gate, Keep},
    reader::Reader,
    worker::{Sink, Whole, Worker},
};
use crate::{
    account::Tally,
    options::{AccountArgs, InputArgs},
};
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use std::sync::Arc;
use weblog_enrich::{Enricher, Enrichment, privacy::Cleaner};
use weblog_io::{Chunk, ChunkKind};
use weblog_parse::{Field, Record};
use weblog_store::columns::{Builder, column_of, data_type};
use weblog_wire::{Column, Columns, dialect::Arena};

/// What is made of the lines of every chunk.
pub struct ColumnRun<'a> {
    /// The name of the command, for its sentences.
    pub command: &'static str,
    /// How lines are read.
    pub input: &'a InputArgs,
    /// The books.
    pub account: &'a AccountArgs,
    /// Whether the bytes of rejected lines are wanted.
    pub keep_rejects: bool,
    /// What is added to each record.
    pub enrich: Option<Arc<Enrichment>>,
    /// The only columns that are wanted, if not all.
    pub only: Option<&'a [String]>,
    /// Which records are meant: one moment for all threads.
    pub(super) keep: Keep,
}

/// The records of one chunk.
#[derive(Default)]
pub struct ColumnBatch {
    /// The rows.
    pub rows: Option<RecordBatch>,
    /// What became of the lines.
    pub tally: Tally,
    /// The size of the chunk.
    pub bytes: u64,
    /// Where the chunk ends in its decompressed source, unless that is within a line.
    pub end: Option<u64>,
}

/// Works on the chunks of one thread.
pub struct ColumnWorker<'a>(Worker<'a, ColumnSink>);

struct ColumnSink(Builder);

impl Sink for ColumnSink {
    #[inline]
    fn write(&mut self, record: &Record<'_>, _: Whole<'_>) -> usize {
        self.0.push(record);
        0
    }
}

impl<'a> ColumnRun<'a> {
    /// A run over records with all of their fields.
    pub fn new(command: &'static str, input: &'a InputArgs, account: &'a AccountArgs) -> Self {
        ColumnRun {
            command,
            input,
            account,
            keep_rejects: false,
            enrich: None,
            only: None,
            keep: Keep::of_times(input),
        }
    }

    /// What adds only what is wanted.
    fn enricher(&self, enrichment: Arc<Enrichment>) -> Enricher {
        let is_joined = |name: &String| enrichment.joined().any(|joined| joined == name);
        match self.only.filter(|names| !names.iter().any(is_joined)) {
            Some(names) => {
                let fields = names.iter().filter_map(|name| Field::from_name(name.as_bytes()));
                Enricher::only(enrichment, &fields.collect::<Vec<_>>())
            }
            None => Enricher::new(enrichment),
        }
    }

    /// What one thread needs.
    pub fn worker(&self) -> ColumnWorker<'_> {
        ColumnWorker(Worker {
            reader: Reader::new(self.input.read.reading()),
            command: self.command,
            enricher: self.enrich.clone().map(|enrichment| self.enricher(enrichment)),
            members: Vec::new(),
            cleaner: self.enrich.as_ref().and_then(Cleaner::new),
            sink: ColumnSink(self.only.map_or_else(Builder::new, Builder::only)),
            provenance: self.account.provenance,
            keep_rejects: self.keep_rejects,
            asked: &[],
            unseen: 0,
            gate: Gate::new(self.keep.clone()),
            record: Record::new(),
            arena: Arena::new(),
        })
    }
}

impl ColumnWorker<'_> {
    /// Works on one chunk.
    pub fn work(&mut self, chunk: &Chunk, batch: &mut ColumnBatch) {
        self.0.work(chunk, &mut batch.tally);
        batch.rows = Some(self.0.sink.0.finish());
        batch.bytes = chunk.bytes().len() as u64;
        // A run that goes on later begins at a line.
        let is_whole = matches!(chunk.kind, ChunkKind::Lines | ChunkKind::TooLong { last: true, .. });
        batch.end = is_whole.then(|| chunk.offset + chunk.bytes().len() as u64);
    }
}

/// Columns as Arrow describes them.
pub fn arrow_schema(columns: &Columns) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(arrow_column).collect::<Vec<_>>()))
}

/// A column as Arrow describes it.
pub fn arrow_column(column: &Column) -> arrow_schema::Field {
    let of = |column: &Column| match column {
        Column::Known(field) => data_type(*field),
        Column::Other(_) => arrow_schema::DataType::Utf8,
    };
    column_of(column.name(), of(column))
}
