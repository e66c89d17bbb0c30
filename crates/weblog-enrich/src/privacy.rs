//! What makes records fit to be kept and shown: addresses that no longer point at a person, and
//! text without secrets.
//!
//! - [`Anonymizer`] replaces addresses: cut off, hashed under a key, encrypted so that networks
//!   stay together, or dropped.
//! - [`Redactor`] replaces passwords, tokens, e-mail addresses and the like by [`REDACTED`].
//!
//! [`Cleaner`] puts both to work on records and on lines that are none.
//!
//! Both read through percent-encoding, once, twice or thrice, and both work in linear time on
//! whatever clients send. Whatever needs the real address, such as its country, has to be looked
//! up before.

mod address;
mod clean;
mod decoded;
mod edits;
mod key;
mod line;
mod marks;
mod names;
mod patterns;
mod prefix;
mod redact;
mod scan;

pub use address::{Anonymizer, Mode, holds_addresses};
pub use clean::Cleaner;
pub use key::{Key, KeyError, Rotation};
pub use redact::{RedactOptions, Redactor};

/// What stands in place of what was taken out: the word of the OpenTelemetry conventions.
pub const REDACTED: &str = "REDACTED";

#[cfg(test)]
mod tests;
