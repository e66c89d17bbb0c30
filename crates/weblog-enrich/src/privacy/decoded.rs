//! A text with its encodings taken off, and the way back to where each byte stood.

use std::{borrow::Cow, ops::Range};

/// Rounds of decoding: what was encoded twice, and then escaped by a log.
const ROUNDS: usize = 3;

/// A text read through percent-encoding (`%41`) and the escapes of logs and JSON (`\x41`,
/// `\u0041`, `\/`, `\"`).
#[derive(Debug)]
pub(super) struct Decoded<'t> {
    /// The decoded bytes.
    pub(super) bytes: Cow<'t, [u8]>,
    /// Where each decoded byte begins in the text, and the end; empty when nothing was encoded.
    starts: Vec<usize>,
    /// How often each byte was encoded; empty when nothing was.
    depths: Vec<u8>,
}

impl<'t> Decoded<'t> {
    /// Decodes a text. Nothing is allocated unless something is encoded.
    pub(super) fn new(text: &'t [u8]) -> Decoded<'t> {
        let mut decoded = Decoded { bytes: Cow::Borrowed(text), starts: Vec::new(), depths: Vec::new() };
        for _ in 0..ROUNDS {
            if !decoded.round() {
                break;
            }
        }
        decoded
    }

    /// Takes one layer off; whether there was one.
    fn round(&mut self) -> bool {
        let bytes = &self.bytes[..];
        let Some(first) = memchr::memchr2_iter(b'%', b'\\', bytes).find(|&at| unit(&bytes[at..]).is_some())
        else {
            return false;
        };
        let mut next = bytes[..first].to_vec();
        let (mut starts, mut depths) = if self.starts.is_empty() {
            ((0..first).collect(), vec![0; first])
        } else {
            (self.starts[..first].to_vec(), self.depths[..first].to_vec())
        };
        let mut at = first;
        while at < bytes.len() {
            let (byte, length) = unit(&bytes[at..]).unwrap_or((bytes[at], 1));
            let depth = (at..at + length).map(|at| self.depth(at)).max().unwrap_or(0);
            next.push(byte);
            starts.push(self.start(at));
            depths.push(depth + u8::from(length > 1));
            at += length;
        }
        starts.push(self.start(bytes.len()));
        *self = Decoded { bytes: Cow::Owned(next), starts, depths };
        true
    }

    /// How often the byte at this place was encoded.
    pub(super) fn depth(&self, at: usize) -> u8 {
        self.depths.get(at).copied().unwrap_or(0)
    }

    /// Where a range of decoded bytes stands in the text.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        self.start(range.start)..self.start(range.end)
    }

    fn start(&self, at: usize) -> usize {
        self.starts.get(at).copied().unwrap_or(at)
    }
}

/// The encoded byte that a text begins with, and the length of its encoding.
fn unit(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%', high, low, ..] | [b'\\', b'x', high, low, ..] => {
            Some((hex(*high)? << 4 | hex(*low)?, if text[0] == b'%' { 3 } else { 4 }))
        }
        // Only ASCII: any other character is no byte, and nothing that is looked for.
        [b'\\', b'u', b'0', b'0', high @ b'0'..=b'7', low, ..] => Some((hex(*high)? << 4 | hex(*low)?, 6)),
        [b'\\', escaped @ (b'/' | b'"' | b'\\'), ..] => Some((*escaped, 2)),
        _ => None,
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}
