//! The lines of one stream that wait for their turn.

use crate::{Block, block::Entry};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What an entry costs beside its bytes.
const ENTRY: usize = 32;

/// A time, how many came before, and the lines.
type EarlyLines = (i64, u64, Box<[u8]>);

/// What the merge holds of one stream.
#[derive(Default)]
pub(super) struct Held {
    blocks: VecDeque<Block>,
    /// The next entry of the first block.
    at: usize,
    /// Lines earlier than one above them, by time and then as they came.
    early: BinaryHeap<Reverse<EarlyLines>>,
    came: u64,
    pub(super) bytes: usize,
    pub(super) latest: i64,
}

/// The memory that a block takes.
pub(super) fn cost(block: &Block) -> usize {
    block.bytes.len() + ENTRY * (block.entries.len() + block.early.len())
}

impl Held {
    /// Nothing yet.
    pub(super) fn new() -> Held {
        Held { latest: i64::MIN, ..Held::default() }
    }

    pub(super) fn take(&mut self, mut block: Block) {
        for entry in std::mem::take(&mut block.early) {
            let lines = block.lines(entry);
            self.came += 1;
            self.bytes += lines.len() + ENTRY;
            self.early.push(Reverse((entry.time, self.came, lines.into())));
        }
        if let Some(last) = block.entries.last() {
            self.latest = self.latest.max(last.time);
            self.bytes += cost(&block);
            self.blocks.push_back(block);
        }
    }

    pub(super) fn next(&self) -> Option<i64> {
        self.blocks.front()?.entries.get(self.at).map(|entry| entry.time)
    }

    pub(super) fn next_early(&self) -> Option<i64> {
        self.early.peek().map(|Reverse((time, ..))| *time)
    }

    pub(super) fn give_early<T>(&mut self, give: impl FnOnce(&[u8]) -> T) -> T {
        let Some(Reverse((_, _, lines))) = self.early.pop() else { unreachable!("the caller looked") };
        self.bytes -= lines.len() + ENTRY;
        give(&lines)
    }

    /// Gives the next entry of the first block, with those that stand right behind it as long as they may.
    pub(super) fn give<T>(&mut self, may: impl Fn(i64) -> bool, give: impl FnOnce(&[u8], i64) -> T) -> T {
        let block = self.blocks.front().expect("the caller looked");
        let mut together: Entry = block.entries[self.at];
        self.at += 1;
        while let Some(next) = block.entries.get(self.at).filter(|e| e.start == together.end && may(e.time)) {
            together = Entry { time: next.time, start: together.start, end: next.end };
            self.at += 1;
        }
        let given = give(block.lines(together), together.time);
        if self.at == block.entries.len() {
            self.bytes -= cost(block);
            self.blocks.pop_front();
            self.at = 0;
        }
        given
    }
}
