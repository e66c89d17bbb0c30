//! The W3C extended log file format (<https://www.w3.org/TR/WD-logfile>) as IIS and other servers
//! write it: a `#Fields:` header names the columns of the rows behind it.
//!
//! Times are UTC. In the headers of a request (`cs(User-Agent)`) IIS writes `+` for a blank; other
//! writers put such values in quotes. `time-taken` is milliseconds, or seconds where it has a
//! fraction; Amazon CloudFront's, whose columns give it away, is always seconds.

use super::{
    clock::Clock,
    fill::Fill,
    part::{digits, micros, offset, thousands, whole},
};
use crate::{
    line::host_and_port,
    record::{Name, Record, Value},
    reject::{Reason, Reject},
    request::path_and_query,
    schema::{Field, Kind},
    time::{Logged, Memo},
    zone::Zone,
};
use memchr::memchr;
use std::sync::LazyLock;

mod columns;

use columns::{Column, Reading, plan};

/// The columns of IIS where nobody chose others: since version 8, before, and all that there are.
const USUAL: [&[u8]; 3] = [
    b"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
        cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
    b"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) \
        sc-status sc-substatus sc-win32-status time-taken",
    b"#Fields: date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port \
        cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus \
        sc-win32-status sc-bytes cs-bytes time-taken",
];

/// The most columns that a header may name.
const MOST: usize = 128;

/// A compiled `#Fields:` line: which column holds what, in the order of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many columns a row has.
    width: usize,
    /// Where date and time stand, when there are both.
    time: Option<(usize, usize)>,
    columns: Vec<Column>,
}

impl Header {
    /// Whether a line names columns.
    pub fn is_header(line: &[u8]) -> bool {
        names_of(line).is_some()
    }

    /// Whether a line is about the log and no row of it: `#Version`, `#Date`, `#Fields` and so on.
    pub fn is_directive(line: &[u8]) -> bool {
        without_mark(line).starts_with(b"#")
    }

    /// The header that a `#Fields:` line is; `None` for any other line, for one that names no column
    /// or more than 128, and for one whose unknown names are more than a program wants to remember.
    pub fn compile(line: &[u8]) -> Option<Header> {
        let text = std::str::from_utf8(names_of(line)?).ok()?;
        let names: Vec<&str> = text.split_ascii_whitespace().collect();
        if names.is_empty() || names.len() > MOST {
            return None;
        }
        let (time, columns) = plan(&names)?;
        Some(Header { width: names.len(), time, columns })
    }

    /// The columns that IIS writes where nobody chose others, for a row without a header: their number
    /// tells which.
    pub fn iis(row: &[u8]) -> &'static Header {
        static HEADERS: LazyLock<[Header; 3]> =
            LazyLock::new(|| USUAL.map(|names| Header::compile(names).expect("the names of IIS are known")));
        let width = row.split(|b| *b == b' ').filter(|word| !word.is_empty()).count();
        HEADERS.iter().find(|header| header.width == width).unwrap_or(&HEADERS[0])
    }

    /// The fields that rows fill, in order.
    pub fn fields(&self) -> Vec<(Name<'static>, Kind)> {
        let time = self.time.map(|_| (Name::Known(Field::Time), Kind::Time));
        let (before, behind) = self.columns.split_at(self.before_extra());
        let extra = (Name::Known(Field::Extra), Kind::Text);
        let before = time.into_iter().chain(before.iter().flat_map(Column::fields));
        before.chain([extra]).chain(behind.iter().flat_map(Column::fields)).collect()
    }

    /// How many columns stand in the record before what a row has more than the header names.
    fn before_extra(&self) -> usize {
        let is_before = |name| matches!(name, Name::Known(field) if field < Field::Extra);
        self.columns.iter().take_while(|column| is_before(column.name)).count()
    }
}

fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

fn names_of(line: &[u8]) -> Option<&[u8]> {
    let (word, names) = without_mark(line).split_at_checked(8)?;
    word.eq_ignore_ascii_case(b"#Fields:").then_some(names)
}

/// Reads one row; whether it has more at its end than the header names.
pub(crate) fn parse<'a>(
    header: &Header,
    memo: &mut Memo,
    _zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    if Header::is_directive(line) {
        return Err(Reject::at(0, Reason::BadRow, "a row, not a line about the log"));
    }
    let row = without_mark(line).trim_ascii_start();
    let mut cells = Cells { text: [b"-"; MOST], quoted: 0 };
    let rest = cut(line, row, header.width, &mut cells)?;
    let mut fill = Fill::verbatim(record, line);
    if let Some((date, time)) = header.time {
        let (date, time) = (cells.text[date], cells.text[time]);
        let mut clock = Clock { memo, zone: Zone::default() };
        match clock.date_and_time(date, time) {
            // A time with an offset is the instant that it is; the log as a whole is in UTC.
            Some(time) => fill.time(Some(Logged { utc_offset: None, ..time })),
            None if date == b"-" || time == b"-" => {}
            None => {
                return Err(Reject::at(
                    offset(line, date),
                    Reason::BadTime,
                    "a date like 2019-01-22, and a time",
                ));
            }
        }
    }
    let (before, behind) = header.columns.split_at(header.before_extra());
    for column in before {
        push(column, &cells, line, &mut fill)?;
    }
    let extra = fill.extra(rest);
    for column in behind {
        push(column, &cells, line, &mut fill)?;
    }
    Ok(extra)
}

