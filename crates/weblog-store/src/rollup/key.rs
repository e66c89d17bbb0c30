//! The values that rows are told apart by, as bytes: one after the other, each with its kind before it.

use super::STATUS_CLASS;
use crate::error::StoreError;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder},
    cast::AsArray,
    types::Int64Type,
};
use arrow_schema::DataType;
use std::sync::Arc;

/// A text beyond so many bytes is no key: logs are written by whoever sends requests.
const LONGEST: usize = 1_024;

const NULL: u8 = 0;
const VALUE: u8 = 1;

/// The columns of a batch that tell its rows apart.
pub(super) struct KeyColumns(Vec<KeyColumn>);

enum KeyColumn {
    Missing,
    Int(Int64Array),
    /// A status, of which the hundreds count.
    Class(Int64Array),
    Float(Float64Array),
    Bool(BooleanArray),
    Text(StringArray),
}

impl KeyColumns {
    /// Those of a batch. One that it does not have is null in each row.
    pub(super) fn of(by: &[String], batch: &RecordBatch) -> Result<Self, StoreError> {
        let column = |name: &String| {
            let own = batch.column_by_name(name);
            let (array, is_class) = match own {
                None if name == STATUS_CLASS => (batch.column_by_name("status"), true),
                own => (own, false),
            };
            let Some(array) = array else { return Ok(KeyColumn::Missing) };
            Ok(match array.data_type() {
                DataType::Int64 if is_class => KeyColumn::Class(array.as_primitive().clone()),
                DataType::Int64 => KeyColumn::Int(array.as_primitive().clone()),
                DataType::Float64 => KeyColumn::Float(array.as_primitive().clone()),
                DataType::Boolean => KeyColumn::Bool(array.as_boolean().clone()),
                DataType::Utf8 => KeyColumn::Text(array.as_string().clone()),
                kind if kind.is_integer() => {
                    let array = arrow_cast::cast(array, &DataType::Int64)?;
                    let array = array.as_primitive::<Int64Type>().clone();
                    if is_class { KeyColumn::Class(array) } else { KeyColumn::Int(array) }
                }
                _ => KeyColumn::Text(arrow_cast::cast(array, &DataType::Utf8)?.as_string().clone()),
            })
        };
        by.iter().map(column).collect::<Result<_, StoreError>>().map(KeyColumns)
    }

    /// Writes the key of a row behind what is there. False if the row has none of its own.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) -> bool {
        self.0.iter().all(|column| column.write(row, out))
    }
}

impl KeyColumn {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> bool {
        let mut put = |value: Option<[u8; 8]>| match value {
            Some(value) => {
                out.push(VALUE);
                out.extend_from_slice(&value);
            }
            None => out.push(NULL),
        };
        match self {
            KeyColumn::Missing => put(None),
            KeyColumn::Int(array) => put(array.is_valid(row).then(|| array.value(row).to_be_bytes())),
            KeyColumn::Float(array) => {
                put(array.is_valid(row).then(|| array.value(row).to_bits().to_be_bytes()))
            }
            KeyColumn::Bool(array) => {
                put(array.is_valid(row).then(|| i64::from(array.value(row)).to_be_bytes()));
            }
            KeyColumn::Class(array) => {
                let class = array.is_valid(row).then(|| array.value(row).div_euclid(100));
                match class.filter(|class| (1..=9).contains(class)) {
                    Some(class) => put_text(&format!("{class}xx"), out),
                    None => put(None),
                }
            }
            KeyColumn::Text(array) if array.is_null(row) => put(None),
            KeyColumn::Text(array) if array.value(row).len() > LONGEST => return false,
            KeyColumn::Text(array) => put_text(array.value(row), out),
        }
        true
    }
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    out.push(VALUE);
    out.extend_from_slice(&(text.len() as u64).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Keys as columns of these types; none is null in all of them.
pub(super) fn arrays<'a>(
    kinds: impl Iterator<Item = &'a DataType>,
    keys: &[Option<Box<[u8]>>],
) -> Result<Vec<ArrayRef>, StoreError> {
    let mut rest: Vec<&[u8]> = keys.iter().map(|key| key.as_deref().unwrap_or_default()).collect();
    let array = |kind: &DataType| -> ArrayRef {
        let numbers = |rest: &mut Vec<&[u8]>| rest.iter_mut().map(number).collect::<Vec<_>>();
        match kind {
            DataType::Int64 => {
                let mut built = Int64Builder::with_capacity(rest.len());
                numbers(&mut rest).into_iter().for_each(|value| built.append_option(value.map(|v| v as i64)));
                Arc::new(built.finish())
            }
            DataType::Float64 => {
                let mut built = Float64Builder::with_capacity(rest.len());
                numbers(&mut rest).into_iter().for_each(|v| built.append_option(v.map(f64::from_bits)));
                Arc::new(built.finish())
            }
            DataType::Boolean => {
                let mut built = BooleanBuilder::with_capacity(rest.len());
                numbers(&mut rest).into_iter().for_each(|v| built.append_option(v.map(|v| v != 0)));
                Arc::new(built.finish())
            }
            _ => {
                let mut built = StringBuilder::new();
                for rest in &mut rest {
                    let text = number(rest).and_then(|length| {
                        let (text, behind) = rest.split_at_checked(length as usize)?;
                        *rest = behind;
                        std::str::from_utf8(text).ok()
                    });
                    built.append_option(text);
                }
                Arc::new(built.finish())
            }
        }
    };
    Ok(kinds.map(array).collect())
}

/// Takes eight bytes off; none for a null, or at the end.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let (kind, behind) = rest.split_first()?;
    *rest = behind;
    if *kind == NULL {
        return None;
    }
    let (value, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(u64::from_be_bytes(*value))
}
