//! An input as blocks of lines with their times.

use crate::{Block, LineClock};
use memchr::{memchr, memchr_iter, memrchr};
use std::io::Read;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use weblog_io::{Above, ByteReader, FileId, Input, InputError, RunOptions, Stop};

/// Reads an input, which holds one source.
pub struct LineReader {
    input: Input,
    source: Arc<str>,
    stop: Stop,
    output: Option<BorrowedFd<'static>>,
    line_limit: usize,
    above: Above,
    /// Bytes behind the last whole line.
    rest: Vec<u8>,
    /// How many more bytes are to be read, when not all of them are.
    left: u64,
    /// Bytes read, decompressed, up to where it may have broken off.
    used: u64,
    lateness: i64,
    at_start: bool,
    /// Lines end with `\r`, as there is no newline in the beginning of the source.
    ends_with_cr: bool,
    ended: bool,
    interrupted: bool,
    order: Order,
    /// The counts so far.
    pub lines: Lines,
    header: Option<Header>,
    /// A second header that names other columns.
    other_header: bool,
}

/// Counts of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// All of them.
    pub read: u64,
    /// Lines without a time, but for blank ones and `#` headers: all of these go with the line above them.
    pub undated: u64,
    /// Lines that are earlier than one above them.
    pub early: u64,
    /// Those of them that are later than the lateness.
    pub late: u64,
    /// Pieces of lines longer than the line limit, which are passed on as lines.
    pub cut: u64,
    /// Beginnings of a line at which reading broke off; they are left out.
    pub broken_off: u64,
}

/// A line that says what the lines below it mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// The `#Fields:` of a W3C extended log.
    Fields(Arc<[u8]>),
    /// The first line of CSV or TSV.
    Columns(Arc<[u8]>),
}

/// How far the times have come.
#[derive(Clone, Copy, Debug)]
struct Order {
    /// The latest time so far.
    latest: i64,
    /// The time of the line above, and whether that was earlier than one above it.
    last: i64,
    early: bool,
    late: bool,
    first: Option<i64>,
}

impl LineReader {
    /// A reader of `input`, which holds one source. It ends with `stop`, and when nobody reads `output`.
    pub fn new(input: Input, stop: Stop, output: Option<BorrowedFd<'static>>, line_limit: usize) -> Self {
        let source = input.sources().first().map(|source| Arc::clone(&source.name)).unwrap_or_default();
        LineReader {
            input,
            source,
            stop,
            output,
            line_limit: line_limit.clamp(1, 1 << 30),
            above: Above::default(),
            rest: Vec::new(),
            left: u64::MAX,
            used: 0,
            lateness: i64::MAX,
            at_start: true,
            ends_with_cr: false,
            ended: false,
            interrupted: false,
            order: Order { latest: i64::MIN, last: i64::MIN, early: false, late: false, first: None },
            lines: Lines::default(),
            header: None,
            other_header: false,
        }
    }

    /// A reader of the first `bytes` of a file that was looked at before, and in which the first time is known:
    /// lines without a time above it go with it.
    pub fn again(mut self, file: FileId, bytes: u64, first: i64) -> Self {
        self.input.start_at(0, 0, file);
        self.left = bytes;
        self.order.last = first;
        self
    }

    /// Tells apart lines that are earlier than one above them by more than so many microseconds.
    pub fn lateness(mut self, lateness: i64) -> Self {
        self.lateness = lateness;
        self
    }

    /// Decompressed bytes read so far that are whole lines or may become some.
    pub fn bytes_used(&self) -> u64 {
        self.used
    }

    /// The name of the source.
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// What could not be read.
    pub fn problems(&self) -> &[InputError] {
        self.input.problems()
    }

    /// What could not be read.
    pub fn into_problems(mut self) -> Vec<InputError> {
        self.input.take_problems()
    }

    /// Bytes read, before decompression.
    pub fn bytes_read(&self) -> u64 {
        self.input.sources().first().map_or(0, |source| source.bytes_read)
    }

    /// Whether reading ended before the end of the source, on request.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// The line that says what the others mean, if there was one.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Whether there was a second header that says something else.
    pub fn has_other_header(&self) -> bool {
        self.other_header
    }

    /// The latest time so far; none as long as no line had one.
    pub fn latest(&self) -> Option<i64> {
        (self.order.latest > i64::MIN).then_some(self.order.latest)
    }

    /// The first time.
    pub fn first(&self) -> Option<i64> {
        self.order.first
    }

    /// Fills `block` with the next lines: about `size` bytes if `greedy`, otherwise what is there once there
    /// is a whole line. False at the end.
    pub fn fill(&mut self, block: &mut Block, size: usize, greedy: bool, clock: &mut dyn LineClock) -> bool {
        block.clear(size.max(self.rest.len() + 1));
        let filled = self.rest.len();
        block.bytes[..filled].copy_from_slice(&self.rest);
        let Some((whole, filled)) = self.read(&mut block.bytes, filled, greedy) else { return false };
        self.rest.clear();
        self.rest.extend_from_slice(&block.bytes[whole..filled]);
        clock.begin(&self.source, &self.above);
        self.tell(block, whole, clock);
        true
    }

