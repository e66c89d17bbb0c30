//! Which records go on; the others are counted as filtered.

use super::lookup::{Lookup, Wanted};
use crate::options::InputArgs;
use weblog_filter::{Expression, time};
use weblog_parse::{Field, Glance, Instant, Record, Value};

/// What is asked of records.
#[derive(Clone, Default)]
pub struct Keep {
    /// The time, in microseconds since the epoch, from the first on and before the second.
    times: Option<(i64, i64)>,
    /// The expression of `filter`.
    pub test: Option<Test>,
    /// Fields that a glance knows, and the ranges of what is wanted of them: a line that is told by a glance
    /// not to be wanted is left out. All others go on, and somebody else asks again.
    pub ranges: Vec<(Field, Vec<(i64, i64)>)>,
}

/// An expression, and what it is asked of.
#[derive(Clone)]
pub struct Test {
    /// The expression.
    pub expression: Expression,
    /// Those records are kept that it does not mean.
    pub invert: bool,
    /// What is looked up for it.
    pub wanted: Option<Wanted>,
}

impl Keep {
    /// What `--since` and `--until` ask.
    pub fn of_times(input: &InputArgs) -> Keep {
        Keep { times: input.times.bounds(input.read.clock()), ..Keep::default() }
    }
}

/// What one thread asks of records.
pub(super) struct Gate {
    keep: Keep,
    lookup: Option<Lookup>,
}

impl Gate {
    /// A gate that lets through what is to be kept.
    pub(super) fn new(keep: Keep) -> Self {
        let lookup = keep.test.as_ref().and_then(|test| test.wanted.clone()).map(Lookup::new);
        Gate { keep, lookup }
    }

    /// Whether a line goes on of which only so much is known, if that is enough to tell.
    #[inline]
    pub(super) fn glance(&mut self, glance: &Glance) -> Option<bool> {
        if !self.keep.is_in_time(|| glance.time.map(|Instant { micros, .. }| micros)) {
            return Some(false);
        }
        if !self.keep.ranges.iter().all(|(field, ranges)| is_in(glance, *field, ranges)) {
            return Some(false);
        }
        match &mut self.keep.test {
            Some(test) => test.expression.matches_glance(glance).map(|matches| matches != test.invert),
            None => Some(true),
        }
    }

    /// Whether a record goes on.
    #[inline]
    pub(super) fn keeps(&mut self, record: &Record<'_>) -> bool {
        if !self.keep.is_in_time(|| record.get(Field::Time).and_then(time)) {
            return false;
        }
        let Some(test) = &mut self.keep.test else { return true };
        let matches = test.expression.matches(record).unwrap_or_else(|| match &mut self.lookup {
            Some(lookup) => lookup.more(record, |more| test.expression.matches_with(record, more)),
            None => test.expression.matches_with(record, &Record::default()),
        });
        matches != test.invert
    }
}

/// Whether what a glance tells of a field is in one of the ranges. Null is in none.
#[inline]
fn is_in(glance: &Glance, field: Field, ranges: &[(i64, i64)]) -> bool {
    let value = match glance.get(field) {
        None => return true,
        Some(Some(Value::Int(number))) => Some(number),
        Some(Some(Value::Time(instant))) => Some(instant.micros),
        Some(_) => None,
    };
    value.is_some_and(|value| ranges.iter().any(|(from, to)| (*from..=*to).contains(&value)))
}

impl Keep {
    /// Whether the time is the one that is asked for. What has no time is in none.
    #[inline]
    fn is_in_time(&self, time: impl FnOnce() -> Option<i64>) -> bool {
        let Some((since, until)) = self.times else { return true };
        time().is_some_and(|time| since <= time && time < until)
    }
}
