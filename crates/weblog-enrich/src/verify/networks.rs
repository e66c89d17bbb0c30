//! Networks of both families as sorted, disjoint ranges of numbers.

use std::net::IpAddr;

/// A set of addresses. IPv4 stands among IPv6 as the mapped addresses `::ffff:0:0/96`.
#[derive(Debug, Clone, Default)]
pub(super) struct Networks {
    /// First and last address of each range.
    ranges: Vec<(u128, u128)>,
}

impl Networks {
    pub(super) fn new(mut ranges: Vec<(u128, u128)>) -> Networks {
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Networks { ranges: merged }
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let number = number(address);
        let behind = self.ranges.partition_point(|range| range.0 <= number);
        behind > 0 && number <= self.ranges[behind - 1].1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

/// The first and last address of a network as `192.0.2.0/24` or of a single address. Bits behind
/// the prefix count as zero. None for what is no network, or so wide (beyond /8, or /16 of IPv6)
/// that nobody's bots can mean it.
pub(super) fn network(text: &str) -> Option<(u128, u128)> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => {
            let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            (address, Some(length.parse::<u32>().ok().filter(|_| is_number)?))
        }
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (widest, bits) = if address.is_ipv4() { (8, 32) } else { (16, 128) };
    let length = length.unwrap_or(bits);
    if !(widest..=bits).contains(&length) {
        return None;
    }
    let host_bits = bits - length;
    let hosts = 1u128.checked_shl(host_bits).map_or(u128::MAX, |count| count - 1);
    let first = number(address) & !hosts;
    Some((first, first | hosts))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}
