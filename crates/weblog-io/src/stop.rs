//! Ending early: on request, on a signal, because nobody reads our output any more.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::FileType;

/// After a signal a pipe is read on as long as data comes within this time of the last.
const DRAIN_GAP: Duration = Duration::from_millis(500);
/// A writer that was not signalled itself must not keep us alive: draining ends after this time.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// A handle that ends a run early, from any thread. Clones are the same handle.
///
/// The run ends as if the input had ended after the whole lines that were already read.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    requested: AtomicBool,
    signalled: Arc<AtomicBool>,
    /// Written to once and never read, so it stays readable for every poll from then on.
    wake: UnixStream,
    woken: UnixStream,
}

impl Stop {
    /// A handle that nothing has used yet. Fails when the process has no file descriptors left.
    pub fn new() -> io::Result<Stop> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let (requested, signalled) = (AtomicBool::new(false), Arc::new(AtomicBool::new(false)));
        Ok(Stop(Arc::new(Inner { requested, signalled, wake, woken })))
    }

    /// Ends the run now.
    pub fn request(&self) {
        self.0.requested.store(true, Ordering::SeqCst);
        // A full socket is as readable as one with a single byte.
        let _ = (&self.0.wake).write(b"x");
    }

    /// Whether the run was asked to end, by [`Stop::request`] or by a signal.
    pub fn is_requested(&self) -> bool {
        self.0.requested.load(Ordering::SeqCst) || self.is_signalled()
    }

    /// Whether a signal asked the run to end.
    pub fn is_signalled(&self) -> bool {
        self.0.signalled.load(Ordering::SeqCst)
    }

    /// Ties SIGINT and SIGTERM to this handle for the rest of the process.
    ///
    /// The first signal ends the run: a regular file or a terminal at once, a pipe when nothing came
    /// through it for half a second (the program before us got the same Ctrl-C, and its last lines
    /// should not be lost) or after five seconds. The second signal has its default effect. SIGXFSZ has no
    /// effect from then on.
    pub fn on_signals(&self) -> io::Result<()> {
        use signal_hook::{consts, flag, low_level::pipe};
        for signal in [consts::SIGINT, consts::SIGTERM] {
            // The order counts: what ends the process looks at the flag before it is set.
            flag::register_conditional_default(signal, Arc::clone(&self.0.signalled))?;
            flag::register(signal, Arc::clone(&self.0.signalled))?;
            pipe::register(signal, self.0.wake.try_clone()?)?;
        }
        // A file that grew to the limit of its size is an error of the write, not the end of the process.
        flag::register(consts::SIGXFSZ, Arc::default())?;
        Ok(())
    }
}

impl AsFd for Stop {
    /// Readable from the moment on at which the end was asked for, by anybody. Not to be read from.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.woken.as_fd()
    }
}

/// Why reading was broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// By the user's [`Stop`].
    Stopped,
    /// Nobody reads our output any more.
    OutputClosed,
    /// The run ended for another reason: the consumer is done, or something failed.
    Halted,
}

/// The answer of [`Watch::wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A read will not block.
    Ready,
    /// It would, and blocking was not asked for.
    NotReady,
    Interrupted(Interruption),
}

/// An input as far as waiting for it goes.
#[derive(Clone, Copy)]
pub(crate) struct Waitable<'a> {
    /// None if reads never wait for another program, as those of a regular file.
    pub(crate) fd: Option<BorrowedFd<'a>>,
    /// A pipe or socket, which is read on for a while after a signal.
    pub(crate) drainable: bool,
}

/// All that a read waits for besides its input.
pub(crate) struct Watch<'a> {
    output: Option<BorrowedFd<'a>>,
    stop: Option<Stop>,
    halt: Option<Stop>,
    drain_until: Option<Instant>,
}

impl<'a> Watch<'a> {
    /// Watches `output` for its reader going away, if it is of a kind that has one.
    pub(crate) fn new(output: Option<BorrowedFd<'a>>, stop: Option<Stop>, halt: Option<Stop>) -> Watch<'a> {
        let output = output.filter(|fd| has_a_reader(*fd));
        Watch { output, stop, halt, drain_until: None }
    }

    /// Waits until the input can be read without blocking, or until there is a reason not to.
    pub(crate) fn wait(&mut self, input: Waitable<'_>, block: bool) -> io::Result<Wait> {
        loop {
            let mut timeout = if block && input.fd.is_some() { None } else { Some(Duration::ZERO) };
            let mut draining = false;
            if let Some(stop) = &self.stop {
                if stop.0.requested.load(Ordering::SeqCst) {
                    return Ok(Wait::Interrupted(Interruption::Stopped));
                }
                if stop.is_signalled() {
                    let now = Instant::now();
                    let until = *self.drain_until.get_or_insert(now + DRAIN_LIMIT);
                    if !input.drainable || now >= until {
                        return Ok(Wait::Interrupted(Interruption::Stopped));
                    }
                    draining = true;
                    timeout = timeout.or(Some(DRAIN_GAP.min(until - now)));
                }
            }
            match self.poll(input.fd, draining, timeout)? {
                Some(Wait::NotReady) if draining && block => {
                    return Ok(Wait::Interrupted(Interruption::Stopped));
                }
                Some(wait) => return Ok(wait),
                // A signal or a request came in: look at the flags again.
                None => continue,
            }
        }
    }

    fn poll(
        &self,
        input: Option<BorrowedFd<'_>>,
        draining: bool,
        timeout: Option<Duration>,
    ) -> io::Result<Option<Wait>> {
        let stop = self.stop.as_ref().filter(|_| !draining).map(|stop| stop.0.woken.as_fd());
        let halt = self.halt.as_ref().map(|halt| halt.0.woken.as_fd());
        let wanted = [
            (input, PollFlags::IN),
            (self.output, PollFlags::empty()),
            (stop, PollFlags::IN),
            (halt, PollFlags::IN),
        ];
        // In the place of an absent descriptor stands one that is there; its answer is not looked at.
        let Some(spare) = wanted.iter().find_map(|(fd, _)| *fd) else {
            return Ok(Some(Wait::Ready));
        };
        let mut fds = wanted.map(|(fd, flags)| match fd {
            Some(fd) => PollFd::from_borrowed_fd(fd, flags),
            None => PollFd::from_borrowed_fd(spare, PollFlags::empty()),
        });
        let timeout =
            timeout.map(|t| Timespec { tv_sec: t.as_secs() as i64, tv_nsec: i64::from(t.subsec_nanos()) });
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let happened = |i: usize| wanted[i].0.is_some() && !fds[i].revents().is_empty();
        let gone = PollFlags::ERR | PollFlags::HUP;
        Ok(Some(if happened(3) {
            Wait::Interrupted(Interruption::Halted)
        } else if self.output.is_some() && fds[1].revents().intersects(gone) {
            Wait::Interrupted(Interruption::OutputClosed)
        } else if happened(2) {
            return Ok(None);
        } else if input.is_none() || happened(0) {
            Wait::Ready
        } else {
            Wait::NotReady
        }))
    }
}

fn has_a_reader(fd: BorrowedFd<'_>) -> bool {
    rustix::fs::fstat(fd).is_ok_and(|stat| {
        let kind = FileType::from_raw_mode(stat.st_mode);
        matches!(kind, FileType::Fifo | FileType::Socket | FileType::CharacterDevice)
    })
}
