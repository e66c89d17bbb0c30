//! Labeled tab-separated values (<http://ltsv.org>): `label:value` parted by tabs, in any order.
//!
//! The labels are those that ltsv.org recommends and the ones that servers' own configurations use
//! in their place; the schema's own names are known too. Any other label keeps its name.

use super::{
    clock::Clock,
    fill::{Fill, listed},
    part::{digits, micros, offset, thousands, whole},
};
use crate::{
    record::{Name, Record},
    reject::{Reason, Reject},
    schema::{Field, Kind},
    time::Memo,
    zone::Zone,
};
use memchr::memchr;

/// The fields that the known labels fill, in order; others come behind them.
pub(crate) fn fields() -> Vec<(Name<'static>, Kind)> {
    use Field::*;
    let known = [
        Time,
        UtcOffset,
        RemoteAddr,
        RemoteLogname,
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
        Vhost,
        ServerPort,
        DurationUs,
        RequestBytes,
        UpstreamTimeUs,
        CacheStatus,
        RequestId,
        ForwardedFor,
    ];
    listed(&known, &[])
}

/// What a label says of its value.
enum Label {
    Time,
    Request,
    Target,
    Host,
    Text(Field),
    Int(Field),
    Status,
    Seconds(Field),
    Millis(Field),
    Other,
}

fn label(name: &[u8]) -> Label {
    use Field::*;
    match name {
        b"time" | b"time_local" | b"time_iso8601" | b"timestamp" => Label::Time,
        b"req" | b"request" => Label::Request,
        b"uri" | b"request_uri" | b"target" => Label::Target,
        b"vhost" => Label::Host,
        b"host" | b"remote_addr" => Label::Text(RemoteAddr),
        b"forwardedfor" | b"x_forwarded_for" => Label::Text(ForwardedFor),
        b"ident" => Label::Text(RemoteLogname),
        b"user" => Label::Text(RemoteUser),
        b"method" | b"request_method" => Label::Text(Method),
        b"ua" => Label::Text(UserAgent),
        b"cache" => Label::Text(CacheStatus),
        b"reqid" => Label::Text(RequestId),
        b"status" => Label::Status,
        b"size" | b"body_bytes_sent" => Label::Int(Bytes),
        b"bytes_sent" => Label::Int(ResponseBytes),
        b"reqsize" | b"request_length" => Label::Int(RequestBytes),
        b"reqtime_microsec" | b"taken_microsec" => Label::Int(DurationUs),
        b"reqtime_millisec" => Label::Millis(DurationUs),
        b"reqtime" | b"request_time" | b"taken_sec" | b"taken" => Label::Seconds(DurationUs),
        b"apptime" => Label::Seconds(UpstreamTimeUs),
        _ => match Field::from_name(name).map(|field| (field, field.info().kind)) {
            Some((field, Kind::Int)) => Label::Int(field),
            Some((field, _)) => Label::Text(field),
            None => Label::Other,
        },
    }
}

/// Reads one line; nothing of it is ever extra.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let mut fill = Fill::escaped(record, line);
    for field in line.split(|b| *b == b'\t').filter(|field| !field.is_empty()) {
        let at = offset(line, field);
        let colon = memchr(b':', field);
        let named = colon.map(|colon| (&field[..colon], &field[colon + 1..]));
        let Some((name, value)) = named.filter(|(name, _)| is_label(name)) else {
            return Err(Reject::at(
                at,
                Reason::MissingField,
                "a label of letters, digits, _ . and -, and a colon",
            ));
        };
        if value == b"-" {
            continue;
        }
        put(name, value, &mut clock, &mut fill)
            .map_err(|(reason, expected)| Reject::at(at + name.len() + 1, reason, expected))?;
    }
    if record.fields().is_empty() && line.trim_ascii().is_empty() {
        return Err(Reject::at(0, Reason::MissingField, "a label and a colon"));
    }
    record.canonical();
    Ok(false)
}

fn is_label(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b))
}

fn put<'a>(
    name: &'a [u8],
    value: &'a [u8],
    clock: &mut Clock<'_>,
    fill: &mut Fill<'_, 'a>,
) -> Result<(), (Reason, &'static str)> {
    let mut int = |field, number: Option<Option<i64>>, reason, expected| match number {
        Some(number) => {
            fill.int(field, number);
            Ok(())
        }
        None if value.is_empty() => Ok(()),
        None => Err((reason, expected)),
    };
    match label(name) {
        Label::Status => {
            let status = digits(value).filter(|status| *status < 1_000).map(Some);
            return int(Field::Status, status, Reason::BadStatus, "a status of three digits, or `-`");
        }
        Label::Int(field) => {
            let bytes = matches!(field, Field::Bytes | Field::RequestBytes | Field::ResponseBytes);
            let reason = if bytes { Reason::BadBytes } else { Reason::MissingField };
            return int(field, whole(value), reason, "a whole number, or `-`");
        }
        Label::Seconds(field) => {
            return int(field, micros(value), Reason::MissingField, "a time in seconds, or `-`");
        }
        Label::Millis(field) => {
            let number = thousands(value);
            return int(field, number, Reason::MissingField, "a time in milliseconds, or `-`");
        }
        Label::Time => {
            let inside = value.strip_prefix(b"[").and_then(|v| v.strip_suffix(b"]")).unwrap_or(value);
            match clock.any(inside) {
                Some(time) => fill.time(time),
                None if value.is_empty() => {}
                None => return Err((Reason::BadTime, "a time like [22/Jan/2019:03:56:14 +0330]")),
            }
        }
        Label::Request => fill.request(value),
        Label::Target => fill.request_parts(b"", value, b""),
        Label::Host => fill.vhost(value),
        Label::Text(Field::Path) => fill.path(value),
        Label::Text(field) => fill.text(field, value),
        Label::Other => match std::str::from_utf8(name) {
            Ok(name) => fill.other(name, value),
            Err(_) => return Err((Reason::MissingField, "a label of ASCII letters")),
        },
    }
    Ok(())
}
