//! A stream of records on a terminal: fixed columns, cut to its width, each line at once.

use crate::{
    instant::InstantText,
    text::{Scratch, number, text},
    visible::visible,
};
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;
use weblog_parse::{Field, Record, Value};

/// Writes records as lines of a table. Keep one per thread.
#[derive(Clone, Debug)]
pub struct Writer {
    width: usize,
    colour: bool,
    country: bool,
    instant: InstantText,
    scratch: Scratch,
}

const TIME: usize = 19;
const CLIENT: usize = 15;
const COUNTRY: usize = 2;
const METHOD: usize = 7;
const STATUS: usize = 3;
const BYTES: usize = 6;

impl Writer {
    /// A writer for a terminal of this many columns. `country`: whether records carry one.
    pub fn new(width: usize, colour: bool, country: bool) -> Self {
        Writer { width, colour, country, instant: InstantText::default(), scratch: Scratch::default() }
    }

    /// Appends the header.
    pub fn header(&self, out: &mut Vec<u8>) {
        let names = ["time", "client", "cc", "method", "path", "st.", "bytes", "agent"].map(Cow::Borrowed);
        let line = self.line(&names);
        let line = line.trim_end();
        let styled = if self.colour { format!("\x1b[1m{line}\x1b[0m\n") } else { format!("{line}\n") };
        out.extend_from_slice(styled.as_bytes());
    }

    /// Appends one record.
    pub fn write(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        let time = match record.get(Field::Time) {
            Some(Value::Time(instant)) => self.instant.local(instant),
            Some(value) => text(value, &mut self.scratch).replace('T', " ").trim_end_matches('Z').into(),
            None => "-".into(),
        };
        let path =
            [Field::Path, Field::Target, Field::Request, Field::RequestKind].map(|f| self.cell(record, &[f]));
        let path = path.into_iter().find(|path| !path.is_empty()).unwrap_or_default();
        let cells = [
            Cow::Owned(time),
            Cow::Owned(self.cell(record, &[Field::ClientAddr, Field::RemoteAddr])),
            Cow::Owned(self.cell(record, &[Field::Country])),
            Cow::Owned(self.cell(record, &[Field::Method])),
            Cow::Owned(path),
            Cow::Owned(self.cell(record, &[Field::Status])),
            Cow::Owned(record.get(Field::Bytes).and_then(number).map(size).unwrap_or_default()),
            Cow::Owned(self.agent(record)),
        ];
        let line = self.line(&cells);
        let line = line.trim_end();
        let style = match record.get(Field::Status).and_then(number) {
            Some(500..) if self.colour => "\x1b[31m",
            Some(400..) if self.colour => "\x1b[33m",
            _ => "",
        };
        out.extend_from_slice(style.as_bytes());
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(if style.is_empty() { b"\n" } else { b"\x1b[0m\n" });
    }

    /// The first of these fields that the record has.
    fn cell(&mut self, record: &Record<'_>, fields: &[Field]) -> String {
        let value = fields.iter().find_map(|field| record.get(*field));
        value.map(|value| visible(text(value, &mut self.scratch)).into_owned()).unwrap_or_default()
    }

    /// The bot's name, the browser and its system, or the agent as it was sent.
    fn agent(&mut self, record: &Record<'_>) -> String {
        let bot = self.cell(record, &[Field::Bot]);
        if !bot.is_empty() {
            return bot;
        }
        let (browser, os) = (self.cell(record, &[Field::Browser]), self.cell(record, &[Field::Os]));
        match (browser.is_empty(), os.is_empty()) {
            (false, false) => format!("{browser}, {os}"),
            (false, true) => browser,
            _ => {
                // What nearly every agent begins with tells nothing and takes the room.
                let sent = self.cell(record, &[Field::UserAgent]);
                let rest = sent.strip_prefix("Mozilla/5.0 ").unwrap_or(&sent);
                let rest = rest.strip_prefix("(compatible; ").or(rest.strip_prefix('(')).unwrap_or(rest);
                rest.to_owned()
            }
        }
    }

    /// One line: every cell cut or padded to its column, path and agent sharing what is left.
    fn line(&self, cells: &[Cow<'_, str>; 8]) -> String {
        let country = if self.country { COUNTRY } else { 0 };
        let fixed = [TIME, CLIENT, country, METHOD, STATUS, BYTES];
        let gaps = if self.country { 7 } else { 6 };
        let left = self.width.saturating_sub(fixed.iter().sum::<usize>() + gaps);
        let agent = (left / 3).clamp(8, 40);
        let path = left.saturating_sub(agent).max(10);
        let widths = [TIME, CLIENT, country, METHOD, path, STATUS, BYTES, agent];
        let mut line = String::with_capacity(self.width + 16);
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if width == 0 {
                continue;
            }
            if at > 0 {
                line.push(' ');
            }
            fit(cell, width, at == 6, &mut line);
        }
        // Narrower than the fixed columns: what does not fit is left off.
        let mut cut = String::new();
        fit(&line, self.width, false, &mut cut);
        cut
    }
}

/// Appends text cut or padded to a width in terminal cells; `right` pads before it.
pub fn fit(text: &str, width: usize, right: bool, out: &mut String) {
    let total = self::width(text);
    let padding = " ".repeat(width.saturating_sub(total));
    if right {
        out.push_str(&padding);
    }
    if total <= width {
        out.push_str(text);
    } else {
        let mut used = 1;
        out.extend(text.chars().take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        }));
        out.push('…');
    }
    if !right {
        out.push_str(&padding);
    }
}

/// The cells of a terminal that a text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A size in at most six characters: `512`, `34.1K`, `5.2M`.
pub fn size(bytes: i64) -> String {
    let units = ["K", "M", "G", "T", "P", "E"];
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut scaled = bytes as f64 / 1024.0;
    let mut unit = 0;
    while scaled >= 1000.0 && unit + 1 < units.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    format!("{scaled:.1}{}", units[unit])
}
