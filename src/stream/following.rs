//! A dataset that follows logs: what is written to them is committed together with how far they were read, so
//! that whoever ends the run, and however, the next one goes on exactly there.

use super::{
    columns::{ColumnBatch, ColumnRun, ColumnWorker},
    commits::Failed,
    dataset::{COMMAND, DatasetRun},
    first_time, greet, is_many,
};
use crate::{account::Account, exit::Exit, growing};
use anyhow::{Result, ensure};
use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    os::fd::AsFd,
    path::{Path, PathBuf, absolute},
    sync::Arc,
    time::Instant,
};
use weblog_io::{
    Chunk, ChunkKind, Input, Stop, expand,
    follow::{
        self, Beside, Clock, Event, FollowOptions, Follower, Held, Mark, Memory, StartAt, Until,
        is_rotated_form,
    },
};
use weblog_store::{
    dataset::{Added, Dataset},
    delta::{NEVER, Txn},
};

/// A file that was there when its log was first followed, and is not wanted.
const BESIDE: &str = "weblog-beside:";
/// A log that was followed.
const FOLLOWED: &str = "weblog-followed:";

/// A run that follows, and what is not committed yet.
struct Following<'a> {
    run: &'a DatasetRun<'a>,
    dataset: Dataset,
    account: Account,
    follower: Follower,
    /// The inputs by name, for the books.
    input: Input,
    /// For each file of which rows wait: its head, and where its last line that was read ends.
    files: HashMap<u64, (Vec<u8>, u64)>,
    /// Files of which a line longer than a mebibyte is being read.
    in_long_line: HashSet<u64>,
    dirty: Option<Instant>,
    bytes: u64,
    added: Added,
    told_beside: bool,
}

impl DatasetRun<'_> {
    /// Follows the inputs until somebody ends it.
    pub fn follow(self) -> Result<Exit> {
        let stop = Stop::new()?;
        stop.on_signals()?;
        greet(COMMAND, &self.input.inputs, &self.input.read, self.run.quiet);
        ensure!(
            !self.input.inputs.is_empty() && self.input.inputs.iter().all(|name| name != "-"),
            "--follow needs the names of the logs; a stream is stored without it"
        );
        loop {
            match Following::begin(&self).map_err(Failed::Error).and_then(|following| following.go_on(&stop))
            {
                Ok(exit) => return Ok(exit),
                Err(Failed::Error(error)) => return Err(error),
                Err(Failed::Again) => {}
            }
        }
    }
}

impl<'a> Following<'a> {
    fn begin(run: &'a DatasetRun<'a>) -> Result<Self> {
        let dataset = Dataset::open(run.root, run.by, &run.columns(), run.fields)?;
        let account = Account::open(COMMAND, run.account, &[])?;
        let reading = run.input.read.reading();
        let clock = Clock::new(move |bytes| first_time(Path::new(""), bytes, &reading));
        let options = FollowOptions {
            start: StartAt::Beginning,
            clock,
            whole_lines: true,
            origins: true,
            ..FollowOptions::default()
        };
        let inputs = logs(run, &run.input.inputs)?.into_iter().map(|path| {
            let memory = memory_of(&dataset, &path);
            follow::Input::Known { path, memory }
        });
        let mut follower = Follower::new(inputs.collect(), options);
        let many: Vec<OsString> = run.input.inputs.iter().filter(|name| is_many(name)).cloned().collect();
        if !many.is_empty() {
            let reading = run.input.read.reading();
            let is_log = move |path: &Path, head: &[u8]| first_time(path, head, &reading);
            follower = follower.discover(move || growing::found(&many, &is_log));
        }
        Ok(Following {
            run,
            dataset,
            account,
            follower,
            input: Input::new(),
            files: HashMap::new(),
            in_long_line: HashSet::new(),
            dirty: None,
            bytes: 0,
            added: Added::default(),
            told_beside: false,
        })
    }

