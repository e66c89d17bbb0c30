//! The values of a column, one by one, as text or JSON.

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, UnionArray,
    cast::AsArray,
    types::{
        ArrowDictionaryKeyType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type,
        Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalMonthDayNanoType,
        Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
        UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, Field, IntervalUnit, TimeUnit};
use text::{date, decimal, float, interval, time, time_of_day};
use weblog_parse::text::lossless;
use weblog_wire::ndjson::escape;

mod number;
mod text;

/// The values of one column of a batch.
pub(crate) struct Column {
    array: ArrayRef,
    values: Values,
}

enum Values {
    Null,
    Bool,
    Int(Vec<i64>),
    /// Whole numbers and, with digits behind the point, decimals.
    Wide(Vec<i128>, i8),
    Float(Vec<f64>),
    Single(Vec<f32>),
    Text,
    LargeText,
    ViewText,
    /// Text that is JSON.
    Json,
    Bytes,
    /// Since 1970, and how many make a second. `true`: with a `Z` behind.
    Time(Vec<i64>, i64, bool),
    Date,
    TimeOfDay(Vec<i64>, i64),
    Interval,
    List,
    Struct(Vec<(String, Column)>),
    Map,
    Coded(Vec<usize>, Box<Column>),
    Union(Vec<(i8, Column)>),
    Other,
}

/// Whether values of a type stand at the right edge of a table's column.
pub(crate) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

impl Column {
    /// `utc`: times without a zone are UTC.
    pub(crate) fn new(array: &ArrayRef, field: &Field, utc: bool) -> Self {
        let values = match array.data_type() {
            DataType::Null => Values::Null,
            DataType::Boolean => Values::Bool,
            DataType::Int8 => ints::<Int8Type>(array),
            DataType::Int16 => ints::<Int16Type>(array),
            DataType::Int32 => ints::<Int32Type>(array),
            DataType::Int64 => ints::<Int64Type>(array),
            DataType::UInt8 => ints::<UInt8Type>(array),
            DataType::UInt16 => ints::<UInt16Type>(array),
            DataType::UInt32 => ints::<UInt32Type>(array),
            DataType::UInt64 => wide::<UInt64Type>(array, 0),
            DataType::Decimal32(_, scale) => wide::<Decimal32Type>(array, *scale),
            DataType::Decimal64(_, scale) => wide::<Decimal64Type>(array, *scale),
            DataType::Decimal128(_, scale) => wide::<Decimal128Type>(array, *scale),
            DataType::Float64 => Values::Float(array.as_primitive::<Float64Type>().values().to_vec()),
            DataType::Float32 => Values::Single(array.as_primitive::<Float32Type>().values().to_vec()),
            DataType::Utf8 if is_json(field) => Values::Json,
            DataType::Utf8 => Values::Text,
            DataType::LargeUtf8 => Values::LargeText,
            DataType::Utf8View => Values::ViewText,
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => Values::Bytes,
            DataType::Timestamp(unit, zone) => {
                let (values, units) = match unit {
                    TimeUnit::Second => (numbers::<TimestampSecondType>(array), 1),
                    TimeUnit::Millisecond => (numbers::<TimestampMillisecondType>(array), 1_000),
                    TimeUnit::Microsecond => (numbers::<TimestampMicrosecondType>(array), 1_000_000),
                    TimeUnit::Nanosecond => (numbers::<TimestampNanosecondType>(array), 1_000_000_000),
                };
                Values::Time(values, units, utc || zone.is_some())
            }
            DataType::Date32 => Values::Date,
            DataType::Time32(TimeUnit::Second) => Values::TimeOfDay(numbers::<Time32SecondType>(array), 1),
            DataType::Time32(_) => Values::TimeOfDay(numbers::<Time32MillisecondType>(array), 1_000),
            DataType::Time64(TimeUnit::Microsecond) => {
                Values::TimeOfDay(numbers::<Time64MicrosecondType>(array), 1_000_000)
            }
            DataType::Time64(_) => Values::TimeOfDay(numbers::<Time64NanosecondType>(array), 1_000_000_000),
            DataType::Interval(IntervalUnit::MonthDayNano) => Values::Interval,
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => Values::List,
            DataType::Struct(fields) => {
                let children = fields.iter().zip(array.as_struct().columns());
                let children =
                    children.map(|(field, child)| (field.name().clone(), Column::new(child, field, utc)));
                Values::Struct(children.collect())
            }
            DataType::Map(..) => Values::Map,
            DataType::Dictionary(keys, _) => coded(array, keys, field, utc),
            DataType::Union(fields, _) => {
                let union: &UnionArray = array.as_union();
                let children = fields.iter();
                Values::Union(
                    children.map(|(id, field)| (id, Column::new(union.child(id), field, utc))).collect(),
                )
            }
            _ => Values::Other,
        };
        Column { array: array.clone(), values }
    }

