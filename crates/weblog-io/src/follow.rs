//! Following files as they grow, by name: through rotation, truncation and absence, without losing or doubling a
//! line.
//!
//! [`Follower`] takes some [`Input`]s and gives [`Event`]s: whole lines to write, and [`Notice`]s of what happened
//! to the files. How it works, from the outside in:
//!
//! - The truth is found by looking (`named`): every 200 ms stat(2) tells which file has the name and how long it
//!   is. inotify (`watches`) only makes the look come at once; without it all works the same, later.
//! - A name has `generation`s. A file that lost the name is read to its end before the next one is begun, and is
//!   kept open for a while, since writers go on writing to it until they reopen. All sizes are taken newest file
//!   first and read oldest first, up to those sizes: this keeps the order in which a writer wrote.
//! - Each generation remembers its first KiB and the KiB before its offset. When these bytes are no longer there,
//!   the file was truncated, however long it is again.
//! - What came and went between two looks is found among the rotated files beside the name (`siblings`), which are
//!   told by their names (`name`), in doubt by their first lines (`clock`), and read also when they are compressed
//!   (`content`). Files that are done with are looked at once a second: a late writer makes them grow.
//! - After a restart all of this begins with what an earlier run knew (`memory`, `named::resume`): each file is
//!   found again by its content. [`state`] keeps it in a file.
//! - An unfinished last line is held (`held_line`). Lines over 1 MiB are passed on in pieces; from then on all
//!   other input waits until the line's newline comes. If the line stays quiet for five polls (one second) while
//!   others wait, a newline is put in and a notice says so.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

mod clock;
mod content;
mod discovery;
mod far;
mod generation;
mod held_line;
mod memory;
mod name;
mod named;
mod notice;
mod origin;
mod position;
mod siblings;
mod source;
pub mod state;
mod stream;
#[cfg(test)]
mod tests;
mod wait;
mod watches;

pub use clock::Clock;
pub use memory::{Ask, Held, Memory};
pub use name::is_rotated_form;
pub use notice::Notice;
pub use position::{Beside, FileId, Mark, Position, Saved};
pub use wait::Until;

use generation::Generation;
use named::{Context, Named};
use source::{Source, open_stream};
use wait::Woken;
use watches::Watches;

use crate::above::Above;
use crate::remote;
use discovery::Discovery;

/// Lines are given out when there are this many bytes of them, or when there is nothing more to read.
const BATCH: usize = 256 * 1024;

/// What to follow.
#[derive(Debug)]
pub enum Input {
    /// A file by its name. It need not be there yet. A named pipe is followed until its writers have closed it.
    Path(PathBuf),
    /// A file by its name that was followed before, and what is known of it.
    Known {
        /// The name.
        path: PathBuf,
        /// What is known.
        memory: Memory,
    },
    /// A file of another machine, reached through ssh.
    Far {
        /// What notices call it: its address.
        name: PathBuf,
        /// The machine and the file.
        target: remote::Target,
        /// How it is reached.
        ssh: remote::Options,
        /// How far it was followed before.
        saved: Option<Saved>,
    },
    /// A file given open, as standard input is. A pipe or terminal is passed on from where it is and ends when its
    /// writers have closed it; a regular file is followed as it grows, whatever name it has.
    Open {
        /// What notices call it.
        name: PathBuf,
        /// The open file.
        file: File,
    },
}

/// Where following begins in a regular file that is there at first. One that appears later is read from its first
/// byte, and so is a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// At the first byte.
    Beginning,
    /// At the start of the last so many lines; 0 means at the end.
    LastLines(u64),
}

/// How to follow.
#[derive(Debug, Clone)]
pub struct FollowOptions {
    /// Where to begin. Default: the last 10 lines.
    pub start: StartAt,
    /// How often to look at each file even if nothing tells of a change. Default: 200 ms.
    pub poll: Duration,
    /// How long a file that lost its name is kept open after the last line that came. Default: 60 s.
    pub linger: Duration,
    /// Whether inotify may be used to see changes at once (Linux). Default: true.
    pub inotify: bool,
    /// Tells when a line was written, by which rotated files are put in order whose names say nothing. Default: it
    /// knows nothing.
    pub clock: Clock,
    /// Whether an unfinished last line is kept back when following is stopped, for a later run. Default: it is
    /// given out.
    pub whole_lines: bool,
    /// Whether [`Follower::head`] and [`Follower::above`] are wanted. Default: false.
    pub origins: bool,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self {
            start: StartAt::LastLines(10),
            poll: Duration::from_millis(200),
            linger: Duration::from_secs(60),
            inotify: true,
            clock: Clock::default(),
            whole_lines: false,
            origins: false,
        }
    }
}

