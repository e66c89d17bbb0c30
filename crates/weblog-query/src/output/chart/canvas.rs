//! A sheet of cells, each with a character and a colour.

use crate::output::look::Look;
use std::fmt::Write as _;

/// A cell: its character, and its colour among a terminal's 256.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub(super) shown: char,
    pub(super) ink: Option<u8>,
}

/// A sheet.
pub(super) struct Canvas {
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Canvas { rows: vec![vec![Cell { shown: ' ', ink: None }; width]; height] }
    }

    pub(super) fn put(&mut self, column: usize, row: usize, shown: char, ink: Option<u8>) {
        if let Some(cell) = self.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell = Cell { shown, ink };
        }
    }

    /// Adds dots to a cell of braille.
    pub(super) fn dot(&mut self, x: usize, y: usize, ink: Option<u8>) {
        // The places of the eight dots in the number of a character, row by row.
        const DOTS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        if let Some(cell) = self.rows.get_mut(y / 4).and_then(|row| row.get_mut(x / 2)) {
            let old = u32::from(cell.shown);
            let old = if (0x2800..0x2900).contains(&old) { old } else { 0x2800 };
            let shown = char::from_u32(old | DOTS[y % 4][x % 2]).unwrap_or(' ');
            *cell = Cell { shown, ink };
        }
    }

    /// A row as text; neighbours of one colour share an escape.
    pub(super) fn line(&self, row: usize, look: Look) -> String {
        let cells = &self.rows[row];
        let end = cells.iter().rposition(|cell| cell.shown != ' ').map_or(0, |at| at + 1);
        let (mut line, mut ink) = (String::new(), None);
        for cell in &cells[..end] {
            if look.colour && cell.ink != ink && cell.shown != ' ' {
                match cell.ink {
                    Some(ink) => _ = write!(line, "\x1b[38;5;{ink}m"),
                    None => line.push_str("\x1b[0m"),
                }
                ink = cell.ink;
            }
            line.push(cell.shown);
        }
        line.push_str(if ink.is_some() { "\x1b[0m" } else { "" });
        line
    }

    /// The sheet as it is filled, with the width padded for what stands to the right of it.
    pub(super) fn padded(&self, row: usize, look: Look) -> String {
        let end = self.rows[row].iter().rposition(|cell| cell.shown != ' ').map_or(0, |at| at + 1);
        self.line(row, look) + &" ".repeat(self.rows[row].len() - end)
    }
}
