//! One opened file: a generation of a name that is rotated.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use super::content::Content;
use super::held_line::HeldLine;
use super::origin::Origin;
use super::position::{FileId, MARK, Mark, Position};
use super::siblings::{Arrival, is_same};
use crate::last_lines::first_data;

/// No line of an access log is shorter.
pub(super) const SHORT_LINE: u64 = 40;

/// A file with the place up to which it was read. It stays open after it lost its name, because writers may still
/// write to it.
#[derive(Debug)]
pub(super) struct Generation {
    /// Tells it from all others of this process.
    pub(super) serial: u64,
    pub(super) path: PathBuf,
    pub(super) id: FileId,
    pub(super) line: HeldLine,
    /// When it was opened or last gave bytes.
    pub(super) grew: Instant,
    /// The inotify watch of this file.
    pub(super) watch: Option<i32>,
    /// Reading failed and the user was told.
    pub(super) failed: bool,
    /// What stands above its lines, if somebody wants to know.
    pub(super) origin: Option<Box<Origin>>,
    content: Content,
    offset: u64,
    /// The size at the last look: nothing beyond is read until the next one. Of a compressed file that was not
    /// read to its end it is unknown, and without a bound.
    limit: u64,
    /// The stored size at which a compressed file broke off, which may be because it is being written.
    broken: Option<u64>,
    modified: Option<SystemTime>,
    /// The first bytes, and those before the offset, at most [`MARK`] each: what tells truncated and written
    /// again from grown.
    head: Vec<u8>,
    tail: Vec<u8>,
    /// What the first bytes must be when they are read.
    expected: Vec<u8>,
    /// Nothing but NUL bytes came so far, this many.
    nuls: Option<u64>,
}

/// How a file begins, and its size.
#[derive(Debug)]
pub(super) struct Start {
    size: u64,
    head: Vec<u8>,
}

/// What a look at the size of a file found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    /// It was not touched.
    None,
    /// There may be more to read.
    More,
    /// It was touched, and what was read before is too little to know the file by.
    Early,
    /// What was read is no longer there.
    Truncated,
}

/// What one step of reading did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It read up to the limit.
    Done,
    /// It read something; there is more.
    More,
    /// The file changed under the read: look again.
    Changed,
}

impl Generation {
    /// Follows `content` from `offset` on.
    pub(super) fn new(content: Content, path: PathBuf, offset: u64, now: Instant) -> io::Result<Self> {
        let stat = content.stat()?;
        let (line, nuls) = (HeldLine::default(), Some(0));
        let (head, tail) = (Vec::new(), Vec::new());
        let limit = if content.is_packed() { u64::MAX } else { stat.size.max(offset) };
        static SERIALS: AtomicU64 = AtomicU64::new(1);
        let mut new = Self {
            serial: SERIALS.fetch_add(1, Ordering::Relaxed),
            path,
            id: stat.id,
            line,
            grew: now,
            watch: None,
            failed: false,
            origin: None,
            content,
            offset,
            limit,
            broken: None,
            modified: None,
            head,
            tail,
            expected: Vec::new(),
            nuls,
        };
        new.mark()?;
        Ok(new)
    }

    /// The same reading state over a copy of this file: the rest, which the truncation took, is read from there.
    /// This one begins at 0 again.
    pub(super) fn go_on_in(&mut self, copy: Content, path: PathBuf, now: Instant) -> io::Result<Self> {
        let mut rest = Self::new(copy, path, self.offset, now)?;
        rest.line = std::mem::take(&mut self.line);
        rest.origin = self.origin.take();
        rest.nuls = None;
        Ok(rest)
    }

    /// Notes from now on what stands above the lines.
    pub(super) fn with_origin(mut self, wanted: bool) -> io::Result<Self> {
        if wanted && self.origin.is_none() {
            self.origin = Some(Box::new(Origin::before(&self.content, self.offset)?));
        }
        Ok(self)
    }

    /// How the file begins now.
    pub(super) fn start(&self) -> io::Result<Start> {
        let size = self.content.stat()?.size;
        Ok(Start { size, head: self.content.head(MARK.min(size as usize))? })
    }

