//! Any value as text, in the one form that all outputs share.
//!
//! The text of a value is the same whether it comes from a raw line or from JSON that another
//! weblog wrote: bytes that are not UTF-8 stand as `\xhh` (see [`weblog_parse::text`]). Lookups
//! therefore see the same text in a piped run and in a fused one.

use crate::instant::InstantText;
use memchr::{memchr, memmem};
use weblog_parse::{
    Value, Zone,
    text::{bytes, lossless},
    time::{Shape, shape},
};

/// Memory for values that have to be decoded.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    bytes: Vec<u8>,
    text: String,
}

/// The text of a value. A JSON string is unquoted; other JSON stays as it stands.
pub fn text<'s>(value: Value<'s>, scratch: &'s mut Scratch) -> &'s str {
    let Scratch { bytes: decoded, text } = scratch;
    match value {
        Value::Str(text) => text,
        Value::Json(json) => json_text(json, text),
        Value::Int(number) => {
            text.clear();
            text.push_str(itoa::Buffer::new().format(number));
            text
        }
        Value::Time(instant) => {
            decoded.clear();
            InstantText::default().write(instant, decoded);
            std::str::from_utf8(decoded).unwrap_or_default()
        }
        Value::Plain(_)
        | Value::Text(_)
        | Value::Escaped(_)
        | Value::Path(_)
        | Value::Plus(_)
        | Value::JsonEscaped(_)
        | Value::JsonPath(_)
        | Value::TextPath(_) => {
            let raw = bytes(value, decoded).unwrap_or_default();
            match std::str::from_utf8(raw) {
                Ok(valid) if memchr(b'\\', raw).is_none() || memmem::find(raw, b"\\x").is_none() => valid,
                _ => {
                    text.clear();
                    lossless(raw, text);
                    text
                }
            }
        }
    }
}

fn json_text<'s>(json: &'s str, out: &'s mut String) -> &'s str {
    let Some(inside) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return json };
    if memchr(b'\\', inside.as_bytes()).is_none() {
        return inside;
    }
    match serde_json::from_str(json) {
        Ok(decoded) => {
            *out = decoded;
            out
        }
        // A surrogate without its pair is no text; its escape is.
        Err(_) => inside,
    }
}

/// A time in microseconds since the epoch, whether it was read or comes as text; text without a zone is in UTC.
pub fn micros(time: Value<'_>) -> Option<i64> {
    match time {
        Value::Time(instant) => Some(instant.micros),
        other => match shape(text(other, &mut Scratch::default()).as_bytes(), Zone::default()) {
            Some(Shape::Full(logged)) => Some(logged.instant.micros),
            _ => None,
        },
    }
}

/// A value as a whole number, when it is one.
pub fn number(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(number),
        Value::Json(text) => text.trim_matches('"').parse().ok(),
        Value::Str(text) => text.parse().ok(),
        _ => None,
    }
}
