//! The `upstreaminfo` format of the nginx ingress controller for Kubernetes (`log-format-upstream`
//! of its ConfigMap page): combined, sizes, times, and lists of one item for each upstream tried.
//!
//! A list stands without quotes and is of any width: items parted by `, `, and by ` : ` where a
//! redirect inside nginx began a new group (`$upstream_addr` of ngx_http_upstream_module).

use super::{
    clock::Clock,
    combined::{self, combined},
    fill::{Fill, listed},
    part::{Part, bracketed, bytes, digits, micros, miss, offset, read, seconds, word},
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
    let own = [
        DurationUs,
        RequestBytes,
        UpstreamAddr,
        UpstreamStatus,
        UpstreamTimeUs,
        UpstreamAttempts,
        RequestId,
        Extra,
    ];
    let others = [
        ("upstream_name", Kind::Text),
        ("alternative_upstream_name", Kind::Text),
        ("upstream_response_length", Kind::Text),
        ("upstream_response_time", Kind::Text),
        ("upstream_last_status", Kind::Int),
    ];
    listed(&[&combined::FIELDS[..], &own].concat(), &others)
}

/// Reads one line; whether it has more at its end than the format names. Old versions had neither
/// the alternative upstream nor the id of the request.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let (rest, (parts, length, took, upstream)) = read(
        line,
        (
            |input| combined(&mut clock, input),
            bytes("the length of the request"),
            seconds("the duration in seconds"),
            bracketed("the name of the upstream in brackets"),
        )
            .parse(line),
    )?;
    let (rest, alternative) = match rest {
        // An address of IPv6 has brackets too, with a port behind them.
        [b'[', ..] if memchr(b']', rest).is_some_and(|end| rest.get(end + 1) != Some(&b':')) => {
            read(line, bracketed("the name of the alternative upstream")(rest))?
        }
        _ => (rest, &b"-"[..]),
    };
    let (rest, (addresses, lengths, times, statuses)) = read(
        line,
        (
            list("the addresses of the upstreams", |_| true),
            list("the lengths of the upstreams' responses", |item| digits(item).is_some()),
            list("the times of the upstreams in seconds", |item| micros(item).is_some()),
            list("the statuses of the upstreams", |item| digits(item).is_some_and(|status| status < 1_000)),
        )
            .parse(rest),
    )?;
    let (rest, id) = match rest {
        [] => (rest, &b"-"[..]),
        _ => read(line, word("the id of the request")(rest))?,
    };

    let mut fill = Fill::escaped(record, line);
    parts.begin(&mut fill);
    fill.int(Field::DurationUs, took);
    fill.int(Field::RequestBytes, length);
    fill.text(Field::UpstreamAddr, addresses);
    fill.text(Field::UpstreamStatus, statuses);
    fill.int(Field::UpstreamTimeUs, sum(times));
    fill.int(Field::UpstreamAttempts, (addresses != b"-").then(|| items(addresses).count() as i64));
    fill.text(Field::RequestId, id);
    let extra = fill.extra(rest);
    fill.other("upstream_name", non_empty(upstream));
    fill.other("alternative_upstream_name", non_empty(alternative));
    fill.other("upstream_response_length", lengths);
    fill.other("upstream_response_time", times);
    fill.other_int("upstream_last_status", items(statuses).last().and_then(digits));
    Ok(extra)
}

fn non_empty(name: &[u8]) -> &[u8] {
    if name.is_empty() { b"-" } else { name }
}

/// The items of a list, without what parts them.
fn items(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let words = list.split(|b| *b == b' ').filter(|word| *word != b":");
    words.map(|word| word.strip_suffix(b",").unwrap_or(word))
}

/// The times of a list together; null when none of them is known.
fn sum(times: &[u8]) -> Option<i64> {
    let known = items(times).filter_map(|item| micros(item).flatten());
    known.fold(None, |sum: Option<i64>, time| Some(sum.unwrap_or(0).saturating_add(time)))
}

/// A list whose items are `-` or what `is_item` takes.
fn list<'a>(
    expected: &'static str,
    is_item: impl Fn(&[u8]) -> bool,
) -> impl Fn(&'a [u8]) -> Part<'a, &'a [u8]> {
    move |input| {
        let mut rest = input;
        loop {
            let (behind, text) = word(expected)(rest)?;
            let item = text.strip_suffix(b",").unwrap_or(text);
            if item != b"-" && !is_item(item) {
                return miss(rest, Reason::MissingField, expected);
            }
            rest = match behind {
                _ if item.len() < text.len() => behind,
                [b':', b' ', more @ ..] => more,
                _ => {
                    return Ok((behind, &input[..offset(input, text) + text.len()]));
                }
            };
        }
    }
}