    /// Whether there is no value.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        match &self.values {
            Values::Null => true,
            Values::Union(_) => false,
            Values::Coded(keys, values) => self.array.is_null(row) || values.is_null(keys[row]),
            _ => self.array.is_null(row),
        }
    }

    /// Whether the values are times with a date.
    pub(crate) fn is_time(&self) -> bool {
        matches!(self.values, Values::Time(..))
    }

    /// Whether JSON can have the value.
    pub(crate) fn is_in_json(&self, row: usize) -> bool {
        match &self.values {
            _ if self.is_null(row) => false,
            Values::Float(values) => values[row].is_finite(),
            Values::Single(values) => values[row].is_finite(),
            _ => true,
        }
    }

    /// The text of a value that is not null: as it stands, or in `scratch`.
    pub(crate) fn text<'a>(&'a self, row: usize, scratch: &'a mut String) -> &'a str {
        match &self.values {
            Values::Text | Values::Json => return self.array.as_string::<i32>().value(row),
            Values::LargeText => return self.array.as_string::<i64>().value(row),
            Values::ViewText => return self.array.as_string_view().value(row),
            Values::Coded(keys, values) => return values.text(keys[row], scratch),
            _ => scratch.clear(),
        }
        self.write(row, scratch);
        scratch
    }

    fn write(&self, row: usize, out: &mut String) {
        match &self.values {
            Values::Bool => out.push_str(if self.array.as_boolean().value(row) { "true" } else { "false" }),
            Values::Int(values) => out.push_str(itoa::Buffer::new().format(values[row])),
            Values::Wide(values, scale) => decimal(values[row], *scale, out),
            Values::Float(values) => float(values[row], out),
            Values::Single(values) if values[row].is_finite() => {
                out.push_str(&serde_json::to_string(&values[row]).unwrap_or_default());
            }
            Values::Single(values) => float(f64::from(values[row]), out),
            Values::Bytes => lossless(self.bytes(row), out),
            Values::Time(values, units, zone) => time(values[row], *units, *zone, out),
            Values::Date => date(i64::from(self.array.as_primitive::<Date32Type>().value(row)), out),
            Values::TimeOfDay(values, units) => time_of_day(values[row], *units, out),
            Values::Interval => {
                interval(self.array.as_primitive::<IntervalMonthDayNanoType>().value(row), out)
            }
            Values::Coded(..) | Values::Text | Values::Json | Values::LargeText | Values::ViewText => {
                let mut scratch = String::new();
                out.push_str(self.text(row, &mut scratch));
            }
            Values::List | Values::Struct(_) | Values::Map => {
                let mut json = Vec::new();
                self.json(row, &mut json);
                out.push_str(&String::from_utf8_lossy(&json));
            }
            Values::Union(children) => {
                let union = self.array.as_union();
                let (id, at) = (union.type_id(row), union.value_offset(row));
                if let Some((_, child)) =
                    children.iter().find(|(other, _)| *other == id).filter(|(_, c)| !c.is_null(at))
                {
                    child.write(at, out);
                }
            }
            Values::Null => {}
            Values::Other => {
                let shown = duckdb::arrow::util::display::array_value_to_string(&self.array, row);
                out.push_str(&shown.unwrap_or_default());
            }
        }
    }

    /// Appends the value as JSON; null where JSON has no word for it.
    pub(crate) fn json(&self, row: usize, out: &mut Vec<u8>) {
        if !self.is_in_json(row) {
            return out.extend_from_slice(b"null");
        }
        let mut scratch = String::new();
        match &self.values {
            Values::Int(values) => out.extend_from_slice(itoa::Buffer::new().format(values[row]).as_bytes()),
            Values::Bool | Values::Wide(..) | Values::Float(_) | Values::Single(_) => {
                out.extend_from_slice(self.text(row, &mut scratch).as_bytes());
            }
            Values::Json => json_text(self.text(row, &mut scratch), out),
            Values::List => {
                let elements = match self.array.data_type() {
                    DataType::List(_) => self.array.as_list::<i32>().value(row),
                    DataType::LargeList(_) => self.array.as_list::<i64>().value(row),
                    _ => self.array.as_fixed_size_list().value(row),
                };
                let column = self.inner(&elements);
                members(elements.len(), *b"[]", out, |at, out| column.json(at, out));
            }
            Values::Struct(children) => members(children.len(), *b"{}", out, |at, out| {
                let (name, column) = &children[at];
                key(name, out);
                column.json(row, out);
            }),
            Values::Map => {
                let entries = self.array.as_map().value(row);
                let (keys, values) = (self.inner(entries.column(0)), self.inner(entries.column(1)));
                members(entries.len(), *b"{}", out, |at, out| {
                    key(keys.text(at, &mut String::new()), out);
                    values.json(at, out);
                });
            }
            Values::Coded(keys, values) => values.json(keys[row], out),
            Values::Union(children) => {
                let union = self.array.as_union();
                let (id, at) = (union.type_id(row), union.value_offset(row));
                match children.iter().find(|(other, _)| *other == id) {
                    Some((_, child)) => child.json(at, out),
                    None => out.extend_from_slice(b"null"),
                }
            }
            _ => {
                out.push(b'"');
                escape(self.text(row, &mut scratch), out);
                out.push(b'"');
            }
        }
    }

    /// The column of the values inside of one value.
    fn inner(&self, array: &ArrayRef) -> Column {
        let utc = true;
        Column::new(array, &Field::new("", array.data_type().clone(), true), utc)
    }

    fn bytes(&self, row: usize) -> &[u8] {
        match self.array.data_type() {
            DataType::Binary => self.array.as_binary::<i32>().value(row),
            DataType::LargeBinary => self.array.as_binary::<i64>().value(row),
            DataType::BinaryView => self.array.as_binary_view().value(row),
            _ => self.array.as_fixed_size_binary().value(row),
        }
    }
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<i64>
where
    T::Native: Into<i64>,
{
    array.as_primitive::<T>().values().iter().map(|value| (*value).into()).collect()
}

