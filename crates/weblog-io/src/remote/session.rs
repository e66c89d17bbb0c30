//! The three things that are asked of a far machine.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::answer::{Answer, nonce};
use super::channel::{Channel, Limits, Options};
use super::error::RemoteError;
use super::script::{self, Blocks};
use super::stat::{Entry, Listing, Stat};
use super::target::Target;
use crate::follow::Until;

/// [`Session::read`] gives no more than this at once: 4 MiB.
pub const MOST_READ: usize = 4 << 20;
/// What a far login may print before the first answer.
const MOST_NOISE: usize = 1 << 20;
/// What the list of a directory may take: some hundred thousand names.
const MOST_LIST: usize = 32 << 20;
/// What else an answer holds: a line about the file, and words of a tool.
const MOST_WORDS: usize = 64 << 10;

/// A shell on a far machine.
///
/// All calls wait for their answer, no longer than [`Options`] allow, and end at once when `until` says so, with
/// [`RemoteError::Stopped`] or [`RemoteError::OutputClosed`]; [`Until::default`] never does. Dropping the session
/// ends the connection.
#[derive(Debug)]
pub struct Session {
    channel: Channel,
    nonce: String,
    options: Options,
}

/// What [`Session::read`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// How many bytes were added to the buffer.
    pub bytes: usize,
    /// The file that they are from, as it was just before: the very file that was opened, whatever has its name now.
    /// (Where the far side cannot tell, the file that had the name then.)
    pub file: Stat,
}

/// What [`Session::wait`] saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// Nothing has changed, to the end of the time.
    Unchanged,
    /// The file is another, is longer or shorter, was written to, or is not there.
    Changed(Option<Stat>),
}

impl Session {
    /// Logs in and starts a shell.
    pub fn connect(target: &Target, options: &Options, until: &Until<'_>) -> Result<Session, RemoteError> {
        let channel = Channel::start(target, options)?;
        let mut session = Session { channel, nonce: nonce(), options: options.clone() };
        let time = options.connect_timeout + options.silence();
        let limits = Limits { silence: time, whole: Some(time), bytes: MOST_NOISE };
        let script = script::hello(&session.nonce);
        session.channel.ask(&script, &session.nonce, limits, until)?;
        Ok(session)
    }

    /// What ssh and the far login said on standard error so far: its last lines, without control characters.
    pub fn said(&mut self) -> String {
        self.channel.said()
    }

    /// The log at `path`, and what stands beside it under names that begin with its own: what it was rotated to.
    /// A link at `path` is followed, and what counts is the directory and the name of its target. It is an error if
    /// the directory is not there, and none if the log is not.
    pub fn list(&mut self, path: &Path, until: &Until<'_>) -> Result<Listing, RemoteError> {
        let separator = nonce();
        let limits = self.limits(MOST_LIST);
        let answer = self.ask(&script::list(path, &separator)?, 3, limits, until)?;
        let path = PathBuf::from(OsString::from_vec(self.section(&answer, 0).to_vec()));
        if !path.is_absolute() {
            return Err(RemoteError::Protocol { what: "the path of the log" });
        }
        let entries = Entry::read_all(self.section(&answer, 1), &separator)?;
        let log = entries.iter().find(|entry| Some(&*entry.name) == path.file_name());
        Ok(Listing { log: log.map(|entry| entry.stat.clone()), path, entries })
    }

    /// Adds to `out` what the file holds from `offset` on, no more than `limit` bytes or [`MOST_READ`]; fewer, or
    /// none, only where the file ended then. After an error nothing was added.
    pub fn read(
        &mut self,
        path: &Path,
        offset: u64,
        limit: usize,
        out: &mut Vec<u8>,
        until: &Until<'_>,
    ) -> Result<Read, RemoteError> {
        let limit = limit.min(MOST_READ);
        let blocks = Blocks::around(offset, limit as u64);
        let limits = self.limits((blocks.size * blocks.count) as usize + MOST_WORDS);
        let answer = self.ask(&script::read(path, blocks)?, 3, limits, until)?;
        let file = self.stat(&answer)?;
        let data = self.section(&answer, 1);
        let data = &data[blocks.lead(offset).min(data.len())..];
        let data = &data[..limit.min(data.len())];
        out.extend_from_slice(data);
        Ok(Read { bytes: data.len(), file })
    }

    /// Waits until the file is no longer as it was in `last` (none: not there), and no longer than `most`. The far
    /// side looks five times a second, or once if its `sleep` knows whole seconds only.
    pub fn wait(
        &mut self,
        path: &Path,
        last: Option<&Stat>,
        most: Duration,
        until: &Until<'_>,
    ) -> Result<Waited, RemoteError> {
        let line = last.map_or(&b""[..], |stat| stat.line.as_bytes());
        let script = script::wait(path, line, most, self.options.alive / 2)?;
        let whole = Some(most * 2 + self.options.silence());
        let limits = Limits { whole, bytes: MOST_LIST, ..self.limits(0) };
        let answer = self.ask(&script, 2, limits, until)?;
        let now = match self.section(&answer, 0).trim_ascii() {
            b"" => match RemoteError::far(self.section(&answer, 1)) {
                RemoteError::NotFound { .. } => None,
                error => return Err(error),
            },
            line => Some(Stat::read(line)?),
        };
        let same = now.as_ref().map(|stat| &stat.line) == last.map(|stat| &stat.line);
        Ok(if same { Waited::Unchanged } else { Waited::Changed(now) })
    }

    fn limits(&self, bytes: usize) -> Limits {
        Limits { silence: self.options.silence(), whole: None, bytes }
    }

    /// An answer that has so many sections, of which the last one is words, or the error that it tells.
    fn ask(
        &mut self,
        script: &[u8],
        sections: usize,
        limits: Limits,
        until: &Until<'_>,
    ) -> Result<Answer, RemoteError> {
        let answer = self.channel.ask(script, &self.nonce, limits, until)?;
        if answer.status != 0 {
            // The words stand before the status.
            let words = answer.sections.last().map_or(&[][..], |range| &self.channel.bytes[range.clone()]);
            return Err(RemoteError::far(words));
        }
        if answer.sections.len() != sections {
            return Err(RemoteError::Protocol { what: "the number of its sections" });
        }
        Ok(answer)
    }

    fn section(&self, answer: &Answer, nth: usize) -> &[u8] {
        &self.channel.bytes[answer.sections[nth].clone()]
    }

    fn stat(&self, answer: &Answer) -> Result<Stat, RemoteError> {
        Stat::read(self.section(answer, 0).trim_ascii_end())
    }
}
