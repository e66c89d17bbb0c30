//! Any number of files to one order, exactly.
//!
//! Each file is [surveyed](crate::survey()) first: then it is known from when to when it goes, so that it is
//! opened when its turn comes, and the lines that are out of order lie sorted in the [`Store`]. What is left is
//! in order, and the merge is one of sorted cursors: a heap of their next times, and from the first one all
//! entries that are before the next of any other, as they stand. Of equal times the first input goes first.
//!
//! When more cursors overlap than may be open, groups of neighbours are merged into runs first.

use crate::{
    LineClock, LineReader, Store, Survey,
    block::Block,
    cursor::{Cursor, Feed, RunReader},
    supply::Supply,
    survey::{Run, RunWriter, survey},
};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;
use std::io;
use std::ops::Range;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use weblog_io::{FileId, Flow, Input, InputError, Stop};

/// All blocks of a merge together stay below this.
const MEMORY: usize = 16 << 20;
const SMALLEST_BLOCK: usize = 16 << 10;
const LARGEST_BLOCK: usize = 512 << 10;
/// Cursors that overlap at most, files or not: each takes two of the smallest blocks.
const MOST_CURSORS: usize = 512;
/// Cursors that are begun before their turn comes.
const AHEAD: usize = 2;

/// How files are merged.
pub struct Files<'c> {
    /// Where lines wait that are out of order.
    pub store: Arc<Store>,
    /// Ends it early.
    pub stop: Stop,
    /// Ends it when nobody reads this.
    pub output: Option<BorrowedFd<'static>>,
    /// Longer lines are cut.
    pub line_limit: usize,
    /// Threads to read with, at least 1.
    pub threads: usize,
    /// So many files may be open at a time, at least 2.
    pub most_open: usize,
    /// Lines later than this, in microseconds, are told apart, if it is given.
    pub lateness: Option<i64>,
    /// Makes a clock for a thread.
    pub clock: &'c (dyn Fn() -> Box<dyn LineClock + 'c> + Sync),
}

/// What is to be merged.
pub struct Plan {
    items: Vec<Item>,
}

/// What a cursor will read.
#[derive(Clone)]
struct Item {
    /// Of equal times the lower rank goes first.
    rank: usize,
    first: i64,
    last: i64,
    origin: Origin,
}

#[derive(Clone)]
enum Origin {
    File { path: PathBuf, file: FileId, bytes: u64 },
    Run(Run),
}

/// Why a merge failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum MergeError<E> {
    /// Lines that have to wait could not be written to, or read from, the temporary file.
    Temporary {
        /// Where it is.
        directory: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A thread could not be started.
    Thread(io::Error),
    /// The error of whoever takes the lines.
    Sink(E),
}

impl<E: fmt::Display> fmt::Display for MergeError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MergeError::Temporary { directory, error } => {
                write!(out, "cannot sort in {}: {error}", directory.display())?;
                match error.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        out.write_str("; set TMPDIR to a directory with more room")
                    }
                    _ => Ok(()),
                }
            }
            MergeError::Thread(error) => write!(out, "cannot start a thread: {error}"),
            MergeError::Sink(error) => error.fmt(out),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for MergeError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            MergeError::Temporary { error, .. } | MergeError::Thread(error) => Some(error),
            MergeError::Sink(error) => error.source(),
        }
    }
}

impl Plan {
    /// The lines of these files; those of `late` are not among them.
    pub fn new(files: &[(PathBuf, Survey)]) -> Plan {
        let mut items = Vec::new();
        let mut add = |first, last, origin| items.push(Item { rank: items.len(), first, last, origin });
        for (path, survey) in files {
            let (first, last) = survey.range;
            add(first, last, Origin::File { path: path.clone(), file: survey.file, bytes: survey.bytes });
            survey.runs.iter().for_each(|run| add(run.first, run.last, Origin::Run(run.clone())));
        }
        Plan { items }
    }

    /// The lines of these files that were told apart because they are so late.
    pub fn late(files: &[(PathBuf, Survey)]) -> Plan {
        let runs = files.iter().flat_map(|(_, survey)| &survey.late).enumerate();
        let item = |(rank, run): (usize, &Run)| Item {
            rank,
            first: run.first,
            last: run.last,
            origin: Origin::Run(run.clone()),
        };
        Plan { items: runs.map(item).collect() }
    }
}

