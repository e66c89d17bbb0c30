//! Whose addresses stand in the log: nobody's.
//!
//! A log to try things on should show many countries, yet must not name anyone's connection. An address here
//! is therefore one of these, and a test holds every line to it:
//!
//! - **A host part of .0 or .255 inside a large provider's IPv4 block** ([`REGIONS`]). Where networks are cut
//!   at 24 bits, which is the usual layout, these two are the network's own number and its broadcast
//!   address (RFC 919, RFC 922), and no host has them. This is a strong convention, not a proof: inside a
//!   network wider than 24 bits such a number can be handed out. It is chosen by dice, stands for no
//!   observed request, and is the nearest thing to nobody that a country table still places on the map.
//! - **The all-zero address of a provider's whole IPv6 allocation** ([`IPV6`]): the subnet-router anycast
//!   address (RFC 4291, 2.6.1), which never belongs to a host.
//! - **Documentation ranges**: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737) and 2001:db8::/32
//!   (RFC 3849). Every attack comes from there, so that no provider is accused of one.
//! - **Private addresses** 10.0.3.0/24 for the shop's own staff (RFC 1918).
//!
//! Known bots have a .0 or .255 address in a block that their operator is known to crawl from, a machine and
//! never a home, or one from the documentation ranges.
//!
//! Which block lies in which country is common knowledge of the registries' allocations, checked against the
//! IPtoASN country table (public domain, <https://iptoasn.com>) for every address that can occur, in 2025.

use std::io::Write;

use crate::random::{Random, Weighted};

/// An address as text, made once per visit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address {
    text: [u8; 23],
    length: u8,
}

impl Address {
    /// The text.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text[..usize::from(self.length)]
    }

    /// A number that belongs to the address, for what should be the same at each of its visits (FNV-1a).
    pub(crate) fn hash(&self) -> u32 {
        self.as_bytes()
            .iter()
            .fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    fn written(arguments: std::fmt::Arguments<'_>) -> Self {
        let mut text = [0; 23];
        let mut rest = &mut text[..];
        rest.write_fmt(arguments).expect("23 characters hold a dotted quad and four groups of IPv6");
        let length = 23 - rest.len() as u8;
        Address { text, length }
    }

    fn v4(a: u8, b: u8, c: u8, d: u8) -> Self {
        Self::written(format_args!("{a}.{b}.{c}.{d}"))
    }
}

/// A country's share of the visitors.
pub(crate) struct Region {
    /// ISO 3166 code of the country that the prefixes lie in.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader and the tests"))]
    pub(crate) country: &'static str,
    /// How many of the visitors live there.
    weight: u32,
    /// Whole hours ahead of UTC at which its days begin.
    hours_ahead: i8,
    /// The first 16 bits of the addresses.
    pub(crate) prefixes: &'static [[u8; 2]],
}

const fn region(country: &'static str, weight: u32, hours_ahead: i8, prefixes: &'static [[u8; 2]]) -> Region {
    Region { country, weight, hours_ahead, prefixes }
}

/// Where visitors come from.
#[rustfmt::skip]
pub(crate) static REGIONS: &[Region] = &[
    region("US", 210, -6, &[[73, 162], [24, 16], [71, 190], [108, 28], [99, 60], [76, 90], [72, 134], [98, 27], [172, 58], [174, 192]]),
    region("DE", 120, 1, &[[84, 130], [87, 150], [91, 20], [93, 210], [79, 200], [188, 100], [95, 88]]),
    region("GB", 80, 0, &[[86, 130], [81, 150], [82, 30], [90, 210], [2, 100]]),
    region("FR", 60, 1, &[[90, 50], [86, 200], [82, 64], [92, 130]]),
    region("IN", 70, 5, &[[49, 36], [157, 34], [122, 160], [117, 200]]),
    region("BR", 50, -3, &[[177, 80], [189, 40], [179, 100], [191, 180]]),
    region("JP", 45, 9, &[[153, 130], [126, 200], [106, 130], [60, 60]]),
    region("NL", 32, 1, &[[77, 160], [84, 24], [145, 53]]),
    region("IT", 30, 1, &[[79, 30], [87, 10], [151, 30]]),
    region("ES", 30, 1, &[[83, 40], [88, 10], [80, 30]]),
    region("CA", 30, -5, &[[70, 50], [99, 240], [24, 80]]),
    region("PL", 26, 1, &[[83, 10], [79, 185], [37, 30]]),
    region("AU", 24, 10, &[[1, 120], [101, 160], [49, 180]]),
    region("CN", 22, 8, &[[114, 220], [180, 110], [112, 10]]),
    region("KR", 18, 9, &[[121, 130], [175, 200], [211, 200]]),
    region("MX", 18, -6, &[[187, 130], [189, 130]]),
    region("RU", 16, 3, &[[95, 24], [178, 64], [5, 140]]),
    region("SE", 16, 1, &[[81, 224], [90, 230]]),
    region("CH", 16, 1, &[[85, 0], [188, 60]]),
    region("AT", 16, 1, &[[62, 46], [80, 108]]),
    region("BE", 12, 1, &[[81, 240], [109, 130]]),
    region("TR", 14, 3, &[[78, 180], [88, 240]]),
    region("ID", 14, 7, &[[36, 80], [114, 120]]),
    region("VN", 9, 7, &[[14, 160], [113, 180]]),
    region("DK", 9, 1, &[[80, 160], [87, 60]]),
    region("NO", 9, 1, &[[84, 212], [88, 88]]),
    region("FI", 9, 2, &[[88, 192], [91, 156]]),
    region("ZA", 9, 2, &[[41, 13], [105, 224]]),
    region("AR", 9, -3, &[[181, 10], [190, 190]]),
    region("CZ", 8, 1, &[[90, 180], [89, 102]]),
    region("UA", 8, 2, &[[46, 200], [178, 150]]),
    region("PT", 8, 0, &[[85, 240], [188, 80]]),
    region("IE", 7, 0, &[[86, 40], [109, 76]]),
    region("NZ", 6, 12, &[[118, 92], [49, 224]]),
    region("SG", 6, 8, &[[116, 86], [118, 200]]),
    region("EG", 5, 2, &[[41, 32], [156, 200]]),
    region("NG", 4, 1, &[[197, 210], [102, 88]]),
    region("TH", 4, 7, &[[171, 100], [49, 228]]),
];

