//! The grammar of well-formed lines: nom for the sequence, own leaves for the parts.

use crate::{
    leaf::{Leaf, quoted, size, space, status, word},
    line::{Line, begins_with_vhost, tail},
    time::{CLF_LEN, Logged, Memo},
};
use memchr::memchr;
use nom::{Err, Parser, combinator::opt, sequence::preceded};

/// The parts of a well-formed line, or none. What this accepts, `lenient` reads the same way.
#[inline]
pub(crate) fn parse<'a>(memo: &mut Memo, clean: bool, input: &'a [u8]) -> Option<Line<'a>> {
    let (rest, (head, request, _, status, _, bytes)) =
        (|input| head(memo, clean, input), quoted, space, status, space, size).parse(input).ok()?;
    let (rest, agent) = opt((preceded(space, quoted), preceded(space, quoted))).parse(rest).ok()?;
    let line = Line { request, status, bytes, agent, ..head };
    if rest.is_empty() {
        return Some(line);
    }
    // A second line or the rest of the agent may hide in a tail: the lenient path sees to that.
    let balanced = memchr::memchr_iter(b'"', rest).count().is_multiple_of(2);
    if rest[0] != b' ' || agent.is_none() || memchr(b'[', rest).is_some() || !balanced {
        return None;
    }
    // So may the NULs of a hole in a file, and the end of a terminal's colour.
    if !clean && matches!(rest.trim_ascii_end(), [.., 0 | b'm']) {
        return None;
    }
    let (forwarded_for, extra) = tail(rest);
    Some(Line { forwarded_for, extra, ..line })
}

/// The time of a line that begins as a well-formed one does, in microseconds since the epoch.
#[inline]
pub(crate) fn time_of(memo: &mut Memo, input: &[u8]) -> Option<i64> {
    let (_, line) = head(memo, false, input).ok()?;
    line.time.map(|logged| logged.instant.micros)
}

/// What stands before the request: addresses, names and the time, up to its opening quote.
#[inline(always)]
fn head<'a>(memo: &mut Memo, clean: bool, input: &'a [u8]) -> Leaf<'a, Line<'a>> {
    let fail = || Err(Err::Error(()));
    let Some(quote) = memchr(b'"', input) else { return fail() };
    let Some(time_at) = quote.checked_sub(CLF_LEN + 3) else { return fail() };
    let Some(time) = time(memo, &input[time_at..quote]) else { return fail() };
    let names = &input[..time_at];
    // Tabs, byte order marks and the like are for the lenient path.
    if !clean && !names.iter().all(|b| matches!(b, b' '..=b'~')) {
        return fail();
    }
    let (user, (first, _, second, _)) = (word, space, word, space).parse(names)?;
    let line = Line { remote_addr: first, logname: second, time: Some(time), ..Line::default() };
    let line = match user {
        [user @ .., b' '] if is_word(user) => Line { user, ..line },
        [more @ .., b' '] if begins_with_vhost(first, second) => {
            let (user, (logname, _)) = (word, space).parse(more)?;
            if !is_word(user) {
                return fail();
            }
            Line { vhost: Some(first), remote_addr: second, logname, user, ..line }
        }
        _ => return fail(),
    };
    // Lists of addresses, headers, banners and the bar of a wrapper are for the lenient path too.
    if line.remote_addr.ends_with(b",")
        || first.ends_with(b",")
        || matches!(first[0], b'#' | b'=')
        || first.starts_with(b"MESSAGE=")
        || second == b"|"
    {
        return fail();
    }
    Ok((&input[quote..], line))
}

/// `[22/Jan/2019:03:56:14 +0330] `
#[inline(always)]
fn time(memo: &mut Memo, bracketed: &[u8]) -> Option<Logged> {
    let text: &[u8; CLF_LEN] = bracketed.get(1..=CLF_LEN)?.try_into().ok()?;
    (bracketed.starts_with(b"[") && bracketed.ends_with(b"] ")).then(|| memo.read(text))?
}

#[inline(always)]
fn is_word(bytes: &[u8]) -> bool {
    !bytes.is_empty() && memchr(b' ', bytes).is_none()
}
