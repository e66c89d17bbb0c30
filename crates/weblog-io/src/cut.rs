//! The line cutter: reads the sources one after the other and cuts them into chunks at line ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::Receiver;

use memchr::{memchr, memrchr};

use crate::above::Finder;
use crate::chunk::{Chunk, ChunkKind};
use crate::input::Input;
use crate::raw::Got;
use crate::stop::{Interruption, Watch};

/// Cuts an [`Input`] into chunks. The caller decides when to read on and when to take a chunk; what
/// lines and pieces come out does not depend on that, only how they are grouped.
pub(crate) struct Cutter<'a> {
    input: &'a mut Input,
    watch: Watch<'a>,
    progress: Option<&'a AtomicU64>,
    line_limit: usize,
    buffers: Buffers,
    /// `start..filled` is read and not yet handed over. The rest is free, and kept at full length.
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    /// The end of the last whole line, at least `start` unless that has passed it.
    whole: usize,
    /// Offset of `start` in the source.
    offset: u64,
    /// Nothing of the source was read yet.
    at_start: bool,
    /// None until it is known whether the source has newlines; `searched` is how far there are none.
    delimiter: Option<u8>,
    searched: usize,
    /// What stands above `start` in the source.
    finder: Finder,
    /// The bytes at `start` continue a line of which a piece was handed over.
    in_long_line: bool,
    /// The current source gives no more; with what error.
    ended: Option<Option<io::Error>>,
    /// No more source is to be opened.
    interrupted: Option<Interruption>,
    /// Bytes of an unfinished last line that were given up because of an interruption.
    pub(crate) unfinished: u64,
    /// An unfinished last line of a regular file is left for another run.
    whole_lines: bool,
}

/// What [`Cutter::fill`] did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    /// There may be more to take now.
    More,
    /// Nothing could be read without blocking.
    NotReady,
    /// All is read, or reading was interrupted.
    End(Option<Interruption>),
}