/// The cells of a row.
struct Cells<'a> {
    text: [&'a [u8]; MOST],
    /// One bit for each cell that stood in quotes.
    quoted: u128,
}

/// Cuts a row into cells: at tabs if it has any, else at spaces that no quotes hold. Gives what
/// follows the last one, too.
fn cut<'a>(line: &[u8], row: &'a [u8], width: usize, cells: &mut Cells<'a>) -> Result<&'a [u8], Reject> {
    let separator = if memchr(b'\t', row).is_some() { b'\t' } else { b' ' };
    let mut rest = row;
    for at in 0..width {
        if separator == b' ' {
            rest = rest.trim_ascii_start();
        }
        if rest.is_empty() && (at == 0 || separator == b' ' || !line.ends_with(b"\t")) {
            return Err(Reject::at(line.len(), Reason::Truncated, "as many fields as the header names"));
        }
        let end = match rest {
            [b'"', body @ ..] => match closing(body, separator) {
                Some(end) => {
                    cells.quoted |= 1 << at;
                    cells.text[at] = &body[..end];
                    end + 2
                }
                // A quote that nothing closes is a byte like others.
                None => memchr(separator, rest).unwrap_or(rest.len()),
            },
            _ => memchr(separator, rest).unwrap_or(rest.len()),
        };
        if cells.quoted >> at & 1 == 0 {
            cells.text[at] = &rest[..end];
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok(rest)
}

/// Where the closing quote stands: a separator or the end is behind it. `""` is a quote inside.
fn closing(body: &[u8], separator: u8) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', &body[from..])?;
        match body.get(at + 1) {
            None => return Some(at),
            Some(byte) if *byte == separator => return Some(at),
            Some(b'"') => from = at + 2,
            Some(_) => from = at + 1,
        }
    }
}

#[inline]
fn push<'a>(
    column: &Column,
    cells: &Cells<'a>,
    line: &'a [u8],
    fill: &mut Fill<'_, 'a>,
) -> Result<(), Reject> {
    let text = cells.text[column.at];
    if text == b"-" {
        return Ok(());
    }
    let number = |number: Option<Option<i64>>, reason, expected| match number {
        Some(number) => Ok(number),
        None if text.is_empty() => Ok(None),
        None => Err(Reject::at(offset(line, text), reason, expected)),
    };
    let int = match column.reading {
        Reading::Int => number(whole(text), Reason::BadRow, "a whole number, or `-`")?,
        Reading::Bytes => number(whole(text), Reason::BadBytes, "a number of bytes, or `-`")?,
        Reading::Status => {
            let status = digits(text).filter(|status| *status < 1_000).map(Some);
            number(status, Reason::BadStatus, "a status of three digits, or `-`")?
        }
        Reading::Seconds => number(micros(text), Reason::BadRow, "a time in seconds, or `-`")?,
        Reading::Millis => {
            let time = if memchr(b'.', text).is_some() { micros(text) } else { thousands(text) };
            number(time, Reason::BadRow, "a time in milliseconds, or `-`")?
        }
        _ => None,
    };
    let quoted = cells.quoted >> column.at & 1 == 1;
    let value = match column.reading {
        Reading::Plus if !quoted && memchr(b'+', text).is_some() => Value::Plus(text),
        Reading::Encoded if memchr(b'%', text).is_some() => Value::Path(text),
        Reading::Text | Reading::Plus | Reading::Encoded => fill.value(text),
        Reading::Query => fill.value(text.strip_prefix(b"?").unwrap_or(text)),
        Reading::Path => {
            fill.path(text);
            return Ok(());
        }
        Reading::Target { alone } => {
            fill.text(Field::Target, text);
            let (path, query) = if alone { path_and_query(b"", text) } else { (None, None) };
            path.into_iter().for_each(|path| fill.path(path));
            query.into_iter().for_each(|query| fill.text(Field::Query, query));
            return Ok(());
        }
        Reading::Host { alone } => {
            let (name, port) = host_and_port(text);
            fill.text(Field::Vhost, name);
            fill.int(Field::ServerPort, port.filter(|_| alone).map(i64::from));
            return Ok(());
        }
        _ => match int {
            Some(number) => Value::Int(number),
            None => return Ok(()),
        },
    };
    fill.raw(column.name, value);
    Ok(())
}
