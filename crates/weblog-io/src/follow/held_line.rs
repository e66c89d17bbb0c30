//! The unfinished last line of one file, held until its newline comes.

use memchr::memrchr;

/// A line longer than this is passed on in pieces instead of being held whole: 1 MiB.
pub(super) const LINE_LIMIT: usize = 1024 * 1024;

/// Passes whole lines on and holds the rest, so that the lines of several files never mix inside a line.
#[derive(Debug, Default)]
pub(super) struct HeldLine {
    held: Vec<u8>,
    /// The head of the line was given out already, because it was over the limit. Until the newline comes no
    /// other file may write.
    open: bool,
}

impl HeldLine {
    /// Bytes read but not given out.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether the head of an unfinished line was given out.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Takes the bytes that follow and appends to `out` all that may be given out.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let rest = match memrchr(b'\n', bytes) {
            Some(last) => {
                out.append(&mut self.held);
                out.extend_from_slice(&bytes[..=last]);
                self.open = false;
                &bytes[last + 1..]
            }
            None => bytes,
        };
        if self.open {
            out.extend_from_slice(rest);
            return;
        }
        self.held.extend_from_slice(rest);
        if self.held.len() > LINE_LIMIT {
            out.append(&mut self.held);
            self.open = true;
        }
        if self.held.is_empty() && self.held.capacity() > 64 * 1024 {
            self.held = Vec::new();
        }
    }

    /// Ends the unfinished line, if there is one: gives what is held, with a newline.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        if self.open || !self.held.is_empty() {
            out.append(&mut self.held);
            out.push(b'\n');
            self.open = false;
        }
    }
}
