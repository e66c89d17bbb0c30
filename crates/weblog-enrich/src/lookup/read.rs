//! Reads CSV, TSV and NDJSON.

use super::{
    Builder, Cell, Limits, Table,
    error::{Fault, LookupError},
    on::{On, Pick},
};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::{
    fmt,
    io::{BufRead, Read},
};

impl Table {
    /// Reads a table: NDJSON when it begins with `{`, else rows under a header, between whose columns stand
    /// tabs, commas, or semicolons, whichever the header has first in this order.
    ///
    /// CSV is as RFC 4180 has it, with lines inside quotes; blanks around a cell do not count, and an empty
    /// cell is absent. Cells of TSV are never quoted. The input must be decompressed, and UTF-8; a row that
    /// is not is left out and counted, as one with another number of cells is.
    ///
    /// # Errors
    /// When it cannot be read, a column is missing or cannot be added, it is too large, or no row is good.
    pub fn read(input: impl BufRead, on: &On, picks: &[Pick], limits: Limits) -> Result<Table, LookupError> {
        // One byte more than may be tells that there is more.
        let mut input = input.take(limits.bytes.saturating_add(1));
        let mut builder = Builder::new(on, picks, limits);
        let mut first = Vec::new();
        let mut line = 0;
        while first.trim_ascii().is_empty() {
            first.clear();
            line += 1;
            if input.read_until(b'\n', &mut first).map_err(LookupError::Read)? == 0 {
                return Err(LookupError::Empty);
            }
            if let Some(rest) = first.strip_prefix(b"\xef\xbb\xbf") {
                first = rest.to_vec();
            }
        }
        let rest = if first.trim_ascii().starts_with(b"{") {
            let mut whole = std::io::BufReader::new(first.as_slice().chain(&mut input));
            objects(&mut whole, line, &mut builder)
        } else {
            let separator = *b"\t,;".iter().find(|byte| first.contains(byte)).unwrap_or(&b',');
            rows(first.as_slice().chain(&mut input), separator, line, &mut builder)
        };
        if input.limit() == 0 {
            return Err(LookupError::TooLarge { most: limits.bytes });
        }
        rest?;
        builder.finish()
    }
}

fn rows(input: impl Read, separator: u8, first: u64, builder: &mut Builder) -> Result<(), LookupError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .quoting(separator != b'\t')
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(Watched { input, last: 0, ended: false });
    let mut row = csv::ByteRecord::new();
    let mut columns: Option<Vec<usize>> = None;
    while reader.read_byte_record(&mut row).map_err(unreadable)? {
        let Some(columns) = &columns else {
            let names = row.iter().map(String::from_utf8_lossy);
            columns = Some(names.map(|name| builder.column(&name)).collect::<Result<_, _>>()?);
            builder.complete()?;
            continue;
        };
        let line = row.position().map_or(0, csv::Position::line) + first - 1;
        let fault = |expected: String| Fault { line, column: None, expected };
        if row.len() != columns.len() {
            builder.fault(fault(format!("{} cells as the header has, found {}", columns.len(), row.len())));
            continue;
        }
        let watched = reader.get_ref();
        let open = watched.ended
            && watched.last != b'"'
            && row.iter().next_back().is_some_and(|c| c.contains(&b'\n'));
        if open {
            builder.fault(fault("the closing quote of a cell, found the end of the table".to_owned()));
            continue;
        }
        let cells = columns.iter().zip(&row).map(|(at, cell)| {
            let text = std::str::from_utf8(cell)?;
            Ok((*at, Cell::Plain(text)))
        });
        match cells.collect::<Result<Vec<_>, std::str::Utf8Error>>() {
            Ok(cells) => builder.add(line, &cells)?,
            Err(_) => builder.fault(fault("UTF-8".to_owned())),
        }
    }
    Ok(())
}

/// Input that tells whether it has ended, and on what: a quote that nobody closed reaches over all rows behind
/// it, which the reader of CSV takes for one long cell.
struct Watched<R> {
    input: R,
    /// The last byte that was no white space.
    last: u8,
    ended: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.input.read(buffer)?;
        self.ended |= len == 0 && !buffer.is_empty();
        self.last = buffer[..len].trim_ascii_end().last().copied().unwrap_or(self.last);
        Ok(len)
    }
}

fn unreadable(error: csv::Error) -> LookupError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => LookupError::Read(error),
        other => LookupError::Read(std::io::Error::other(format!("{other:?}"))),
    }
}

fn objects(input: &mut impl BufRead, first: u64, builder: &mut Builder) -> Result<(), LookupError> {
    let mut text = Vec::new();
    for line in first.. {
        text.clear();
        if input.read_until(b'\n', &mut text).map_err(LookupError::Read)? == 0 {
            break;
        }
        let object = text.trim_ascii();
        if object.is_empty() {
            continue;
        }
        let members = match members(object) {
            Ok(members) => members,
            Err(expected) => {
                builder.fault(Fault { line, column: None, expected });
                continue;
            }
        };
        let mut cells = Vec::with_capacity(members.len());
        for (name, value) in &members {
            let cell = match value {
                Member::Absent => continue,
                Member::Text(text) => Cell::Text(text),
                Member::Plain(text) => Cell::Plain(text),
                Member::Json(text) => Cell::Json(text),
            };
            cells.push((builder.column(name)?, cell));
        }
        builder.add(line, &cells)?;
    }
    Ok(())
}

enum Member<'a> {
    Absent,
    Text(String),
    Plain(&'a str),
    Json(&'a str),
}

/// The members of an object, in their order.
fn members(object: &[u8]) -> Result<Vec<(String, Member<'_>)>, String> {
    let object = std::str::from_utf8(object).map_err(|_| "UTF-8".to_owned())?;
    let mut deserializer = serde_json::Deserializer::from_str(object);
    let told = |error: serde_json::Error| format!("one JSON object ({error})");
    let members = deserializer.deserialize_map(Members).map_err(told)?;
    deserializer.end().map_err(told)?;
    members.into_iter().map(|(name, value)| Ok((name, member(value.get()).map_err(told)?))).collect()
}

fn member(json: &str) -> Result<Member<'_>, serde_json::Error> {
    Ok(match json.as_bytes().first() {
        Some(b'"') => Member::Text(serde_json::from_str(json)?),
        Some(b'n') => Member::Absent,
        Some(b'{' | b'[') => Member::Json(json),
        _ => Member::Plain(json),
    })
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
