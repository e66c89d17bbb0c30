//! Squid's native access log (`logformat squid`, "Squid native access.log format" of its FAQ).

use super::{
    clock::Clock,
    fill::{Fill, listed},
    part::{Part, bytes, millis, read, three_digits, upto, word},
};
use crate::{
    record::{Name, Record},
    reject::{Reason, Reject},
    schema::{Field, Kind},
    time::Memo,
    zone::Zone,
};
use nom::Parser;

/// The fields that lines fill, in order.
pub(crate) fn fields() -> Vec<(Name<'static>, Kind)> {
    use Field::*;
    let known = [
        Time,
        UtcOffset,
        RemoteAddr,
        RemoteUser,
        Method,
        Target,
        Path,
        Query,
        Status,
        Bytes,
        DurationUs,
        UpstreamAddr,
        CacheStatus,
        Extra,
    ];
    listed(&known, &[("hierarchy", Kind::Text), ("content_type", Kind::Text)])
}

/// Reads one line; whether it has more at its end than the format names.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let (rest, (time, (), took, client, cache, status, sent, method, target, user, hierarchy, peer)) = read(
        line,
        (
            |input| clock.word(input),
            |input: &'a [u8]| Ok((input.trim_ascii_start(), ())),
            millis("the elapsed time in milliseconds"),
            word("the address of the client"),
            upto(b'/', "what the cache did, a slash and the status, like TCP_MISS/200"),
            code,
            bytes("the sent bytes"),
            word("the method"),
            word("the URL"),
            word("the user, or `-`"),
            upto(b'/', "how the peer was found, a slash and the peer, like HIER_DIRECT/192.0.2.1"),
            word("the peer, or `-`"),
        )
            .parse(line),
    )?;
    let (rest, content_type) = match rest {
        [] => (rest, &b"-"[..]),
        _ => read(line, word("the type of the content")(rest))?,
    };

    let mut fill = Fill::verbatim(record, line);
    fill.time(time);
    fill.text(Field::RemoteAddr, client);
    fill.text(Field::RemoteUser, user);
    fill.request_parts(method, target, b"-");
    fill.int(Field::Status, status);
    fill.int(Field::Bytes, sent);
    fill.int(Field::DurationUs, took);
    fill.text(Field::UpstreamAddr, peer);
    fill.text(Field::CacheStatus, cache);
    let extra = fill.extra(rest);
    fill.other("hierarchy", hierarchy);
    fill.other("content_type", content_type);
    Ok(extra)
}

/// The status, where `000` says that there was none to send.
fn code(input: &[u8]) -> Part<'_, Option<i64>> {
    let (rest, text) = word("the status behind the slash")(input)?;
    match three_digits(text) {
        Some(status) => Ok((rest, status)),
        None => super::part::miss(input, Reason::BadStatus, "a status of three digits"),
    }
}
