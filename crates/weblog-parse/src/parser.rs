//! The door: one line in, one record, one reject, or nothing out.
//!
//! Which format a line has is told by the line, by the header above it and by the first line of its
//! source, never by the lines between them: the result is the same however an input is cut up.

use crate::{
    fast,
    format::Format,
    formats::{Family, Header, guess},
    lenient,
    line::Line,
    program::Program,
    record::{Instant, Record, Value},
    reject::{Reason, Reject},
    schema::Field,
    time::Memo,
    wrapper::unwrap,
    zone::Zone,
};
use std::sync::Arc;

/// How lines are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The format of every line; only [`Format::Auto`] ever tries another.
    pub format: Format,
    /// Compiled formats, tried in this order: before all others with [`Format::Auto`], and alone with
    /// [`Format::Compiled`], whose number says nothing here.
    pub programs: Arc<[Arc<Program>]>,
    /// The zone of times that carry none.
    pub zone: Zone,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The record holds it.
    Record {
        /// The format that the line turned out to have.
        format: Format,
        /// Whether the line has more at its end than the format names.
        extra: bool,
    },
    /// A line that is no entry: blank, a `#` header, or the banner that `tail` puts between files.
    Skipped,
    /// Not a line of the format.
    Rejected(Reject),
}

/// What is known of a line before a record is made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Microseconds since 1970-01-01T00:00:00Z, and their digits.
    pub time: Option<Instant>,
    /// The status.
    pub status: Option<u16>,
    /// The bytes of the response body.
    pub bytes: Option<i64>,
}

impl Glance {
    /// The value that the field has in the record, if it has one there; none when this is not known yet.
    #[inline]
    pub fn get(&self, field: Field) -> Option<Option<Value<'static>>> {
        match field {
            Field::Time => Some(self.time.map(Value::Time)),
            Field::Status => Some(self.status.map(|status| Value::Int(i64::from(status)))),
            Field::Bytes => Some(self.bytes.map(Value::Int)),
            _ => None,
        }
    }
}

/// Reads lines. Keep one per thread: it remembers the last time.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    options: Options,
    memo: Memo,
    /// The header above the next line; none inside when it names no columns that rows could be read by.
    header: Option<(Family, Option<Header>)>,
    /// The source is an error log: a line of one is no stray in it.
    error_log: bool,
}

impl Parser {
    /// A parser of one format.
    pub fn new(options: Options) -> Self {
        let error_log = options.format.is_error_log();
        Parser { options, memo: Memo::default(), header: None, error_log }
    }

    /// Goes on at another place of a source: its first line, and the last `#Fields:` line above the
    /// next line, if there are any.
    pub fn begin(&mut self, first: Option<&[u8]>, fields: Option<&[u8]>) {
        self.header = None;
        if self.options.format == Format::Auto {
            self.error_log = first.and_then(guess).is_some_and(is_error_log);
        }
        if let Some(fields) = fields {
            self.head(fields);
        }
    }

    /// Takes the columns from a header line. Tells whether the line was one.
    fn head(&mut self, line: &[u8]) -> bool {
        if !Header::is_header(line) {
            return false;
        }
        let family = match self.options.format {
            Format::Auto => guess(line),
            Format::Of(family @ (Family::W3c | Family::Cloudfront)) => Some(family),
            _ => None,
        };
        if let Some(family) = family {
            self.header = Some((family, Header::compile(line)));
        }
        true
    }

    /// Reads lines by other compiled formats from now on, as [`Options::programs`] says.
    pub fn set_programs(&mut self, programs: Arc<[Arc<Program>]>) {
        self.options.programs = programs;
    }

    /// Whether lines are read by compiled formats.
    pub fn has_programs(&self) -> bool {
        !self.options.programs.is_empty()
    }

