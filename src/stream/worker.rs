//! What one thread does with a chunk, and what the first lines tell before there is one.

use crate::{
    account::Tally,
    options::{AccountArgs, InputArgs},
};
use weblog_enrich::Enricher;
use weblog_io::{Chunk, ChunkKind, Input, RunOptions};
use weblog_parse::{Field, Format, Name, Options, Parsed, Parser, Reason, Record, Reject, Value};
use weblog_wire::{
    Columns, csv, ndjson, table,
    text::{Scratch, number, text},
};

/// Where records go.
#[derive(Clone)]
pub(super) enum Sink {
    Ndjson(ndjson::Writer),
    /// `all`: every field should have a column, and one that has none is counted.
    Csv {
        writer: csv::Writer,
        all: bool,
    },
    Table(table::Writer),
}

impl Sink {
    /// Writes a record and gives the number of its fields that found no place.
    #[inline]
    fn write(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> usize {
        match self {
            Sink::Ndjson(writer) => writer.write(record, out),
            Sink::Csv { writer, all } => {
                let unplaced = writer.write(record, out);
                return if *all { unplaced } else { 0 };
            }
            Sink::Table(writer) => writer.write(record, out),
        }
        0
    }
}

/// What the first lines of the input tell.
#[derive(Clone, Debug, Default)]
pub(super) struct First {
    /// The columns of the first record.
    pub(super) columns: Option<Columns>,
    /// The header, when the input is CSV or TSV.
    header: Option<Vec<u8>>,
}

impl First {
    /// Looks at the beginning of the input, up to the first record.
    pub(super) fn of(input: &mut Input, options: &RunOptions<'_>, args: &InputArgs) -> Self {
        let mut first = First::default();
        let mut reader = Reader::new(args, None);
        input.peek(options, |line| {
            if first.header.is_none() && args.format == Format::Auto && csv::Reader::of_header(line).is_some()
            {
                first.header = Some(line.to_vec());
                reader = Reader::new(args, Some(line));
                return false;
            }
            let mut record = Record::new();
            let mut inner = String::new();
            let read = reader.read(line, &mut record, &mut inner);
            first.columns = match read {
                Read::Record { format: Some(format), .. } => Some(Columns::of_format(format)),
                Read::Record { format: None, .. } => Some(Columns::of_record(&record)),
                Read::Skipped | Read::Rejected(_) => return false,
            };
            true
        });
        first
    }

    /// Whether the first record has a country.
    pub(super) fn has_country(&self) -> bool {
        self.columns.as_ref().is_some_and(|columns| columns.has(Field::Country))
    }
}

/// The time of the first record in the first bytes of a file, or none when it is no log: what tells
/// the logs in a directory from its other files, and their order.
pub(super) fn first_time(head: &[u8]) -> Option<i64> {
    let mut parser = Parser::new(Options::default());
    head.split(|b| *b == b'\n').take(100).find_map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut record = Record::new();
        let parsed = match line.first() {
            Some(b'{') => ndjson::read(line, &mut record).is_ok() && record.get(Field::RemoteAddr).is_some(),
            _ => matches!(parser.parse(line, &mut record), Parsed::Record { .. }),
        };
        parsed.then(|| record.get(Field::Time).map_or(i64::MAX, micros))
    })
}

fn micros(time: Value<'_>) -> i64 {
    match time {
        Value::Time(instant) => instant.micros,
        other => {
            let mut scratch = Scratch::default();
            let digits: String = text(other, &mut scratch).chars().filter(char::is_ascii_digit).collect();
            number(Value::Str(&digits)).unwrap_or(i64::MAX)
        }
    }
}

/// Reads one line, whatever it is.
struct Reader {
    auto: bool,
    parser: Parser,
    csv: Option<(Vec<u8>, csv::Reader)>,
}

/// What became of a line.
enum Read {
    Record { format: Option<Format>, extra: bool },
    Skipped,
    Rejected(Reject),
}

impl Reader {
    fn new(args: &InputArgs, header: Option<&[u8]>) -> Self {
        let options = Options { format: args.format, zone: args.tz.unwrap_or_default() };
        let csv = header.and_then(|header| Some((header.to_vec(), csv::Reader::of_header(header)?)));
        Reader { auto: args.format == Format::Auto, parser: Parser::new(options), csv }
    }

