//! What is known of one address, agent or other text, as the members of a JSON object, and the memory of them.

use crate::fields::FieldSet;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::{fmt::Display, hash::BuildHasher, ops::Range, sync::Arc};
use weblog_parse::{Field, Name, Value};

/// Fields and their values as the members of a JSON object, each with a comma before it:
/// `,"country":"DE","asn":3320`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fragment {
    want: Want,
    json: String,
    fields: Vec<(Key, Range<u32>, Form)>,
    /// What is needed and not shown.
    hidden: Vec<(Field, Box<str>)>,
}

/// Which fields a fragment takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Want {
    /// To be added to records.
    pub(crate) shown: FieldSet,
    /// To be asked for by what else is told.
    pub(crate) needed: FieldSet,
}

/// The name of a field.
#[derive(Clone, Debug, PartialEq)]
enum Key {
    Known(Field),
    /// The characters between the quotes of its JSON key.
    Other(Arc<str>),
}

/// What stands in a range of the JSON text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// The inside of a string that needs no escape anywhere: nobody has to look at it again.
    Plain,
    /// A JSON value.
    Json,
}

impl Fragment {
    /// One that takes no fields but these.
    pub(crate) fn of(want: Want) -> Self {
        Fragment { want, json: String::new(), fields: Vec::new(), hidden: Vec::new() }
    }

    /// With a text more.
    pub(crate) fn with(mut self, field: Field, text: &str) -> Self {
        self.text(field, Some(text));
        self
    }

    /// Adds a text, if there is one.
    pub(crate) fn text(&mut self, field: Field, text: Option<&str>) {
        let Some(text) = text else { return };
        if !self.shows(field, text) {
            return;
        }
        self.key(Key::Known(field), field.name());
        self.json.push('"');
        let start = self.json.len() as u32;
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            self.json.push_str(text);
            self.end(start, Form::Plain);
            self.json.push('"');
        } else {
            let mut string = Vec::new();
            weblog_wire::ndjson::escape(text, &mut string);
            self.json.push_str(&String::from_utf8_lossy(&string));
            self.json.push('"');
            self.end(start - 1, Form::Json);
        }
    }

    /// Adds a number or a truth value, if there is one.
    pub(crate) fn number(&mut self, field: Field, number: Option<impl Display>) {
        let Some(number) = number.map(|number| number.to_string()) else { return };
        if self.shows(field, &number) {
            self.key(Key::Known(field), field.name());
            self.value(&number);
        }
    }

    /// Whether a field is to be shown. One that is only needed is put aside.
    fn shows(&mut self, field: Field, text: &str) -> bool {
        let Want { shown, needed } = self.want;
        if !shown.has(field) && needed.has(field) {
            self.hidden.push((field, text.into()));
        }
        shown.has(field)
    }

    /// Adds a JSON value under a name that is no field of the schema.
    pub(crate) fn other(&mut self, name: &Arc<str>, json: &str) {
        let key = Field::from_name(name.as_bytes()).map_or_else(|| Key::Other(Arc::clone(name)), Key::Known);
        self.key(key, name);
        self.value(json);
    }

    fn key(&mut self, key: Key, name: &str) {
        self.json.push_str(",\"");
        self.json.push_str(name);
        self.json.push_str("\":");
        self.fields.push((key, 0..0, Form::Json));
    }

    fn value(&mut self, json: &str) {
        let start = self.json.len() as u32;
        self.json.push_str(json);
        self.end(start, Form::Json);
    }

    fn end(&mut self, start: u32, form: Form) {
        if let Some(last) = self.fields.last_mut() {
            (last.1, last.2) = (start..self.json.len() as u32, form);
        }
    }

    /// All of it, to be put at the end of an object that has members.
    #[inline]
    pub(crate) fn members(&self) -> &str {
        &self.json
    }

    /// The value of a field of the schema.
    #[inline]
    pub(crate) fn get(&self, field: Field) -> Option<Value<'_>> {
        let shown = self.fields().find(|(name, _)| *name == Name::Known(field)).map(|(_, value)| value);
        shown.or_else(|| {
            let hidden = self.hidden.iter().find(|(hidden, _)| *hidden == field);
            hidden.map(|(_, text)| Value::Str(text))
        })
    }

    /// The fields and their values.
    #[inline]
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Name<'_>, Value<'_>)> {
        self.fields.iter().map(|(key, range, form)| {
            let name = match key {
                Key::Known(field) => Name::Known(*field),
                Key::Other(name) => Name::Other(name),
            };
            let range = range.start as usize..range.end as usize;
            match form {
                Form::Plain => (name, Value::Plain(&self.json.as_bytes()[range])),
                Form::Json => (name, Value::Json(&self.json[range])),
            }
        })
    }

    /// Bytes that it takes in memory, about.
    fn size(&self) -> usize {
        self.json.len() + self.fields.len() * size_of::<(Key, Range<u32>, Form)>() + 2 * size_of::<Self>()
    }
}

