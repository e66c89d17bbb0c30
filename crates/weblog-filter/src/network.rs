//! Networks in CIDR notation (RFC 4632, RFC 4291 section 2.3) and the addresses in them.

use std::net::{IpAddr, Ipv6Addr};

/// A network; an address alone is the network of itself. IPv4 stands in its mapped place within IPv6
/// (RFC 4291 section 2.5.5.2), so both spellings of an address are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    mask: u128,
}

impl Network {
    /// `192.0.2.0/24`, `2001:db8::/32`, or an address. Bits behind the prefix do not count.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (width, base) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let length: u32 = match length {
            Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => length.parse().ok()?,
            Some(_) => return None,
            None => width,
        };
        if length > width {
            return None;
        }
        let mask = u128::MAX.checked_shl(128 - base - length).unwrap_or(0);
        Some(Network { bits: mapped(address) & mask, mask })
    }

    /// The first and the last address, as numbers: IPv4 in its mapped place.
    pub fn range(&self) -> (u128, u128) {
        (self.bits, self.bits | !self.mask)
    }

    /// Whether the text is an address in the network, or a list with one: what proxies and upstreams log.
    pub(crate) fn contains(&self, text: &[u8]) -> bool {
        text.split(|byte| *byte == b',').any(|entry| {
            let address = std::str::from_utf8(entry).ok().and_then(address);
            address.is_some_and(|address| address & self.mask == self.bits)
        })
    }
}

fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// The number of an address as it is logged: alone, in brackets, with a port, with a zone. IPv4 stands in its
/// mapped place.
pub fn address(text: &str) -> Option<u128> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(mapped(address));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, _) = rest.split_once(']')?;
        return v6(inside).map(u128::from);
    }
    match text.rsplit_once(':') {
        Some((v4, port)) if !v4.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            v4.parse().ok().map(|v4| mapped(IpAddr::V4(v4)))
        }
        _ => v6(text).map(u128::from),
    }
}

/// An address of IPv6, with a zone or without.
fn v6(text: &str) -> Option<Ipv6Addr> {
    text.split_once('%').map_or(text, |(address, _)| address).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(address: &str, network: &str) -> bool {
        Network::parse(network).unwrap().contains(address.as_bytes())
    }

    #[test]
    fn a_network_holds_its_addresses_however_they_are_logged() {
        for address in
            ["192.0.2.7", "192.0.2.7:8080", "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:80", " 192.0.2.7 "]
        {
            assert!(is_in(address, "192.0.2.0/24"), "{address}");
        }
        for address in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443", "2001:db8::1%eth0"] {
            assert!(is_in(address, "2001:db8::/32"), "{address}");
        }
    }

    #[test]
    fn a_network_holds_nothing_else() {
        for address in ["192.0.3.1", "example.com", "", "-", "2001:db8::1", "192.0.2.7:x"] {
            assert!(!is_in(address, "192.0.2.0/24"), "{address}");
        }
        assert!(!is_in("2001:db9::1", "2001:db8::/32"));
        assert!(is_in("203.0.113.9", "0.0.0.0/0") && !is_in("2001:db8::1", "0.0.0.0/0"));
        assert!(is_in("2001:db8::1", "::/0"));
    }

    #[test]
    fn one_address_of_a_list_is_enough() {
        assert!(is_in("198.51.100.1, 192.0.2.7", "192.0.2.0/24"));
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in ["192.0.2.0/33", "192.0.2.0/", "192.0.2/24", "::/129", "/8", "a/8", "192.0.2.0/+8", ""] {
            assert!(Network::parse(text).is_none(), "{text}");
        }
    }
}
