//! Rows for people: a table whose columns are measured, and Markdown.

use super::is_right;
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

/// A table. Its first rows wait until they are measured.
pub(super) struct Table {
    names: Vec<String>,
    right: Vec<bool>,
    limit: Option<usize>,
    colour: bool,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl Table {
    pub(super) fn new(schema: &Schema, limit: Option<usize>, colour: bool) -> Self {
        let names = schema.fields().iter().map(|field| visible(field.name()).into_owned()).collect();
        let right = schema.fields().iter().map(|field| is_right(field)).collect();
        Table { names, right, limit, colour, waiting: Vec::new(), widths: None }
    }

    /// Takes a row; appends it, or what has waited.
    pub(super) fn row(&mut self, columns: &[Column], row: usize, out: &mut Vec<u8>) {
        let cells: Vec<String> = columns.iter().map(|column| cell(column, row)).collect();
        match &self.widths {
            Some(widths) => self.line(&cells, widths, out),
            None => {
                self.waiting.push(cells);
                if self.waiting.len() == MEASURED {
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
        for row in &waiting {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = width(cell).max(*widest);
            }
        }
        if let Some(limit) = self.limit {
            narrow(&mut widths, limit);
        }
        if self.colour {
            out.extend_from_slice(b"\x1b[1m");
        }
        self.line(&self.names, &widths, out);
        if self.colour {
            out.pop();
            out.extend_from_slice(b"\x1b[0m\n");
        }
        waiting.iter().for_each(|cells| self.line(cells, &widths, out));
        self.widths = Some(widths);
    }

    fn line(&self, cells: &[String], widths: &[usize], out: &mut Vec<u8>) {
        let mut line = String::new();
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if at > 0 {
                line.push_str("  ");
            }
            fit(cell, *width, self.right[at], &mut line);
        }
        let mut cut = String::new();
        match self.limit {
            Some(limit) if width(line.trim_end()) > limit => fit(&line, limit, false, &mut cut),
            _ => cut = line,
        }
        out.extend_from_slice(cut.trim_end().as_bytes());
        out.push(b'\n');
    }
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

/// The text of a cell: nothing in it that a terminal obeys, no value is `-`.
fn cell(column: &Column, row: usize) -> String {
    if column.is_null(row) {
        return "-".into();
    }
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
