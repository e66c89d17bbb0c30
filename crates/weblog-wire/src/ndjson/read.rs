//! NDJSON to records.
//!
//! The cursor reads compact objects of strings, numbers and literals, and guesses each key from the
//! one before: records of weblog have their keys in schema order. What it does not like it leaves
//! to serde_json, which is also the judge of what is valid.

use memchr::{memchr2, memmem};
use serde_json::value::RawValue;
use std::sync::LazyLock;
use weblog_parse::{Field, Name, Reason, Record, Reject, Value};

/// Reads one line into an empty record: the fields of the schema in schema order, then the others
/// in the order in which they stand. A `null` of the schema is absent; of several values for one
/// field the last one counts.
///
/// # Errors
/// A [`Reason::BadJson`] with the column where the line stops being one JSON object.
pub fn read<'a>(line: &'a [u8], record: &mut Record<'a>) -> Result<(), Reject> {
    let bad = |offset| Reject::at(offset, Reason::BadJson, "one JSON object in UTF-8");
    let text = std::str::from_utf8(line).map_err(|error| bad(error.valid_up_to()))?;
    // Control characters have no place in a string; a fold without early exit becomes vector instructions.
    let control = line.iter().fold(false, |any, b| any | (*b < 0x20));
    let cursor = Cursor { text, at: 0, record: &mut *record, expected: 0 };
    if control || cursor.object().is_none() {
        record.clear();
        slow(text, record).map_err(|error| bad(error.column().saturating_sub(1)))?;
    }
    record.canonical();
    Ok(())
}

/// Whether a line holds exactly the fields of a record, under their names and with their values as they stand. The
/// record must have been read from this line; if [`read`] made it, this is so.
#[inline]
pub fn says(line: &[u8], record: &Record<'_>) -> bool {
    let bytes = line.as_ptr().addr()..line.as_ptr().addr() + line.len();
    record.fields().iter().all(|(name, value)| {
        let Value::Json(json) = value else { return false };
        let at = json.as_ptr().addr();
        if !bytes.contains(&at) {
            return false;
        }
        let before = &line[..at - bytes.start];
        // Nobody but people puts blanks here.
        let before = before.strip_suffix(b":").or_else(|| before.trim_ascii_end().strip_suffix(b":"));
        let Some(before) = before.and_then(|before| before.trim_ascii_end().strip_suffix(b"\"")) else {
            return false;
        };
        let name = match name {
            Name::Known(field) => field.name(),
            Name::Other(name) => name,
        };
        before.strip_suffix(name.as_bytes()).is_some_and(|before| before.ends_with(b"\""))
    })
}

/// Whether these members, each with a comma before it, can be put behind those of a line that holds exactly the
/// fields of a record: a null of the schema is no field of the record, but a key of the line.
#[inline]
pub fn has_room(line: &[u8], members: &[u8]) -> bool {
    static NULL: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("null"));
    NULL.find(line).is_none() || !share_a_key(line, members)
}

/// Whether a line has a key of one of the members.
#[cold]
fn share_a_key(line: &[u8], members: &[u8]) -> bool {
    type Keys<'a> = std::collections::BTreeMap<std::borrow::Cow<'a, str>, serde::de::IgnoredAny>;
    let object = [b"{", members.strip_prefix(b",").unwrap_or(members), b"}"].concat();
    let (Ok(line), Ok(members)) =
        (serde_json::from_slice::<Keys<'_>>(line), serde_json::from_slice::<Keys<'_>>(&object))
    else {
        return true;
    };
    members.keys().any(|key| line.contains_key(key))
}

/// The keys of the schema as they stand in an object, `"status":`.
static KEYS: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| Field::ALL.iter().map(|field| format!("\"{}\":", field.name()).into_bytes()).collect());

/// How many keys after the last one are worth a comparison: absent fields are rarely more in a row.
const NEAR: usize = 8;

struct Cursor<'a, 'r> {
    text: &'a str,
    at: usize,
    record: &'r mut Record<'a>,
    /// Where in the schema the next key is looked for first.
    expected: usize,
}