    fn go_on(mut self, stop: &Stop) -> Result<Exit, Failed> {
        let run = self.run;
        let stored = run.stored();
        let mut columns = ColumnRun::new(COMMAND, run.input, run.account);
        columns.keep_rejects = self.account.keeps_rejects();
        columns.enrich = run.enrich.clone();
        columns.only = stored.as_deref();
        let mut worker = columns.worker();
        let mut lines = Vec::new();
        loop {
            let deadline = self.dirty.zip(run.commit_every.span).map(|(since, span)| since + span);
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.commit()?;
                continue;
            }
            let until = Until { stop_fd: Some(stop.as_fd()), deadline, ..Until::default() };
            match self.follower.next(&mut lines, &until)? {
                Event::Lines { input, file, offset } => {
                    self.take(&mut worker, input, file, offset, &lines)?;
                    if run.commit_every.bytes.is_some_and(|most| self.bytes >= most) {
                        self.commit()?;
                    }
                }
                Event::Notice(notice) => growing::tell(COMMAND, &notice, run.run.verbose, run.run.quiet),
                Event::Deadline => {}
                Event::Stopped | Event::OutputClosed | Event::End => break,
            }
        }
        self.commit()?;
        self.dataset.close()?;
        let ledger = self.account.close(&self.input, false)?;
        if !run.run.quiet {
            self.account.summarize(&ledger, run.run.verbose);
            run.summarize(&self.added, &ledger);
        }
        Ok(self.account.exit(&ledger, false))
    }

    /// Stores lines of a file.
    fn take(
        &mut self,
        worker: &mut ColumnWorker<'_>,
        input: usize,
        file: Option<u64>,
        offset: u64,
        lines: &[u8],
    ) -> Result<()> {
        while self.input.sources().len() <= input {
            let next = self.input.sources().len();
            self.input.add_path(self.follower.name(next).to_owned());
        }
        let source = Arc::clone(&self.input.sources()[input].name);
        let above = file.and_then(|file| self.follower.above(input, file)).unwrap_or_default();
        let was_open = file.is_some_and(|file| self.in_long_line.remove(&file));
        let mut at = 0;
        for (kind, end) in cut(lines, was_open, self.run.input.read.max_line) {
            let mut chunk = Chunk::new(&source, offset + at as u64, lines[at..end].to_vec());
            (chunk.source_index, chunk.kind, chunk.above) = (input, kind, above.clone());
            let mut batch = ColumnBatch::default();
            worker.work(&chunk, &mut batch);
            batch.tally.counts.bytes_read = (end - at) as u64;
            self.account.enter(&batch.tally)?;
            if let Some(rows) = batch.rows {
                self.dataset.write(rows)?;
            }
            if let (ChunkKind::TooLong { last: false, .. }, Some(file)) = (kind, file) {
                self.in_long_line.insert(file);
            }
            at = end;
        }
        if let Some(file) = file
            && let Some((head, end)) = self.follower.head(input, file)
        {
            let (kept, to) = self.files.entry(file).or_default();
            if kept.len() < head.len() {
                kept.extend_from_slice(&head[kept.len()..]);
            }
            *to = end;
        }
        self.bytes += lines.len() as u64;
        self.dirty.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Makes the rows that wait part of the dataset, with how far the files were read that they are from.
    fn commit(&mut self) -> Result<(), Failed> {
        if self.dirty.take().is_none() {
            return Ok(());
        }
        self.bytes = 0;
        let known = self.dataset.identities();
        let mut now: HashMap<String, i64> = HashMap::new();
        let mut txns: HashMap<String, Txn> = HashMap::new();
        for (head, end) in self.files.drain().map(|(_, file)| file).filter(|(_, end)| *end > 0) {
            for txn in known.find(&head).taken_to(end, &now) {
                now.insert(txn.app_id.clone(), txn.version);
                txns.insert(txn.app_id.clone(), txn);
            }
        }
        for id in self.beside() {
            txns.insert(id.clone(), Txn { app_id: id, from: NEVER, version: 0 });
        }
        self.added += self.dataset.commit(txns.into_values().collect()).map_err(Failed::of)?;
        Ok(())
    }

    /// What is to be kept of the files that stand beside the logs, once: they are not wanted later either.
    fn beside(&mut self) -> Vec<String> {
        if self.told_beside || !self.follower.has_looked() {
            return Vec::new();
        }
        self.told_beside = true;
        let known = self.dataset.txns();
        let names: Vec<String> =
            (0..self.follower.inputs()).map(|input| followed(self.follower.name(input))).collect();
        // What came beside a log that was followed before was read.
        let saved = self.follower.saved().into_iter().zip(&names);
        let saved = saved.filter(|(_, name)| !known.contains_key(*name)).filter_map(|(saved, _)| saved);
        let beside = saved.flat_map(|saved| saved.beside);
        let beside =
            beside.filter(|Beside { head, .. }| head.length > 0).map(|Beside { head, .. }| beside_id(head));
        let beside: Vec<String> = beside.collect();
        names.into_iter().chain(beside).filter(|id| !known.contains_key(id)).collect()
    }
}

