//! Addresses that are set apart for a purpose, and those that carry an IPv4 address inside.
//!
//! The blocks are those of the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and
//! its updates) and of the registries of multicast addresses and of the IPv6 address space.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is set apart for, or None for one that can belong to a host on the public
/// internet.
///
/// The answers are `private`, `loopback`, `link_local`, `cgnat` (shared by the customers of a
/// provider, RFC 6598), `documentation`, `benchmarking`, `multicast`, `broadcast`, `unspecified`,
/// `translated` (the prefix for translation inside of one network, RFC 8215) and `reserved`. An
/// address that carries an IPv4 address is of the kind of that one, see [`embedded`].
pub fn kind(address: IpAddr) -> Option<&'static str> {
    match embedded(address) {
        IpAddr::V4(address) => ipv4(address),
        IpAddr::V6(address) => ipv6(address),
    }
}

/// The IPv4 address inside of an IPv6 address, or else the address itself.
///
/// Read are mapped addresses (`::ffff:0:0/96`), those of NAT64 (`64:ff9b::/96`, RFC 6052), of 6to4
/// (`2002::/16`, RFC 3056), and of Teredo (`2001::/32`, RFC 4380: the client's, not its server's).
pub fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(address) = address.to_canonical() else { return address.to_canonical() };
    let bits = address.to_bits();
    let ipv4 = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => bits as u32,
        [0x2002, ..] => (bits >> 80) as u32,
        [0x2001, 0, ..] => !(bits as u32),
        _ => return IpAddr::V6(address),
    };
    IpAddr::V4(Ipv4Addr::from_bits(ipv4))
}

fn ipv4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, 0, 0, 0] => "unspecified",
        [0, ..] => "reserved",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "private",
        [100, 64..=127, ..] => "cgnat",
        [127, ..] => "loopback",
        [169, 254, ..] => "link_local",
        // Two anycast services of this block are on the public internet.
        [192, 0, 0, 9 | 10] => return None,
        [192, 0, 0, _] => "reserved",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "documentation",
        [198, 18 | 19, ..] => "benchmarking",
        [224..=239, ..] => "multicast",
        [255, 255, 255, 255] => "broadcast",
        [240..=255, ..] => "reserved",
        _ => return None,
    })
}

fn ipv6(address: Ipv6Addr) -> Option<&'static str> {
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => "unspecified",
        [0, 0, 0, 0, 0, 0, 0, 1] => "loopback",
        [0x64, 0xff9b, 1, ..] => "translated",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => "documentation",
        [0x2001, 2, 0, ..] => "benchmarking",
        // What of the protocol assignments (2001::/23) is on the public internet: anycast services,
        // AMT, AS112, ORCHIDv2 and the identifiers of drones.
        [0x2001, 1, 0, 0, 0, 0, 0, 1..=3] | [0x2001, 3, ..] | [0x2001, 4, 0x112, ..] => return None,
        [0x2001, 0x20..=0x3f, ..] => return None,
        [0x2001, 0..=0x1ff, ..] => "reserved",
        // Global unicast.
        [0x2000..=0x3fff, ..] => return None,
        [0xfc00..=0xfdff, ..] => "private",
        [0xfe80..=0xfebf, ..] => "link_local",
        [0xff00..=0xffff, ..] => "multicast",
        _ => "reserved",
    })
}
