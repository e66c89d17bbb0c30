//! HAProxy's HTTP log and its TCP log ("Log formats" of the HAProxy configuration manual), with or
//! without the prefix of syslog.
//!
//! The five timers of `option httplog` are named as in the manual up to 1.6 (`Tq/Tw/Tc/Tr/Tt`); from
//! 1.7 on the first one is `TR` and the last one `Ta`, in the same places. The TCP log has three,
//! `Tw/Tc/Tt`, and no request. A `+` before the last timer and the bytes says that the line was
//! written before the end (`option logasap`).

use super::{
    clock::Clock,
    fill::{Fill, listed},
    part::{
        Miss, Part, address_and_port, bracketed, literal, miss, read, thousands, three_digits, upto, whole,
        word,
    },
};
use crate::{
    record::{Name, Record, Value},
    reject::{Reason, Reject},
    schema::{Field, Kind},
    time::{Logged, Memo},
    wrapper,
    zone::Zone,
};
use memchr::{memchr, memchr_iter};
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
        ServerAddr,
        ServerPort,
        DurationUs,
        Host,
        Extra,
    ];
    let others = [
        ("client_port", Kind::Int),
        ("frontend", Kind::Text),
        ("backend", Kind::Text),
        ("server", Kind::Text),
        ("tq_us", Kind::Int),
        ("tw_us", Kind::Int),
        ("tc_us", Kind::Int),
        ("tr_us", Kind::Int),
        ("captured_request_cookie", Kind::Text),
        ("captured_response_cookie", Kind::Text),
        ("termination_state", Kind::Text),
        ("actconn", Kind::Int),
        ("feconn", Kind::Int),
        ("beconn", Kind::Int),
        ("srvconn", Kind::Int),
        ("retries", Kind::Int),
        ("srv_queue", Kind::Int),
        ("backend_queue", Kind::Int),
        ("captured_request_headers", Kind::Text),
        ("captured_response_headers", Kind::Text),
        ("mode", Kind::Text),
        ("prefix", Kind::Text),
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
    let (inner, prefix, host) = match wrapper::unwrap(line) {
        Some(outer) => (outer.line, Some(outer.prefix), outer.host),
        None => (line, None, None),
    };
    if let Some(connect) = inner.strip_prefix(b"Connect from ") {
        return session(line, connect, host, prefix, record);
    }
    let (rest, head) = read(line, head(&mut Clock { memo, zone }, inner))?;
    let (rest, http, timers, sent, term) = if head.slashes == 4 {
        let (rest, (timers, status, sent, http, term)) = read(line, http_timers(head.rest))?;
        (rest, Some((status, http)), timers, sent, term)
    } else {
        let (rest, (timers, sent, term)) = read(line, (tcp_timers, amount, word(TERM)).parse(rest))?;
        (rest, None, timers, sent, term)
    };
    let (mut rest, (conns, queues)) = read(line, (connections, queues).parse(rest))?;
    let mut captured: [&[u8]; 2] = [b"-"; 2];
    let mut asked: &[u8] = b"-";
    if http.is_some() {
        for captured in &mut captured {
            if rest.starts_with(b"{") {
                (rest, *captured) = read(line, braces(rest))?;
            }
        }
        (rest, asked) = read(line, request(rest))?;
    }

    let mut fill = Fill::verbatim(record, line);
    fill.time(head.time);
    let port = fill.client(head.client);
    match http {
        Some(_) if asked == b"<BADREQ>" => {
            fill.raw(Name::Known(Field::Request), Value::Plain(asked));
            fill.raw(Name::Known(Field::RequestKind), Value::Plain(b"junk"));
        }
        Some(_) => fill.request(asked),
        None => {}
    }
    fill.int(Field::Status, http.and_then(|(status, _)| status));
    fill.int(Field::Bytes, sent);
    fill.int(Field::DurationUs, timers[4]);
    if let Some(host) = host {
        fill.text(Field::Host, host);
    }
    let extra = fill.extra(rest);
    fill.other_int("client_port", port);
    fill.other("frontend", head.frontend);
    fill.other("backend", unless(b"<NOSRV>", head.backend));
    fill.other("server", unless(b"<NOSRV>", head.server));
    for (name, timer) in ["tq_us", "tw_us", "tc_us", "tr_us"].into_iter().zip(timers) {
        fill.other_int(name, timer);
    }
    if let Some((_, [of_request, of_response])) = http {
        fill.other("captured_request_cookie", of_request);
        fill.other("captured_response_cookie", of_response);
    }
    fill.other("termination_state", term);
    for (name, count) in ["actconn", "feconn", "beconn", "srvconn", "retries"].into_iter().zip(conns) {
        fill.other_int(name, count);
    }
    fill.other_int("srv_queue", queues[0]);
    fill.other_int("backend_queue", queues[1]);
    fill.other("captured_request_headers", captured[0]);
    fill.other("captured_response_headers", captured[1]);
    if let Some(prefix) = prefix {
        fill.raw(Name::Other("prefix"), Value::Text(prefix));
    }
    Ok(extra)
}

