//! Moments as people give them.

use std::{fmt, str::FromStr};
use weblog_parse::{
    Zone,
    time::{Shape, shape},
};

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;
/// Seconds of a day.
const DAY: i64 = 86_400;

/// What moments refer to: the time now, and the zone in which days begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// The zone of dates and times that have none.
    pub zone: Zone,
}

/// A moment, or the span that is named by a date or a time of less than full precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So many microseconds before now.
    Back(i64),
    /// The day that is so many days before today.
    Day(i64),
    /// An instant, in microseconds since the epoch, and how long what was named lasts.
    Instant(i64, i64),
    /// A local time, in microseconds since 1970-01-01T00:00:00 there, and how long what was named lasts.
    Local(i64, i64),
}

impl When {
    /// When it begins, and when it is over, in microseconds since the epoch. A span back from now ends at
    /// once.
    pub fn period(self, clock: Clock) -> (i64, i64) {
        let utc = |local: i64| {
            clock.zone.to_utc(local.div_euclid(SECOND)).saturating_mul(SECOND) + local.rem_euclid(SECOND)
        };
        match self {
            When::Back(span) => {
                let moment = clock.now.saturating_sub(span);
                (moment, moment)
            }
            When::Day(before) => {
                let local = clock.zone.to_local(clock.now.div_euclid(SECOND));
                let midnight = local - local.rem_euclid(DAY) - before * DAY;
                (utc(midnight * SECOND), utc((midnight + DAY) * SECOND))
            }
            When::Instant(start, lasts) => (start, start.saturating_add(lasts)),
            When::Local(start, lasts) => (utc(start), utc(start.saturating_add(lasts))),
        }
    }

    /// When it begins, in microseconds since the epoch.
    pub fn start(self, clock: Clock) -> i64 {
        self.period(clock).0
    }
}

/// A text that names no moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadWhen;

/// What names a moment.
pub(crate) const EXPECTED: &str =
    "a time like 2025-01-06, 2025-01-06T08:00Z, today, yesterday, or a span back from now like 2h or 7d";

impl fmt::Display for BadWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "give {EXPECTED}")
    }
}

impl std::error::Error for BadWhen {}

impl FromStr for When {
    type Err = BadWhen;

    fn from_str(text: &str) -> Result<Self, BadWhen> {
        let text = text.trim();
        match text {
            "now" => return Ok(When::Back(0)),
            "today" => return Ok(When::Day(0)),
            "yesterday" => return Ok(When::Day(1)),
            _ => {}
        }
        if let Some(span) = span(text) {
            return Ok(When::Back(span));
        }
        moment(text).ok_or(BadWhen)
    }
}

/// The microseconds of a span: a number and `us`, `ms`, `s`, `m` (or `min`), `h`, `d` or `w`.
pub(crate) fn span(text: &str) -> Option<i64> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "s" => SECOND,
        "m" | "min" => 60 * SECOND,
        "h" => 3_600 * SECOND,
        "d" => DAY * SECOND,
        "w" => 7 * DAY * SECOND,
        _ => return None,
    };
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(unit);
    }
    let micros = number.parse::<f64>().ok()? * unit as f64;
    (micros < 9e18).then_some(micros.round() as i64)
}

/// A date, a date and a time, or a number of seconds since the epoch.
fn moment(text: &str) -> Option<When> {
    let full = |text: &str| match shape(text.as_bytes(), Zone::default()) {
        Some(Shape::Full(logged)) => Some(logged),
        _ => None,
    };
    if text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return full(text).map(|logged| When::Instant(logged.instant.micros, SECOND));
    }
    let (date, rest) = text.split_at_checked(10)?;
    let is_date = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !is_date {
        return None;
    }
    let clock = rest.strip_prefix(['T', 't', ' ', '_']).map(str::trim_start);
    let (time, lasts) = match clock {
        None if rest.is_empty() => ("00:00:00".to_owned(), DAY * SECOND),
        None => return None,
        Some(clock) => time_of_day(clock)?,
    };
    let logged = full(&format!("{date}T{time}"))?;
    let micros = logged.instant.micros;
    match logged.utc_offset {
        Some(_) => Some(When::Instant(micros, lasts)),
        None => Some(When::Local(micros, lasts)),
    }
}

/// A time of day with its seconds, and how long what was given of it lasts.
fn time_of_day(clock: &str) -> Option<(String, i64)> {
    let (minute, rest) = clock.split_at_checked(5)?;
    let Some(seconds) = rest.strip_prefix(':') else {
        return Some((format!("{minute}:00{rest}"), 60 * SECOND));
    };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    if digits(seconds) != 2 {
        return None;
    }
    let fraction = seconds[2..].strip_prefix('.').map_or(0, digits);
    let lasts = match fraction {
        0 => SECOND,
        1..=3 => SECOND / 1_000,
        _ => 1,
    };
    Some((clock.to_owned(), lasts))
}

#[cfg(test)]
mod tests;
