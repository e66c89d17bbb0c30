//! Escapes: the servers' own, percent-encoding, and weblog's lossless one.
//!
//! Apache httpd writes `\"`, `\\`, `\b \n \r \t \v` and `\xhh` (`ap_escape_logitem`), nginx
//! `\xHH` (`log_format … escape=default`). One decoder reads both.
//!
//! In everything that weblog writes, a byte that is not UTF-8 stands as the four characters
//! `\xhh`, and a backslash directly before an `x` as `\x5c`, so that no byte is lost:
//! `restore(lossless(bytes)) == bytes`.

use crate::record::Value;
use memchr::memchr;

/// Undoes the servers' escapes. A backslash that begins no escape stays.
pub fn unescape(escaped: &[u8], out: &mut Vec<u8>) {
    let mut rest = escaped;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (byte, len) = match rest {
            [_, b'x' | b'X', high, low, ..] => match hex_pair(*high, *low) {
                Some(byte) => (byte, 4),
                None => (b'\\', 1),
            },
            [_, byte @ (b'"' | b'\\'), ..] => (*byte, 2),
            [_, b'n', ..] => (b'\n', 2),
            [_, b't', ..] => (b'\t', 2),
            [_, b'r', ..] => (b'\r', 2),
            [_, b'b', ..] => (0x08, 2),
            [_, b'v', ..] => (0x0b, 2),
            _ => (b'\\', 1),
        };
        out.push(byte);
        rest = &rest[len..];
    }
    out.extend_from_slice(rest);
}

/// Undoes JSON's escapes (RFC 8259 section 7). The bytes need not be UTF-8: nginx's `escape=json` leaves
/// those from 0x80 as they are. What is no escape, and a surrogate without its pair, stays.
pub fn json_unescape(escaped: &[u8], out: &mut Vec<u8>) {
    let mut rest = escaped;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (byte, len) = match rest {
            [_, byte @ (b'"' | b'\\' | b'/'), ..] => (*byte, 2),
            [_, b'n', ..] => (b'\n', 2),
            [_, b't', ..] => (b'\t', 2),
            [_, b'r', ..] => (b'\r', 2),
            [_, b'b', ..] => (0x08, 2),
            [_, b'f', ..] => (0x0c, 2),
            _ => match code_point(rest) {
                Some((c, len)) => {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    rest = &rest[len..];
                    continue;
                }
                None => (b'\\', 1),
            },
        };
        out.push(byte);
        rest = &rest[len..];
    }
    out.extend_from_slice(rest);
}

/// The character of `\u0041`, or of a pair of surrogates, and the length of its escape.
fn code_point(text: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| match text.get(at..at + 6)? {
        [b'\\', b'u', a, b, c, d] => Some(u32::from(hex_pair(*a, *b)?) << 8 | u32::from(hex_pair(*c, *d)?)),
        _ => None,
    };
    let first = unit(0)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).map(|c| (c, 6));
    }
    let second = unit(6).filter(|unit| (0xdc00..0xe000).contains(unit))?;
    char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).map(|c| (c, 12))
}

/// Undoes percent-encoding once. `%00` and what is no encoding stay as they are.
pub fn percent_decode(encoded: &[u8], out: &mut Vec<u8>) {
    let mut rest = encoded;
    while let Some(at) = memchr(b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        match rest {
            [_, high, low, ..] if hex_pair(*high, *low).is_some_and(|byte| byte != 0) => {
                out.extend(hex_pair(*high, *low));
                rest = &rest[3..];
            }
            _ => {
                out.push(b'%');
                rest = &rest[1..];
            }
        }
    }
    out.extend_from_slice(rest);
}

/// Writes bytes as text without losing one: see the module's own page.
pub fn lossless(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find("\\x") {
            out.push_str(&rest[..at]);
            out.push_str("\\x5c");
            rest = &rest[at + 1..];
        }
        out.push_str(rest);
        for byte in chunk.invalid() {
            let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
            out.extend(['\\', 'x', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// Undoes [`lossless`].
pub fn restore(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        match rest {
            [_, b'x', high, low, ..] if hex_pair(*high, *low).is_some() => {
                out.extend(hex_pair(*high, *low));
                rest = &rest[4..];
            }
            _ => {
                out.push(b'\\');
                rest = &rest[1..];
            }
        }
    }
    out.extend_from_slice(rest);
}

/// The bytes that a value stands for, the log's escapes undone; none for values of other origin.
/// `scratch` holds them where they had to be decoded.
pub fn bytes<'s>(value: Value<'s>, scratch: &'s mut Vec<u8>) -> Option<&'s [u8]> {
    scratch.clear();
    match value {
        Value::Plain(bytes) | Value::Text(bytes) => return Some(bytes),
        Value::Escaped(escaped) if memchr(b'\\', escaped).is_none() => return Some(escaped),
        Value::Escaped(escaped) => unescape(escaped, scratch),
        Value::Plus(text) if memchr(b'+', text).is_none() => return Some(text),
        Value::Plus(text) => scratch.extend(text.iter().map(|b| if *b == b'+' { b' ' } else { *b })),
        Value::Path(path) if memchr(b'\\', path).is_none() => percent_decode(path, scratch),
        Value::Path(path) => {
            let mut unescaped = Vec::with_capacity(path.len());
            unescape(path, &mut unescaped);
            percent_decode(&unescaped, scratch);
        }
        Value::JsonEscaped(escaped) if memchr(b'\\', escaped).is_none() => return Some(escaped),
        Value::JsonEscaped(escaped) => json_unescape(escaped, scratch),
        Value::JsonPath(path) => {
            let mut unescaped = Vec::with_capacity(path.len());
            json_unescape(path, &mut unescaped);
            percent_decode(&unescaped, scratch);
        }
        Value::TextPath(path) => percent_decode(path, scratch),
        Value::Int(_) | Value::Time(_) | Value::Str(_) | Value::Json(_) => return None,
    }
    Some(scratch)
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|n| n as u8);
    Some(digit(high)? << 4 | digit(low)?)
}