/// The logs that are meant, without the rotated forms of others among them.
fn logs(run: &DatasetRun<'_>, arguments: &[OsString]) -> Result<Vec<PathBuf>> {
    let (many, single): (Vec<_>, Vec<_>) = arguments.iter().partition(|name| is_many(name));
    let mut paths: Vec<PathBuf> = single.into_iter().map(PathBuf::from).collect();
    if !many.is_empty() {
        let reading = run.input.read.reading();
        let found = expand(&many, |path, head| first_time(path, head, &reading)).input;
        paths.extend(found.sources().iter().filter_map(|source| source.path.clone()));
    }
    let all = paths.clone();
    paths.retain(|path| !all.iter().any(|other| is_rotated_form(path, other)));
    growing::retain(COMMAND, &mut paths, arguments)?;
    Ok(paths)
}

/// What the dataset knows of a log.
fn memory_of(dataset: &Dataset, path: &Path) -> Memory {
    let known = dataset.identities();
    let txns = dataset.txns();
    let beside: Vec<Mark> = txns.keys().filter_map(|id| mark_of(id)).collect();
    let is_beside = move |head: &[u8]| {
        beside
            .iter()
            .any(|mark| head.get(..mark.length as usize).is_some_and(|start| Mark::of(start) == *mark))
    };
    let ask = move |head: &[u8]| match known.find(head).offset {
        0 if is_beside(head) => Held::Beside,
        0 => Held::Unknown,
        offset => Held::To(offset),
    };
    Memory::Asked { ask: Box::new(ask), followed: txns.contains_key(&followed(path)) }
}

fn followed(path: &Path) -> String {
    let path = absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("{FOLLOWED}{}", path.to_string_lossy())
}

fn beside_id(head: Mark) -> String {
    format!("{BESIDE}{}:{:016x}", head.length, head.hash)
}

fn mark_of(id: &str) -> Option<Mark> {
    let (length, hash) = id.strip_prefix(BESIDE)?.split_once(':')?;
    Some(Mark { length: length.parse().ok()?, hash: u64::from_str_radix(hash, 16).ok()? })
}

/// Where to cut what the follower gave: whole lines, and pieces of those that are longer than `limit`. Each piece
/// with where it ends.
fn cut(lines: &[u8], was_open: bool, limit: usize) -> Vec<(ChunkKind, usize)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    if was_open {
        let newline = memchr::memchr(b'\n', lines);
        start = newline.map_or(lines.len(), |newline| newline + 1);
        pieces.push((ChunkKind::TooLong { first: false, last: newline.is_some() }, start));
    }
    let mut at = start;
    let first = start;
    for newline in memchr::memchr_iter(b'\n', &lines[first..]).map(|newline| first + newline + 1) {
        if newline - at > limit + 1 {
            if at > start {
                pieces.push((ChunkKind::Lines, at));
            }
            pieces.push((ChunkKind::TooLong { first: true, last: true }, newline));
            start = newline;
        }
        at = newline;
    }
    if at > start {
        pieces.push((ChunkKind::Lines, at));
    }
    if at < lines.len() {
        pieces.push((ChunkKind::TooLong { first: true, last: false }, lines.len()));
    }
    pieces
}
