//! Addresses that no longer point at a person.

use super::{
    key::{Key, KeyError, Rotation},
    prefix::CryptoPan,
};
use crate::address::parse;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What becomes of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The network alone: IPv4 /24, IPv6 /48. Host names are dropped.
    Truncate,
    /// `anon-` and 16 hexadecimal digits of HMAC-SHA-256 under a key. Host names too.
    Hmac(Rotation),
    /// Another address, by Crypto-PAn under a key: those of one network stay in one network.
    /// Host names become what `Hmac(Rotation::Never)` makes of them.
    Prefix,
    /// Nothing.
    Drop,
}

/// Replaces addresses. It is cheap to clone; keep one per thread.
#[derive(Clone)]
pub struct Anonymizer {
    mode: Mode,
    key: Option<Key>,
    prefixes: Option<CryptoPan>,
    /// The hash function of the period that was needed last.
    hash: Option<(i64, Hmac<Sha256>)>,
}

impl fmt::Debug for Anonymizer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Anonymizer").field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// How a pseudonym begins.
const MARK: &str = "anon-";
/// Hexadecimal digits of a pseudonym: 64 bits, enough to tell billions of addresses apart.
const DIGITS: usize = 16;
/// No host name is longer (RFC 1035).
const LONGEST_NAME: usize = 253;

impl Anonymizer {
    /// An anonymizer. [`Mode::Hmac`] and [`Mode::Prefix`] need a key, the others ignore it.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when the mode needs a key.
    pub fn new(mode: Mode, key: Option<Key>) -> Result<Self, KeyError> {
        let needs_key = matches!(mode, Mode::Hmac(_) | Mode::Prefix);
        if needs_key && key.is_none() {
            return Err(KeyError::Missing);
        }
        let key = key.filter(|_| needs_key);
        let prefixes =
            key.as_ref().filter(|_| mode == Mode::Prefix).map(|key| CryptoPan::new(&key.for_prefixes()));
        Ok(Anonymizer { mode, key, prefixes, hash: None })
    }

    /// A number that tells results apart: what was remembered for an address is good for another
    /// record exactly if both have the same.
    pub fn period(&self, time_us: Option<i64>) -> Option<i64> {
        self.rotation().period(time_us)
    }

