//! httpd's configuration language: one directive per line, words with quotes.
//!
//! A line that ends in a backslash goes on in the next one, comments too. A line whose first character
//! is `#` is a comment; there are no others. A word is bare or in `"…"` or `'…'`; in quotes a backslash
//! before the quote goes, in every word `\\` becomes `\` (`ap_getword_conf`).

use crate::conf::limits;
use memchr::memchr;

/// A directive's line, continued lines joined.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: Vec<u8>,
    /// The number of its first line.
    number: usize,
    /// Where each further line begins within the text.
    breaks: Vec<usize>,
}

impl Line {
    /// Line and column of a byte of the text.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let passed = self.breaks.partition_point(|start| *start <= at);
        let start = passed.checked_sub(1).map_or(0, |last| self.breaks[last]);
        (self.number + passed, at - start + 1)
    }
}

/// The lines of a file.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Lines { rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), number: 0 }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.rest.is_empty() {
            return None;
        }
        let mut line = Line { text: Vec::new(), number: self.number + 1, breaks: Vec::new() };
        loop {
            let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
            let (part, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            self.number += 1;
            let part = part.strip_suffix(b"\r").unwrap_or(part);
            // The last line of a file has nothing to go on in.
            let Some(part) = part.strip_suffix(b"\\").filter(|_| !self.rest.is_empty()) else {
                line.text.extend_from_slice(part);
                return Some(line);
            };
            line.text.extend_from_slice(part);
            // Of more breaks the positions are not worth the memory.
            if line.breaks.len() < limits::WORDS {
                line.breaks.push(line.text.len());
            }
        }
    }
}

/// A word, where it begins in its line, and the quote that is missing at its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) at: usize,
    pub(super) open_quote: Option<char>,
}

/// The words of a line's text from a byte on, as many as one directive may have.
pub(super) fn words(text: &[u8], from: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = from;
    while words.len() < limits::WORDS {
        at += text[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let rest = &text[at..];
        let Some(first) = rest.first() else { break };
        let quote = Some(*first).filter(|b| matches!(b, b'"' | b'\''));
        let (body, len, closed) = match quote {
            Some(quote) => {
                let len = quoted(&rest[1..], quote);
                (&rest[1..=len], (len + 2).min(rest.len()), len + 1 < rest.len())
            }
            None => {
                let len = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                (&rest[..len], len, true)
            }
        };
        let open_quote = quote.filter(|_| !closed).map(char::from);
        words.push(Word { text: unescape(body, quote), at, open_quote });
        at += len;
    }
    words
}

/// Length of what stands before the closing quote, or of all when there is none.
fn quoted(text: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += match (*byte, text.get(at + 1)) {
            (b'\\', Some(next)) if *next == quote || *next == b'\\' => 2,
            (byte, _) if byte == quote => break,
            _ => 1,
        };
    }
    at
}

fn unescape(body: &[u8], quote: Option<u8>) -> String {
    let mut out = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let next = bytes.peek().copied().filter(|next| *next == b'\\' || Some(*next) == quote);
        match next {
            Some(next) if byte == b'\\' => {
                out.push(next);
                bytes.next();
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
