//! The books on every line: counts, rejects, the ledger, and the sentence at the end.

use crate::{
    exit::{Exit, say},
    options::{AccountArgs, MaxRejects},
};
use anyhow::{Context, Result};
use std::{collections::BTreeMap, fs::File, io::Write, sync::Arc};
use weblog_enrich::Group;
use weblog_filter::LAST;
use weblog_io::{AtomicFile, Counts, Input, Ledger};
use weblog_parse::{Field, Reason, Record, Reject, Value, text::lossless};
use weblog_wire::{Column, ndjson};

/// What became of the lines of one chunk.
#[derive(Debug, Default)]
pub struct Tally {
    /// Position of the source among the inputs.
    pub source_index: usize,
    /// The display name of the source.
    pub source: Arc<str>,
    /// What became of the lines.
    pub counts: Counts,
    /// As what the lines were read, and how many: neighbours mostly are the same.
    pub formats: Vec<(&'static str, u64)>,
    /// Which of the names that were asked for a record had, one bit each.
    pub seen: u64,
    /// Fields that found no column.
    pub unplaced: u64,
    /// The rejects: all of them when their bytes are kept, the first one otherwise.
    pub rejects: Vec<Rejected>,
    /// How often each reason came.
    pub reasons: BTreeMap<Reason, u64>,
    /// The bytes of the rejects, one behind the other.
    pub raw: Vec<u8>,
}

/// A rejected line, or a piece of an over-long one.
#[derive(Debug)]
pub struct Rejected {
    /// The line's number in the chunk, from 1; 0 goes on with the line before.
    line: u64,
    offset: u64,
    reject: Reject,
    end: usize,
}

impl Tally {
    /// Begins the books of another chunk.
    pub fn begin(&mut self, source_index: usize, source: &Arc<str>) {
        let (mut rejects, mut raw) = (std::mem::take(&mut self.rejects), std::mem::take(&mut self.raw));
        rejects.clear();
        raw.clear();
        *self = Tally { source_index, source: Arc::clone(source), rejects, raw, ..Tally::default() };
    }

    /// Notes as what a line was read.
    #[inline]
    pub fn read_as(&mut self, format: &'static str) {
        match self.formats.last_mut() {
            Some((last, count)) if std::ptr::eq(*last, format) => *count += 1,
            _ => match self.formats.iter_mut().find(|(known, _)| *known == format) {
                Some((_, count)) => *count += 1,
                None => self.formats.push((format, 1)),
            },
        }
    }

    /// Notes that the line just read was rejected. Its bytes are kept when somebody wants them.
    pub fn reject(&mut self, reject: Reject, offset: u64, bytes: &[u8], keep: bool) {
        self.counts.rejected += 1;
        *self.reasons.entry(reject.reason).or_default() += 1;
        self.keep(reject, self.counts.read, offset, bytes, keep);
    }

    /// Keeps one more piece of an over-long line that has been counted already.
    pub fn reject_more(&mut self, reject: Reject, offset: u64, bytes: &[u8], keep: bool) {
        self.keep(reject, 0, offset, bytes, keep);
    }

    fn keep(&mut self, reject: Reject, line: u64, offset: u64, bytes: &[u8], keep: bool) {
        if keep {
            self.raw.extend_from_slice(bytes);
        }
        if keep || self.rejects.is_empty() {
            self.rejects.push(Rejected { line, offset, reject, end: self.raw.len() });
        }
    }
}

/// Inputs without any record that are named at the end.
const FOREIGN_SHOWN: usize = 10;

/// The books of a whole run.
pub struct Account {
    command: &'static str,
    args: AccountArgs,
    rejects: Option<File>,
    writer: ndjson::Writer,
    inputs: Vec<Counts>,
    /// As what the lines of each input were read.
    formats: Vec<BTreeMap<&'static str, u64>>,
    reasons: BTreeMap<Reason, u64>,
    /// Where and what the first reject was, of the whole run and of each input.
    first: Option<String>,
    firsts: Vec<Option<String>>,
    asked: Vec<Column>,
    seen: u64,
    unplaced: u64,
}

impl Account {
    /// Opens the books, and the file for rejects. `asked` are names of fields that may be typos.
    pub fn open(command: &'static str, args: &AccountArgs, asked: &[Column]) -> Result<Self> {
        let create = |path: &std::path::PathBuf| {
            File::create(path).with_context(|| format!("cannot create {} for --rejects", path.display()))
        };
        Ok(Account {
            command,
            args: args.clone(),
            rejects: args.rejects.as_ref().map(create).transpose()?,
            writer: ndjson::Writer::new(None),
            inputs: Vec::new(),
            formats: Vec::new(),
            reasons: BTreeMap::new(),
            first: None,
            firsts: Vec::new(),
            asked: asked.to_vec(),
            seen: 0,
            unplaced: 0,
        })
    }

    /// Whether the bytes of rejected lines are wanted.
    pub fn keeps_rejects(&self) -> bool {
        self.rejects.is_some()
    }

