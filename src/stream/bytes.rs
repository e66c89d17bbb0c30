//! Records as bytes: NDJSON, CSV, TSV, or the table for people.

use super::worker::Sink;
use weblog_parse::Record;
use weblog_wire::{csv, ndjson, table};

/// The form of the output.
#[derive(Clone)]
pub(super) enum Form {
    Ndjson(ndjson::Writer),
    /// `all`: every field should have a column, and one that has none is counted.
    Csv {
        writer: csv::Writer,
        all: bool,
    },
    Table(table::Writer),
}

/// Writes the records of one thread.
pub(super) struct ByteSink {
    pub(super) form: Form,
    pub(super) out: Vec<u8>,
}

impl Sink for ByteSink {
    #[inline]
    fn write(&mut self, record: &Record<'_>) -> usize {
        match &mut self.form {
            Form::Ndjson(writer) => writer.write(record, &mut self.out),
            Form::Csv { writer, all } => {
                let unplaced = writer.write(record, &mut self.out);
                return if *all { unplaced } else { 0 };
            }
            Form::Table(writer) => writer.write(record, &mut self.out),
        }
        0
    }
}
