//! One followed name, and the files that have it and had it.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::content::Content;
use super::generation::{Generation, Growth};
use super::memory::Memory;
use super::name::is_rotated_form;
use super::notice::Notice;
use super::position::{FileId, Mark, Saved};
use super::siblings::Siblings;
use super::watches::Watches;
use super::{FollowOptions, StartAt};
use crate::last_lines::last_lines;

mod reading;
pub(super) mod resume;
mod rotation;

/// What a step of following may use and fill.
pub(super) struct Context<'a> {
    pub(super) now: Instant,
    pub(super) options: &'a FollowOptions,
    pub(super) buffer: &'a mut [u8],
    pub(super) out: &'a mut Vec<u8>,
    pub(super) notices: &'a mut VecDeque<Notice>,
    pub(super) watches: &'a mut Watches,
    /// The index of this source.
    pub(super) source: usize,
    /// No other source waits for this one.
    pub(super) alone: bool,
    /// The file that what was put into `out` is from.
    pub(super) from: Option<u64>,
}

/// How often the files that are done with are looked at, which hardly ever grow.
const LATE: Duration = Duration::from_secs(1);

/// A name, followed through whatever happens to it.
#[derive(Debug)]
pub(super) struct Named {
    path: PathBuf,
    /// False for a file that was given open (standard input): it is followed without looking at names.
    by_name: bool,
    /// Oldest first; the last one has the name, or had it last.
    generations: VecDeque<Generation>,
    siblings: Option<Siblings>,
    /// Something may have changed since the last look.
    pub(super) dirty: bool,
    /// The directories may have changed: their watches must be renewed.
    pub(super) rewatch: bool,
    /// The last look found more than was given out so far.
    pub(super) reading: bool,
    /// The file was opened, or missing, at least once: what comes now is new from its first byte.
    started: bool,
    missing: Option<Instant>,
    /// Since when a file that had the name seems to be missing.
    misses: Option<Instant>,
    told_missing: bool,
    told_unreadable: bool,
    dir_watches: Vec<i32>,
    /// Unfinished lines of files that were truncated, ended with a newline.
    ended_lines: Vec<u8>,
    /// What an earlier run knew, until the first look.
    memory: Option<Memory>,
    /// When the files that are done with were last looked at.
    looked_for_late: Option<Instant>,
}

