//! The two formats of Nginx Proxy Manager (`proxy` and `standard` of its nginx configuration).
//!
//! `[time] cache upstream_status status - METHOD scheme host "uri" [Client ip] [Length n] [Gzip r]
//! [Sent-to ip] "user agent" "referer"`; the other one has no upstream.

use super::{
    clock::Clock,
    fill::{Fill, listed},
    part::{Part, bracketed, miss, offset, quoted, read, status, whole, word},
};
use crate::{
    record::{Name, Record},
    reject::{Reason, Reject},
    schema::{Field, Kind},
    time::Memo,
    zone::Zone,
};
use memchr::memchr;
use nom::Parser;

/// The fields that lines fill, in order.
pub(crate) fn fields() -> Vec<(Name<'static>, Kind)> {
    use Field::*;
    let known = [
        Time,
        UtcOffset,
        RemoteAddr,
        Method,
        Target,
        Path,
        Query,
        Status,
        Bytes,
        Referer,
        UserAgent,
        Vhost,
        ServerPort,
        UpstreamAddr,
        UpstreamStatus,
        CacheStatus,
        Extra,
    ];
    listed(&known, &[("scheme", Kind::Text), ("gzip_ratio", Kind::Text)])
}

/// Reads one line; whether it has more at its end than the format names.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let (rest, time) = read(line, clock.bracketed(line))?;
    // Up to the URI there are five words, and two more with an upstream; some builds write a `-`
    // before them.
    let quote = memchr(b'"', rest).unwrap_or(rest.len());
    let words = rest[..quote].iter().filter(|b| **b == b' ').count();
    let rest = if words == 8 { read(line, word("`-`")(rest))?.0 } else { rest };
    let (rest, (cache, upstream_status)) = match words {
        7 | 8 => read(line, (word("what the cache did, or `-`"), word("the upstream's status")).parse(rest))?,
        _ => (rest, (&b"-"[..], &b"-"[..])),
    };
    let (rest, (status, _, method, scheme, host, uri, client, length, gzip)) = read(
        line,
        (
            status,
            dash,
            word("the method"),
            word("the scheme"),
            word("the host"),
            quoted("the URI in quotes"),
            labelled(b"Client ", "[Client and its address]"),
            labelled(b"Length ", "[Length and the sent bytes]"),
            labelled(b"Gzip ", "[Gzip and the ratio, or `-`]"),
        )
            .parse(rest),
    )?;
    let (rest, server) = match rest {
        [b'[', ..] => read(line, labelled(b"Sent-to ", "[Sent-to and the server]")(rest))?,
        _ => (rest, &b"-"[..]),
    };
    let (rest, (agent, referer)) =
        read(line, (quoted("the user agent in quotes"), quoted("the referer in quotes")).parse(rest))?;
    let Some(sent) = whole(length) else {
        return Err(Reject::at(offset(line, length), Reason::BadBytes, "the sent bytes, or `-`"));
    };

    let mut fill = Fill::escaped(record, line);
    fill.time(time);
    fill.text(Field::RemoteAddr, client);
    fill.request_parts(method, uri, b"-");
    fill.int(Field::Status, status);
    fill.int(Field::Bytes, sent);
    fill.text(Field::Referer, referer);
    fill.text(Field::UserAgent, agent);
    fill.vhost(host);
    fill.text(Field::UpstreamAddr, server);
    fill.text(Field::UpstreamStatus, upstream_status);
    fill.text(Field::CacheStatus, cache);
    let extra = fill.extra(rest);
    fill.other("scheme", scheme);
    fill.other("gzip_ratio", gzip);
    Ok(extra)
}

fn dash(input: &[u8]) -> Part<'_, ()> {
    match word("`-` and the method")(input)? {
        (rest, b"-") => Ok((rest, ())),
        _ => miss(input, Reason::MissingField, "`-` and the method"),
    }
}

/// `[Label value]`.
fn labelled<'a>(label: &'static [u8], expected: &'static str) -> impl Fn(&'a [u8]) -> Part<'a, &'a [u8]> {
    move |input| {
        let (rest, inside) = bracketed(expected)(input)?;
        match inside.strip_prefix(label) {
            Some(value) => Ok((rest, value)),
            None => miss(input, Reason::MissingField, expected),
        }
    }
}
