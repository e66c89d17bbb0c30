//! The error log of Apache httpd: of 2.4 (`ErrorLogFormat`, whose default is in the documentation of
//! the core module) and of 2.2.
//!
//! `[Wed Oct 11 14:32:52.123456 2000] [core:error] [pid 1:tid 2] (13)Permission denied: [client
//! 192.0.2.1:1234] AH00124: message, referer: http://…`. In 2.2 the second bracket has the level
//! alone, and the third the client without a port.

use super::{
    clock::Clock,
    error_log::{Error, OTHERS},
    fill::{Fill, listed},
    part::{address_and_port, bracketed, digits, offset, read},
};
use crate::{
    record::{Name, Record},
    reject::{Reason, Reject},
    schema::{Field, Kind},
    time::{Logged, Memo},
    zone::Zone,
};
use memchr::memmem;

/// The fields that lines fill, in order.
pub(crate) fn fields() -> Vec<(Name<'static>, Kind)> {
    listed(&[Field::Time, Field::UtcOffset, Field::RemoteAddr, Field::Referer], &OTHERS)
}

/// Reads one line; nothing of it is ever extra, as all that follows is the message.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let (rest, text) = read(line, bracketed("a time in brackets like [Wed Oct 11 14:32:52 2000]")(line))?;
    let time = time(&mut Clock { memo, zone }, text)
        .ok_or_else(|| Reject::at(1, Reason::BadTime, "a time like Wed Oct 11 14:32:52.123456 2000"))?;
    let mut error = Error::default();
    let (mut client, mut rest) = (None, rest);
    while let Some((inside, behind)) = bracket(rest) {
        if !take(inside, &mut error, &mut client) {
            break;
        }
        rest = behind;
    }
    if error.level.is_none() {
        let at = offset(line, rest);
        let reason = if rest.is_empty() { Reason::Truncated } else { Reason::MissingField };
        return Err(Reject::at(at, reason, "module and level in brackets, like [core:error] or [error]"));
    }
    // The error of the system stands before the client.
    if client.is_none()
        && let Some(at) = memmem::find(&rest[..rest.len().min(400)], b": [client ")
        && let Some((inside, behind)) = bracket(&rest[at + 2..])
        && rest.starts_with(b"(")
    {
        take(inside, &mut error, &mut client);
        (error.os_error, rest) = (Some(&rest[..at]), behind);
    }
    if let Some(code) = rest.get(..7).filter(|code| is_code(code))
        && let Some(message) = rest[7..].strip_prefix(b": ")
    {
        (error.code, rest) = (Some(code), message);
    }
    let (message, referer) = match memmem::rfind(rest, b", referer: ") {
        Some(at) => (&rest[..at], &rest[at + 11..]),
        None => (rest, &b"-"[..]),
    };
    error.message = message.trim_ascii_end();

    let mut fill = Fill::escaped(record, line);
    fill.time(Some(time));
    fill.text(Field::RemoteAddr, client.unwrap_or(b"-"));
    fill.text(Field::Referer, referer.trim_ascii_end());
    error.end(&mut fill);
    Ok(false)
}

fn time(clock: &mut Clock<'_>, text: &[u8]) -> Option<Logged> {
    clock.asctime(text).or_else(|| clock.any(text).flatten())
}

/// `AH00124`
fn is_code(word: &[u8]) -> bool {
    word.strip_prefix(b"AH").is_some_and(|number| number.iter().all(u8::is_ascii_digit))
}

/// What stands in the bracket at the beginning of a text, and what follows it.
fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = text.strip_prefix(b"[")?;
    // None of these is long, and a message may be all brackets.
    let end = memchr::memchr(b']', &body[..body.len().min(300)])?;
    Some((&body[..end], body[end + 1..].trim_ascii_start()))
}

/// Takes what a bracket says; whether it says anything known.
fn take<'a>(inside: &'a [u8], error: &mut Error<'a>, client: &mut Option<&'a [u8]>) -> bool {
    if let Some(ids) = inside.strip_prefix(b"pid ") {
        let (pid, tid) = match memmem::find(ids, b":tid ") {
            Some(at) => (&ids[..at], Some(&ids[at + 5..])),
            None => (ids, None),
        };
        (error.pid, error.tid) = (digits(pid), tid.and_then(digits));
        return error.pid.is_some();
    }
    if let Some(tid) = inside.strip_prefix(b"tid ") {
        error.tid = digits(tid);
        return error.tid.is_some();
    }
    let address = inside.strip_prefix(b"client ").or_else(|| inside.strip_prefix(b"remote "));
    if let Some(address) = address.filter(|_| client.is_none()) {
        // 2.2 has no ports, and an address of IPv6 has no brackets in either.
        let (name, port) = match error.pid.or(error.module.map(|_| 0)) {
            Some(_) => address_and_port(address),
            None => (address, None),
        };
        (*client, error.client_port) = (Some(name), port);
        return true;
    }
    if error.level.is_some() {
        return false;
    }
    let (module, level) = match memchr::memchr(b':', inside) {
        Some(colon) => (Some(&inside[..colon]), &inside[colon + 1..]),
        None => (None, inside),
    };
    let is_level = is_level(level);
    if is_level {
        (error.module, error.level) = (module.filter(|module| !module.is_empty()), Some(level));
    }
    is_level
}

fn is_level(word: &[u8]) -> bool {
    let word =
        word.strip_suffix(&word[word.len().saturating_sub(1)..]).filter(|w| *w == b"trace").unwrap_or(word);
    matches!(
        word,
        b"emerg" | b"alert" | b"crit" | b"error" | b"warn" | b"notice" | b"info" | b"debug" | b"trace"
    )
}
