//! Blocks read ahead of the merge, by a few threads for all cursors.

use crate::{Block, LineClock, cursor::Feed};
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, Scope};

type Done = (Feed, Block, io::Result<bool>);

/// Fills blocks, on threads of its own or when asked.
pub(crate) struct Supply<'c> {
    size: usize,
    jobs: Option<Sender<Job>>,
    clock: Box<dyn LineClock + 'c>,
}

struct Job {
    feed: Feed,
    block: Block,
    back: Sender<Done>,
}

/// A block that was asked for.
pub(crate) struct Pending(Receiver<Done>);

impl Pending {
    pub(crate) fn wait(self) -> io::Result<Done> {
        self.0.recv().map_err(|_| io::Error::other("a defect in this program ended one of its threads"))
    }
}

impl<'c> Supply<'c> {
    /// Blocks of about `size` bytes, filled by so many threads; by the one that asks if it is one.
    pub(crate) fn new<'scope>(
        scope: &'scope Scope<'scope, '_>,
        threads: usize,
        size: usize,
        clock: &'scope (dyn Fn() -> Box<dyn LineClock + 'c> + Sync),
    ) -> io::Result<Supply<'c>>
    where
        'c: 'scope,
    {
        let mut supply = Supply { size, jobs: None, clock: clock() };
        if threads > 1 {
            let (jobs, waiting) = channel::<Job>();
            let waiting = Arc::new(Mutex::new(waiting));
            for _ in 0..threads {
                let waiting = Arc::clone(&waiting);
                let serve = move || {
                    let mut clock = clock();
                    loop {
                        let job = match waiting.lock() {
                            Ok(waiting) => waiting.recv(),
                            Err(_) => return,
                        };
                        // Nobody asks any more, or nobody wants the answer.
                        let Ok(Job { mut feed, mut block, back }) = job else { return };
                        let more = feed.fill(&mut block, size, &mut *clock);
                        let _ = back.send((feed, block, more));
                    }
                };
                Builder::new().name("reader".into()).spawn_scoped(scope, serve)?;
            }
            supply.jobs = Some(jobs);
        }
        Ok(supply)
    }

    /// Asks for the next block of a feed.
    pub(crate) fn ask(&mut self, mut feed: Feed, mut block: Block) -> Pending {
        let (back, done) = channel();
        match &self.jobs {
            Some(jobs) => {
                // Without a thread to take it the answer is missing, and waiting for it is an error.
                let _ = jobs.send(Job { feed, block, back });
            }
            None => {
                let more = feed.fill(&mut block, self.size, &mut *self.clock);
                let _ = back.send((feed, block, more));
            }
        }
        Pending(done)
    }
}
