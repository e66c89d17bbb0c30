//! The rows of one table of the user that belong to records.

use crate::{
    fields::FieldSet,
    fragment::{Fragment, Memo, Want},
    lookup::Table,
};
use std::sync::Arc;
use weblog_parse::{Field, Name};

/// The rows of one table that were found.
#[derive(Debug)]
pub(super) struct Join {
    on: On,
    /// The names of its columns.
    names: Vec<Arc<str>>,
    /// One of them is a field of the schema, and takes its place.
    pub(super) replaces: bool,
    pub(super) memo: Memo,
    /// The row of the record at hand.
    pub(super) found: Option<usize>,
    /// How many records had a row.
    pub(super) matched: u64,
}

/// The field that a table is joined on.
#[derive(Debug)]
enum On {
    Known(Field),
    Other(String),
}

impl Join {
    pub(super) fn new(field: &str, table: &Table, most: usize) -> Self {
        let on = Field::from_name(field.as_bytes()).map_or_else(|| On::Other(field.to_owned()), On::Known);
        let names = table.columns().map(|(name, _)| name.into()).collect();
        let replaces = table.columns().any(|(name, _)| Field::from_name(name.as_bytes()).is_some());
        Join { on, names, replaces, memo: Memo::new(most), found: None, matched: 0 }
    }

    /// Whether the table is joined on this field.
    pub(super) fn is_on(&self, name: &Name<'_>) -> bool {
        match (&self.on, name) {
            (On::Known(field), Name::Known(other)) => field == other,
            (On::Other(name), Name::Other(other)) => name == other,
            _ => false,
        }
    }

    /// Whether the table adds a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| **own == *name)
    }

    /// Finds the row of a value.
    pub(super) fn find(&mut self, table: &Table, value: Option<&str>) {
        let Join { names, memo, found, matched, .. } = self;
        *found = value.and_then(|value| table.find(value)).map(|row| {
            memo.find(&row.number().to_le_bytes(), || {
                let mut fragment = Fragment::of(Want { shown: FieldSet::ALL, needed: FieldSet::NONE });
                for (name, json) in row.fields() {
                    if let Some(name) = names.iter().find(|own| ***own == *name) {
                        fragment.other(name, json);
                    }
                }
                fragment
            })
        });
        *matched += u64::from(found.is_some());
    }
}
