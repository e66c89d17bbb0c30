//! The leaves of these grammars. Each one reads a field and the one space that parts it from the
//! next, so that a grammar is the list of its fields; and each one knows what it expected, so that
//! the same grammar reads a line and says where another one stopped fitting.

use crate::reject::{Reason, Reject};
use memchr::{memchr, memchr2};
use nom::{
    Err, IResult,
    error::{ErrorKind, ParseError},
};

/// A field that is not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Miss {
    /// How much of the line was left.
    left: usize,
    reason: Reason,
    expected: &'static str,
}

pub(super) type Part<'a, T> = IResult<&'a [u8], T, Miss>;

impl ParseError<&[u8]> for Miss {
    fn from_error_kind(input: &[u8], _: ErrorKind) -> Self {
        Miss { left: input.len(), reason: Reason::MissingField, expected: "another field" }
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl Miss {
    /// The same for another reason.
    pub(super) fn because(self, reason: Reason) -> Miss {
        Miss { reason, ..self }
    }

    /// The reject of the line in which this is missing.
    #[cold]
    fn reject(self, line: &[u8]) -> Reject {
        let reason = if self.left == 0 { Reason::Truncated } else { self.reason };
        Reject::at(line.len().saturating_sub(self.left), reason, self.expected)
    }
}

/// What a grammar makes of a line: its value and what follows, or the reject.
#[inline(always)]
pub(super) fn read<'a, T>(line: &'a [u8], part: Part<'a, T>) -> Result<(&'a [u8], T), Reject> {
    part.map_err(|error| match error {
        Err::Error(miss) | Err::Failure(miss) => miss.reject(line),
        // No leaf waits for more input.
        Err::Incomplete(_) => Reject::at(line.len(), Reason::Truncated, "more"),
    })
}

#[cold]
pub(super) fn miss<'a, T>(at: &'a [u8], reason: Reason, expected: &'static str) -> Part<'a, T> {
    Err(Err::Error(Miss { left: at.len(), reason, expected }))
}

/// What stands behind a field: a space, which is taken, or the end.
#[inline(always)]
fn gap(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [] => Some(rest),
        [b' ', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Bytes up to a space or the end, at least one.
#[inline(always)]
pub(super) fn word<'a>(expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, &'a [u8]> {
    move |input| {
        let end = memchr(b' ', input).unwrap_or(input.len());
        match gap(&input[end..]) {
            Some(rest) if end > 0 => Ok((rest, &input[..end])),
            _ => miss(input, Reason::MissingField, expected),
        }
    }
}

/// What stands between double quotes, or a bare `-`. A backslash takes the byte behind it along,
/// and a quote with neither a space nor the end behind it belongs to the field: some servers
/// escape no quotes.
#[inline(always)]
pub(super) fn quoted<'a>(expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, &'a [u8]> {
    quoted_or(Reason::MissingField, expected)
}

/// The request in its quotes, or a bare `-`.
#[inline(always)]
pub(super) fn request<'a>(input: &'a [u8]) -> Part<'a, &'a [u8]> {
    quoted_or(Reason::BadRequest, "the request in quotes")(input)
}

#[inline(always)]
fn quoted_or<'a>(reason: Reason, expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, &'a [u8]> {
    move |input| {
        let body = match input {
            [b'"', body @ ..] => body,
            [b'-', rest @ ..] => match gap(rest) {
                Some(rest) => return Ok((rest, b"-")),
                None => return miss(input, reason, expected),
            },
            _ => return miss(input, reason, expected),
        };
        let mut from = 0;
        while let Some(at) = memchr2(b'"', b'\\', &body[from..]) {
            let at = from + at;
            if body[at] == b'"'
                && let Some(rest) = gap(&body[at + 1..])
            {
                return Ok((rest, &body[..at]));
            }
            from = (at + 1 + usize::from(body[at] == b'\\')).min(body.len());
        }
        miss(&body[body.len()..], Reason::Truncated, "a closing quote")
    }
}

/// What stands between brackets.
#[inline(always)]
pub(super) fn bracketed<'a>(expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, &'a [u8]> {
    move |input| {
        let Some((b'[', body)) = input.split_first() else {
            return miss(input, Reason::MissingField, expected);
        };
        match memchr(b']', body).map(|end| (end, gap(&body[end + 1..]))) {
            Some((end, Some(rest))) => Ok((rest, &body[..end])),
            Some((end, None)) => miss(&body[end + 1..], Reason::MissingField, "a space behind the bracket"),
            None => miss(&body[body.len()..], Reason::Truncated, "a closing bracket"),
        }
    }
}

/// This text, with nothing taken behind it.
#[inline(always)]
pub(super) fn literal<'a>(text: &'static [u8], expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, ()> {
    move |input| match input.strip_prefix(text) {
        Some(rest) => Ok((rest, ())),
        None => miss(input, Reason::MissingField, expected),
    }
}

/// Bytes up to another one, which is taken; no space among them.
#[inline(always)]
pub(super) fn upto<'a>(stop: u8, expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, &'a [u8]> {
    move |input| match memchr2(stop, b' ', input) {
        Some(end) if input[end] == stop => Ok((&input[end + 1..], &input[..end])),
        _ => miss(input, Reason::MissingField, expected),
    }
}

/// A whole number; `-` and negative ones, which stand for none, are null.
#[inline(always)]
pub(super) fn int<'a>(expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, Option<i64>> {
    number(Reason::MissingField, expected, whole)
}

/// A number of bytes, or `-`.
#[inline(always)]
pub(super) fn bytes<'a>(expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, Option<i64>> {
    number(Reason::BadBytes, expected, whole)
}

