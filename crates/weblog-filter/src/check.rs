//! One value against one test.

use crate::{
    network::Network,
    operand::{Number, Scratch, number, text, time},
};
use memchr::memmem::Finder;
use regex::bytes::Regex;
use std::ops::{Bound, RangeBounds, RangeInclusive};
use weblog_parse::Value;

/// What a value that is there is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    /// Nothing more.
    Present,
    /// Not to be `false`.
    True,
    /// A number in a range.
    Number(Range),
    /// An instant from the first on and before the second, in microseconds.
    Period(i64, i64),
    /// This text.
    Equals(Box<[u8]>),
    /// One of these texts, which are sorted.
    OneOf(Box<[Box<[u8]>]>),
    /// A text within these bounds, by its bytes.
    Between(Bound<Box<[u8]>>, Bound<Box<[u8]>>),
    Contains(Box<Finder<'static>>),
    StartsWith(Box<[u8]>),
    EndsWith(Box<[u8]>),
    Pattern(Regex),
    Network(Network),
}

/// A range of numbers: of whole ones, which are exact, and of the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) whole: RangeInclusive<i64>,
    pub(crate) fractions: (Bound<f64>, Bound<f64>),
}

impl Check {
    /// Whether the value is as asked.
    #[inline]
    pub(crate) fn holds(&self, value: Value<'_>, scratch: &mut Scratch) -> bool {
        match self {
            Check::Present => true,
            Check::Number(range) => match number(value, scratch) {
                Some(Number::Whole(whole)) => range.whole.contains(&whole),
                Some(Number::Fraction(fraction)) => range.fractions.contains(&fraction),
                None => false,
            },
            Check::Period(from, to) => time(value).is_some_and(|time| *from <= time && time < *to),
            other => other.holds_of_text(text(value, scratch)),
        }
    }

    #[inline]
    fn holds_of_text(&self, text: &[u8]) -> bool {
        match self {
            Check::True => text != b"false",
            Check::Equals(wanted) => **wanted == *text,
            Check::OneOf(wanted) => wanted.binary_search_by(|one| (**one).cmp(text)).is_ok(),
            Check::Between(low, high) => {
                (low.as_ref().map(|low| &**low), high.as_ref().map(|high| &**high)).contains(text)
            }
            Check::Contains(finder) => finder.find(text).is_some(),
            Check::StartsWith(start) => text.starts_with(start),
            Check::EndsWith(end) => text.ends_with(end),
            Check::Pattern(pattern) => pattern.is_match(text),
            Check::Network(network) => network.contains(text),
            Check::Present | Check::Number(_) | Check::Period(..) => false,
        }
    }
}
