//! What one thread does with a chunk.

use super::{
    gate::Gate,
    reader::{Found, Read, Reader},
};
use crate::{account::Tally, exit::say};
use weblog_enrich::{
    Enricher,
    privacy::{Cleaner, REDACTED},
};
use weblog_filter::LAST;
use weblog_io::{Chunk, ChunkKind};
use weblog_parse::{Field, Glance, Name, Reason, Record, Reject, Value};
use weblog_wire::{
    Column,
    dialect::{Arena, Dialect},
    ndjson,
};

/// Where the records of one thread go.
pub(crate) trait Sink {
    /// Takes a record, and the line that it came from, and gives the number of its fields that found no
    /// place.
    fn write(&mut self, record: &Record<'_>, line: Whole<'_>) -> usize;

    /// Whether lines are enough, so that a record that nobody looks at need not be made.
    fn takes_lines(&self) -> bool {
        false
    }

    /// Whether what is added to records may come as JSON, see [`Whole::members`].
    fn takes_members(&self) -> bool {
        false
    }
}

/// A line as it came, with its end if it has one.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) has_end: bool,
    /// What is added to the record, as members of a JSON object with a comma before each.
    pub(super) members: &'a [u8],
    /// The line is the record in JSON: all that has to be done is to put the members in.
    pub(super) is_record: bool,
}

impl<'a> Whole<'a> {
    /// The line of a chunk that begins at this offset and has so many bytes before its end.
    #[inline]
    fn of(chunk: &'a Chunk, offset: u64, len: usize) -> Self {
        let rest = &chunk.bytes()[(offset - chunk.offset) as usize..];
        let end = match &rest[len..] {
            [b'\r', b'\n', ..] if chunk.delimiter == b'\n' => 2,
            [first, ..] if *first == chunk.delimiter => 1,
            _ => 0,
        };
        Whole { bytes: &rest[..len + end], has_end: end > 0, members: b"", is_record: false }
    }
}

/// What one thread keeps from chunk to chunk.
pub(crate) struct Worker<'a, S> {
    pub(super) reader: Reader,
    /// The name of the command, for its sentences.
    pub(super) command: &'static str,
    pub(super) enricher: Option<Enricher>,
    /// Takes out what must not be kept.
    pub(super) cleaner: Option<Cleaner>,
    /// Room for what is added to a record.
    pub(super) members: Vec<u8>,
    pub(super) sink: S,
    /// Adds source and offset.
    pub(super) provenance: bool,
    /// Keeps the bytes of rejected lines.
    pub(super) keep_rejects: bool,
    /// Names that were asked for, to be told if no record has them, and those of them that this thread has
    /// not met yet, one bit each.
    pub(super) asked: &'a [Column],
    pub(super) unseen: u64,
    /// Which records go on.
    pub(super) gate: Gate,
    pub(super) record: Record<'static>,
    pub(super) arena: Arena,
}

