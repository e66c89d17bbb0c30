//! JSON as logs hold it, cut into members without a copy.
//!
//! More is read than RFC 8259 allows, because hand-written log formats do not escape: a slot with nothing
//! in it (`"t":,`), a comma too many, control bytes and bytes that are not UTF-8 in strings, the servers'
//! own `\xhh`, and lists of numbers without quotes (`"t":0.001, 0.200,`).

use memchr::{memchr, memchr2};

/// How deep arrays and objects may be nested.
const DEPTH: u32 = 64;

/// A value as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    /// `null`, `-`, `NaN`, or nothing where a value should be.
    Absent,
    /// What stands between quotes, escapes still in it.
    Quoted(&'a [u8]),
    /// A number, `true`, `false`, or something without quotes that is not far from a number.
    Bare(&'a [u8]),
    /// An object with its braces.
    Object(&'a [u8]),
    /// An array with its brackets.
    Array(&'a [u8]),
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    /// What stands between the quotes of the key.
    pub(super) key: &'a [u8],
    pub(super) value: Raw<'a>,
    /// Both as they stand, from the quote of the key to the end of the value.
    pub(super) span: &'a [u8],
}

/// Where a text stops being JSON, and what was expected there.
pub(super) type Fault = (usize, &'static str);

/// Reads an object member by member, or an array value by value.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor behind the bracket that opens `text`.
    pub(super) fn inside(text: &'a [u8]) -> Self {
        Cursor { text, at: 1 }
    }

    /// The place behind what was read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next member of an object, or none behind the last one.
    #[inline]
    pub(super) fn member(&mut self) -> Result<Option<Member<'a>>, Fault> {
        self.skip(|b| b == b',' || b.is_ascii_whitespace());
        let start = self.at;
        match self.text.get(start) {
            Some(b'"') => {}
            Some(b'}') => {
                self.at += 1;
                return Ok(None);
            }
            _ => return Err((start, "a key in quotes or the end of the object")),
        }
        let key = self.string()?;
        self.skip(|b| b.is_ascii_whitespace());
        if self.text.get(self.at) != Some(&b':') {
            return Err((self.at, "a colon behind the key"));
        }
        self.at += 1;
        let value = self.value(true)?;
        let span = &self.text[start..self.at];
        self.skip(|b| b.is_ascii_whitespace());
        match self.text.get(self.at) {
            Some(b',' | b'}') => Ok(Some(Member { key, value, span })),
            _ => Err((self.at, "a comma or the end of the object")),
        }
    }

    /// The next value of an array, or none behind the last one.
    pub(super) fn item(&mut self) -> Result<Option<Raw<'a>>, Fault> {
        self.skip(|b| b == b',' || b.is_ascii_whitespace());
        if self.text.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(None);
        }
        let value = self.value(false)?;
        self.skip(|b| b.is_ascii_whitespace());
        match self.text.get(self.at) {
            Some(b',' | b']') => Ok(Some(value)),
            _ => Err((self.at, "a comma or the end of the array")),
        }
    }

    fn skip(&mut self, blank: impl Fn(u8) -> bool) {
        while self.text.get(self.at).is_some_and(|b| blank(*b)) {
            self.at += 1;
        }
    }

    #[inline]
    fn string(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at + 1;
        let mut from = start;
        loop {
            let Some(len) = memchr2(b'"', b'\\', self.text.get(from..).unwrap_or_default()) else {
                return Err((self.text.len(), "the quote that closes a string"));
            };
            if self.text[from + len] == b'"' {
                self.at = from + len + 1;
                return Ok(&self.text[start..from + len]);
            }
            from += len + 2;
        }
    }

    #[inline]
    fn value(&mut self, in_object: bool) -> Result<Raw<'a>, Fault> {
        self.skip(|b| b.is_ascii_whitespace());
        let start = self.at;
        match self.text.get(start) {
            Some(b'"') => Ok(Raw::Quoted(self.string()?)),
            Some(open @ (b'{' | b'[')) => {
                self.nested()?;
                let text = &self.text[start..self.at];
                Ok(if *open == b'{' { Raw::Object(text) } else { Raw::Array(text) })
            }
            Some(b',' | b'}' | b']') => Ok(Raw::Absent),
            Some(_) => self.bare(in_object),
            None => Err((start, "a value")),
        }
    }

    /// Moves behind the array or object that begins here.
    fn nested(&mut self) -> Result<(), Fault> {
        // One bit a level: whether it is an object.
        let (mut open, mut depth) = (0u64, 0);
        loop {
            let Some(byte) = self.text.get(self.at) else {
                return Err((self.at, "the end of an array or object"));
            };
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' if depth == DEPTH => return Err((self.at, "at most 64 levels of nesting")),
                b'{' | b'[' => {
                    open = open << 1 | u64::from(*byte == b'{');
                    depth += 1;
                }
                b'}' | b']' => {
                    if (open & 1 == 1) != (*byte == b'}') {
                        return Err((self.at, "the bracket that closes what was opened"));
                    }
                    open >>= 1;
                    depth -= 1;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn bare(&mut self, in_object: bool) -> Result<Raw<'a>, Fault> {
        let start = self.at;
        loop {
            self.skip(|b| b.is_ascii_alphanumeric() || b".+-:<_".contains(&b));
            // Keys stand in quotes, so that a number behind a comma is the next one of a list.
            let rest = &self.text[self.at..];
            let comma = rest.trim_ascii_start();
            match comma.first() {
                Some(b',' | b':') if in_object => {
                    let next = comma[1..].trim_ascii_start();
                    if !matches!(next.first(), Some(b'0'..=b'9' | b'-')) {
                        break;
                    }
                    self.at = self.text.len() - next.len();
                }
                _ => break,
            }
        }
        let word = &self.text[start..self.at];
        match word {
            b"null" | b"-" | b"NaN" => Ok(Raw::Absent),
            b"true" | b"false" => Ok(Raw::Bare(word)),
            [b'0'..=b'9' | b'-' | b'+' | b'.' | b'<', ..] => Ok(Raw::Bare(word)),
            _ => Err((start, "a JSON value")),
        }
    }
}

/// Undoes the escapes of a string: those of JSON, and the servers' `\xhh`, which is a byte. What is no
/// escape, and a surrogate without its pair, stay as they are.
pub(super) fn decode(inside: &[u8], mut push: impl FnMut(&[u8])) {
    let mut rest = inside;
    while let Some(at) = memchr(b'\\', rest) {
        push(&rest[..at]);
        rest = &rest[at..];
        let mut utf8 = [0; 4];
        let (bytes, len): (&[u8], usize) = match rest {
            [_, b'n', ..] => (b"\n", 2),
            [_, b't', ..] => (b"\t", 2),
            [_, b'r', ..] => (b"\r", 2),
            [_, b'b', ..] => (b"\x08", 2),
            [_, b'f', ..] => (b"\x0c", 2),
            [_, b'v', ..] => (b"\x0b", 2),
            [_, b'"' | b'\\' | b'/', ..] => (&rest[1..2], 2),
            [_, b'x' | b'X', hex @ ..] => match number(hex, 2) {
                Some(byte) => {
                    utf8[0] = byte as u8;
                    (&utf8[..1], 4)
                }
                None => (b"\\", 1),
            },
            [_, b'u', ..] => match unicode(rest) {
                Some((c, len)) => (c.encode_utf8(&mut utf8).as_bytes(), len),
                None => (b"\\", 1),
            },
            _ => (b"\\", 1),
        };
        push(bytes);
        rest = &rest[len..];
    }
    push(rest);
}

/// The character of `\uhhhh`, or of two of them, and their length.
fn unicode(text: &[u8]) -> Option<(char, usize)> {
    let first = number(text.get(2..)?, 4)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).map(|c| (c, 6));
    }
    let second = text.get(6..)?.strip_prefix(b"\\u").and_then(|hex| number(hex, 4))?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    char::from_u32(0x10000 + ((first - 0xd800) << 10) + low).map(|c| (c, 12))
}

fn number(hex: &[u8], len: usize) -> Option<u32> {
    hex.get(..len)?.iter().try_fold(0, |n, b| Some(n * 16 + char::from(*b).to_digit(16)?))
}

/// Whether text without quotes is a JSON number (RFC 8259 section 6) or `true` or `false`.
pub(super) fn is_json(bare: &[u8]) -> bool {
    if bare.len() < 18 && bare.iter().all(u8::is_ascii_digit) {
        return bare.len() == 1 || bare[0] != b'0';
    }
    serde_json::from_slice::<serde::de::IgnoredAny>(bare).is_ok()
}