impl<'a> Cutter<'a> {
    pub(crate) fn new(
        input: &'a mut Input,
        watch: Watch<'a>,
        progress: Option<&'a AtomicU64>,
        line_limit: usize,
        mut buffers: Buffers,
    ) -> Cutter<'a> {
        Cutter {
            input,
            watch,
            progress,
            line_limit: line_limit.max(1),
            buffer: buffers.get(0),
            buffers,
            start: 0,
            filled: 0,
            whole: 0,
            offset: 0,
            at_start: true,
            delimiter: None,
            searched: 0,
            finder: Finder::default(),
            in_long_line: false,
            ended: None,
            interrupted: None,
            unfinished: 0,
            whole_lines: false,
        }
    }

    /// Leaves the unfinished last line of a regular file for another run.
    pub(crate) fn whole_lines(mut self, whole_lines: bool) -> Self {
        self.whole_lines = whole_lines;
        self
    }

    /// Whether [`Cutter::take`] has something to give.
    pub(crate) fn has_chunk(&self) -> bool {
        let held = self.filled - self.start;
        match self.delimiter {
            None => false,
            Some(_) => {
                self.whole > self.start || held > self.line_limit || (self.ended.is_some() && held > 0)
            }
        }
    }

    /// Whether reading on cannot make the next chunk larger.
    pub(crate) fn is_full(&self) -> bool {
        self.ended.is_some() || self.filled == self.buffer.len()
    }

    /// Reads more, waiting for it if `block`.
    pub(crate) fn fill(&mut self, block: bool) -> Filled {
        if self.ended.is_some() {
            self.finish_source();
        }
        if self.interrupted.is_some() {
            return Filled::End(self.interrupted);
        }
        self.make_room();
        if self.input.open_current().is_none() {
            return Filled::End(None);
        }
        if std::mem::take(&mut self.at_start) {
            self.offset = self.input.current_start();
        }
        let Some((_, source)) = &mut self.input.current else { return Filled::End(None) };
        match source.read(&mut self.buffer[self.filled..], block, &mut self.watch, self.progress) {
            Ok(Got::Bytes(n)) => {
                let old = self.filled;
                self.filled += n;
                self.find_last_line(old);
            }
            Ok(Got::NotReady) => return Filled::NotReady,
            Ok(Got::End) => {
                self.end_source(None);
                if self.whole_lines && self.input.current_may_grow() {
                    let unfinished = self.drop_unfinished();
                    self.input.leave_unfinished(unfinished);
                }
            }
            Err(error) => self.end_source(Some(error)),
            Ok(Got::Interrupted(why)) => self.interrupt(why),
        }
        Filled::More
    }

    /// Takes the next chunk. Call only if [`Cutter::has_chunk`].
    pub(crate) fn take(&mut self) -> Chunk {
        if self.in_long_line {
            return self.take_piece(false);
        }
        let end = match self.first_long_line() {
            Some(at) if at == self.start => return self.take_piece(true),
            Some(at) => at,
            // What a source that broke off leaves behind its last whole line is no line.
            None if self.has_broken_off() && self.whole <= self.start => {
                return self.cut(self.filled, ChunkKind::CutOff);
            }
            None if self.ended.is_some() && !self.has_broken_off() => self.filled,
            None => self.whole,
        };
        self.cut(end, ChunkKind::Lines)
    }

    fn has_broken_off(&self) -> bool {
        matches!(self.ended, Some(Some(_)))
    }

    /// The start of the first line that is longer than the limit, if there is one.
    fn first_long_line(&self) -> Option<usize> {
        let delimiter = self.delimiter?;
        let mut at = self.start;
        while self.filled - at > self.line_limit {
            // All lines up to the last line end within the limit are short enough.
            match memrchr(delimiter, &self.buffer[at..=at + self.line_limit]) {
                Some(end) => at += end + 1,
                None => return Some(at),
            }
        }
        None
    }

    fn take_piece(&mut self, first: bool) -> Chunk {
        let delimiter = self.delimiter.expect("a chunk is there, so the delimiter is known");
        let window = &self.buffer[self.start..self.filled.min(self.start + self.line_limit + 1)];
        // A piece that is not the last has a byte behind it, so a last piece is never empty.
        let (length, last) = match memchr(delimiter, window) {
            Some(end) => (end + 1, true),
            None if window.len() > self.line_limit => (self.line_limit, false),
            None => (window.len(), true),
        };
        self.in_long_line = !last;
        self.cut(self.start + length, ChunkKind::TooLong { first, last })
    }

    /// Cuts off what comes before `end`. The smaller part is copied into another buffer.
    fn cut(&mut self, end: usize, kind: ChunkKind) -> Chunk {
        let (length, rest) = (end - self.start, self.filled - end);
        let mut other = self.buffers.get(length.min(rest));
        let (buffer, start) = if length < rest {
            other[..length].copy_from_slice(&self.buffer[self.start..end]);
            self.start = end;
            (other, 0)
        } else {
            other[..rest].copy_from_slice(&self.buffer[end..self.filled]);
            let start = std::mem::take(&mut self.start);
            self.filled = rest;
            self.whole = self.whole.saturating_sub(end);
            (std::mem::replace(&mut self.buffer, other), start)
        };
        let (source_index, source) = self.input.current.as_mut().expect("a chunk comes from an open source");
        let source_index = *source_index;
        if let Some(skipped) = source.above_start() {
            self.finder = skipped;
        }
        let delimiter = self.delimiter.unwrap_or(b'\n');
        let mut above = self.finder.above.clone();
        self.finder.pass(&buffer[start..start + length], delimiter);
        if kind == ChunkKind::Lines {
            self.finder.end(delimiter);
        }
        if above.first.is_none() {
            above.first.clone_from(&self.finder.above.first);
        }
        let chunk = Chunk {
            buffer,
            start,
            end: start + length,
            source: Arc::clone(&self.input.sources()[source_index].name),
            source_index,
            offset: self.offset,
            kind,
            delimiter,
            above,
        };
        self.offset += length as u64;
        self.input.delivered(length);
        chunk
    }

    /// Ends the cutting early, and notes how far it came.
    pub(crate) fn leave(&mut self) {
        self.input.leave_current(false);
    }

    /// Gives a chunk's buffer back for use again.
    pub(crate) fn recycle(&mut self, chunk: Chunk) {
        self.buffers.put(chunk.buffer);
    }

    /// Makes the free part of the buffer non-empty.
    fn make_room(&mut self) {
        if self.start == self.filled {
            (self.start, self.filled, self.whole, self.searched) = (0, 0, 0, 0);
        }
        if self.filled < self.buffer.len() {
            return;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.whole = self.whole.saturating_sub(self.start);
            self.searched = self.searched.saturating_sub(self.start);
            self.start = 0;
        } else {
            // Only a line longer than the buffer comes here; one byte more than the limit tells
            // whether it is too long.
            let wanted = (2 * self.buffer.len()).min(self.line_limit + 1).max(self.buffer.len() + 1);
            self.buffer.resize(wanted, 0);
        }
    }

    fn find_last_line(&mut self, new: usize) {
        match self.delimiter {
            Some(delimiter) => {
                if let Some(at) = memrchr(delimiter, &self.buffer[new..self.filled]) {
                    self.whole = new + at + 1;
                }
            }
            None => self.find_delimiter(),
        }
    }

    /// A source without a newline in its first line limit, or to its end, has `\r` as its delimiter
    /// if there is one in the same range.
    fn find_delimiter(&mut self) {
        let head = &self.buffer[..self.filled.min(self.line_limit + 1)];
        let delimiter = if memchr(b'\n', &head[self.searched..]).is_some() {
            b'\n'
        } else if head.len() <= self.line_limit && self.ended.is_none() {
            self.searched = head.len();
            return;
        } else if memchr(b'\r', head).is_some() {
            b'\r'
        } else {
            b'\n'
        };
        self.delimiter = Some(delimiter);
        self.find_last_line(0);
    }

    fn end_source(&mut self, error: Option<io::Error>) {
        self.ended = Some(error);
        if self.delimiter.is_none() {
            self.find_delimiter();
        }
    }

    /// Goes on from a source that has ended and of which all was taken.
    fn finish_source(&mut self) {
        let error = self.ended.take().flatten();
        if self.interrupted.is_some() {
            self.input.leave_current(false);
        } else {
            self.input.close_current(error);
        }
        (self.start, self.filled, self.whole, self.searched) = (0, 0, 0, 0);
        (self.at_start, self.delimiter, self.in_long_line) = (true, None, false);
        self.finder = Finder::default();
    }

    /// Ends the input after the whole lines that are already read. An over-long line of which some
    /// was handed over ends here, so that nobody waits for its last piece.
    fn interrupt(&mut self, why: Interruption) {
        self.interrupted = Some(why);
        self.end_source(None);
        self.unfinished = self.drop_unfinished() as u64;
    }

    /// Gives up an unfinished last line. How many bytes it has.
    fn drop_unfinished(&mut self) -> usize {
        if self.in_long_line && self.whole <= self.start {
            return 0;
        }
        let keep = self.whole.max(self.start);
        let unfinished = self.filled - keep;
        self.filled = keep;
        unfinished
    }
}

/// The buffers of chunks, used again once a worker is done with them.
pub(crate) struct Buffers {
    size: usize,
    free: Vec<Vec<u8>>,
    returned: Option<Receiver<Vec<u8>>>,
}

impl Buffers {
    /// Buffers of `size` bytes, some of which come back through `returned`.
    pub(crate) fn new(size: usize, returned: Option<Receiver<Vec<u8>>>) -> Buffers {
        Buffers { size: size.max(1), free: Vec::new(), returned }
    }

    /// A buffer that holds at least `length` bytes and one more. Its contents are left over.
    fn get(&mut self, length: usize) -> Vec<u8> {
        if let Some(returned) = &self.returned {
            while let Ok(buffer) = returned.try_recv() {
                // One that grew for a long line is not kept, or memory would creep up.
                if buffer.len() == self.size {
                    self.free.push(buffer);
                }
            }
        }
        let mut buffer = self.free.pop().unwrap_or_else(|| vec![0; self.size]);
        if buffer.len() <= length {
            buffer.resize(length + 1, 0);
        }
        buffer
    }

    fn put(&mut self, buffer: Vec<u8>) {
        if buffer.len() == self.size {
            self.free.push(buffer);
        }
    }
}
