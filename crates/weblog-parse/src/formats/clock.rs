//! Times of these formats, through the memo of the last second wherever their shape allows it.

use super::part::{Part, bracketed, miss, word};
use crate::{
    record::Instant,
    reject::Reason,
    time::{CLF_LEN, Logged, Memo, Shape, shape},
    zone::Zone,
};

/// How the times of a log are read.
pub(super) struct Clock<'m> {
    pub(super) memo: &'m mut Memo,
    /// The zone of times that carry none.
    pub(super) zone: Zone,
}

impl Clock<'_> {
    /// `[22/Jan/2019:03:56:14 +0330]`, or another shape between brackets.
    #[inline]
    pub(super) fn bracketed<'a>(&mut self, input: &'a [u8]) -> Part<'a, Option<Logged>> {
        let expected = "a time in brackets like [22/Jan/2019:03:56:14 +0330]";
        let (rest, text) = bracketed(expected)(input)?;
        self.any(text).map_or_else(|| miss(&input[1..], Reason::BadTime, expected), |time| Ok((rest, time)))
    }

    /// A time without blanks, like `2019-01-22T00:26:14.123456Z`.
    #[inline]
    pub(super) fn word<'a>(&mut self, input: &'a [u8]) -> Part<'a, Option<Logged>> {
        let expected = "a time like 2019-01-22T00:26:14.123456Z";
        let (rest, text) = word(expected)(input)?;
        self.any(text).map_or_else(|| miss(input, Reason::BadTime, expected), |time| Ok((rest, time)))
    }

    /// The time that a text is; `None` inside for `-` and for a date alone.
    #[inline]
    pub(super) fn any(&mut self, text: &[u8]) -> Option<Option<Logged>> {
        if let Ok(text) = <&[u8; CLF_LEN]>::try_from(text)
            && let Some(time) = self.memo.read(text)
        {
            return Some(Some(time));
        }
        // `22/Jan/2019:03:56:14.123`
        if let Some((second, fraction)) = text.split_at_checked(20)
            && text[2] == b'/'
            && let Some((micros, digits)) = fraction_of(fraction)
            && let Some(time) = self.local(second, micros, digits)
        {
            return Some(Some(time));
        }
        match shape(text, self.zone) {
            Some(Shape::Full(time)) => Some(Some(time)),
            Some(Shape::Incomplete) => Some(None),
            None => (text == b"-").then_some(None),
        }
    }

    /// A date and a time that stand apart: `2019-01-22` and `03:56:14`.
    pub(super) fn date_and_time(&mut self, date: &[u8], time: &[u8]) -> Option<Logged> {
        let mut text = [b' '; 27];
        let len = 11 + time.len();
        if date.len() != 10 {
            return None;
        }
        text[..10].copy_from_slice(date);
        text.get_mut(11..len)?.copy_from_slice(time);
        match shape(&text[..len], self.zone)? {
            Shape::Full(time) => Some(time),
            Shape::Incomplete => None,
        }
    }

    /// `Wed Oct 11 14:32:52 2000` of ctime(3), and the same with a fraction of the second.
    pub(super) fn asctime(&mut self, text: &[u8]) -> Option<Logged> {
        let (second, rest) = text.split_at_checked(19)?;
        let space = rest.iter().position(|b| *b == b' ')?;
        let ((micros, digits), year) = (fraction_of(&rest[..space])?, &rest[space + 1..]);
        if year.len() != 4 || [second[3], second[7], second[10]] != *b"   " {
            return None;
        }
        let day = if second[8] == b' ' { b'0' } else { second[8] };
        let mut clf = *b"00/Jan/0000:00:00:00";
        clf[..2].copy_from_slice(&[day, second[9]]);
        clf[3..6].copy_from_slice(&second[4..7]);
        clf[7..11].copy_from_slice(year);
        clf[12..].copy_from_slice(&second[11..]);
        self.local(&clf, micros, digits)
    }

    /// `22/Jan/2019:03:56:14` in the zone of times without one.
    pub(super) fn local(&mut self, second: &[u8], micros: i64, digits: u8) -> Option<Logged> {
        let mut text = *b"00/Jan/0000:00:00:00 +0000";
        text[..20].copy_from_slice(second.get(..20)?);
        let local = self.memo.read(&text)?.instant.micros / 1_000_000;
        let micros = self.zone.to_utc(local) * 1_000_000 + micros;
        Some(Logged { instant: Instant::dated(micros, digits)?, utc_offset: None })
    }
}

/// `.123` or `.123456` or nothing: microseconds and the digits of the log.
pub(super) fn fraction_of(text: &[u8]) -> Option<(i64, u8)> {
    let digits = match text {
        [] => return Some((0, 0)),
        [b'.', digits @ ..] => digits,
        _ => return None,
    };
    let number = super::part::digits(digits)?;
    match digits.len() {
        3 => Some((number * 1_000, 3)),
        6 => Some((number, 6)),
        _ => None,
    }
}
