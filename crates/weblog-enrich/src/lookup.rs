//! A table of the user's own, joined to records: who the customer behind an address is, what a path is for.
//!
//! A table is CSV, TSV or NDJSON ([`Table::read`]), or rows that somebody else reads ([`Builder`]). One of its
//! columns is the key; the others are added to the records whose field has that key. How a key matches
//! ([`Join`]) is told by the keys, unless the user says it.
//!
//! `on` reads what the user asks for, `read` the files, `build` takes the rows in, `column` holds the values of
//! one column and `texts` each distinct text once, `index` finds the row of a value, and `error` says what is
//! wrong.

mod build;
mod column;
mod error;
mod index;
mod on;
mod read;
mod texts;

use column::Column;
use index::Index;
use weblog_parse::Kind;

pub use build::{Builder, Cell};
pub use error::{Fault, Faults, LookupError};
pub use on::{BadOn, Join, On, Pick};

/// How much a table may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows.
    pub rows: usize,
    /// Bytes of text, as read.
    pub bytes: u64,
}

impl Default for Limits {
    /// Ten million rows, 2 GiB.
    fn default() -> Self {
        Limits { rows: 10_000_000, bytes: 2 << 30 }
    }
}

/// A table in memory. Threads share one.
#[derive(Debug)]
pub struct Table {
    join: Join,
    index: Index,
    columns: Vec<Column>,
    rows: usize,
    duplicates: u64,
    faults: Option<Faults>,
}

impl Table {
    /// The row for the value of a record's field, as text.
    #[inline]
    pub fn find(&self, value: &str) -> Option<Row<'_>> {
        let row = self.index.find(value)?;
        Some(Row { table: self, row: row as usize })
    }

    /// The names of the fields that rows can add, with the kind of their values. Nested JSON counts as text.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.columns.iter().map(|column| (column.name(), column.kind()))
    }

    /// How keys match.
    pub fn join(&self) -> Join {
        self.join
    }

    /// The number of rows that can be found.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many rows were left out since an earlier one has their key.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// The rows that were left out since they are none, if there are any.
    pub fn faults(&self) -> Option<&Faults> {
        self.faults.as_ref()
    }
}

/// What a table says of one value.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    table: &'t Table,
    row: usize,
}

impl<'t> Row<'t> {
    /// The names of the fields to add, with their values as JSON. Absent ones are left out.
    #[inline]
    pub fn fields(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.table.columns.iter().filter_map(move |column| Some((column.name(), column.json(self.row)?)))
    }

    /// The row's number, from 0: equal rows of one table have equal numbers.
    pub fn number(self) -> usize {
        self.row
    }
}

#[cfg(test)]
mod tests;
