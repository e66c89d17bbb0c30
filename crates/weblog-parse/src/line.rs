//! The parts of a line, and how they become a record.

use crate::{
    parser::Glance,
    record::{Record, Value},
    request::{self, Request},
    schema::Field,
    time::Logged,
};
use memchr::memchr;

/// The parts of a line as they stand in it: `-` not yet told from a value, escapes not undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) prefix: Option<&'a [u8]>,
    pub(crate) host: Option<&'a [u8]>,
    pub(crate) vhost: Option<&'a [u8]>,
    pub(crate) remote_addr: &'a [u8],
    pub(crate) logname: &'a [u8],
    pub(crate) user: &'a [u8],
    pub(crate) time: Option<Logged>,
    pub(crate) request: &'a [u8],
    pub(crate) status: Option<u16>,
    pub(crate) bytes: Option<i64>,
    /// Referer and user agent, when the line has them.
    pub(crate) agent: Option<(&'a [u8], &'a [u8])>,
    pub(crate) forwarded_for: Option<&'a [u8]>,
    /// What follows the last part that the format names.
    pub(crate) extra: &'a [u8],
}

impl<'a> Line<'a> {
    /// What is known of the line without a record.
    #[inline]
    pub(crate) fn glance(&self) -> Glance {
        Glance { time: self.time.map(|time| time.instant), status: self.status, bytes: self.bytes }
    }

    /// Adds the parts to an empty record, in schema order. `clean` promises that the line is
    /// printable ASCII without backslashes, and that no part but `extra` and `prefix` holds a quote.
    #[inline]
    pub(crate) fn fill(&self, clean: bool, record: &mut Record<'a>) {
        let text = |bytes: &'a [u8]| if clean { Value::Plain(bytes) } else { Value::Escaped(bytes) };
        let given = |record: &mut Record<'a>, field, bytes: &'a [u8]| {
            if bytes != b"-" {
                record.push(field, text(bytes));
            }
        };
        if let Some(time) = self.time {
            record.push(Field::Time, Value::Time(time.instant));
            if let Some(minutes) = time.utc_offset {
                record.push(Field::UtcOffset, Value::Int(i64::from(minutes)));
            }
        }
        given(record, Field::RemoteAddr, self.remote_addr);
        given(record, Field::RemoteLogname, self.logname);
        given(record, Field::RemoteUser, if self.user == b"\"\"" { b"" } else { self.user });
        let path = |bytes: &'a [u8]| {
            let plain = clean && memchr(b'%', bytes).is_none();
            if plain { Value::Plain(bytes) } else { Value::Path(bytes) }
        };
        fill_request(request::split(self.request), record, text, path);
        if let Some(status) = self.status {
            record.push(Field::Status, Value::Int(i64::from(status)));
        }
        if let Some(bytes) = self.bytes {
            record.push(Field::Bytes, Value::Int(bytes));
        }
        if let Some((referer, user_agent)) = self.agent {
            given(record, Field::Referer, referer);
            given(record, Field::UserAgent, user_agent);
        }
        if let Some(vhost) = self.vhost {
            let (name, port) = host_and_port(vhost);
            given(record, Field::Vhost, name);
            if let Some(port) = port {
                record.push(Field::ServerPort, Value::Int(i64::from(port)));
            }
        }
        if let Some(list) = self.forwarded_for {
            given(record, Field::ForwardedFor, list);
        }
        if let Some(host) = self.host {
            record.push(Field::Host, Value::Text(host));
        }
        if !self.extra.is_empty() {
            record.push(Field::Extra, Value::Text(self.extra));
        }
        if let Some(prefix) = self.prefix {
            record.push_other("prefix", Value::Text(prefix));
        }
    }
}

/// Adds the parts of a request. `text` and `path` say how their bytes are to be decoded.
#[inline(always)]
pub(crate) fn fill_request<'a>(
    request: Request<'a>,
    record: &mut Record<'a>,
    text: impl Fn(&'a [u8]) -> Value<'a>,
    path: impl Fn(&'a [u8]) -> Value<'a>,
) {
    let mut push = |field, part: Option<&'a [u8]>| {
        if let Some(part) = part {
            record.push(field, text(part));
        }
    };
    push(Field::Method, request.method);
    push(Field::Target, request.target);
    if let Some(bytes) = request.path {
        record.push(Field::Path, path(bytes));
    }
    let mut push = |field, part: Option<&'a [u8]>| {
        if let Some(part) = part {
            record.push(field, text(part));
        }
    };
    push(Field::Query, request.query);
    push(Field::Protocol, request.protocol);
    push(Field::Request, request.whole);
    if let Some(kind) = request.kind {
        record.push(Field::RequestKind, Value::Plain(kind.as_bytes()));
    }
}

/// Whether a line of unknown format whose first words these are begins with the virtual host: a client
/// is never `-` behind one, while identd nearly always is; and what is an address alone is the client.
#[inline]
pub(crate) fn begins_with_vhost(first: &[u8], second: &[u8]) -> bool {
    second != b"-" && (!is_address(first) || is_address(second))
}

/// Whether a word is an IP address and nothing else.
pub(crate) fn is_address(word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(|word| word.parse::<std::net::IpAddr>().is_ok())
}

/// `name:port`, `[::1]:port` or a name alone.
pub(crate) fn host_and_port(vhost: &[u8]) -> (&[u8], Option<u16>) {
    let split = || {
        let colon = memchr::memrchr(b':', vhost)?;
        let (name, digits) = (&vhost[..colon], &vhost[colon + 1..]);
        let bare_v6 = memchr(b':', name).is_some() && !name.ends_with(b"]");
        let port = std::str::from_utf8(digits).ok()?.parse().ok()?;
        (!bare_v6 && digits.iter().all(u8::is_ascii_digit)).then_some((name, Some(port)))
    };
    split().unwrap_or((vhost, None))
}

/// What follows the user agent: one quoted list of addresses is the X-Forwarded-For of nginx's
/// `main`, anything else is extra. Takes the rest of the line with its leading blank.
#[inline]
pub(crate) fn tail(rest: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let rest = rest.trim_ascii();
    match rest {
        [] => (None, rest),
        [b'"', list @ .., b'"'] if is_address_list(list) => (Some(list), b""),
        _ => (None, rest),
    }
}

/// `-`, or addresses and the words that proxies put in their place, in a list.
fn is_address_list(list: &[u8]) -> bool {
    list == b"-"
        || (!list.is_empty()
            && list.split(|b| *b == b',').all(|item| {
                let item = item.trim_ascii();
                let address = item.iter().any(|b| matches!(b, b'.' | b':'))
                    && item.iter().all(|b| b.is_ascii_hexdigit() || b".:[]%".contains(b));
                address || item == b"unknown" || item.starts_with(b"_")
            }))
}
