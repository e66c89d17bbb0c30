//! Why a line is no record.

use std::{borrow::Cow, fmt};

/// The reason for which a line was rejected. Its name is a stable word for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing in the line looks like an access log.
    NotAccessLog,
    /// A log in a format that the asked one is not.
    OtherFormat,
    /// A line of a server's error log.
    ErrorLog,
    /// A field that the format needs is not there.
    MissingField,
    /// The time is no time.
    BadTime,
    /// The request is not in quotes.
    BadRequest,
    /// The status is no status.
    BadStatus,
    /// The size is no number.
    BadBytes,
    /// The line ends inside a field.
    Truncated,
    /// A second line begins inside this one.
    Glued,
    /// The line is longer than the limit.
    TooLong,
    /// The line begins like JSON but is not one JSON object.
    BadJson,
    /// The line is no row under the header of its file.
    BadRow,
}

impl Reason {
    /// Every reason.
    pub const ALL: &'static [Reason] = &[
        Reason::NotAccessLog,
        Reason::OtherFormat,
        Reason::ErrorLog,
        Reason::MissingField,
        Reason::BadTime,
        Reason::BadRequest,
        Reason::BadStatus,
        Reason::BadBytes,
        Reason::Truncated,
        Reason::Glued,
        Reason::TooLong,
        Reason::BadJson,
        Reason::BadRow,
    ];

    /// The word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NotAccessLog => "not_access_log",
            Reason::OtherFormat => "other_format",
            Reason::ErrorLog => "error_log",
            Reason::MissingField => "missing_field",
            Reason::BadTime => "bad_time",
            Reason::BadRequest => "bad_request",
            Reason::BadStatus => "bad_status",
            Reason::BadBytes => "bad_bytes",
            Reason::Truncated => "truncated",
            Reason::Glued => "glued",
            Reason::TooLong => "too_long",
            Reason::BadJson => "bad_json",
            Reason::BadRow => "bad_row",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A line that is no record: why, where, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The reason.
    pub reason: Reason,
    /// Where in the line, in bytes from 1.
    pub column: usize,
    /// What was expected there, a phrase that completes "expected …".
    pub expected: Cow<'static, str>,
}

impl Reject {
    /// A reject at a byte offset of the line, counted from 0.
    pub fn at(offset: usize, reason: Reason, expected: impl Into<Cow<'static, str>>) -> Self {
        Reject { reason, column: offset + 1, expected: expected.into() }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.reason, self.expected)
    }
}

impl std::error::Error for Reject {}
