//! Addresses anywhere in a text.

use super::{address::Anonymizer, decoded::Decoded, edits::Edits};
use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
};

impl Anonymizer {
    /// A text with every address in it replaced, also where it is percent-encoded: for queries,
    /// referers, and whatever else clients may have put their address into. An address that
    /// nothing may stand for becomes `REDACTED`, as does what only nearly is an address. A
    /// version of a browser with three zeros (`Chrome/120.0.0.0`) is left alone; any other one of
    /// four numbers up to 255 is taken for an address.
    pub fn text<'a>(&mut self, text: &'a str, time_us: Option<i64>) -> Cow<'a, str> {
        let mut edits = Edits::default();
        self.find(&Decoded::new(text.as_bytes()), time_us, &mut edits);
        match edits.apply(text.as_bytes()) {
            Some(new) => Cow::Owned(String::from_utf8_lossy(&new).into_owned()),
            None => Cow::Borrowed(text),
        }
    }

    pub(super) fn find(&mut self, text: &Decoded<'_>, time_us: Option<i64>, edits: &mut Edits) {
        let bytes = &text.bytes[..];
        let mut at = 0;
        while at < bytes.len() {
            if !is_part(bytes[at]) {
                at += 1;
                continue;
            }
            let end = at + bytes[at..].iter().take_while(|byte| is_part(**byte)).count();
            self.in_run(text, at..end, time_us, edits);
            at = end;
        }
    }

    /// Looks at a run of hexadecimal digits, colons and dots.
    fn in_run(&mut self, text: &Decoded<'_>, run: Range<usize>, time_us: Option<i64>, edits: &mut Edits) {
        let bytes = &text.bytes[..];
        let colons = memchr::memchr_iter(b':', &bytes[run.clone()]).count();
        if colons >= 2 {
            let inner = trim(bytes, run.clone());
            if let Some(address) = ipv6(&bytes[inner.clone()]) {
                let glued = inner.start == run.start && run.start > 0 && is_letter(bytes[run.start - 1])
                    || inner.end == run.end && bytes.get(run.end).copied().is_some_and(is_letter);
                let new = if glued { None } else { self.ip(address, time_us) };
                return edits.replace(text.source(inner), new);
            }
            if nearly_ipv6(&bytes[inner.clone()], colons) {
                return edits.redact(text.source(inner));
            }
        }
        let is_decimal = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        let mut at = run.start;
        while at < run.end {
            let length = bytes[at..run.end].iter().take_while(|byte| is_decimal(byte)).count();
            if length >= 7 {
                self.in_decimals(text, at..at + length, time_us, edits);
            }
            at += length.max(1);
        }
    }

    /// Looks at a run of digits and dots: four numbers are an address, more may hide one.
    fn in_decimals(
        &mut self,
        text: &Decoded<'_>,
        run: Range<usize>,
        time_us: Option<i64>,
        edits: &mut Edits,
    ) {
        let bytes = &text.bytes[..];
        let is_dot = |byte: &u8| *byte == b'.';
        let start = run.start + bytes[run.clone()].iter().take_while(|byte| is_dot(byte)).count();
        let end = run.end - bytes[start..run.end].iter().rev().take_while(|byte| is_dot(byte)).count();
        let mut octets = [0; 4];
        let (mut in_a_row, mut numbers, mut hides_one) = (0, 0, false);
        for number in bytes[start..end].split(is_dot) {
            match octet(number) {
                Some(octet) => {
                    octets.rotate_left(1);
                    octets[3] = octet;
                    in_a_row += 1;
                }
                None => in_a_row = 0,
            }
            numbers += 1;
            hides_one |= in_a_row >= 4;
        }
        if !hides_one || numbers == 4 && octets[1..] == [0, 0, 0] {
            return;
        }
        if numbers > 4 {
            return edits.redact(text.source(start..end));
        }
        let new = self.ip(IpAddr::V4(Ipv4Addr::from(octets)), time_us);
        edits.replace(text.source(start..end), new);
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b':' || byte == b'.'
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// A run without the signs around it: `2001:db8::1:` at the end of a clause, `.` of a sentence.
fn trim(bytes: &[u8], run: Range<usize>) -> Range<usize> {
    let mut inner = run;
    while inner.len() > 2
        && (bytes[inner.end - 1] == b'.' || is_lone_colon(bytes, inner.end - 1, inner.end - 2))
    {
        inner.end -= 1;
    }
    while inner.len() > 2
        && (bytes[inner.start] == b'.' || is_lone_colon(bytes, inner.start, inner.start + 1))
    {
        inner.start += 1;
    }
    inner
}

fn is_lone_colon(bytes: &[u8], at: usize, neighbour: usize) -> bool {
    bytes[at] == b':' && bytes[neighbour] != b':'
}

/// An IPv6 address that is more than `::`, which stands in programs' names.
fn ipv6(text: &[u8]) -> Option<IpAddr> {
    let has_digit = text.iter().any(u8::is_ascii_digit);
    let text = str::from_utf8(text).ok().filter(|text| has_digit && text.len() <= 45)?;
    text.parse::<Ipv6Addr>().ok().map(|address| address.to_canonical())
}

/// Whether a run that is no address has the look of one, with something before or behind.
fn nearly_ipv6(text: &[u8], colons: usize) -> bool {
    let has_gap = memchr::memmem::find(text, b"::").is_some();
    text.iter().any(u8::is_ascii_digit) && text.len() >= 6 && (colons >= 7 || has_gap)
}

/// A number of an IPv4 address, also with zeros in front.
fn octet(digits: &[u8]) -> Option<u8> {
    (1..=3).contains(&digits.len()).then(|| str::from_utf8(digits).ok()?.parse().ok())?
}
