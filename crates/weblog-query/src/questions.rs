//! Named questions: SQL files that say in a header of comments what they answer, with which parameters.
//!
//! ```sql
//! -- title: Most viewed pages (people)
//! -- theme: pages
//! -- answers: Which pages people look at most.
//! --   A line that is indented goes on with the one above.
//! -- param: limit int = 20: rows at most
//! -- param: bots people|bots|all = people: whose requests count
//! -- param: under text?: only paths that begin with this
//! -- needs: path
//! -- uses: bot, asset_class
//! -- chart: bars page views
//! -- example: weblog query top-pages --param limit=5 logs/
//! select path as page, count(*) as views from logs group by 1 order by 2 desc, 1 limit $limit
//! ```
//!
//! A parameter has a name, a kind ([`Kind`]), a default or a `?` when it may be left out, and a meaning. A
//! question fails where a column is missing that it needs; one that it only uses is null there. The header
//! is optional, and begins with the title: without one a file is plain SQL.

mod built_in;
mod columns;
mod header;
mod kind;
pub(crate) mod macros;
#[cfg(test)]
mod tests;

pub use built_in::{built_in, themes};
pub use columns::{bringer, sql_type};
pub use kind::{BadValue, Kind};

use std::fmt;

/// A question that has a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The name: words of `a-z`, digits and `-`.
    pub name: String,
    /// What it is about, in a few words; empty without a header.
    pub title: String,
    /// The group in which it is listed.
    pub theme: String,
    /// What it answers, in sentences.
    pub answers: String,
    /// Its parameters, in the order of the header.
    pub parameters: Vec<Parameter>,
    /// The columns that must be there.
    pub needs: Vec<String>,
    /// The columns that are null where they are not there.
    pub uses: Vec<String>,
    /// The chart that fits the answer: its kind and the columns that it shows.
    pub chart: Option<String>,
    /// A command line.
    pub example: Option<String>,
    /// The file as it is, with the header.
    pub sql: String,
}

/// A parameter of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The name, behind `$` in the SQL.
    pub name: String,
    /// What values it takes.
    pub kind: Kind,
    /// The value that it has when none is given.
    pub default: Option<String>,
    /// Whether it may be left out without a default; it is null then.
    pub optional: bool,
    /// What it means.
    pub meaning: String,
}

/// What is wrong with the file of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadHeader {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for BadHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for BadHeader {}

impl Question {
    /// The question of a file.
    ///
    /// # Errors
    /// A header that is not in the form above.
    pub fn read(name: &str, sql: &str) -> Result<Self, BadHeader> {
        header::read(name, sql)
    }

    /// Whether the file says what its parameters are.
    pub fn has_header(&self) -> bool {
        !self.title.is_empty()
    }

    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// Whether a word can be the name of a question.
pub fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
