//! Ranges of addresses, and a map from many of them that finds the narrowest around an address.

use std::{collections::BinaryHeap, fmt, net::IpAddr};

/// A range of addresses of one family, both ends included. IPv4 mapped into IPv6 is IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// From one IPv4 address to another.
    V4(u32, u32),
    /// From one IPv6 address to another.
    V6(u128, u128),
}

/// What stands where a range of addresses should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRange {
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for BadRange {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "expected {}", self.expected)
    }
}

impl std::error::Error for BadRange {}

impl Range {
    /// The range that holds one address.
    pub fn of(address: IpAddr) -> Range {
        match address.to_canonical() {
            IpAddr::V4(address) => Range::V4(address.to_bits(), address.to_bits()),
            IpAddr::V6(address) => Range::V6(address.to_bits(), address.to_bits()),
        }
    }

    /// Reads an address (`192.0.2.1`), a network (`192.0.2.0/24`, `2001:db8::/32`, RFC 4632 and 4291; also
    /// `192.0.2.0/255.255.255.0`) or a range (`192.0.2.1-192.0.2.9`). Bits of the host part do not count.
    ///
    /// # Errors
    /// When it is none of these; the error says what was expected.
    pub fn parse(text: &str) -> Result<Range, BadRange> {
        let text = text.trim_ascii();
        if let Some((network, length)) = text.split_once('/') {
            return network_of(address(network)?, length);
        }
        let Some((first, last)) = text.split_once('-') else { return address(text).map(Range::of) };
        let ordered = "a range whose first address is not above its last";
        match (Range::of(address(first.trim_ascii())?), Range::of(address(last.trim_ascii())?)) {
            (Range::V4(first, _), Range::V4(last, _)) if first <= last => Ok(Range::V4(first, last)),
            (Range::V6(first, _), Range::V6(last, _)) if first <= last => Ok(Range::V6(first, last)),
            (Range::V4(..), Range::V4(..)) | (Range::V6(..), Range::V6(..)) => {
                Err(BadRange { expected: ordered })
            }
            _ => Err(BadRange { expected: "a range whose addresses are both IPv4 or both IPv6" }),
        }
    }

    /// Whether an address lies in the range.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self, Range::of(address)) {
            (Range::V4(first, last), Range::V4(at, _)) => (first..=last).contains(&at),
            (Range::V6(first, last), Range::V6(at, _)) => (first..=last).contains(&at),
            _ => false,
        }
    }
}

fn address(text: &str) -> Result<IpAddr, BadRange> {
    let expected =
        "an address, a network as 192.0.2.0/24 or 2001:db8::/32, or a range as 192.0.2.1-192.0.2.9";
    text.parse().map_err(|_| BadRange { expected })
}

fn network_of(network: IpAddr, length: &str) -> Result<Range, BadRange> {
    // An IPv4 network that is written as a mapped one has its length counted from the IPv6 start.
    let mapped = network.is_ipv6() && network.to_canonical().is_ipv4();
    match network {
        IpAddr::V4(network) => {
            let expected = "a prefix length from 0 to 32";
            let mask = match length.parse::<std::net::Ipv4Addr>() {
                Ok(mask) if mask.to_bits().leading_ones() == 32 - mask.to_bits().trailing_zeros() => {
                    mask.to_bits()
                }
                Ok(_) => return Err(BadRange { expected: "a netmask of ones and then zeros" }),
                Err(_) => u32::MAX.checked_shl(32 - bits(length, 32, expected)?).unwrap_or(0),
            };
            Ok(Range::V4(network.to_bits() & mask, network.to_bits() | !mask))
        }
        IpAddr::V6(network) => {
            let bits = bits(length, 128, "a prefix length from 0 to 128")?;
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            let (first, last) = (network.to_bits() & mask, network.to_bits() | !mask);
            let is_ipv4 = mapped && bits >= 96;
            Ok(if is_ipv4 { Range::V4(first as u32, last as u32) } else { Range::V6(first, last) })
        }
    }
}

fn bits(text: &str, most: u32, expected: &'static str) -> Result<u32, BadRange> {
    let digits = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let bits = text.parse().ok().filter(|bits| digits && *bits <= most);
    bits.ok_or(BadRange { expected })
}

/// A map from ranges to numbers. It is made once; ranges may lie in each other and overlap.
#[derive(Clone, Debug, Default)]
pub struct Map {
    v4: Cuts<u32>,
    /// How many cuts of IPv4 stand before each first octet, and before the end: it saves a search half its steps.
    octets: Vec<u32>,
    v6: Cuts<u128>,
    doubles: usize,
}

