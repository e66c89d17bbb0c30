//! Another file took the name, or the file was truncated: finding all that was written in between.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::{Context, Named, is_absence, start};
use crate::follow::content::Content;
use crate::follow::generation::Generation;
use crate::follow::name::Told;
use crate::follow::notice::Notice;
use crate::follow::position::FileId;
use crate::follow::siblings::{Arrival, Asking, Found, Scan, Siblings};

/// Looks at a directory in which files are being renamed at this moment, at most.
pub(super) const TRIES: usize = 5;
/// How long a rotation may take that was begun to be seen.
const RENAMING: Duration = Duration::from_secs(1);

impl Named {
    /// Another file has the name: opens it, and before it those that had the name meanwhile. The directory may
    /// change under the look, so it is taken again until the name stood for one file from start to end. False if
    /// no file could be opened.
    pub(super) fn switch(&mut self, context: &mut Context<'_>) -> bool {
        for _ in 0..TRIES {
            match self.try_switch(context) {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) if is_absence(&error) => {}
                Err(error) => {
                    self.unreadable(error.to_string(), context);
                    return false;
                }
            }
        }
        // The names are still changing: the next look tries again.
        false
    }

    /// One try; false when names were changing meanwhile. After a while it takes what it finds.
    fn try_switch(&mut self, context: &mut Context<'_>) -> io::Result<bool> {
        let id = FileId::of(&fs::metadata(&self.path)?);
        let resolved = fs::canonicalize(&self.path)?;
        let (scan, at_rest) = match &self.siblings {
            Some(siblings) if siblings.can_be_asked() => match siblings.scan_at_rest(TRIES) {
                Ok(scan) => (Some(scan), true),
                Err(_) => (siblings.scan().ok(), false),
            },
            _ => (None, true),
        };
        let (mut found, mut misses) = (Found::default(), false);
        if let (Some(siblings), Some(scan)) = (&self.siblings, &scan) {
            found = siblings.arrivals(scan, &self.asking(id));
            let copy_of_last = self.leave_out_copies(&mut found, None);
            if let Some(last) = self.generations.back() {
                let told = scan.told(last.id).cloned().or(copy_of_last);
                misses = siblings.misses_some(scan, told.as_ref(), last.is_unlinked(), found.arrivals.len());
            }
        }
        let other = match &self.siblings {
            Some(siblings) if siblings.are_of(&resolved) => None,
            _ => Siblings::beside(&resolved, context.options.clock.clone()).ok(),
        };
        let file = open(&self.path)?;
        let same = FileId::of(&file.metadata()?) == id;
        if !same || !at_rest || misses || !found.gone.is_empty() {
            // The look may fall between two renames of one rotation, which take their time.
            let since = *self.misses.get_or_insert(context.now);
            if context.now - since < context.options.patience().min(RENAMING) {
                self.dirty = true;
                return Ok(false);
            }
        }
        self.misses = None;
        self.enter(file, found, context)?;
        if misses {
            context.notices.push_back(Notice::Gap { path: self.path.clone(), bytes: None });
        }
        match (other, scan) {
            (Some(other), _) => self.siblings = Some(other),
            (None, Some(scan)) => self.siblings.iter_mut().for_each(|siblings| siblings.keep(&scan)),
            (None, None) => {}
        }
        Ok(true)
    }

    /// Takes away what is a compressed copy of a file that is read already, `except` one. Its name, if that one is
    /// the last.
    fn leave_out_copies(&self, found: &mut Found, except: Option<usize>) -> Option<Told> {
        let mut of_last = None;
        found.arrivals.retain(|arrival| {
            let read = self.generations.iter().enumerate().rev().filter(|(at, _)| Some(*at) != except);
            // One empty file is like another: only the last one that was read is looked for.
            let most = if arrival.head.is_empty() { usize::from(of_last.is_none()) } else { usize::MAX };
            let of = read.take(most).find(|(_, read)| arrival.content.is_packed() && read.is_in(arrival));
            if of.is_some_and(|(at, _)| at + 1 == self.generations.len()) {
                of_last = Some(arrival.told.clone());
            }
            of.is_none()
        });
        of_last
    }

    /// Makes `file` the current one, and puts those found before it.
    fn enter(&mut self, file: File, between: Found, context: &mut Context<'_>) -> io::Result<()> {
        let offset =
            if std::mem::replace(&mut self.started, true) { 0 } else { start(&file, context.options)? };
        let origin = context.options.origins;
        let current = Generation::new(Content::plain(file), self.path.clone(), offset, context.now)?;
        let current = current.with_origin(origin)?;
        let last = self.generations.len().checked_sub(1);
        self.leave_current(context.now);
        let mut found = Vec::new();
        let gaps = between.gone.iter().copied();
        let mut gaps: Vec<u64> = gaps.collect();
        for Arrival { path, content, size, .. } in between.arrivals {
            // A backup of the last file holds nothing new.
            let known = last.map_or(Ok(0), |last| self.generations[last].read_before(&content, true));
            let opened = known.and_then(|known| {
                Generation::new(content, path.clone(), known, context.now)?.with_origin(origin)
            });
            match opened {
                Ok(generation) => {
                    found.extend((generation.offset() == 0).then_some(path));
                    self.generations.push_back(generation);
                }
                Err(_) => gaps.push(size),
            }
        }
        for bytes in gaps {
            context.notices.push_back(Notice::Gap { path: self.path.clone(), bytes: Some(bytes) });
        }
        self.generations.push_back(current);
        self.rewatch = true;
        if last.is_some() || !found.is_empty() {
            context.notices.push_back(Notice::Rotated { path: self.path.clone(), between: found });
        }
        Ok(())
    }

    /// A file was `truncated`, or so little was read of it that this cannot be told. If copies turned up beside it
    /// (copytruncate), they hold what it had before, and are read first.
    pub(super) fn restart(&mut self, at: usize, truncated: bool, context: &mut Context<'_>) {
        // How the file begins is noted before the copies are searched, so that a truncation meanwhile is seen.
        let Ok(start) = self.generations[at].start() else { return };
        // If another file has the name already, the next look sorts that out first.
        let Ok((scan, mut copies)) = self.copies_of(at) else {
            // What it holds comes after what was copied, which must be found first.
            self.generations[at].grow(0);
            self.dirty = true;
            return;
        };
        let origin = context.options.origins;
        let generation = &mut self.generations[at];
        // What the file itself begins like is a backup, or a copy before whose truncation this look came. It is left
        // to later looks.
        let mut early = Vec::new();
        copies.retain(|copy| {
            let older = generation.begins_unlike(&copy.content).unwrap_or(false);
            early.extend((!older).then_some(copy.id));
            older
        });
        if !truncated && copies.is_empty() {
            if generation.offset() == 0 {
                generation.begin(start);
            }
            return;
        }
        let goes_on = copies.iter().position(|copy| generation.goes_on_in(&copy.content).unwrap_or(false));
        let (offset, lost) = (generation.offset(), generation.unread());
        let mut copy = None;
        let mut older = VecDeque::new();
        for (i, Arrival { path, content, .. }) in copies.into_iter().enumerate() {
            let opened = match goes_on {
                Some(first) if i < first => continue,
                Some(first) if i == first => {
                    copy = Some(path.clone());
                    generation.go_on_in(content, path, context.now)
                }
                Some(_) => Generation::new(content, path, 0, context.now),
                // A copy made earlier than the truncation holds nothing new.
                None => generation
                    .read_before(&content, false)
                    .and_then(|known| Generation::new(content, path, known, context.now)),
            };
            older.extend(opened.and_then(|opened| opened.with_origin(origin)).ok());
        }
        let path = self.path.clone();
        if truncated || goes_on.is_some() {
            generation.line.end(&mut self.ended_lines);
            generation.begin(start);
            context.notices.push_back(Notice::Truncated { path: path.clone(), offset, copy });
            if truncated && lost > 0 && older.iter().all(|generation| generation.unread() == 0) {
                context.notices.push_back(Notice::Gap { path, bytes: Some(lost) });
            }
        } else {
            if offset == 0 {
                generation.begin(start);
            }
            let between = older.iter().map(|generation| generation.path.clone()).collect();
            context.notices.push_back(Notice::Rotated { path, between });
        }
        for generation in older.into_iter().rev() {
            self.generations.insert(at, generation);
        }
        if let (Some(siblings), Some(scan)) = (&mut self.siblings, scan) {
            siblings.keep(&scan);
            siblings.forget(&early);
        }
    }

    /// The files that turned up beside the current one since the last scan, opened, oldest first, and the scan that
    /// found them. An error if the current one lost the name.
    fn copies_of(&self, at: usize) -> io::Result<(Option<Scan>, Vec<Arrival>)> {
        let id = self.generations[at].id;
        let current = at + 1 == self.generations.len();
        let Some(siblings) = self.siblings.as_ref().filter(|siblings| current && siblings.can_be_asked())
        else {
            return Ok((None, Vec::new()));
        };
        let scan = siblings.scan_at_rest(TRIES)?;
        match fs::metadata(&self.path) {
            Ok(metadata) if FileId::of(&metadata) == id => {}
            Ok(_) => return Err(io::ErrorKind::NotFound.into()),
            // Renamed, and no new one made yet: those beside it are no copies.
            Err(_) => return Ok((None, Vec::new())),
        }
        let mut found = siblings.arrivals(&scan, &Asking { last: Some(id), ..self.asking(id) });
        if !found.gone.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        // What was cut off the current one is in its copy only.
        self.leave_out_copies(&mut found, Some(at));
        Ok((Some(scan), found.arrivals))
    }

    fn asking(&self, current: FileId) -> Asking {
        let last = self.generations.back();
        Asking {
            ours: self.generations.iter().map(|generation| generation.id).chain([current]).collect(),
            last: last.map(|generation| generation.id),
            read_to: last
                .and_then(|generation| self.siblings.as_ref()?.clock().of_last(generation.last_read())),
        }
    }
}

/// Opens without waiting for a writer, should the name have become a pipe meanwhile.
pub(super) fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = File::options().read(true).custom_flags(nonblock).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}
