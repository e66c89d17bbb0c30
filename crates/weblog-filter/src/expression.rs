//! The compiled expression, and how it is evaluated.

use crate::{
    check::Check,
    compile::Compiler,
    error::BadExpression,
    operand::{Scratch, last_word, text},
    syntax,
    when::Clock,
};
use std::{cell::Cell, fmt};
use weblog_parse::{Field, Glance, Kind, Name, Record, Value};

/// An expression over the fields of a record. Clone it for each thread: it has memory of its own.
///
/// A field that a record does not have fulfils no test; every negation (`!=`, `!~`, `not in`, `not`) is the
/// opposite of what it negates, so it holds where the field is absent.
///
/// ```
/// use weblog_filter::{Clock, Expression};
/// use weblog_parse::{Field, Record, Value};
///
/// let mut expression = Expression::compile("status >= 500 && path ~ \"^/api/\"", Clock::default())?;
/// let mut record = Record::new();
/// record.push(Field::Path, Value::Plain(b"/api/users"));
/// record.push(Field::Status, Value::Int(502));
/// assert_eq!(expression.matches(&record), Some(true));
/// # Ok::<(), weblog_filter::BadExpression>(())
/// ```
#[derive(Clone, Debug)]
pub struct Expression {
    test: Test,
    names: Vec<FieldName>,
    looked_up: Vec<Field>,
    scratch: [Scratch; 2],
}

/// The name of a field in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// A field of the schema.
    Known(Field),
    /// Any other.
    Other(Box<str>),
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldName::Known(field) => field.name(),
            FieldName::Other(name) => name,
        })
    }
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Constant(bool),
    All(Box<[Test]>),
    Any(Box<[Test]>),
    Not(Box<Test>),
    Field(Place, Check),
}

/// Where a value is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Known(Field),
    Other(Box<str>),
    /// The last word behind what the format names, unless a field has this name.
    Last,
}

/// The name of the last word behind what the format names.
pub const LAST: &str = "last";

impl Place {
    pub(crate) fn of(field: Field) -> Place {
        Place::Known(field)
    }

    pub(crate) fn named(name: &str) -> Place {
        match Field::from_name(name.as_bytes()) {
            Some(field) => Place::Known(field),
            None if name == LAST => Place::Last,
            None => Place::Other(name.into()),
        }
    }

    pub(crate) fn name(&self) -> FieldName {
        match self {
            Place::Known(field) => FieldName::Known(*field),
            Place::Other(name) => FieldName::Other(name.clone()),
            Place::Last => FieldName::Other(LAST.into()),
        }
    }

    /// The kind of value, where the schema says.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Place::Known(field) => Some(field.info().kind),
            Place::Other(_) | Place::Last => None,
        }
    }

    pub(crate) fn is(&self, field: Field) -> bool {
        *self == Place::Known(field)
    }

    /// Whether it holds addresses, so that text in quotes may be one, too.
    pub(crate) fn is_address(&self) -> bool {
        use Field::*;
        [RemoteAddr, ClientAddr, ServerAddr, UpstreamAddr, ForwardedFor].iter().any(|field| self.is(*field))
    }

    /// The unit of a span of time, in microseconds, which the name ends in; 0 for nanoseconds.
    pub(crate) fn microseconds(&self) -> Option<i64> {
        let name = self.name().to_string();
        let unit = name.rsplit_once('_')?.1;
        match unit {
            "ns" => Some(0),
            "us" => Some(1),
            "ms" => Some(1_000),
            "s" | "sec" | "seconds" => Some(1_000_000),
            _ => None,
        }
    }
}

