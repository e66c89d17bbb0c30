//! The JSON in which operators publish the networks of their bots.

use serde_json::Value;

use super::{
    file::{RangesError, day},
    networks::{Networks, network},
};

/// What such a file holds.
pub(super) struct Published {
    pub(super) networks: Networks,
    /// The day of `creationTime`.
    pub(super) day: Option<u64>,
}

pub(super) fn parse(path: &str, document: &str) -> Result<Published, RangesError> {
    let fault =
        |line, column, expected: String| RangesError::Text { path: path.to_string(), line, column, expected };
    let value: Value = serde_json::from_str(document)
        .map_err(|error| fault(error.line(), error.column(), format!("JSON ({error})")))?;
    let prefixes = value.get("prefixes").and_then(Value::as_array);
    let prefixes = prefixes.ok_or_else(|| fault(1, 1, "an object with a list of prefixes".to_string()))?;
    let mut ranges = Vec::with_capacity(prefixes.len());
    for prefix in prefixes {
        let text = prefix.get("ipv4Prefix").or_else(|| prefix.get("ipv6Prefix")).and_then(Value::as_str);
        let range = text.and_then(|text| network(text.trim()));
        ranges.push(range.ok_or_else(|| {
            // The parsed value has no places; the text is looked for where it stands first.
            let (line, column) = place(document, text.unwrap_or("prefixes"));
            fault(line, column, format!("a network, not {prefix}"))
        })?);
    }
    if ranges.is_empty() {
        return Err(fault(1, 1, "at least one network".to_string()));
    }
    let created = value.get("creationTime").and_then(Value::as_str);
    Ok(Published { networks: Networks::new(ranges), day: created.and_then(day) })
}

/// Line and column, from 1, of a text in a document.
fn place(document: &str, text: &str) -> (usize, usize) {
    let before = &document[..document.find(text).unwrap_or(0)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before.len() - line_start + 1)
}
