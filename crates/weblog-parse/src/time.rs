//! The time of a request.
//!
//! The servers' own shape, `22/Jan/2019:03:56:14 +0330` (mod_log_config `%t`, nginx
//! `$time_local`), is read by its digits, and a line of the same second as the one before costs a
//! comparison. [`shape`] reads all the other shapes that formats and shippers make of it.
//!
//! Days are counted in the proleptic Gregorian calendar with Howard Hinnant's public-domain
//! algorithms ("chrono-compatible low-level date algorithms"); chrono is their oracle in the tests.

use crate::{record::Instant, zone::Zone};

/// Length of a time in the servers' own shape.
pub(crate) const CLF_LEN: usize = 26;

/// An instant as logged, and the offset it was logged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The instant.
    pub instant: Instant,
    /// Minutes east of UTC, when the log has a zone.
    pub utc_offset: Option<i32>,
}

/// The times that were read last: neighbours in a log mostly share the second. Keep one per thread.
#[derive(Clone, Debug)]
pub struct Memo {
    text: [u8; CLF_LEN],
    logged: Logged,
    other: Vec<u8>,
    other_zone: Zone,
    other_shape: Option<Shape>,
}

impl Default for Memo {
    fn default() -> Self {
        let instant = Instant { micros: 0, digits: 0 };
        Memo {
            text: [0; CLF_LEN],
            logged: Logged { instant, utc_offset: None },
            other: Vec::new(),
            other_zone: Zone::default(),
            other_shape: None,
        }
    }
}

impl Memo {
    /// The time that `text` is, if it is exactly in the servers' own shape.
    #[inline]
    pub(crate) fn read(&mut self, text: &[u8; CLF_LEN]) -> Option<Logged> {
        if *text != self.text {
            self.logged = clf(text)?;
            self.text = *text;
        }
        Some(self.logged)
    }

    /// The time that `text` is, in any shape.
    pub(crate) fn read_shape(&mut self, text: &[u8], zone: Zone) -> Option<Shape> {
        if text != self.other || zone != self.other_zone {
            self.other_shape = shape(text, zone);
            self.other_zone = zone;
            self.other.clear();
            self.other.extend_from_slice(text);
        }
        self.other_shape
    }
}

fn clf(t: &[u8; CLF_LEN]) -> Option<Logged> {
    if [t[2], t[6], t[11], t[14], t[17], t[20]] != *b"//::: " {
        return None;
    }
    let month = match &t[3..6] {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    };
    let year = two(t, 7)? * 100 + two(t, 9)?;
    let local = local_seconds(year, month, two(t, 0)?, two(t, 12)?, two(t, 15)?, two(t, 18)?)?;
    let offset = offset_minutes(&t[21..26])?;
    let micros = (local - i64::from(offset) * 60) * 1_000_000;
    Some(Logged { instant: Instant::dated(micros, 0)?, utc_offset: Some(offset) })
}

#[inline(always)]
fn two(text: &[u8], at: usize) -> Option<i64> {
    let (a, b) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| i64::from(a) * 10 + i64::from(b))
}

/// Seconds since 1970-01-01T00:00:00 of a local date and time. A leap second is the second after
/// it, and 24:00:00 the next day.
pub(crate) fn local_seconds(
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
) -> Option<i64> {
    let midnight = hour == 24 && minute == 0 && second == 0;
    if !(1..=12).contains(&month) || day < 1 || day > month_days(year, month) {
        return None;
    }
    if (hour > 23 && !midnight) || minute > 59 || second > 60 {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

/// Minutes of an offset: `+0330`, `+03:30`, `-08`.
pub(crate) fn offset_minutes(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        2 => (two(digits, 0)?, 0),
        4 => (two(digits, 0)?, two(digits, 2)?),
        5 if digits[2] == b':' => (two(digits, 0)?, two(digits, 3)?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) as i32)
}

/// What the text of a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole instant.
    Full(Logged),
    /// A date without a time, or a part of a date: no instant, but no fault of the line either.
    Incomplete,
}

/// Reads a time in any of the shapes that access logs carry: the servers' own with English or
/// German months, with or without zone and fraction; ISO 8601; seconds, milliseconds or
/// microseconds since the epoch. A time without a zone is in `zone`.
pub fn shape(text: &[u8], zone: Zone) -> Option<Shape> {
    let text = text.trim_ascii();
    if let Some(instant) = epoch(text) {
        return Some(Shape::Full(Logged { instant, utc_offset: None }));
    }
    let (date, rest) = date(text)?;
    let Some((year, month, day)) = date else { return rest.is_empty().then_some(Shape::Incomplete) };
    let rest = match rest {
        [] => {
            let exists = (1..=12).contains(&month) && day >= 1 && day <= month_days(year, month);
            return exists.then_some(Shape::Incomplete);
        }
        [b':' | b' ' | b'T' | b't' | b'_', rest @ ..] => rest.trim_ascii_start(),
        _ => return None,
    };
    if rest.len() < 8 || rest[2] != b':' || rest[5] != b':' {
        return None;
    }
    let local = local_seconds(year, month, day, two(rest, 0)?, two(rest, 3)?, two(rest, 6)?)?;
    let (fraction, digits, rest) = fraction(&rest[8..]);
    let rest = rest.trim_ascii();
    let (seconds, utc_offset) = match rest {
        [] => (zone.to_utc(local), None),
        _ => {
            let offset = offset_minutes(rest).or_else(|| abbreviation(rest))?;
            (local - i64::from(offset) * 60, Some(offset))
        }
    };
    let instant = Instant::dated(seconds * 1_000_000 + fraction, digits)?;
    Some(Shape::Full(Logged { instant, utc_offset }))
}

