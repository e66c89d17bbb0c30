//! Records to columns: the rows of one chunk as an Arrow record batch.
//!
//! A batch has the columns that its records have, and no others: which columns a file gets is decided
//! where batches come together (see [`crate::layout`]). A value that does not fit the kind of its
//! field, or whose name cannot be a column's, is kept as JSON in [`EXTRA_FIELDS`].

use crate::column::{Column, Kept};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use std::{collections::HashMap, sync::Arc};
use weblog_parse::{Field, Name, Record, Value};
use weblog_wire::{
    ndjson,
    text::{Scratch, text},
};

/// The column that holds, as one JSON object a row, the fields that have no column of their own.
pub const EXTRA_FIELDS: &str = "extra_fields";

/// The columns beside those of the schema that one batch may have, and a dataset in all.
pub const MOST_COLUMNS: usize = 200;

/// Builds batches from records.
#[derive(Debug)]
pub struct Builder {
    known: Vec<Option<Column>>,
    others: Vec<(String, Column)>,
    other_index: HashMap<String, usize>,
    /// Text of the fields without a column, as JSON without the closing brace.
    extra: String,
    extra_column: Column,
    /// If not all fields are wanted: which are.
    only: Option<Vec<String>>,
    rows: usize,
    scratch: Scratch,
    /// The schema of the last batch: most batches have the same.
    schema: SchemaRef,
}

impl Default for Builder {
    fn default() -> Self {
        Builder::new()
    }
}

impl Builder {
    /// A builder of batches with every field that records have.
    pub fn new() -> Self {
        Builder {
            known: Field::ALL.iter().map(|field| Some(Column::of_kind(field.info().kind))).collect(),
            others: Vec::new(),
            other_index: HashMap::new(),
            extra: String::new(),
            extra_column: Column::text(),
            only: None,
            rows: 0,
            scratch: Scratch::default(),
            schema: Arc::new(Schema::empty()),
        }
    }

    /// A builder of batches with these fields only, each of them in every batch, in this order.
    pub fn only(names: &[String]) -> Self {
        let mut builder = Builder::new();
        let mut wanted: Vec<String> = Vec::new();
        for name in names {
            if !wanted.contains(name) {
                wanted.push(name.clone());
            }
        }
        for field in Field::ALL {
            if !wanted.iter().any(|name| name == field.name()) {
                builder.known[*field as usize] = None;
            }
        }
        builder.only = Some(wanted);
        builder
    }

    /// Rows since the last batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a record as a row.
    #[inline]
    pub fn push(&mut self, record: &Record<'_>) {
        for (name, value) in record.fields() {
            match name {
                Name::Known(field) => {
                    let Some(column) = &mut self.known[*field as usize] else { continue };
                    if column.push(self.rows, *value, &mut self.scratch) == Kept::No {
                        self.push_extra(field.name(), *value);
                    }
                }
                Name::Other(name) => self.push_other(name, *value),
            }
        }
        if !self.extra.is_empty() {
            self.extra.push('}');
            self.extra_column.push(self.rows, Value::Str(&self.extra), &mut self.scratch);
            self.extra.clear();
        }
        self.rows += 1;
    }

    fn push_other(&mut self, name: &str, value: Value<'_>) {
        if let Value::Json("null") = value {
            return;
        }
        let at = match self.other_index.get(name) {
            Some(at) => *at,
            None if name == EXTRA_FIELDS => {
                return self.push_extra_object(value);
            }
            None if self.only.as_ref().is_some_and(|only| !only.iter().any(|wanted| wanted == name)) => {
                return;
            }
            None if self.others.len() < MOST_COLUMNS && is_column_name(name) => {
                self.others.push((name.to_owned(), Column::text()));
                self.other_index.insert(name.to_owned(), self.others.len() - 1);
                self.others.len() - 1
            }
            None => return self.push_extra(name, value),
        };
        self.others[at].1.push(self.rows, value, &mut self.scratch);
    }

