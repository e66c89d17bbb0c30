//! One connection to a far machine, from the log-in to its end.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::file::{File, Line, lost, of_io};
use super::{Errand, Message, Over};
use crate::follow::StartAt;
use crate::follow::content::Stored;
use crate::follow::generation::{Generation, Step};
use crate::follow::name::{Told, is_half_made, told};
use crate::follow::named::resume::recall;
use crate::follow::notice::Notice;
use crate::follow::position::{Beside, FileId, MARK, Mark, Saved};
use crate::follow::siblings::Arrival;
use crate::last_lines::last_lines_before;
use crate::remote::{MOST_READ, RemoteError, Session, Stat, Waited};

/// How long the far machine looks for something new before it says that there is nothing.
const LOOK: Duration = Duration::from_secs(5);
/// How often the whole directory is looked at: after a rotation for a while, and else.
const SOON: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(30);
/// How long after a rotation lines may still come to the old file.
const LINGER: Duration = Duration::from_secs(60);
/// How much is read at once.
const PIECE: usize = MOST_READ;
/// Lines are given out when there are this many bytes of them.
const BATCH: usize = 256 * 1024;
/// How often a file must be missing to be gone.
const DOUBTS: usize = 5;
/// The most rotated files that are known by their content.
const KNOWN: usize = 1000;

pub(super) struct Visit<'a> {
    errand: &'a mut Errand,
    /// Since when the machine was out of reach, if it was.
    down: &'a mut Option<Instant>,
    reached: bool,
    /// How files begin that were looked at, so that each is looked at once.
    heads: HashMap<FileId, Mark>,
    /// Since when there are files that had the name before.
    rotated: Option<Instant>,
    /// How often a file was missing in a row.
    doubts: usize,
}

/// How a visit ended.
pub(super) enum VisitEnd {
    /// Nobody listens any more.
    Over,
    Failed {
        reason: String,
        permanent: bool,
        reached: bool,
    },
}

/// Why a visit cannot go on.
enum Broken {
    Over,
    Remote(RemoteError),
    /// The directory is another than it was a moment ago.
    Moved,
}

impl From<Over> for Broken {
    fn from(_: Over) -> Self {
        Broken::Over
    }
}

impl From<RemoteError> for Broken {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Stopped | RemoteError::OutputClosed => Broken::Over,
            error => Broken::Remote(error),
        }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match of_io(error) {
            Ok(RemoteError::NotFound { .. }) | Err(_) => Broken::Moved,
            Ok(error) => error.into(),
        }
    }
}

impl<'a> Visit<'a> {
    pub(super) fn new(errand: &'a mut Errand, down: &'a mut Option<Instant>) -> Self {
        Self { errand, down, reached: false, heads: HashMap::new(), rotated: None, doubts: 0 }
    }

    pub(super) fn run(mut self) -> VisitEnd {
        let Err(broken) = self.go() else { return VisitEnd::Over };
        match broken {
            Broken::Over => VisitEnd::Over,
            Broken::Moved => VisitEnd::Failed {
                reason: "its files keep changing".into(),
                permanent: false,
                reached: self.reached,
            },
            Broken::Remote(error) => {
                let permanent = error.is_permanent();
                VisitEnd::Failed { reason: error.to_string(), permanent, reached: self.reached }
            }
        }
    }

    fn go(&mut self) -> Result<(), Broken> {
        let alive = self.errand.alive.try_clone().map_err(RemoteError::Local)?;
        let until =
            crate::follow::Until { stop_fd: Some(std::os::fd::AsFd::as_fd(&alive)), ..Default::default() };
        let session = Session::connect(&self.errand.target, &self.errand.ssh, &until)?;
        let line = Line::new(session, self.errand.alive.try_clone().map_err(RemoteError::Local)?);
        let mut moved = 0;
        loop {
            match self.look(&line) {
                Ok(()) => moved = 0,
                // Files were renamed under the look: it is taken again, though not for ever.
                Err(Broken::Moved) if moved < 20 => {
                    moved += 1;
                    if self.errand.is_over_within(Duration::from_millis(20)) {
                        return Ok(());
                    }
                }
                Err(broken) => return Err(broken),
            }
        }
    }

