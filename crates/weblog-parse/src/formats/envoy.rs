//! Envoy's default access log format ("Default format string" of its access logging page), and the
//! longer one that Istio sets by default ("Envoy Access Logs" of the Istio documentation).

use super::{
    clock::Clock,
    fill::{Fill, listed},
    part::{address_and_port, bytes, millis, quoted, read, request, status, word},
};
use crate::{
    line::host_and_port,
    record::{Name, Record},
    reject::Reject,
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
        ServerAddr,
        ServerPort,
        DurationUs,
        RequestBytes,
        UpstreamAddr,
        UpstreamTimeUs,
        RequestId,
        ForwardedFor,
        Extra,
    ];
    let others = [
        ("client_port", Kind::Int),
        ("response_flags", Kind::Text),
        ("response_code_details", Kind::Text),
        ("connection_termination_details", Kind::Text),
        ("upstream_transport_failure_reason", Kind::Text),
        ("upstream_cluster", Kind::Text),
        ("upstream_local_address", Kind::Text),
        ("requested_server_name", Kind::Text),
        ("route_name", Kind::Text),
    ];
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
    let (rest, (time, asked, status, flags)) = read(
        line,
        (|input| clock.bracketed(input), request, status, word("the response flags, or `-`")).parse(line),
    )?;
    // Behind the flags Envoy counts bytes, and Istio tells details, which are no number.
    let is_istio = !rest.first().is_some_and(u8::is_ascii_digit);
    let (rest, [details, termination, failure]) = match is_istio {
        false => (rest, [&b"-"[..]; 3]),
        true => {
            let expected = "the received bytes, or the details of Istio's format";
            let details =
                (word(expected), word("the details of the termination"), quoted("the failure in quotes"));
            read(line, details.map(|(a, b, c)| [a, b, c]).parse(rest))?
        }
    };
    let (mut rest, (got, sent, took, upstream_took, forwarded, agent, id, authority, upstream)) = read(
        line,
        (
            bytes("the received bytes"),
            bytes("the sent bytes"),
            millis("the duration in milliseconds"),
            millis("the time of the upstream in milliseconds, or `-`"),
            quoted("X-Forwarded-For in quotes"),
            quoted("the user agent in quotes"),
            quoted("the id of the request in quotes"),
            quoted("the authority in quotes"),
            quoted("the upstream in quotes"),
        )
            .parse(rest),
    )?;
    let mut mesh: [&[u8]; 6] = [b"-"; 6];
    if is_istio {
        for value in &mut mesh {
            (rest, *value) = read(line, word("a field of Istio's format, or `-`")(rest))?;
        }
    }
    let [cluster, upstream_local, local, remote, server_name, route] = mesh;

    let mut fill = Fill::verbatim(record, line);
    fill.time(time);
    let port = fill.client(remote);
    fill.request(asked);
    fill.int(Field::Status, status);
    fill.int(Field::Bytes, sent);
    fill.text(Field::UserAgent, agent);
    let (local_addr, local_port) = address_and_port(local);
    let (name, named_port) = host_and_port(authority);
    fill.text(Field::Vhost, name);
    fill.text(Field::ServerAddr, local_addr);
    fill.int(Field::ServerPort, local_port.or(named_port.map(i64::from)));
    fill.int(Field::DurationUs, took);
    fill.int(Field::RequestBytes, got);
    fill.text(Field::UpstreamAddr, upstream);
    fill.int(Field::UpstreamTimeUs, upstream_took);
    fill.text(Field::RequestId, id);
    fill.text(Field::ForwardedFor, forwarded);
    let extra = fill.extra(rest);
    fill.other_int("client_port", port);
    fill.other("response_flags", flags);
    fill.other("response_code_details", details);
    fill.other("connection_termination_details", termination);
    fill.other("upstream_transport_failure_reason", failure);
    fill.other("upstream_cluster", cluster);
    fill.other("upstream_local_address", upstream_local);
    fill.other("requested_server_name", server_name);
    fill.other("route_name", route);
    Ok(extra)
}