/// The first 32 bits of IPv6 allocations: Germany, France, Britain, the United States, Brazil, India, China,
/// Japan, the Netherlands, Switzerland, Romania, Australia, Vietnam, Poland, Belgium, Czechia, Canada, Taiwan.
#[rustfmt::skip]
pub(crate) static IPV6: &[[u16; 2]] = &[
    [0x2a02, 0x8070], [0x2a02, 0x0908], [0x2a01, 0xcb00], [0x2a00, 0x23c0], [0x2600, 0x1700], [0x2607, 0xfb90],
    [0x2804, 0x014c], [0x2409, 0x4000], [0x2408, 0x8000], [0x2400, 0x4050], [0x2a02, 0xa440], [0x2a02, 0x1200],
    [0x2a02, 0x2f00], [0x2001, 0x8003], [0x2402, 0x0800], [0x2a02, 0xa300], [0x2a02, 0x1810], [0x2a00, 0x1028],
    [0x2607, 0xfea8], [0x2001, 0xb011],
];

/// How busy an hour of the day is where the visitor lives, from midnight; the mean is 73.
const DAY: [u32; 24] =
    [34, 22, 15, 11, 10, 12, 21, 37, 57, 73, 84, 90, 94, 92, 89, 89, 92, 99, 108, 120, 131, 126, 98, 60];

/// Where the visitors of a given moment come from.
pub(crate) struct Origins {
    /// For each hour of the day in UTC.
    hours: Vec<Weighted>,
}

/// How many visitors the world sends in an hour of the day in UTC, relative to the other hours.
pub(crate) fn activity(hour: usize) -> u32 {
    REGIONS.iter().map(|region| activity_of(region, hour)).sum()
}

fn activity_of(region: &Region, hour: usize) -> u32 {
    let local = (hour as i32 + i32::from(region.hours_ahead)).rem_euclid(24);
    region.weight * DAY[local as usize]
}

impl Origins {
    pub(crate) fn new() -> Self {
        let hour = |hour| Weighted::new(REGIONS.iter().map(|region| activity_of(region, hour)));
        Origins { hours: (0..24).map(hour).collect() }
    }

    /// The address of somebody who comes at this hour of the day in UTC.
    pub(crate) fn visitor(&self, hour: usize, random: &mut Random) -> Address {
        match random.below(100) {
            0..4 => {
                let [a, b] = IPV6[random.below(IPV6.len() as u32) as usize];
                Address::written(format_args!("{a:x}:{b:x}::"))
            }
            4..12 => {
                let (a, b) = (random.between(1, 0x3ff), random.between(1, 0xf));
                Address::written(format_args!("2001:db8:{a:x}:{b:x}::"))
            }
            _ => {
                let region = &REGIONS[self.hours[hour].choose(random)];
                let [a, b] = region.prefixes[random.below(region.prefixes.len() as u32) as usize];
                edge(a, b, random.below(256) as u8, random)
            }
        }
    }
}

/// The first or the last address of a /24.
fn edge(a: u8, b: u8, c: u8, random: &mut Random) -> Address {
    Address::v4(a, b, c, if random.chance(500_000) { 0 } else { 255 })
}

/// An address of a crawler: one of its operator's /24 blocks, the first or last number in it.
pub(crate) fn machine(blocks: &[[u8; 3]], random: &mut Random) -> Address {
    let [a, b, c] = blocks[random.below(blocks.len() as u32) as usize];
    edge(a, b, c, random)
}

/// An address from the documentation ranges.
pub(crate) fn documentation(random: &mut Random) -> Address {
    match random.below(8) {
        0 => Address::written(format_args!(
            "2001:db8:{:x}::{:x}",
            random.between(1, 9),
            random.between(1, 0x3f)
        )),
        1..4 => Address::v4(192, 0, 2, random.between(1, 254) as u8),
        4..6 => Address::v4(198, 51, 100, random.between(1, 254) as u8),
        _ => Address::v4(203, 0, 113, random.between(1, 254) as u8),
    }
}

/// An address on the shop's own network.
pub(crate) fn private(random: &mut Random) -> Address {
    Address::v4(10, 0, 3, random.between(10, 19) as u8)
}
