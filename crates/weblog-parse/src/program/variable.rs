//! One directive or variable of a format: what its text looks like and where its value goes.

use super::time::TimeShape;
use crate::schema::Field;

/// What the text of a variable looks like, and so where it ends and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One word without blanks.
    Word,
    /// A word; a user may hold blanks all the same.
    User,
    /// Any text.
    Text,
    /// A path with the query behind it, which the first `?` begins.
    PathAndQuery,
    /// A query with the `?` before it, or nothing.
    Query,
    /// One byte, of which `-` is a value.
    Char,
    /// A list of words as nginx writes it: `, ` between attempts, ` : ` between groups of them.
    List,
    /// Such a list of seconds, which become the microseconds of their sum.
    Times,
    /// Three digits.
    Status,
    /// A whole number.
    Int,
    /// A whole number in hexadecimal digits.
    Hex,
    /// A number with a fraction.
    Decimal,
    /// A duration that becomes microseconds.
    Duration(Unit),
    /// A time.
    Time(TimeShape),
}

/// The unit of a duration without one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, with or without a fraction.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
}

impl Shape {
    /// What stands in an error behind the variable's name.
    pub(super) fn expected(&self) -> &'static str {
        match self {
            Shape::Word | Shape::User => "a word without blanks",
            Shape::Text | Shape::PathAndQuery => "text",
            Shape::Query => "nothing, or `?` and a query",
            Shape::Char => "one character",
            Shape::List => "a word or a list of them",
            Shape::Times => "seconds or a list of them",
            Shape::Status => "three digits",
            Shape::Int => "a whole number of at most 63 bits",
            Shape::Hex => "a hexadecimal number of at most 63 bits",
            Shape::Decimal => "a number",
            Shape::Duration(_) => "a duration",
            Shape::Time(time) => time.expected(),
        }
    }

    /// Whether the text is of any length and any bytes.
    pub(super) fn is_free(&self) -> bool {
        matches!(self, Shape::Text | Shape::PathAndQuery)
    }

    /// Whether the text tells by itself where it ends.
    pub(super) fn is_typed(&self) -> bool {
        !matches!(self, Shape::Word | Shape::User | Shape::Query) && !self.is_free()
    }
}

/// One directive or variable: the name that errors use, its shape, and where its value goes.
#[derive(Clone, Debug)]
pub struct Variable {
    pub(super) source: String,
    pub(super) shape: Shape,
    pub(super) claim: Option<Field>,
    /// Of several variables that claim one field the one of the lowest rank gets it.
    pub(super) rank: u8,
    /// The name of the value when it gets no field of the schema.
    pub(super) own: String,
}

impl Variable {
    /// A variable that fills a field of the schema.
    pub fn field(source: &str, field: Field, shape: Shape) -> Self {
        Variable { claim: Some(field), ..Variable::other(source, field.name(), shape) }
    }

    /// A variable that the schema does not know: its value is kept under its own name.
    pub fn other(source: &str, name: &str, shape: Shape) -> Self {
        Variable { source: source.into(), shape, claim: None, rank: 0, own: snake_case(name) }
    }

    /// Leaves the field to a variable of lower rank when the format has one; this one then goes by its
    /// own name.
    pub fn or_else(self, rank: u8, own: &str) -> Self {
        Variable { rank, own: snake_case(own), ..self }
    }

    /// Whether the text always begins with a slash, so that it ends what stands before it.
    pub(super) fn begins_with_slash(&self) -> bool {
        let field = matches!(self.claim, Some(Field::Target | Field::Path));
        field && self.shape != Shape::Query
    }
}

/// A name of lower-case letters, digits and underscores.
pub(super) fn snake_case(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().map(plain).collect()
}