fn ints<T: ArrowPrimitiveType>(array: &ArrayRef) -> Values
where
    T::Native: Into<i64>,
{
    Values::Int(numbers::<T>(array))
}

fn wide<T: ArrowPrimitiveType>(array: &ArrayRef, scale: i8) -> Values
where
    T::Native: Into<i128>,
{
    Values::Wide(array.as_primitive::<T>().values().iter().map(|value| (*value).into()).collect(), scale)
}

fn coded(array: &ArrayRef, keys: &DataType, field: &Field, utc: bool) -> Values {
    fn of<K: ArrowDictionaryKeyType>(array: &ArrayRef, field: &Field, utc: bool) -> Values {
        let coded = array.as_dictionary::<K>();
        let keys = coded.keys_iter().map(Option::unwrap_or_default).collect();
        Values::Coded(keys, Box::new(Column::new(coded.values(), field, utc)))
    }
    match keys {
        DataType::UInt8 => of::<UInt8Type>(array, field, utc),
        DataType::UInt16 => of::<UInt16Type>(array, field, utc),
        DataType::UInt32 => of::<UInt32Type>(array, field, utc),
        DataType::Int8 => of::<Int8Type>(array, field, utc),
        DataType::Int16 => of::<Int16Type>(array, field, utc),
        DataType::Int32 => of::<Int32Type>(array, field, utc),
        _ => Values::Other,
    }
}

/// Whether a column of text holds JSON, which DuckDB says by Arrow's name for it.
fn is_json(field: &Field) -> bool {
    field.metadata().get("ARROW:extension:name").is_some_and(|name| name == "arrow.json")
}

/// JSON on one line. Text that only says that it is JSON stays text.
fn json_text(text: &str, out: &mut Vec<u8>) {
    match serde_json::from_str::<&serde_json::value::RawValue>(text) {
        Ok(_) if !text.contains(['\n', '\r']) => out.extend_from_slice(text.trim().as_bytes()),
        Ok(_) => {
            let minified = serde_json::from_str::<serde_json::Value>(text).map(|value| value.to_string());
            out.extend_from_slice(minified.unwrap_or_default().as_bytes());
        }
        Err(_) => {
            out.push(b'"');
            escape(text, out);
            out.push(b'"');
        }
    }
}

fn members(
    count: usize,
    [open, close]: [u8; 2],
    out: &mut Vec<u8>,
    mut write: impl FnMut(usize, &mut Vec<u8>),
) {
    out.push(open);
    for at in 0..count {
        if at > 0 {
            out.push(b',');
        }
        write(at, out);
    }
    out.push(close);
}

/// Appends a key of a JSON object and its colon.
pub(crate) fn key(name: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escape(name, out);
    out.extend_from_slice(b"\":");
}
