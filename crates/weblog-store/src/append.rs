//! Rows into the files of a dataset: one file a partition and commit, few of them open at a time.
//!
//! A log comes nearly in the order of time, so that the partitions being written are few. Those that do
//! not fit are put aside (`aside`) and sorted by partition when the files are closed: memory
//! grows neither with the input nor with the number of partitions.

use crate::{
    aside::Aside,
    delta::{FileStats, Staging},
    error::StoreError,
    layout::{Layout, Unplaced},
    parquet_file::ParquetFile,
    partition::{By, Key},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::{
    fs::File,
    io::{BufWriter, Write},
};

/// Files that are open at a time.
const OPEN: usize = 4;
/// Parts of batches since a file had the last one, after which it is closed.
const IDLE: u64 = 64;
/// Memory of the row groups in progress, in bytes.
const MEMORY: usize = 80 << 20;
/// A file is closed when it has about so many bytes.
const FILE_BYTES: usize = 512 << 20;

/// A file that is complete but not yet part of the dataset.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its name in the staging directory.
    pub name: String,
    /// Its partition.
    pub key: Key,
    /// Its size in bytes.
    pub bytes: u64,
    /// What it holds.
    pub stats: FileStats,
}

/// Writes rows into files of a staging directory.
pub struct Appender {
    by: By,
    layout: Layout,
    /// The times are there to tell the partition, and not wanted.
    drop_time: bool,
    open: Vec<Open>,
    written: Vec<Written>,
    aside: Aside,
    clock: u64,
    named: u64,
}

struct Open {
    key: Key,
    name: String,
    file: ParquetFile<BufWriter<File>>,
    used: u64,
}

impl Appender {
    /// An appender of rows to a dataset that has these columns by now. `wanted` are the only columns that
    /// rows are stored with, if not all are.
    pub fn new(by: By, schema: SchemaRef, unplaced: Unplaced, wanted: Option<&[String]>) -> Self {
        Appender {
            by,
            layout: Layout::new(schema, unplaced),
            drop_time: wanted.is_some_and(|wanted| wanted.iter().all(|name| name != "time")),
            open: Vec::new(),
            written: Vec::new(),
            aside: Aside::default(),
            clock: 0,
            named: 0,
        }
    }

    /// The columns by now.
    pub fn schema(&self) -> &SchemaRef {
        self.layout.schema()
    }

    /// Whether there are rows that [`Appender::finish`] would give.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.written.is_empty() && self.aside.is_empty()
    }

    /// Bytes of Parquet by now, about.
    pub fn size(&self) -> u64 {
        let open: usize = self.open.iter().map(|open| open.file.size()).sum();
        self.written.iter().map(|written| written.bytes).sum::<u64>() + open as u64
    }

    /// Adds the rows of a batch.
    pub fn write(&mut self, batch: RecordBatch, staging: &Staging) -> Result<(), StoreError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        // The time tells the partition even when it is not among the columns that are wanted.
        let time = batch.schema_ref().index_of("time").ok();
        let mut parts = self.by.split(batch, time)?;
        if let (true, Some(time)) = (self.drop_time, time) {
            for (_, part) in &mut parts {
                part.remove_column(time);
            }
        }
        if let Some((_, part)) = parts.first()
            && self.layout.admit(part.schema_ref())?
        {
            self.close_all()?;
        }
        let mut aside = Vec::new();
        // Rows of more partitions than there are places come in no order: whichever file was closed for
        // the next partition would be begun again soon.
        let in_order = parts.len() <= OPEN;
        for (key, part) in parts {
            let part = self.layout.align(&part)?;
            match self.place(key, in_order, staging)? {
                Some(at) => self.open[at].file.write(&part)?,
                None => aside.push((key, part)),
            }
        }
        if !aside.is_empty() {
            self.aside.push(&aside, staging)?;
        }
        self.bound_memory()
    }

    /// The open file of a partition; none when all places are taken.
    fn place(&mut self, key: Key, in_order: bool, staging: &Staging) -> Result<Option<usize>, StoreError> {
        self.clock += 1;
        if let Some(at) = self.open.iter().position(|open| open.key == key) {
            self.open[at].used = self.clock;
            return Ok(Some(at));
        }
        if self.open.len() == OPEN || !in_order {
            return Ok(None);
        }
        self.begin(key, staging)?;
        Ok(Some(self.open.len() - 1))
    }

    fn begin(&mut self, key: Key, staging: &Staging) -> Result<(), StoreError> {
        let name = format!("{:05}", self.named);
        self.named += 1;
        let (file, _) = staging.create(&name)?;
        let file = ParquetFile::new(BufWriter::new(file), self.layout.schema())?;
        self.open.push(Open { key, name, file, used: self.clock });
        Ok(())
    }

    fn bound_memory(&mut self) -> Result<(), StoreError> {
        if let Some(idle) = self.open.iter().position(|open| self.clock - open.used > IDLE) {
            self.close(idle)?;
        }
        let memory = |open: &Open| open.file.memory();
        if self.open.iter().map(memory).sum::<usize>() > MEMORY
            && let Some(largest) = self.open.iter_mut().max_by_key(|open| memory(open))
        {
            largest.file.flush()?;
        }
        if let Some(full) = self.open.iter().position(|open| open.file.size() > FILE_BYTES) {
            self.close(full)?;
        }
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), StoreError> {
        let Open { key, name, file, .. } = self.open.remove(at);
        let failed = |error| StoreError::Io { doing: "write", path: name.clone().into(), error };
        let (mut out, stats) = file.finish()?;
        out.flush().map_err(failed)?;
        let bytes = out.get_ref().metadata().map_err(failed)?.len();
        self.written.push(Written { name, key, bytes, stats });
        Ok(())
    }

    fn close_all(&mut self) -> Result<(), StoreError> {
        while !self.open.is_empty() {
            self.close(0)?;
        }
        Ok(())
    }

    /// Completes all files and gives them; goes on with new ones.
    pub fn finish(&mut self, staging: &Staging) -> Result<Vec<Written>, StoreError> {
        let mut aside = std::mem::take(&mut self.aside).sorted()?;
        while let Some((key, part)) = aside.next()? {
            let part = self.layout.align(&part)?;
            let at = match self.open.iter().position(|open| open.key == key) {
                Some(at) => at,
                None => {
                    // Partitions come in order: those before this one are complete.
                    if self.open.len() >= OPEN {
                        self.close(0)?;
                    }
                    self.begin(key, staging)?;
                    self.open.len() - 1
                }
            };
            self.open[at].file.write(&part)?;
            self.bound_memory()?;
        }
        self.close_all()?;
        Ok(std::mem::take(&mut self.written))
    }
}