/// What is known of a value.
enum Known<'r> {
    Value(Value<'r>),
    /// A text of which the last word counts.
    Tail(Value<'r>),
    Absent,
    /// It has to be looked up first.
    NotYet,
}

impl Expression {
    /// Compiles an expression. Times in it refer to `clock`.
    ///
    /// # Errors
    /// The place where the text is no expression, and what was expected there.
    pub fn compile(text: &str, clock: Clock) -> Result<Expression, BadExpression> {
        let node = syntax::parse(text)?;
        let mut compiler = Compiler { text, clock, names: Vec::new(), patterns: Cell::new(0) };
        let test = compiler.node(&node)?;
        Ok(Expression { test, names: compiler.names, looked_up: Vec::new(), scratch: Default::default() })
    }

    /// The fields that are named, each once, but for those that are only asked whether they exist.
    pub fn names(&self) -> &[FieldName] {
        &self.names
    }

    /// Whether one of these fields is named, in whatever way.
    pub fn names_any(&self, fields: &[Field]) -> bool {
        self.test.any_place(&|place| fields.iter().any(|field| place.is(*field)))
    }

    /// From now on these fields are looked up where a record does not have them.
    pub fn look_up(&mut self, fields: Vec<Field>) {
        self.looked_up = fields;
    }

    /// Whether a record is meant. None says that this depends on fields that have to be looked up.
    #[inline]
    pub fn matches(&mut self, record: &Record<'_>) -> Option<bool> {
        let looked_up = self.looked_up.as_slice();
        let find = |place: &Place| match (find(record, place), place) {
            (Known::Absent, Place::Known(field)) if looked_up.contains(field) => Known::NotYet,
            (known, _) => known,
        };
        self.test.holds(&find, &mut self.scratch)
    }

    /// Whether a record is meant of which more is known in another one.
    pub fn matches_with(&mut self, record: &Record<'_>, more: &Record<'_>) -> bool {
        let find = |place: &Place| match find(record, place) {
            Known::Absent => find(more, place),
            known => known,
        };
        self.test.holds(&find, &mut self.scratch).unwrap_or(false)
    }

    /// Whether a line is meant of which only so much is known. None says that more has to be known.
    #[inline]
    pub fn matches_glance(&mut self, glance: &Glance) -> Option<bool> {
        let find = |place: &Place| match place {
            Place::Known(field) => match glance.get(*field) {
                Some(Some(value)) => Known::Value(value),
                Some(None) => Known::Absent,
                None => Known::NotYet,
            },
            Place::Other(_) | Place::Last => Known::NotYet,
        };
        self.test.holds(&find, &mut self.scratch)
    }
}

/// The value in a record.
fn find<'r>(record: &Record<'r>, place: &Place) -> Known<'r> {
    let known = |value: Option<Value<'r>>| value.map_or(Known::Absent, Known::Value);
    let other = |wanted: &str| {
        let found = record.fields().iter().find(|(name, _)| *name == Name::Other(wanted));
        found.map(|(_, value)| *value)
    };
    match place {
        Place::Known(field) => known(record.get(*field)),
        Place::Other(name) => known(other(name)),
        Place::Last => match other(LAST) {
            Some(own) => Known::Value(own),
            None => record.get(Field::Extra).map_or(Known::Absent, Known::Tail),
        },
    }
}

impl Test {
    /// Whether it holds; none when that depends on what is not known yet.
    #[inline]
    fn holds<'r>(&self, find: &impl Fn(&Place) -> Known<'r>, scratch: &mut [Scratch; 2]) -> Option<bool> {
        match self {
            Test::Constant(constant) => Some(*constant),
            Test::Field(place, check) => {
                let [value_scratch, tail_scratch] = scratch;
                match find(place) {
                    Known::Value(Value::Json("null")) => Some(false),
                    Known::Value(value) => Some(check.holds(value, value_scratch)),
                    Known::Tail(value) => {
                        let last = std::str::from_utf8(last_word(text(value, tail_scratch)));
                        Some(last.is_ok_and(|last| check.holds(Value::Str(last), value_scratch)))
                    }
                    Known::Absent => Some(false),
                    Known::NotYet => None,
                }
            }
            Test::Not(test) => test.holds(find, scratch).map(|holds| !holds),
            Test::All(tests) => decided(tests, false, find, scratch),
            Test::Any(tests) => decided(tests, true, find, scratch),
        }
    }

    fn any_place(&self, is: &impl Fn(&Place) -> bool) -> bool {
        match self {
            Test::Constant(_) => false,
            Test::Field(place, _) => is(place),
            Test::Not(test) => test.any_place(is),
            Test::All(tests) | Test::Any(tests) => tests.iter().any(|test| test.any_place(is)),
        }
    }
}

/// One test that gives `decisive` decides; otherwise what is not known yet does.
fn decided<'r>(
    tests: &[Test],
    decisive: bool,
    find: &impl Fn(&Place) -> Known<'r>,
    scratch: &mut [Scratch; 2],
) -> Option<bool> {
    let mut unknown = false;
    for test in tests {
        match test.holds(find, scratch) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!decisive)
}

#[cfg(test)]
mod tests;
