//! Which columns a file or a stream has, and batches brought into that form.

use crate::columns::{EXTRA_FIELDS, MOST_COLUMNS, column_of, push_member};
use crate::error::StoreError;
use arrow_array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, cast::AsArray, new_null_array,
};
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef};
use std::sync::Arc;
use weblog_parse::Value;
use weblog_wire::text::Scratch;

/// What becomes of a column that the layout does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unplaced {
    /// It is added to the layout, up to [`MOST_COLUMNS`]; beyond, as [`Unplaced::Extra`].
    Grow,
    /// Its values become members of the JSON in [`EXTRA_FIELDS`].
    Extra,
    /// It is left out: somebody chose the columns.
    Drop,
}

/// An ordered list of columns that batches are brought into.
#[derive(Debug)]
pub struct Layout {
    schema: SchemaRef,
    unplaced: Unplaced,
    /// How the batches of one schema, mostly that of the last batch, become those of this layout.
    plan: Option<(SchemaRef, Plan)>,
}

#[derive(Clone, Debug, Default)]
struct Plan {
    /// For each column of the layout, that of the batch.
    columns: Vec<Option<usize>>,
    /// Columns of the batch that become members of the JSON.
    extra: Vec<usize>,
    /// Columns of the batch that the layout shall have first.
    grow: Vec<usize>,
    /// The layout shall have the column of the JSON first.
    grow_extra: bool,
}

impl Layout {
    /// A layout with these columns.
    pub fn new(schema: SchemaRef, unplaced: Unplaced) -> Self {
        let extra = schema.column_with_name(EXTRA_FIELDS).is_some();
        let schema = match unplaced {
            Unplaced::Extra if !extra => with(&schema, [column_of(EXTRA_FIELDS, DataType::Utf8)]),
            _ => schema,
        };
        Layout { schema, unplaced, plan: None }
    }

    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds the columns that batches of this schema need. Whether there were any.
    ///
    /// Fails when a column holds another type of values here than there.
    pub fn admit(&mut self, batch: &SchemaRef) -> Result<bool, StoreError> {
        let plan = self.plan(batch)?;
        if plan.grow.is_empty() && !plan.grow_extra {
            return Ok(false);
        }
        let mut new: Vec<ArrowField> = plan.grow.iter().map(|at| batch.field(*at).clone()).collect();
        new.extend(plan.grow_extra.then(|| column_of(EXTRA_FIELDS, DataType::Utf8)));
        self.schema = with(&self.schema, new);
        self.plan = None;
        Ok(true)
    }

    /// The batch with the columns of this layout, after [`Layout::admit`].
    pub fn align(&mut self, batch: &RecordBatch) -> Result<RecordBatch, StoreError> {
        let plan = self.plan(batch.schema_ref())?;
        let rows = batch.num_rows();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(plan.columns.len());
        for (at, field) in plan.columns.iter().zip(self.schema.fields()) {
            columns.push(match at {
                Some(at) => Arc::clone(batch.column(*at)),
                None => new_null_array(field.data_type(), rows),
            });
        }
        if let (false, Ok(extra)) = (plan.extra.is_empty(), self.schema.index_of(EXTRA_FIELDS)) {
            columns[extra] = with_members(&columns[extra], batch, &plan.extra);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(StoreError::Arrow)
    }

    fn plan(&mut self, batch: &SchemaRef) -> Result<Plan, StoreError> {
        if let Some((known, plan)) = &self.plan
            && (Arc::ptr_eq(known, batch) || known == batch)
        {
            return Ok(plan.clone());
        }
        let plan = self.make_plan(batch)?;
        self.plan = Some((Arc::clone(batch), plan.clone()));
        Ok(plan)
    }

    fn make_plan(&self, batch: &Schema) -> Result<Plan, StoreError> {
        let mut plan = Plan { columns: vec![None; self.schema.fields().len()], ..Plan::default() };
        let mut room = MOST_COLUMNS.saturating_sub(plan.columns.len() + 1);
        for (at, field) in batch.fields().iter().enumerate() {
            match self.schema.column_with_name(field.name()) {
                Some((own, column)) if column.data_type() == field.data_type() => {
                    plan.columns[own] = Some(at)
                }
                Some((_, column)) => {
                    return Err(StoreError::Type {
                        column: field.name().clone(),
                        here: column.data_type().clone(),
                        there: field.data_type().clone(),
                    });
                }
                None => match self.unplaced {
                    Unplaced::Drop => {}
                    Unplaced::Grow if field.name() == EXTRA_FIELDS => plan.grow.push(at),
                    Unplaced::Grow if room > 0 && !self.has_like(batch, &plan.grow, field.name()) => {
                        room -= 1;
                        plan.grow.push(at);
                    }
                    Unplaced::Grow | Unplaced::Extra => plan.extra.push(at),
                },
            }
        }
        if plan.extra.is_empty() {
            return Ok(plan);
        }
        match self.schema.column_with_name(EXTRA_FIELDS) {
            Some((_, column)) if *column.data_type() != DataType::Utf8 => Err(StoreError::Type {
                column: EXTRA_FIELDS.to_owned(),
                here: column.data_type().clone(),
                there: DataType::Utf8,
            }),
            Some(_) => Ok(plan),
            None => {
                let comes = plan.grow.iter().any(|at| batch.field(*at).name() == EXTRA_FIELDS);
                Ok(Plan { grow_extra: !comes, ..plan })
            }
        }
    }

    /// Whether a name differs from that of a column only by the case of its letters.
    fn has_like(&self, batch: &Schema, grow: &[usize], name: &str) -> bool {
        let mut own = self.schema.fields().iter().map(|field| field.name().as_str());
        let mut coming = grow.iter().map(|at| batch.field(*at).name().as_str());
        own.any(|other| other.eq_ignore_ascii_case(name))
            || coming.any(|other| other.eq_ignore_ascii_case(name))
    }
}

fn with(schema: &Schema, new: impl IntoIterator<Item = ArrowField>) -> SchemaRef {
    let old = schema.fields().iter().map(|field| field.as_ref().clone());
    Arc::new(Schema::new(old.chain(new).collect::<Vec<_>>()))
}

/// The column of extra fields with the values of more columns in it.
fn with_members(extra: &ArrayRef, batch: &RecordBatch, columns: &[usize]) -> ArrayRef {
    let (old, mut scratch) = (extra.as_string::<i32>(), Scratch::default());
    let schema = batch.schema();
    let row = |row: usize| {
        let mut object = if old.is_valid(row) { old.value(row).to_owned() } else { String::new() };
        let closed = object.pop();
        debug_assert!(matches!(closed, None | Some('}')));
        for at in columns {
            if let Some(value) = cell(batch.column(*at), row) {
                push_member(&mut object, schema.field(*at).name(), Value::Str(&value), &mut scratch);
            }
        }
        if !object.is_empty() {
            object.push('}');
        }
        Some(object).filter(|object| !object.is_empty())
    };
    Arc::new((0..batch.num_rows()).map(row).collect::<StringArray>())
}

/// A value of a column as text.
pub(crate) fn cell(column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Int64 => column.as_primitive::<arrow_array::types::Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<arrow_array::types::Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        _ => {
            let micros =
                column.as_primitive_opt::<arrow_array::types::TimestampMicrosecondType>()?.value(row);
            let mut text = Vec::new();
            let digits = if micros % 1_000_000 == 0 { 0 } else { 6 };
            weblog_wire::InstantText::default().write(weblog_parse::Instant { micros, digits }, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
    })
}
