//! The runner with several workers.
//!
//! Every worker has a channel of one chunk in front of it and one of one result behind it. All
//! channels end when their other side does, so whoever stops first takes the rest along: the
//! consumer drops the results' ends, a worker then drops its own, the reader finds nobody to send to.
//! A reader that waits for silent input is woken by the `halt` handle.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};

use crate::chunk::Chunk;
use crate::cut::{Buffers, Cutter, Filled};
use crate::input::Input;
use crate::run::{Ended, Flow, RunEnd, RunError, RunOptions, ended, panic_message};
use crate::stop::{Interruption, Stop, Watch};

pub(crate) fn run<W, T, E>(
    input: &mut Input,
    options: &RunOptions<'_>,
    new_worker: impl Fn(usize) -> W + Sync,
    work: impl Fn(&mut W, &Chunk, &mut T) + Sync,
    consume: impl FnMut(&mut T) -> Result<Flow, E>,
) -> Result<RunEnd, RunError<E>>
where
    T: Default + Send,
{
    let halt = Stop::new().map_err(RunError::Thread)?;
    let watch = Watch::new(options.output, options.stop.clone(), Some(halt.clone()));
    let waiting: Vec<AtomicUsize> = (0..options.threads).map(|_| AtomicUsize::new(0)).collect();
    scope(|threads| {
        let (give_back, returned) = channel();
        let (mut chunks, mut results, mut handles) = (Vec::new(), Vec::new(), Vec::new());
        for (number, waiting) in waiting.iter().enumerate() {
            let (chunk_in, chunk_out) = sync_channel(1);
            let (result_in, result_out) = sync_channel(1);
            let (used_in, used_out) = channel();
            let ends = WorkerEnds {
                chunks: chunk_out,
                waiting,
                results: result_in,
                used: used_out,
                buffers: give_back.clone(),
            };
            let (new_worker, work) = (&new_worker, &work);
            let handle = start(threads, "worker", move || ends.serve(new_worker(number), work))?;
            chunks.push(chunk_in);
            results.push((result_out, used_in));
            handles.push(handle);
        }
        let buffers = Buffers::new(options.chunk_size(), Some(returned));
        let cutter = Cutter::new(input, watch, options.progress.as_deref(), options.line_limit, buffers)
            .whole_lines(options.whole_lines);
        let waiting = &waiting;
        let reader = start(threads, "reader", move || read(cutter, &chunks, waiting))?;

        let consumed = catch_unwind(AssertUnwindSafe(|| consume_all(&results, consume)));
        drop(results);
        halt.request();

        let mut panicked = None;
        for handle in handles {
            if let Err(panic) = handle.join() {
                panicked.get_or_insert_with(|| panic_message(&*panic));
            }
        }
        let end = reader.join().map_err(|panic| RunError::Panicked(panic_message(&*panic)));
        let flow = match consumed {
            Ok(flow) => flow.map_err(RunError::Consume)?,
            Err(panic) => return Err(RunError::Panicked(panic_message(&*panic))),
        };
        if let Some(message) = panicked {
            return Err(RunError::Panicked(message));
        }
        let end = end?;
        Ok(if flow == Flow::Stop { RunEnd { ended: Ended::Consumer, unfinished: 0 } } else { end })
    })
}

fn start<'scope, E, T: Send + 'scope>(
    threads: &'scope Scope<'scope, '_>,
    name: &str,
    body: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, RunError<E>> {
    Builder::new().name(name.to_owned()).spawn_scoped(threads, body).map_err(RunError::Thread)
}

/// Takes the results in rotation, and gives each back to its worker for use again.
fn consume_all<T, E>(
    results: &[(Receiver<T>, Sender<T>)],
    mut consume: impl FnMut(&mut T) -> Result<Flow, E>,
) -> Result<Flow, E> {
    for (result, used) in results.iter().cycle() {
        // The worker whose turn it is has ended, so there are no later results either.
        let Ok(mut result) = result.recv() else { break };
        if consume(&mut result)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
        // A worker that has ended needs no more of them.
        let _ = used.send(result);
    }
    Ok(Flow::Continue)
}

/// A worker's ends of its channels.
struct WorkerEnds<'a, T> {
    chunks: Receiver<Chunk>,
    /// How many chunks lie in `chunks`.
    waiting: &'a AtomicUsize,
    results: SyncSender<T>,
    used: Receiver<T>,
    buffers: Sender<Vec<u8>>,
}

impl<T: Default> WorkerEnds<'_, T> {
    fn serve<W>(self, mut worker: W, work: &impl Fn(&mut W, &Chunk, &mut T)) {
        for chunk in &self.chunks {
            self.waiting.fetch_sub(1, Ordering::Release);
            let mut result = self.used.try_recv().unwrap_or_default();
            work(&mut worker, &chunk, &mut result);
            // The reader may have ended, and with it the need for buffers.
            let _ = self.buffers.send(chunk.buffer);
            if self.results.send(result).is_err() {
                return;
            }
        }
    }
}

/// Hands a chunk over as soon as there is a whole line and the worker whose turn it is can take it.
/// While it cannot, the chunk grows with what can be read without waiting.
fn read(mut cutter: Cutter<'_>, workers: &[SyncSender<Chunk>], waiting: &[AtomicUsize]) -> RunEnd {
    let mut turn = 0;
    loop {
        let filled = if !cutter.has_chunk() {
            cutter.fill(true)
        } else if !cutter.is_full() && waiting[turn].load(Ordering::Acquire) > 0 {
            cutter.fill(false)
        } else {
            Filled::NotReady
        };
        match filled {
            Filled::More => {}
            Filled::End(why) => return RunEnd { ended: ended(why), unfinished: cutter.unfinished },
            Filled::NotReady => {
                waiting[turn].fetch_add(1, Ordering::Relaxed);
                if workers[turn].send(cutter.take()).is_err() {
                    cutter.leave();
                    return RunEnd { ended: ended(Some(Interruption::Halted)), unfinished: 0 };
                }
                turn = (turn + 1) % workers.len();
            }
        }
    }
}
