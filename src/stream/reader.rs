//! One line to one record, whatever the line is; and what the first lines of an input tell.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, PoisonError},
};
use weblog_io::{Chunk, ChunkKind, Input, RunOptions};
use weblog_parse::{Field, Format, Name, Options, Parsed, Parser, Record, Reject, Value};
use weblog_wire::{
    Columns, csv, ndjson,
    text::{Scratch, number, text},
};

/// Reads one line, whatever it is: a row of CSV under a header, JSON, or a line of a log.
pub(super) struct Reader {
    parser: Parser,
    csv: Option<(Header, csv::Reader)>,
}

/// The first line of an input that is CSV or TSV.
type Header = Arc<[u8]>;

/// What became of a line.
pub(super) enum Read {
    /// A record. `format` is that of a log line.
    Record {
        format: Option<Format>,
        extra: bool,
    },
    Skipped,
    Rejected(Reject),
}

impl Reader {
    pub(super) fn new(options: Options) -> Self {
        Reader { parser: Parser::new(options), csv: None }
    }

    /// Goes on with an input that has this header, or none.
    pub(super) fn begin(&mut self, header: Option<Header>) {
        if self.csv.as_ref().map(|(known, _)| known) != header.as_ref() {
            self.csv =
                header.and_then(|header| csv::Reader::of_header(&header).map(|reader| (header, reader)));
        }
    }

    /// Reads a line into an empty record. `inner` holds what had to be unwrapped.
    #[inline]
    pub(super) fn read<'a>(
        &'a mut self,
        line: &'a [u8],
        record: &mut Record<'a>,
        inner: &'a mut String,
    ) -> Read {
        if let Some((header, reader)) = &mut self.csv {
            if line.is_empty() || *line == **header {
                return Read::Skipped;
            }
            return match reader.read(line, record) {
                Ok(()) => Read::Record { format: None, extra: false },
                Err(reject) => Read::Rejected(reject),
            };
        }
        let json = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        match json.first() {
            Some(b'{') => read_json(&mut self.parser, json, record, inner),
            _ => read_line(&mut self.parser, line, record),
        }
    }
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
            read_line(parser, inner.trim_ascii_end().as_bytes(), record)
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

/// The line in `{"log":"…\n","stream":"stdout","time":"…"}`, the files of Docker's json-file driver.
fn docker_log(record: &Record<'_>) -> Option<String> {
    let named = |wanted| {
        let mut fields = record.fields().iter();
        fields.find(|(name, _)| *name == Name::Other(wanted)).map(|(_, value)| *value)
    };
    let (log, _) = (named("log")?, named("stream")?);
    record.get(Field::RemoteAddr).is_none().then(|| text(log, &mut Scratch::default()).to_owned())
}

/// The headers of the inputs that are CSV or TSV. Chunks of one input are worked on by several threads,
/// and only the one that has its first chunk can tell.
#[derive(Default)]
pub(super) struct Headers {
    known: Mutex<HashMap<usize, Option<Header>>>,
    told: Condvar,
}

impl Headers {
    /// Tells that an input is read from further on, and what it begins with.
    pub(super) fn know(&self, source_index: usize, head: &[u8]) {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let first = first.strip_suffix(b"\r").unwrap_or(first);
        let header = csv::Reader::of_header(first).map(|_| Header::from(first));
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(source_index, header);
    }

    /// The header of the input that a chunk is of. Waits for the thread that has the first chunk: that
    /// one was handed over before, and looks here first.
    pub(super) fn of(&self, chunk: &Chunk) -> Option<Header> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if chunk.offset == 0 {
            let first = chunk.lines().next().filter(|_| chunk.kind == ChunkKind::Lines);
            let header = first.map(|(_, line)| line).filter(|line| csv::Reader::of_header(line).is_some());
            let header: Option<Header> = header.map(Arc::from);
            known.insert(chunk.source_index, header.clone());
            self.told.notify_all();
            return header;
        }
        let unknown = |known: &mut HashMap<usize, Option<Header>>| !known.contains_key(&chunk.source_index);
        let known = self.told.wait_while(known, unknown).unwrap_or_else(PoisonError::into_inner);
        known.get(&chunk.source_index).cloned().flatten()
    }
}

/// The columns of the first record of the input, found without consuming it.
pub(super) fn first_columns(
    input: &mut Input,
    options: &RunOptions<'_>,
    parsing: Options,
) -> Option<Columns> {
    let (mut columns, mut at_start) = (None, true);
    let mut reader = Reader::new(parsing);
    input.peek(options, |line| {
        if std::mem::take(&mut at_start) && csv::Reader::of_header(line).is_some() {
            reader.begin(Some(line.into()));
            return false;
        }
        let (mut record, mut inner) = (Record::new(), String::new());
        columns = match reader.read(line, &mut record, &mut inner) {
            Read::Record { format: Some(format), .. } => Some(Columns::of_format(format)),
            Read::Record { format: None, .. } => Some(Columns::of_record(&record)),
            Read::Skipped | Read::Rejected(_) => None,
        };
        columns.is_some()
    });
    columns
}

/// The time of the first record in the first bytes of a file, or none when it is no log: what tells
/// the logs in a directory from its other files, and their order.
pub fn first_time(head: &[u8], parsing: Options) -> Option<i64> {
    let mut reader = Reader::new(parsing);
    let mut lines =
        head.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).peekable();
    if let Some(header) = lines.next_if(|line| csv::Reader::of_header(line).is_some()) {
        reader.begin(Some(header.into()));
    }
    lines.take(100).find_map(|line| {
        let (mut record, mut inner) = (Record::new(), String::new());
        let is_entry = match reader.read(line, &mut record, &mut inner) {
            Read::Record { format: Some(_), .. } => true,
            // JSON and CSV hold many things; records of requests have a client.
            Read::Record { format: None, .. } => record.get(Field::RemoteAddr).is_some(),
            Read::Skipped | Read::Rejected(_) => false,
        };
        is_entry.then(|| record.get(Field::Time).map_or(i64::MAX, micros))
    })
}

/// A time as a number that sorts: microseconds, whether it was read or comes as text.
fn micros(time: Value<'_>) -> i64 {
    use weblog_parse::{
        Zone,
        time::{Shape, shape},
    };
    let mut scratch = Scratch::default();
    match time {
        Value::Time(instant) => instant.micros,
        other => match shape(text(other, &mut scratch).as_bytes(), Zone::default()) {
            Some(Shape::Full(logged)) => logged.instant.micros,
            _ => number(other).unwrap_or(i64::MAX),
        },
    }
}