    /// Enters what became of one chunk, in the order of the input.
    pub fn enter(&mut self, tally: &Tally) -> Result<()> {
        if self.inputs.len() <= tally.source_index {
            self.inputs.resize(tally.source_index + 1, Counts::default());
        }
        let before = self.inputs[tally.source_index].read;
        self.inputs[tally.source_index] += tally.counts;
        self.seen |= tally.seen;
        self.unplaced += tally.unplaced;
        for (reason, count) in &tally.reasons {
            *self.reasons.entry(*reason).or_default() += count;
        }
        self.formats.resize(self.inputs.len(), BTreeMap::new());
        for (format, count) in &tally.formats {
            *self.formats[tally.source_index].entry(format).or_default() += count;
        }
        self.firsts.resize(self.inputs.len(), None);
        if let (None, Some(first)) = (&self.firsts[tally.source_index], tally.rejects.first()) {
            let (line, Reject { column, expected, .. }) = (before + first.line, &first.reject);
            let source = if &*tally.source == "-" { "stdin" } else { &tally.source };
            let place = format!("{source}:{line}:{column}: expected {expected}");
            self.first.get_or_insert_with(|| place.clone());
            self.firsts[tally.source_index] = Some(place);
        }
        self.write_rejects(tally, before)
    }

    fn write_rejects(&mut self, tally: &Tally, lines_before: u64) -> Result<()> {
        let Some(file) = self.rejects.as_mut().filter(|_| !tally.rejects.is_empty()) else { return Ok(()) };
        let mut rows = Vec::new();
        let (mut raw, mut start) = (String::new(), 0);
        for rejected in &tally.rejects {
            raw.clear();
            lossless(&tally.raw[start..rejected.end], &mut raw);
            start = rejected.end;
            let mut record = Record::new();
            record.push(Field::Source, Value::Str(&tally.source));
            record.push(Field::Offset, Value::Int(rejected.offset as i64));
            record.push_other("line", Value::Int((lines_before + rejected.line) as i64));
            record.push_other("column", Value::Int(rejected.reject.column as i64));
            record.push_other("reason", Value::Str(rejected.reject.reason.name()));
            record.push_other("expected", Value::Str(&rejected.reject.expected));
            record.push_other("raw", Value::Str(&raw));
            self.writer.write(&record, &mut rows);
        }
        file.write_all(&rows).context("cannot write the file of --rejects")
    }

    /// Closes the books on one pass over the inputs, mostly the only one: writes the ledger. `pending` says
    /// that an unfinished last line was left out.
    pub fn close(&mut self, input: &Input, pending: bool) -> Result<Ledger> {
        let mut ledger = Ledger::default();
        let sources = input.sources();
        self.inputs.resize(self.inputs.len().max(sources.len()), Counts::default());
        for (counts, source) in self.inputs.iter_mut().zip(sources) {
            counts.bytes_read += source.bytes_read;
            if source.unfinished > 0 || (pending && !source.complete && source.bytes_read > 0) {
                counts.read += 1;
                counts.pending += 1;
            }
            ledger.add(&source.name, *counts);
        }
        debug_assert!(ledger.balances(), "{ledger:?}");
        let json = self.as_json(input, &ledger);
        if let Some(path) = &self.args.ledger {
            let mut file = AtomicFile::create(path)?;
            let written = file.write_all(&json);
            written.with_context(|| format!("cannot write {} for --ledger", path.display()))?;
            file.commit()?;
        }
        Ok(ledger)
    }

    /// The sentences at the end: what was rejected, and with `verbose` what became of every line.
    pub fn summarize(&self, ledger: &Ledger, verbose: bool) {
        if let Some(first) = &self.first {
            let kept = if self.args.rejects.is_some() { "" } else { " (--rejects FILE keeps them)" };
            let Counts { rejected, read, .. } = ledger.total;
            let lines = if read == 1 { "line" } else { "lines" };
            let rejected = match (rejected, records(&ledger.total)) {
                (1.., 0) => format!("no line is a record, {rejected} of {read} {lines} rejected"),
                _ => format!("{rejected} of {read} {lines} rejected"),
            };
            say(self.command, &format!("{rejected}{kept}; the first: {first}"));
        }
        let foreign = self.inputs.iter().zip(&self.firsts).filter(|(counts, _)| records(counts) == 0);
        let foreign = foreign.filter_map(|(_, first)| first.as_ref()).filter(|_| records(&ledger.total) > 0);
        for first in foreign.take(FOREIGN_SHOWN) {
            say(self.command, &format!("no line of an input is a record: {first}"));
        }
        for (at, name) in self.asked.iter().enumerate() {
            if records(&ledger.total) > 0 && self.seen & 1 << at == 0 {
                say(self.command, &format!("no record has a field `{}`; {}", name.name(), advice(name)));
            }
        }
        if self.unplaced > 0 {
            let count = self.unplaced;
            let values = if count == 1 { "value" } else { "values" };
            say(
                self.command,
                &format!(
                    "{count} {values} left out: the first record's format has no column for them (--fields names columns)"
                ),
            );
        }
        if verbose {
            let Counts {
                read,
                written,
                rejected,
                filtered,
                skipped,
                pending,
                extra_trailing,
                bytes_read,
                ..
            } = ledger.total;
            let reasons: Vec<_> =
                self.reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            let reasons =
                if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
            let mut formats: BTreeMap<&str, u64> = BTreeMap::new();
            for (format, count) in self.formats.iter().flatten() {
                *formats.entry(format).or_default() += count;
            }
            let formats: Vec<_> = formats.iter().map(|(format, count)| format!("{format} {count}")).collect();
            let formats =
                if formats.is_empty() { String::new() } else { format!(" ({})", formats.join(", ")) };
            let filtered = if filtered == 0 { formats } else { format!(", {filtered} filtered{formats}") };
            say(
                self.command,
                &format!(
                    "{read} lines read ({bytes_read} bytes): {written} written{filtered}, {rejected} rejected{reasons}, \
                     {skipped} skipped, {pending} pending; {extra_trailing} with more fields at the end than their format has"
                ),
            );
        }
    }

