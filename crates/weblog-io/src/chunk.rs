//! A chunk: whole lines of one source, in a buffer that is used again.

use std::sync::Arc;

use memchr::memchr;

use crate::above::Above;

/// What the bytes of a [`Chunk`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkKind {
    /// Whole lines. Only the last chunk of a source may lack its final delimiter.
    Lines,
    /// A piece of one line that is longer than the line limit. Every piece but the last has exactly
    /// the limit's length, so the pieces are the same however the input was read.
    TooLong {
        /// This piece starts the line.
        first: bool,
        /// This piece ends the line, and includes its delimiter if it has one.
        last: bool,
    },
    /// The beginning of a line whose rest could not be read: reading or decompressing broke off.
    CutOff,
}

/// Consecutive bytes of one source, cut at line ends.
///
/// The chunks of a source, put together, are exactly the bytes of that source after decompression.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Keeps its full length, so that a reader can write into it without clearing it first. The
    /// chunk's own bytes are `start..end`.
    pub(crate) buffer: Vec<u8>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The display name of the source; standard input is `-`.
    pub source: Arc<str>,
    /// The position of the source among the inputs, from 0.
    pub source_index: usize,
    /// The offset of the first byte, in bytes of the decompressed source.
    pub offset: u64,
    /// Whole lines, or a piece of an over-long line.
    pub kind: ChunkKind,
    /// The byte that ends a line: `\n`, or `\r` in a source that has only those.
    pub delimiter: u8,
    /// The lines above it that say what its own lines are.
    pub above: Above,
}

impl Chunk {
    /// A chunk of whole lines made from bytes at hand, for callers that have no [`crate::Input`].
    pub fn new(source: &str, offset: u64, bytes: Vec<u8>) -> Chunk {
        Chunk {
            start: 0,
            end: bytes.len(),
            buffer: bytes,
            source: source.into(),
            source_index: 0,
            offset,
            kind: ChunkKind::Lines,
            delimiter: b'\n',
            above: Above::default(),
        }
    }

    /// The bytes of this chunk, delimiters included.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The lines of this chunk, each with its offset in the decompressed source. The delimiter is
    /// removed, and with it one `\r` before a `\n`. A [`ChunkKind::TooLong`] chunk gives its piece.
    pub fn lines(&self) -> Lines<'_> {
        Lines { rest: self.bytes(), offset: self.offset, delimiter: self.delimiter }
    }
}

/// The iterator that [`Chunk::lines`] returns.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a [u8],
    offset: u64,
    delimiter: u8,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (u64, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<(u64, &'a [u8])> {
        if self.rest.is_empty() {
            return None;
        }
        let offset = self.offset;
        let (mut line, taken) = match memchr(self.delimiter, self.rest) {
            Some(end) => (&self.rest[..end], end + 1),
            None => (self.rest, self.rest.len()),
        };
        // Only a delimited line can end in CR LF; the `\r` of an unfinished one is kept as data.
        if taken > line.len() && self.delimiter == b'\n' {
            line = line.strip_suffix(b"\r").unwrap_or(line);
        }
        self.rest = &self.rest[taken..];
        self.offset += taken as u64;
        Some((offset, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
        Chunk::new("-", 100, bytes.to_vec()).lines().map(|(at, line)| (at, line.to_vec())).collect()
    }

    #[test]
    fn a_line_loses_its_newline_and_one_carriage_return() {
        assert_eq!(
            lines(b"a\r\nb\r\r\n\nc"),
            [(100, b"a".to_vec()), (103, b"b\r".to_vec()), (107, b"".to_vec()), (108, b"c".to_vec())]
        );
    }

    #[test]
    fn no_bytes_are_no_lines() {
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn with_a_carriage_return_as_delimiter_nothing_else_is_removed() {
        let chunk = Chunk { delimiter: b'\r', ..Chunk::new("-", 0, b"a\rb\n\r".to_vec()) };
        assert_eq!(chunk.lines().collect::<Vec<_>>(), [(0, &b"a"[..]), (2, &b"b\n"[..])]);
    }
}
