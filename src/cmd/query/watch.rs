//! What ends a query early: a signal, or that nobody reads the answer any more.

use crate::stream::scan::LogScan;
use anyhow::Result;
use rustix::event::{PollFd, PollFlags, poll};
use std::{
    os::fd::AsFd,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};
use weblog_io::Stop;
use weblog_query::Interrupt;

/// Why a query ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// By a signal.
    Signalled,
    /// Nobody reads standard output any more.
    Closed,
}

/// Watches over a query.
pub(super) struct Watch {
    stop: Stop,
    broken: Arc<OnceLock<Broken>>,
    settled: Arc<AtomicBool>,
}

impl Watch {
    /// From now on a signal ends what is watched over, not the process.
    pub(super) fn new() -> Result<Watch> {
        let stop = Stop::new()?;
        stop.on_signals()?;
        Ok(Watch { stop, broken: Arc::default(), settled: Arc::default() })
    }

    /// Nothing is watched over: the shell looks after its statements itself.
    pub(super) fn of_shell() -> Result<Watch> {
        Ok(Watch { stop: Stop::new()?, broken: Arc::default(), settled: Arc::default() })
    }

    /// What a signal asks to stop.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Interrupts the engine and the scans when there is a reason to.
    pub(super) fn over(&self, engine: Interrupt, scans: &[Arc<LogScan>], watch_output: bool) {
        let (stop, broken, scans) = (self.stop.clone(), Arc::clone(&self.broken), scans.to_vec());
        let settled = Arc::clone(&self.settled);
        // It ends with the process.
        std::thread::spawn(move || {
            let reason = wait(&stop, watch_output);
            if settled.load(Ordering::Acquire) {
                return;
            }
            let _ = broken.set(reason);
            scans.iter().for_each(|scan| scan.stop());
            // An interrupt between two steps of the engine would be lost.
            loop {
                engine.interrupt();
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        });
    }

    /// The answer is complete: what happens from now on, while somebody looks at it, ends no query.
    pub(super) fn settle(&self) {
        self.settled.store(true, Ordering::Release);
    }

    /// Why the query ended early, if it did.
    pub(super) fn broken(&self) -> Option<Broken> {
        self.broken.get().copied()
    }
}

/// Waits until there is a reason to end.
fn wait(stop: &Stop, watch_output: bool) -> Broken {
    let stdout = weblog_io::stdout();
    let mut watch_output = watch_output;
    loop {
        let mut watched = vec![PollFd::from_borrowed_fd(stop.as_fd(), PollFlags::IN)];
        if watch_output {
            // Errors are told without being asked for.
            watched.push(PollFd::from_borrowed_fd(stdout, PollFlags::empty()));
        }
        if poll(&mut watched, None).is_err() {
            continue;
        }
        if !watched[0].revents().is_empty() {
            return Broken::Signalled;
        }
        match watched.get(1).map(|output| output.revents()) {
            Some(events) if events.contains(PollFlags::ERR) => return Broken::Closed,
            Some(events) if !events.is_empty() => watch_output = false,
            _ => {}
        }
    }
}
