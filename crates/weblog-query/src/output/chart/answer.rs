//! A whole answer, as charts look at it.

use crate::{
    output::{table::plain, unit::Unit},
    value::Column,
};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema};
use std::collections::HashSet;
use weblog_wire::visible::visible;

/// Of a label this much is shown at most.
const LABEL: usize = 200;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Time,
    Number,
    Numbers,
    Text,
}

/// A column.
pub(super) struct Info {
    /// Safe for a terminal.
    pub(super) name: String,
    pub(super) unit: Unit,
    pub(super) holds: Holds,
}

impl Info {
    /// Whether its numbers measure something rather than name it.
    pub(super) fn measures(&self) -> bool {
        self.holds == Holds::Number && !self.unit.is_name()
    }
}

/// Columns and rows.
pub(super) struct Answer {
    pub(super) columns: Vec<Info>,
    batches: Vec<(Vec<Column>, usize)>,
}

/// A row of an answer.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    columns: &'a [Column],
    row: usize,
}

impl Answer {
    pub(super) fn new(schema: &Schema, batches: &[RecordBatch], utc: bool) -> Self {
        let columns = schema.fields().iter().map(|field| Info {
            name: visible(field.name()).into_owned(),
            unit: Unit::of(field.name()),
            holds: match field.data_type() {
                DataType::Timestamp(..) | DataType::Date32 => Holds::Time,
                DataType::List(inner) | DataType::LargeList(inner) | DataType::FixedSizeList(inner, _)
                    if inner.data_type().is_numeric() =>
                {
                    Holds::Numbers
                }
                kind if kind.is_numeric() => Holds::Number,
                _ => Holds::Text,
            },
        });
        let of_batch = |batch: &RecordBatch| {
            let arrays = batch.columns().iter().zip(schema.fields());
            let columns = arrays.map(|(array, field)| Column::new(array, field, utc)).collect();
            (columns, batch.num_rows())
        };
        Answer { columns: columns.collect(), batches: batches.iter().map(of_batch).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.batches.iter().map(|(_, rows)| rows).sum()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.batches.iter().flat_map(|(columns, rows)| (0..*rows).map(move |row| Row { columns, row }))
    }

    /// How many different values a column has; beyond `limit` nobody counts.
    pub(super) fn distinct(&self, column: usize, limit: usize) -> usize {
        let mut seen = HashSet::new();
        for row in self.rows() {
            seen.insert(row.label(&[column]));
            if seen.len() > limit {
                break;
            }
        }
        seen.len()
    }
}

impl Row<'_> {
    pub(super) fn number(&self, column: usize) -> Option<f64> {
        self.columns[column].number(self.row)
    }

    pub(super) fn micros(&self, column: usize) -> Option<i64> {
        self.columns[column].micros(self.row)
    }

    pub(super) fn numbers(&self, column: usize) -> Option<Vec<Option<f64>>> {
        self.columns[column].numbers(self.row)
    }

    /// The number of a measure with its unit, or the value as it stands; `-` is none.
    pub(super) fn cell(&self, column: usize, unit: Unit) -> String {
        match self.columns[column].number(self.row) {
            Some(_) => unit.cell(&self.columns[column], self.row),
            None => self.label(&[column]),
        }
    }

    /// The values of columns, safe for a terminal.
    pub(super) fn label(&self, columns: &[usize]) -> String {
        let text = |at: &usize| match self.columns[*at].is_null(self.row) {
            true => "-".to_owned(),
            false => plain(&self.columns[*at], self.row).chars().take(LABEL).collect(),
        };
        columns.iter().map(text).collect::<Vec<_>>().join("  ")
    }
}
