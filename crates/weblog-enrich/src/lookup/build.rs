//! Takes the rows of a table in.

use super::{
    Limits, Table,
    column::Column,
    error::{Fault, Faults, LookupError},
    index::{Index, Prefixes, tell},
    on::{Join, On, Pick, snake_case},
    texts::{Full, Texts},
};
use crate::cidr::{Map, Range};
use weblog_parse::Field;

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// A value that tells its kind by how it looks, as a cell of CSV, or a number or truth value of JSON. An
    /// empty one is absent.
    Plain(&'a str),
    /// A text, whatever it looks like.
    Text(&'a str),
    /// An object or array of JSON.
    Json(&'a str),
}

impl<'a> Cell<'a> {
    pub(super) fn text(self) -> &'a str {
        match self {
            Cell::Plain(text) | Cell::Text(text) | Cell::Json(text) => text,
        }
    }
}

/// Rows on their way into a [`Table`]: say the columns with [`Builder::column`], add the rows, and finish.
#[derive(Debug)]
pub struct Builder {
    on: On,
    picks: Vec<Pick>,
    limits: Limits,
    /// The columns of the table as it is read, and what becomes of each.
    header: Vec<(String, Place)>,
    columns: Vec<Column>,
    keys: Texts,
    /// The line of each row.
    lines: Vec<u32>,
    bytes: u64,
    duplicates: u64,
    faults: Option<Faults>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Key,
    Column(usize),
    Nowhere,
}

/// Nobody adds more fields than this to a record.
const MOST_COLUMNS: usize = 200;
/// So many names are remembered; of more, those that nobody asked for are not.
const MOST_NAMES: usize = 1000;

impl Builder {
    /// For a table to be joined on this, of which these columns are taken; all if none is named.
    pub fn new(on: &On, picks: &[Pick], limits: Limits) -> Builder {
        Builder {
            on: on.clone(),
            picks: picks.to_vec(),
            limits,
            header: Vec::new(),
            columns: Vec::new(),
            keys: Texts::default(),
            lines: Vec::new(),
            bytes: 0,
            duplicates: 0,
            faults: None,
        }
    }

    /// The number of a column for [`Builder::add`]. Columns may come while rows do. A column is known by its
    /// name as it stands or made a field's (`Customer ID`, `customer_id`); one without a name is named for its
    /// place.
    ///
    /// # Errors
    /// When a column cannot be added to records, or there are too many.
    pub fn column(&mut self, name: &str) -> Result<usize, LookupError> {
        if let Some(at) = self.header.iter().position(|(known, _)| known == name) {
            return Ok(at);
        }
        let place = self.place(name)?;
        if place == Place::Nowhere && self.header.len() >= MOST_NAMES {
            return Ok(usize::MAX);
        }
        self.header.push((name.to_owned(), place));
        Ok(self.header.len() - 1)
    }

    /// Says that no other column comes, so that a missing one is told before any row is read.
    ///
    /// # Errors
    /// When the key or a column that was asked for is missing.
    pub fn complete(&self) -> Result<(), LookupError> {
        let known = || self.header.iter().map(|(name, _)| name.clone()).collect();
        let asked = self.picks.iter().map(|pick| &pick.column).chain([&self.on.column]);
        for column in asked {
            if !self.header.iter().any(|(name, _)| is(name, column)) {
                return Err(LookupError::NoColumn { column: column.clone(), known: known() });
            }
        }
        match self.columns.is_empty() {
            true => Err(LookupError::OnlyKey { column: self.on.column.clone() }),
            false => Ok(()),
        }
    }

    fn place(&mut self, name: &str) -> Result<Place, LookupError> {
        if is(name, &self.on.column) && !self.header.iter().any(|(_, place)| *place == Place::Key) {
            return Ok(Place::Key);
        }
        let pick = self.picks.iter().find(|pick| is(name, &pick.column));
        if pick.is_none() && !self.picks.is_empty() {
            return Ok(Place::Nowhere);
        }
        let own = match snake_case(name) {
            own if own.is_empty() => format!("column_{}", self.header.len() + 1),
            own => own,
        };
        let field = match pick.and_then(|pick| pick.name.clone()) {
            Some(name) => name,
            // Nobody said that it may take the field's place.
            None if Field::from_name(own.as_bytes()).is_some() => {
                return Err(LookupError::Reserved { column: name.to_owned(), field: own });
            }
            None => own,
        };
        if let Some(same) = self.columns.iter().position(|column| column.name() == field) {
            let first = self.header.iter().find(|(_, place)| *place == Place::Column(same));
            let first = first.map(|(name, _)| name.clone()).unwrap_or_default();
            return Err(LookupError::SameName { first, second: name.to_owned(), name: field });
        }
        if self.columns.len() == MOST_COLUMNS {
            return Err(LookupError::TooManyColumns { most: MOST_COLUMNS });
        }
        self.columns.push(Column::new(field));
        Ok(Place::Column(self.columns.len() - 1))
    }

    /// Adds a row: cells with the numbers of their columns; what is not named is absent. `line` is where it
    /// stands, from 1. A row without a key is a fault, one whose key is there already a duplicate.
    ///
    /// # Errors
    /// When the table gets too large.
    pub fn add(&mut self, line: u64, cells: &[(usize, Cell<'_>)]) -> Result<(), LookupError> {
        let full = |_: Full| LookupError::TooLarge { most: u64::from(u32::MAX) };
        self.bytes += cells.iter().map(|(_, cell)| cell.text().len() as u64).sum::<u64>();
        if self.bytes > self.limits.bytes {
            return Err(LookupError::TooLarge { most: self.limits.bytes });
        }
        let place = |at: usize| self.header.get(at).map_or(Place::Nowhere, |(_, place)| *place);
        let key = cells.iter().find(|(at, _)| place(*at) == Place::Key).map(|(_, cell)| *cell);
        let key = match key {
            Some(Cell::Plain(text) | Cell::Text(text)) if !text.trim_ascii().is_empty() => text.trim_ascii(),
            _ => {
                let column = Some(self.on.column.clone());
                self.fault(Fault { line, column, expected: "a key".to_owned() });
                return Ok(());
            }
        };
        let (row, new) = self.keys.add(key).map_err(full)?;
        if !new {
            self.duplicates += 1;
            return Ok(());
        }
        if self.keys.len() > self.limits.rows {
            return Err(LookupError::TooManyRows { most: self.limits.rows });
        }
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        for (at, cell) in cells {
            let Some((_, Place::Column(column))) = self.header.get(*at) else { continue };
            if *cell != Cell::Plain("") {
                self.columns[*column].set(row as usize, *cell).map_err(full)?;
            }
        }
        Ok(())
    }

    /// Counts a row that is none.
    pub fn fault(&mut self, fault: Fault) {
        let line = fault.line;
        Faults::add(&mut self.faults, || fault, line);
    }

    /// The table.
    ///
    /// # Errors
    /// When a column that was asked for is missing, no row can be used, or the values as JSON are too large.
    pub fn finish(mut self) -> Result<Table, LookupError> {
        if self.header.is_empty() && self.faults.is_none() {
            return Err(LookupError::Empty);
        }
        if let (0, Some(faults)) = (self.keys.len(), &self.faults) {
            return Err(LookupError::NothingUseful(faults.clone()));
        }
        self.complete()?;
        let join = self.on.join.unwrap_or_else(|| tell(&self.keys));
        let mut rows = self.keys.len();
        let index = match join {
            Join::Exact => {
                self.keys.shrink();
                Index::Exact(std::mem::take(&mut self.keys))
            }
            Join::Prefix => Index::Prefix(Prefixes::new(std::mem::take(&mut self.keys))),
            Join::Cidr => {
                let (map, bad) = self.ranges();
                self.duplicates += map.doubles() as u64;
                rows -= bad + map.doubles();
                Index::Cidr(map)
            }
        };
        if let (0, Some(faults)) = (rows, &self.faults) {
            return Err(LookupError::NothingUseful(faults.clone()));
        }
        for column in &mut self.columns {
            column.finish().map_err(|Full| LookupError::TooLarge { most: u64::from(u32::MAX) })?;
        }
        let Builder { columns, duplicates, faults, .. } = self;
        Ok(Table { join, index, columns, rows, duplicates, faults })
    }

    /// The keys as ranges, and how many are none.
    fn ranges(&mut self) -> (Map, usize) {
        let keys = std::mem::take(&mut self.keys);
        let (mut bad, mut ranges) = (0, Vec::with_capacity(keys.len()));
        for (row, key) in (0..).zip(keys.iter()) {
            match Range::parse(key) {
                Ok(range) => ranges.push((range, row)),
                Err(error) => {
                    bad += 1;
                    let line = u64::from(self.lines[row as usize]);
                    let shown: String = key.chars().take(60).collect();
                    let fault = || Fault {
                        line,
                        column: Some(self.on.column.clone()),
                        expected: format!("{}, found {shown:?}", error.expected),
                    };
                    Faults::add(&mut self.faults, fault, line);
                }
            }
        }
        drop(keys);
        (Map::new(ranges), bad)
    }
}

/// Whether a column of a table is the one that is asked for.
fn is(name: &str, asked: &str) -> bool {
    name == asked || snake_case(name) == asked
}
