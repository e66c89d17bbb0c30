//! The error log of nginx (`ngx_log_error_core` and `ngx_http_log_error` of its sources).
//!
//! `2026/01/22 03:56:14 [error] 12#13: *45 message, client: 192.0.2.1, server: h, request: "GET /
//! HTTP/1.1", upstream: "http://…", host: "h", referrer: "…"`.

use super::{
    clock::Clock,
    error_log::{Error, OTHERS},
    fill::{Fill, listed},
    part::{Part, bracketed, digits, miss, read, upto},
};
use crate::{
    record::{Name, Record},
    reject::{Reason, Reject},
    schema::{Field, Kind},
    time::{Logged, Memo},
    zone::Zone,
};
use memchr::{memchr, memmem};
use nom::Parser;

/// The fields that lines fill, in order.
pub(crate) fn fields() -> Vec<(Name<'static>, Kind)> {
    use Field::*;
    let known = [
        Time,
        RemoteAddr,
        Method,
        Target,
        Path,
        Query,
        Protocol,
        Request,
        RequestKind,
        Referer,
        Vhost,
        ServerPort,
        UpstreamAddr,
        Extra,
    ];
    let mut others = OTHERS.to_vec();
    others.extend([("subrequest", Kind::Text), ("http_host", Kind::Text), ("login", Kind::Text)]);
    listed(&known, &others)
}

/// Reads one line; whether it has more at its end than is known.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let level = bracketed("the level in brackets, like [error]");
    let (rest, (time, level, pid)) = read(
        line,
        (|input| time(&mut clock, input), level, upto(b'#', "the process, # and the thread")).parse(line),
    )?;
    let (rest, tid) = read(line, upto(b':', "the thread and a colon")(rest))?;
    let rest = rest.trim_ascii_start();
    let (rest, connection) = match rest.strip_prefix(b"*").map(|rest| rest.split_at(count_digits(rest))) {
        Some((number, [b' ', rest @ ..])) => (rest, digits(number)),
        _ => (rest, None),
    };
    let (message, mut rest) = client_behind(rest);
    let mut context = Context::default();
    while let Some((key, value, behind)) = pair(rest) {
        if !context.take(key, value) {
            break;
        }
        rest = behind;
    }
    let server = context.server.filter(|name| !matches!(*name, b"" | b"_"));

    let mut fill = Fill::verbatim(record, line);
    fill.time(Some(time));
    fill.text(Field::RemoteAddr, context.client.unwrap_or(b"-"));
    if let Some(request) = context.request {
        fill.request(request);
    }
    fill.text(Field::Referer, context.referer.unwrap_or(b"-"));
    fill.vhost(server.or(context.host).unwrap_or(b"-"));
    fill.text(Field::UpstreamAddr, context.upstream.unwrap_or(b"-"));
    let extra = fill.extra(rest);
    let (pid, tid) = (digits(pid), digits(tid));
    let error = Error { level: Some(level), pid, tid, connection, message, ..Error::default() };
    error.end(&mut fill);
    fill.other("subrequest", context.subrequest.unwrap_or(b"-"));
    // Where there is no server's name the client's is the virtual host.
    fill.other("http_host", context.host.filter(|host| server.is_some_and(|s| s != *host)).unwrap_or(b"-"));
    fill.other("login", context.login.unwrap_or(b"-"));
    Ok(extra)
}

/// `2026/01/22 03:56:14 `
fn time<'a>(clock: &mut Clock<'_>, input: &'a [u8]) -> Part<'a, Logged> {
    let expected = "a time like 2026/01/22 03:56:14";
    let Some((text, rest)) = input.split_at_checked(19) else {
        return miss(input, Reason::BadTime, expected);
    };
    match (clock.date_and_time(&text[..10], &text[11..]), rest.strip_prefix(b" ")) {
        (Some(time), Some(rest)) if text[4] == b'/' && text[10] == b' ' => Ok((rest, time)),
        _ => miss(input, Reason::BadTime, expected),
    }
}

fn count_digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// The message, and the context behind it, which begins with the client. What the client sent may
/// look like it: the first one with an address behind it counts.
fn client_behind(text: &[u8]) -> (&[u8], &[u8]) {
    const CLIENT: &[u8] = b", client: ";
    let found = memmem::find_iter(text, CLIENT).find(|at| {
        let address = &text[at + CLIENT.len()..];
        let address = &address[..address.len().min(64)];
        let end = address.iter().position(|b| b" ,".contains(b)).unwrap_or(address.len());
        let is_part = |b: &u8| b.is_ascii_hexdigit() || b".:[]%".contains(b);
        end > 0 && (address[..end].iter().all(is_part) || address.starts_with(b"unix:"))
    });
    match found {
        Some(at) => (&text[..at], &text[at..]),
        None => (text.trim_ascii_end(), b""),
    }
}

/// Who asked for what when the error came.
#[derive(Default)]
struct Context<'a> {
    client: Option<&'a [u8]>,
    server: Option<&'a [u8]>,
    request: Option<&'a [u8]>,
    subrequest: Option<&'a [u8]>,
    upstream: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    referer: Option<&'a [u8]>,
    login: Option<&'a [u8]>,
}

impl<'a> Context<'a> {
    /// Takes a pair; whether its key is known.
    fn take(&mut self, key: &[u8], value: &'a [u8]) -> bool {
        let place = match key {
            b"client" => &mut self.client,
            b"server" => &mut self.server,
            b"request" => &mut self.request,
            b"subrequest" => &mut self.subrequest,
            b"upstream" => &mut self.upstream,
            b"host" => &mut self.host,
            b"referrer" => &mut self.referer,
            b"login" => &mut self.login,
            _ => return false,
        };
        *place = Some(value);
        true
    }
}

/// `, key: value` or `, key: "value"`, and what follows.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let text = text.strip_prefix(b", ")?;
    let colon = memchr(b':', &text[..text.len().min(20)])?;
    let (key, value) = (&text[..colon], text[colon + 1..].strip_prefix(b" ")?);
    let Some(body) = value.strip_prefix(b"\"") else {
        let end = memmem::find(value, b", ").unwrap_or(value.len());
        return Some((key, value[..end].trim_ascii_end(), &value[end..]));
    };
    // nginx escapes no quotes here: the closing one has another pair or the end behind it.
    let ends = |at: &usize| matches!(&body[at + 1..], [] | [b'\r'] | [b',', b' ', ..]);
    let end = memchr::memchr_iter(b'"', body).find(ends);
    let end = end.unwrap_or(body.len());
    Some((key, &body[..end], body.get(end + 1..).unwrap_or_default()))
}
