//! Request headers: the ones that the schema has become fields.

use super::{
    entry::Filler,
    meaning::Meaning,
    token::{Cursor, Raw},
    value::valid,
};
use weblog_parse::{Field, Value};

impl<'a> Filler<'a, '_> {
    /// Request headers by name: the known ones become fields, the others stay together as one object, since
    /// clients make up names as they like.
    pub(super) fn headers(&mut self, path: &str, key: &'a [u8], object: &'a [u8]) -> bool {
        let Some(valid) = valid(object) else { return false };
        let mut rest = self.arena.list(valid.len());
        let mut cursor = Cursor::inside(valid.as_bytes());
        while let Ok(Some(member)) = cursor.member() {
            let known = match header(member.key).map(|meaning| (meaning, self.scalar(member.value))) {
                Some((meaning, Ok(Some(value)))) => self.field(meaning, value, member.value),
                _ => false,
            };
            if !known {
                rest.push(if rest.is_empty() { b'{' } else { b',' });
                rest.extend_from_slice_copy(member.span);
            }
        }
        if !rest.is_empty() {
            rest.push(b'}');
            if let Ok(rest) = std::str::from_utf8(rest.into_bump_slice()) {
                let name = self.joined(path, key);
                self.record.push_other(name, Value::Json(rest));
            }
        }
        true
    }

    /// Request headers as a list of `{"name":…,"value":…}`. The list stays as well.
    pub(super) fn named_headers(&mut self, array: &'a [u8]) -> bool {
        let mut cursor = Cursor::inside(array);
        while let Ok(Some(item)) = cursor.item() {
            let Raw::Object(object) = item else { continue };
            let (mut name, mut value) = (None, None);
            let mut members = Cursor::inside(object);
            while let Ok(Some(member)) = members.member() {
                match (member.key, member.value) {
                    (b"name", Raw::Quoted(text)) => name = header(text),
                    (b"value", text) => value = Some(text),
                    _ => {}
                }
            }
            if let (Some(meaning), Some(raw)) = (name, value)
                && let Ok(Some(text)) = self.scalar(raw)
            {
                self.field(meaning, text, raw);
            }
        }
        false
    }
}

fn header(name: &[u8]) -> Option<Meaning> {
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    match name.len() {
        4 if is("host") => Some(Meaning::Text(Field::Vhost)),
        7 if is("referer") => Some(Meaning::Sent(Field::Referer)),
        10 if is("user-agent") => Some(Meaning::Sent(Field::UserAgent)),
        12 if is("x-request-id") => Some(Meaning::Text(Field::RequestId)),
        15 if is("x-forwarded-for") => Some(Meaning::Sent(Field::ForwardedFor)),
        _ => None,
    }
}
