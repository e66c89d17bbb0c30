//! Addresses as logs write them, and what they are set apart for.

mod special;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use special::{embedded, kind};

/// The longest text that can be an address: IPv6 with an IPv4 tail, and room for a zone id.
const LONGEST: usize = 45 + 32;

/// Reads an address as a server or proxy logs it.
///
/// Understood are IPv4 and IPv6, each with or without a port (`192.0.2.1:5678`,
/// `[2001:db8::1]:443`), IPv6 in brackets, with a zone id (`fe80::1%eth0`, left out of the
/// result) and as a mapped IPv4 address (`::ffff:192.0.2.1`, given as IPv4). Of a list separated
/// by commas, such as `X-Forwarded-For` has, the first entry counts. Everything else (`-`,
/// `unix:`, host names, an empty field) is no address and gives None. Nothing is allocated.
pub fn parse(logged: &[u8]) -> Option<IpAddr> {
    let first = match logged.iter().position(|&byte| byte == b',') {
        Some(comma) => &logged[..comma],
        None => logged,
    };
    let text = first.trim_ascii();
    // A host name is the common case of what is no address; most are told by their first byte.
    let starts_like_one = matches!(text.first()?, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b':' | b'[');
    if !starts_like_one || text.len() > LONGEST {
        return None;
    }
    let text = str::from_utf8(text).ok()?;
    match text.strip_prefix('[') {
        Some(bracketed) => {
            let (address, port) = bracketed.split_once(']')?;
            if !port.is_empty() {
                port.strip_prefix(':').filter(|port| is_port(port))?;
            }
            ipv6(address)
        }
        None => plain(text),
    }
}

fn plain(text: &str) -> Option<IpAddr> {
    let Some((before, after)) = text.split_once(':') else {
        return text.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    };
    if before.contains('.') {
        return before.parse::<Ipv4Addr>().ok().filter(|_| is_port(after)).map(IpAddr::V4);
    }
    ipv6(text)
}

fn ipv6(text: &str) -> Option<IpAddr> {
    let address = match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => address,
        Some(_) => return None,
        None => text,
    };
    address.parse::<Ipv6Addr>().ok().map(|address| address.to_canonical())
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.parse::<u16>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether an address can belong to a host on the public internet: it has no [`kind`].
pub fn is_public(address: IpAddr) -> bool {
    kind(address).is_none()
}

#[cfg(test)]
mod tests;
