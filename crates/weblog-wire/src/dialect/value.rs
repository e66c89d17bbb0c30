//! Bytes as values.

use memchr::{memchr, memrchr};
use weblog_parse::{Value, text::bytes};

/// Whether two values stand for the same bytes.
#[cold]
pub(super) fn is_same(one: Value<'_>, other: Value<'_>) -> bool {
    let len = |value| match value {
        Value::Plain(bytes) | Value::Text(bytes) | Value::Path(bytes) => bytes.len(),
        _ => 0,
    };
    // Percent-encoding makes text up to three times as long; what is longer is not worth a comparison.
    let (short, long) = (len(one).min(len(other)), len(one).max(len(other)));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let mut same = || bytes(one, &mut first).is_some_and(|one| Some(one) == bytes(other, &mut second));
    one == other || (long <= 3 * short && same())
}

/// Bytes as a value; plain ones need no escape anywhere.
#[inline]
pub(super) fn text(bytes: &[u8]) -> Value<'_> {
    if is_plain(bytes) { Value::Plain(bytes) } else { Value::Text(bytes) }
}

/// Whether text is printable ASCII without `"` and `\`.
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    // No early exit: the compiler turns the fold into vector instructions.
    let special = |b: u8| !(0x20..0x7f).contains(&b) | (b == b'"') | (b == b'\\');
    !bytes.iter().fold(false, |any, b| any | special(*b))
}

/// The text of an array or object, when it is JSON by the book.
pub(super) fn valid(nested: &[u8]) -> Option<&str> {
    serde_json::from_slice::<serde::de::IgnoredAny>(nested).ok()?;
    std::str::from_utf8(nested).ok()
}

/// A whole number, also with a fraction of zeros.
pub(super) fn whole(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    let digits = text.split(|b| *b == b'.').next()?;
    let zeros = text[digits.len()..].iter().all(|b| matches!(b, b'.' | b'0'));
    std::str::from_utf8(digits).ok().filter(|_| zeros)?.parse().ok()
}

/// `192.0.2.1:80`, `[2001:db8::1]:80`, or an address alone.
pub(super) fn address_and_port(text: &[u8]) -> (&[u8], Option<i64>) {
    let split = || {
        let colon = memrchr(b':', text)?;
        let port = std::str::from_utf8(&text[colon + 1..]).ok()?.parse::<u16>().ok()?;
        match &text[..colon] {
            [b'[', address @ .., b']'] => Some((address, port)),
            address => memchr(b':', address).is_none().then_some((address, port)),
        }
    };
    match split() {
        Some((address, port)) => (address, Some(i64::from(port))),
        None => (text.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or(text), None),
    }
}
