//! What can be wrong with an input.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// An input that could not be read, or not to its end. The other inputs are read all the same.
#[derive(Debug)]
#[non_exhaustive]
pub enum InputError {
    /// A file cannot be opened.
    Open {
        /// Its name.
        source: Arc<str>,
        /// What the system says.
        error: io::Error,
    },
    /// Reading or decompressing broke off.
    Read {
        /// The name of the input.
        source: Arc<str>,
        /// How many decompressed bytes came before this; all of them were delivered.
        offset: u64,
        /// What the system or the decompression says.
        error: io::Error,
    },
    /// Another file has the name than the one that was looked at before, or it was cut since. Nothing of
    /// it was read; the next run knows it anew.
    Replaced {
        /// The name of the input.
        source: Arc<str>,
    },
    /// A directory cannot be listed.
    Walk {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// No file matches a pattern.
    NoMatch {
        /// The pattern as given.
        pattern: String,
    },
    /// A pattern is not valid.
    Pattern {
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::Open { source, error } => write!(out, "cannot open {}: {error}", printable(source)),
            InputError::Read { source, offset, error } => {
                write!(out, "cannot read {} beyond byte {offset}: {error}", printable(source))
            }
            InputError::Replaced { source } => {
                let source = printable(source);
                write!(
                    out,
                    "{source} was replaced or cut just now and is left out; run this again to read it"
                )
            }
            InputError::Walk { directory, error } => {
                write!(out, "cannot list {}: {error}", printable(&directory.to_string_lossy()))
            }
            InputError::NoMatch { pattern } => write!(out, "no file matches {}", printable(pattern)),
            InputError::Pattern { pattern, reason } => {
                write!(out, "{} is not a valid pattern: {reason}", printable(pattern))
            }
        }
    }
}

/// A name without control characters, which could do things to a terminal.
pub(crate) fn printable(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for char in name.chars() {
        if char.is_control() { text.extend(char.escape_default()) } else { text.push(char) }
    }
    text
}

impl std::error::Error for InputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            InputError::Open { error, .. }
            | InputError::Read { error, .. }
            | InputError::Walk { error, .. } => Some(error),
            InputError::NoMatch { .. } | InputError::Pattern { .. } | InputError::Replaced { .. } => None,
        }
    }
}