impl<'c> Files<'c> {
    /// Looks at all files, several at a time.
    ///
    /// # Errors
    /// The store cannot be written. What is wrong with a file is in its survey.
    pub fn survey<E>(&self, files: &[(PathBuf, FileId)]) -> Result<Vec<Survey>, MergeError<E>> {
        let next = AtomicUsize::new(0);
        let found: Mutex<Vec<(usize, io::Result<Survey>)>> = Mutex::default();
        let work = || {
            let mut clock = (self.clock)();
            while let Some((at, (path, file))) =
                Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, files.get(at)?)))
            {
                let reader = self.reader(path).again(*file, u64::MAX, i64::MIN);
                let reader = reader.lateness(self.lateness.unwrap_or(i64::MAX));
                let survey = survey(reader, *file, LARGEST_BLOCK, &mut *clock, &self.store);
                found.lock().expect("nothing panics while it is held").push((at, survey));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads.min(files.len()) {
                std::thread::Builder::new().spawn_scoped(scope, work).map_err(MergeError::Thread)?;
            }
            work();
            Ok(())
        })?;
        let mut found = found.into_inner().expect("nothing panics while it is held");
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, survey)| survey.map_err(|error| self.temporary(error))).collect()
    }

    /// Gives all lines of a plan to `sink`, in order of time: whole lines, as many as stand together.
    /// Gives what could not be read although the survey could.
    ///
    /// # Errors
    /// The error of `sink`, or of the store.
    pub fn merge<E>(
        &self,
        plan: Plan,
        mut sink: impl FnMut(&[u8]) -> Result<Flow, E>,
    ) -> Result<Vec<InputError>, MergeError<E>> {
        let mut problems = Vec::new();
        let items = self.reduced(plan.items, &mut problems)?;
        let put = |block: &Block, entries: Range<usize>| {
            let mut entries = block.entries[entries].iter();
            let Some(first) = entries.next() else { return Ok(Flow::Continue) };
            let mut together = *first;
            for entry in entries {
                if entry.start == together.end {
                    together.end = entry.end;
                } else {
                    if sink(block.lines(together)).map_err(MergeError::Sink)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                    together = *entry;
                }
            }
            sink(block.lines(together)).map_err(MergeError::Sink)
        };
        self.merge_items(items, &mut problems, put)?;
        Ok(problems)
    }

    /// The same in blocks that can be kept.
    ///
    /// # Errors
    /// Those of the store.
    pub fn blocks<E>(
        &self,
        plan: Plan,
        mut sink: impl FnMut(Block) -> Flow,
    ) -> Result<Vec<InputError>, MergeError<E>> {
        let mut problems = Vec::new();
        let items = self.reduced(plan.items, &mut problems)?;
        self.merge_items(items, &mut problems, |block, entries| {
            let mut copy = Block::default();
            for entry in &block.entries[entries] {
                let start = copy.bytes.len();
                copy.bytes.extend_from_slice(block.lines(*entry));
                Block::add(&mut copy.entries, entry.time, start, copy.bytes.len());
            }
            Ok(if copy.entries.is_empty() { Flow::Continue } else { sink(copy) })
        })?;
        Ok(problems)
    }

    /// No more items than may be open, the others merged into runs.
    fn reduced<E>(
        &self,
        mut items: Vec<Item>,
        problems: &mut Vec<InputError>,
    ) -> Result<Vec<Item>, MergeError<E>> {
        loop {
            let (all, files) = overlap(&mut items);
            let most = if files > self.most_open { self.most_open } else { MOST_CURSORS };
            if all.max(files) <= most {
                return Ok(items);
            }
            items.sort_by_key(|item| item.rank);
            let groups = items.chunks(most).map(|group| self.run_of(group.to_vec(), problems));
            items = groups.collect::<Result<_, _>>()?;
        }
    }

    /// Merges a group into one run.
    fn run_of<E>(&self, group: Vec<Item>, problems: &mut Vec<InputError>) -> Result<Item, MergeError<E>> {
        let (Some(rank), Some(first), Some(last)) = (
            group.iter().map(|item| item.rank).min(),
            group.iter().map(|item| item.first).min(),
            group.iter().map(|item| item.last).max(),
        ) else {
            unreachable!("chunks are not empty");
        };
        let mut run = RunWriter::new(&self.store);
        self.merge_items(group, problems, |block, entries| {
            for entry in &block.entries[entries] {
                run.push(entry.time, block.lines(*entry)).map_err(|error| self.temporary(error))?;
            }
            Ok(Flow::Continue)
        })?;
        let extents = run.finish().map_err(|error| self.temporary(error))?;
        Ok(Item { rank, first, last, origin: Origin::Run(Run { extents, first, last }) })
    }

    fn merge_items<E>(
        &self,
        mut items: Vec<Item>,
        problems: &mut Vec<InputError>,
        mut put: impl FnMut(&Block, Range<usize>) -> Result<Flow, MergeError<E>>,
    ) -> Result<(), MergeError<E>> {
        let open = overlap(&mut items).0 + AHEAD + 1;
        let size = (MEMORY / (2 * open)).clamp(SMALLEST_BLOCK, LARGEST_BLOCK);
        std::thread::scope(|scope| {
            let mut supply =
                Supply::new(scope, self.threads, size, self.clock).map_err(MergeError::Thread)?;
            let mut waiting = items.into_iter();
            let mut ahead: VecDeque<(i64, usize, Cursor)> = VecDeque::new();
            let mut cursors: Vec<Option<Cursor>> = Vec::new();
            let mut heap: BinaryHeap<Reverse<(i64, usize, usize)>> = BinaryHeap::new();
            loop {
                let next = heap.peek().map(|Reverse((time, rank, _))| (*time, *rank));
                let due =
                    |(first, rank, _): &(i64, usize, Cursor)| next.is_none_or(|next| (*first, *rank) < next);
                if ahead.len() < AHEAD
                    && let Some(Item { rank, first, origin, .. }) = waiting.next()
                {
                    ahead.push_back((first, rank, Cursor::start(self.feed(origin, first), &mut supply)));
                    continue;
                }
                if ahead.front().is_some_and(due)
                    && let Some((_, rank, mut cursor)) = ahead.pop_front()
                {
                    if cursor.next_block(&mut supply).map_err(|error| self.temporary(error))? {
                        let slot = cursors.iter().position(Option::is_none).unwrap_or(cursors.len());
                        heap.extend(cursor.time().map(|time| Reverse((time, rank, slot))));
                        if slot == cursors.len() {
                            cursors.push(Some(cursor))
                        } else {
                            cursors[slot] = Some(cursor)
                        }
                    } else {
                        problems.append(&mut cursor.problems);
                    }
                    continue;
                }
                let Some(Reverse((_, rank, slot))) = heap.pop() else { return Ok(()) };
                let Some(cursor) = cursors[slot].as_mut() else { continue };
                let waits = ahead.front().map(|(first, rank, _)| (*first, *rank));
                let other = heap.peek().map(|Reverse((time, rank, _))| (*time, *rank));
                let limit = [waits, other].into_iter().flatten().min();
                loop {
                    let from = cursor.at;
                    let rest = &cursor.block.entries[from..];
                    let is_before = |time: i64| limit.is_none_or(|limit| (time, rank) < limit);
                    let all = rest.last().is_some_and(|last| is_before(last.time));
                    let count = match all {
                        true => rest.len(),
                        false => rest.iter().take_while(|entry| is_before(entry.time)).count(),
                    };
                    cursor.at += count;
                    if put(&cursor.block, from..from + count)? == Flow::Stop {
                        return Ok(());
                    }
                    if !all {
                        heap.extend(cursor.time().map(|time| Reverse((time, rank, slot))));
                        break;
                    }
                    if !cursor.next_block(&mut supply).map_err(|error| self.temporary(error))? {
                        problems.append(&mut cursor.problems);
                        cursors[slot] = None;
                        break;
                    }
                }
            }
        })
    }

    fn feed(&self, origin: Origin, first: i64) -> Feed {
        match origin {
            Origin::File { path, file, bytes } => {
                Feed::File(Box::new(self.reader(&path).again(file, bytes, first)))
            }
            Origin::Run(run) => Feed::Run(RunReader::new(Arc::clone(&self.store), run)),
        }
    }

    fn reader(&self, path: &std::path::Path) -> LineReader {
        let mut input = Input::new();
        input.add_path(path);
        LineReader::new(input, self.stop.clone(), self.output, self.line_limit)
    }

    fn temporary<E>(&self, error: io::Error) -> MergeError<E> {
        MergeError::Temporary { directory: self.store.directory().to_owned(), error }
    }
}

/// How many items are needed at a time at most, and how many of them are files. Brings them into the order in
/// which they begin.
fn overlap(items: &mut [Item]) -> (usize, usize) {
    items.sort_by_key(|item| (item.first, item.rank));
    let mut ends: BinaryHeap<Reverse<(i64, bool)>> = BinaryHeap::new();
    let (mut most, mut most_files, mut files) = (0, 0, 0);
    for item in items {
        while let Some(Reverse((_, is_file))) =
            ends.peek().copied().filter(|Reverse((end, _))| *end < item.first)
        {
            ends.pop();
            files -= usize::from(is_file);
        }
        let is_file = matches!(item.origin, Origin::File { .. });
        ends.push(Reverse((item.last, is_file)));
        files += usize::from(is_file);
        (most, most_files) = (most.max(ends.len()), most_files.max(files));
    }
    (most, most_files)
}
