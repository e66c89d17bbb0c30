//! What a user trusts, read.

use super::{Ranges, Trusted, ranges::is_name};
use crate::cidr::{Map, Range};
use std::fmt;

/// The header in which a proxy says whom it heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// `X-Forwarded-For` where there is one, else `Forwarded`.
    #[default]
    Any,
    /// `X-Forwarded-For` alone.
    ForwardedFor,
    /// `Forwarded` alone.
    Forwarded,
}

/// What cannot be trusted, since it names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustError {
    /// Neither a range of addresses nor a name.
    BadRange {
        /// What was given.
        item: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A name that nobody has.
    UnknownName {
        /// The name.
        name: String,
        /// Those that are known.
        known: Vec<String>,
    },
    /// Another word than a header's name behind `=`.
    UnknownHeader {
        /// What was given.
        item: String,
    },
}

impl fmt::Display for TrustError {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            TrustError::BadRange { item, expected } => write!(formatter, "{item:?}: expected {expected}"),
            TrustError::UnknownName { name, known } => write!(
                formatter,
                "{name:?}: expected an address, a network as 192.0.2.0/24, unix, or one of {}",
                known.join(", ")
            ),
            TrustError::UnknownHeader { item } => {
                write!(formatter, "{item:?}: expected x-forwarded-for or forwarded behind the =")
            }
        }
    }
}

impl std::error::Error for TrustError {}

impl Trusted {
    /// Trusts these, with the names inside the program.
    ///
    /// An item is an address, a network (`10.0.0.0/8`), a range (`192.0.2.1-192.0.2.9`), a name of
    /// [`Ranges`] (`private`, `cloudflare`), or `unix` for peers behind a Unix socket. Behind `=` it may name
    /// the only header to believe: `x-forwarded-for` or `forwarded`. Commas and blanks part several. Around
    /// an address the narrowest item says which header counts.
    ///
    /// # Errors
    /// When an item is none of these.
    pub fn new<I: AsRef<str>>(items: impl IntoIterator<Item = I>) -> Result<Trusted, TrustError> {
        Trusted::with_ranges(items, &Ranges::embedded())
    }

    /// The same with other names.
    ///
    /// # Errors
    /// When an item is none of these.
    pub fn with_ranges<I: AsRef<str>>(
        items: impl IntoIterator<Item = I>,
        names: &Ranges,
    ) -> Result<Trusted, TrustError> {
        let mut trusted = Trusted::default();
        let mut ranges = Vec::new();
        for items in items {
            let parts = items.as_ref().split(|c: char| c == ',' || c.is_ascii_whitespace());
            for item in parts.filter(|item| !item.is_empty()) {
                let (who, header) = with_header(item)?;
                if who.eq_ignore_ascii_case("unix") || who.eq_ignore_ascii_case("unix:") {
                    trusted.unix = Some(header);
                    continue;
                }
                let number = trusted.headers.len() as u32;
                trusted.headers.push(header);
                ranges.extend(ranges_of(who, names)?.into_iter().map(|range| (range, number)));
            }
        }
        trusted.map = Map::new(ranges);
        Ok(trusted)
    }
}

fn with_header(item: &str) -> Result<(&str, Header), TrustError> {
    let Some((who, header)) = item.split_once('=') else { return Ok((item, Header::Any)) };
    match header.to_ascii_lowercase().as_str() {
        "x-forwarded-for" => Ok((who, Header::ForwardedFor)),
        "forwarded" => Ok((who, Header::Forwarded)),
        _ => Err(TrustError::UnknownHeader { item: item.to_owned() }),
    }
}

fn ranges_of(who: &str, names: &Ranges) -> Result<Vec<Range>, TrustError> {
    if let Some(ranges) = names.get(who) {
        return Ok(ranges.to_vec());
    }
    Range::parse(who).map(|range| vec![range]).map_err(|error| {
        if is_name(who) {
            let known = names.names().map(str::to_owned).collect();
            return TrustError::UnknownName { name: who.to_owned(), known };
        }
        TrustError::BadRange { item: who.to_owned(), expected: error.expected }
    })
}