/// `192.0.2.1:4711 to 192.0.2.2:80 (front/HTTP)`, of a frontend without `option httplog` or `tcplog`.
fn session<'a>(
    line: &'a [u8],
    connect: &'a [u8],
    host: Option<&'a [u8]>,
    prefix: Option<&'a [u8]>,
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let (rest, client) = read(line, word("the client and its port")(connect))?;
    let (rest, _) = read(line, literal(b"to ", "`to` and the address of the server")(rest))?;
    let (rest, server) = read(line, word("the server's address and port")(rest))?;
    let inside = rest.strip_prefix(b"(").and_then(|rest| rest.trim_ascii_end().strip_suffix(b")"));
    let Some((frontend, mode)) = inside.and_then(|inside| Some(inside.split_at(memchr(b'/', inside)?)))
    else {
        let at = line.len() - rest.len();
        return Err(Reject::at(at, Reason::MissingField, "the frontend and its mode, like (front/HTTP)"));
    };
    let mut fill = Fill::verbatim(record, line);
    let port = fill.client(client);
    let (address, server_port) = address_and_port(server);
    fill.text(Field::ServerAddr, address);
    fill.int(Field::ServerPort, server_port);
    if let Some(host) = host {
        fill.text(Field::Host, host);
    }
    fill.other_int("client_port", port);
    fill.other("frontend", frontend);
    fill.other("mode", &mode[1..]);
    if let Some(prefix) = prefix {
        fill.raw(Name::Other("prefix"), Value::Text(prefix));
    }
    Ok(false)
}

const TERM: &str = "the state at the end of the session, like ---- or sH--";

/// What a null is written as, besides `-`.
fn unless<'a>(null: &[u8], text: &'a [u8]) -> &'a [u8] {
    if text == null { b"-" } else { text }
}

/// The part that the HTTP and the TCP log share.
struct Head<'a> {
    client: &'a [u8],
    time: Option<Logged>,
    frontend: &'a [u8],
    backend: &'a [u8],
    server: &'a [u8],
    /// What follows, and how many slashes its timers have: four in the HTTP log, two in the other.
    rest: &'a [u8],
    slashes: usize,
}

fn head<'a>(clock: &mut Clock<'_>, input: &'a [u8]) -> Part<'a, Head<'a>> {
    let expected = "the accept date in brackets, like [22/Jan/2019:03:56:14.123]";
    let (at_time, client) = word("the client and its port")(input)?;
    if !at_time.starts_with(b"[") {
        return miss(input, Reason::NotAccessLog, "the client, its port and the accept date in brackets");
    }
    let (rest, text) = bracketed(expected)(at_time)?;
    let Some(time) = clock.any(text) else { return miss(&at_time[1..], Reason::BadTime, expected) };
    let (at_backend, frontend) = word("the frontend")(rest)?;
    if frontend.ends_with(b":") {
        return miss(rest, Reason::ErrorLog, "the frontend of a session; this says why a connection failed");
    }
    let (rest, (backend, server)) =
        (upto(b'/', "the backend, a slash and the server"), word("the server")).parse(at_backend)?;
    let slashes = rest.iter().take_while(|b| **b != b' ').filter(|b| **b == b'/').count();
    Ok((rest, Head { client, time, frontend, backend, server, rest, slashes }))
}

type HttpTimers<'a> = ([Option<i64>; 5], Option<i64>, Option<i64>, [&'a [u8]; 2], &'a [u8]);

