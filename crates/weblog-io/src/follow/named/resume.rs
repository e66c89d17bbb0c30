//! Going on where an earlier run left a name: finding its files by their content, whatever they are called now.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::Path;

use super::rotation::{TRIES, open};
use super::{Context, Named, is_absence, parent};
use crate::follow::clock::Clock;
use crate::follow::content::Content;
use crate::follow::generation::Generation;
use crate::follow::memory::{Ask, Held, Memory};
use crate::follow::name::Told;
use crate::follow::notice::Notice;
use crate::follow::position::{Beside, FileId, MARK, Mark, Position, Saved};
use crate::follow::siblings::{Arrival, Found, SLACK, Scan, Siblings, is_same, sort};
use crate::head::WHOLE_HEAD;

/// All files that have the name or may have had it.
struct Candidates {
    siblings: Siblings,
    scan: Scan,
    /// Those beside the name.
    beside: Vec<Arrival>,
    /// The one that has the name.
    current: Option<Arrival>,
}

/// Where reading goes on: in which files, oldest first, and at which bytes.
pub(in crate::follow) type Starts = Vec<(Arrival, u64)>;

impl Named {
    /// Goes on with the files that `memory` knows, and with what is new since.
    pub(super) fn resume(&mut self, memory: Memory, context: &mut Context<'_>) {
        let candidates = (0..TRIES).find_map(|_| Candidates::find(self, &context.options.clock).transpose());
        let candidates = match candidates {
            Some(Ok(candidates)) => candidates,
            Some(Err(error)) if !is_absence(&error) => return self.unreadable(error.to_string(), context),
            // Nothing is there, or the names keep changing: what appears is new.
            _ => return self.started = true,
        };
        let Candidates { mut siblings, scan, beside, current } = candidates;
        let size_of = |file: &Arrival| (file.id, Mark::of(&file.head), file.size, file.content.is_packed());
        let sizes: Vec<(FileId, Mark, u64, bool)> = beside.iter().map(size_of).collect();
        let (starts, current) = match memory {
            Memory::Saved(saved) => {
                self.started = true;
                recall(&self.path, &saved, siblings.clock(), beside, current, context.notices)
            }
            Memory::Asked { mut ask, followed } => {
                let recalled = ask_for(&mut *ask, followed, &siblings, beside, current);
                self.started |= recalled.2;
                (recalled.0, recalled.1)
            }
        };
        siblings.keep(&scan);
        // What was written to them since they were looked at is new.
        sizes.into_iter().for_each(|(id, head, size, packed)| siblings.done_with(id, head, size, packed));
        let started = self.started;
        for (arrival, offset) in starts.into_iter().chain(current.filter(|_| started)) {
            let (id, path) = (arrival.id, arrival.path);
            let opened = Generation::new(arrival.content, path.clone(), offset, context.now);
            match opened.and_then(|opened| opened.with_origin(context.options.origins)) {
                Ok(generation) => {
                    siblings.forget(&[id]);
                    context.notices.push_back(Notice::Resumed { path, offset });
                    self.generations.push_back(generation);
                }
                Err(error) => {
                    context.notices.push_back(Notice::Unreadable { path, reason: error.to_string() });
                }
            }
        }
        self.siblings = Some(siblings);
        self.rewatch = true;
    }
}

/// Finds the files of `saved`, and those that came after them.
pub(in crate::follow) fn recall(
    name: &Path,
    saved: &Saved,
    clock: &Clock,
    mut beside: Vec<Arrival>,
    current: Option<Arrival>,
    notices: &mut VecDeque<Notice>,
) -> (Starts, Option<(Arrival, u64)>) {
    let (mut starts, mut late) = (Starts::new(), Starts::new());
    let mut goes_on = None;
    let mut read_to = None;
    for (at, position) in saved.files.iter().enumerate() {
        let newest = at + 1 == saved.files.len();
        let is_it = |file: &Arrival| position.is_in(file);
        let same_id = |file: &Arrival| file.id == position.id && is_it(file);
        if current.as_ref().is_some_and(is_it) {
            goes_on = Some(position.offset);
            continue;
        }
        let found = beside.iter().position(same_id);
        let found = found.or_else(|| beside.iter().position(|file| !file.content.is_packed() && is_it(file)));
        let Some(found) = found.or_else(|| beside.iter().position(is_it)) else {
            if newest && position.read > 0 {
                let (path, offset) = (name.to_owned(), position.offset);
                notices.push_back(Notice::Gone { path, offset });
            }
            continue;
        };
        let file = beside.remove(found);
        read_to = last_time(clock, &file.content, position.offset);
        starts.push((file, position.offset));
    }
    let mut found = Found::default();
    for file in beside {
        let is = |head: Mark, size: Option<u64>| is_same(&file, head, size);
        let known = saved.beside.iter().find(|known| known.is(&file));
        let read = saved.files.iter().any(|position| is(position.head, Some(position.read)));
        match known {
            Some(known) if file.size > known.size && !file.content.is_packed() => {
                let size = known.size;
                late.push((file, size));
            }
            Some(_) => {}
            None if read || file.head.is_empty() => {}
            None if file.is_likely(clock, read_to) => found.arrivals.push(file),
            None => {}
        }
    }
    found.leave_out_twins();
    sort(&mut found.arrivals, clock, |file| file);
    starts.extend(found.arrivals.into_iter().map(|file| (file, 0)));
    late.append(&mut starts);
    let current = current.map(|file| {
        let known = saved.beside.iter().find(|known| known.is(&file));
        let begin = known.map_or(0, |known| known.size.min(file.size));
        (file, goes_on.unwrap_or(begin))
    });
    (late, current)
}