impl Map {
    /// A map of these ranges. Of several around an address the narrowest counts, of equally narrow ones
    /// that with the lowest number. `u32::MAX` is no number.
    pub fn new(ranges: impl IntoIterator<Item = (Range, u32)>) -> Map {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (range, number) in ranges {
            match range {
                Range::V4(first, last) => v4.push((first, last, number)),
                Range::V6(first, last) => v6.push((first, last, number)),
            }
        }
        let doubles = order(&mut v4) + order(&mut v6);
        let v4 = cut(&v4);
        let before = |octet: u64| v4.starts.partition_point(|start| u64::from(*start) < octet << 24) as u32;
        let octets = (0..=256).map(before).collect();
        Map { v4, octets, v6: cut(&v6), doubles }
    }

    /// How many ranges are never found, since one with a lower number is the same.
    pub fn doubles(&self) -> usize {
        self.doubles
    }

    /// The number of the narrowest range around an address.
    #[inline]
    pub fn find(&self, address: IpAddr) -> Option<u32> {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let octet = usize::from(address.octets()[0]);
                let [from, to] = *self.octets.get(octet..octet + 2)? else { return None };
                self.v4.find(address.to_bits(), from as usize..to as usize)
            }
            IpAddr::V6(address) => self.v6.find(address.to_bits(), 0..self.v6.starts.len()),
        }
    }

    /// Whether it has no range.
    pub fn is_empty(&self) -> bool {
        self.v4.starts.is_empty() && self.v6.starts.is_empty()
    }
}

/// The address space cut where the answer changes: from each start on it is the number beside it.
#[derive(Clone, Debug, Default)]
struct Cuts<A> {
    starts: Vec<A>,
    numbers: Vec<u32>,
}

/// The number of a stretch that no range covers.
const NONE: u32 = u32::MAX;

impl<A: Ord> Cuts<A> {
    /// The number at an address; the cuts in these places are to be searched, all before them are not above it.
    #[inline]
    fn find(&self, address: A, places: std::ops::Range<usize>) -> Option<u32> {
        let from = places.start;
        let behind = from + self.starts[places].partition_point(|start| *start <= address);
        let at = behind.checked_sub(1)?;
        Some(self.numbers[at]).filter(|number| *number != NONE)
    }

    /// From here on it is this number; at one place the last word counts.
    fn push(&mut self, start: A, number: u32) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.numbers.pop();
        }
        if self.numbers.last().copied().unwrap_or(NONE) != number {
            self.starts.push(start);
            self.numbers.push(number);
        }
    }
}

/// What is needed of an address as a number.
trait Bits: Copy + Ord {
    fn minus(self, other: Self) -> Self;
    fn next(self) -> Option<Self>;
}

impl Bits for u32 {
    fn minus(self, other: u32) -> u32 {
        self - other
    }
    fn next(self) -> Option<u32> {
        self.checked_add(1)
    }
}

impl Bits for u128 {
    fn minus(self, other: u128) -> u128 {
        self - other
    }
    fn next(self) -> Option<u128> {
        self.checked_add(1)
    }
}

/// Sorts the ranges by their starts, and counts those that are another one again.
fn order<A: Bits>(ranges: &mut [(A, A, u32)]) -> usize {
    ranges.sort_unstable();
    ranges.windows(2).filter(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)).count()
}

/// Goes over the sorted ranges by their starts and keeps those that are open in a heap, the narrowest on top; one
/// that has ended leaves it when it comes to the top.
fn cut<A: Bits>(ranges: &[(A, A, u32)]) -> Cuts<A> {
    let mut cuts =
        Cuts { starts: Vec::with_capacity(ranges.len()), numbers: Vec::with_capacity(ranges.len()) };
    let mut open = BinaryHeap::new();
    let mut at = 0;
    while at < ranges.len() || !open.is_empty() {
        let next = ranges.get(at).map(|(first, ..)| *first);
        close(&mut open, next, &mut cuts);
        let Some(start) = next else { break };
        while let Some((first, last, number)) = ranges.get(at).filter(|(first, ..)| *first == start) {
            let place = std::cmp::Reverse((last.minus(*first), *number));
            open.push((place, *last, *number));
            at += 1;
        }
        if let Some((_, _, number)) = open.peek() {
            cuts.push(start, *number);
        }
    }
    cuts.starts.shrink_to_fit();
    cuts.numbers.shrink_to_fit();
    cuts
}

/// An open range: how narrow it is, its last address, its number.
type Open<A> = (std::cmp::Reverse<(A, u32)>, A, u32);

/// Takes the ranges off the top that end before the next one starts, and cuts where they end.
fn close<A: Bits>(open: &mut BinaryHeap<Open<A>>, next: Option<A>, cuts: &mut Cuts<A>) {
    let mut ended: Option<A> = None;
    while let Some((_, last, number)) = open.peek().copied() {
        if ended.is_some_and(|end| last <= end) {
            open.pop();
            continue;
        }
        if let Some(start) = ended.and_then(Bits::next) {
            cuts.push(start, number);
        }
        if next.is_some_and(|next| last >= next) {
            return;
        }
        open.pop();
        ended = Some(last);
    }
    if let Some(start) = ended.and_then(Bits::next) {
        cuts.push(start, NONE);
    }
}

#[cfg(test)]
mod tests;
