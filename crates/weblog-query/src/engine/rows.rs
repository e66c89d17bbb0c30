//! A statement that is bound, runs, and gives rows.

use super::Engine;
use crate::{
    error::QueryError,
    parameters::{bind, names},
};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use duckdb::{InterruptHandle, ProgressHandle, Statement, core::LogicalTypeId};
use std::sync::Arc;

/// Stops a statement that runs in another thread.
#[derive(Clone)]
pub struct Interrupt(pub(super) Arc<InterruptHandle>);

impl Interrupt {
    /// Stops the statement that runs now, if one does.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// Tells how far a statement is.
#[derive(Clone)]
pub struct Progress(pub(super) ProgressHandle);

impl Progress {
    /// The share of the statement that DuckDB thinks is done, if it can tell: between 0 and 1.
    pub fn share(&self) -> Option<f64> {
        self.0.query_progress().percentage().map(|percentage| (percentage / 100.0).clamp(0.0, 1.0))
    }
}

/// A statement that can run.
pub struct Prepared<'e> {
    pub(super) engine: &'e Engine,
    pub(super) statement: Statement<'e>,
    pub(super) utc: bool,
}

impl Prepared<'_> {
    /// The names of the parameters, without the `$`.
    ///
    /// # Errors
    /// None but what DuckDB cannot tell.
    pub fn parameters(&self) -> Result<Vec<String>, QueryError> {
        names(&self.statement)
    }

    /// Runs the statement. Its rows come as they are found; nothing is kept.
    ///
    /// # Errors
    /// What goes wrong before the first row.
    pub fn run(&mut self) -> Result<Rows<'_>, QueryError> {
        let (engine, utc) = (self.engine, self.utc);
        let mut json = Vec::new();
        for at in 0..self.statement.column_count() {
            let kind = self.statement.column_logical_type(at);
            // These two come out of DuckDB's Arrow as other values than they are.
            if matches!(kind.id(), LogicalTypeId::UHugeint | LogicalTypeId::Bit) {
                let (number, kind) = (at + 1, format!("{:?}", kind.id()).to_uppercase());
                return Err(QueryError::Sql(format!("column {number} is a {kind}: cast it to varchar")));
            }
            json.push(kind.get_alias().is_some_and(|name| name == "JSON"));
        }
        let values = engine.parameters.of(&self.statement)?;
        let stream = self.statement.stream_arrow(&bind(&values)[..]).map_err(|error| engine.error(error))?;
        Ok(Rows { engine, schema: with_json(&stream.get_schema(), &json), stream, utc })
    }
}

/// The schema in which columns of JSON have Arrow's name for it: DuckDB gives them as mere text.
fn with_json(schema: &SchemaRef, json: &[bool]) -> SchemaRef {
    let field = |(at, field): (usize, &Arc<Field>)| match json.get(at) {
        Some(true) if *field.data_type() == DataType::Utf8 => {
            let name = [("ARROW:extension:name".to_owned(), "arrow.json".to_owned())];
            Arc::new(field.as_ref().clone().with_metadata(name))
        }
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().enumerate().map(field).collect::<Vec<_>>()))
}

/// The rows of an answer, in batches.
pub struct Rows<'s> {
    engine: &'s Engine,
    schema: SchemaRef,
    stream: duckdb::ArrowStream<'s>,
    utc: bool,
}

impl Rows<'_> {
    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Whether times without a zone are UTC, which is so unless the statement made local ones.
    pub fn times_are_utc(&self) -> bool {
        self.utc
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.stream.next()?;
        Some(batch.map_err(|error| self.engine.error(error)))
    }
}
