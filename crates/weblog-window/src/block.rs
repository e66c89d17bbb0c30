//! Lines and their times.

/// Bytes of one input, and where in them which time is.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Whole lines, each with its newline, and whatever else a reader left there: the entries tell.
    pub bytes: Vec<u8>,
    /// The lines in order of time, as they stand.
    pub entries: Vec<Entry>,
    /// Those that are earlier than a line above them, as they stand.
    pub early: Vec<Entry>,
    /// Those of them that are to be told apart because they are so much earlier.
    pub late: Vec<Entry>,
}

/// Lines that stand together and have one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Microseconds since the epoch.
    pub time: i64,
    /// Where the first line begins.
    pub start: u32,
    /// Behind the newline of the last one.
    pub end: u32,
}

impl Block {
    /// The bytes of an entry: whole lines.
    pub fn lines(&self, entry: Entry) -> &[u8] {
        &self.bytes[entry.start as usize..entry.end as usize]
    }

    /// All entries as they stand in the input.
    pub fn as_they_stand(&self) -> impl Iterator<Item = Entry> + '_ {
        let (mut ordered, mut early) = (self.entries.iter().peekable(), self.early.iter().peekable());
        std::iter::from_fn(move || match (ordered.peek(), early.peek()) {
            (Some(one), Some(other)) if other.start < one.start => early.next().copied(),
            (Some(_), _) => ordered.next().copied(),
            (None, _) => early.next().copied(),
        })
    }

    /// Forgets all lines, and makes room for `size` bytes. Memory that only a very long line needed is given back.
    pub(crate) fn clear(&mut self, size: usize) {
        self.entries.clear();
        self.early.clear();
        self.late.clear();
        if self.bytes.len() != size {
            self.bytes.resize(size, 0);
            self.bytes.shrink_to(size);
        }
    }

    /// Adds lines to the last entry if they go on where it ends and have its time.
    #[inline]
    pub(crate) fn add(entries: &mut Vec<Entry>, time: i64, start: usize, end: usize) {
        // A block is far below 4 GiB: a line is no longer than the line limit.
        let (start, end) = (start as u32, end as u32);
        match entries.last_mut() {
            Some(last) if last.time == time && last.end == start => last.end = end,
            _ => entries.push(Entry { time, start, end }),
        }
    }
}