    /// Reads until there is a whole line, or as much as is wanted. Where the last whole line ends, and the bytes.
    fn read(&mut self, bytes: &mut Vec<u8>, mut filled: usize, greedy: bool) -> Option<(usize, usize)> {
        let options =
            RunOptions { stop: Some(self.stop.clone()), output: self.output, ..RunOptions::default() };
        let mut whole = memrchr(b'\n', &bytes[..filled]).map_or(0, |at| at + 1);
        while !self.ended && (whole == 0 || (greedy && filled < bytes.len())) {
            if whole == 0 && filled > self.line_limit {
                return Some(self.cut(bytes, filled));
            }
            if filled == bytes.len() {
                bytes.resize((2 * filled).min(self.line_limit + 1).max(filled + 1), 0);
            }
            let most = (bytes.len() - filled).min(usize::try_from(self.left).unwrap_or(usize::MAX));
            let mut reader = ByteReader::new(&mut self.input, &options);
            // Errors are kept among the problems of the input.
            let n = reader.read(&mut bytes[filled..filled + most]).unwrap_or(0);
            self.interrupted |= reader.interrupted();
            self.left -= n as u64;
            self.used += n as u64;
            self.ended = n == 0;
            let mut new = filled..filled + n;
            filled += n;
            if self.at_start && memchr(b'\n', &bytes[..filled]).is_none() {
                // A carriage return may be what ends a line, once it is clear that no newline comes.
                let clear = self.ended || filled > self.line_limit;
                self.ends_with_cr = clear && memchr(b'\r', &bytes[..filled]).is_some();
                new.start = 0;
            } else {
                self.at_start = false;
            }
            if self.ends_with_cr {
                bytes[new.clone()].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
                self.at_start = false;
            }
            whole = memrchr(b'\n', &bytes[new.clone()]).map_or(whole, |at| new.start + at + 1);
        }
        if self.ended && whole < filled {
            (whole, filled) = self.end(bytes, whole, filled);
        }
        (whole > 0).then_some((whole, filled))
    }

    /// The bytes behind the last newline of a source are a line, unless it broke off there.
    fn end(&mut self, bytes: &mut Vec<u8>, whole: usize, filled: usize) -> (usize, usize) {
        if self.interrupted || !self.input.problems().is_empty() {
            self.lines.broken_off += 1;
            self.lines.read += 1;
            self.used -= (filled - whole) as u64;
            return (whole, whole);
        }
        bytes.truncate(filled);
        bytes.push(b'\n');
        (bytes.len(), bytes.len())
    }

    /// Ends a line that is too long where the limit is.
    fn cut(&mut self, bytes: &mut Vec<u8>, filled: usize) -> (usize, usize) {
        self.lines.cut += 1;
        self.at_start = false;
        bytes.insert(self.line_limit, b'\n');
        (self.line_limit + 1, filled + 1)
    }

    /// Finds the lines and their times.
    fn tell(&mut self, block: &mut Block, whole: usize, clock: &mut dyn LineClock) {
        let Block { bytes, entries, early, late } = block;
        let mut start = 0;
        let mut order = self.order;
        for newline in memchr_iter(b'\n', &bytes[..whole]) {
            let line = &bytes[start..newline];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if self.above.first.is_none() {
                self.begin(line, clock);
            }
            let end = newline + 1;
            self.lines.read += 1;
            match clock.time(line) {
                Some(time) => {
                    order.first.get_or_insert(time);
                    order.last = time;
                    order.early = time < order.latest;
                    order.late = order.early && order.latest.saturating_sub(time) > self.lateness;
                    order.latest = order.latest.max(time);
                }
                None => {
                    self.lines.undated += u64::from(!line.is_empty() && line[0] != b'#');
                    if line.starts_with(b"#Fields:") {
                        self.meet(Header::Fields(line.into()));
                        self.above.fields = Some(line.into());
                        clock.begin(&self.source, &self.above);
                    }
                }
            }
            self.lines.early += u64::from(order.early);
            self.lines.late += u64::from(order.late);
            let list = match (order.early, order.late) {
                (false, _) => &mut *entries,
                (true, false) => &mut *early,
                (true, true) => &mut *late,
            };
            Block::add(list, order.last, start, end);
            start = end;
        }
        self.order = order;
    }

    fn begin(&mut self, first: &[u8], clock: &mut dyn LineClock) {
        self.above.first = Some(first.into());
        if clock.is_header(first) {
            self.meet(Header::Columns(first.into()));
        }
        clock.begin(&self.source, &self.above);
    }

    fn meet(&mut self, header: Header) {
        match &self.header {
            Some(known) => self.other_header |= *known != header,
            None => self.header = Some(header),
        }
    }
}
