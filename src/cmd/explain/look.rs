//! The look at one input: what its first lines are, and what stops the others.

use super::{about, seen::Seen};
use crate::{
    formats::Reading,
    stream::{Found, Read, Reader, micros},
};
use anyhow::{Result, bail};
use std::sync::Arc;
use weblog_io::{Chunk, ChunkKind, Compression, Flow, Input, RunError, RunOptions, run};
use weblog_parse::{
    Attempt, Field, Format, Name, Program, Reason, Record, Reject, Value, Zone, nearest, wrapper::Carrier,
};
use weblog_wire::{
    csv,
    dialect::{self, Arena, Json},
};

/// What was found in an input.
#[derive(Default)]
pub struct Look {
    /// The display name.
    pub source: String,
    pub compression: Option<Compression>,
    /// Lines that were looked at, and whether there are more.
    pub lines: u64,
    pub more: bool,
    /// Lines that are no entries.
    pub headers: u64,
    pub blank: u64,
    /// What the last header says.
    pub header: Option<Vec<u8>>,
    /// The formats of the lines that fit, and how many have each, the most frequent first.
    pub formats: Vec<(Found, u64)>,
    /// What carried the lines.
    pub carriers: Vec<(&'static str, u64)>,
    /// Lines with more at their end than their format names.
    pub extra: u64,
    pub seen: Seen,
    pub troubles: Vec<Trouble>,
    /// The first and the last time, microseconds since the epoch.
    pub span: Option<(i64, i64)>,
    /// Times carry no zone.
    pub local: bool,
    /// The fields that the most frequent format has.
    pub fields: Vec<String>,
    /// The formats of the user's own, for [`Format::Compiled`].
    pub programs: Arc<[Arc<Program>]>,
    /// Where the most frequent format is defined.
    pub place: Option<String>,
    /// The line that was asked for.
    pub one: Option<One>,
    /// Something in it is no text.
    pub binary: bool,
}

/// Lines that do not fit for one reason.
pub struct Trouble {
    pub lines: u64,
    /// The first of them: its number, and what it is.
    pub number: u64,
    pub line: Vec<u8>,
    /// The line was carried in another one, which is not shown.
    pub carried: bool,
    pub reject: Reject,
    pub nearest: Vec<Attempt>,
}

/// The line that was asked for.
pub struct One {
    pub number: u64,
    pub line: Vec<u8>,
    pub what: What,
    pub attempts: Vec<Attempt>,
}

/// What became of it.
pub enum What {
    Record {
        found: Found,
        fields: Vec<(String, String)>,
    },
    NoEntry,
    /// It is told like the others that do not fit.
    Rejected,
}

impl Look {
    pub fn fits(&self) -> u64 {
        self.formats.iter().map(|(_, lines)| lines).sum()
    }

    pub fn rejected(&self) -> u64 {
        self.troubles.iter().map(|trouble| trouble.lines).sum()
    }

    /// The lines that should fit: those of an error log stand in a log of requests by accident.
    pub fn entries(&self) -> u64 {
        let is_error = |trouble: &&Trouble| trouble.reject.reason == Reason::ErrorLog;
        let errors: u64 = self.troubles.iter().filter(is_error).map(|trouble| trouble.lines).sum();
        self.fits() + self.rejected() - errors
    }

    /// The name of a format that lines were found to have.
    pub fn name(&self, found: Found) -> String {
        match found {
            Found::Line(Format::Compiled(_)) => "your format".into(),
            Found::Row if self.header.as_deref().unwrap_or_default().contains(&b'\t') => "tsv".into(),
            found => about::name(found).into(),
        }
    }

    /// The compiled format of the lines, if they have one.
    pub fn program(&self) -> Option<&Arc<Program>> {
        match self.formats.first() {
            Some((Found::Line(Format::Compiled(at)), _)) => self.programs.get(usize::from(*at)),
            Some(_) => None,
            None => self.programs.first(),
        }
    }
}

/// How to look.
pub struct Looking<'a> {
    pub reading: &'a Reading,
    /// How many lines.
    pub lines: u64,
    /// The only one that is told about.
    pub line: Option<u64>,
    pub options: RunOptions<'a>,
}

