//! Fields that are taken out of rows: nulls in their columns, and nothing of them in the column of fields
//! without a column.

use crate::{columns::EXTRA_FIELDS, error::StoreError, rewrite::is_null};
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray, cast::AsArray,
    new_null_array,
};
use arrow_schema::{DataType, SchemaRef};
use arrow_select::zip::zip;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, sync::Arc};

/// Which fields go.
pub(super) struct Strip {
    /// Those that are columns.
    pub(super) columns: Vec<String>,
    /// All of them.
    names: Vec<String>,
    /// Those of the columns that are no texts.
    numbers: Vec<String>,
    /// Whether the dataset has a column for fields without a column.
    has_extra: bool,
}

/// Rows, and in how many of them a field was taken out.
pub(super) struct Treated {
    pub(super) rows: RecordBatch,
    pub(super) stripped: u64,
}

impl Strip {
    pub(super) fn new(names: &[String], schema: &SchemaRef) -> Self {
        let kind = |name: &str| schema.column_with_name(name).map(|(_, field)| field.data_type());
        let columns = || names.iter().filter(|name| kind(name).is_some());
        Strip {
            columns: columns().cloned().collect(),
            names: names.to_vec(),
            numbers: columns().filter(|name| kind(name) != Some(&DataType::Utf8)).cloned().collect(),
            has_extra: kind(EXTRA_FIELDS) == Some(&DataType::Utf8),
        }
    }

    /// Whether the log says that a file is stripped already: of texts it says that only then. A number
    /// that is null everywhere may stand among the fields without a column, as it was no number.
    pub(super) fn is_done(&self, stats: &serde_json::Value) -> bool {
        let sure = !self.has_extra || (self.numbers.is_empty() && self.columns.len() == self.names.len());
        sure && self.columns.iter().all(|name| is_null(stats, name))
    }

    /// Takes the fields out of the rows that are old enough.
    pub(super) fn treat(
        &self,
        batch: RecordBatch,
        old: impl Fn(&RecordBatch) -> BooleanArray,
    ) -> Result<Treated, StoreError> {
        let old = old(&batch);
        let mut touched = vec![false; batch.num_rows()];
        let mut columns = batch.columns().to_vec();
        let schema = batch.schema();
        for (field, column) in schema.fields().iter().zip(&mut columns) {
            if self.names.contains(field.name()) {
                let loses = |row: &usize| old.value(*row) && column.is_valid(*row);
                (0..batch.num_rows()).filter(loses).for_each(|row| touched[row] = true);
                *column = zip(&old, &arrow_array::Scalar::new(new_null_array(field.data_type(), 1)), column)?;
            } else if field.name() == EXTRA_FIELDS && self.has_extra {
                *column = self.without_members(column, &old, &mut touched);
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let rows = RecordBatch::try_new_with_options(schema, columns, &options)?;
        Ok(Treated { rows, stripped: touched.into_iter().filter(|touched| *touched).count() as u64 })
    }

    /// The column of JSON objects without the members that go.
    fn without_members(&self, column: &ArrayRef, old: &BooleanArray, touched: &mut [bool]) -> ArrayRef {
        let texts = column.as_string::<i32>();
        let row = |row: usize| {
            let text = texts.is_valid(row).then(|| texts.value(row))?;
            let may_hold = old.value(row) && self.names.iter().any(|name| text.contains(name.as_str()));
            match may_hold.then(|| self.without(text)).flatten() {
                Some(rest) => {
                    touched[row] = true;
                    rest
                }
                None => Some(text.to_owned()),
            }
        };
        let rows: Vec<Option<String>> = (0..texts.len()).map(row).collect();
        Arc::new(rows.into_iter().collect::<StringArray>())
    }

    /// The object without the members that go, which may be nothing. None if it has none of them, or is no
    /// object.
    fn without(&self, text: &str) -> Option<Option<String>> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).ok()?;
        let before = members.len();
        let kept: Vec<_> = members.into_iter().filter(|(name, _)| !self.names.contains(name)).collect();
        if kept.len() == before {
            return None;
        }
        let mut out = String::new();
        for (name, value) in &kept {
            out.push(if out.is_empty() { '{' } else { ',' });
            out.push_str(&serde_json::Value::from(name.as_str()).to_string());
            out.push(':');
            out.push_str(value.get());
        }
        Some(Some(out).filter(|out| !out.is_empty()).map(|out| out + "}"))
    }
}
