//! Charts out of characters, picked from the shape of the answer.
//!
//! An answer waits until it is complete; `pick` says which chart fits its columns, and a module for each
//! kind draws it: `bars`, `time`, `heat`, `world`, `number`.

use super::{OutputError, look::Look, table::Table};
use crate::value::Column;
use answer::Answer;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use pick::{Plan, pick};
use std::sync::Arc;

mod answer;
mod axis;
mod bars;
mod canvas;
mod heat;
mod hint;
mod number;
mod pick;
mod time;
mod world;

pub use hint::{ChartHint, ChartKind};

/// Rows that a chart is made of. What comes behind them is counted only.
const MOST: usize = 200_000;
/// The width of a chart where there is no terminal.
const WIDTH: usize = 80;

/// Rows on their way into a chart.
pub(super) struct Chart {
    schema: SchemaRef,
    look: Look,
    utc: bool,
    hint: ChartHint,
    batches: Vec<RecordBatch>,
    rows: usize,
    left_out: usize,
    /// The table in place of a chart, once it is clear that none fits.
    table: Option<Table>,
}

impl Chart {
    pub(super) fn new(schema: &SchemaRef, look: Look, utc: bool) -> Self {
        let hint = ChartHint::default();
        let schema = Arc::clone(schema);
        Chart { schema, look, utc, hint, batches: Vec::new(), rows: 0, left_out: 0, table: None }
    }

    pub(super) fn hint(&mut self, hint: ChartHint) {
        self.hint = hint;
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), OutputError> {
        if self.table.is_none() && self.rows >= MOST && self.left_out == 0 && self.plan()?.is_none() {
            self.become_table(out);
        }
        if self.table.is_some() {
            self.tabulate(batch, out);
        } else if self.rows >= MOST {
            self.left_out += batch.num_rows();
        } else {
            self.rows += batch.num_rows();
            self.batches.push(batch.clone());
        }
        Ok(())
    }

    /// Draws the chart. Gives a sentence if there is a table in its place.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> Result<Option<&'static str>, OutputError> {
        let plan = if self.table.is_some() { None } else { self.plan()? };
        let Some((answer, plan)) = plan else {
            self.become_table(out);
            self.table.into_iter().for_each(|table| table.finish(out));
            return Ok(Some(match self.rows {
                0 => "there are no rows to draw",
                _ => {
                    "no chart fits this answer, so it is a table: a chart shows a number by a name, a time, \
                      a country, or two small numbers; --chart KIND:COLUMN,COLUMN says what to show"
                }
            }));
        };
        let (look, width) = (self.look, self.look.width.unwrap_or(WIDTH).max(20));
        let drawn = match plan {
            Plan::Bars { labels, value, others } => bars::draw(&answer, &labels, value, &others, look, width),
            Plan::Time { time, series, values } => time::draw(&answer, time, &series, &values, look, width),
            Plan::Heat { across, down, value } => heat::draw(&answer, across, down, value, look, width),
            Plan::Map { country, value } => world::draw(&answer, country, value, look, width),
            Plan::Number { values, lists } => number::draw(&answer, &values, &lists, look),
        };
        for line in drawn.lines() {
            out.extend_from_slice(line.trim_end().as_bytes());
            out.push(b'\n');
        }
        if self.left_out > 0 {
            let said = format!("… of the first {} rows; {} more are left out", self.rows, self.left_out);
            out.extend_from_slice(look.note(&said).as_bytes());
        }
        Ok(None)
    }

    fn plan(&self) -> Result<Option<(Answer, Plan)>, OutputError> {
        let answer = Answer::new(&self.schema, &self.batches, self.utc);
        let plan = pick(&answer, &self.hint).map_err(OutputError::Chart)?;
        Ok(plan.map(|plan| (answer, plan)))
    }

    fn become_table(&mut self, out: &mut Vec<u8>) {
        if self.table.is_none() {
            self.table = Some(Table::new(&self.schema, self.look));
            for batch in std::mem::take(&mut self.batches) {
                self.tabulate(&batch, out);
            }
        }
    }

    fn tabulate(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns: Vec<Column> =
            columns.map(|(array, field)| Column::new(array, field, self.utc)).collect();
        if let Some(table) = &mut self.table {
            (0..batch.num_rows()).for_each(|row| table.row(&columns, row, out));
        }
    }
}
