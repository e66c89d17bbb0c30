//! Text without secrets.

use super::{
    REDACTED,
    decoded::Decoded,
    edits::Edits,
    names::{Names, comparable},
    patterns::Patterns,
};
use std::borrow::Cow;
use weblog_parse::{Field, Kind, Name};

/// What to take out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactOptions {
    /// Names besides the default ones: of parameters whose values go, and of fields that go as a
    /// whole. Case, `_` and `-` make no difference.
    pub names: Vec<String>,
    /// Whether the default names and the patterns count.
    pub default: bool,
}

impl Default for RedactOptions {
    fn default() -> Self {
        RedactOptions { names: Vec::new(), default: true }
    }
}

/// Takes secrets out of text. One serves all threads.
#[derive(Debug)]
pub struct Redactor {
    pub(super) names: Names,
    pub(super) patterns: Option<Patterns>,
    /// The added names, which are those of fields too.
    added: Vec<Box<[u8]>>,
    /// Per field of the schema, how it is treated.
    treatments: Vec<Treatment>,
}

/// How the text of a field is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It holds nothing that a client sent.
    Keep,
    /// Shapes only: an agent's text is full of names that mean nothing.
    Agent,
    /// An address, a query or a request: a value may hold blanks.
    Url,
    /// Any other text.
    Text,
    /// It goes as a whole.
    Whole,
}

impl Redactor {
    /// A redactor. With neither default nor names it leaves everything as it is.
    pub fn new(options: &RedactOptions) -> Redactor {
        let added: Vec<Box<[u8]>> = options.names.iter().map(|name| comparable(name)).collect();
        let treatments = Field::ALL.iter().map(|field| treatment(*field, &added)).collect();
        Redactor {
            names: Names::new(options.names.iter().map(String::as_str), options.default),
            patterns: options.default.then(Patterns::new),
            added,
            treatments,
        }
    }

    /// The text of a field without secrets, each of them replaced by `REDACTED`; borrowed when
    /// there is none.
    ///
    /// The value of a secret parameter goes from behind `=` to the next `&`, or in a path
    /// parameter to the next `;`, `/` or `?`; the rest stays byte for byte. Everything is read
    /// through percent-encoding. Numbers, times and what weblog itself adds are left alone.
    pub fn text<'a>(&self, name: Name<'_>, text: &'a str) -> Cow<'a, str> {
        let treatment = self.treatment(name);
        match treatment {
            Treatment::Keep => Cow::Borrowed(text),
            Treatment::Whole if matches!(text, "" | "-" | REDACTED) => Cow::Borrowed(text),
            Treatment::Whole => Cow::Borrowed(REDACTED),
            _ if !self.may_hold_secrets(text.as_bytes(), treatment) => Cow::Borrowed(text),
            _ => self.redacted(text, treatment),
        }
    }

    fn treatment(&self, name: Name<'_>) -> Treatment {
        match name {
            Name::Known(field) => self.treatments[field as usize],
            Name::Other(name) if self.names.has_field(name, &self.added) => Treatment::Whole,
            Name::Other(_) => Treatment::Text,
        }
    }

    /// Whether a field goes as a whole, whatever it holds.
    pub(super) fn takes(&self, name: Name<'_>) -> bool {
        self.treatment(name) == Treatment::Whole
    }

    /// Whether a member of an object goes as a whole.
    pub(super) fn takes_member(&self, key: &str) -> bool {
        self.takes(Name::Other(key)) || self.names.has(key.as_bytes())
    }

    /// A quick look that most texts do not get past.
    fn may_hold_secrets(&self, text: &[u8], treatment: Treatment) -> bool {
        // An escape may hide anything.
        let is_encoded = memchr::memchr2(b'%', b'\\', text).is_some();
        let has_names = match treatment {
            Treatment::Agent => false,
            // Addresses have colons, and rarely quotes.
            Treatment::Url => memchr::memchr2(b'=', b'"', text).is_some(),
            _ => memchr::memchr2(b'=', b':', text).is_some(),
        };
        is_encoded || has_names || self.patterns.as_ref().is_some_and(|patterns| patterns.may_be_in(text))
    }

    /// What one pass leaves may be read otherwise than before, as when a number with blanks was part
    /// of a value; so it is read again until nothing changes, in practice once or twice.
    fn redacted<'a>(&self, text: &'a str, treatment: Treatment) -> Cow<'a, str> {
        const PASSES: usize = 4;
        let mut left = Cow::Borrowed(text);
        for _ in 0..PASSES {
            match self.pass(&left, treatment) {
                Some(next) => left = Cow::Owned(next),
                None => break,
            }
        }
        left
    }

    fn pass(&self, text: &str, treatment: Treatment) -> Option<String> {
        let decoded = Decoded::new(text.as_bytes());
        let mut edits = Edits::default();
        if treatment != Treatment::Agent && !self.names.is_empty() {
            let is_url = treatment == Treatment::Url;
            self.names.find(&decoded, is_url, &mut edits);
            self.names.find_members(&decoded, is_url, &mut edits);
        }
        if let Some(patterns) = self.patterns.as_ref().filter(|patterns| patterns.may_be_in(&decoded.bytes)) {
            patterns.find(&decoded, &mut edits);
        }
        // What is cut out begins and ends at ASCII characters, so this loses nothing.
        edits.apply(text.as_bytes()).map(|new| String::from_utf8_lossy(&new).into_owned())
    }
}

fn treatment(field: Field, added: &[Box<[u8]>]) -> Treatment {
    if added.iter().any(|name| **name == *comparable(field.name())) {
        return Treatment::Whole;
    }
    match field {
        _ if field.info().kind != Kind::Text => Treatment::Keep,
        // What weblog made itself.
        Field::RequestKind | Field::Host | Field::Source => Treatment::Keep,
        _ if field >= Field::Country && !matches!(field, Field::RefererHost | Field::Route) => {
            Treatment::Keep
        }
        Field::UserAgent => Treatment::Agent,
        Field::Target | Field::Path | Field::Query | Field::Request | Field::Referer | Field::Route => {
            Treatment::Url
        }
        _ => Treatment::Text,
    }
}

#[cfg(test)]
mod tests;
