//! What is wrong with an expression, and where.

use std::fmt;

/// An expression that cannot be used. Displayed, it is the column and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadExpression {
    /// The byte, from 0, where something else was expected.
    pub at: usize,
    /// The character there, from 1.
    pub column: usize,
    /// What was expected there.
    pub expected: String,
}

impl BadExpression {
    /// Something else was expected at this byte of the text.
    pub(crate) fn new(text: &str, at: usize, expected: impl Into<String>) -> Self {
        let before = text.char_indices().take_while(|(start, _)| *start < at).count();
        BadExpression { at: at.min(text.len()), column: before + 1, expected: expected.into() }
    }
}

impl fmt::Display for BadExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: expected {}", self.column, self.expected)
    }
}

impl std::error::Error for BadExpression {}
