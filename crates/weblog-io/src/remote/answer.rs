//! Where an answer of the far shell ends, and its sections.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use memchr::memmem;

use super::error::RemoteError;

/// A number of 128 bits by chance, as hexadecimal digits. It parts what the far side sends.
pub(super) fn nonce() -> String {
    // Each of these has its own keys from the system's random numbers.
    let halves = [RandomState::new().hash_one("first half"), RandomState::new().hash_one("second half")];
    format!("{:016x}{:016x}", halves[0], halves[1])
}

/// A whole answer. A line of the number alone ends a section; the number and a status end the answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// What stands before each of the marker lines.
    pub(super) sections: Vec<Range<usize>>,
    /// Zero if it went well.
    pub(super) status: u8,
}

/// Looks for the end of an answer while it comes in.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    nonce: memmem::Finder<'a>,
    sections: Vec<Range<usize>>,
    /// Where the current section begins.
    start: usize,
    /// Before this there is no marker that has not been seen.
    scanned: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(nonce: &'a str) -> Scanner<'a> {
        Scanner { nonce: memmem::Finder::new(nonce), sections: Vec::new(), start: 0, scanned: 0 }
    }

    /// The answer, if `bytes` hold all of it. They must begin with what they were the last time.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Result<Option<Answer>, RemoteError> {
        const UNCLEAR: RemoteError = RemoteError::Protocol { what: "a marker is damaged" };
        let length = self.nonce.needle().len();
        while let Some(at) = self.nonce.find(&bytes[self.scanned..]) {
            let at = self.scanned + at;
            self.scanned = at;
            let Some((&kind, rest)) = bytes[at + length..].split_first() else { return Ok(None) };
            match kind {
                b'\n' => {
                    self.sections.push(self.start..at);
                    self.start = at + length + 1;
                    self.scanned = self.start;
                }
                b' ' => {
                    let Some(end) = memchr::memchr(b'\n', rest) else {
                        return if rest.len() < 4 { Ok(None) } else { Err(UNCLEAR) };
                    };
                    let status = std::str::from_utf8(&rest[..end]).ok().and_then(|text| text.parse().ok());
                    if end + 1 != rest.len() {
                        return Err(RemoteError::Protocol { what: "something follows its end" });
                    }
                    self.sections.push(self.start..at);
                    let sections = std::mem::take(&mut self.sections);
                    return Ok(Some(Answer { sections, status: status.ok_or(UNCLEAR)? }));
                }
                _ => return Err(UNCLEAR),
            }
        }
        self.scanned = bytes.len().saturating_sub(length - 1).max(self.scanned);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn an_answer_is_found_however_it_is_cut() {
        let data: &[u8] = b"a0123456789abcdef\0\n0123456789abcdef012345678";
        let bytes = [
            b"noise",
            NONCE.as_bytes(),
            b"\n",
            data,
            NONCE.as_bytes(),
            b"\nsaid",
            NONCE.as_bytes(),
            b" 17\n",
        ]
        .concat();
        for step in 1..bytes.len() {
            let mut scanner = Scanner::new(NONCE);
            let mut found = None;
            for end in (0..bytes.len()).step_by(step).chain([bytes.len()]) {
                assert_eq!(found, None);
                found = scanner.look(&bytes[..end]).unwrap();
            }
            let found = found.expect("all of it is there");
            let sections: Vec<&[u8]> = found.sections.iter().map(|range| &bytes[range.clone()]).collect();
            assert_eq!((sections, found.status), (vec![b"noise", data, b"said"], 17));
        }
    }

    #[test]
    fn what_follows_an_end_and_damaged_markers_are_errors() {
        for text in [
            format!("{NONCE} 0\nmore"),
            format!("{NONCE}x"),
            format!("{NONCE} many\n"),
            format!("{NONCE} 12345"),
        ] {
            assert!(
                matches!(Scanner::new(NONCE).look(text.as_bytes()), Err(RemoteError::Protocol { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn two_numbers_are_never_the_same() {
        assert_eq!(nonce().len(), 32);
        assert_ne!(nonce(), nonce());
        assert_ne!(nonce()[..16], nonce()[16..]);
    }
}
