//! A log of another machine, followed through ssh.
//!
//! A thread of its own asks the far machine, so that one that is slow or silent does not hold the others up. It
//! keeps nothing open over there: whatever happens, a lost connection or a rotation, it looks at the directory and
//! goes on like a run that begins anew with what an earlier one knew. Only while the log just grows it reads on.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Instant;

use super::notice::Notice;
use super::position::Saved;
use super::{Clock, FollowOptions, StartAt};
use crate::remote::{self, Target};

mod file;
mod visit;

use visit::{Visit, VisitEnd};

/// Messages on their way from the thread, at most: they hold up to 256 KiB each.
const WAITING: usize = 4;

/// What the thread says.
enum Message {
    Lines {
        lines: Vec<u8>,
        file: u64,
        offset: u64,
        saved: Saved,
    },
    /// Nothing was given, but what has to be kept is another.
    Kept(Saved),
    Notice(Notice),
}

/// A followed log of another machine.
#[derive(Debug)]
pub(super) struct Far {
    name: PathBuf,
    messages: Receiver<Message>,
    /// Readable when there may be a message.
    bell: OwnedFd,
    /// Closed to end the thread.
    _alive: OwnedFd,
    saved: Option<Saved>,
    /// There may be messages.
    pub(super) dirty: bool,
}

/// What the thread needs.
pub(super) struct Errand {
    pub(super) name: PathBuf,
    pub(super) target: Target,
    pub(super) ssh: remote::Options,
    pub(super) start: StartAt,
    pub(super) clock: Clock,
    pub(super) saved: Option<Saved>,
    messages: SyncSender<Message>,
    bell: OwnedFd,
    alive: OwnedFd,
}

/// Nobody listens to the thread any more.
struct Over;

impl Far {
    /// Begins to follow.
    pub(super) fn new(
        name: PathBuf,
        target: Target,
        ssh: remote::Options,
        saved: Option<Saved>,
        options: &FollowOptions,
    ) -> io::Result<Self> {
        let (sender, messages) = sync_channel(WAITING);
        let flags = rustix::pipe::PipeFlags::CLOEXEC | rustix::pipe::PipeFlags::NONBLOCK;
        let (bell, ring) = rustix::pipe::pipe_with(flags)?;
        let (alive, end) = rustix::pipe::pipe_with(flags)?;
        let errand = Errand {
            name: name.clone(),
            target,
            ssh,
            start: options.start,
            clock: options.clock.clone(),
            saved: saved.clone(),
            messages: sender,
            bell: ring,
            alive,
        };
        thread::Builder::new().name("far".into()).spawn(move || errand.run())?;
        Ok(Self { name, messages, bell, _alive: end, saved, dirty: true })
    }

    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    pub(super) fn saved(&self) -> Option<Saved> {
        self.saved.clone()
    }

    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Takes what the thread said, up to the next lines. The file that these are from, and where in it.
    pub(super) fn step(&mut self, out: &mut Vec<u8>, mut tell: impl FnMut(Notice)) -> Option<(u64, u64)> {
        let mut rings = [0; 64];
        while rustix::io::read(&self.bell, &mut rings).is_ok_and(|got| got > 0) {}
        loop {
            match self.messages.try_recv() {
                Ok(Message::Lines { lines, file, offset, saved }) => {
                    out.extend_from_slice(&lines);
                    self.saved = Some(saved);
                    self.dirty = true;
                    return Some((file, offset));
                }
                Ok(Message::Kept(saved)) => self.saved = Some(saved),
                Ok(Message::Notice(notice)) => tell(notice),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {
                    self.dirty = false;
                    return None;
                }
            }
        }
    }
}

impl Errand {
    /// Visits the far machine again and again, until nobody listens any more.
    fn run(mut self) {
        let mut backoff = remote::Backoff::new();
        let mut down: Option<Instant> = None;
        loop {
            let began = Instant::now();
            match Visit::new(&mut self, &mut down).run() {
                VisitEnd::Over => return,
                VisitEnd::Failed { reason, permanent, reached } => {
                    if reached {
                        backoff.worked_for(began.elapsed());
                    }
                    if down.is_none() {
                        down = Some(Instant::now());
                        let notice = Notice::Unreachable { path: self.name.clone(), reason, permanent };
                        if self.say(Message::Notice(notice)).is_err() {
                            return;
                        }
                    }
                    if self.is_over_within(backoff.delay()) {
                        return;
                    }
                }
            }
        }
    }

    fn say(&self, message: Message) -> Result<(), Over> {
        self.messages.send(message).map_err(|_| Over)?;
        // A bell that is full rings anyway.
        let _ = rustix::io::write(&self.bell, &[1]);
        Ok(())
    }

    /// Waits. Whether the follower ended meanwhile.
    fn is_over_within(&self, time: std::time::Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let mut fds = [PollFd::new(&self.alive, PollFlags::IN)];
        let time = Timespec { tv_sec: time.as_secs() as _, tv_nsec: time.subsec_nanos().into() };
        poll(&mut fds, Some(&time)).is_ok_and(|ready| ready > 0)
    }
}
