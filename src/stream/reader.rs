//! One line to one record, whatever the line is; and what the first lines of an input tell.

use crate::formats::Reading;
use std::{path::Path, sync::Arc};
use weblog_io::{Above, Input, RunOptions};
use weblog_parse::{
    Field, Format, Glance, Kind, Name, Parsed, Parser, Reason, Record, Reject, Value, text::restore,
};
use weblog_wire::{
    Columns, csv,
    dialect::{self, Arena, Dialect, Json},
    ndjson,
    text::{Scratch, number, text},
};

/// Reads one line, whatever it is: a row of CSV under a header, JSON, or a line of a log.
pub struct Reader {
    parser: Parser,
    json: dialect::Reader,
    reading: Reading,
    /// Where the lines come from.
    source: Arc<str>,
    above: Above,
    /// What the first line of the input means when that is CSV or TSV.
    csv: Option<csv::Reader>,
}

/// What became of a line.
pub enum Read {
    /// The record holds it; `extra` says that there is more at its end than its format names.
    Record { found: Found, extra: bool },
    /// It is no entry.
    Skipped,
    /// It could not be read.
    Rejected(Reject),
}

/// What a line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A line of a log.
    Line(Format),
    /// An object of JSON.
    Json(Dialect),
    /// A row of CSV or TSV.
    Row,
}

impl Found {
    /// The word for programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Found::Line(format) => format.name(),
            Found::Json(dialect) => dialect.name(),
            Found::Row => "csv",
        }
    }
}

impl Reader {
    /// A reader that was told how to read.
    pub fn new(reading: Reading) -> Self {
        Reader {
            parser: Parser::new(reading.options().clone()),
            json: dialect::Reader::new(reading.options().zone),
            reading,
            source: Arc::default(),
            above: Above::default(),
            csv: None,
        }
    }

    /// Goes on with lines of a source that have this above them.
    pub fn begin(&mut self, source: &Arc<str>, above: &Above) {
        if self.source != *source {
            self.source = Arc::clone(source);
            if let Some(programs) = self.reading.programs_of(source) {
                self.parser.set_programs(programs);
            }
        }
        if self.above != *above {
            self.above.clone_from(above);
            self.csv = above.first.as_deref().and_then(csv::Reader::of_header);
        }
        // A header among the last lines may have changed it.
        self.parser.begin(above.first.as_deref(), above.fields.as_deref());
    }

    /// Whether records come with the source and offset of their own.
    pub(super) fn knows_source(&self) -> bool {
        self.reading.is_of_rejects()
    }

    /// Reads a line into an empty record. `arena` holds what had to be unwrapped or decoded.
    #[inline]
    pub fn read<'a>(&'a mut self, line: &'a [u8], record: &mut Record<'a>, arena: &'a mut Arena) -> Read {
        self.read_if(line, record, arena, |_| true)
    }

    /// The same, but a line of which enough is known at a glance is read only if it is `wanted`: see
    /// [`Parser::parse_if`].
    #[inline]
    pub fn read_if<'a>(
        &'a mut self,
        line: &'a [u8],
        record: &mut Record<'a>,
        arena: &'a mut Arena,
        wanted: impl FnOnce(&Glance) -> bool,
    ) -> Read {
        if self.reading.is_of_rejects() {
            return self.read_again(line, record, arena);
        }
        if self.csv.is_some() {
            return self.read_row(line, record);
        }
        if !dialect::is_json(line) {
            return told(self.parser.parse_if(line, record, wanted));
        }
        arena.clear();
        self.read_json(line, record, arena)
    }

    fn read_row<'a>(&'a mut self, line: &'a [u8], record: &mut Record<'a>) -> Read {
        let Some(reader) = self.csv.as_mut().filter(|_| !line.is_empty()) else { return Read::Skipped };
        if self.above.first.as_deref() == Some(line) {
            return Read::Skipped;
        }
        match reader.read(line, record) {
            Ok(()) => Read::Record { found: Found::Row, extra: false },
            Err(reject) => Read::Rejected(reject),
        }
    }

    /// A line that was rejected before, as a row of the file of `--rejects`.
    #[cold]
    fn read_again<'a>(&'a mut self, row: &'a [u8], record: &mut Record<'a>, arena: &'a mut Arena) -> Read {
        if row.trim_ascii().is_empty() {
            return Read::Skipped;
        }
        arena.clear();
        let arena: &'a Arena = arena;
        let mut rejected = Record::new();
        if let Err(reject) = ndjson::read(row, &mut rejected) {
            return Read::Rejected(reject);
        }
        let raw = rejected.fields().iter().find(|(name, _)| *name == Name::Other("raw"));
        let Some((_, raw)) = raw else {
            let expected = "the member `raw` of a row that --rejects wrote";
            return Read::Rejected(Reject::at(row.len(), Reason::OtherFormat, expected));
        };
        let mut bytes = Vec::new();
        restore(text(*raw, &mut Scratch::default()), &mut bytes);
        let line = arena.keep(&bytes);
        let (source, offset) = (rejected.get(Field::Source), rejected.get(Field::Offset));
        let read = match dialect::is_json(line) {
            true => self.read_json(line, record, arena),
            false => read_line(&mut self.parser, line, record),
        };
        if matches!(read, Read::Record { .. }) {
            source.into_iter().for_each(|source| record.push(Field::Source, source));
            offset.into_iter().for_each(|offset| record.push(Field::Offset, offset));
            record.canonical();
        }
        read
    }

    fn read_json<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>, arena: &'a Arena) -> Read {
        // A compiled format may spell JSON, and knows better what its keys mean.
        let mut unfit = None;
        if self.parser.has_programs() {
            match read_line(&mut self.parser, line, record) {
                Read::Rejected(reject) => unfit = Some(reject),
                read => return read,
            }
            record.clear();
        }
        match self.json.read(line, arena, record) {
            Ok(Json::Record(dialect)) if is_asked(self.reading.options().format, dialect) => {
                Read::Record { found: Found::Json(dialect), extra: false }
            }
            Ok(Json::Record(dialect)) => {
                let expected =
                    format!("{}; this looks like {}", self.reading.options().format.name(), dialect.name());
                Read::Rejected(Reject::at(0, Reason::OtherFormat, expected))
            }
            Ok(Json::Line(wrapped)) => {
                let read = read_line(&mut self.parser, wrapped.line, record);
                if matches!(read, Read::Record { .. }) {
                    wrapped.add_to(record);
                }
                read
            }
            Err(reject) => Read::Rejected(unfit.unwrap_or(reject)),
        }
    }

    /// The fields that lines of this format fill which stand here.
    pub fn fields(&self, format: Format) -> Vec<(Name<'static>, Kind)> {
        self.parser.fields(format)
    }

    /// The columns of records like that of this line, if it has one.
    pub(super) fn columns_of(&mut self, line: &[u8]) -> Option<Columns> {
        let (mut record, mut arena) = (Record::new(), Arena::new());
        match self.read(line, &mut record, &mut arena) {
            Read::Record { found: Found::Line(format), .. } => {
                Some(Columns::of_fields(self.parser.fields(format).iter().map(|(name, _)| *name)))
            }
            Read::Record { .. } => Some(Columns::of_record(&record)),
            Read::Skipped | Read::Rejected(_) => None,
        }
    }
}

