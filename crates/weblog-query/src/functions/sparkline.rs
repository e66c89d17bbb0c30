//! `sparkline(list)`: a list of numbers as a line of text, `▁▃█`.

use crate::{output::sparkline, value::Column};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field};
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use std::{error::Error, sync::Arc};

/// The function.
pub(super) struct Sparkline;

impl VArrowScalar for Sparkline {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let lists = input.column(0);
        let column = Column::new(lists, &Field::new("", lists.data_type().clone(), true), true);
        let line = |row| column.numbers(row).map(|numbers| sparkline(&numbers, true));
        Ok(Arc::new((0..lists.len()).map(line).collect::<StringArray>()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let list = DataType::List(Arc::new(Field::new("element", DataType::Float64, true)));
        vec![ArrowFunctionSignature::exact(vec![list], DataType::Utf8)]
    }
}
