//! Comma- and tab-separated values.
//!
//! Comma: RFC 4180 with LF. Absent is an empty cell, an empty string is `""`. Tab: the same cells
//! without quotes, the way `text/tab-separated-values` asks. So that one record is one line, a cell never
//! breaks it, and no terminal obeys it, a control character stands as the bytes that it is, `\x0a` or `\x1b`,
//! in the same lossless notation as bytes that are not UTF-8 (only a tab in a comma-separated cell stays).

use crate::{
    columns::{Column, Columns},
    text::{Scratch, text},
};
use std::ops::Range;
use weblog_parse::{Field, Kind, Reason, Record, Reject, Value};

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `,`: cells are quoted where they have to be.
    Comma,
    /// A tab: cells are never quoted.
    Tab,
}

/// Writes records as rows. Keep one per thread.
#[derive(Clone, Debug)]
pub struct Writer {
    separator: Separator,
    columns: Columns,
    safe: bool,
    scratch: Scratch,
}

impl Writer {
    /// A writer of these columns.
    pub fn new(separator: Separator, columns: Columns) -> Self {
        Writer { separator, columns, safe: false, scratch: Scratch::default() }
    }

    /// Puts `'` before every text that a spreadsheet would take for a formula. Such cells do not come
    /// back as they were.
    pub fn safe(self, safe: bool) -> Self {
        Writer { safe, ..self }
    }

    /// Appends the header.
    pub fn header(&self, out: &mut Vec<u8>) {
        for (at, column) in self.columns.iter().enumerate() {
            self.separate(at, out);
            self.cell(column.name(), out);
        }
        out.push(b'\n');
    }

    /// Appends one record as a row. Gives the number of its fields that have no column.
    pub fn write(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> usize {
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut placed = 0;
        for (at, column) in self.columns.iter().enumerate() {
            let found = record.fields().iter().find(|(name, _)| column.is(name));
            placed += usize::from(found.is_some());
            self.append(at, found.map(|(_, value)| text(*value, &mut scratch)), out);
        }
        out.push(b'\n');
        self.scratch = scratch;
        record.fields().len() - placed
    }

    /// Appends the cell at this place of a row, with what stands before it. `None` is an absent value. The
    /// caller ends the row with a newline.
    pub fn append(&self, at: usize, text: Option<&str>, out: &mut Vec<u8>) {
        self.separate(at, out);
        match text {
            Some(text) if self.safe && is_formula(text) => self.cell(&format!("'{text}"), out),
            Some(text) => self.cell(text, out),
            None => {}
        }
    }

    fn separate(&self, at: usize, out: &mut Vec<u8>) {
        if at > 0 {
            out.push(self.separator.byte());
        }
    }

    fn cell(&self, text: &str, out: &mut Vec<u8>) {
        let comma = self.separator == Separator::Comma;
        let quoted = comma && (text.is_empty() || text.bytes().any(|b| b == b',' || b == b'"'));
        if quoted {
            out.push(b'"');
        }
        if text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"') {
            out.extend_from_slice(text.as_bytes());
        } else {
            self.escape(text, out);
        }
        if quoted {
            out.push(b'"');
        }
    }

    fn escape(&self, text: &str, out: &mut Vec<u8>) {
        let comma = self.separator == Separator::Comma;
        for c in text.chars() {
            match c {
                '"' if comma => out.extend_from_slice(b"\"\""),
                // A cell never breaks a line, and no terminal obeys it.
                _ if c.is_control() && !(comma && c == '\t') => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
                    }
                }
                _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }
}

/// Whether a spreadsheet would calculate this text, as OWASP's page on CSV injection lists it. A number
/// is none.
fn is_formula(text: &str) -> bool {
    let begins =
        text.trim_start_matches([' ', '\u{a0}', '\'']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    begins && text.parse::<f64>().is_err()
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Tab => b'\t',
        }
    }
}

/// Reads rows of one file.
#[derive(Clone, Debug)]
pub struct Reader {
    separator: Separator,
    columns: Columns,
    /// The cells that had to be unquoted, one behind the other.
    unquoted: String,
    cells: Vec<Cell>,
}

/// Where the text of a cell is: in the line, or among the unquoted ones.
#[derive(Clone, Debug)]
enum Cell {
    Absent,
    InLine(Range<usize>),
    Unquoted(Range<usize>),
}

