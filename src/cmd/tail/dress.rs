//! What is put around lines: where they are from; and their characters in UTF-8.

use clap::ValueEnum;
use encoding_rs::Encoding;
use std::{borrow::Cow, str::FromStr};
use weblog_io::remote::Target;
use weblog_parse::{Field, Record, Value};
use weblog_wire::ndjson;

/// How a line says where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tag {
    /// An object with the members host, source, offset and message, which every command reads.
    Json,
    /// `host | ` before the line.
    Prefix,
    /// Not at all.
    None,
}

/// The encoding of a text in which a newline is always one.
#[derive(Clone, Copy, Debug)]
pub struct Charset(&'static Encoding);

impl FromStr for Charset {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let label = match name.to_ascii_lowercase().as_str() {
            "latin-1" => "latin1".into(),
            "latin-2" => "latin2".into(),
            label => label.to_owned(),
        };
        match Encoding::for_label(label.as_bytes()) {
            Some(encoding) if encoding.is_ascii_compatible() => Ok(Charset(encoding)),
            Some(_) => Err("lines cannot be told in it; give the log to iconv first".into()),
            None => Err("no such encoding; latin-1, windows-1251, shift_jis and gbk are some".into()),
        }
    }
}

/// Where lines are from.
#[derive(Clone, Debug)]
pub struct From<'a> {
    /// The machine.
    pub host: Cow<'a, str>,
    /// The file on it.
    pub source: Cow<'a, str>,
    /// Where the first of them begins, in bytes, if that is known.
    pub offset: Option<u64>,
}

impl<'a> From<'a> {
    /// A file of this machine.
    pub fn local(source: &'a str, offset: Option<u64>) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        From { host: host.into(), source: source.into(), offset }
    }

    /// A file of another machine.
    pub fn far(target: &'a Target, offset: Option<u64>) -> Self {
        From { host: (&*target.host).into(), source: target.path.to_string_lossy(), offset }
    }
}

/// Dresses lines.
#[derive(Clone, Copy, Debug)]
pub struct Dress {
    tag: Tag,
    encoding: Option<&'static Encoding>,
}

impl Dress {
    pub fn new(tag: Tag, charset: Option<Charset>) -> Self {
        let encoding = charset.map(|Charset(encoding)| encoding).filter(|e| *e != encoding_rs::UTF_8);
        Dress { tag, encoding }
    }

    /// Whether lines stay as they are.
    pub fn is_plain(&self) -> bool {
        self.tag == Tag::None && self.encoding.is_none()
    }

    /// Whether every line gets a newline, also one that has none.
    pub fn ends_lines(&self) -> bool {
        self.tag == Tag::Json
    }

    /// Whole lines as they are written.
    pub fn lines<'a>(&self, lines: &'a [u8], from: &From<'_>) -> Cow<'a, [u8]> {
        if self.is_plain() || lines.is_empty() {
            return Cow::Borrowed(lines);
        }
        let mut out = Vec::with_capacity(2 * lines.len());
        let mut writer = ndjson::Writer::new(None);
        let mut at = 0;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let offset = from.offset.map(|offset| offset + at);
            at += line.len() as u64;
            let line = match self.encoding {
                Some(encoding) => match encoding.decode_without_bom_handling(line).0 {
                    Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                    Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                },
                None => Cow::Borrowed(line),
            };
            match self.tag {
                Tag::None => out.extend_from_slice(&line),
                Tag::Prefix => {
                    out.extend_from_slice(from.host.as_bytes());
                    out.extend_from_slice(b" | ");
                    out.extend_from_slice(&line);
                }
                Tag::Json => wrap(&line, from, offset, &mut writer, &mut out),
            }
        }
        Cow::Owned(out)
    }
}

/// The line in an object. One that is no text becomes an array of bytes, as the systemd journal has it.
fn wrap(line: &[u8], from: &From<'_>, offset: Option<u64>, writer: &mut ndjson::Writer, out: &mut Vec<u8>) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let bytes;
    let message = match std::str::from_utf8(line) {
        Ok(text) => Value::Str(text),
        Err(_) => {
            let numbers: Vec<String> = line.iter().map(u8::to_string).collect();
            bytes = format!("[{}]", numbers.join(","));
            Value::Json(&bytes)
        }
    };
    let mut record = Record::new();
    record.push(Field::Host, Value::Str(&from.host));
    record.push(Field::Source, Value::Str(&from.source));
    if let Some(offset) = offset {
        record.push(Field::Offset, Value::Int(offset as i64));
    }
    record.push_other("message", message);
    writer.write(&record, out);
}