/// Seconds with a fraction, in microseconds; `-` and `-1` are null.
#[inline(always)]
pub(super) fn seconds<'a>(expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, Option<i64>> {
    number(Reason::MissingField, expected, micros)
}

/// Milliseconds, in microseconds; `-` and `-1` are null.
#[inline(always)]
pub(super) fn millis<'a>(expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, Option<i64>> {
    number(Reason::MissingField, expected, thousands)
}

/// A status of three digits, or `-`.
#[inline(always)]
pub(super) fn status<'a>(input: &'a [u8]) -> Part<'a, Option<i64>> {
    number(Reason::BadStatus, "a status of three digits, or `-`", three_digits)(input)
}

/// One field that `read` makes a number of; `None` inside is null.
#[inline(always)]
fn number<'a>(
    reason: Reason,
    expected: &'static str,
    read: impl Fn(&[u8]) -> Option<Option<i64>>,
) -> impl Fn(&'a [u8]) -> Part<'a, Option<i64>> {
    move |input| {
        // Numbers are short: a loop over their bytes is cheaper than a call of memchr.
        let end = input.iter().position(|b| *b == b' ').unwrap_or(input.len());
        match (read(&input[..end]), gap(&input[end..])) {
            (Some(value), Some(rest)) => Ok((rest, value)),
            _ => miss(input, reason, expected),
        }
    }
}

/// Digits that fit in 63 bits.
#[inline(always)]
pub(super) fn digits(text: &[u8]) -> Option<i64> {
    let mut value = 0i64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    (!text.is_empty()).then_some(value)
}

/// A whole number, or null for `-` and for what is less than nothing.
#[inline(always)]
pub(super) fn whole(text: &[u8]) -> Option<Option<i64>> {
    match text {
        b"-" => Some(None),
        [b'-', rest @ ..] => digits(rest).map(|_| None),
        _ => digits(text).map(Some),
    }
}

/// Microseconds of a whole number of milliseconds.
#[inline(always)]
pub(super) fn thousands(text: &[u8]) -> Option<Option<i64>> {
    match whole(text)? {
        Some(millis) => millis.checked_mul(1_000).map(Some),
        None => Some(None),
    }
}

#[inline(always)]
pub(super) fn three_digits(text: &[u8]) -> Option<Option<i64>> {
    match text {
        b"-" => Some(None),
        [_, _, _] => digits(text).map(Some),
        _ => None,
    }
}

/// Microseconds of decimal seconds, exactly; digits beyond the sixth of the fraction are cut.
#[inline(always)]
pub(super) fn micros(text: &[u8]) -> Option<Option<i64>> {
    if let [b'-', rest @ ..] = text {
        return (rest.is_empty() || micros(rest).is_some()).then_some(None);
    }
    let dot = text.iter().position(|b| matches!(b, b'.' | b',')).unwrap_or(text.len());
    let (seconds, fraction) = (digits(&text[..dot])?, text.get(dot + 1..).unwrap_or_default());
    if dot + 1 == text.len() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let fraction = (0..6).fold(0, |n, at| n * 10 + fraction.get(at).map_or(0, |b| i64::from(b - b'0')));
    seconds.checked_mul(1_000_000)?.checked_add(fraction).map(Some)
}

/// Where a part stands in its line, in bytes.
pub(super) fn offset(line: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize).min(line.len())
}

/// The address and the port of `address:port`, where an IPv6 address may have no brackets.
pub(super) fn address_and_port(text: &[u8]) -> (&[u8], Option<i64>) {
    let colon = memchr::memrchr(b':', text);
    let (address, port) = match colon.map(|at| (&text[..at], &text[at + 1..])) {
        Some((address, port)) if port.len() <= 5 && !address.is_empty() => match digits(port) {
            Some(port) => (address, Some(port)),
            None => (text, None),
        },
        _ => (text, None),
    };
    match address {
        [b'[', inside @ .., b']'] => (inside, port),
        _ => (address, port),
    }
}
