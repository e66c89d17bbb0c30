//! What is wrong with a configuration, and where.

use std::{fmt, path::Path, sync::Arc};

/// A place in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<Path>,
    /// The line, from 1.
    pub line: usize,
    /// The byte of the line, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// One thing that is wrong. Displayed, it is `file:line:column: sentence`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub at: Place,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.fault)
    }
}

impl std::error::Error for Problem {}

/// What can be wrong with a configuration. Displayed, it is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A character stands where none of its kind can.
    Unexpected(char),
    /// A file ends within a directive.
    UnexpectedEnd,
    /// A quote is never closed.
    OpenQuote(char),
    /// A word or a directive is longer than [`limits`](super::limits) allow.
    TooLong,
    /// A block or section is never closed.
    NotClosed(String),
    /// A section is closed that is not open.
    NotOpen(String),
    /// Blocks or sections are nested too deeply; what is within is not read.
    TooDeep,
    /// A directive lacks an argument.
    MissingArgument(String),
    /// An argument has a value that its directive does not know.
    BadArgument(String),
    /// A log names a format that is defined nowhere.
    UnknownFormat(String),
    /// A format is defined twice; the first one counts.
    DuplicateFormat(String),
    /// A variable is defined nowhere; its name stays in the text.
    UnknownVariable(String),
    /// The included file is missing.
    MissingFile(String),
    /// The included file cannot be read: the pattern and what the system said.
    Unreadable(String, String),
    /// A file includes itself, directly or by others.
    Circular(String),
    /// There is more than [`limits`](super::limits) allow: of what.
    TooMany(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unexpected(found) => write!(f, "{found:?} cannot stand here."),
            Fault::UnexpectedEnd => write!(f, "The file ends within a directive."),
            Fault::OpenQuote(quote) => write!(f, "The quote {quote} is not closed."),
            Fault::TooLong => write!(f, "This is too long; a quote may be missing."),
            Fault::NotClosed(name) => write!(f, "{} is not closed in this file.", Shown(name)),
            Fault::NotOpen(name) => write!(f, "{} closes nothing that is open.", Shown(name)),
            Fault::TooDeep => write!(f, "This is nested too deeply and was passed over."),
            Fault::MissingArgument(name) => write!(f, "{} lacks an argument.", Shown(name)),
            Fault::BadArgument(text) => write!(f, "{} is not a value that is known here.", Shown(text)),
            Fault::UnknownFormat(name) => write!(f, "No format is named {}.", Shown(name)),
            Fault::DuplicateFormat(name) => {
                write!(f, "The format {} is defined before; that one counts.", Shown(name))
            }
            Fault::UnknownVariable(name) => write!(f, "The variable {} is not defined.", Shown(name)),
            Fault::MissingFile(pattern) => write!(f, "There is no file {}.", Shown(pattern)),
            Fault::Unreadable(pattern, said) => write!(f, "Cannot read {}: {said}.", Shown(pattern)),
            Fault::Circular(path) => write!(f, "{} includes itself; this was cut.", Shown(path)),
            Fault::TooMany(what) => write!(f, "There are too many {what}; the rest was passed over."),
        }
    }
}

/// A word of the configuration between backquotes, without control characters and cut where it is long.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short: String = self.0.chars().take(80).flat_map(char::escape_debug).collect();
        let more = if self.0.chars().nth(80).is_some() { "…" } else { "" };
        write!(f, "`{}{more}`", short.replace("\\\"", "\"").replace("\\'", "'"))
    }
}