/// Looks at an input, which is one source.
pub fn look(mut input: Input, looking: &Looking<'_>) -> Result<(Look, Input)> {
    let source = input.sources().first().map(|source| Arc::clone(&source.name)).unwrap_or_default();
    let reading = looking.reading;
    let programs = reading.programs_of(&source).unwrap_or_else(|| Arc::clone(&reading.options().programs));
    let mut looker = Looker {
        look: Look { source: source.to_string(), programs, ..Look::default() },
        reader: Reader::new(reading.clone()),
        elsewhere: Reader::new(reading.in_zone(Zone::Offset(713))),
        zone: reading.options().zone,
        most: looking.line.unwrap_or(looking.lines),
        only: looking.line,
        fields: None,
    };
    let copy = |(): &mut (), chunk: &Chunk, copied: &mut Option<Chunk>| *copied = Some(chunk.clone());
    let consume = |chunk: &mut Option<Chunk>| -> Result<Flow> {
        let more = chunk.take().is_none_or(|chunk| looker.chunk(&chunk));
        Ok(if more { Flow::Continue } else { Flow::Stop })
    };
    match run(&mut input, &looking.options, |_| (), copy, consume) {
        Ok(_) => {}
        Err(RunError::Consume(error)) => return Err(error),
        Err(error) => bail!("{error}"),
    }
    let mut look = looker.end();
    look.compression = input.sources().first().and_then(|source| source.compression);
    if let Some(conf) = reading.conf() {
        look.place = look.program().and_then(|program| conf.place_of(program));
    }
    Ok((look, input))
}

struct Looker {
    look: Look,
    reader: Reader,
    /// Reads times without a zone at another instant: that tells them.
    elsewhere: Reader,
    zone: Zone,
    most: u64,
    only: Option<u64>,
    /// The last `#Fields:` line.
    fields: Option<Vec<u8>>,
}

impl Looker {
    /// Looks at the lines of a chunk. Tells whether there is anything left to look for.
    fn chunk(&mut self, chunk: &Chunk) -> bool {
        self.reader.begin(&chunk.source, &chunk.above);
        self.elsewhere.begin(&chunk.source, &chunk.above);
        if chunk.above.first.as_deref().is_some_and(|first| csv::Reader::of_header(first).is_some()) {
            self.look.header = chunk.above.first.as_deref().map(<[u8]>::to_vec);
        }
        if let ChunkKind::TooLong { first: false, .. } = chunk.kind {
            return true;
        }
        for (_, line) in chunk.lines() {
            if self.look.lines == self.most {
                self.look.more = true;
                return false;
            }
            self.look.lines += 1;
            let told = self.only.is_none_or(|only| only == self.look.lines);
            match chunk.kind {
                ChunkKind::Lines => self.line(line, told),
                ChunkKind::TooLong { .. } => {
                    let reject = Reject::at(0, Reason::TooLong, "a line of at most 1 MiB");
                    self.look.trouble(line, reject, Vec::new, told);
                }
                ChunkKind::CutOff => {
                    let expected = "the rest of the line; the input broke off";
                    self.look.trouble(
                        line,
                        Reject::at(line.len(), Reason::Truncated, expected),
                        Vec::new,
                        told,
                    );
                }
            }
        }
        true
    }

    fn line(&mut self, line: &[u8], told: bool) {
        let Looker { look, reader, elsewhere, zone, only, fields, .. } = self;
        if line.starts_with(b"#Fields:") {
            *fields = Some(line.to_vec());
            look.header = fields.clone();
        }
        look.binary |= is_binary(line);
        // JSON is no matter of the formats that are tried.
        let attempts = |line: &[u8]| match dialect::is_json(line) {
            true => Vec::new(),
            false => nearest(line, fields.as_deref(), *zone),
        };
        let (mut record, mut arena) = (Record::new(), Arena::new());
        match reader.read(line, &mut record, &mut arena) {
            Read::Record { found, extra } => {
                if !told {
                    return;
                }
                if look.count(found) == 1 {
                    look.local |= is_moved(&record, elsewhere, line);
                }
                look.extra += u64::from(extra);
                look.record(&record, line, found);
                if only.is_some() {
                    let fields = Seen::values(&record);
                    let (line, what) = (line.to_vec(), What::Record { found, fields });
                    let attempts = attempts(&line);
                    look.one = Some(One { number: look.lines, line, what, attempts });
                }
            }
            Read::Skipped => {
                if line.trim_ascii().is_empty() {
                    look.blank += 1;
                } else {
                    look.headers += 1;
                }
                if told && only.is_some() {
                    let (line, what) = (line.to_vec(), What::NoEntry);
                    look.one = Some(One { number: look.lines, line, what, attempts: Vec::new() });
                }
            }
            Read::Rejected(reject) => {
                let inner = carried(line, *zone);
                let shown = inner.as_deref().unwrap_or(line);
                look.trouble(shown, reject, || attempts(shown), told);
                if let Some(trouble) = look.troubles.last_mut().filter(|trouble| trouble.number == look.lines)
                {
                    trouble.carried = inner.is_some();
                }
                if told && only.is_some() {
                    let (line, what) = (shown.to_vec(), What::Rejected);
                    look.one = Some(One { number: look.lines, line, what, attempts: attempts(shown) });
                }
            }
        }
    }