/// Remembers the fragment of every distinct text, up to a bound: then it starts anew.
#[derive(Debug)]
pub(crate) struct Memo {
    hasher: RandomState,
    /// The texts that are known, one behind the other.
    texts: Vec<u8>,
    known: HashTable<Known>,
    /// Many addresses share a place: each fragment is kept once.
    fragments: Vec<Fragment>,
    by_json: HashTable<u32>,
    /// Bytes that the fragments take, about.
    size: usize,
    /// Bytes that all may take, about.
    most: usize,
}

/// A text, and the number of its fragment.
#[derive(Clone, Copy, Debug)]
struct Known {
    start: u32,
    len: u32,
    at: u32,
}

/// What an entry of a table takes, about.
const ENTRY: usize = 32;
/// Longer texts are not remembered: nobody sends them twice, but somebody might send many.
const LONGEST: usize = 1 << 10;

impl Memo {
    /// A memory that takes so many bytes, about.
    pub(crate) fn new(most: usize) -> Self {
        Memo {
            hasher: RandomState::default(),
            texts: Vec::new(),
            known: HashTable::new(),
            fragments: Vec::new(),
            by_json: HashTable::new(),
            size: 0,
            most: most.min(1 << 30),
        }
    }

    /// The number of the fragment for a text, made if it is not known. It is good until the next call.
    #[inline]
    pub(crate) fn find(&mut self, text: &[u8], make: impl FnOnce() -> Fragment) -> usize {
        let hash = self.hasher.hash_one(text);
        let is_it = |known: &Known| &self.texts[known.start as usize..][..known.len as usize] == text;
        match self.known.find(hash, is_it) {
            Some(known) => known.at as usize,
            None => self.learn(hash, text, make()),
        }
    }

    /// The fragment of this number.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> &Fragment {
        &self.fragments[at]
    }

    /// Forgets everything, and keeps its room: what was known may not be true any more.
    pub(crate) fn clear(&mut self) {
        self.texts.clear();
        self.known.clear();
        self.fragments.clear();
        self.by_json.clear();
        self.size = 0;
    }

    fn learn(&mut self, hash: u64, text: &[u8], fragment: Fragment) -> usize {
        let taken = self.size + self.texts.len() + (self.known.len() + self.by_json.len()) * ENTRY;
        if taken >= self.most {
            self.clear();
        }
        let Memo { hasher, texts, known, fragments, by_json, size, .. } = self;
        let of_json = hasher.hash_one(&fragment.json);
        let at = match by_json.find(of_json, |at| fragments[*at as usize] == fragment) {
            Some(at) => *at,
            None => {
                let at = fragments.len() as u32;
                *size += fragment.size();
                fragments.push(fragment);
                by_json.insert_unique(of_json, at, |at| hasher.hash_one(&fragments[*at as usize].json));
                at
            }
        };
        if text.len() <= LONGEST {
            let new = Known { start: texts.len() as u32, len: text.len() as u32, at };
            texts.extend_from_slice(text);
            known.insert_unique(hash, new, |known| {
                hasher.hash_one(&texts[known.start as usize..][..known.len as usize])
            });
        }
        at as usize
    }
}
