//! Where a quoted field ends, when servers escape quotes and when they do not.

use super::{is_blank, words};
use memchr::{memchr_iter, memchr2};

/// What stands in quotes, and what follows the closing one.
pub(super) struct Quoted<'a> {
    pub(super) inside: &'a [u8],
    pub(super) rest: &'a [u8],
}

/// The quoted field at the beginning of `text`, when its first closing quote that no backslash
/// precedes has a blank or the end behind it.
pub(super) fn strict(text: &[u8]) -> Option<Quoted<'_>> {
    let body = text.strip_prefix(b"\"")?;
    let mut from = 0;
    while let Some(at) = memchr2(b'"', b'\\', &body[from..]) {
        let at = from + at;
        if body[at] == b'"' {
            let rest = &body[at + 1..];
            let ends = rest.first().is_none_or(|b| is_blank(*b));
            return ends.then_some(Quoted { inside: &body[..at], rest });
        }
        from = (at + 2).min(body.len());
    }
    None
}

/// The field in quotes at the beginning of `text` whose closing quote is the first one with a
/// status and a size behind it: for servers that do not escape quotes.
pub(super) fn closing_before_status(text: &[u8]) -> Option<&[u8]> {
    memchr_iter(b'"', text).skip(1).find(|at| status_follows(&text[at + 1..])).map(|at| &text[1..at])
}

/// Whether a status and a size follow, behind a blank.
pub(super) fn status_follows(rest: &[u8]) -> bool {
    // Asked of every quote in a line: without a blank nothing is searched.
    if !rest.first().is_some_and(|b| is_blank(*b)) {
        return false;
    }
    let mut words = words(rest);
    let digits = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    words.next().is_some_and(|status| status == b"-" || (status.len() == 3 && digits(status)))
        && words.next().is_some_and(|size| size == b"-" || digits(size))
}

/// Whether quotes come in pairs.
pub(super) fn is_balanced(text: &[u8]) -> bool {
    memchr_iter(b'"', text).count().is_multiple_of(2)
}
