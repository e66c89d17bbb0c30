//! Rows for people: a table whose columns are measured, and Markdown.

use super::{
    is_right,
    look::{Look, ink},
    spark::sparkline,
    unit::Unit,
};
use crate::value::Column;
use arrow_schema::Schema;
use weblog_wire::{
    table::{fit, width},
    visible::visible,
};

/// Rows that are looked at before the columns are as wide as they will be.
const MEASURED: usize = 500;
/// A cell that is looked at, and written, is not longer than this.
const LONGEST: usize = 4_096;
/// No column is cut to less, unless the terminal has no room for all of them.
const NARROWEST: usize = 6;

/// The least and the most room that a bar takes beside a table.
const BAR: (usize, usize) = (8, 30);

/// A table. Its first rows wait until they are measured.
pub(super) struct Table {
    names: Vec<String>,
    units: Vec<Unit>,
    right: Vec<bool>,
    look: Look,
    /// The column that bars show, if one counts something.
    counted: Option<usize>,
    waiting: Vec<Line>,
    widths: Option<Vec<usize>>,
    /// What the longest bar stands for, and the room for bars.
    bar: Option<(f64, usize)>,
}

/// A row that waits.
struct Line {
    cells: Vec<Cell>,
    counted: Option<f64>,
}

/// The text of a cell, and its colour.
struct Cell {
    text: String,
    ink: Option<&'static str>,
}

impl Table {
    pub(super) fn new(schema: &Schema, look: Look) -> Self {
        let names: Vec<String> =
            schema.fields().iter().map(|field| visible(field.name()).into_owned()).collect();
        let right = schema.fields().iter().map(|field| is_right(field)).collect();
        let units = names.iter().map(|name| Unit::of(name)).collect();
        // Bars stand behind the last column only, where they are next to what they show.
        let last = names.len().checked_sub(1).filter(|last| look.people && *last > 0);
        let counted = last.filter(|at| schema.field(*at).data_type().is_numeric() && counts(&names[*at]));
        Table { names, units, right, look, counted, waiting: Vec::new(), widths: None, bar: None }
    }

    /// Takes a row; appends it, or what has waited.
    pub(super) fn row(&mut self, columns: &[Column], row: usize, out: &mut Vec<u8>) {
        let cells = columns.iter().zip(&self.units).map(|(column, unit)| self.cell(column, *unit, row));
        let counted = self.counted.and_then(|at| columns[at].number(row));
        let line = Line { cells: cells.collect(), counted };
        match &self.widths {
            Some(widths) => self.line(&line, widths, out),
            None => {
                self.waiting.push(line);
                if self.waiting.len() == MEASURED {
                    // Of more rows nobody knows the longest bar yet.
                    self.counted = None;
                    self.settle(out);
                }
            }
        }
    }

    /// Appends what still waits.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        if self.widths.is_none() {
            self.settle(out);
        }
    }

    /// Measures the columns, and appends the header and what has waited.
    fn settle(&mut self, out: &mut Vec<u8>) {
        let waiting = std::mem::take(&mut self.waiting);
        let mut widths: Vec<usize> = self.names.iter().map(|name| width(name)).collect();
        for line in &waiting {
            for (widest, cell) in widths.iter_mut().zip(&line.cells) {
                *widest = width(&cell.text).max(*widest);
            }
        }
        if let Some(limit) = self.look.width {
            narrow(&mut widths, limit);
            let taken = widths.iter().sum::<usize>() + 2 * widths.len();
            let room = limit.saturating_sub(taken).min(BAR.1);
            let most = waiting.iter().filter_map(|line| line.counted).fold(0.0, f64::max);
            if self.counted.is_some() && waiting.len() > 2 && room >= BAR.0 && most > 0.0 {
                self.bar = Some((most, room));
            }
        }
        let cell = |name: &String| Cell { text: name.clone(), ink: None };
        let mut header = Vec::new();
        let names = Line { cells: self.names.iter().map(cell).collect(), counted: None };
        self.line(&names, &widths, &mut header);
        let header = String::from_utf8_lossy(&header);
        out.extend_from_slice(self.look.paint(ink::BOLD, header.trim_end()).as_bytes());
        out.push(b'\n');
        waiting.iter().for_each(|line| self.line(line, &widths, out));
        self.widths = Some(widths);
    }

    fn line(&self, row: &Line, widths: &[usize], out: &mut Vec<u8>) {
        let limit = self.look.width.unwrap_or(usize::MAX);
        let (mut line, mut used) = (String::new(), 0);
        let mut fitted = Vec::with_capacity(widths.len());
        for (at, (cell, width)) in row.cells.iter().zip(widths).enumerate() {
            let mut text = String::new();
            fit(&cell.text, *width, self.right[at], &mut text);
            used += width + if at > 0 { 2 } else { 0 };
            fitted.push((text, cell.ink.filter(|_| self.look.colour)));
        }
        let plain = fitted.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("  ");
        if width(plain.trim_end()) > limit {
            // More columns than there is room for: what is cut has no colours.
            fit(&plain, limit, false, &mut line);
        } else if fitted.iter().all(|(_, ink)| ink.is_none()) {
            line = plain;
        } else {
            for (at, (text, ink)) in fitted.iter().enumerate() {
                line.push_str(if at > 0 { "  " } else { "" });
                let text = if at + 1 == fitted.len() && self.bar.is_none() { text.trim_end() } else { text };
                line.push_str(&ink.map_or_else(|| text.to_owned(), |ink| self.look.paint(ink, text)));
            }
        }
        if let (Some((most, room)), Some(number)) = (self.bar, row.counted) {
            debug_assert!(used <= limit, "there is room for bars");
            line.push_str("  ");
            line.push_str(&self.look.paint(ink::BAR, &self.look.bar(number / most, room)));
        }
        out.extend_from_slice(line.trim_end().as_bytes());
        out.push(b'\n');
    }

    /// The text of a cell: nothing in it that a terminal obeys, no value is `-`.
    fn cell(&self, column: &Column, unit: Unit, row: usize) -> Cell {
        if column.is_null(row) {
            return Cell { text: "-".into(), ink: self.look.people.then_some(ink::DIM) };
        }
        if self.look.people {
            if let Some(number) = column.number(row) {
                let ink = if unit == Unit::Status { ink::status(number) } else { None };
                return Cell { text: self.look.spell(&unit.cell(column, row)), ink };
            }
            if let Some(numbers) = column.numbers(row)
                && !numbers.is_empty()
                && numbers.iter().any(Option::is_some)
            {
                return Cell { text: sparkline(&numbers, self.look.unicode), ink: Some(ink::BAR) };
            }
        }
        Cell { text: plain(column, row), ink: None }
    }
}

