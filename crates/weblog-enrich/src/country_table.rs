//! The country of an address without any database given: a table inside the binary.
//!
//! It is made by `data/make-country-table.py`, which also describes the layout of the file, from
//! the public-domain data named by [`SOURCE`]. The file is 0.4 MB of zlib; the IPv4 and the IPv6
//! half are unpacked each at its first use, to 1.5 MB and 1.1 MB of memory. zlib was chosen by
//! measurement: xz would be 8 % smaller and take several times as long to unpack.
//!
//! The table knows where an address is routed from according to the registries' and routers'
//! data; it says nothing of cities, and it ages. A database given by the user is better.

use std::io::Read;
use std::net::IpAddr;
use std::sync::OnceLock;

use crate::address::is_public;

/// Where the data of the embedded table come from, and under which licence.
pub const SOURCE: &str = "iptoasn.com, public domain (PDDL 1.0)";

static FILE: &[u8] = include_bytes!("../data/country-table.bin");

/// What is known of the embedded table without unpacking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Where the data come from, and under which licence.
    pub source: &'static str,
    /// The day of the data, `YYYY-MM-DD`.
    pub date: &'static str,
    /// How many address ranges the IPv4 half has, those without a country included.
    pub ipv4_ranges: usize,
    /// How many address ranges the IPv6 half has, those without a country included.
    pub ipv6_ranges: usize,
    /// How many countries and territories occur.
    pub countries: usize,
}

/// What is known of the embedded table; costs nothing, the table stays packed.
pub fn about() -> About {
    let head = head();
    About {
        source: SOURCE,
        date: head.date,
        ipv4_ranges: head.ipv4_ranges,
        ipv6_ranges: head.ipv6_ranges,
        countries: head.codes.len() / 2 - 1,
    }
}

/// The country of an address, as ISO 3166-1 alpha-2 code.
///
/// None for addresses that are not routed on the internet and for those the table does not
/// know. IPv6 networks are told apart by their upper 64 bits.
pub fn country(address: IpAddr) -> Option<&'static str> {
    if !is_public(address) {
        return None;
    }
    match address.to_canonical() {
        IpAddr::V4(address) => ipv4().find(address.to_bits()),
        IpAddr::V6(address) => ipv6().find((address.to_bits() >> 64) as u64),
    }
}

fn ipv4() -> &'static Ranges<u32> {
    static IPV4: OnceLock<Ranges<u32>> = OnceLock::new();
    IPV4.get_or_init(|| {
        let head = head();
        unpack(head.ipv4_ranges, head.ipv4, head.codes, |start| start as u32)
    })
}

fn ipv6() -> &'static Ranges<u64> {
    static IPV6: OnceLock<Ranges<u64>> = OnceLock::new();
    IPV6.get_or_init(|| {
        let head = head();
        unpack(head.ipv6_ranges, head.ipv6, head.codes, |start| start)
    })
}

/// Ranges that cover the whole address space: the first address of each, and its code's number.
struct Ranges<A> {
    starts: Vec<A>,
    numbers: Vec<u8>,
    codes: &'static str,
}

impl<A: Ord> Ranges<A> {
    fn find(&self, address: A) -> Option<&'static str> {
        let range = self.starts.partition_point(|start| *start <= address).checked_sub(1)?;
        let place = 2 * usize::from(self.numbers[range]);
        let code = &self.codes[place..place + 2];
        // `AP` is a region of the registries, no country of ISO 3166.
        (!matches!(code, "--" | "AP")).then_some(code)
    }
}

/// The first line of the file, taken apart, and the two packed halves.
struct Head {
    date: &'static str,
    ipv4_ranges: usize,
    ipv6_ranges: usize,
    codes: &'static str,
    ipv4: &'static [u8],
    ipv6: &'static [u8],
}

// The file is part of the program and a test reads all of it, so that what is wrong with it is a
// mistake of ours that no input can cause.
fn head() -> Head {
    let end = FILE.iter().position(|&byte| byte == b'\n').expect("the table begins with a line");
    let line = str::from_utf8(&FILE[..end]).expect("the table's first line is ASCII");
    let mut words = line.split(' ');
    let mut word = || words.next().expect("the table's first line has eight words");
    let number = |word: &str| word.parse::<usize>().expect("a number in the table's first line");
    assert_eq!((word(), word()), ("weblog-country-table", "1"), "another layout of the table");
    let date = word();
    let ipv4_ranges = number(word());
    let ipv6_ranges = number(word());
    let ipv4_end = end + 1 + number(word());
    let ipv6_end = ipv4_end + number(word());
    let codes = word();
    let (ipv4, ipv6) = (&FILE[end + 1..ipv4_end], &FILE[ipv4_end..ipv6_end]);
    Head { date, ipv4_ranges, ipv6_ranges, codes, ipv4, ipv6 }
}

/// Unpacks one half: the columns of codes, of steps, and of the large odd parts of steps.
fn unpack<A>(count: usize, packed: &[u8], codes: &'static str, narrow: impl Fn(u64) -> A) -> Ranges<A> {
    let mut numbers = Vec::with_capacity(3 * count);
    flate2::read::ZlibDecoder::new(packed).read_to_end(&mut numbers).expect("the table is whole");
    let mut large = numbers[2 * count - 1..].iter();
    let mut starts = Vec::with_capacity(count);
    let mut start = 0u64;
    starts.push(narrow(start));
    for &step in &numbers[count..2 * count - 1] {
        let mut odd = u64::from(step & 3);
        if odd == 3 {
            let mut shift = 0;
            for &byte in large.by_ref() {
                odd += u64::from(byte & 127) << shift;
                shift += 7;
                if byte < 128 {
                    break;
                }
            }
        }
        start += (2 * odd + 1) << (step >> 2);
        starts.push(narrow(start));
    }
    numbers.truncate(count);
    numbers.shrink_to_fit();
    Ranges { starts, numbers, codes }
}

#[cfg(test)]
mod tests;
