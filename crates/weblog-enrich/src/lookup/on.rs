//! What to join on, and which columns to take.

use std::{fmt, str::FromStr};

/// How a value meets a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// The text is the key.
    Exact,
    /// The address lies in the key: an address, a network or a range; the narrowest counts.
    Cidr,
    /// The text begins with the key. A key that ends in `*` is any beginning; one that begins with `/` is a
    /// path, which holds itself and what is below it; any other key is the whole text. The longest counts.
    Prefix,
}

impl Join {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Join::Exact => "exact",
            Join::Cidr => "cidr",
            Join::Prefix => "prefix",
        }
    }
}

/// The field of the records and the column of the table that meet: `field[=column][:join]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct On {
    /// The field of the records.
    pub field: String,
    /// The column of the table; it has the name of the field if nothing else is said.
    pub column: String,
    /// How they meet; None is told by the keys.
    pub join: Option<Join>,
}

/// A column to take: `column`, or `name=column` to give it another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The name that it gets in the records, if it is not to be made of the column's.
    pub name: Option<String>,
    /// The column of the table.
    pub column: String,
}

/// What is no [`On`] or no [`Pick`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadOn {
    given: String,
    expected: &'static str,
}

impl fmt::Display for BadOn {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{:?}: expected {}", self.given, self.expected)
    }
}

impl std::error::Error for BadOn {}

impl FromStr for On {
    type Err = BadOn;

    fn from_str(given: &str) -> Result<On, BadOn> {
        let bad = |expected| BadOn { given: given.to_owned(), expected };
        let (names, join) = match given.rsplit_once(':') {
            None => (given, None),
            Some((names, "exact")) => (names, Some(Join::Exact)),
            Some((names, "cidr")) => (names, Some(Join::Cidr)),
            Some((names, "prefix")) => (names, Some(Join::Prefix)),
            Some(_) => return Err(bad("exact, cidr or prefix behind the colon")),
        };
        let (field, column) = names.split_once('=').unwrap_or((names, names));
        if field.is_empty() || column.is_empty() {
            return Err(bad("FIELD, or FIELD=COLUMN where the table has another name for it"));
        }
        Ok(On { field: field.to_owned(), column: column.to_owned(), join })
    }
}

impl FromStr for Pick {
    type Err = BadOn;

    fn from_str(given: &str) -> Result<Pick, BadOn> {
        let bad = |expected| BadOn { given: given.to_owned(), expected };
        let (name, column) = match given.split_once('=') {
            Some((name, column)) => (Some(name), column),
            None => (None, given),
        };
        if column.is_empty() {
            return Err(bad("COLUMN, or NAME=COLUMN to give it another name"));
        }
        if name.is_some_and(|name| name.is_empty() || snake_case(name) != name) {
            return Err(bad("a name of small letters, digits and single underscores before the ="));
        }
        Ok(Pick { name: name.map(str::to_owned), column: column.to_owned() })
    }
}

/// The name of a column as fields are named: `Customer Name` and `customerName` are `customer_name`.
pub(super) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let begins_word = c.is_uppercase()
            && (before.is_some_and(|c| c.is_lowercase() || c.is_numeric())
                || (before.is_some_and(char::is_uppercase)
                    && chars.get(at + 1).is_some_and(|c| c.is_lowercase())));
        if (begins_word || !c.is_alphanumeric()) && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}
