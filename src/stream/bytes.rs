//! Records as bytes: NDJSON, CSV, TSV, the table for people, or the lines that they came from.

use super::{
    lookup::{Lookup, Wanted},
    worker::{Sink, Whole},
};
use std::{collections::HashMap, sync::Arc};
use weblog_filter::PathPattern;
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
    /// The lines as they came.
    Lines,
    /// Nothing: records are only counted.
    Count,
}

/// Writes the records of one thread.
pub(super) struct ByteSink {
    pub(super) form: Form,
    pub(super) out: Vec<u8>,
    /// Divides the output into files.
    pub(super) divider: Option<Divider>,
}

impl Sink for ByteSink {
    #[inline]
    fn write(&mut self, record: &Record<'_>, line: Whole<'_>) -> usize {
        let mut left_out = 0;
        match &mut self.form {
            Form::Ndjson(writer) if line.is_record => writer.copy(line.bytes, line.members, &mut self.out),
            Form::Ndjson(writer) => writer.write_with(record, line.members, &mut self.out),
            Form::Csv { writer, all } => {
                let unplaced = writer.write(record, &mut self.out);
                left_out = if *all { unplaced } else { 0 };
            }
            Form::Table(writer) => writer.write(record, &mut self.out),
            Form::Lines => {
                self.out.extend_from_slice(line.bytes);
                if !line.has_end {
                    self.out.push(b'\n');
                }
            }
            Form::Count => {}
        }
        if let Some(divider) = &mut self.divider {
            divider.put(record, &mut self.out);
        }
        left_out
    }

    #[inline]
    fn takes_lines(&self) -> bool {
        matches!(self.form, Form::Lines | Form::Count) && self.divider.is_none()
    }

    #[inline]
    fn takes_members(&self) -> bool {
        matches!(&self.form, Form::Ndjson(writer) if writer.writes_all()) && self.divider.is_none()
    }
}

/// What is written to each of several files.
pub(super) type Parts = Vec<(Arc<str>, Vec<u8>)>;

/// Divides the records of one thread by the names of the files that they go to.
pub(super) struct Divider {
    pattern: PathPattern,
    /// Looks up what the names are made of where records do not have it.
    lookup: Option<Lookup>,
    places: HashMap<Arc<str>, usize>,
    parts: Parts,
    name: String,
}

impl Divider {
    pub(super) fn new(pattern: PathPattern, wanted: Option<Wanted>) -> Self {
        let lookup = wanted.map(Lookup::new);
        Divider { pattern, lookup, places: HashMap::new(), parts: Vec::new(), name: String::new() }
    }

    /// Moves what was written of a record to its file.
    fn put(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        self.name.clear();
        match &mut self.lookup {
            Some(lookup) => lookup.more(record, |more| self.pattern.name(record, Some(more), &mut self.name)),
            None => self.pattern.name(record, None, &mut self.name),
        }
        let at = match self.places.get(self.name.as_str()) {
            Some(at) => *at,
            None => {
                let name: Arc<str> = self.name.as_str().into();
                self.places.insert(Arc::clone(&name), self.parts.len());
                self.parts.push((name, Vec::new()));
                self.parts.len() - 1
            }
        };
        self.parts[at].1.append(out);
    }

    /// What goes to each file, in the order in which the files came first.
    pub(super) fn take(&mut self) -> Parts {
        self.places.clear();
        std::mem::take(&mut self.parts)
    }
}
