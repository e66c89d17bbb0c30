//! Numbers and times as charts and tables for people take them.

use super::{Column, Values};
use arrow_array::{Array, cast::AsArray, types::Date32Type};
use arrow_schema::{DataType, Field};

impl Column {
    /// The value as a number, if it is one that can be drawn.
    pub(crate) fn number(&self, row: usize) -> Option<f64> {
        if self.is_null(row) {
            return None;
        }
        let number = match &self.values {
            Values::Int(values) => values[row] as f64,
            Values::Wide(values, scale) => values[row] as f64 / 10f64.powi(i32::from(*scale)),
            Values::Float(values) => values[row],
            Values::Single(values) => f64::from(values[row]),
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// The instant or day as microseconds since 1970.
    pub(crate) fn micros(&self, row: usize) -> Option<i64> {
        if self.is_null(row) {
            return None;
        }
        match &self.values {
            Values::Time(values, units, _) => {
                let value = values[row];
                let known = value != i64::MAX && value != -i64::MAX;
                let micros = i128::from(value) * 1_000_000 / i128::from(*units);
                i64::try_from(micros).ok().filter(|_| known)
            }
            Values::Date => {
                i64::from(self.array.as_primitive::<Date32Type>().value(row)).checked_mul(86_400_000_000)
            }
            _ => None,
        }
    }

    /// The numbers of a list; none where an element is none.
    pub(crate) fn numbers(&self, row: usize) -> Option<Vec<Option<f64>>> {
        if self.is_null(row) || !matches!(self.values, Values::List) {
            return None;
        }
        let elements = match self.array.data_type() {
            DataType::List(_) => self.array.as_list::<i32>().value(row),
            DataType::LargeList(_) => self.array.as_list::<i64>().value(row),
            _ => self.array.as_fixed_size_list().value(row),
        };
        let column = Column::new(&elements, &Field::new("", elements.data_type().clone(), true), true);
        Some((0..elements.len()).map(|at| column.number(at)).collect())
    }

    /// Whether the values are numbers without digits behind the point.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.values, Values::Int(_) | Values::Wide(_, 0))
    }

    /// Whether the values are decimals, all with the same digits behind the point.
    pub(crate) fn is_decimal(&self) -> bool {
        matches!(self.values, Values::Wide(_, 1..))
    }
}
