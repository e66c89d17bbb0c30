//! Values for the parameters of a statement, bound and never spliced.

use crate::error::QueryError;
use duckdb::{
    Statement, ToSql,
    types::{TimeUnit, Value},
};

/// A value that a parameter has.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// Nothing was given, and nothing is fine.
    Null,
    /// A text. Where a statement compares it with a number it becomes one.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// An instant: microseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// A length of time, in microseconds.
    Span(i64),
    /// Several texts, in order.
    List(Vec<String>),
}

/// The parameters of a statement by name.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(String, Bound)>);

impl Parameters {
    fn get(&self, name: &str) -> Option<&Bound> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The values in the order in which a statement numbers its parameters.
    pub(crate) fn of(&self, statement: &Statement<'_>) -> Result<Vec<Value>, QueryError> {
        let names = names(statement)?;
        let value = |name: &String| {
            self.get(name).map(Bound::value).ok_or_else(|| {
                QueryError::Sql(format!("the parameter ${name} has no value: give one with --param {name}=…"))
            })
        };
        names.iter().map(value).collect()
    }
}

/// The names of the parameters of a statement.
pub(crate) fn names(statement: &Statement<'_>) -> Result<Vec<String>, QueryError> {
    (1..=statement.parameter_count()).map(|at| Ok(statement.parameter_name(at)?)).collect()
}

impl Bound {
    fn value(&self) -> Value {
        match self {
            Bound::Null => Value::Null,
            Bound::Text(text) => Value::Text(text.clone()),
            Bound::Int(number) => Value::BigInt(*number),
            Bound::Float(number) => Value::Double(*number),
            Bound::Bool(is) => Value::Boolean(*is),
            Bound::Time(micros) => Value::Timestamp(TimeUnit::Microsecond, *micros),
            Bound::Span(micros) => Value::Interval { months: 0, days: 0, nanos: micros.saturating_mul(1000) },
            Bound::List(texts) => Value::List(texts.iter().cloned().map(Value::Text).collect()),
        }
    }
}

/// Values as the statement's own library takes them.
pub(crate) fn bind(values: &[Value]) -> Vec<&dyn ToSql> {
    values.iter().map(|value| value as &dyn ToSql).collect()
}
