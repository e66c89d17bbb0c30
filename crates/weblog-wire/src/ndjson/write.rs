//! Records to NDJSON.

use crate::{
    columns::{Column, Columns},
    instant::InstantText,
    text::{Scratch, text},
};
use weblog_parse::{Name, Record, SCHEMA, Value};

/// A key with its comma, its colon and the quote that opens a string, padded so that it is copied
/// as a block of fixed size.
#[derive(Clone, Copy, Debug)]
struct Key {
    block: [u8; KEY],
    len: usize,
}

const KEY: usize = 24;

/// Writes records as NDJSON. Keep one per thread.
#[derive(Clone, Debug)]
pub struct Writer {
    keys: Vec<Key>,
    columns: Option<Columns>,
    instant: InstantText,
    scratch: Scratch,
}

impl Writer {
    /// A writer of every field, or of the named columns only, in their order.
    pub fn new(columns: Option<Columns>) -> Self {
        let keys = SCHEMA.iter().map(|info| key(info.name)).collect();
        Writer { keys, columns, instant: InstantText::default(), scratch: Scratch::default() }
    }

    /// Whether every field is written.
    pub fn writes_all(&self) -> bool {
        self.columns.is_none()
    }

    /// Appends a line that is a JSON object, with members put behind its own, and a newline.
    #[inline]
    pub fn copy(&mut self, line: &[u8], members: &[u8], out: &mut Vec<u8>) {
        let line = line.trim_ascii();
        out.extend_from_slice(line.strip_suffix(b"}").unwrap_or(line));
        out.extend_from_slice(members);
        out.extend_from_slice(b"}\n");
    }

    /// Appends one record and a newline.
    #[inline]
    pub fn write(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        self.write_with(record, b"", out);
    }

    /// The same with members, each with a comma before it, behind the fields, of which there must be some then.
    #[inline]
    pub fn write_with(&mut self, record: &Record<'_>, members: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        match self.columns.take() {
            None => {
                for (name, value) in record.fields() {
                    self.field(*name, *value, out);
                }
            }
            Some(columns) => {
                for column in columns.iter() {
                    if let Some((name, value)) = column.find(record) {
                        self.field(name, value, out);
                    }
                }
                self.columns = Some(columns);
            }
        }
        // Every field begins with a comma; the first one's place is the brace's.
        if out.len() == start {
            out.push(b'{');
        } else {
            out[start] = b'{';
        }
        out.extend_from_slice(members);
        out.extend_from_slice(b"}\n");
    }

    #[inline(always)]
    fn field(&mut self, name: Name<'_>, value: Value<'_>, out: &mut Vec<u8>) {
        let quoted = !matches!(value, Value::Int(_) | Value::Json(_));
        match name {
            Name::Known(field) => {
                let key = &self.keys[field as usize];
                let end = out.len() + key.len - usize::from(!quoted);
                out.extend_from_slice(&key.block);
                out.truncate(end);
            }
            Name::Other(name) => {
                out.extend_from_slice(b",\"");
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(if quoted { b"\":\"" } else { b"\":" });
            }
        }
        match value {
            Value::Plain(bytes) => out.extend_from_slice(bytes),
            Value::Json(json) => return out.extend_from_slice(json.as_bytes()),
            Value::Int(number) => {
                return out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            Value::Time(instant) => self.instant.write(instant, out),
            _ => escape(text(value, &mut self.scratch), out),
        }
        out.push(b'"');
    }
}

/// The columns that a record does not have are absent from its object.
impl Column {
    fn find<'r>(&'r self, record: &Record<'r>) -> Option<(Name<'r>, Value<'r>)> {
        record.fields().iter().copied().find(|(name, _)| self.is(name))
    }
}

fn key(name: &str) -> Key {
    let text = format!(",\"{name}\":\"");
    let mut block = [0; KEY];
    block[..text.len()].copy_from_slice(text.as_bytes());
    Key { block, len: text.len() }
}

/// Appends the characters of a JSON string, escaped as serde_json does, and DEL and the C1 controls, which a
/// terminal may obey, escaped as well.
pub fn escape(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, byte) in bytes.iter().enumerate() {
        // In UTF-8 a C1 control is 0xc2 and the byte that it has in Latin-1.
        let c1 = *byte == 0xc2 && matches!(bytes.get(at + 1), Some(0x80..=0x9f));
        if *byte >= 0x20 && !matches!(byte, b'"' | b'\\' | 0x7f) && !c1 {
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        copied = at + 1 + usize::from(c1);
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => {
                let code = if c1 { bytes[at + 1] } else { *byte };
                let digit = |n: u8| b"0123456789abcdef"[usize::from(n)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(code >> 4), digit(code & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[copied..]);
}
