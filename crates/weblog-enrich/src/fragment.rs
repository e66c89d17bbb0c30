//! What is known of one address, agent or other text, as the members of a JSON object, and the memory of them.

use foldhash::fast::RandomState;
use std::{collections::HashMap, fmt::Display, ops::Range, sync::Arc};
use weblog_parse::{Field, Name, Value};

/// Fields and their values as the members of a JSON object, each with a comma before it:
/// `,"country":"DE","asn":3320`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fragment {
    json: String,
    fields: Vec<(Key, Range<u32>, Form)>,
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
    /// Adds a text, if there is one.
    pub(crate) fn text(&mut self, field: Field, text: Option<&str>) {
        let Some(text) = text else { return };
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
        let Some(number) = number else { return };
        self.key(Key::Known(field), field.name());
        self.value(&number.to_string());
    }

    /// Adds a JSON value under a name that is no field of the schema.
    pub(crate) fn other(&mut self, name: &Arc<str>, json: &str) {
        self.key(Key::Other(Arc::clone(name)), name);
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
#[derive(Debug, Default)]
pub(crate) struct Memo {
    known: HashMap<Box<[u8]>, u32, RandomState>,
    /// Many addresses share a place: each fragment is kept once.
    fragments: Vec<Fragment>,
    by_json: HashMap<Box<str>, Vec<u32>, RandomState>,
    /// Bytes taken, about.
    size: usize,
}

/// Bytes that one memory may take, about. A thread has one for each kind of text.
const MOST: usize = 8 << 20;
/// What an entry takes beyond its text.
const ENTRY: usize = 48;
/// Longer texts are not remembered: nobody sends them twice, but somebody might send many.
const LONGEST: usize = 1 << 10;

impl Memo {
    /// The number of the fragment for a text, made if it is not known. It is good until the next call.
    #[inline]
    pub(crate) fn find(&mut self, text: &[u8], make: impl FnOnce() -> Fragment) -> usize {
        match self.known.get(text) {
            Some(at) => *at as usize,
            None => self.learn(text, make()),
        }
    }

    /// The fragment of this number.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> &Fragment {
        &self.fragments[at]
    }

    /// Forgets everything: what was known may not be true any more.
    pub(crate) fn clear(&mut self) {
        *self = Memo::default();
    }

    fn learn(&mut self, text: &[u8], fragment: Fragment) -> usize {
        if self.size >= MOST {
            self.clear();
        }
        let same = self.by_json.entry(fragment.json.as_str().into()).or_default();
        let at = match same.iter().find(|at| self.fragments[**at as usize] == fragment) {
            Some(at) => *at,
            None => {
                let at = self.fragments.len() as u32;
                same.push(at);
                self.size += fragment.size() + fragment.json.len() + ENTRY;
                self.fragments.push(fragment);
                at
            }
        };
        if text.len() <= LONGEST {
            self.size += text.len() + ENTRY;
            self.known.insert(text.into(), at);
        }
        at as usize
    }
}
