//! weblog's own NDJSON told from that of others, at next to no cost.
//!
//! What weblog writes begins with a time in its own form, has the fields of the schema in schema order before
//! all others, numbers without quotes, and no request line where it has the parts. Other names do not count:
//! a record may have kept those of another dialect, and must not be read by them a second time.

use super::token::{Member, Raw};
use weblog_parse::{Field, Kind, Name, Record, SCHEMA, Value, request};

/// Whether a line begins with a time in the form in which weblog writes it.
#[inline]
pub(super) fn begins_with_time(line: &[u8]) -> bool {
    line.strip_prefix(b"{\"time\":").is_some_and(|value| own_time(value).is_some())
}

/// Length of `"2019-01-22T00:26:14Z"`, with a fraction of 3 or 6 digits or none.
#[inline]
fn own_time(value: &[u8]) -> Option<usize> {
    let fraction = match (value.get(20), value.get(24), value.get(27)) {
        (Some(b'Z'), ..) => 0,
        (Some(b'.'), Some(b'Z'), _) => 4,
        (Some(b'.'), _, Some(b'Z')) => 7,
        _ => return None,
    };
    (value[0] == b'"' && value[11] == b'T' && value.get(21 + fraction) == Some(&b'"'))
        .then_some(22 + fraction)
}

/// A bit for every field whose value tells who wrote it: whole numbers, the time, the request line.
const LOOK: u128 = {
    let (mut bits, mut at) = (1 << Field::Time as u8 | 1 << Field::Request as u8, 0);
    while at < SCHEMA.len() {
        if matches!(SCHEMA[at].kind, Kind::Int) {
            bits |= 1 << at;
        }
        at += 1;
    }
    bits
};

/// Whether [`ndjson::read`](crate::ndjson::read) found a record of weblog in a line. `timed` tells that the
/// line begins with a time.
#[inline]
pub(super) fn is_own(record: &Record<'_>, timed: bool) -> bool {
    let fields = record.fields();
    let (mut logged, mut added, mut other) = (0, 0, 0);
    for (name, value) in fields {
        let Value::Json(json) = value else { return false };
        match name {
            Name::Known(field) if LOOK & 1 << *field as u8 == 0 => {}
            Name::Known(Field::Time) if own_time(json.as_bytes()) != Some(json.len()) => return false,
            Name::Known(Field::Time) => {}
            Name::Known(Field::Request) if is_request_line(record, json) => return false,
            Name::Known(Field::Request) => {}
            Name::Known(_) if json.starts_with('"') => return false,
            Name::Known(_) => {}
            Name::Other(_) if !timed => return false,
            Name::Other(_) => {}
        }
        // The record is in schema order now. The line was, with what was added to it later behind all the rest, when
        // the values of each part stand in the order of the record.
        let at = json.as_ptr().addr();
        let first = logged;
        let last = match name {
            Name::Known(field) if *field < Field::ClientAddr => &mut logged,
            Name::Known(_) => &mut added,
            Name::Other(_) => &mut other,
        };
        if timed && at < first.max(*last) {
            return false;
        }
        *last = at;
    }
    !timed || matches!(fields.get(1), Some((Name::Known(field), _)) if *field < Field::Host)
}

#[cold]
fn is_request_line(record: &Record<'_>, json: &str) -> bool {
    let parts = record.get(Field::RequestKind).is_some() || record.get(Field::Method).is_some();
    !parts && splits(json.trim_matches('"').as_bytes())
}

fn splits(line: &[u8]) -> bool {
    request::split(line).kind.is_none()
}

/// Whether members with names of the schema hold values that weblog would not write so.
pub(super) fn is_foreign(members: &[Member<'_>]) -> bool {
    let has = |key: &[u8]| members.iter().any(|member| member.key == key);
    members.iter().any(|member| match (member.key, member.value) {
        (b"time", Raw::Quoted(text)) => {
            let quoted = [b"\"", text, b"\""].concat();
            own_time(&quoted) != Some(quoted.len())
        }
        (b"time", Raw::Bare(_)) => true,
        (b"request", Raw::Quoted(line)) => !has(b"method") && !has(b"request_kind") && splits(line),
        _ => false,
    })
}
