//! `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer"
//! "$http_user_agent"`, with which the lines of several proxies begin.

use super::{
    clock::Clock,
    fill::Fill,
    part::{Part, bytes, literal, miss, quoted, request, status, word},
};
use crate::{reject::Reason, schema::Field, time::Logged};
use memchr::{memchr, memmem};
use nom::Parser;

/// The fields that [`Combined::begin`] fills.
pub(super) const FIELDS: [Field; 15] = {
    use Field::*;
    [
        Time,
        UtcOffset,
        RemoteAddr,
        RemoteUser,
        Method,
        Target,
        Path,
        Query,
        Protocol,
        Request,
        RequestKind,
        Status,
        Bytes,
        Referer,
        UserAgent,
    ]
};

/// The parts of a combined line as they stand in it.
#[derive(Clone, Copy)]
pub(super) struct Combined<'a> {
    remote_addr: &'a [u8],
    user: &'a [u8],
    time: Option<Logged>,
    request: &'a [u8],
    status: Option<i64>,
    bytes: Option<i64>,
    referer: &'a [u8],
    user_agent: &'a [u8],
}

/// Reads the parts.
#[inline]
pub(super) fn combined<'a>(clock: &mut Clock<'_>, input: &'a [u8]) -> Part<'a, Combined<'a>> {
    let (rest, (remote_addr, ())) =
        (word("the address of the client"), literal(b"- ", "`-` behind the client")).parse(input)?;
    // Older ingress controllers wrote `1.2.3.4 - [1.2.3.4] - user`.
    let rest = match rest {
        [b'[', more @ ..] if more.get(2).is_none_or(|b| *b != b'/') => match memmem::find(more, b"] - ") {
            Some(end) => &more[end + 4..],
            None => rest,
        },
        _ => rest,
    };
    let (rest, user) = user(rest)?;
    let (rest, (time, request, status, bytes, referer, user_agent)) = (
        |input| clock.bracketed(input),
        request,
        status,
        bytes("the size of the response: digits, or `-`"),
        quoted("the referer in quotes"),
        quoted("the user agent in quotes"),
    )
        .parse(rest)?;
    let parts = Combined { remote_addr, user, time, request, status, bytes, referer, user_agent };
    Ok((rest, parts))
}

/// The user, who may have blanks in his name, up to the time.
fn user(input: &[u8]) -> Part<'_, &[u8]> {
    let bracket = memchr(b'[', input).filter(|at| *at >= 2 && input[at - 1] == b' ');
    match bracket {
        Some(at) => Ok((&input[at..], &input[..at - 1])),
        None => miss(input, Reason::MissingField, "`-` or the authenticated user, and the time in brackets"),
    }
}

impl<'a> Combined<'a> {
    /// Adds the fields up to the user agent.
    #[inline]
    pub(super) fn begin(&self, fill: &mut Fill<'_, 'a>) {
        fill.time(self.time);
        fill.text(Field::RemoteAddr, self.remote_addr);
        fill.text(Field::RemoteUser, self.user);
        fill.request(self.request);
        fill.int(Field::Status, self.status);
        fill.int(Field::Bytes, self.bytes);
        fill.text(Field::Referer, self.referer);
        fill.text(Field::UserAgent, self.user_agent);
    }
}
