//! Lists of what nginx tried: one item for each upstream server, `, ` between them, and ` : ` between
//! groups after an internal redirect (ngx_http_upstream_module).

use super::{number, step::Slot, variable::Unit};

/// The items of a list.
pub(super) fn items(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|b| matches!(b, b',' | b' ')).filter(|item| !item.is_empty() && *item != b":")
}

/// How long the list is that `input` begins with. An item ends at a blank, a comma or `stop`.
pub(super) fn len(input: &[u8], stop: Option<u8>) -> usize {
    let mut at = 0;
    loop {
        let item = |b: &u8| !matches!(b, b' ' | b'\t' | b',' | b'"') && Some(*b) != stop;
        let end = at + input[at..].iter().take_while(|b| item(b)).count();
        if end == at {
            // No item behind a separator: the separator is not the list's.
            return at;
        }
        at = match &input[end..] {
            [b',', b' ', next, ..] if item(next) => end + 2,
            [b' ', b':', b' ', next, ..] if item(next) => end + 3,
            _ => return end,
        };
    }
}

/// The sum of a list of seconds in microseconds; none when no item is a number.
pub(super) fn sum(list: &[u8]) -> Option<i64> {
    let mut total = None;
    for item in items(list) {
        if let Ok((_, Slot::Int(micros))) = number::duration(Unit::Seconds, item) {
            total = Some(total.unwrap_or(0i64).saturating_add(micros));
        }
    }
    total
}

/// Whether every item is a number of seconds or `-`.
pub(super) fn is_of_seconds(list: &[u8]) -> bool {
    items(list).all(|item| number::duration(Unit::Seconds, item).is_ok_and(|(rest, _)| rest.is_empty()))
}
