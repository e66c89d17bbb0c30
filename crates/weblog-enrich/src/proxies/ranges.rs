//! The published addresses of proxies, by name: `data/proxy-ranges.txt`, and a user's file in its form.

use crate::cidr::Range;
use std::{collections::BTreeMap, fmt};

/// When the ranges inside the program were put together.
const AS_OF: &str = "2026-09-23";

static FILE: &str = include_str!("../../data/proxy-ranges.txt");

/// Names, and the ranges of addresses behind them.
#[derive(Clone, Debug)]
pub struct Ranges {
    by_name: BTreeMap<String, Vec<Range>>,
}

/// A line of a file of ranges that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    /// Where it stops being one, in bytes from 1.
    pub column: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for BadLine {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "line {}, column {}: expected {}", self.line, self.column, self.expected)
    }
}

impl std::error::Error for BadLine {}

impl Ranges {
    /// Those inside the program: `private`, and content networks and clouds as of [`Ranges::as_of`].
    pub fn embedded() -> Ranges {
        let by_name = read(FILE).expect("the file is part of the program, and a test reads it");
        Ranges { by_name }
    }

    /// The day of the ranges inside the program, `YYYY-MM-DD`.
    pub fn as_of() -> &'static str {
        AS_OF
    }

    /// Adds the names of a file, in place of those that are known already. A line has a name and a range with
    /// blanks between, and `#` begins a comment.
    ///
    /// # Errors
    /// The first line that is none; nothing is added then.
    pub fn add(&mut self, file: &str) -> Result<(), BadLine> {
        self.by_name.extend(read(file)?);
        Ok(())
    }

    /// The ranges of a name, in any case of letters.
    pub fn get(&self, name: &str) -> Option<&[Range]> {
        self.by_name.get(&name.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

fn read(file: &str) -> Result<BTreeMap<String, Vec<Range>>, BadLine> {
    let mut by_name = BTreeMap::<String, Vec<Range>>::new();
    for (number, whole) in file.lines().enumerate() {
        let content = whole.split('#').next().unwrap_or_default().trim_ascii();
        if content.is_empty() {
            continue;
        }
        let column = |part: &str| part.as_ptr().addr() - whole.as_ptr().addr() + 1;
        let bad = |part, expected| BadLine { line: number + 1, column: column(part), expected };
        let Some((name, range)) = content.split_once(|c: char| c.is_ascii_whitespace()) else {
            return Err(bad(&content[content.len()..], "a range of addresses behind the name"));
        };
        if !is_name(name) {
            let expected = "a name of letters, digits and hyphens that begins with a letter";
            return Err(bad(name, expected));
        }
        let range = range.trim_ascii();
        let parsed = Range::parse(range).map_err(|error| bad(range, error.expected))?;
        by_name.entry(name.to_ascii_lowercase()).or_default().push(parsed);
    }
    Ok(by_name)
}

/// Whether a word can name ranges; no range of addresses can be taken for it.
pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
