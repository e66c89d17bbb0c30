//! What a key means, and the tables that say so.

use super::quantity::Unit;
use std::{collections::HashMap, sync::OnceLock};
use weblog_parse::{Field, Kind};

/// How the value of a key becomes fields of the record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// Not known: it passes under its own name.
    Pass,
    /// Text that is never empty: an empty string means that there is none.
    Text(Field),
    /// Text of the client, who may well send an empty one.
    Sent(Field),
    /// The same with percent-encoding over it.
    Encoded(Field),
    /// A whole number.
    Int(Field),
    /// A number or a truth value, kept as it stands.
    Json(Field),
    /// An instant.
    Time,
    /// A date, whose time of day has a key of its own.
    Date,
    /// The time of day of that date.
    TimeOfDay,
    /// A span of time.
    Duration(Field, Unit),
    /// METHOD TARGET PROTOCOL; or a target alone, as some formats call it.
    Request,
    /// A target: of the origin or the absolute form.
    Target,
    /// A path, decoded by the server.
    Path,
    /// A path as sent, whose query has a key of its own.
    Stem,
    /// A query, with or without its `?`.
    Query,
    /// `HTTP/1.1`, or its version alone.
    Protocol,
    /// `TLSv1.3`, `1.3`, or the number of the version (RFC 8446 section 4.2.1).
    Tls,
    /// The name of a cipher, or its number in the IANA registry.
    Cipher,
    /// The address and the port of the client.
    Client,
    /// The address and the port of the server.
    Server,
    /// The upstream servers that were tried.
    Upstream,
    /// Request headers: an object of texts or of lists of texts, or a list of name and value.
    Headers,
    /// An object with members of its own meaning.
    Open(&'static Table),
}

/// The meanings of the keys of one object.
#[derive(Debug)]
pub(super) struct Table {
    /// Keys and what they mean.
    keys: &'static [(&'static str, Meaning)],
    /// The same, for fields that no other key fills.
    weak: &'static [(&'static str, Meaning)],
    /// Where keys are looked up that this table does not have.
    under: Option<&'static Table>,
    /// Whether capitals and `_` make no difference in keys.
    loose: bool,
    map: OnceLock<HashMap<&'static [u8], Entry>>,
}

/// A meaning, and whether another key for the same field is preferred.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) meaning: Meaning,
    pub(super) weak: bool,
}

impl Table {
    pub(super) const fn new(
        keys: &'static [(&'static str, Meaning)],
        weak: &'static [(&'static str, Meaning)],
        under: Option<&'static Table>,
    ) -> Self {
        Table { keys, weak, under, loose: false, map: OnceLock::new() }
    }

    /// A table of keys in any spelling, in which they have no capitals and no `_`.
    pub(super) const fn loose(
        keys: &'static [(&'static str, Meaning)],
        weak: &'static [(&'static str, Meaning)],
    ) -> Self {
        Table { keys, weak, under: None, loose: true, map: OnceLock::new() }
    }

    /// Whether some keys are only for fields that no other key fills.
    pub(super) fn has_weak(&self) -> bool {
        !self.weak.is_empty()
    }

    /// What a key means here.
    pub(super) fn get(&'static self, key: &[u8]) -> Option<Entry> {
        let found = self.map().get(key).copied();
        found.or_else(|| match self.under {
            Some(under) => under.get(key),
            None if self.loose => self.map().get(any_spelling(key).as_slice()).copied(),
            None => None,
        })
    }

    /// Whether keys begin with this one and a dot, so that an object under it may hold members that are known.
    pub(super) fn has_under(&self, key: &str) -> bool {
        let mut keys = self.keys.iter().chain(self.weak);
        keys.any(|(known, _)| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
    }

    fn map(&'static self) -> &'static HashMap<&'static [u8], Entry> {
        self.map.get_or_init(|| {
            let entries = |keys: &'static [(&'static str, Meaning)], weak| {
                keys.iter().map(move |(key, meaning)| (key.as_bytes(), Entry { meaning: *meaning, weak }))
            };
            entries(self.weak, true).chain(entries(self.keys, false)).collect()
        })
    }
}

/// `userAgent`, `User-Agent` and `user_agent` are one key.
fn any_spelling(key: &[u8]) -> Vec<u8> {
    key.iter().take(40).filter(|b| !b"_- ".contains(b)).map(u8::to_ascii_lowercase).collect()
}

/// What a key means that no table has, but which is a name of the schema.
pub(super) fn of_schema(key: &[u8]) -> Option<Meaning> {
    let field = Field::from_name(key)?;
    Some(match (field, field.info().kind) {
        (Field::Time, _) => Meaning::Time,
        (Field::Request, _) => Meaning::Request,
        (Field::Query, _) => Meaning::Query,
        (Field::Referer | Field::UserAgent | Field::Extra, _) => Meaning::Sent(field),
        (_, Kind::Int) => Meaning::Int(field),
        (_, Kind::Float | Kind::Bool) => Meaning::Json(field),
        (_, Kind::Text | Kind::Time) => Meaning::Text(field),
    })
}
