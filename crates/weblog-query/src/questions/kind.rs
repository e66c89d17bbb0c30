//! Which values a parameter takes.

use crate::parameters::Bound;
use std::fmt;
use weblog_filter::{Clock, When};

/// Which values a parameter takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number that is not negative.
    Int,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A moment: `2025-01-06`, `2025-01-06T08:00Z`, `today`, or a span back from now.
    Time,
    /// A length of time: `30m`, `7d`.
    Span,
    /// Texts, given one after the other.
    List,
    /// One of these words.
    Choice(Vec<String>),
}

/// A value that a parameter does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// What was given.
    pub given: String,
    /// What is expected.
    pub expected: String,
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {}", self.given, self.expected)
    }
}

impl std::error::Error for BadValue {}

impl Kind {
    /// The kinds that have a name.
    pub const NAMES: &str = "text, int, number, bool, time, span, list";

    /// The kind that a header names.
    pub(super) fn read(name: &str) -> Option<Kind> {
        Some(match name {
            "text" => Kind::Text,
            "int" => Kind::Int,
            "number" => Kind::Number,
            "bool" => Kind::Bool,
            "time" => Kind::Time,
            "span" => Kind::Span,
            "list" => Kind::List,
            _ => {
                let words: Vec<String> = name.split('|').map(|word| word.trim().to_owned()).collect();
                let is_word = |word: &String| !word.is_empty() && !word.contains(char::is_whitespace);
                return (words.len() > 1 && words.iter().all(is_word)).then_some(Kind::Choice(words));
            }
        })
    }

    /// What it takes, in words.
    pub fn expected(&self) -> String {
        match self {
            Kind::Text | Kind::List => "text".into(),
            Kind::Int => "a whole number, 0 or more".into(),
            Kind::Number => "a number".into(),
            Kind::Bool => "true or false".into(),
            Kind::Time => {
                "a time like 2025-01-06, 2025-01-06T08:00Z, today, or a span back from now like 7d".into()
            }
            Kind::Span => "a length of time like 30m, 12h or 7d".into(),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// The value that one text, or several of a list, stand for.
    ///
    /// # Errors
    /// A text that is none of the kind; several for what is no list.
    pub fn bound(&self, texts: &[String], clock: Clock) -> Result<Bound, BadValue> {
        if *self == Kind::List {
            return Ok(Bound::List(texts.to_vec()));
        }
        let [text] = texts else {
            return Err(BadValue { given: texts.join(" and "), expected: "one value".into() });
        };
        let span = |text: &str| match text.parse() {
            Ok(When::Back(span)) if text.starts_with(|c: char| c.is_ascii_digit()) && span > 0 => Some(span),
            _ => None,
        };
        let bound = match self {
            Kind::Text => Some(Bound::Text(text.clone())),
            Kind::Int => text.parse().ok().filter(|number| *number >= 0).map(Bound::Int),
            Kind::Number => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Bound::Float),
            Kind::Bool => match text.as_str() {
                "true" | "yes" => Some(Bound::Bool(true)),
                "false" | "no" => Some(Bound::Bool(false)),
                _ => None,
            },
            Kind::Time => text.parse().ok().map(|when: When| Bound::Time(when.start(clock))),
            Kind::Span => span(text).map(Bound::Span),
            Kind::Choice(words) => words.contains(text).then(|| Bound::Text(text.clone())),
            Kind::List => None,
        };
        bound.ok_or_else(|| BadValue { given: text.clone(), expected: self.expected() })
    }

    /// Whether a text is of the kind.
    pub(super) fn check(&self, text: &str) -> Result<(), BadValue> {
        self.bound(&[text.to_owned()], Clock::default()).map(drop)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "text",
            Kind::Int => "int",
            Kind::Number => "number",
            Kind::Bool => "bool",
            Kind::Time => "time",
            Kind::Span => "span",
            Kind::List => "list",
            Kind::Choice(words) => return f.write_str(&words.join("|")),
        })
    }
}
