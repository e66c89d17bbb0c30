//! AWS Application Load Balancer access logs ("Access log entries" of the ALB user guide).
//!
//! Thirty fields by 2024; older lines end earlier, newer ones may have more, which is `extra`.

use super::{
    clock::Clock,
    fill::{Fill, host_of_request, listed},
    part::{bytes, int, quoted, read, request, seconds, status, word},
};
use crate::{
    record::{Name, Record, Value},
    reject::Reject,
    schema::{Field, Kind},
    time::Memo,
    zone::Zone,
};
use nom::Parser;

/// The fields from the target group on, all of which a line may be too old to have.
const TAIL: [&str; 13] = [
    "target_group_arn",
    "trace_id",
    "domain_name",
    "chosen_cert_arn",
    "matched_rule_priority",
    "request_creation_time",
    "actions_executed",
    "redirect_url",
    "error_reason",
    "target_port_list",
    "target_status_code_list",
    "classification",
    "classification_reason",
];

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
        Protocol,
        Request,
        RequestKind,
        Status,
        Bytes,
        UserAgent,
        Vhost,
        ServerPort,
        DurationUs,
        RequestBytes,
        UpstreamAddr,
        UpstreamStatus,
        UpstreamTimeUs,
        RequestId,
        TlsProtocol,
        TlsCipher,
        Extra,
    ];
    let head = [
        ("type", Kind::Text),
        ("elb", Kind::Text),
        ("client_port", Kind::Int),
        ("request_processing_time_us", Kind::Int),
        ("response_processing_time_us", Kind::Int),
    ];
    let kind = |name: &str| match name {
        "matched_rule_priority" => Kind::Int,
        "request_creation_time" => Kind::Time,
        _ => Kind::Text,
    };
    let tail = TAIL.iter().filter(|name| **name != "trace_id").map(|name| (*name, kind(name)));
    let others: Vec<_> = head.into_iter().chain(tail).chain([("conn_trace_id", Kind::Text)]).collect();
    listed(&known, &others)
}

/// Reads one line; whether it has more at its end than the format names.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let head = (
        word("the type of the connection, like https or h2"),
        |input| clock.word(input),
        word("the name of the load balancer"),
        word("the client and its port"),
        word("the target and its port, or `-`"),
        seconds("the request processing time in seconds, or -1"),
        seconds("the target processing time in seconds, or -1"),
        seconds("the response processing time in seconds, or -1"),
        status,
        word("the status of the target, or `-`"),
        bytes("the received bytes"),
        bytes("the sent bytes"),
        request,
        quoted("the user agent in quotes"),
        word("the TLS cipher, or `-`"),
        word("the TLS protocol, or `-`"),
    )
        .parse(line);
    let (mut rest, head) = read(line, head)?;
    let (kind, time, elb, client, target, before, upstream, after, status, target_status, got, sent, ..) =
        head;
    let (.., asked, agent, cipher, protocol) = head;
    let mut tail: [&[u8]; TAIL.len()] = [b"-"; TAIL.len()];
    let (mut priority, mut created) = (None, None);
    for (at, value) in tail.iter_mut().enumerate() {
        if rest.is_empty() {
            break;
        }
        rest = match at {
            // The lists are quoted, the rest is not.
            0 => {
                read(line, word("the target group, or `-`")(rest))
                    .map(|(rest, word)| (rest, *value = word))?
                    .0
            }
            4 => read(line, int("the priority of the rule, or `-`")(rest)).map(|(r, n)| (r, priority = n))?.0,
            5 => read(line, clock.word(rest)).map(|(rest, time)| (rest, created = time))?.0,
            _ => read(line, quoted("a field in quotes")(rest)).map(|(rest, text)| (rest, *value = text))?.0,
        };
    }
    let (rest, connection) = match rest {
        [] => (rest, &b"-"[..]),
        _ => read(line, word("the id of the connection")(rest))?,
    };

    let mut fill = Fill::escaped(record, line);
    fill.time(time);
    let port = fill.client(client);
    fill.request(if asked == b"- - - " { b"-" } else { asked });
    fill.int(Field::Status, status);
    fill.int(Field::Bytes, sent);
    fill.text(Field::UserAgent, agent);
    fill.vhost(host_of_request(asked));
    fill.int(Field::DurationUs, total([before, upstream, after]));
    fill.int(Field::RequestBytes, got);
    fill.text(Field::UpstreamAddr, target);
    fill.text(Field::UpstreamStatus, target_status);
    fill.int(Field::UpstreamTimeUs, upstream);
    fill.text(Field::RequestId, tail[1]);
    fill.text(Field::TlsProtocol, protocol);
    fill.text(Field::TlsCipher, cipher);
    let extra = fill.extra(rest);
    fill.other("type", kind);
    fill.other("elb", elb);
    fill.other_int("client_port", port);
    fill.other_int("request_processing_time_us", before);
    fill.other_int("response_processing_time_us", after);
    for (at, name) in TAIL.iter().enumerate() {
        match at {
            1 => {}
            4 => fill.other_int(name, priority),
            5 => created.into_iter().for_each(|t| fill.raw(Name::Other(name), Value::Time(t.instant))),
            _ => fill.other(name, tail[at]),
        }
    }
    fill.other("conn_trace_id", connection);
    Ok(extra)
}

/// The time from the first byte of the request to the last one of the response, when all of its
/// parts are known.
pub(super) fn total(parts: [Option<i64>; 3]) -> Option<i64> {
    parts.into_iter().try_fold(0i64, |sum, part| sum.checked_add(part?))
}
