//! Traefik's common log format: combined, and `count "router" "service-url" 12ms` ("Access logs" of
//! the Traefik documentation).

use super::{
    clock::Clock,
    combined::{self, combined},
    fill::{Fill, listed},
    part::{Part, digits, int, miss, quoted, read, word},
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
    let known = [&combined::FIELDS[..], &[Field::DurationUs, Field::UpstreamAddr, Field::Extra]].concat();
    listed(&known, &[("request_count", Kind::Int), ("router", Kind::Text)])
}

/// Reads one line; whether it has more at its end than the format names.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let (rest, (parts, count, router, service, took)) = read(
        line,
        (
            |input| combined(&mut clock, input),
            int("the number of requests so far"),
            quoted("the router in quotes"),
            quoted("the URL of the service in quotes"),
            duration,
        )
            .parse(line),
    )?;
    let mut fill = Fill::escaped(record, line);
    parts.begin(&mut fill);
    fill.int(Field::DurationUs, took);
    fill.text(Field::UpstreamAddr, service);
    let extra = fill.extra(rest);
    fill.other_int("request_count", count);
    fill.other("router", router);
    Ok(extra)
}

/// `12ms`, in microseconds.
fn duration(input: &[u8]) -> Part<'_, Option<i64>> {
    let expected = "the duration in milliseconds, like 12ms";
    let (rest, text) = word(expected)(input)?;
    let millis = text.strip_suffix(b"ms").and_then(digits).and_then(|millis| millis.checked_mul(1_000));
    match millis {
        Some(micros) => Ok((rest, Some(micros))),
        None => miss(input, Reason::MissingField, expected),
    }
}