/// Finds the files of which it is known by their content how far they were taken in, and those that came after
/// them. Says whether there are any.
fn ask_for(
    ask: &mut Ask,
    followed: bool,
    siblings: &Siblings,
    beside: Vec<Arrival>,
    current: Option<Arrival>,
) -> (Starts, Option<(Arrival, u64)>, bool) {
    let mut heads: Vec<Vec<u8>> = Vec::new();
    let head_of = |file: &Arrival| file.content.head(WHOLE_HEAD).unwrap_or_default();
    let (mut starts, mut unknown) = (Starts::new(), Vec::new());
    let mut newest = None;
    let mut any = false;
    let current = current.map(|file| {
        let head = head_of(&file);
        let held = if head.is_empty() { Held::Unknown } else { ask(&head) };
        heads.extend((!head.is_empty()).then_some(head));
        match held {
            Held::To(offset) => {
                any = true;
                newest = newest.max(siblings.clock().of(&file.head));
                (file, offset)
            }
            _ => (file, 0),
        }
    });
    // Of what is there twice, the plain one is whole, and the longer one has all.
    let mut beside = beside;
    beside.sort_by_key(|file| (file.content.is_packed(), std::cmp::Reverse(file.size)));
    for file in beside {
        let head = head_of(&file);
        if head.is_empty() || heads.iter().any(|known| known.starts_with(&head) || head.starts_with(known)) {
            continue;
        }
        match ask(&head) {
            Held::To(offset) => {
                any = true;
                newest = newest.max(siblings.clock().of(&file.head));
                if file.content.reaches(offset + 1).unwrap_or(false) {
                    starts.push((file, offset));
                }
            }
            Held::Beside => {}
            Held::Unknown => unknown.push(file),
        }
        heads.push(head);
    }
    // What stood beside a followed log is known, so all else is new.
    let is_new = |file: &Arrival| match (siblings.clock().of(&file.head), newest) {
        _ if followed && file.told.age().is_some() => true,
        (Some(begins), Some(newest)) if followed => begins + SLACK >= newest,
        (Some(begins), Some(newest)) => begins > newest,
        _ => false,
    };
    starts.extend(unknown.into_iter().filter(|file| any && is_new(file)).map(|file| (file, 0)));
    sort(&mut starts, siblings.clock(), |(file, _)| file);
    (starts, current, any)
}

impl Candidates {
    /// What is there now; none if names were changing meanwhile.
    fn find(named: &Named, clock: &Clock) -> io::Result<Option<Self>> {
        let id = || fs::metadata(&named.path).ok().map(|metadata| FileId::of(&metadata));
        let before = id();
        let resolved = match fs::canonicalize(&named.path) {
            Ok(resolved) => resolved,
            Err(error) if is_absence(&error) => {
                fs::canonicalize(parent(&named.path))?.join(named.path.file_name().unwrap_or_default())
            }
            Err(error) => return Err(error),
        };
        let siblings = Siblings::of(&resolved, clock.clone())?;
        let scan = siblings.scan()?;
        let current = match open(&named.path) {
            Ok(file) => Some(Arrival::of(file, &named.path, Told::Nothing)?),
            Err(error) if is_absence(&error) => None,
            Err(error) => return Err(error),
        };
        let beside: Vec<Arrival> = scan
            .opened()
            .filter(|file| current.as_ref().is_none_or(|current| current.id != file.id))
            .collect();
        let stable = id() == before && siblings.scan()?.is_like(&scan);
        Ok(stable.then_some(Self { siblings, scan, beside, current }))
    }
}

impl Beside {
    fn is(&self, file: &Arrival) -> bool {
        let same_id = file.id == self.id && self.head.begins(&file.head);
        same_id || is_same(file, self.head, (self.size < u64::MAX).then_some(self.size))
    }
}

impl Position {
    /// Whether `file` holds what was read of this one.
    fn is_in(&self, file: &Arrival) -> bool {
        if self.read == 0 {
            return file.id == self.id;
        }
        let mut tail = vec![0; (self.tail.length as usize).min(MARK)];
        let before = self.read.saturating_sub(tail.len() as u64);
        self.head.begins(&file.head)
            && file.content.read_at(&mut tail, before).is_ok_and(|got| got == tail.len())
            && Mark::of(&tail) == self.tail
    }
}

/// The time of the last line before `offset`.
fn last_time(clock: &Clock, content: &Content, offset: u64) -> Option<i64> {
    let mut last = vec![0; MARK.min(usize::try_from(offset).ok()?)];
    let before = offset - last.len() as u64;
    let got = content.read_at(&mut last, before).ok()?;
    clock.of_last(&last[..got])
}
