//! One column while it is built. Rows that have no value for it cost nothing until one has.

use crate::columns::time_type;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use std::sync::Arc;
use weblog_parse::{Kind, Value, Zone, time};
use weblog_wire::text::{Scratch, number, text};

/// Whether a value fitted its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Yes,
    No,
}

/// Values of one kind, and which rows have one.
#[derive(Debug)]
pub(crate) struct Column {
    values: Values,
    /// One bit a row, from the first row without a value on.
    valid: Option<BooleanBufferBuilder>,
    rows: usize,
    used: bool,
}

#[derive(Debug)]
enum Values {
    Time(Vec<i64>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Vec<bool>),
    Text { ends: Vec<i32>, bytes: Vec<u8> },
}

impl Column {
    pub(crate) fn of_kind(kind: Kind) -> Self {
        let values = match kind {
            Kind::Time => Values::Time(Vec::new()),
            Kind::Int => Values::Int(Vec::new()),
            Kind::Float => Values::Float(Vec::new()),
            Kind::Bool => Values::Bool(Vec::new()),
            Kind::Text => Values::Text { ends: Vec::new(), bytes: Vec::new() },
        };
        Column { values, valid: None, rows: 0, used: false }
    }

    pub(crate) fn text() -> Self {
        Column::of_kind(Kind::Text)
    }

    /// Whether a row has a value.
    pub(crate) fn is_used(&self) -> bool {
        self.used
    }

    pub(crate) fn data_type(&self) -> DataType {
        match self.values {
            Values::Time(_) => time_type(),
            Values::Int(_) => DataType::Int64,
            Values::Float(_) => DataType::Float64,
            Values::Bool(_) => DataType::Boolean,
            Values::Text { .. } => DataType::Utf8,
        }
    }

    /// Gives the row numbered `row` this value. A null is kept by leaving it out.
    #[inline]
    pub(crate) fn push(&mut self, row: usize, value: Value<'_>, scratch: &mut Scratch) -> Kept {
        if let Value::Json("null") = value {
            return Kept::Yes;
        }
        if self.rows > row {
            // A field that comes twice in one record: the first one stands.
            return Kept::No;
        }
        if self.rows < row {
            self.pad(row);
        }
        match &mut self.values {
            Values::Text { ends, bytes } => {
                match value {
                    Value::Plain(plain) => bytes.extend_from_slice(plain),
                    other => bytes.extend_from_slice(text(other, scratch).as_bytes()),
                }
                ends.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            }
            Values::Int(values) => match number(value) {
                Some(number) => values.push(number),
                None => return Kept::No,
            },
            Values::Time(values) => match micros(value, scratch) {
                Some(micros) => values.push(micros),
                None => return Kept::No,
            },
            Values::Float(values) => match text(value, scratch).parse() {
                Ok(number) => values.push(number),
                Err(_) => return Kept::No,
            },
            Values::Bool(values) => match text(value, scratch) {
                "true" => values.push(true),
                "false" => values.push(false),
                _ => return Kept::No,
            },
        }
        if let Some(valid) = &mut self.valid {
            valid.append(true);
        }
        self.rows = row + 1;
        self.used = true;
        Kept::Yes
    }

    /// Makes the rows up to `rows` null.
    fn pad(&mut self, rows: usize) {
        let missing = rows - self.rows;
        let valid = self.valid.get_or_insert_with(|| {
            let mut valid = BooleanBufferBuilder::new(rows.max(1024));
            valid.append_n(self.rows, true);
            valid
        });
        valid.append_n(missing, false);
        match &mut self.values {
            Values::Time(values) | Values::Int(values) => values.resize(rows, 0),
            Values::Float(values) => values.resize(rows, 0.0),
            Values::Bool(values) => values.resize(rows, false),
            Values::Text { ends, .. } => ends.resize(rows, ends.last().copied().unwrap_or(0)),
        }
        self.rows = rows;
    }

    /// The first `rows` rows; leaves an empty column with room for as many.
    pub(crate) fn finish(&mut self, rows: usize) -> ArrayRef {
        if self.rows < rows {
            self.pad(rows);
        }
        self.rows = 0;
        self.used = false;
        let nulls = self.valid.take().map(|mut valid| NullBuffer::new(valid.finish()));
        match &mut self.values {
            Values::Time(values) => {
                let array = TimestampMicrosecondArray::new(taken(values), nulls);
                Arc::new(array.with_timezone("UTC"))
            }
            Values::Int(values) => Arc::new(Int64Array::new(taken(values), nulls)),
            Values::Float(values) => Arc::new(Float64Array::new(taken(values), nulls)),
            Values::Bool(values) => Arc::new(BooleanArray::new(std::mem::take(values).into(), nulls)),
            Values::Text { ends, bytes } => {
                let mut offsets = Vec::with_capacity(ends.len() + 1);
                offsets.push(0);
                offsets.append(ends);
                let room = bytes.len();
                let bytes = std::mem::replace(bytes, Vec::with_capacity(room));
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(StringArray::new(offsets, Buffer::from_vec(bytes), nulls))
            }
        }
    }
}

fn taken<T: arrow_buffer::ArrowNativeType>(values: &mut Vec<T>) -> ScalarBuffer<T> {
    let room = values.len();
    ScalarBuffer::from(std::mem::replace(values, Vec::with_capacity(room)))
}

/// Microseconds since 1970 of a value that is an instant.
#[inline]
fn micros(value: Value<'_>, scratch: &mut Scratch) -> Option<i64> {
    match value {
        Value::Time(instant) => Some(instant.micros),
        Value::Int(_) => None,
        other => match time::shape(text(other, scratch).as_bytes(), Zone::default()) {
            Some(time::Shape::Full(logged)) => Some(logged.instant.micros),
            _ => None,
        },
    }
}