/// Timers, status, bytes, captured cookies and termination state of the HTTP log.
fn http_timers(input: &[u8]) -> Part<'_, HttpTimers<'_>> {
    let status = numbers::<1>(Reason::BadStatus, "a status of three digits, or -1", |text| match text {
        b"-1" => Some(None),
        _ => three_digits(text),
    });
    let cookies = "a captured cookie, or `-`";
    let timers = numbers::<5>(
        Reason::MissingField,
        "five timers in milliseconds parted by slashes, like 0/0/7/145/152",
        late,
    );
    let (rest, (timers, [status], sent, of_request, of_response, term)) =
        (timers, status, amount, word(cookies), word(cookies), word(TERM)).parse(input)?;
    Ok((rest, (timers, status, sent, [of_request, of_response], term)))
}

/// The timers of the TCP log, in the places of those of the HTTP log.
fn tcp_timers(input: &[u8]) -> Part<'_, [Option<i64>; 5]> {
    let timers = numbers::<3>(
        Reason::MissingField,
        "five timers in milliseconds parted by slashes, or three of a TCP log",
        late,
    );
    let (rest, [queue, connect, total]) = timers(input)?;
    Ok((rest, [None, queue, connect, None, total]))
}

fn amount(input: &[u8]) -> Part<'_, Option<i64>> {
    let plus = |text: &[u8]| whole(text.strip_prefix(b"+").unwrap_or(text));
    let (rest, [sent]) = numbers::<1>(Reason::BadBytes, "the sent bytes", plus)(input)?;
    Ok((rest, sent))
}

fn connections(input: &[u8]) -> Part<'_, [Option<i64>; 5]> {
    let plus = |text: &[u8]| whole(text.strip_prefix(b"+").unwrap_or(text));
    numbers::<5>(
        Reason::MissingField,
        "five numbers of connections and retries parted by slashes, like 2/1/0/0/0",
        plus,
    )(input)
}

fn queues(input: &[u8]) -> Part<'_, [Option<i64>; 2]> {
    numbers::<2>(Reason::MissingField, "two lengths of queues parted by a slash, like 0/0", whole)(input)
}

/// Milliseconds, with a `+` when the session was not at its end.
fn late(text: &[u8]) -> Option<Option<i64>> {
    thousands(text.strip_prefix(b"+").unwrap_or(text))
}

/// So many numbers parted by slashes, and the space or the end behind them.
#[inline(always)]
fn numbers<'a, const N: usize>(
    reason: Reason,
    expected: &'static str,
    read: impl Fn(&[u8]) -> Option<Option<i64>>,
) -> impl Fn(&'a [u8]) -> Part<'a, [Option<i64>; N]> {
    move |input| {
        let (mut rest, mut values) = (input, [None; N]);
        for (at, value) in values.iter_mut().enumerate() {
            let end = rest.iter().position(|b| matches!(b, b'/' | b' ')).unwrap_or(rest.len());
            let (text, behind) = rest.split_at(end);
            match (read(text), behind) {
                (Some(number), [b'/', more @ ..]) if at + 1 < N => (*value, rest) = (number, more),
                (Some(number), [b' ', more @ ..]) if at + 1 == N => (*value, rest) = (number, more),
                (Some(number), []) if at + 1 == N => (*value, rest) = (number, behind),
                (_, []) => return miss(behind, Reason::Truncated, expected),
                _ => return miss(rest, reason, expected),
            }
        }
        Ok((rest, values))
    }
}

/// Captured headers. They may hold any bytes: the brace that closes them has another group or the
/// request behind it.
fn braces(input: &[u8]) -> Part<'_, &[u8]> {
    let (body, ()) = literal(b"{", "captured headers in braces")(input)?;
    let end = memchr_iter(b'}', body).find(|at| matches!(&body[at + 1..], [b' ', b'{' | b'"', ..]));
    match end {
        Some(end) => Ok((&body[end + 2..], &body[..end])),
        None => miss(&body[body.len()..], Reason::Truncated, "a closing brace and the request in quotes"),
    }
}

/// The request. HAProxy writes a quote inside it as `#22`, and cuts a long one with its closing quote.
fn request(input: &[u8]) -> Part<'_, &[u8]> {
    let (body, ()) = literal(b"\"", "captured headers in braces or the request in quotes")(input)
        .map_err(|error| error.map(|miss: Miss| miss.because(Reason::BadRequest)))?;
    let ends = |end: &usize| body.get(end + 1).is_none_or(|b| *b == b' ');
    match memchr_iter(b'"', body).find(ends) {
        Some(end) => Ok((&body[end + 1..], &body[..end])),
        _ if body.is_empty() => miss(body, Reason::Truncated, "the request"),
        _ => Ok((&body[body.len()..], body)),
    }
}
