//! What stands above the lines of a followed file: all that a reader in the middle of it needs to know.

use std::io;

use super::content::Content;
use crate::above::{Above, Finder};
use crate::head::WHOLE_HEAD;

/// How many bytes are looked through at a time.
const BLOCK: usize = 64 << 10;

/// The head of a file, as far as it was read, and its header lines.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// The first bytes, at most [`WHOLE_HEAD`].
    pub(super) head: Vec<u8>,
    finder: Finder,
    /// What stood above the first of the bytes that were passed last.
    above: Above,
}

impl Origin {
    /// Of what `content` holds before `offset`. Only a log with headers is looked through for them.
    pub(super) fn before(content: &Content, offset: u64) -> io::Result<Self> {
        let mut origin = Self::default();
        let has_headers = content.head(1)? == b"#";
        let end = if has_headers { offset } else { offset.min(WHOLE_HEAD as u64) };
        let (mut block, mut at) = (vec![0; BLOCK], 0);
        while at < end {
            let most = BLOCK.min(usize::try_from(end - at).unwrap_or(BLOCK));
            match content.read_at(&mut block[..most], at)? {
                0 => break,
                got => {
                    origin.pass(&block[..got]);
                    at += got as u64;
                }
            }
        }
        if !has_headers && offset > 0 {
            origin.finder.end(b'\n');
        }
        origin.above = origin.finder.above.clone();
        Ok(origin)
    }

    /// Goes on with the bytes that follow.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        let room = WHOLE_HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.finder.pass(bytes, b'\n');
    }

    /// What stands above the lines given out now; then those become what stands above the next ones.
    pub(super) fn above(&mut self) -> Above {
        let mut above = std::mem::replace(&mut self.above, self.finder.above.clone());
        if above.first.is_none() {
            above.first.clone_from(&self.finder.above.first);
        }
        above
    }
}
