//! Instants and spans of time, read by their digits: no float comes between the log and the record.

use weblog_parse::{
    Instant, Zone,
    time::{Logged, Shape, shape},
};

/// What a number of a span of time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Millis,
    Micros,
    Nanos,
    /// No unit is known: only text that names its own is read.
    Unknown,
    /// Seconds with three digits behind the point, the only way in which nginx writes `$request_time`;
    /// other numbers have no known unit.
    Nginx,
}

impl Unit {
    /// The power of ten that makes microseconds of it.
    fn power(self) -> Option<i32> {
        match self {
            Unit::Seconds | Unit::Nginx => Some(6),
            Unit::Millis => Some(3),
            Unit::Micros => Some(0),
            Unit::Nanos => Some(-3),
            Unit::Unknown => None,
        }
    }
}

/// Whole microseconds of a span of time, the rest cut off: a number of `unit`, or a text that names its
/// units (`1.5ms`, `1m2.5s`, `0.01s`). The items of a list, as nginx writes one for several upstream
/// servers, are added up. `None` is no span of time; `Some(None)` one that was not measured: `-`, `-1`.
pub(super) fn micros(text: &[u8], unit: Unit) -> Option<Option<i64>> {
    let text = text.trim_ascii();
    if text.contains(&b' ') {
        let mut total = None;
        for item in text.split(|b| b" ,:".contains(b)).filter(|item| !item.is_empty()) {
            if let Some(item) = micros(item, unit)? {
                total = Some(total.unwrap_or(0i64).checked_add(item)?);
            }
        }
        return Some(total);
    }
    let text = match text {
        [] | b"-" | b"null" => return Some(None),
        [b'+' | b'<', rest @ ..] => rest,
        [b'-', rest @ ..] => return rest.first()?.is_ascii_digit().then_some(None),
        _ => text,
    };
    let last = text.last()?;
    if last.is_ascii_alphabetic() {
        return named(text).map(Some);
    }
    let fraction = text.len() - text.iter().position(|b| matches!(b, b'.' | b',')).unwrap_or(text.len());
    if unit == Unit::Nginx && fraction != 4 {
        return None;
    }
    decimal(text, unit.power()?).map(Some)
}

/// `1m2.5s`, `830µs`: numbers with the units of Go's `time.Duration`.
fn named(text: &[u8]) -> Option<i64> {
    let (mut rest, mut total) = (text, 0i64);
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.iter().take_while(|b| !b.is_ascii_digit()).count();
        let (factor, power) = match &behind[..letters] {
            b"h" => (3_600, 6),
            b"m" => (60, 6),
            b"s" | b"sec" => (1, 6),
            b"ms" => (1, 3),
            b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => (1, 0),
            b"ns" => (1, -3),
            _ => return None,
        };
        total = total.checked_add(decimal(number, power)?.checked_mul(factor)?)?;
        rest = &behind[letters..];
    }
    Some(total)
}

/// A decimal number times a power of ten, what is behind the point then cut off.
pub(super) fn decimal(text: &[u8], power: i32) -> Option<i64> {
    let (number, exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&text[..at], std::str::from_utf8(&text[at + 1..]).ok()?.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let point = number.iter().position(|b| matches!(b, b'.' | b',')).unwrap_or(number.len());
    let (whole, fraction) = (&number[..point], number.get(point + 1..).unwrap_or_default());
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // So many digits count, further ones are zeros.
    let count = i64::try_from(whole.len()).ok()? + i64::from(power) + i64::from(exponent);
    let mut digits = whole.iter().chain(fraction);
    if !digits.clone().all(u8::is_ascii_digit) {
        return None;
    }
    let mut value = 0i64;
    for _ in 0..count.max(0) {
        let digit = match digits.next() {
            Some(digit) => digit - b'0',
            None if value == 0 => break,
            None => 0,
        };
        value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    Some(value)
}

/// Reads instants of any shape, and remembers the last one: neighbours in a log share their second.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    zone: Zone,
    text: Vec<u8>,
    last: Option<Logged>,
}

/// Longer texts are no times.
const LONGEST: usize = 64;

impl Clock {
    /// A clock that reads times without a zone in this one.
    pub(super) fn new(zone: Zone) -> Self {
        Clock { zone, ..Clock::default() }
    }

    /// The instant that `text` is: what [`shape`] reads, with or without brackets, and seconds to nanoseconds
    /// since the epoch with or without a fraction.
    pub(super) fn read(&mut self, text: &[u8]) -> Option<Logged> {
        if text.len() > LONGEST {
            return None;
        }
        if self.last.is_none() || self.text != text {
            self.last = instant(text, self.zone);
            self.text.clear();
            self.text.extend_from_slice(text);
        }
        self.last
    }
}

fn instant(text: &[u8], zone: Zone) -> Option<Logged> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or(text);
    let whole = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = whole == text.len() || matches!(text[whole], b'.' | b'e' | b'E');
    if number {
        let exponent = text.iter().any(|b| matches!(b, b'e' | b'E'));
        let (power, digits) = match whole {
            _ if exponent => (6, 6),
            9..=11 => (6, (text.len() - whole).saturating_sub(1)),
            12..=14 => (3, 3 + (text.len() - whole).saturating_sub(1)),
            15..=17 => (0, 6),
            18..=20 => (-3, 6),
            _ => return None,
        };
        let digits = match digits {
            0 => 0,
            1..=3 => 3,
            _ => 6,
        };
        let instant = Instant::dated(decimal(text, power)?, digits)?;
        return Some(Logged { instant, utc_offset: None });
    }
    match shape(text, zone)? {
        Shape::Full(logged) => Some(logged),
        Shape::Incomplete => None,
    }
}