    /// Takes over the fields that an earlier stage kept in the column of extra fields.
    fn push_extra_object(&mut self, value: Value<'_>) {
        let object = text(value, &mut self.scratch).trim().to_owned();
        let inside = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match inside.filter(|_| serde_json::from_str::<serde_json::Map<_, _>>(&object).is_ok()) {
            Some(inside) if !inside.trim().is_empty() => {
                self.extra.push(if self.extra.is_empty() { '{' } else { ',' });
                self.extra.push_str(inside);
            }
            Some(_) => {}
            None => self.push_extra(EXTRA_FIELDS, value),
        }
    }

    /// Keeps a field that has no column. `name` is escaped as in JSON.
    #[cold]
    fn push_extra(&mut self, name: &str, value: Value<'_>) {
        if self.only.is_some() {
            return;
        }
        push_member(&mut self.extra, name, value, &mut self.scratch);
    }

    /// The rows since the last batch; leaves an empty builder.
    pub fn finish(&mut self) -> RecordBatch {
        let rows = std::mem::take(&mut self.rows);
        let mut columns: Vec<(ArrowField, ArrayRef)> = Vec::with_capacity(40);
        let all = self.only.is_some();
        for (field, column) in Field::ALL.iter().zip(&mut self.known) {
            let Some(column) = column else { continue };
            if all || column.is_used() {
                columns.push((column_of(field.name(), column.data_type()), column.finish(rows)));
            }
        }
        for (name, column) in &mut self.others {
            if column.is_used() {
                columns.push((column_of(name, DataType::Utf8), column.finish(rows)));
            }
        }
        if self.extra_column.is_used() {
            columns.push((column_of(EXTRA_FIELDS, DataType::Utf8), self.extra_column.finish(rows)));
        }
        if let Some(only) = &self.only {
            columns = in_order(only, columns, rows);
        }
        self.batch(columns, rows)
    }

    fn batch(&mut self, columns: Vec<(ArrowField, ArrayRef)>, rows: usize) -> RecordBatch {
        let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let same = self.schema.fields().len() == fields.len()
            && self.schema.fields().iter().zip(&fields).all(|(old, new)| **old == *new);
        if !same {
            self.schema = Arc::new(Schema::new(fields));
        }
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .expect("every column was padded to the same number of rows")
    }
}

/// Brings the wanted columns into their order; one that no record had is null.
fn in_order(
    only: &[String],
    mut columns: Vec<(ArrowField, ArrayRef)>,
    rows: usize,
) -> Vec<(ArrowField, ArrayRef)> {
    let wanted = only.iter().map(|name| match columns.iter().position(|(field, _)| field.name() == name) {
        Some(at) => columns.swap_remove(at),
        None => (column_of(name, DataType::Utf8), Column::text().finish(rows)),
    });
    wanted.collect()
}

/// Adds `"name":value` to an object that is open, or opens one.
pub(crate) fn push_member(object: &mut String, name: &str, value: Value<'_>, scratch: &mut Scratch) {
    object.push(if object.is_empty() { '{' } else { ',' });
    object.push('"');
    object.push_str(name);
    object.push_str("\":");
    match value {
        Value::Json(json) => object.push_str(json),
        other => {
            let mut string = vec![b'"'];
            ndjson::escape(text(other, scratch), &mut string);
            string.push(b'"');
            object.push_str(&String::from_utf8_lossy(&string));
        }
    }
}

/// The Arrow type of a field of the schema.
pub fn data_type(field: Field) -> DataType {
    Column::of_kind(field.info().kind).data_type()
}

/// A column as Arrow and Parquet describe it: it may always be null.
pub fn column_of(name: &str, data_type: DataType) -> ArrowField {
    ArrowField::new(name, data_type, true)
}

/// The type of the column `time`: microseconds in UTC.
pub fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Whether a field that the schema does not have may become a column: its name means the same to every
/// reader, none of which tell upper from lower case, and is not that of a partition.
fn is_column_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    starts
        && name.len() <= 64
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && !crate::partition::COLUMNS.iter().any(|taken| taken.eq_ignore_ascii_case(name))
        && !Field::ALL.iter().any(|field| field.name().eq_ignore_ascii_case(name))
        && !name.eq_ignore_ascii_case(EXTRA_FIELDS)
}