/// Whether a column's name says that it counts things: only then have its numbers a common nought.
fn counts(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words =
        ["hits", "requests", "count", "visits", "visitors", "sessions", "n", "lines", "bytes", "rows"];
    name.starts_with("count(")
        || name == "count_star()"
        || name == "sum(bytes)"
        || name.starts_with("approx_count_distinct(")
        || words.contains(&name.rsplit('_').next().unwrap_or_default())
}

/// Takes from the widest columns until the line has room.
fn narrow(widths: &mut [usize], limit: usize) {
    let gaps = 2 * widths.len().saturating_sub(1);
    let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(limit);
    while over > 0 {
        let widest = widths.iter().copied().max().unwrap_or(0);
        if widest <= NARROWEST {
            return;
        }
        // All of the widest shrink to the next width, or by what is over.
        let next = widths.iter().copied().filter(|width| *width < widest).max().unwrap_or(0).max(NARROWEST);
        let count = widths.iter().filter(|width| **width == widest).count();
        let step = (widest - next).min(over.div_ceil(count)).max(1);
        for width in widths.iter_mut().filter(|width| **width == widest) {
            let less = step.min(over);
            *width -= less;
            over -= less;
        }
    }
}

/// The text of a value that is there, as it stands: nothing in it that a terminal obeys.
pub(super) fn plain(column: &Column, row: usize) -> String {
    let mut scratch = String::new();
    let text = column.text(row, &mut scratch);
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    let shown = visible(&text[..end]).into_owned();
    if column.is_time() { shown.replacen('T', " ", 1).trim_end_matches('Z').to_owned() } else { shown }
}

/// Appends the header of a table of Markdown.
pub(super) fn markdown_header(schema: &Schema, out: &mut Vec<u8>) {
    for field in schema.fields() {
        out.extend_from_slice(b"| ");
        out.extend_from_slice(markdown(field.name()).as_bytes());
        out.push(b' ');
    }
    out.extend_from_slice(b"|\n");
    for field in schema.fields() {
        out.extend_from_slice(if is_right(field) { b"|---:" } else { b"|---" });
    }
    out.extend_from_slice(b"|\n");
}

/// Appends a row of a table of Markdown. No value is an empty cell.
pub(super) fn markdown_row(columns: &[Column], row: usize, out: &mut Vec<u8>) {
    for column in columns {
        out.extend_from_slice(b"| ");
        if !column.is_null(row) {
            let mut scratch = String::new();
            out.extend_from_slice(markdown(column.text(row, &mut scratch)).as_bytes());
            out.push(b' ');
        }
    }
    out.extend_from_slice(b"|\n");
}

/// Text that Markdown shows as it stands: neither markup nor HTML.
fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '~' => {
                shown.push('\\');
                shown.push(c);
            }
            _ => shown.push(c),
        }
    }
    shown
}
