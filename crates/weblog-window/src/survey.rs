//! The first look at a file: from when to when it goes, and what in it is out of order.

use crate::{Block, Entry, Header, LineClock, LineReader, Lines, Store, store::Extent};
use std::io;
use weblog_io::{FileId, InputError};

/// Lines out of order are sorted by so many bytes at a time.
const SORTED: usize = 4 << 20;
/// What stands before the lines of an entry in a run: its time and its length.
pub(crate) const FRAME: usize = 12;

/// What is known of a file once it was read.
#[derive(Debug)]
pub struct Survey {
    /// The first time; none when no line has one.
    pub first: Option<i64>,
    /// Its earliest and latest time, of the lines in order.
    pub(crate) range: (i64, i64),
    /// Decompressed bytes of whole lines, as far as it could be read.
    pub(crate) bytes: u64,
    /// Stored bytes read.
    pub bytes_read: u64,
    /// Counts of its lines.
    pub lines: Lines,
    /// Which file it is.
    pub(crate) file: FileId,
    /// What its lines mean, if a line says so; a second one that says something else.
    pub header: Option<Header>,
    /// Whether there is a second header that says something else.
    pub other_header: bool,
    /// The lines that are earlier than one above them, sorted.
    pub(crate) runs: Vec<Run>,
    /// Those that the reader told apart because they are so late, sorted.
    pub(crate) late: Vec<Run>,
    /// What could not be read.
    pub problems: Vec<InputError>,
    /// Reading ended early on request.
    pub interrupted: bool,
}

impl Survey {
    /// Decompressed bytes of its whole lines, as far as it could be read.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether there is no line in it.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

/// Lines in order of time, in a [`Store`].
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) extents: Vec<Extent>,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// Reads a file to its end. Lines that are earlier than one above them go to `store`, sorted.
///
/// # Errors
/// The store cannot be written. What is wrong with the file is among the problems.
pub fn survey(
    mut reader: LineReader,
    file: FileId,
    size: usize,
    clock: &mut dyn LineClock,
    store: &Store,
) -> io::Result<Survey> {
    let mut block = Block::default();
    let (mut early, mut runs) = (Early::default(), Vec::new());
    let (mut late, mut late_runs) = (Early::default(), Vec::new());
    while reader.fill(&mut block, size, true, clock) {
        for entry in &block.early {
            early.push(entry.time, block.lines(*entry));
        }
        for entry in &block.late {
            late.push(entry.time, block.lines(*entry));
        }
        for (lines, runs) in [(&mut early, &mut runs), (&mut late, &mut late_runs)] {
            if lines.bytes.len() > SORTED {
                lines.store(runs, store)?;
            }
        }
    }
    early.store(&mut runs, store)?;
    late.store(&mut late_runs, store)?;
    let first = reader.first();
    Ok(Survey {
        first,
        range: (first.unwrap_or(i64::MIN), reader.latest().unwrap_or(i64::MIN)),
        bytes: reader.bytes_used(),
        bytes_read: reader.bytes_read(),
        lines: reader.lines,
        file,
        header: reader.header().cloned(),
        other_header: reader.has_other_header(),
        runs,
        late: late_runs,
        interrupted: reader.is_interrupted(),
        problems: reader.into_problems(),
    })
}

/// Lines that wait to be sorted.
#[derive(Default)]
struct Early {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Early {
    fn push(&mut self, time: i64, lines: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(lines);
        Block::add(&mut self.entries, time, start, self.bytes.len());
    }

    /// Sorts them and adds them to the last run if they go on in order, or makes them a new one.
    fn store(&mut self, runs: &mut Vec<Run>, store: &Store) -> io::Result<()> {
        // Stable: lines of one time stay as they stood.
        self.entries.sort_by_key(|entry| entry.time);
        let (Some(first), Some(last)) = (self.entries.first(), self.entries.last()) else { return Ok(()) };
        let mut run = RunWriter::new(store);
        for entry in &self.entries {
            run.push(entry.time, &self.bytes[entry.start as usize..entry.end as usize])?;
        }
        let extents = run.finish()?;
        match runs.last_mut() {
            Some(run) if run.last <= first.time => {
                run.last = last.time;
                run.extents.extend(extents);
            }
            _ => runs.push(Run { extents, first: first.time, last: last.time }),
        }
        self.bytes.clear();
        self.entries.clear();
        Ok(())
    }
}

/// Writes entries in order of time into a store.
pub(crate) struct RunWriter<'a> {
    store: &'a Store,
    frames: Vec<u8>,
    extents: Vec<Extent>,
}

impl<'a> RunWriter<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        RunWriter { store, frames: Vec::new(), extents: Vec::new() }
    }

    pub(crate) fn push(&mut self, time: i64, lines: &[u8]) -> io::Result<()> {
        self.frames.extend_from_slice(&time.to_le_bytes());
        self.frames.extend_from_slice(&(lines.len() as u32).to_le_bytes());
        self.frames.extend_from_slice(lines);
        if self.frames.len() > 1 << 20 { self.flush() } else { Ok(()) }
    }

    /// No frame is in two extents.
    fn flush(&mut self) -> io::Result<()> {
        let extent = self.store.append(&self.frames)?;
        self.frames.clear();
        match self.extents.last_mut() {
            Some(last) if last.start + last.len == extent.start => last.len += extent.len,
            _ => self.extents.push(extent),
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<Vec<Extent>> {
        if !self.frames.is_empty() {
            self.flush()?;
        }
        Ok(self.extents)
    }
}
