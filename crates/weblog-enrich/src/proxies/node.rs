//! One entry of a forwarding header: RFC 7239 section 6, and what `X-Forwarded-For` has besides.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who stands in an entry, with the text that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node<'a> {
    /// An address.
    Address(IpAddr, &'a str),
    /// `unknown`, a name that hides somebody (`_a1b2`), or nobody named.
    Hidden(&'a str),
    /// `unix:`, which nginx logs for a peer behind a Unix socket.
    Unix(&'a str),
    /// Anything else.
    Unreadable(&'a str),
}

/// No address with zone, brackets and port is longer.
const LONGEST: usize = 96;

impl<'a> Node<'a> {
    pub(super) fn text(self) -> &'a str {
        match self {
            Node::Address(_, text) | Node::Hidden(text) | Node::Unix(text) | Node::Unreadable(text) => text,
        }
    }
}

/// Reads an entry; blanks and quotes around it do not count.
#[inline]
pub(super) fn read(entry: &str) -> Node<'_> {
    let entry = entry.trim_ascii();
    let entry = match entry.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest).trim_ascii(),
        None => entry,
    };
    if entry.len() > LONGEST {
        return Node::Unreadable(entry);
    }
    let read = without_port(entry).and_then(|host| match address(host) {
        Some(address) => Some(Node::Address(address, host)),
        None => is_hidden(host).then_some(Node::Hidden(host)),
    });
    match read {
        Some(node) => node,
        None if entry.starts_with("unix:") => Node::Unix(entry),
        None => Node::Unreadable(entry),
    }
}

/// The host without brackets and port.
#[inline]
fn without_port(entry: &str) -> Option<&str> {
    if let Some(bracketed) = entry.strip_prefix('[') {
        let (host, port) = bracketed.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return Some(host).filter(|host| is_port && host.contains(':'));
    }
    match entry.split_once(':') {
        // More colons than one are an IPv6 address without brackets, which has no port.
        Some((host, port)) if !port.contains(':') => Some(host).filter(|_| is_port(port)),
        _ => Some(entry),
    }
}

fn is_port(port: &str) -> bool {
    is_obfuscated(port)
        || (port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[inline]
fn address(host: &str) -> Option<IpAddr> {
    if !host.as_bytes().contains(&b':') {
        return host.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    let address = match host.split_once('%') {
        Some((_, "")) => return None,
        Some((address, _)) => address,
        None => host,
    };
    address.parse::<Ipv6Addr>().ok().map(|address| address.to_canonical())
}

fn is_hidden(host: &str) -> bool {
    host.is_empty() || host.eq_ignore_ascii_case("unknown") || is_obfuscated(host)
}

fn is_obfuscated(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    text.len() > 1 && text.starts_with('_') && text.bytes().all(allowed)
}