    fn end(self) -> Look {
        let mut look = self.look;
        look.formats.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
        let named = match look.formats.first() {
            Some((Found::Line(format), _)) => self.reader.fields(*format),
            _ => Vec::new(),
        };
        let name = |name: Name<'_>| match name {
            Name::Known(field) => field.name().to_owned(),
            Name::Other(name) => name.to_owned(),
        };
        look.fields = named.into_iter().map(|(named, _)| name(named)).collect();
        look
    }
}

impl Look {
    /// Counts a line of a format. Gives how many there are of it now.
    fn count(&mut self, found: Found) -> u64 {
        let at = self.formats.iter().position(|(known, _)| *known == found).unwrap_or_else(|| {
            self.formats.push((found, 0));
            self.formats.len() - 1
        });
        self.formats[at].1 += 1;
        self.formats[at].1
    }

    fn record(&mut self, record: &Record<'_>, line: &[u8], found: Found) {
        let carrier = match prefix(record) {
            Some(prefix) => Carrier::of(prefix).map(Carrier::name),
            None if matches!(found, Found::Line(_)) && line.trim_ascii().starts_with(b"{") => {
                let docker = line.windows(9).any(|key| key == b"\"stream\":");
                Some(if docker { "Docker's JSON" } else { "the JSON of a shipper" })
            }
            None => None,
        };
        if let Some(carrier) = carrier {
            match self.carriers.iter_mut().find(|(known, _)| *known == carrier) {
                Some((_, lines)) => *lines += 1,
                None => self.carriers.push((carrier, 1)),
            }
        }
        if let Some(micros) = record.get(Field::Time).map(micros).filter(|micros| *micros != i64::MAX) {
            let (first, last) = self.span.unwrap_or((micros, micros));
            self.span = Some((first.min(micros), last.max(micros)));
        }
        self.seen.add(record);
    }

    /// Enters a line that does not fit: the first one for each reason is kept, if it may be `told`.
    fn trouble(&mut self, line: &[u8], reject: Reject, attempts: impl FnOnce() -> Vec<Attempt>, told: bool) {
        if !told {
            return;
        }
        let same = |trouble: &&mut Trouble| trouble.reject.reason == reject.reason;
        if let Some(trouble) = self.troubles.iter_mut().find(same) {
            trouble.lines += 1;
            return;
        }
        let (number, nearest) = (self.lines, attempts());
        let line = line.to_vec();
        self.troubles.push(Trouble { lines: 1, number, line, carried: false, reject, nearest });
    }
}

/// The prefix that a carrier left before the line.
fn prefix<'a>(record: &Record<'a>) -> Option<&'a [u8]> {
    let value = record.fields().iter().find(|(name, _)| *name == Name::Other("prefix"))?.1;
    match value {
        Value::Text(bytes) | Value::Plain(bytes) => Some(bytes),
        Value::Str(text) => Some(text.as_bytes()),
        _ => None,
    }
}

/// Whether the time of a line is another one in another zone: then it carries none.
fn is_moved(record: &Record<'_>, elsewhere: &mut Reader, line: &[u8]) -> bool {
    let (mut other, mut arena) = (Record::new(), Arena::new());
    elsewhere.read(line, &mut other, &mut arena);
    let time = |record: &Record<'_>| record.get(Field::Time).map(micros);
    time(record).is_some() && time(record) != time(&other)
}

/// The line that an object of JSON carries.
fn carried(line: &[u8], zone: Zone) -> Option<Vec<u8>> {
    if !dialect::is_json(line) {
        return None;
    }
    let arena = Arena::new();
    match dialect::Reader::new(zone).read(line, &arena, &mut Record::new()) {
        Ok(Json::Line(wrapped)) => Some(wrapped.line.to_vec()),
        _ => None,
    }
}

/// Whether there are control characters in a line that no server writes.
fn is_binary(line: &[u8]) -> bool {
    let begin = &line[..line.len().min(4096)];
    // NULs alone are a hole in a file that was cut while it was written.
    begin.iter().any(|b| *b < 0x20 && !matches!(b, 0 | b'\t' | b'\r' | 0x1b))
}