impl Named {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            by_name: true,
            generations: VecDeque::new(),
            siblings: None,
            dirty: true,
            rewatch: true,
            reading: false,
            started: false,
            missing: None,
            misses: None,
            told_missing: false,
            told_unreadable: false,
            dir_watches: Vec::new(),
            ended_lines: Vec::new(),
            memory: None,
            looked_for_late: None,
        }
    }

    /// A name that was followed before, or that is new since others are followed.
    pub(super) fn again(path: PathBuf, memory: Option<Memory>) -> Self {
        Self { started: memory.is_none(), memory, ..Self::new(path) }
    }

    /// A regular file that was given open.
    pub(super) fn opened(
        name: PathBuf,
        file: File,
        options: &FollowOptions,
        now: Instant,
    ) -> io::Result<Self> {
        let offset = start(&file, options)?;
        let mut named = Self { by_name: false, started: true, ..Self::new(name) };
        let current = Generation::new(Content::plain(file), named.path.clone(), offset, now)?;
        named.generations.push_back(current.with_origin(options.origins)?);
        Ok(named)
    }

    pub(super) fn is_to_resume(&self) -> bool {
        self.memory.is_some()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether `path` is this name, or belongs to it as one of its rotated files.
    pub(super) fn is_of(&self, path: &Path) -> bool {
        let id = || fs::metadata(path).ok().map(|metadata| FileId::of(&metadata));
        path == self.path
            || is_rotated_form(path, &self.path)
            || id().is_some_and(|id| self.generations.iter().any(|generation| generation.id == id))
    }

    pub(super) fn generation_mut(&mut self, serial: u64) -> Option<&mut Generation> {
        self.generations.iter_mut().find(|generation| generation.serial == serial)
    }

    /// What has to be kept to go on with it later.
    pub(super) fn saved(&self) -> Saved {
        if let Some(Memory::Saved(saved)) = &self.memory {
            return saved.clone();
        }
        let beside = self.siblings.iter().flat_map(Siblings::saved);
        // A file that is read is not done with, even if nothing of it was read yet.
        let ours: Vec<FileId> = self.generations.iter().map(|generation| generation.id).collect();
        Saved {
            files: self.generations.iter().map(Generation::position).collect(),
            beside: beside.filter(|beside| !ours.contains(&beside.id)).collect(),
        }
    }

    /// Whether the head of an unfinished line was given out.
    pub(super) fn is_line_open(&self) -> bool {
        self.generations.iter().any(|generation| generation.line.is_open())
    }

    /// Looks if something may have changed, and gives what is new if it shall `read`.
    pub(super) fn step(&mut self, context: &mut Context<'_>, read: bool) {
        if self.dirty && !self.reading {
            self.dirty = false;
            self.look(context);
            self.reading = true;
            self.watch(context);
        }
        if self.reading && read {
            self.read(context);
        }
    }

    /// Ends the unfinished lines, at the end of following.
    pub(super) fn end_lines(&mut self, out: &mut Vec<u8>) {
        // An open line stands unfinished in the output already: it is the one to be ended first.
        let (open, whole): (Vec<_>, Vec<_>) =
            self.generations.iter_mut().partition(|generation| generation.line.is_open());
        open.into_iter().for_each(|generation| generation.line.end(out));
        out.append(&mut self.ended_lines);
        whole.into_iter().for_each(|generation| generation.line.end(out));
    }

    /// Finds out which file has the name, and how long all of them are.
    fn look(&mut self, context: &mut Context<'_>) {
        if let Some(memory) = self.memory.take() {
            self.resume(memory, context);
        }
        if self.by_name {
            match fs::metadata(&self.path) {
                Ok(metadata) if metadata.is_file() => self.look_at(FileId::of(&metadata), context),
                Ok(_) => self.unreadable("not a regular file".into(), context),
                Err(error) if is_absence(&error) => self.missing(context),
                Err(error) => self.unreadable(error.to_string(), context),
            }
        }
        self.find_late(context);
        self.measure(context);
    }

    /// Files that were done with and have grown since are read on: their writer may be a very quiet one.
    fn find_late(&mut self, context: &mut Context<'_>) {
        if self.looked_for_late.is_some_and(|looked| context.now - looked < LATE) {
            return;
        }
        self.looked_for_late = Some(context.now);
        let Some(siblings) = self.siblings.as_mut().filter(|siblings| siblings.can_be_asked()) else {
            return;
        };
        let Ok(scan) = siblings.scan() else { return };
        let ours: Vec<Mark> = self.generations.iter().map(Generation::first_read).collect();
        let ids: Vec<FileId> = self.generations.iter().map(|generation| generation.id).collect();
        for (late, known) in siblings.grown(&scan, &ids, &ours).into_iter().rev() {
            let opened = Generation::new(late.content, late.path, known, context.now);
            if let Ok(generation) = opened.and_then(|opened| opened.with_origin(context.options.origins)) {
                siblings.forget(&[late.id]);
                self.generations.push_front(generation);
            }
        }
    }

    fn look_at(&mut self, id: FileId, context: &mut Context<'_>) {
        match self.generations.iter().position(|generation| generation.id == id) {
            Some(at) if at + 1 == self.generations.len() => {}
            Some(at) => {
                // A link was turned back to a file that had the name before.
                let again = self.generations.remove(at).expect("the position was just found");
                self.leave_current(context.now);
                self.generations.push_back(again);
            }
            None if !self.switch(context) => return,
            None => {}
        }
        self.missing = None;
        self.told_unreadable = false;
        if std::mem::take(&mut self.told_missing) {
            context.notices.push_back(Notice::Appeared { path: self.path.clone() });
        }
    }

    fn missing(&mut self, context: &mut Context<'_>) {
        let since = *self.missing.get_or_insert(context.now);
        if self.siblings.is_none() {
            self.siblings = beside_missing(&self.path, &context.options.clock);
        }
        let first = !std::mem::replace(&mut self.started, true);
        // A rotation leaves the name free for a moment; only what lasts is worth telling.
        if !self.told_missing && (first || context.now - since >= context.options.poll) {
            self.told_missing = true;
            let path = self.path.clone();
            let never = self.generations.is_empty();
            context.notices.push_back(if never {
                Notice::Waiting { path }
            } else {
                Notice::Disappeared { path }
            });
        }
    }

    fn unreadable(&mut self, reason: String, context: &mut Context<'_>) {
        if !std::mem::replace(&mut self.told_unreadable, true) {
            context.notices.push_back(Notice::Unreadable { path: self.path.clone(), reason });
        }
    }

    /// The current file loses the name now; the time it is kept open begins.
    fn leave_current(&mut self, now: Instant) {
        self.generations.iter_mut().rev().take(1).for_each(|generation| generation.grew = now);
    }

    /// Measures all files, newest first. What is written to a file before the next one got its first line is then
    /// within the older file's limit, so reading oldest first keeps the order of writing.
    fn measure(&mut self, context: &mut Context<'_>) {
        let newest = self.generations.len();
        for at in (0..newest).rev() {
            let current = at + 1 == newest;
            match self.generations[at].measure() {
                Ok(Growth::Early) if current => self.restart(at, false, context),
                Ok(Growth::Truncated) => self.restart(at, true, context),
                Ok(_) => {}
                Err(error) => self.failed(at, &error, context),
            }
        }
    }

    fn failed(&mut self, at: usize, error: &io::Error, context: &mut Context<'_>) {
        let generation = &mut self.generations[at];
        if !std::mem::replace(&mut generation.failed, true) {
            let notice = Notice::Unreadable { path: generation.path.clone(), reason: error.to_string() };
            context.notices.push_back(notice);
        }
    }

    /// Brings the inotify watches up to date. After a new one there must be a look, for what happened before it.
    fn watch(&mut self, context: &mut Context<'_>) {
        for generation in self.generations.iter_mut().filter(|generation| generation.watch.is_none()) {
            let Some(file) = generation.content().here() else { continue };
            generation.watch = context.watches.add_file(context.source, file);
            self.dirty |= generation.watch.is_some();
        }
        if !self.by_name || !std::mem::take(&mut self.rewatch) {
            return;
        }
        let resolved = fs::canonicalize(&self.path).ok();
        let mut dirs = Vec::new();
        for path in [Some(&self.path), resolved.as_ref()].into_iter().flatten() {
            dirs.extend(context.watches.add_dir(context.source, parent(path)));
        }
        dirs.dedup();
        if dirs != self.dir_watches {
            for old in std::mem::replace(&mut self.dir_watches, dirs) {
                if !self.dir_watches.contains(&old) {
                    context.watches.remove(context.source, old);
                }
            }
            self.dirty = true;
        }
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The rotated files beside a name that no file has at the moment.
fn beside_missing(path: &Path, clock: &Clock) -> Option<Siblings> {
    let dir = fs::canonicalize(parent(path)).ok()?;
    Siblings::beside(&dir.join(path.file_name()?), clock.clone()).ok()
}

/// Where reading a file begins that was there when following began.
fn start(file: &File, options: &FollowOptions) -> io::Result<u64> {
    match options.start {
        StartAt::Beginning => Ok(0),
        StartAt::LastLines(count) => last_lines(file, count),
    }
}