    /// Begins at 0, with what the file was seen to begin like. Should it begin otherwise when it is read, then it
    /// was truncated once more, and the next look must find the copy of that before anything is given out.
    pub(super) fn begin(&mut self, start: Start) {
        self.offset = 0;
        self.limit = start.size;
        self.expected = start.head;
        self.modified = None;
        self.head.clear();
        self.tail.clear();
        self.nuls = Some(0);
        if let Some(origin) = &mut self.origin {
            **origin = Origin::default();
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// It was seen to have so many bytes.
    pub(super) fn grow(&mut self, size: u64) {
        self.limit = size.max(self.offset);
    }

    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// Bytes that were seen to be there and are not read yet.
    pub(super) fn unread(&self) -> u64 {
        self.limit.saturating_sub(self.offset)
    }

    /// Whether reading a compressed file broke off, and where in it.
    pub(super) fn broke_off(&self) -> Option<u64> {
        self.broken.map(|_| self.offset)
    }

    /// Whether no name stands for this file any more.
    pub(super) fn is_unlinked(&self) -> bool {
        self.content.stat().is_ok_and(|stat| !stat.linked)
    }

    /// How far this file was read.
    pub(super) fn position(&self) -> Position {
        Position {
            path: self.path.clone(),
            id: self.id,
            offset: self.offset - (self.line.len() as u64).min(self.offset),
            read: self.offset,
            head: Mark::of(&self.head),
            tail: Mark::of(&self.tail),
        }
    }

    /// Looks at the size, and when the file was touched at the content that was read. The last seen size is kept
    /// when it was truncated.
    pub(super) fn measure(&mut self) -> io::Result<Growth> {
        let stat = self.content.stat()?;
        if self.content.is_packed() {
            if self.broken.is_some_and(|broken| broken != stat.size) {
                (self.broken, self.limit) = (None, u64::MAX);
            }
            return Ok(if self.unread() > 0 { Growth::More } else { Growth::None });
        }
        let (size, modified) = (stat.size, stat.modified);
        if size < self.offset {
            return Ok(Growth::Truncated);
        }
        if size == self.offset && modified == self.modified {
            self.limit = size;
            return Ok(Growth::None);
        }
        let before = self.offset - self.tail.len() as u64;
        if !self.content.is_at(&self.head, 0)? || !self.content.is_at(&self.tail, before)? {
            return Ok(Growth::Truncated);
        }
        self.modified = modified;
        self.limit = size;
        Ok(if self.offset < MARK as u64 { Growth::Early } else { Growth::More })
    }

    /// Reads one buffer at most and appends to `out` the lines that are whole. The bytes before the offset are read
    /// along and compared, so that not even a truncation at this moment goes unseen. Returns the length of a run
    /// of NUL bytes that ended here, too.
    pub(super) fn read(&mut self, buffer: &mut [u8], out: &mut Vec<u8>) -> io::Result<(Step, u64)> {
        let back = self.tail.len();
        let want = self.unread().min((buffer.len() - back) as u64) as usize;
        if want == 0 {
            return Ok((Step::Done, 0));
        }
        let got = match self.content.read_at(&mut buffer[..back + want], self.offset - back as u64) {
            Err(error) if self.content.is_packed() && error.kind() != io::ErrorKind::NotConnected => {
                (self.broken, self.limit) = (Some(self.content.stat()?.size), self.offset);
                return Err(error);
            }
            got => got?,
        };
        let (seen, fresh) = buffer[..got].split_at(back.min(got));
        if fresh.is_empty() && self.content.is_packed() {
            self.limit = self.offset;
            return Ok((Step::Done, 0));
        }
        let expected = &self.expected[..self.expected.len().min(fresh.len())];
        if seen != self.tail || fresh.is_empty() || !fresh.starts_with(expected) {
            return Ok((Step::Changed, 0));
        }
        self.expected.clear();
        self.offset += fresh.len() as u64;
        self.grew = Instant::now();
        self.remember(fresh);
        if let Some(origin) = &mut self.origin {
            origin.pass(fresh);
        }
        let nuls = self.skip_nuls(fresh)?;
        if self.nuls.is_none() {
            self.line.feed(&fresh[nuls.in_buffer..], out);
        }
        let step = if self.unread() == 0 { Step::Done } else { Step::More };
        Ok((step, nuls.ended))
    }

    /// Whether `other` begins with the bytes that were read of this file: then it is a copy, with what came after.
    pub(super) fn goes_on_in(&self, other: &Content) -> io::Result<bool> {
        Ok(self.offset > 0
            && other.is_at(&self.head, 0)?
            && other.reaches(self.offset)?
            && other.is_at(&self.tail, self.offset - self.tail.len() as u64)?)
    }

    /// Whether `other`, perhaps an earlier copy, is no start of this file as it is now. (The other's size is taken
    /// first: what only grows is then never the shorter one.)
    pub(super) fn begins_unlike(&self, other: &Content) -> io::Result<bool> {
        let theirs = other.head(MARK)?;
        let longer = match other.is_packed() {
            false => other.stat()?.size > self.content.stat()?.size,
            true => other.reaches(self.content.stat()?.size + 1)?,
        };
        let ours = self.content.head(theirs.len())?;
        Ok(longer || !theirs.starts_with(&ours))
    }

    /// How many bytes at the start of `other` were read here already: its size if it is a copy made earlier, else 0.
    /// With `compare` this file's own content is compared too, which is possible while it is not truncated. A start
    /// of less than a short line tells nothing.
    pub(super) fn read_before(&self, other: &Content, compare: bool) -> io::Result<u64> {
        let Some(size) = other.size_within(self.offset)? else { return Ok(0) };
        let start = self.head.len().min(size as usize);
        if size < SHORT_LINE || !other.is_at(&self.head[..start], 0)? {
            return Ok(0);
        }
        let mut last = vec![0; if compare { MARK.min(size as usize) } else { 0 }];
        let from = size - last.len() as u64;
        let same = self.content.read_at(&mut last, from)? == last.len() && other.is_at(&last, from)?;
        Ok(if same { size } else { 0 })
    }

    /// Whether `other` is this file, perhaps compressed.
    pub(super) fn is_in(&self, other: &Arrival) -> bool {
        let size = self.content.stat().ok().map(|stat| stat.size);
        if size == Some(0) {
            return other.head.is_empty() && other.content.is_packed();
        }
        // Not all of a short head may be read yet; but what does not begin with it was truncated.
        let now = self.content.head(MARK).unwrap_or_default();
        let head = if now.starts_with(&self.head) { &now } else { &self.head };
        is_same(other, Mark::of(head), size)
    }

    /// The last bytes that were read.
    pub(super) fn last_read(&self) -> &[u8] {
        &self.tail
    }

    /// The first bytes that were read.
    pub(super) fn first_read(&self) -> Mark {
        Mark::of(&self.head)
    }

    /// Takes the marks from the file, at the start and after bytes were skipped.
    fn mark(&mut self) -> io::Result<()> {
        let length = MARK.min(self.offset as usize);
        self.head.resize(length, 0);
        self.tail.resize(length, 0);
        let head = self.content.read_at(&mut self.head, 0)?;
        let tail = self.content.read_at(&mut self.tail, self.offset - length as u64)?;
        if head < length || tail < length {
            // Truncated meanwhile: marks that match nothing let the next look find it.
            self.head.truncate(head);
            self.tail.truncate(tail);
        }
        Ok(())
    }

    /// Brings the marks up to date with the bytes just read.
    fn remember(&mut self, fresh: &[u8]) {
        let room = MARK - self.head.len();
        self.head.extend_from_slice(&fresh[..room.min(fresh.len())]);
        let fresh = &fresh[fresh.len().saturating_sub(MARK)..];
        let spare = (self.tail.len() + fresh.len()).saturating_sub(MARK);
        self.tail.drain(..spare);
        self.tail.extend_from_slice(fresh);
    }

    /// Counts the NUL bytes at the start of what is read and jumps over the hole that they are.
    fn skip_nuls(&mut self, fresh: &[u8]) -> io::Result<Nuls> {
        let Some(before) = self.nuls else { return Ok(Nuls::default()) };
        let run = fresh.iter().take_while(|&&byte| byte == 0).count();
        if run < fresh.len() {
            self.nuls = None;
            return Ok(Nuls { in_buffer: run, ended: before + run as u64 });
        }
        let data = match self.content.here() {
            Some(file) => first_data(file, self.offset, self.limit)?,
            None => self.offset,
        };
        let hole = data.saturating_sub(self.offset);
        self.nuls = Some(before + run as u64 + hole);
        if hole > 0 {
            self.offset = data;
            self.mark()?;
        }
        Ok(Nuls::default())
    }
}

/// A run of NUL bytes: how many of them the buffer begins with, and the length of the run if it ended there.
#[derive(Debug, Default)]
struct Nuls {
    in_buffer: usize,
    ended: u64,
}
