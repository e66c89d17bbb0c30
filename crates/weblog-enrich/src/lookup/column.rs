//! The values of one column.

use super::{
    build::Cell,
    texts::{Full, Texts},
};
use weblog_parse::Kind;

/// The values of one column: each distinct one once, and its number for each row.
#[derive(Debug)]
pub(super) struct Column {
    name: String,
    /// While rows come in the plain texts, then their JSON.
    values: Texts,
    /// The value's number and one more, or 0 for an absent one; rows behind the end are absent.
    rows: Vec<u32>,
    seen: u8,
}

// What has been seen among the values.
const INT: u8 = 1;
const FLOAT: u8 = 2;
const BOOL: u8 = 4;
const TEXT: u8 = 8;
const JSON: u8 = 16;

impl Column {
    pub(super) fn new(name: String) -> Self {
        Column { name, values: Texts::default(), rows: Vec::new(), seen: 0 }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Sets the value of a row behind all that have one.
    pub(super) fn set(&mut self, row: usize, cell: Cell<'_>) -> Result<(), Full> {
        let (number, new) = self.values.add(cell.text())?;
        self.seen |= match cell {
            Cell::Text(_) => TEXT,
            Cell::Json(_) => JSON,
            Cell::Plain(text) if new => kind_of(text),
            Cell::Plain(_) => 0,
        };
        self.rows.resize(row, 0);
        self.rows.push(number + 1);
        Ok(())
    }

    /// The kind that all values are of.
    pub(super) fn kind(&self) -> Kind {
        match self.seen {
            INT => Kind::Int,
            FLOAT | 3 => Kind::Float,
            BOOL => Kind::Bool,
            _ => Kind::Text,
        }
    }

    /// No row comes any more: makes the values JSON.
    pub(super) fn finish(&mut self) -> Result<(), Full> {
        self.rows.shrink_to_fit();
        self.values.only_numbers();
        let kind = self.kind();
        let is_text = kind == Kind::Text && self.seen != JSON;
        if is_text || kind == Kind::Bool {
            let plain = std::mem::take(&mut self.values);
            let mut json = Vec::new();
            for text in plain.iter() {
                json.clear();
                if is_text {
                    json.push(b'"');
                    weblog_wire::ndjson::escape(text, &mut json);
                    json.push(b'"');
                } else {
                    json.extend(text.bytes().map(|byte| byte.to_ascii_lowercase()));
                }
                self.values.push(std::str::from_utf8(&json).unwrap_or("null"))?;
            }
        }
        self.values.shrink();
        Ok(())
    }

    #[inline]
    pub(super) fn json(&self, row: usize) -> Option<&str> {
        let number = self.rows.get(row)?.checked_sub(1)?;
        Some(self.values.get(number))
    }
}

/// What a text can be read as. A number is one only if it is written as JSON writes it, so that codes such as
/// `007` and `+49` stay as they are, and if 64 bits hold it.
fn kind_of(text: &str) -> u8 {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    let leading = digits.len() > 1 && digits.starts_with('0') || text == "-0";
    if whole && !leading && text.parse::<i64>().is_ok() {
        return INT;
    }
    let number = !whole && text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if number && text.ends_with(|c: char| c.is_ascii_digit()) && serde_json::from_str::<f64>(text).is_ok() {
        return FLOAT;
    }
    match text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        true => BOOL,
        false => TEXT,
    }
}
