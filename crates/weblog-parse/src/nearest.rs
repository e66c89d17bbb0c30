//! How far each format reads a line: what to say about a line that does not fit its own.

use crate::{
    format::Format,
    formats::Family,
    parser::{Options, Parsed, Parser},
    record::{Record, Value},
    reject::{Reason, Reject},
    schema::Field,
    zone::Zone,
};

/// What one format makes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The format.
    pub format: Format,
    /// How many bytes of the line the format names: all of them, those before `extra`, or those before
    /// the first that does not fit.
    pub read: usize,
    /// Whether the line fits.
    pub outcome: Outcome,
}

/// Whether a line fits a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does. `extra` says that it has more at its end than the format names.
    Fits {
        /// There is more at the end.
        extra: bool,
    },
    /// It does not.
    Stops(Reject),
}

impl Attempt {
    /// Whether the line fits the format.
    pub fn fits(&self) -> bool {
        matches!(self.outcome, Outcome::Fits { .. })
    }
}

/// Tries every format that has a name on a line, but for those of JSON, and gives what each made of it,
/// the best first: formats that read the whole line, then those that read its beginning and keep the
/// rest as `extra`, then the others by how far they came, rows under a header last. Among equals the one goes first that
/// [`Format::Auto`] takes, and then `combined`, which is by far the most usual one.
///
/// A line of which a format makes a record without a time, a client, a method and a status does not fit it.
///
/// `fields` is the last `#Fields:` line above the line, if there is one. For a line that is no entry
/// (blank, a header, a banner) there are no attempts.
///
/// ```
/// use weblog_parse::{Format, Zone, nearest};
///
/// let line = br#"192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] "GET / HTTP/1.1" 200 5"#;
/// let attempts = nearest(line, None, Zone::default());
/// assert!(attempts[0].fits());
/// assert_eq!(attempts[0].format, Format::Common);
/// ```
pub fn nearest(line: &[u8], fields: Option<&[u8]>, zone: Zone) -> Vec<Attempt> {
    let auto = match attempt(Format::Auto, line, fields, zone) {
        None => return Vec::new(),
        Some((_, Some(format))) => format,
        Some((_, None)) => Format::Combined,
    };
    let named = Format::names().map(|(_, format)| format);
    // The error logs are tried each for itself.
    let tried = named.filter(|format| !format.is_json() && !matches!(format, Format::Auto | Format::Error));
    let mut attempts: Vec<Attempt> =
        tried.filter_map(|format| Some(attempt(format, line, fields, zone)?.0)).collect();
    attempts.sort_by_key(|attempt| {
        let class = match attempt.outcome {
            Outcome::Fits { extra: false } => 0,
            Outcome::Fits { extra: true } => 1,
            // The cells of a row hold any text: that they were read says nothing.
            Outcome::Stops(_) if is_row(attempt.format) => 3,
            Outcome::Stops(_) => 2,
        };
        let usual = (attempt.format != auto, attempt.format != Format::Combined);
        (class, std::cmp::Reverse(attempt.read), usual)
    });
    attempts
}

/// Whether lines are rows under a header.
fn is_row(format: Format) -> bool {
    matches!(format, Format::Of(Family::W3c | Family::Cloudfront))
}

/// What a format makes of a line, and which format it turned out to have; none for a line that is no entry.
fn attempt(
    format: Format,
    line: &[u8],
    fields: Option<&[u8]>,
    zone: Zone,
) -> Option<(Attempt, Option<Format>)> {
    let mut parser = Parser::new(Options { format, zone, ..Options::default() });
    // An error log is told by its first line: so this line may be one.
    parser.begin(Some(line), fields);
    let mut record = Record::new();
    match parser.parse(line, &mut record) {
        Parsed::Skipped => None,
        Parsed::Record { .. } if !is_entry(&record) => {
            let expected = "a time, a client or a request";
            let outcome = Outcome::Stops(Reject::at(0, Reason::MissingField, expected));
            Some((Attempt { format, read: 0, outcome }, None))
        }
        Parsed::Record { format: found, extra } => {
            let read = if extra { begin_of_extra(line, &record) } else { line.len() };
            Some((Attempt { format, read, outcome: Outcome::Fits { extra } }, Some(found)))
        }
        Parsed::Rejected(reject) => {
            let read = (reject.column - 1).min(line.len());
            Some((Attempt { format, read, outcome: Outcome::Stops(reject) }, None))
        }
    }
}

/// Whether a record says something of a request. Labelled values, which may have any labels, need not.
fn is_entry(record: &Record<'_>) -> bool {
    let core = [Field::Time, Field::RemoteAddr, Field::Method, Field::Status];
    core.iter().any(|field| record.get(*field).is_some())
}

/// Where the tail that became `extra` begins in the line.
fn begin_of_extra(line: &[u8], record: &Record<'_>) -> usize {
    let tail = match record.get(Field::Extra) {
        Some(Value::Plain(bytes) | Value::Text(bytes) | Value::Escaped(bytes)) => bytes,
        _ => return line.len(),
    };
    let at = tail.as_ptr().addr().wrapping_sub(line.as_ptr().addr());
    at.min(line.len())
}

#[cfg(test)]
mod tests;