    /// How the run ends: it `failed`, or an exit code is asked for that tells of rejects.
    pub fn exit(&self, ledger: &Ledger, failed: bool) -> Exit {
        let Counts { rejected, read, .. } = ledger.total;
        let most = if self.args.strict { Some(MaxRejects::Lines(0)) } else { self.args.max_rejects };
        match (failed, most.is_some_and(|most| most.is_exceeded(rejected, read))) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Unmet,
            (false, false) => Exit::Done,
        }
    }

    /// The ledger as one JSON object.
    fn as_json(&mut self, input: &Input, ledger: &Ledger) -> Vec<u8> {
        let mut inputs = Vec::new();
        let mut formats = formats_of(input, &self.formats).into_iter();
        for input in &ledger.inputs {
            let mut record = Record::new();
            record.push(Field::Source, Value::Str(&input.source));
            add_counts(&input.counts, &mut record);
            let formats = formats.next().unwrap_or_default();
            let formats: Vec<_> =
                formats.iter().map(|(format, count)| format!("\"{format}\":{count}")).collect();
            let formats = format!("{{{}}}", formats.join(","));
            record.push_other("formats", Value::Json(&formats));
            self.writer.write(&record, &mut inputs);
        }
        let inputs = String::from_utf8_lossy(&inputs);
        let inputs = format!("[{}]", inputs.trim_end().replace('\n', ","));
        let mut record = Record::new();
        add_counts(&ledger.total, &mut record);
        record.push_other("inputs", Value::Json(&inputs));
        let mut json = Vec::new();
        self.writer.write(&record, &mut json);
        json
    }
}

/// As what the lines were read, for each input of the ledger: neighbours of one name are one there.
fn formats_of(input: &Input, formats: &[BTreeMap<&'static str, u64>]) -> Vec<BTreeMap<&'static str, u64>> {
    let mut merged: Vec<(&Arc<str>, BTreeMap<&'static str, u64>)> = Vec::new();
    for (at, source) in input.sources().iter().enumerate() {
        if merged.last().is_none_or(|(name, _)| **name != source.name) {
            merged.push((&source.name, BTreeMap::new()));
        }
        let (_, sum) = merged.last_mut().expect("one was pushed if there was none");
        for (format, count) in formats.get(at).into_iter().flatten() {
            *sum.entry(format).or_default() += count;
        }
    }
    merged.into_iter().map(|(_, formats)| formats).collect()
}

/// Lines that were records, whatever became of those.
fn records(counts: &Counts) -> u64 {
    counts.written + counts.filtered + counts.duplicate
}

/// What to do about a field that no record has.
fn advice(name: &Column) -> String {
    match name {
        Column::Known(Field::Source | Field::Offset) => "--provenance adds it".into(),
        Column::Known(field) if matches!(Group::of(*field), Some(Group::Place | Group::Network)) => {
            "a database of --geo may have it".into()
        }
        Column::Known(field) if Group::of(*field).is_some() => {
            "`weblog enrich` adds it where it is known".into()
        }
        Column::Known(field) => format!("`weblog explain --for {}` says how a server logs it", field.name()),
        Column::Other(name) if name == LAST => "it is the last word behind what the format names".into(),
        Column::Other(name) => match weblog_filter::names::nearest(name) {
            Some(near) => format!("is it `{near}`?"),
            None => "`weblog schema` shows the usual ones".into(),
        },
    }
}

fn add_counts(counts: &Counts, record: &mut Record<'_>) {
    let named = [
        ("read", counts.read),
        ("written", counts.written),
        ("rejected", counts.rejected),
        ("filtered", counts.filtered),
        ("duplicate", counts.duplicate),
        ("skipped", counts.skipped),
        ("pending", counts.pending),
        ("bytes_read", counts.bytes_read),
        ("extra_trailing", counts.extra_trailing),
    ];
    for (name, count) in named {
        record.push_other(name, Value::Int(count as i64));
    }
}
