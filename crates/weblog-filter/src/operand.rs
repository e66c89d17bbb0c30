//! Any value as text, as a number, as an instant.
//!
//! The text is the one that weblog writes: bytes that are not UTF-8 stand as `\xhh`. So a test sees the same
//! in a raw line and in the JSON that was made of it.

use memchr::{memchr, memmem};
use std::io::Write;
use weblog_parse::{
    Value, Zone,
    text::{bytes, json_unescape, lossless},
    time::{Shape, shape},
};

/// Memory for values that have to be decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    bytes: Vec<u8>,
    text: String,
}

/// A number, exact where it is whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Whole(i64),
    Fraction(f64),
}

/// The text of a value. A JSON string is unquoted; other JSON stays as it stands.
pub(crate) fn text<'s>(value: Value<'s>, scratch: &'s mut Scratch) -> &'s [u8] {
    let Scratch { bytes: decoded, text } = scratch;
    match value {
        Value::Plain(plain) => plain,
        Value::Str(text) => text.as_bytes(),
        Value::Json(json) => {
            let inside = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json);
            if inside.len() == json.len() || memchr(b'\\', inside.as_bytes()).is_none() {
                return inside.as_bytes();
            }
            decoded.clear();
            json_unescape(inside.as_bytes(), decoded);
            decoded
        }
        Value::Int(number) => {
            decoded.clear();
            // Writing into memory cannot fail.
            let _ = write!(decoded, "{number}");
            decoded
        }
        Value::Time(instant) => {
            decoded.clear();
            let _ = write!(decoded, "{}", instant.micros);
            decoded
        }
        other => {
            let raw = bytes(other, decoded).unwrap_or_default();
            let is_text = std::str::from_utf8(raw).is_ok();
            if is_text && (memchr(b'\\', raw).is_none() || memmem::find(raw, b"\\x").is_none()) {
                return raw;
            }
            text.clear();
            lossless(raw, text);
            text.as_bytes()
        }
    }
}

/// A value as a number, when it is one or its text spells one.
#[inline]
pub(crate) fn number(value: Value<'_>, scratch: &mut Scratch) -> Option<Number> {
    match value {
        Value::Int(number) => Some(Number::Whole(number)),
        other => spelled(text(other, scratch)),
    }
}

/// The number that a text spells in decimal.
pub(crate) fn spelled(text: &[u8]) -> Option<Number> {
    let text = text.trim_ascii();
    // Words like `inf` and `nan` are numbers to the standard library.
    if !matches!(text.last(), Some(b'0'..=b'9' | b'.')) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    match text.parse() {
        Ok(whole) => Some(Number::Whole(whole)),
        Err(_) => text.parse().ok().map(Number::Fraction),
    }
}

/// A time in microseconds since 1970-01-01T00:00:00Z, whether it was read or comes as text.
pub fn time(value: Value<'_>) -> Option<i64> {
    if let Value::Time(instant) = value {
        return Some(instant.micros);
    }
    match shape(text(value, &mut Scratch::default()), Zone::default()) {
        Some(Shape::Full(logged)) => Some(logged.instant.micros),
        _ => None,
    }
}

/// The last word of a text; of words in quotes, what stands in the last ones.
pub(crate) fn last_word(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    if let [before @ .., b'"'] = text
        && let Some(open) = memchr::memrchr(b'"', before)
    {
        return &before[open + 1..];
    }
    let start = text.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_values_and_json_have_the_same_text() {
        let mut scratch = Scratch::default();
        let pairs: [(Value<'_>, &str); 4] = [
            (Value::Escaped(b"a\\x22b\xff"), r#""a\"b\\xff""#),
            (Value::Path(b"/a%20b"), "\"/a b\""),
            (Value::Int(7), "7"),
            (Value::Text("ü\\x".as_bytes()), r#""ü\\x5cx""#),
        ];
        for (raw, json) in pairs {
            let of_raw = text(raw, &mut scratch).to_vec();
            assert_eq!(of_raw, text(Value::Json(json), &mut scratch), "{json}");
        }
    }

    #[test]
    fn only_decimal_numbers_are_numbers() {
        assert_eq!(spelled(b" 12 "), Some(Number::Whole(12)));
        assert_eq!(spelled(b"-0.5"), Some(Number::Fraction(-0.5)));
        for text in ["", "inf", "NaN", "0x10", "1 2", "-", "12ms"] {
            assert_eq!(spelled(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_last_word_may_stand_in_quotes() {
        assert_eq!(last_word(b"\"a b\" 0.012"), b"0.012");
        assert_eq!(last_word(b"0.012 \"a b\""), b"a b");
        assert_eq!(last_word(b"one "), b"one");
        assert_eq!(last_word(b"\""), b"\"");
        assert_eq!(last_word(b""), b"");
    }
}