impl<'a> Cursor<'a, '_> {
    fn object(mut self) -> Option<()> {
        self.byte(b'{')?;
        loop {
            let name = match self.expected_key() {
                Some(field) => Name::Known(field),
                None => {
                    let name = self.string()?;
                    self.byte(b':')?;
                    self.field(name).map_or(Name::Other(name), Name::Known)
                }
            };
            let value = self.value()?;
            match name {
                Name::Known(_) if value == "null" => {}
                Name::Known(field) => self.record.push(field, Value::Json(value)),
                Name::Other(name) => self.record.push_other(name, Value::Json(value)),
            }
            match self.text.as_bytes().get(self.at)? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        (self.at + 1 == self.text.len()).then_some(())
    }

    /// The key here with its colon, when it is one of the next few of the schema: comparing a block is
    /// cheaper than scanning for a quote and looking up what it ends.
    #[inline]
    fn expected_key(&mut self) -> Option<Field> {
        let rest = &self.text.as_bytes()[self.at..];
        let near = KEYS.iter().enumerate().skip(self.expected).take(NEAR);
        let (at, key) = near.into_iter().find(|(_, key)| rest.starts_with(key))?;
        self.at += key.len();
        self.expected = at + 1;
        Some(Field::ALL[at])
    }

    #[inline]
    fn field(&mut self, name: &str) -> Option<Field> {
        let behind = Field::ALL[self.expected..].iter().position(|field| field.name() == name);
        let at = match behind {
            Some(at) => self.expected + at,
            None => Field::ALL[..self.expected].iter().position(|field| field.name() == name)?,
        };
        self.expected = at + 1;
        Some(Field::ALL[at])
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        (*self.text.as_bytes().get(self.at)? == byte).then(|| self.at += 1)
    }

    /// The characters between quotes, still escaped.
    #[inline]
    fn string(&mut self) -> Option<&'a str> {
        self.byte(b'"')?;
        let bytes = self.text.as_bytes();
        let start = self.at;
        loop {
            let at = self.at + memchr2(b'"', b'\\', &bytes[self.at..])?;
            if bytes[at] == b'"' {
                self.at = at + 1;
                return self.text.get(start..at);
            }
            self.at = at + 1 + escape_len(&bytes[at + 1..])?;
        }
    }

    #[inline]
    fn value(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let len = match bytes.get(start)? {
            b'"' => {
                self.string()?;
                return self.text.get(start..self.at);
            }
            b'-' | b'0'..=b'9' => number_len(&bytes[start..])?,
            b't' if bytes[start..].starts_with(b"true") => 4,
            b'f' if bytes[start..].starts_with(b"false") => 5,
            b'n' if bytes[start..].starts_with(b"null") => 4,
            _ => return None,
        };
        self.at += len;
        self.text.get(start..self.at)
    }
}

/// Length of an escape behind its backslash.
fn escape_len(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(1),
        [b'u', hex @ ..] if hex.len() >= 4 && hex[..4].iter().all(u8::is_ascii_hexdigit) => Some(5),
        _ => None,
    }
}

/// Length of a number by RFC 8259 section 6.
fn number_len(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(text[0] == b'-');
    let whole = digits(at);
    if whole == 0 || (whole > 1 && text[at] == b'0') {
        return None;
    }
    at += whole;
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    Some(at)
}

/// The same by serde_json, for any JSON object.
#[cold]
fn slow<'a>(text: &'a str, record: &mut Record<'a>) -> Result<(), serde_json::Error> {
    struct Fields<'a, 'r>(&'r mut Record<'a>);

    impl<'a> serde::de::Visitor<'a> for Fields<'a, '_> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some((key, value)) = map.next_entry::<&'a RawValue, &'a RawValue>()? {
                let name = &key.get()[1..key.get().len() - 1];
                match Field::from_name(name.as_bytes()) {
                    Some(_) if value.get() == "null" => {}
                    Some(field) => self.0.push(field, Value::Json(value.get())),
                    None => self.0.push_other(name, Value::Json(value.get())),
                }
            }
            Ok(())
        }
    }

    let mut json = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut json, Fields(record))?;
    json.end()
}
