//! The secret behind pseudonyms.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The fewest bytes that a key may have: 128 bits, if they are random.
const SHORTEST: usize = 16;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A secret key. Who has it can find out which address a pseudonym stands for.
#[derive(Clone)]
pub struct Key(Box<[u8]>);

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The mode needs a key, and none was given.
    Missing,
    /// The key has fewer than 16 bytes; how many it has.
    TooShort(usize),
    /// The system gave no random bytes; why.
    NoRandom(String),
}

impl fmt::Display for KeyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Missing => out.write_str("this way to anonymize needs a key"),
            KeyError::TooShort(found) => {
                write!(out, "the key has {found} bytes and must have at least {SHORTEST}, random ones")
            }
            KeyError::NoRandom(why) => write!(out, "no random bytes for a key: {why}"),
        }
    }
}

impl std::error::Error for KeyError {}

/// How long a pseudonym lasts. Periods are counted in UTC, by the time of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// A new key each day.
    Daily,
    /// A new key each Monday.
    Weekly,
    /// One key for ever.
    Never,
}

impl Rotation {
    /// The number of the period that an instant is in; None if it needs one and there is none.
    pub(super) fn period(self, time_us: Option<i64>) -> Option<i64> {
        let day = time_us.map(|micros| micros.div_euclid(DAY));
        match self {
            Rotation::Daily => day,
            // 1970-01-01 was a Thursday.
            Rotation::Weekly => day.map(|day| (day + 3).div_euclid(7)),
            Rotation::Never => Some(0),
        }
    }

    fn label(self) -> &'static [u8] {
        match self {
            Rotation::Daily => b"weblog day",
            Rotation::Weekly => b"weblog week",
            Rotation::Never => b"weblog",
        }
    }
}

impl Key {
    /// A key from the bytes of a file. A line end behind printable text, as editors leave one, is
    /// no part of it.
    ///
    /// # Errors
    /// [`KeyError::TooShort`] for fewer than 16 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Key, KeyError> {
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let key = if line.iter().all(|byte| matches!(byte, b' '..=b'~')) { line } else { bytes };
        if key.len() < SHORTEST {
            return Err(KeyError::TooShort(key.len()));
        }
        Ok(Key(key.into()))
    }

    /// A key that nobody knows: pseudonyms made with it can be compared within one run only.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`] when the system has no random bytes.
    pub fn random() -> Result<Key, KeyError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| KeyError::NoRandom(error.to_string()))?;
        Ok(Key(Box::new(bytes)))
    }

    /// The hash function of one period: its key is the HMAC of the period under this key.
    pub(super) fn for_period(&self, rotation: Rotation, period: i64) -> Hmac<Sha256> {
        let key = mac(&self.0).chain_update(rotation.label()).chain_update(period.to_be_bytes());
        mac(&key.finalize().into_bytes())
    }

    /// The 32 bytes of Crypto-PAn. A key of exactly so many is taken as it is, for the sake of
    /// other programs; of any other one they are its HMAC.
    pub(super) fn for_prefixes(&self) -> [u8; 32] {
        match <[u8; 32]>::try_from(&self.0[..]) {
            Ok(key) => key,
            Err(_) => mac(&self.0).chain_update(b"weblog prefix").finalize().into_bytes().into(),
        }
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(secret)")
    }
}
