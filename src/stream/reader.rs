//! One line to one record, whatever the line is; and what the first lines of an input tell.

use std::sync::Arc;
use weblog_io::{Above, Input, RunOptions};
use weblog_parse::{Field, Format, Name, Options, Parsed, Parser, Record, Reject, Value};
use weblog_wire::{
    Columns, csv, ndjson,
    text::{Scratch, number, text},
};

/// Reads one line, whatever it is: a row of CSV under a header, JSON, or a line of a log.
pub(super) struct Reader {
    parser: Parser,
    /// The first line of the input, and what it means when that is CSV or TSV.
    first: Option<Arc<[u8]>>,
    csv: Option<csv::Reader>,
}

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
        Reader { parser: Parser::new(options), first: None, csv: None }
    }

    /// Goes on with lines that have this above them.
    pub(super) fn begin(&mut self, above: &Above) {
        if self.first != above.first {
            self.first.clone_from(&above.first);
            self.csv = above.first.as_deref().and_then(csv::Reader::of_header);
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
        if let Some(reader) = &mut self.csv {
            if line.is_empty() || self.first.as_deref() == Some(line) {
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

/// The columns of the first record of the input, found without consuming it.
pub(super) fn first_columns(
    input: &mut Input,
    options: &RunOptions<'_>,
    parsing: Options,
) -> Option<Columns> {
    let (mut columns, mut at_start) = (None, true);
    let mut reader = Reader::new(parsing);
    input.peek(options, |line| {
        if std::mem::take(&mut at_start) {
            reader.begin(&Above { first: Some(line.into()), ..Above::default() });
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
    reader.begin(&Above { first: lines.peek().map(|line| (*line).into()), ..Above::default() });
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
