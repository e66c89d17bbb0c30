//! The door: one line in, one record, one reject, or nothing out.

use crate::{
    fast, format::Format, lenient, line::Line, record::Record, reject::Reject, time::Memo, zone::Zone,
};

/// How lines are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The format of every line; only [`Format::Auto`] ever tries another.
    pub format: Format,
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

/// Reads lines. Keep one per thread: it remembers the last time.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    options: Options,
    memo: Memo,
}

impl Parser {
    /// A parser of one format.
    pub fn new(options: Options) -> Self {
        Parser { options, memo: Memo::default() }
    }

    /// Reads one line, given without its newline, into an empty record.
    #[inline]
    pub fn parse<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        let clean = is_clean(line);
        match fast::parse(&mut self.memo, clean, line) {
            Some(parts) if self.is_asked(&parts) => self.fill(&parts, clean, record),
            _ => self.parse_slowly(line, record),
        }
    }

    /// Reads one line by the lenient path alone: the reference of the fast path.
    #[cold]
    pub fn parse_slowly<'a>(&mut self, line: &'a [u8], record: &mut Record<'a>) -> Parsed {
        match lenient::parse(line, self.options) {
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

    /// Whether the fast path's reading of a line is that of the asked format.
    #[inline]
    fn is_asked(&self, parts: &Line<'_>) -> bool {
        let format = self.options.format;
        format == Format::Auto
            || (format.has_vhost() == parts.vhost.is_some()
                && format.has_agent() == parts.agent.is_some()
                && (format == Format::NginxMain || parts.forwarded_for.is_none())
                && (format != Format::NginxMain || parts.extra.is_empty()))
    }
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
