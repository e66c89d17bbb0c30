//! What is known of one address or one agent, as JSON values at hand, and the memory of them.

use foldhash::fast::RandomState;
use std::{collections::HashMap, fmt::Display, ops::Range};
use weblog_parse::{Field, Value};

/// Fields and their values as JSON text, in schema order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fragment {
    json: String,
    fields: Vec<(Field, Range<u32>, Form)>,
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
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            return self.add(field, text, Form::Plain);
        }
        let mut string = vec![b'"'];
        weblog_wire::ndjson::escape(text, &mut string);
        string.push(b'"');
        self.add(field, &String::from_utf8_lossy(&string), Form::Json);
    }

    /// Adds a number, if there is one.
    pub(crate) fn number(&mut self, field: Field, number: Option<impl Display>) {
        if let Some(number) = number {
            self.add(field, &number.to_string(), Form::Json);
        }
    }

    fn add(&mut self, field: Field, text: &str, form: Form) {
        let start = self.json.len() as u32;
        self.json.push_str(text);
        self.fields.push((field, start..self.json.len() as u32, form));
    }

    /// The fields and their values.
    #[inline]
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Field, Value<'_>)> {
        self.fields.iter().map(|(field, range, form)| {
            let range = range.start as usize..range.end as usize;
            match form {
                Form::Plain => (*field, Value::Plain(&self.json.as_bytes()[range])),
                Form::Json => (*field, Value::Json(&self.json[range])),
            }
        })
    }
}

/// Remembers the fragment of every distinct text, up to a bound: then it starts anew.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    known: HashMap<Box<[u8]>, u32, RandomState>,
    /// Many addresses share a place: each fragment is kept once.
    fragments: Vec<Fragment>,
    by_json: HashMap<Box<str>, Vec<u32>, RandomState>,
}

/// Distinct texts to remember.
const BOUND: usize = 1 << 16;
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

    fn learn(&mut self, text: &[u8], fragment: Fragment) -> usize {
        if self.known.len() >= BOUND || self.fragments.len() >= BOUND {
            *self = Memo::default();
        }
        let same = self.by_json.entry(fragment.json.as_str().into()).or_default();
        let at = match same.iter().find(|at| self.fragments[**at as usize] == fragment) {
            Some(at) => *at,
            None => {
                let at = self.fragments.len() as u32;
                same.push(at);
                self.fragments.push(fragment);
                at
            }
        };
        if text.len() <= LONGEST {
            self.known.insert(text.into(), at);
        }
        at as usize
    }
}
