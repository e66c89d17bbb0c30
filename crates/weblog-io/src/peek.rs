//! The look at the beginning of an input, before the run.

use memchr::memchr;

use crate::input::Input;
use crate::raw::Got;
use crate::run::RunOptions;
use crate::stop::Watch;

/// How much of the beginning of an input is buffered at most to look at it.
const PEEK_LIMIT: usize = 1 << 20;

/// How a look at the beginning ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peeked {
    /// The closure had seen enough.
    Enough,
    /// 1 MiB was looked at.
    Limit,
    /// The source ended, or broke off; the run will report why.
    End,
    /// The run was asked to stop, or nobody reads its output.
    Stopped,
}

impl Input {
    /// Shows `enough` each line at the beginning of the input, in order, until it returns true. The
    /// lines are not consumed: the run gives them again. What is looked at is the first source that
    /// is not empty, and the first 1 MiB of that; an unfinished last line only at the end of the
    /// source. The same lines are shown however they trickle in.
    pub fn peek(&mut self, options: &RunOptions<'_>, mut enough: impl FnMut(&[u8]) -> bool) -> Peeked {
        let mut shown = 0;
        let mut searched = 0;
        let mut delimiter = None;
        let mut found = false;
        let end = self.peek_bytes(options, |bytes| {
            // As long as no newline came, a carriage return may still prove to be the delimiter.
            while let Some(end) = memchr(b'\n', &bytes[searched..]) {
                delimiter = Some(b'\n');
                let line = &bytes[shown..searched + end];
                shown = searched + end + 1;
                searched = shown;
                if enough(line.strip_suffix(b"\r").unwrap_or(line)) {
                    found = true;
                    return true;
                }
            }
            searched = bytes.len();
            false
        });
        if found || end == Peeked::Stopped {
            return end;
        }
        let Some((_, source)) = &self.current else { return end };
        let mut rest = &source.peeked()[shown.min(source.peeked().len())..];
        if delimiter.is_none() {
            while let Some(at) = memchr(b'\r', rest) {
                if enough(&rest[..at]) {
                    return Peeked::Enough;
                }
                rest = &rest[at + 1..];
            }
        }
        if end == Peeked::End && !rest.is_empty() && enough(rest) {
            return Peeked::Enough;
        }
        end
    }

    /// Shows `enough` the decompressed bytes at the beginning of the first source that is not empty:
    /// all that have come so far, again with each that come, until it returns true or 1 MiB is there.
    /// Nothing is consumed.
    pub fn peek_bytes(&mut self, options: &RunOptions<'_>, mut enough: impl FnMut(&[u8]) -> bool) -> Peeked {
        let mut watch = Watch::new(options.output, options.stop.clone(), None);
        loop {
            let Some((_, source)) = self.open_current() else { return Peeked::End };
            if !source.peeked().is_empty() && enough(source.peeked()) {
                return Peeked::Enough;
            }
            if source.peeked().len() >= PEEK_LIMIT {
                return Peeked::Limit;
            }
            match source.peek_more(PEEK_LIMIT, &mut watch) {
                Ok(Got::Bytes(_) | Got::NotReady) => {}
                Ok(Got::Interrupted(_)) => return Peeked::Stopped,
                Ok(Got::End) if source.peeked().is_empty() => self.close_current(None),
                Ok(Got::End) => return Peeked::End,
                Err(error) if source.peeked().is_empty() => self.close_current(Some(error)),
                Err(error) => {
                    source.postpone(error);
                    return Peeked::End;
                }
            }
        }
    }
}