/// Whether an object of JSON may be where lines of a format are asked for: a stage of a pipe is fed by
/// another one, whatever the first was told. One format of JSON is not another, though.
fn is_asked(format: Format, dialect: Dialect) -> bool {
    match (format, dialect) {
        (_, Dialect::Weblog) => true,
        (Format::Caddy, dialect) => dialect == Dialect::Caddy,
        (Format::TraefikJson, dialect) => dialect == Dialect::Traefik,
        (Format::NginxJson, dialect) => matches!(dialect, Dialect::Nginx | Dialect::Other),
        _ => true,
    }
}

fn read_line<'a>(parser: &mut Parser, line: &'a [u8], record: &mut Record<'a>) -> Read {
    told(parser.parse(line, record))
}

#[inline]
fn told(parsed: Parsed) -> Read {
    match parsed {
        Parsed::Record { format, extra } => Read::Record { found: Found::Line(format), extra },
        Parsed::Skipped => Read::Skipped,
        Parsed::Rejected(reject) => Read::Rejected(reject),
    }
}

/// The columns of the first record of the input, found without consuming it.
pub(super) fn first_columns(
    input: &mut Input,
    options: &RunOptions<'_>,
    reading: Reading,
) -> Option<Columns> {
    let (mut columns, mut at_start) = (None, true);
    let source = input.sources().first().map(|source| Arc::clone(&source.name)).unwrap_or_default();
    let mut reader = Reader::new(reading);
    input.peek(options, |line| {
        if std::mem::take(&mut at_start) {
            reader.begin(&source, &Above { first: Some(line.into()), ..Above::default() });
        }
        columns = reader.columns_of(line);
        columns.is_some()
    });
    columns
}

/// The time of the first record in the first bytes of a file, or none when it is no log: what tells
/// the logs in a directory from its other files, and their order.
pub fn first_time(path: &Path, head: &[u8], reading: &Reading) -> Option<i64> {
    let mut reader = Reader::new(reading.clone());
    let asked = reading.options().format;
    let mut lines =
        head.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).peekable();
    let source = path.to_string_lossy().into();
    reader.begin(&source, &Above { first: lines.peek().map(|line| (*line).into()), ..Above::default() });
    lines.take(100).find_map(|line| {
        let (mut record, mut arena) = (Record::new(), Arena::new());
        let is_entry = match reader.read(line, &mut record, &mut arena) {
            // An error log is one of the other files of a directory.
            Read::Record { found: Found::Line(format), .. } => asked.is_error_log() || !format.is_error_log(),
            // JSON and CSV hold many things; records of requests have a client, or what it asked for.
            Read::Record { .. } => [Field::RemoteAddr, Field::Method, Field::Status]
                .iter()
                .any(|field| record.get(*field).is_some()),
            Read::Skipped | Read::Rejected(_) => false,
        };
        is_entry.then(|| record.get(Field::Time).map_or(i64::MAX, micros))
    })
}

/// A time as a number that sorts: microseconds, whether it was read or comes as text.
pub fn micros(time: Value<'_>) -> i64 {
    weblog_wire::text::micros(time).or_else(|| number(time)).unwrap_or(i64::MAX)
}