    /// Reads one line, given without its newline, into an empty record.
    #[inline]
    pub fn parse<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        self.parse_if(line, record, |_| true)
    }

    /// The same, but where the fast path can tell what matters of the line before its record is made,
    /// `wanted` is asked once whether it is: else the line is read as a record all the same, and the record
    /// stays empty. Where it cannot tell, `wanted` is not asked.
    #[inline]
    pub fn parse_if<'a>(
        &mut self,
        line: &'a [u8],
        record: &mut Record<'a>,
        wanted: impl FnOnce(&Glance) -> bool,
    ) -> Parsed {
        if !self.options.programs.is_empty() {
            return self.parse_compiled(line, record);
        }
        self.parse_named(line, record, wanted)
    }

    /// Reads one line without the fast path: the reference of the fast path for the formats that it
    /// knows.
    #[cold]
    pub fn parse_slowly<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        // What is `common` or `combined` to the letter is nothing else, whatever it looks like.
        let well_formed = fast::parse(&mut self.memo, is_clean(line), line);
        match well_formed.is_some_and(|parts| self.is_asked(&parts, line)) {
            true => self.parse_common(line, record),
            false => self.parse_other(line, record),
        }
    }

    /// A line of a format that is not compiled.
    #[inline]
    fn parse_named<'a>(
        &mut self,
        line: &'a [u8],
        record: &mut Record<'a>,
        wanted: impl FnOnce(&Glance) -> bool,
    ) -> Parsed {
        let clean = is_clean(line);
        match fast::parse(&mut self.memo, clean, line) {
            Some(parts) if self.is_asked(&parts, line) => {
                if wanted(&parts.glance()) {
                    return self.fill(&parts, clean, record);
                }
                Parsed::Record { format: format_of(&parts), extra: !parts.extra.is_empty() }
            }
            _ => self.parse_other(line, record),
        }
    }

    /// A line that the fast path does not take.
    #[cold]
    fn parse_other<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        match self.options.format {
            Format::Auto => self.parse_any(line, record),
            Format::Error => {
                let bare = unwrap(line).map_or(line, |outer| outer.line);
                let apache = bare.trim_ascii_start().starts_with(b"[");
                self.parse_family(if apache { Family::ApacheError } else { Family::NginxError }, line, record)
            }
            Format::Of(family) => self.parse_family(family, line, record),
            format if format.is_json() => {
                Parsed::Rejected(Reject::at(0, Reason::OtherFormat, "a JSON object in braces"))
            }
            _ => self.parse_common(line, record),
        }
    }

    /// A line of one of the compiled formats.
    fn parse_compiled<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        if self.head(line) || lenient::is_no_entry(line) {
            return Parsed::Skipped;
        }
        let mut wrong: Option<Reject> = None;
        for (at, program) in self.options.programs.iter().enumerate() {
            match program.parse(&mut self.memo, self.options.zone, line, record) {
                Ok(extra) => {
                    let format = Format::Compiled(u16::try_from(at).unwrap_or(u16::MAX));
                    return Parsed::Record { format, extra };
                }
                Err(reject) => {
                    record.clear();
                    // The format that the line fits farthest is most likely its own.
                    if wrong.as_ref().is_none_or(|known| known.column < reject.column) {
                        wrong = Some(reject);
                    }
                }
            }
        }
        if self.options.format == Format::Auto {
            match self.parse_named(line, record, |_| true) {
                Parsed::Rejected(_) => record.clear(),
                parsed => return parsed,
            }
        }
        wrong.map_or(Parsed::Skipped, Parsed::Rejected)
    }

    /// A line that may have any format and that the fast path does not take.
    fn parse_any<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        let looks = self.header.as_ref().map(|(family, _)| *family).filter(|_| !line.starts_with(b"#"));
        let mut wrong = None;
        for family in [looks, guess(line).filter(|family| looks != Some(*family))].into_iter().flatten() {
            if is_error_log(family) && !self.error_log {
                continue;
            }
            match self.parse_family(family, line, record) {
                Parsed::Rejected(reject) => {
                    record.clear();
                    wrong.get_or_insert(reject);
                }
                parsed => return parsed,
            }
        }
        match self.parse_common(line, record) {
            // What a line looks like says more of what is wrong with it, unless it is a stray.
            Parsed::Rejected(reject) if reject.reason != Reason::ErrorLog || self.error_log => {
                Parsed::Rejected(wrong.unwrap_or(reject))
            }
            parsed => parsed,
        }
    }

    /// A line of a format with a grammar of its own.
    fn parse_family<'a>(&mut self, family: Family, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        if self.head(line) || lenient::is_no_entry(line) {
            return Parsed::Skipped;
        }
        let (header, is_usual) = match &self.header {
            Some((of, header)) if *of == family => (header.as_ref(), false),
            // A row may be met without its header.
            _ => (family.default_header(line), true),
        };
        match family.parse(header, &mut self.memo, self.options.zone, line, record) {
            Ok(extra) => Parsed::Record { format: Format::Of(family), extra },
            Err(Reject { column, .. }) if is_usual && header.is_some() => {
                let expected = "a row of the usual columns, or a #Fields: line above it";
                Parsed::Rejected(Reject::at(column - 1, Reason::BadRow, expected))
            }
            Err(reject) => Parsed::Rejected(reject),
        }
    }

    /// A line of `common` and its descendants, with everything that happens to them.
    fn parse_common<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        if self.head(line) {
            return Parsed::Skipped;
        }
        match lenient::parse(line, self.options.format, self.options.zone) {
            Ok(Some(parts)) => self.fill(&parts, false, record),
            Ok(None) => Parsed::Skipped,
            Err(reject) => Parsed::Rejected(reject),
        }
    }

    #[inline]
    fn fill<'a>(&self, parts: &Line<'a>, clean: bool, record: &mut Record<'a>) -> Parsed {
        parts.fill(clean, record);
        Parsed::Record { format: format_of(parts), extra: !parts.extra.is_empty() }
    }

    /// Whether the fast path's reading of a line is that of the asked format. What other servers write
    /// behind `combined` is theirs to read.
    #[inline]
    fn is_asked(&self, parts: &Line<'_>, line: &[u8]) -> bool {
        let format = self.options.format;
        if format == Format::Auto {
            return parts.extra.is_empty() || guess(line).is_none();
        }
        format.is_common()
            && format.has_vhost() == parts.vhost.is_some()
            && format.has_agent() == parts.agent.is_some()
            && (format == Format::NginxMain || parts.forwarded_for.is_none())
            && (format != Format::NginxMain || parts.extra.is_empty())
    }

    /// The fields that a line of this format fills which stands here, in the order of its record.
    pub fn fields(&self, format: Format) -> Vec<(crate::Name<'static>, crate::Kind)> {
        let compiled = |at: u16| self.options.programs.get(usize::from(at));
        match (format, &self.header) {
            (Format::Compiled(at), _) => compiled(at).map(|program| program.fields()).unwrap_or_default(),
            (Format::Of(family), Some((of, header))) if *of == family => family.fields(header.as_ref()),
            _ => format.fields(),
        }
    }
}

fn is_error_log(family: Family) -> bool {
    matches!(family, Family::ApacheError | Family::NginxError)
}

fn format_of(parts: &Line<'_>) -> Format {
    match (parts.vhost.is_some(), parts.agent.is_some()) {
        (false, false) => Format::Common,
        (false, true) if parts.forwarded_for.is_some() => Format::NginxMain,
        (false, true) => Format::Combined,
        (true, false) => Format::VhostCommon,
        (true, true) => Format::VhostCombined,
    }
}

/// Whether a line is printable ASCII without backslashes.
#[inline]
pub(crate) fn is_clean(line: &[u8]) -> bool {
    // No early exit within a block: the compiler turns the fold into vector instructions.
    let dirty = |b: u8| !(0x20..0x7f).contains(&b) | (b == b'\\');
    let mut blocks = line.chunks_exact(32);
    let clean = blocks.by_ref().all(|block| !block.iter().fold(false, |any, b| any | dirty(*b)));
    clean && !blocks.remainder().iter().fold(false, |any, b| any | dirty(*b))
}
