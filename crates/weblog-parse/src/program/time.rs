//! The shapes of time that a format can ask for.

use super::{
    step::{Precision, Slot},
    strftime::{self, Token},
};
use crate::{
    record::Instant,
    time::{CLF_LEN, Memo, Shape, epoch},
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
            TimeShape::Seconds => {
                if source == "$msec" {
                    3
                } else {
                    0
                }
            }
            TimeShape::Millis => 3,
            TimeShape::Micros => 6,
            TimeShape::Format(tokens) => strftime::digits(tokens),
        }
    }

    /// The time that `input` begins with, and its length. One in a format of strftime stays text: others of
    /// the line may complete it.
    #[inline(always)]
    pub(super) fn read<'a>(&self, memo: &mut Memo, zone: Zone, input: &'a [u8]) -> Option<(Slot<'a>, usize)> {
        match self {
            TimeShape::Clf => {
                let logged = memo.read(input.first_chunk::<CLF_LEN>()?)?;
                Some((Slot::of_time(Shape::Full(logged)), CLF_LEN))
            }
            _ => self.read_other(memo, zone, input),
        }
    }

    fn read_other<'a>(&self, memo: &mut Memo, zone: Zone, input: &'a [u8]) -> Option<(Slot<'a>, usize)> {
        let run = |of: fn(&u8) -> bool| &input[..input.iter().take_while(|b| of(b)).count()];
        let whole = |text: &[u8], scale: i64, digits| {
            let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
            let micros = Instant::dated(number.checked_mul(scale)?, digits)?.micros;
            Some((Slot::Time(micros, Precision::new(digits, None)), text.len()))
        };
        match self {
            TimeShape::Clf => None,
            TimeShape::Iso => {
                let text = run(|b| b.is_ascii_digit() || b"-:TtZz.,+".contains(b));
                memo.read_shape(text, zone).map(|shape| (Slot::of_time(shape), text.len()))
            }
            TimeShape::Seconds => {
                let text = run(|b| b.is_ascii_digit() || *b == b'.');
                match epoch(text) {
                    Some(Instant { micros, digits }) => {
                        Some((Slot::Time(micros, Precision::new(digits, None)), text.len()))
                    }
                    None => whole(text, 1_000_000, 0),
                }
            }
            TimeShape::Millis => whole(run(u8::is_ascii_digit), 1_000, 3),
            TimeShape::Micros => whole(run(u8::is_ascii_digit), 1, 6),
            TimeShape::Format(tokens) => {
                let (parts, len) = strftime::read(tokens, input)?;
                parts.finish(zone)?;
                Some((Slot::Bytes(&input[..len]), len))
            }
        }
    }
}
