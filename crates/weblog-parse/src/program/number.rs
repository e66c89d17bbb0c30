//! Numbers and durations as logs write them.

use super::{step::Slot, variable::Unit};
use crate::leaf::Leaf;
use nom::Err;

fn fail<T>() -> Leaf<'static, T> {
    Err(Err::Error(()))
}

/// A whole number with or without `+`, or `-` for none.
#[inline]
pub(super) fn int(input: &[u8]) -> Leaf<'_, Slot<'_>> {
    let digits = match input {
        [b'-', b'0'..=b'9', ..] => return fail(),
        [b'+', rest @ ..] => rest,
        _ => input,
    };
    let (rest, number) = crate::leaf::size(digits)?;
    Ok((rest, number.map_or(Slot::Null, Slot::Int)))
}

/// A hexadecimal number, or `-` for none.
pub(super) fn hex(input: &[u8]) -> Leaf<'_, Slot<'_>> {
    if let [b'-', rest @ ..] = input {
        return Ok((rest, Slot::Null));
    }
    let digits = input.strip_prefix(b"0x").unwrap_or(input);
    let len = digits.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let number = std::str::from_utf8(&digits[..len]).ok().and_then(|text| i64::from_str_radix(text, 16).ok());
    match number {
        Some(number) => Ok((&digits[len..], Slot::Int(number))),
        None => fail(),
    }
}

/// A number with a fraction: its text.
pub(super) fn decimal(input: &[u8]) -> Leaf<'_, Slot<'_>> {
    let sign = usize::from(input.starts_with(b"-"));
    let digits = |from: usize| input[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = sign + digits(sign);
    if end == sign {
        return if sign == 1 { Ok((&input[1..], Slot::Null)) } else { fail() };
    }
    if input.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    Ok((&input[end..], Slot::Bytes(&input[..end])))
}

/// A duration in whole microseconds; what is finer is cut off. The unit is the format's unless the log
/// writes one behind the number. `-` and a negative number are none, `<0.001` is its bound.
#[inline]
pub(super) fn duration(unit: Unit, input: &[u8]) -> Leaf<'_, Slot<'_>> {
    let (negative, number) = match input {
        [b'-', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => (true, rest),
        [b'-', rest @ ..] => return Ok((rest, Slot::Null)),
        [b'+' | b'<', rest @ ..] => (false, rest),
        _ => (false, input),
    };
    let (mut rest, whole) = crate::leaf::size(number)?;
    let Some(whole) = whole else { return fail() };
    let mut fraction: &[u8] = b"";
    if let [b'.' | b',', digits @ ..] = rest {
        let len = digits.iter().take_while(|b| b.is_ascii_digit()).count();
        if len > 0 {
            fraction = &digits[..len];
            rest = &digits[len..];
        }
    }
    let (unit, rest) = match rest {
        [b'm', b's', more @ ..] => (Unit::Millis, more),
        [b'u', b's', more @ ..] => (Unit::Micros, more),
        [b's', more @ ..] => (Unit::Seconds, more),
        _ => (unit, rest),
    };
    let (scale, places) = match unit {
        Unit::Seconds => (1_000_000, 6),
        Unit::Millis => (1_000, 3),
        Unit::Micros => (1, 0),
    };
    let finer = (0..places).fold(0i64, |n, at| n * 10 + fraction.get(at).map_or(0, |b| i64::from(b - b'0')));
    match whole.checked_mul(scale).and_then(|micros| micros.checked_add(finer)) {
        Some(_) if negative => Ok((rest, Slot::Null)),
        Some(micros) => Ok((rest, Slot::Int(micros))),
        None => fail(),
    }
}
