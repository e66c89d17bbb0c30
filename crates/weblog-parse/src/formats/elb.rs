//! AWS Classic Load Balancer access logs ("Access log entries" of the ELB user guide).

use super::{
    alb::total,
    clock::Clock,
    fill::{Fill, host_of_request, listed},
    part::{bytes, quoted, read, request, seconds, status, word},
};
use crate::{
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
        ServerPort,
        DurationUs,
        RequestBytes,
        UpstreamAddr,
        UpstreamStatus,
        UpstreamTimeUs,
        TlsProtocol,
        TlsCipher,
        Extra,
    ];
    let others = [
        ("elb", Kind::Text),
        ("client_port", Kind::Int),
        ("request_processing_time_us", Kind::Int),
        ("response_processing_time_us", Kind::Int),
    ];
    listed(&known, &others)
}

/// Reads one line; whether it has more at its end than the format names. The first lines of this
/// format ended with the request; user agent and TLS came in 2014.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let head = (
        |input| clock.word(input),
        word("the name of the load balancer"),
        word("the client and its port"),
        word("the backend and its port, or `-`"),
        seconds("the request processing time in seconds, or -1"),
        seconds("the backend processing time in seconds, or -1"),
        seconds("the response processing time in seconds, or -1"),
        status,
        word("the status of the backend, or `-`"),
        bytes("the received bytes"),
        bytes("the sent bytes"),
        request,
    )
        .parse(line);
    let (rest, head) = read(line, head)?;
    let (time, elb, client, backend, before, upstream, after, status, backend_status, got, sent, asked) =
        head;
    let (rest, (agent, cipher, protocol)) = match rest {
        [] => (rest, (&b"-"[..], &b"-"[..], &b"-"[..])),
        _ => {
            let agent = quoted("the user agent in quotes");
            read(line, (agent, word("the TLS cipher, or `-`"), word("the TLS protocol, or `-`")).parse(rest))?
        }
    };

    let mut fill = Fill::escaped(record, line);
    fill.time(time);
    let port = fill.client(client);
    // What a listener on TCP writes for its want of a request.
    fill.request(if asked == b"- - - " { b"-" } else { asked });
    fill.int(Field::Status, status);
    fill.int(Field::Bytes, sent);
    fill.text(Field::UserAgent, agent);
    fill.vhost(host_of_request(asked));
    fill.int(Field::DurationUs, total([before, upstream, after]));
    fill.int(Field::RequestBytes, got);
    fill.text(Field::UpstreamAddr, backend);
    fill.text(Field::UpstreamStatus, backend_status);
    fill.int(Field::UpstreamTimeUs, upstream);
    fill.text(Field::TlsProtocol, protocol);
    fill.text(Field::TlsCipher, cipher);
    let extra = fill.extra(rest);
    fill.other("elb", elb);
    fill.other_int("client_port", port);
    fill.other_int("request_processing_time_us", before);
    fill.other_int("response_processing_time_us", after);
    Ok(extra)
}