impl<S: Sink> Worker<'_, S> {
    /// Works on one chunk.
    pub(crate) fn work(&mut self, chunk: &Chunk, tally: &mut Tally) {
        tally.begin(chunk.source_index, &chunk.source);
        self.renew();
        self.reader.begin(&chunk.source, &chunk.above);
        let (offset, bytes) = (chunk.offset, chunk.bytes());
        match chunk.kind {
            ChunkKind::Lines => {
                for (offset, line) in chunk.lines() {
                    tally.counts.read += 1;
                    self.line(chunk, offset, line, tally);
                }
            }
            ChunkKind::TooLong { first: true, .. } => {
                tally.counts.read += 1;
                self.reject(too_long(), true, offset, bytes, tally);
            }
            ChunkKind::TooLong { first: false, .. } => self.reject(too_long(), false, offset, bytes, tally),
            ChunkKind::CutOff => {
                let reject =
                    Reject::at(bytes.len(), Reason::Truncated, "the rest of the line; the input broke off");
                tally.counts.read += 1;
                self.reject(reject, true, offset, bytes, tally);
            }
        }
    }

    /// Takes over databases that were replaced meanwhile.
    fn renew(&mut self) {
        let Some(enricher) = &mut self.enricher else { return };
        for told in enricher.enrichment().sources.refresh() {
            say(self.command, &told.to_string());
        }
        enricher.renew();
    }

    /// Rejects a line, or a piece of one.
    fn reject(&mut self, reject: Reject, first: bool, offset: u64, line: &[u8], tally: &mut Tally) {
        // What goes on in the next piece cannot be told from this one.
        let is_piece = reject.reason == Reason::TooLong;
        let cleaned = self.cleaner.as_mut().filter(|_| self.keep_rejects).map(|cleaner| match is_piece {
            true => REDACTED.into(),
            false => cleaner.line(line),
        });
        let line = cleaned.as_deref().unwrap_or(line);
        match first {
            true => tally.reject(reject, offset, line, self.keep_rejects),
            false => tally.reject_more(reject, offset, line, self.keep_rejects),
        }
    }

    #[inline]
    fn line(&mut self, chunk: &Chunk, offset: u64, line: &[u8], tally: &mut Tally) {
        let mut record = std::mem::take(&mut self.record).recycle();
        let adds_source = self.provenance && !self.reader.knows_source();
        let has_source = self.provenance || self.reader.knows_source();
        let (gate, asked, unseen) = (&mut self.gate, self.asked, &mut self.unseen);
        let takes_lines = self.sink.takes_lines();
        let mut decision = None;
        // Where everything that was asked for is known to exist, a glance may decide.
        let wanted = |glance: &Glance| {
            if *unseen != 0 {
                meet(
                    asked,
                    unseen,
                    tally,
                    |column| matches!(column, Column::Known(field) if matches!(glance.get(*field), Some(Some(_)))),
                );
            }
            if *unseen == 0 {
                decision = gate.glance(glance);
            }
            decision != Some(false) && !(takes_lines && decision == Some(true))
        };
        match self.reader.read_if(line, &mut record, &mut self.arena, wanted) {
            Read::Record { found, extra } => {
                tally.read_as(found.name());
                if adds_source {
                    record.push(Field::Source, Value::Str(&chunk.source));
                    record.push(Field::Offset, Value::Int(offset as i64));
                    record.canonical();
                }
                if self.unseen != 0 {
                    meet(self.asked, &mut self.unseen, tally, |column| {
                        record.fields().iter().any(|(name, _)| is_of(column, name))
                    });
                }
                tally.counts.extra_trailing += u64::from(extra);
                if decision.unwrap_or_else(|| self.gate.keeps(&record)) {
                    let mut whole = Whole::of(chunk, offset, line.len());
                    if let Some(enricher) = &mut self.enricher {
                        self.members.clear();
                        if self.sink.takes_members()
                            && self.cleaner.is_none()
                            && enricher.members(&record, &mut self.members)
                        {
                            whole.members = &self.members;
                            let is_said = match found {
                                Found::Json(Dialect::Weblog) => true,
                                Found::Json(_) => ndjson::says(line, &record),
                                _ => false,
                            };
                            whole.is_record = is_said && !has_source && ndjson::has_room(line, &self.members);
                        } else {
                            enricher.enrich(&mut record);
                        }
                    }
                    if let Some(cleaner) = &mut self.cleaner {
                        cleaner.clean(&mut record);
                    }
                    tally.unplaced += self.sink.write(&record, whole) as u64;
                    tally.counts.written += 1;
                } else {
                    tally.counts.filtered += 1;
                }
            }
            Read::Skipped => tally.counts.skipped += 1,
            Read::Rejected(reject) => {
                self.record = record.recycle();
                return self.reject(reject, true, offset, line, tally);
            }
        }
        self.record = record.recycle();
    }
}

/// Whether what was asked for is the field of this name, or the last word of it.
fn is_of(column: &Column, name: &Name<'_>) -> bool {
    let is_last = || matches!(column, Column::Other(last) if last == LAST);
    column.is(name) || (*name == Name::Known(Field::Extra) && is_last())
}

/// Notes which of the names that were asked for and not met yet a line has.
fn meet(asked: &[Column], unseen: &mut u64, tally: &mut Tally, has: impl Fn(&Column) -> bool) {
    for (at, column) in asked.iter().enumerate() {
        if *unseen & 1 << at != 0 && has(column) {
            *unseen &= !(1 << at);
            tally.seen |= 1 << at;
        }
    }
}

fn too_long() -> Reject {
    Reject::at(0, Reason::TooLong, "a shorter line (--max-line sets the limit)")
}