impl FollowOptions {
    /// How long an unfinished line of a file that lost its name, or that others wait for, is given to find its end.
    fn patience(&self) -> Duration {
        self.poll * 5
    }
}

/// What [`Follower::next`] has to say.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// There are lines of one file in the buffer. They are whole, except that a line over 1 MiB comes in pieces.
    Lines {
        /// The index of the input, as given to [`Follower::new`]. Inputs found later come after those.
        input: usize,
        /// A number that tells the file from all others. None for a stream, and for the end of a file that is
        /// gone.
        file: Option<u64>,
        /// Where the lines begin in the file, in bytes.
        offset: u64,
    },
    /// Something happened to a file.
    Notice(Notice),
    /// The [deadline](Until::deadline) has passed.
    Deadline,
    /// Following was stopped, and all that had been read was given out. Nothing comes after it.
    Stopped,
    /// The reader of the output has gone. Nothing comes after it.
    OutputClosed,
    /// All inputs were streams and have ended. Nothing comes after it.
    End,
}

/// Follows files and streams.
#[derive(Debug)]
pub struct Follower {
    sources: Vec<Source>,
    discovery: Discovery,
    options: FollowOptions,
    watches: Watches,
    notices: VecDeque<Notice>,
    buffer: Vec<u8>,
    /// When all sources were last looked at.
    looked: Option<Instant>,
    /// The source to go on with.
    turn: usize,
    /// How the following ends, once that is known.
    over: Option<Woken>,
}

impl Follower {
    /// Begins to follow `inputs`. What cannot be opened is told by a notice, and tried again at each look.
    pub fn new(inputs: Vec<Input>, options: FollowOptions) -> Self {
        let mut notices = VecDeque::new();
        let now = Instant::now();
        let mut sources = Vec::with_capacity(inputs.len());
        for input in inputs {
            let (name, file) = match input {
                Input::Known { path, memory } => {
                    sources.push(Source::Named(Box::new(Named::again(path, Some(memory)))));
                    continue;
                }
                Input::Far { name, target, ssh, saved } => {
                    match far::Far::new(name.clone(), target, ssh, saved, &options) {
                        Ok(far) => sources.push(Source::Far(far)),
                        Err(error) => {
                            notices.push_back(Notice::Unreadable {
                                path: name.clone(),
                                reason: error.to_string(),
                            });
                            sources.push(Source::Named(Box::new(Named::new(name))));
                        }
                    }
                    continue;
                }
                Input::Path(path) => match open_stream(&path) {
                    None => {
                        sources.push(Source::Named(Box::new(Named::new(path))));
                        continue;
                    }
                    Some(opened) => (path, opened),
                },
                Input::Open { name, file } => (name, Ok(file)),
            };
            let source = file.and_then(|file| Source::opened(name.clone(), file, &options, now));
            sources.push(source.unwrap_or_else(|error| {
                notices.push_back(Notice::Unreadable { path: name.clone(), reason: error.to_string() });
                Source::Named(Box::new(Named::new(name)))
            }));
        }
        let watches = Watches::new(options.inotify && sources.iter().any(|s| matches!(s, Source::Named(_))));
        Self {
            sources,
            discovery: Discovery::default(),
            options,
            watches,
            notices,
            buffer: vec![0; BATCH],
            looked: None,
            turn: 0,
            over: None,
        }
    }

    /// Follows files, too, that `find` gives later. It is asked once a second, and may give those again that are
    /// followed already, and their rotated files.
    pub fn discover(mut self, find: impl FnMut() -> Vec<PathBuf> + 'static) -> Self {
        self.discovery = Discovery::new(find);
        self
    }