/// `1693346578`, `1693346578.123`, or 13 or 16 digits of milli- or microseconds.
pub(crate) fn epoch(text: &[u8]) -> Option<Instant> {
    let whole = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = |digits: &[u8]| digits.iter().fold(0i64, |n, b| n * 10 + i64::from(b - b'0'));
    let (micros, digits, rest) = match whole {
        9..=11 => {
            let (fraction, digits, rest) = fraction(&text[whole..]);
            (number(&text[..whole]) * 1_000_000 + fraction, digits, rest)
        }
        13 => (number(&text[..13]) * 1_000, 3, &text[13..]),
        16 => (number(&text[..16]), 6, &text[16..]),
        _ => return None,
    };
    rest.is_empty().then_some(Instant { micros, digits })
}

/// A fraction of a second behind `.` or `,`: its microseconds, 0, 3 or 6 digits, and the rest.
fn fraction(text: &[u8]) -> (i64, u8, &[u8]) {
    let Some((b'.' | b',', rest)) = text.split_first() else { return (0, 0, text) };
    let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if len == 0 {
        return (0, 0, text);
    }
    let micros = (0..6).fold(0, |n, i| {
        n * 10 + rest.get(i).filter(|b| i < len && b.is_ascii_digit()).map_or(0, |b| i64::from(b - b'0'))
    });
    (micros, if len <= 3 { 3 } else { 6 }, &rest[len..])
}

type Date = (i64, i64, i64);

/// `22/Jan/2019` or `2019-01-22` and what follows; `None` inside for a part of a date.
fn date(text: &[u8]) -> Option<(Option<Date>, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    match (digits, text.get(digits)) {
        (4, Some(b'-' | b'/')) if text.len() >= 10 && text[7] == text[4] => {
            let year = two(text, 0)? * 100 + two(text, 2)?;
            Some((Some((year, two(text, 5)?, two(text, 8)?)), &text[10..]))
        }
        (4, Some(b'-' | b'/')) if text.len() == 7 => {
            two(text, 5)?;
            Some((None, &[]))
        }
        (1 | 2, Some(b'/' | b'-' | b' ')) => {
            let day = text[..digits].iter().fold(0, |n, b| n * 10 + i64::from(b - b'0'));
            let name = &text[digits + 1..];
            let len =
                name.iter().take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80 || **b == b'.').count();
            let month = month(&name[..len])?;
            match &name[len..] {
                [] => Some((None, &[])),
                [b'/' | b'-' | b' ', rest @ ..] if rest.len() >= 4 => {
                    Some((Some((two(rest, 0)? * 100 + two(rest, 2)?, month, day)), &rest[4..]))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The number of a month by its English or German name or abbreviation, in any case.
pub(crate) fn month(name: &[u8]) -> Option<i64> {
    const NAMES: &[(&str, i64)] = &[
        ("jan", 1),
        ("january", 1),
        ("januar", 1),
        ("jän", 1),
        ("jänner", 1),
        ("feb", 2),
        ("february", 2),
        ("februar", 2),
        ("mar", 3),
        ("march", 3),
        ("mär", 3),
        ("märz", 3),
        ("mrz", 3),
        ("maer", 3),
        ("apr", 4),
        ("april", 4),
        ("may", 5),
        ("mai", 5),
        ("jun", 6),
        ("june", 6),
        ("juni", 6),
        ("jul", 7),
        ("july", 7),
        ("juli", 7),
        ("aug", 8),
        ("august", 8),
        ("sep", 9),
        ("sept", 9),
        ("september", 9),
        ("oct", 10),
        ("october", 10),
        ("okt", 10),
        ("oktober", 10),
        ("nov", 11),
        ("november", 11),
        ("dec", 12),
        ("december", 12),
        ("dez", 12),
        ("dezember", 12),
    ];
    let name = std::str::from_utf8(name).ok()?.trim_end_matches('.').to_lowercase();
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, month)| *month)
}

/// Minutes of the usual abbreviations of time zones, as RFC 5322 section 4.3 and their countries
/// define them.
pub(crate) fn abbreviation(name: &[u8]) -> Option<i32> {
    let hours = |n: i32| Some(n * 60);
    match name.to_ascii_uppercase().as_slice() {
        b"Z" | b"UTC" | b"GMT" | b"UT" | b"WET" => hours(0),
        b"CET" | b"MEZ" | b"BST" | b"WEST" => hours(1),
        b"CEST" | b"MESZ" | b"EET" => hours(2),
        b"EEST" | b"MSK" => hours(3),
        b"JST" | b"KST" => hours(9),
        b"AEST" => hours(10),
        b"AEDT" => hours(11),
        b"NZST" => hours(12),
        b"NZDT" => hours(13),
        b"BRT" => hours(-3),
        b"AST" | b"EDT" => hours(-4),
        b"EST" | b"CDT" => hours(-5),
        b"CST" | b"MDT" => hours(-6),
        b"MST" | b"PDT" => hours(-7),
        b"PST" | b"AKDT" => hours(-8),
        b"AKST" => hours(-9),
        b"HST" => hours(-10),
        _ => None,
    }
}
