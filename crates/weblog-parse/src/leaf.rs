//! The leaves of the grammar: nom parsers over memchr instead of character classes, which cost
//! a call per byte. Their error is `()`: on failure the lenient path explains.

use memchr::{memchr, memchr2};
use nom::{Err, IResult};

pub(crate) type Leaf<'a, T> = IResult<&'a [u8], T, ()>;

fn fail<T>() -> Leaf<'static, T> {
    Err(Err::Error(()))
}

/// One space.
#[inline(always)]
pub(crate) fn space(input: &[u8]) -> Leaf<'_, ()> {
    match input {
        [b' ', rest @ ..] => Ok((rest, ())),
        _ => fail(),
    }
}

/// One or more bytes up to a space, which is left.
#[inline(always)]
pub(crate) fn word(input: &[u8]) -> Leaf<'_, &[u8]> {
    match memchr(b' ', input) {
        Some(end) if end > 0 => Ok((&input[end..], &input[..end])),
        _ => fail(),
    }
}

/// What stands between double quotes; a backslash takes the byte behind it along. After the
/// closing quote there must be a space or the end.
#[inline(always)]
pub(crate) fn quoted(input: &[u8]) -> Leaf<'_, &[u8]> {
    let Some((b'"', body)) = input.split_first() else { return fail() };
    let mut from = 0;
    while let Some(at) = memchr2(b'"', b'\\', &body[from..]) {
        let at = from + at;
        if body[at] == b'"' {
            let rest = &body[at + 1..];
            return if matches!(rest.first(), None | Some(b' ')) { Ok((rest, &body[..at])) } else { fail() };
        }
        from = (at + 2).min(body.len());
    }
    fail()
}

/// A status: three digits, or `-`.
#[inline(always)]
pub(crate) fn status(input: &[u8]) -> Leaf<'_, Option<u16>> {
    match input {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            let digit = |byte: &u8| u16::from(byte - b'0');
            Ok((rest, Some(digit(a) * 100 + digit(b) * 10 + digit(c))))
        }
        [b'-', rest @ ..] => Ok((rest, None)),
        _ => fail(),
    }
}

/// A number of bytes: digits that fit in 63 bits, or `-`.
#[inline(always)]
pub(crate) fn size(input: &[u8]) -> Leaf<'_, Option<i64>> {
    if let [b'-', rest @ ..] = input {
        return Ok((rest, None));
    }
    let mut value: i64 = 0;
    let mut at = 0;
    while let Some(digit @ b'0'..=b'9') = input.get(at) {
        match value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit - b'0'))) {
            Some(v) => value = v,
            None => return fail(),
        }
        at += 1;
    }
    if at == 0 { fail() } else { Ok((&input[at..], Some(value))) }
}