    /// Looks at the files of this machine, so that it is known where following begins. The first
    /// [`Follower::next`] does it, too.
    pub fn look(&mut self) {
        let now = Instant::now();
        (0..self.sources.len()).for_each(|source| {
            self.step(source, now, &mut Vec::new(), false);
        });
    }

    /// Waits for the next event. `lines` is emptied, and filled when the event is [`Event::Lines`].
    ///
    /// # Errors
    /// Only what poll(2) may say. Whatever is wrong with a file is a notice.
    pub fn next(&mut self, lines: &mut Vec<u8>, until: &Until<'_>) -> io::Result<Event> {
        lines.clear();
        loop {
            if let Some(notice) = self.notices.pop_front() {
                return Ok(Event::Notice(notice));
            }
            if self.over.is_none() && until.is_over()? {
                self.over = Some(Woken::Stop);
            }
            match self.over {
                Some(Woken::OutputClosed) => return Ok(Event::OutputClosed),
                Some(_) => return Ok(self.end(lines)),
                None => {}
            }
            if let Some(lines) = self.gather(lines) {
                return Ok(lines);
            }
            if let Some(error) = self.watches.take_failure() {
                self.notices.push_back(Notice::InotifyUnavailable { reason: error.to_string() });
            }
            if !self.notices.is_empty() {
                continue;
            }
            if self.sources.iter().all(Source::has_ended) {
                return Ok(Event::End);
            }
            if until.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(Event::Deadline);
            }
            self.wait(until)?;
        }
    }

    /// What has to be kept of each input to go on with it later, once the lines of the last event are safe. None
    /// for a stream.
    pub fn saved(&self) -> Vec<Option<Saved>> {
        let of = |source: &Source| match source {
            Source::Named(named) => Some(named.saved()),
            Source::Far(far) => far.saved(),
            Source::Stream { .. } => None,
        };
        self.sources.iter().map(of).collect()
    }

    /// Whether each input was looked at, so that what was known of it is used.
    pub fn has_looked(&self) -> bool {
        self.sources.iter().all(|source| !matches!(source, Source::Named(named) if named.is_to_resume()))
    }

    /// How many inputs there are by now.
    pub fn inputs(&self) -> usize {
        self.sources.len()
    }

    /// The name of an input.
    pub fn name(&self, input: usize) -> &Path {
        match &self.sources[input] {
            Source::Named(named) => named.path(),
            Source::Far(far) => far.name(),
            Source::Stream { name, .. } => name,
        }
    }

    /// The first 64 KiB of a file, as far as it was read, and up to which byte its lines were given out. Only
    /// with [`FollowOptions::origins`], and as long as the file is open.
    pub fn head(&mut self, input: usize, file: u64) -> Option<(&[u8], u64)> {
        let generation = self.generation(input, file)?;
        let end = generation.position().offset;
        Some((&generation.origin.as_ref()?.head, end))
    }

    /// What stands above the lines that the last event gave of this file. To be asked once for each event.
    pub fn above(&mut self, input: usize, file: u64) -> Option<Above> {
        Some(self.generation(input, file)?.origin.as_mut()?.above())
    }

    fn generation(&mut self, input: usize, file: u64) -> Option<&mut Generation> {
        match self.sources.get_mut(input)? {
            Source::Named(named) => named.generation_mut(file),
            Source::Far(_) | Source::Stream { .. } => None,
        }
    }

    /// Lets each source step until one gives lines. A source that has more goes on first: what was there at one
    /// look is given out before the next source's, and what a look finds is finite.
    fn gather(&mut self, lines: &mut Vec<u8>) -> Option<Event> {
        let now = Instant::now();
        self.take_discovered(now);
        if self.looked.is_none_or(|looked| now - looked >= self.options.poll) {
            self.looked = Some(now);
            self.sources.iter_mut().for_each(Source::wake_for_all);
        }
        for _ in 0..self.sources.len() {
            let source = self.floor().unwrap_or(self.turn);
            let at;
            let file = match &mut self.sources[source] {
                Source::Far(far) => {
                    let notices = &mut self.notices;
                    let given = far.step(lines, |notice| notices.push_back(notice));
                    at = given.map(|(_, offset)| offset);
                    given.map(|(file, _)| file)
                }
                _ => {
                    at = None;
                    self.step(source, now, lines, true)
                }
            };
            if !self.sources[source].is_reading() {
                self.turn = (source + 1) % self.sources.len();
            }
            if !lines.is_empty() {
                let end = file.and_then(|file| Some(self.generation(source, file)?.position().offset));
                let offset = end.map(|end| end.saturating_sub(lines.len() as u64)).or(at).unwrap_or(0);
                return Some(Event::Lines { input: source, file, offset });
            }
        }
        None
    }

    /// Adds files that turned up since the last time, and that are no rotated ones of those followed.
    fn take_discovered(&mut self, now: Instant) {
        for path in self.discovery.take(now) {
            let is_known = |source: &Source| matches!(source, Source::Named(named) if named.is_of(&path));
            if !self.sources.iter().any(is_known) {
                self.sources.push(Source::Named(Box::new(Named::again(path, None))));
            }
        }
    }

    /// The source whose long line was begun and is not finished: only it may go on.
    fn floor(&self) -> Option<usize> {
        self.sources.iter().position(Source::is_line_open)
    }

    /// Lets a source of this machine go on; it looks only, or reads as well. The file that it gave lines of.
    fn step(&mut self, index: usize, now: Instant, out: &mut Vec<u8>, read: bool) -> Option<u64> {
        let alone = self.sources.len() == 1;
        match &mut self.sources[index] {
            Source::Far(_) => None,
            Source::Stream { .. } if !read => None,
            Source::Named(named) => {
                let mut context = Context {
                    now,
                    options: &self.options,
                    buffer: &mut self.buffer,
                    out,
                    notices: &mut self.notices,
                    watches: &mut self.watches,
                    source: index,
                    alone,
                    from: None,
                };
                named.step(&mut context, read);
                context.from
            }
            Source::Stream { name, stream } => {
                if let Err(error) = stream.step(&mut self.buffer, out, BATCH) {
                    let reason = error.to_string();
                    self.notices.push_back(Notice::Unreadable { path: name.clone(), reason });
                }
                let quiet = now.saturating_duration_since(stream.grew) >= self.options.patience();
                if !alone && stream.line.is_open() && quiet {
                    stream.line.end(out);
                    self.notices.push_back(Notice::LineCut { path: name.clone() });
                }
                None
            }
        }
    }

    /// Waits until there may be something to do, at most until the next look is due.
    fn wait(&mut self, until: &Until<'_>) -> io::Result<()> {
        let floor = self.floor();
        let may_read = |index: usize| floor.is_none_or(|floor| floor == index);
        let passed = self.looked.map_or(self.options.poll, |looked| looked.elapsed());
        let busy = (0..self.sources.len()).any(|index| may_read(index) && self.sources[index].is_dirty());
        let mut timeout = if busy { Duration::ZERO } else { self.options.poll.saturating_sub(passed) };
        if let Some(deadline) = until.deadline {
            timeout = timeout.min(deadline.saturating_duration_since(Instant::now()));
        }
        let mut inputs: Vec<BorrowedFd<'_>> = self.watches.fd().into_iter().collect();
        inputs.extend(self.sources.iter().enumerate().filter_map(|(index, source)| match source {
            Source::Far(far) if may_read(index) => Some(far.bell()),
            Source::Stream { stream, .. } if !stream.ended && may_read(index) => Some(stream.file.as_fd()),
            _ => None,
        }));
        match until.wait(timeout, &inputs)? {
            Woken::Look => {}
            over => self.over = Some(over),
        }
        let sources = &mut self.sources;
        if self.watches.drain(|source| sources[source].wake()) {
            self.looked = None;
        }
        Ok(())
    }

    /// Gives the unfinished lines of each source, then the end.
    fn end(&mut self, lines: &mut Vec<u8>) -> Event {
        let order = self.floor().into_iter().chain(0..self.sources.len()).collect::<Vec<_>>();
        for input in order {
            match &mut self.sources[input] {
                Source::Named(_) if self.options.whole_lines => {}
                Source::Far(_) => {}
                Source::Named(named) => named.end_lines(lines),
                Source::Stream { stream, .. } => stream.line.end(lines),
            }
            if !lines.is_empty() {
                return Event::Lines { input, file: None, offset: 0 };
            }
        }
        Event::Stopped
    }
}
