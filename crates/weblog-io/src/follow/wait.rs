//! Waiting for what may end or go on with the following.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// What ends the following from outside. All parts are optional.
#[derive(Debug, Clone, Copy, Default)]
pub struct Until<'a> {
    /// Set (by a signal handler) to stop. It is looked at when a signal interrupts the wait, and at each poll.
    pub stop: Option<&'a AtomicBool>,
    /// Readable when following should stop: ends the wait at once, whichever thread took the signal. Not read from.
    pub stop_fd: Option<BorrowedFd<'a>>,
    /// Where the lines are written to. When it is a pipe or socket that its reader closed, following ends, also
    /// while no new line comes.
    pub output: Option<BorrowedFd<'a>>,
    /// When the caller has something else to do.
    pub deadline: Option<Instant>,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Something may have changed, or the time is over.
    Look,
    Stop,
    OutputClosed,
}

impl Until<'_> {
    /// Whether to stop now, without waiting.
    pub(super) fn is_over(&self) -> io::Result<bool> {
        let flagged = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        if flagged || self.stop_fd.is_none() {
            return Ok(flagged);
        }
        let only_stop = Until { output: None, ..*self };
        Ok(only_stop.wait(Duration::ZERO, &[])? == Woken::Stop)
    }

    /// Waits until one of `inputs` is readable, something ends the following, or `timeout` is over.
    pub(super) fn wait(&self, timeout: Duration, inputs: &[BorrowedFd<'_>]) -> io::Result<Woken> {
        let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(inputs.len() + 2);
        fds.extend(self.stop_fd.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        // No flags: poll reports POLLERR and POLLHUP anyway, and nothing else is wanted of an output.
        fds.extend(self.output.iter().map(|fd| PollFd::new(fd, PollFlags::empty())));
        fds.extend(inputs.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        let timeout = Timespec { tv_sec: timeout.as_secs() as _, tv_nsec: timeout.subsec_nanos().into() };
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let mut answers = fds.iter().map(PollFd::revents);
        let stop = self.stop_fd.and_then(|_| answers.next()).is_some_and(|answer| !answer.is_empty());
        let output = self.output.and_then(|_| answers.next()).unwrap_or(PollFlags::empty());
        if stop || self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            Ok(Woken::Stop)
        } else if output.intersects(PollFlags::ERR | PollFlags::HUP) {
            Ok(Woken::OutputClosed)
        } else {
            Ok(Woken::Look)
        }
    }
}