    /// What is to stand in place of the value of an address field; None if nothing may.
    ///
    /// `time_us` is the record's time in microseconds since 1970; a rotating key needs it, and
    /// without it nothing is passed on. Ports, brackets and zone ids go; a mapped IPv4 address is
    /// the IPv4 address. In a list as `X-Forwarded-For` has, and in the elements of `Forwarded`
    /// (RFC 7239), each entry is treated; what cannot be read is left out. `-`, `unknown`, an
    /// empty text and pseudonyms stay.
    pub fn address<'a>(&mut self, logged: &'a str, time_us: Option<i64>) -> Option<Cow<'a, str>> {
        if self.mode == Mode::Drop {
            return None;
        }
        if memchr::memchr3(b',', b';', b'=', logged.as_bytes()).is_none() {
            return self.entry(logged.trim_ascii(), time_us);
        }
        let mut list = String::with_capacity(logged.len());
        for element in logged.split(',') {
            let element = self.element(element.trim_ascii(), time_us);
            if let Some(element) = element.filter(|element| !element.is_empty()) {
                if !list.is_empty() {
                    list.push_str(", ");
                }
                list.push_str(&element);
            }
        }
        match list {
            list if list == logged => Some(Cow::Borrowed(logged)),
            list if list.is_empty() => None,
            list => Some(Cow::Owned(list)),
        }
    }

    /// An element of a list: a plain entry, or the pairs of RFC 7239, of which those are kept
    /// that name no client.
    fn element<'a>(&mut self, element: &'a str, time_us: Option<i64>) -> Option<Cow<'a, str>> {
        if !element.contains(['=', ';']) {
            return self.entry(element, time_us);
        }
        let mut pairs = Vec::new();
        for (name, value) in element.split(';').filter_map(|pair| pair.trim_ascii().split_once('=')) {
            let unquoted = value.trim_matches('"');
            if name.eq_ignore_ascii_case("for") || name.eq_ignore_ascii_case("by") {
                match self.entry(unquoted, time_us).filter(|new| !new.is_empty()) {
                    Some(new) if new.contains(':') => pairs.push(format!("{name}=\"[{new}]\"")),
                    Some(new) => pairs.push(format!("{name}={new}")),
                    None => {}
                }
            } else if name.eq_ignore_ascii_case("proto")
                && unquoted.bytes().all(|byte| byte.is_ascii_alphabetic())
            {
                pairs.push(format!("{name}={unquoted}"));
            }
        }
        (!pairs.is_empty()).then(|| Cow::Owned(pairs.join(";")))
    }

    fn entry<'a>(&mut self, entry: &'a str, time_us: Option<i64>) -> Option<Cow<'a, str>> {
        if matches!(entry, "" | "-") || entry.eq_ignore_ascii_case("unknown") || is_pseudonym(entry) {
            return Some(Cow::Borrowed(entry));
        }
        let new = match parse(entry.as_bytes()) {
            Some(address) => self.ip(address, time_us)?,
            None => self.name(entry, time_us)?,
        };
        Some(if new == entry { Cow::Borrowed(entry) } else { Cow::Owned(new) })
    }

    /// What is to stand in place of an address that was read.
    pub(super) fn ip(&mut self, address: IpAddr, time_us: Option<i64>) -> Option<String> {
        match (self.mode, &self.prefixes) {
            (Mode::Truncate, _) => Some(truncate(address).to_string()),
            (Mode::Prefix, Some(prefixes)) => Some(prefixes.encrypt(address).to_string()),
            (Mode::Drop | Mode::Prefix, _) => None,
            (Mode::Hmac(_), _) => match address {
                IpAddr::V4(address) => self.pseudonym(b"4", &address.octets(), time_us),
                IpAddr::V6(address) => self.pseudonym(b"6", &address.octets(), time_us),
            },
        }
    }

    /// What is to stand in place of a host name. The end of a name is no network: it may well be
    /// the domain of one person, so nothing of it is kept.
    pub(super) fn name(&mut self, name: &str, time_us: Option<i64>) -> Option<String> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_name = name.len() <= LONGEST_NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && name.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if !is_name || matches!(self.mode, Mode::Truncate | Mode::Drop) {
            return None;
        }
        self.pseudonym(b"n", name.to_ascii_lowercase().as_bytes(), time_us)
    }

    fn pseudonym(&mut self, kind: &[u8], what: &[u8], time_us: Option<i64>) -> Option<String> {
        let rotation = self.rotation();
        let period = rotation.period(time_us)?;
        if self.hash.as_ref().is_none_or(|(of, _)| *of != period) {
            self.hash = Some((period, self.key.as_ref()?.for_period(rotation, period)));
        }
        let (_, hash) = self.hash.as_ref()?;
        let hash = hash.clone().chain_update(kind).chain_update(what).finalize().into_bytes();
        let mut text = String::with_capacity(MARK.len() + DIGITS);
        text.push_str(MARK);
        for byte in &hash[..DIGITS / 2] {
            text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[digit as usize])));
        }
        Some(text)
    }

    fn rotation(&self) -> Rotation {
        match self.mode {
            Mode::Hmac(rotation) => rotation,
            _ => Rotation::Never,
        }
    }
}

/// The network of an address. 6to4 carries the client's IPv4 address in the 32 bits behind its
/// first 16, so that a /40 of it is the /24 of that.
fn truncate(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << 8))),
        IpAddr::V6(address) => {
            let kept = if address.segments()[0] == 0x2002 { 40 } else { 48 };
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - kept))))
        }
    }
}

fn is_pseudonym(text: &str) -> bool {
    text.strip_prefix(MARK).is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Names of fields that hold the addresses of clients, lower case letters and digits alone, sorted.
const HOLDERS: &[&str] = &[
    "binaryremoteaddr",
    "callerip",
    "cfconnectingip",
    "cfconnectingipv6",
    "cip",
    "client",
    "clientaddr",
    "clientaddress",
    "clienthost",
    "clientip",
    "fastlyclientip",
    "flyclientip",
    "forwarded",
    "forwardedfor",
    "ip",
    "ipaddress",
    "originalclientaddr",
    "originalremoteaddr",
    "peer",
    "peeraddr",
    "peeraddress",
    "proxyaddxforwardedfor",
    "proxyprotocoladdr",
    "realip",
    "realipremoteaddr",
    "remoteaddr",
    "remoteaddress",
    "remotehost",
    "remoteip",
    "sourceaddress",
    "sourceip",
    "srcip",
    "trueclientip",
    "xclientip",
    "xclusterclientip",
    "xenvoyexternaladdress",
    "xforwarded",
    "xforwardedfor",
    "xoriginalforwardedfor",
    "xrealip",
];

/// Whether a field with this name usually holds addresses of clients: those of the schema and of
/// headers, variables and columns of servers, proxies and networks that deliver for others.
/// Addresses of servers are none.
pub fn holds_addresses(name: &str) -> bool {
    let name = name.rsplit(['.', '/']).next().unwrap_or(name);
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect();
    let without_server = ["requestheader", "request", "http", "cs"].into_iter();
    let mut forms =
        std::iter::once(&plain[..]).chain(without_server.filter_map(|word| plain.strip_prefix(word)));
    forms.any(|form| HOLDERS.binary_search(&form).is_ok())
}

#[cfg(test)]
mod tests;
