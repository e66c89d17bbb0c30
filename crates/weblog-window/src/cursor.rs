//! One line of descent of a merge: entries in order of time, block by block.

use crate::{
    Block, LineClock, LineReader, Store,
    block::Entry,
    supply::{Pending, Supply},
    survey::{FRAME, Run},
};
use std::io;
use std::sync::Arc;
use weblog_io::InputError;

/// Where the blocks of a cursor come from.
pub(crate) enum Feed {
    File(Box<LineReader>),
    Run(RunReader),
}

impl Feed {
    /// Fills `block`; false at the end.
    pub(crate) fn fill(
        &mut self,
        block: &mut Block,
        size: usize,
        clock: &mut dyn LineClock,
    ) -> io::Result<bool> {
        match self {
            Feed::File(reader) => Ok(reader.fill(block, size, true, clock)),
            Feed::Run(run) => run.fill(block, size),
        }
    }

    fn problems(self) -> Vec<InputError> {
        match self {
            Feed::File(reader) => reader.into_problems(),
            Feed::Run(_) => Vec::new(),
        }
    }
}

/// Reads a run again.
pub(crate) struct RunReader {
    store: Arc<Store>,
    run: Run,
    /// Which extent, and how far in it.
    extent: usize,
    at: u64,
}

impl RunReader {
    pub(crate) fn new(store: Arc<Store>, run: Run) -> Self {
        RunReader { store, run, extent: 0, at: 0 }
    }

    fn fill(&mut self, block: &mut Block, size: usize) -> io::Result<bool> {
        while self.run.extents.get(self.extent).is_some_and(|extent| self.at == extent.len) {
            (self.extent, self.at) = (self.extent + 1, 0);
        }
        let Some(extent) = self.run.extents.get(self.extent).copied() else { return Ok(false) };
        let left = extent.len - self.at;
        let at_most = |size: usize| usize::try_from(left).unwrap_or(usize::MAX).min(size);
        block.clear(at_most(size.max(FRAME)));
        self.store.read_at(&mut block.bytes, extent.start + self.at)?;
        let first = frame(&block.bytes).ok_or(io::ErrorKind::InvalidData)?.1;
        if FRAME + first > block.bytes.len() {
            block.clear(at_most(FRAME + first));
            self.store.read_at(&mut block.bytes, extent.start + self.at)?;
        }
        let mut start = 0;
        while let Some((time, len)) =
            frame(&block.bytes[start..]).filter(|(_, len)| start + FRAME + len <= block.bytes.len())
        {
            let lines = start + FRAME;
            block.entries.push(Entry { time, start: lines as u32, end: (lines + len) as u32 });
            start = lines + len;
        }
        self.at += start as u64;
        Ok(true)
    }
}

/// The time and the length of the frame that begins here.
fn frame(bytes: &[u8]) -> Option<(i64, usize)> {
    let (time, rest) = bytes.split_first_chunk()?;
    let (len, _) = rest.split_first_chunk()?;
    Some((i64::from_le_bytes(*time), u32::from_le_bytes(*len) as usize))
}

/// A cursor of a merge.
pub(crate) struct Cursor {
    pub(crate) block: Block,
    /// The next entry of the block.
    pub(crate) at: usize,
    pending: Option<Pending>,
    /// What could not be read, once it has ended.
    pub(crate) problems: Vec<InputError>,
}

impl Cursor {
    /// Begins to read.
    pub(crate) fn start(feed: Feed, supply: &mut Supply<'_>) -> Cursor {
        let pending = supply.ask(feed, Block::default());
        Cursor { block: Block::default(), at: 0, pending: Some(pending), problems: Vec::new() }
    }

    /// The time of the next entry, if there is one in the block.
    pub(crate) fn time(&self) -> Option<i64> {
        self.block.entries.get(self.at).map(|entry| entry.time)
    }

    /// Goes on to the next block with entries; false at the end.
    pub(crate) fn next_block(&mut self, supply: &mut Supply<'_>) -> io::Result<bool> {
        while let Some(pending) = self.pending.take() {
            let (feed, mut block, more) = pending.wait()?;
            std::mem::swap(&mut block, &mut self.block);
            self.at = 0;
            if !more? {
                self.problems = feed.problems();
                self.block = Block::default();
                return Ok(false);
            }
            self.pending = Some(supply.ask(feed, block));
            if !self.block.entries.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