    /// Reads a line into an empty record. `inner` holds what had to be unwrapped.
    #[inline]
    fn read<'a>(&'a mut self, line: &'a [u8], record: &mut Record<'a>, inner: &'a mut String) -> Read {
        if self.auto {
            if let Some((header, reader)) = &mut self.csv {
                if line.is_empty() || line == header {
                    return Read::Skipped;
                }
                return match reader.read(line, record) {
                    Ok(()) => Read::Record { format: None, extra: false },
                    Err(reject) => Read::Rejected(reject),
                };
            }
            let json = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
            if json.first() == Some(&b'{') {
                return Self::read_json(&mut self.parser, json, record, inner);
            }
        }
        Self::read_line(&mut self.parser, line, record)
    }

    fn read_json<'a>(
        parser: &mut Parser,
        json: &'a [u8],
        record: &mut Record<'a>,
        inner: &'a mut String,
    ) -> Read {
        if let Err(reject) = ndjson::read(json, record) {
            return Read::Rejected(reject);
        }
        match docker_log(record) {
            None => Read::Record { format: None, extra: false },
            Some(log) => {
                *inner = log;
                record.clear();
                Self::read_line(parser, inner.trim_ascii_end().as_bytes(), record)
            }
        }
    }

    fn read_line<'a>(parser: &mut Parser, line: &'a [u8], record: &mut Record<'a>) -> Read {
        match parser.parse(line, record) {
            Parsed::Record { format, extra } => Read::Record { format: Some(format), extra },
            Parsed::Skipped => Read::Skipped,
            Parsed::Rejected(reject) => Read::Rejected(reject),
        }
    }
}

/// The line in `{"log":"…\n","stream":"stdout","time":"…"}`, the files of Docker's json-file driver.
fn docker_log(record: &Record<'_>) -> Option<String> {
    let named = |wanted| {
        let mut fields = record.fields().iter();
        fields.find(|(name, _)| matches!(name, Name::Other(name) if *name == wanted)).map(|(_, value)| *value)
    };
    let (log, _) = (named("log")?, named("stream")?);
    record.get(Field::RemoteAddr).is_none().then(|| text(log, &mut Scratch::default()).to_owned())
}

/// What one thread keeps from chunk to chunk.
pub(super) struct Worker {
    reader: Reader,
    sink: Sink,
    enricher: Option<Enricher>,
    provenance: bool,
    keep_rejects: bool,
    record: Record<'static>,
}

impl Worker {
    pub(super) fn new(
        args: &InputArgs,
        first: &First,
        sink: Sink,
        enricher: Option<Enricher>,
        account: &AccountArgs,
        keep_rejects: bool,
    ) -> Self {
        let reader = Reader::new(args, first.header.as_deref());
        Worker { reader, sink, enricher, provenance: account.provenance, keep_rejects, record: Record::new() }
    }

    /// Works on one chunk.
    pub(super) fn work(&mut self, chunk: &Chunk, out: &mut Vec<u8>, tally: &mut Tally) {
        tally.begin(chunk.source_index, &chunk.source);
        if let ChunkKind::TooLong { first, .. } = chunk.kind {
            let reject = Reject::at(0, Reason::TooLong, "a shorter line (--max-line sets the limit)");
            if first {
                tally.counts.read += 1;
                tally.reject(reject, chunk.offset, chunk.bytes(), self.keep_rejects);
            } else {
                tally.reject_more(reject, chunk.offset, chunk.bytes(), self.keep_rejects);
            }
            return;
        }
        for (offset, line) in chunk.lines() {
            tally.counts.read += 1;
            self.line(chunk, offset, line, out, tally);
        }
    }

    #[inline]
    fn line(&mut self, chunk: &Chunk, offset: u64, line: &[u8], out: &mut Vec<u8>, tally: &mut Tally) {
        let mut record = std::mem::take(&mut self.record).recycle();
        let mut inner = String::new();
        match self.reader.read(line, &mut record, &mut inner) {
            Read::Record { extra, .. } => {
                if self.provenance {
                    record.push(Field::Source, Value::Str(&chunk.source));
                    record.push(Field::Offset, Value::Int(offset as i64));
                    record.canonical();
                }
                if let Some(enricher) = &mut self.enricher {
                    enricher.enrich(&mut record);
                }
                tally.unplaced += self.sink.write(&record, out) as u64;
                tally.counts.written += 1;
                tally.counts.extra_trailing += u64::from(extra);
            }
            Read::Skipped => tally.counts.skipped += 1,
            Read::Rejected(reject) => tally.reject(reject, offset, line, self.keep_rejects),
        }
        self.record = record.recycle();
    }
}
