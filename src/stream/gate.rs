//! Which records go on; the others are counted as filtered.

use super::lookup::{Lookup, Wanted};
use crate::options::InputArgs;
use weblog_filter::{Expression, time};
use weblog_parse::{Field, Glance, Instant, Record};

/// What is asked of records.
#[derive(Clone, Default)]
pub struct Keep {
    /// The time, in microseconds since the epoch, from the first on and before the second.
    times: Option<(i64, i64)>,
    /// The expression of `filter`.
    pub test: Option<Test>,
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
        let (since, until) = (input.times.since, input.times.until);
        if since.is_none() && until.is_none() {
            return Keep::default();
        }
        let clock = input.read.clock();
        let start =
            |moment: Option<weblog_filter::When>, open| moment.map_or(open, |moment| moment.start(clock));
        Keep { times: Some((start(since, i64::MIN), start(until, i64::MAX))), test: None }
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

impl Keep {
    /// Whether the time is the one that is asked for. What has no time is in none.
    #[inline]
    fn is_in_time(&self, time: impl FnOnce() -> Option<i64>) -> bool {
        let Some((since, until)) = self.times else { return true };
        time().is_some_and(|time| since <= time && time < until)
    }
}
