//! What can be wrong with a dictionary.

use std::{fmt, io};

/// Why a dictionary cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum RouteError {
    /// The file cannot be read.
    Read(io::Error),
    /// A line is no template.
    Syntax(SyntaxError),
}

/// Where a dictionary is wrong, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: usize,
    /// The byte in the line, counted from 1.
    pub column: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: expected {}", self.line, self.column, self.expected)
    }
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouteError::Read(error) => write!(f, "cannot read the routes: {error}"),
            RouteError::Syntax(error) => write!(f, "the routes are wrong in {error}"),
        }
    }
}

impl std::error::Error for RouteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RouteError::Read(error) => Some(error),
            RouteError::Syntax(error) => Some(error),
        }
    }
}

impl From<SyntaxError> for RouteError {
    fn from(error: SyntaxError) -> Self {
        RouteError::Syntax(error)
    }
}
