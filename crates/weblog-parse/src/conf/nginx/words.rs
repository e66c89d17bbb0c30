//! nginx's configuration language: words that end with `;` or open a block.
//!
//! A word is bare, or in `"…"` or `'…'`, where a backslash keeps the next character from ending it.
//! In every word `\" \' \\ \t \r \n` become the character, another backslash stays. A `{` directly
//! after `$` belongs to the word. `#` begins a comment where a word could begin
//! (`ngx_conf_read_token`).

use crate::conf::{Fault, limits};
use memchr::{memchr, memchr_iter, memmem};

/// A word and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What the words make up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// Words and a `;`; at least one word.
    Directive(Vec<Word>),
    /// Words and a `{`; at least one word.
    Block(Vec<Word>),
    /// A `}`, with its line and column.
    End(usize, usize),
}

/// Cuts a file into items.
pub(super) struct Words<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    line_start: usize,
    /// What was wrong, with line and column; the reader takes it from here.
    pub(super) faults: Vec<(usize, usize, Fault)>,
}

impl<'a> Words<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Words { bytes, at: 0, line: 1, line_start: 0, faults: Vec::new() }
    }

    /// The next item. After a fault that leaves open where words begin, there is none.
    pub(super) fn next(&mut self) -> Option<Item> {
        let mut words = Vec::new();
        loop {
            self.pass_over_blanks();
            let (line, column) = self.here();
            match self.bytes.get(self.at) {
                None if words.is_empty() => return None,
                None => {
                    self.fault(line, column, Fault::UnexpectedEnd);
                    return None;
                }
                Some(b'}') if words.is_empty() => {
                    self.at += 1;
                    return Some(Item::End(line, column));
                }
                Some(end @ (b';' | b'{' | b'}')) if words.is_empty() || *end == b'}' => {
                    self.fault(line, column, Fault::Unexpected(char::from(*end)));
                    // The `}` stays and ends the block; the words before it are lost.
                    self.at += usize::from(*end != b'}');
                    words.clear();
                }
                Some(b';') => {
                    self.at += 1;
                    return Some(Item::Directive(words));
                }
                Some(b'{') => {
                    self.at += 1;
                    return Some(Item::Block(words));
                }
                Some(_) => {
                    let text = self.word()?;
                    match words.len() {
                        ..limits::WORDS => words.push(Word { text, line, column }),
                        limits::WORDS => self.fault(line, column, Fault::TooLong),
                        _ => {}
                    }
                }
            }
        }
    }

    /// Passes over the code of a Lua block whose `{` was read, with its `}`. Braces in Lua's strings and
    /// comments do not count.
    pub(super) fn pass_over_lua(&mut self) {
        let mut depth = 1_usize;
        let mut at = self.at;
        while let Some(byte) = self.bytes.get(at) {
            let rest = &self.bytes[at..];
            at += match byte {
                b'{' | b'}' => {
                    depth = if *byte == b'{' { depth + 1 } else { depth - 1 };
                    if depth == 0 {
                        self.go(at + 1);
                        return;
                    }
                    1
                }
                b'"' | b'\'' => lua_string(rest),
                b'-' if rest.starts_with(b"--") => match lua_bracket(&rest[2..]) {
                    Some(len) => 2 + len,
                    None => memchr(b'\n', rest).unwrap_or(rest.len()),
                },
                b'[' => lua_bracket(rest).unwrap_or(1),
                _ => 1,
            };
        }
        self.go(self.bytes.len());
        let (line, column) = self.here();
        self.fault(line, column, Fault::UnexpectedEnd);
    }

    fn word(&mut self) -> Option<String> {
        let (line, column) = self.here();
        let rest = &self.bytes[self.at..];
        let (text, len) = match rest[0] {
            quote @ (b'"' | b'\'') => match quoted(&rest[1..], quote) {
                Some(len) => (&rest[1..=len], len + 2),
                None => return self.give_up(line, column, Fault::OpenQuote(char::from(quote))),
            },
            _ => {
                let len = bare(rest);
                (&rest[..len], len)
            }
        };
        if text.len() > limits::WORD {
            return self.give_up(line, column, Fault::TooLong);
        }
        let text = unescape(text);
        let was_quoted = matches!(rest[0], b'"' | b'\'');
        self.go(self.at + len);
        if let Some(next) = self.bytes.get(self.at)
            && was_quoted
            && !(next.is_ascii_whitespace() || b";{)".contains(next))
        {
            let (line, column) = self.here();
            let shown = if next.is_ascii() { char::from(*next) } else { char::REPLACEMENT_CHARACTER };
            self.fault(line, column, Fault::Unexpected(shown));
        }
        Some(text)
    }

    fn give_up<T>(&mut self, line: usize, column: usize, fault: Fault) -> Option<T> {
        self.fault(line, column, fault);
        self.go(self.bytes.len());
        None
    }

    fn fault(&mut self, line: usize, column: usize, fault: Fault) {
        if self.faults.len() < limits::PROBLEMS {
            self.faults.push((line, column, fault));
        }
    }

    fn pass_over_blanks(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            let rest = &self.bytes[self.at..];
            match byte {
                b'#' => self.go(self.at + memchr(b'\n', rest).unwrap_or(rest.len())),
                b' ' | b'\t' | b'\r' | b'\n' => self.go(self.at + 1),
                _ => return,
            }
        }
    }

    fn here(&self) -> (usize, usize) {
        (self.line, self.at - self.line_start + 1)
    }

    fn go(&mut self, to: usize) {
        for newline in memchr_iter(b'\n', &self.bytes[self.at..to]) {
            self.line += 1;
            self.line_start = self.at + newline + 1;
        }
        self.at = to;
    }
}

/// Length of what stands before the closing quote.
fn quoted(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(quote, b'\\', text.get(at..)?)?;
        match text[at] {
            b'\\' => at += 2,
            _ => return Some(at),
        }
    }
}

/// Length of a word without quotes.
fn bare(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b';' => break,
            b'{' if at == 0 || text[at - 1] != b'$' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at.min(text.len())
}

fn unescape(word: &[u8]) -> String {
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let (byte, len) = match rest.get(at + 1) {
            Some(byte @ (b'"' | b'\'' | b'\\')) => (*byte, 2),
            Some(b't') => (b'\t', 2),
            Some(b'r') => (b'\r', 2),
            Some(b'n') => (b'\n', 2),
            _ => (b'\\', 1),
        };
        out.push(byte);
        rest = &rest[at + len..];
    }
    out.extend_from_slice(rest);
    String::from_utf8_lossy(&out).into_owned()
}

/// Length of a string of Lua, which ends with its line at the latest.
fn lua_string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' => break,
            byte => {
                at += 1;
                if *byte == text[0] {
                    break;
                }
            }
        }
    }
    at.min(text.len())
}

/// Length of `[[…]]` or `[=[…]=]`, when text begins with one.
fn lua_bracket(text: &[u8]) -> Option<usize> {
    let level = text.get(1..)?.iter().take_while(|b| **b == b'=').count();
    if text[0] != b'[' || text.get(level + 1) != Some(&b'[') {
        return None;
    }
    let close = [b"]", &text[1..=level], b"]"].concat();
    let body = &text[level + 2..];
    Some(level + 2 + memmem::find(body, &close).map_or(body.len(), |at| at + close.len()))
}