    /// Looks at the directory, reads all that is new in it, and goes on with the log as long as that just grows.
    fn look(&mut self, line: &Line) -> Result<(), Broken> {
        line.has_failed();
        let path = self.errand.target.path.clone();
        let listing = line.ask(|session, until| session.list(&path, until))?;
        if !self.reached {
            self.reached = true;
            if let Some(since) = self.down.take() {
                let notice = Notice::Reached { path: self.errand.name.clone(), after: since.elapsed() };
                self.errand.say(Message::Notice(notice))?;
            }
        }
        let directory = listing.path.parent().map(PathBuf::from).unwrap_or_default();
        let name = listing.path.file_name().unwrap_or_default();
        let open = |entry: &Stat, file: PathBuf, told| {
            Arrival::stored(Stored::Far(Box::new(File::new(line, file.clone(), entry))), &file, told)
        };
        let current = match listing.log.as_ref().filter(|log| log.is_file) {
            Some(stat) => Some(open(stat, listing.path.clone(), Told::Nothing)?),
            None => None,
        };
        let mut beside = Vec::new();
        let mut known = Vec::new();
        let names: HashSet<OsString> = listing.entries.iter().map(|entry| entry.name.clone()).collect();
        for entry in listing.entries.iter().filter(|entry| entry.stat.is_file) {
            let Some(told) = told(&entry.name, name) else { continue };
            if is_half_made(&entry.name, &names) {
                continue;
            }
            if let Some(done) = self.done_with(&entry.stat) {
                known.push(done);
                continue;
            }
            match open(&entry.stat, directory.join(&entry.name), told) {
                Ok(arrival) => beside.push(arrival),
                Err(error) if error.kind() == io::ErrorKind::NotConnected => return Err(error.into()),
                // What cannot be read, or is not whole yet, is no log so far.
                Err(_) => {}
            }
        }
        for arrival in &beside {
            self.heads.insert(arrival.id, Mark::of(&arrival.head));
            known.push(Beside {
                id: arrival.id,
                head: Mark::of(&arrival.head),
                size: if arrival.content.is_packed() { u64::MAX } else { arrival.size },
            });
        }
        known.truncate(KNOWN);
        let last = listing.log.clone();
        let generations = self.generations(line, current, beside)?;
        self.follow(line, generations, known, last)
    }

    /// Of a file that was known before, and has not grown since, nothing is read.
    fn done_with(&self, stat: &Stat) -> Option<Beside> {
        let known = self.errand.saved.as_ref()?.beside.iter().find(|known| known.id == stat.id)?;
        let grown = known.size < u64::MAX && known.size < stat.size;
        (self.heads.get(&stat.id) == Some(&known.head) && !grown && known.head.length as usize == MARK)
            .then_some(*known)
    }

    /// What is to be read: all that is new since the last look, or at the first one the end of the log.
    fn generations(
        &mut self,
        line: &Line,
        current: Option<Arrival>,
        beside: Vec<Arrival>,
    ) -> Result<VecDeque<Generation>, Broken> {
        let mut notices = VecDeque::new();
        let now = Instant::now();
        let name = &self.errand.name;
        let (starts, current) = match &self.errand.saved {
            Some(saved) => recall(name, saved, &self.errand.clock, beside, current, &mut notices),
            None => {
                let start = |current: Arrival| -> io::Result<(Arrival, u64)> {
                    match self.errand.start {
                        StartAt::Beginning => Ok((current, 0)),
                        StartAt::LastLines(count) => {
                            let (content, size) = (&current.content, current.size);
                            let start =
                                last_lines_before(size, count, |bytes, at| content.read_at(bytes, at))?;
                            Ok((current, start))
                        }
                    }
                };
                if current.is_none() {
                    notices.push_back(Notice::Waiting { path: name.clone() });
                }
                (Vec::new(), current.map(start).transpose().map_err(Broken::from)?)
            }
        };
        let mut generations = VecDeque::new();
        for (arrival, offset) in starts.into_iter().chain(current) {
            generations.push_back(Generation::new(arrival.content, arrival.path, offset, now)?);
        }
        // What could not be read was not found to be another file.
        if line.has_failed() {
            return Err(Broken::Moved);
        }
        // The far list is made name by name, and misses a file that is being renamed.
        let is_loss = |notice: &Notice| matches!(notice, Notice::Gone { .. } | Notice::Truncated { .. });
        if notices.iter().any(is_loss) && self.doubts < DOUBTS {
            self.doubts += 1;
            return Err(Broken::Moved);
        }
        self.doubts = 0;
        for notice in notices {
            self.errand.say(Message::Notice(notice))?;
        }
        Ok(generations)
    }