impl Reader {
    /// A reader for the rows under this header; `None` when the line is no header, which is to
    /// say that not every cell is a plain name, or none is a field of the schema.
    pub fn of_header(header: &[u8]) -> Option<Self> {
        let header = std::str::from_utf8(header).ok()?;
        let header = header.strip_prefix('\u{feff}').unwrap_or(header);
        let separator = if header.contains('\t') { Separator::Tab } else { Separator::Comma };
        let names: Vec<&str> =
            header.split(char::from(separator.byte())).map(|name| name.trim_matches('"')).collect();
        let plain =
            |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let columns = Columns::named(names.iter().copied());
        let known = columns.iter().any(|column| matches!(column, Column::Known(_)));
        let distinct = columns.iter().len() == names.len();
        let is_header = names.len() > 1 && known && distinct && names.iter().all(plain);
        is_header.then(|| Reader { separator, columns, unquoted: String::new(), cells: Vec::new() })
    }

    /// Reads one row into an empty record.
    ///
    /// # Errors
    /// A reject with the column where the row stops being one: a cell too few or too many, a
    /// quote that is not closed.
    pub fn read<'a>(&'a mut self, line: &'a [u8], record: &mut Record<'a>) -> Result<(), Reject> {
        let bad = |at, expected: &'static str| Reject::at(at, Reason::BadRow, expected);
        let line = std::str::from_utf8(line).map_err(|error| bad(error.valid_up_to(), "UTF-8"))?;
        self.cells.clear();
        self.unquoted.clear();
        self.split(line)?;
        if self.cells.len() != self.columns.iter().len() {
            return Err(bad(line.len(), "as many cells as the header has"));
        }
        let this: &'a Reader = self;
        for (column, cell) in this.columns.iter().zip(&this.cells) {
            let text = match cell {
                Cell::Absent => continue,
                Cell::InLine(range) => &line[range.clone()],
                Cell::Unquoted(range) => &this.unquoted[range.clone()],
            };
            match column {
                Column::Known(field) => record.push(*field, typed(*field, text)),
                Column::Other(name) => record.push_other(name, Value::Str(text)),
            }
        }
        record.canonical();
        Ok(())
    }

    fn split(&mut self, line: &str) -> Result<(), Reject> {
        let separator = self.separator.byte();
        let mut at = 0;
        loop {
            let rest = &line.as_bytes()[at..];
            if self.separator == Separator::Comma && rest.first() == Some(&b'"') {
                at = self.unquote(line, at)?;
            } else {
                let len = memchr::memchr(separator, rest).unwrap_or(rest.len());
                self.cells.push(if len == 0 { Cell::Absent } else { Cell::InLine(at..at + len) });
                at += len;
            }
            match line.as_bytes().get(at) {
                None => return Ok(()),
                Some(byte) if *byte == separator => at += 1,
                Some(_) => {
                    return Err(Reject::at(at, Reason::BadRow, "a comma or the end behind a quoted cell"));
                }
            }
        }
    }

    /// Reads the quoted cell at `at` and gives the place behind it.
    fn unquote(&mut self, line: &str, at: usize) -> Result<usize, Reject> {
        let start = self.unquoted.len();
        let mut at = at + 1;
        loop {
            let Some(len) = memchr::memchr(b'"', &line.as_bytes()[at..]) else {
                return Err(Reject::at(line.len(), Reason::BadRow, "the closing quote of a cell"));
            };
            self.unquoted.push_str(&line[at..at + len]);
            at += len + 1;
            if line.as_bytes().get(at) != Some(&b'"') {
                self.cells.push(Cell::Unquoted(start..self.unquoted.len()));
                return Ok(at);
            }
            self.unquoted.push('"');
            at += 1;
        }
    }
}

/// A cell as a value of its field's kind; text that is not of the kind stays text.
fn typed(field: Field, text: &str) -> Value<'_> {
    let json = |valid: bool| if valid { Value::Json(text) } else { Value::Str(text) };
    match field.info().kind {
        Kind::Int => text.parse().map_or(Value::Str(text), Value::Int),
        Kind::Float => json(serde_json::from_str::<f64>(text).is_ok()),
        Kind::Bool => json(matches!(text, "true" | "false")),
        Kind::Time | Kind::Text => Value::Str(text),
    }
}
