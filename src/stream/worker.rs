//! What one thread does with a chunk.

use super::reader::{Read, Reader};
use crate::account::Tally;
use weblog_enrich::Enricher;
use weblog_io::{Chunk, ChunkKind};
use weblog_parse::{Field, Name, Reason, Record, Reject, Value};
use weblog_wire::dialect::Arena;

/// Where the records of one thread go.
pub(crate) trait Sink {
    /// Takes a record and gives the number of its fields that found no place.
    fn write(&mut self, record: &Record<'_>) -> usize;
}

/// What one thread keeps from chunk to chunk.
pub(crate) struct Worker<'a, S> {
    pub(super) reader: Reader,
    pub(super) enricher: Option<Enricher>,
    pub(super) sink: S,
    /// Adds source and offset.
    pub(super) provenance: bool,
    /// Keeps the bytes of rejected lines.
    pub(super) keep_rejects: bool,
    /// Names that were asked for and are not in the schema, to be told if no record has them.
    pub(super) asked: &'a [String],
    pub(super) record: Record<'static>,
    pub(super) arena: Arena,
}

impl<S: Sink> Worker<'_, S> {
    /// Works on one chunk.
    pub(crate) fn work(&mut self, chunk: &Chunk, tally: &mut Tally) {
        tally.begin(chunk.source_index, &chunk.source);
        self.reader.begin(&chunk.source, &chunk.above);
        let (offset, bytes, keep) = (chunk.offset, chunk.bytes(), self.keep_rejects);
        match chunk.kind {
            ChunkKind::Lines => {
                for (offset, line) in chunk.lines() {
                    tally.counts.read += 1;
                    self.line(chunk, offset, line, tally);
                }
            }
            ChunkKind::TooLong { first: true, .. } => {
                tally.counts.read += 1;
                tally.reject(too_long(), offset, bytes, keep);
            }
            ChunkKind::TooLong { first: false, .. } => tally.reject_more(too_long(), offset, bytes, keep),
            ChunkKind::CutOff => {
                let reject =
                    Reject::at(bytes.len(), Reason::Truncated, "the rest of the line; the input broke off");
                tally.counts.read += 1;
                tally.reject(reject, offset, bytes, keep);
            }
        }
    }

    #[inline]
    fn line(&mut self, chunk: &Chunk, offset: u64, line: &[u8], tally: &mut Tally) {
        let mut record = std::mem::take(&mut self.record).recycle();
        let adds_source = self.provenance && !self.reader.knows_source();
        match self.reader.read(line, &mut record, &mut self.arena) {
            Read::Record { found, extra } => {
                tally.read_as(found.name());
                if adds_source {
                    record.push(Field::Source, Value::Str(&chunk.source));
                    record.push(Field::Offset, Value::Int(offset as i64));
                    record.canonical();
                }
                if let Some(enricher) = &mut self.enricher {
                    enricher.enrich(&mut record);
                }
                for (at, name) in self.asked.iter().enumerate() {
                    let found = record.fields().iter().any(|(other, _)| *other == Name::Other(name));
                    tally.seen |= u64::from(found) << at;
                }
                tally.unplaced += self.sink.write(&record) as u64;
                tally.counts.written += 1;
                tally.counts.extra_trailing += u64::from(extra);
            }
            Read::Skipped => tally.counts.skipped += 1,
            Read::Rejected(reject) => tally.reject(reject, offset, line, self.keep_rejects),
        }
        self.record = record.recycle();
    }
}

fn too_long() -> Reject {
    Reject::at(0, Reason::TooLong, "a shorter line (--max-line sets the limit)")
}
