//! The shapes of time that a format can ask for.

use super::strftime::{self, Token};
use crate::{
    time::{CLF_LEN, Logged, Memo, Shape, epoch},
    zone::Zone,
};

/// How a format writes a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeShape {
    /// `22/Jan/2019:03:56:14 +0330`
    Clf,
    /// ISO 8601: `2019-01-22T03:56:14+03:30`
    Iso,
    /// Seconds since the epoch, with a fraction or not.
    Seconds,
    /// Milliseconds since the epoch.
    Millis,
    /// Microseconds since the epoch.
    Micros,
    /// A format of strftime.
    Format(Box<[Token]>),
}

impl TimeShape {
    pub(super) fn expected(&self) -> &'static str {
        match self {
            TimeShape::Clf => "a time like 22/Jan/2019:03:56:14 +0330",
            TimeShape::Iso => "a time like 2019-01-22T03:56:14+03:30",
            TimeShape::Seconds => "seconds since 1970",
            TimeShape::Millis => "milliseconds since 1970",
            TimeShape::Micros => "microseconds since 1970",
            TimeShape::Format(_) => "a time in the format's shape",
        }
    }

    /// Digits of a fraction of a second: the finer of two times is worth more.
    pub(super) fn digits(&self, source: &str) -> u8 {
        match self {
            TimeShape::Clf | TimeShape::Iso => 0,
            TimeShape::Seconds => if source == "$msec" { 3 } else { 0 },
            TimeShape::Millis => 3,
            TimeShape::Micros => 6,
            TimeShape::Format(tokens) => strftime::digits(tokens),
        }
    }

    /// The length of the time that `input` begins with.
    #[inline]
    pub(super) fn len(&self, memo: &mut Memo, zone: Zone, input: &[u8]) -> Option<usize> {
        let run = |of: fn(&u8) -> bool| input.iter().take_while(|b| of(b)).count();
        let len = match self {
            TimeShape::Clf => CLF_LEN,
            TimeShape::Iso => run(|b| b.is_ascii_digit() || b"-:TtZz.,+".contains(b)),
            TimeShape::Seconds => run(|b| b.is_ascii_digit() || *b == b'.'),
            TimeShape::Millis | TimeShape::Micros => run(u8::is_ascii_digit),
            TimeShape::Format(tokens) => return strftime::read(tokens, input).map(|(_, len)| len),
        };
        self.read(memo, zone, input.get(..len)?).map(|_| len)
    }

    /// The time that `text` is.
    #[inline]
    pub(super) fn read(&self, memo: &mut Memo, zone: Zone, text: &[u8]) -> Option<Shape> {
        let scaled = |scale: i64, digits| {
            let number: i64 = std::str::from_utf8(text).ok()?.parse().ok().filter(|n| *n >= 0)?;
            let instant = crate::record::Instant { micros: number.checked_mul(scale)?, digits };
            Some(Shape::Full(Logged { instant, utc_offset: None }))
        };
        match self {
            TimeShape::Clf => memo.read(text.try_into().ok()?).map(Shape::Full),
            TimeShape::Iso => memo.read_shape(text, zone),
            TimeShape::Seconds => match epoch(text) {
                Some(instant) => Some(Shape::Full(Logged { instant, utc_offset: None })),
                None => scaled(1_000_000, 0),
            },
            TimeShape::Millis => scaled(1_000, 3),
            TimeShape::Micros => scaled(1, 6),
            TimeShape::Format(tokens) => {
                let (parts, len) = strftime::read(tokens, text)?;
                (len == text.len()).then(|| parts.finish(zone))?
            }
        }
    }
}