    /// Reads all of these, then waits for the last one to grow. Ends when it is time to look at all again.
    fn follow(
        &mut self,
        line: &Line,
        mut generations: VecDeque<Generation>,
        mut known: Vec<Beside>,
        mut last: Option<Stat>,
    ) -> Result<(), Broken> {
        let looked = Instant::now();
        self.rotated = (generations.len() > 1).then(|| self.rotated.unwrap_or(looked));
        for at in 0..generations.len() {
            self.read(&mut generations, at, &known)?;
        }
        self.retire(&mut generations, &mut known)?;
        let saved = saved(&generations, &known);
        if self.errand.saved.as_ref() != Some(&saved) {
            self.errand.saved = Some(saved.clone());
            self.errand.say(Message::Kept(saved))?;
        }
        loop {
            let rotated = self.rotated.is_some_and(|rotated| rotated.elapsed() < LINGER);
            let again = if rotated { SOON } else { SELDOM };
            let left = again.saturating_sub(looked.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            let path = self.errand.target.path.clone();
            let most = LOOK.min(left.max(Duration::from_millis(200)));
            match line.ask(|session, until| session.wait(&path, last.as_ref(), most, until))? {
                Waited::Unchanged => {}
                Waited::Changed(Some(now)) => {
                    let newest = generations.len().checked_sub(1);
                    let Some(newest) = newest.filter(|newest| generations[*newest].id == now.id) else {
                        return Ok(());
                    };
                    if now.size < generations[newest].offset() {
                        return Ok(());
                    }
                    generations[newest].grow(now.size);
                    self.read(&mut generations, newest, &known)?;
                    last = Some(now);
                }
                Waited::Changed(None) => return Ok(()),
            }
        }
    }

    /// Files that lost the name a while ago are done with, and so are their unfinished lines.
    fn retire(
        &mut self,
        generations: &mut VecDeque<Generation>,
        known: &mut Vec<Beside>,
    ) -> Result<(), Broken> {
        if self.rotated.is_none_or(|rotated| rotated.elapsed() < LINGER) {
            return Ok(());
        }
        self.rotated = None;
        while generations.len() > 1 {
            let Some(mut old) = generations.pop_front() else { break };
            let mut lines = Vec::new();
            old.line.end(&mut lines);
            let size = if old.content().is_packed() { u64::MAX } else { old.offset() };
            known.push(Beside { id: old.id, head: old.first_read(), size });
            if !lines.is_empty() {
                let (file, end) = (old.serial, old.position().offset);
                let offset = end.saturating_sub(lines.len() as u64 - 1);
                let saved = saved(generations, known);
                self.errand.saved = Some(saved.clone());
                self.errand.say(Message::Lines { lines, file, offset, saved })?;
            }
        }
        Ok(())
    }

    /// Reads one file as far as it was seen to go.
    fn read(
        &mut self,
        generations: &mut VecDeque<Generation>,
        at: usize,
        known: &[Beside],
    ) -> Result<(), Broken> {
        let mut buffer = vec![0; PIECE + MARK];
        let mut out = Vec::new();
        loop {
            let generation = &mut generations[at];
            let step = match generation.read(&mut buffer, &mut out) {
                Ok((step, nuls)) => {
                    if nuls > 0 {
                        let path = self.errand.name.clone();
                        self.errand.say(Message::Notice(Notice::NulsSkipped { path, bytes: nuls }))?;
                    }
                    step
                }
                Err(error) if error.kind() == io::ErrorKind::NotConnected => return Err(error.into()),
                // What cannot be decompressed or read now is tried again at the next look.
                Err(_) => Step::Done,
            };
            if !out.is_empty() && (out.len() >= BATCH || step != Step::More) {
                let (file, end) = (generation.serial, generation.position().offset);
                let offset = end.saturating_sub(out.len() as u64);
                let saved = saved(generations, known);
                self.errand.saved = Some(saved.clone());
                let lines = std::mem::take(&mut out);
                self.errand.say(Message::Lines { lines, file, offset, saved })?;
            }
            match step {
                Step::More => {}
                Step::Done => return Ok(()),
                Step::Changed => return Err(lost("it changed").into()),
            }
        }
    }
}

/// What has to be kept: how far all files were read, and those that are done with.
fn saved(generations: &VecDeque<Generation>, known: &[Beside]) -> Saved {
    let ours: Vec<FileId> = generations.iter().map(|generation| generation.id).collect();
    Saved {
        files: generations.iter().map(Generation::position).collect(),
        beside: known.iter().filter(|known| !ours.contains(&known.id)).copied().collect(),
    }
}
