//! What is wrong with a format string.

use std::fmt;

/// A format string that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFormat {
    /// Where in the string, in bytes from 0.
    pub at: usize,
    /// What was expected there, a phrase that completes "expected …".
    pub expected: String,
}

impl BadFormat {
    pub(super) fn new(at: usize, expected: impl Into<String>) -> Self {
        BadFormat { at, expected: expected.into() }
    }
}

impl fmt::Display for BadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad log format at column {}: expected {}", self.at + 1, self.expected)
    }
}

impl std::error::Error for BadFormat {}
