//! The ordered runner: cut, work, consume, with the results in the order of the input.
//!
//! With one thread all happens on the calling thread. With more, a reader thread hands the chunks to
//! the workers in rotation, and the calling thread takes the results back in the same rotation, so
//! that order costs nothing.

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::chunk::Chunk;
use crate::cut::{Buffers, Cutter, Filled};
use crate::input::Input;
use crate::stop::{Interruption, Stop, Watch};

/// The default limit of a line: 1 MiB.
pub const LINE_LIMIT: usize = 1 << 20;
/// All chunks of a run together stay below this.
const MEMORY_LIMIT: usize = 32 << 20;
/// Larger chunks bring no more speed.
const CHUNK_LIMIT: usize = 1 << 20;

/// How to run.
#[derive(Clone, Debug)]
pub struct RunOptions<'a> {
    /// How many workers; 1 (the default, as is 0) runs all on the calling thread.
    pub threads: usize,
    /// The size of a chunk in bytes, if it is not to follow from the number of threads. It grows to
    /// the line limit for a line that is longer.
    pub chunk_size: Option<usize>,
    /// A line of more bytes than this, without its delimiter, comes in pieces. 1 MiB by default.
    pub line_limit: usize,
    /// Where the results go, usually [`stdout`]. When its reader goes away, the run ends, even while
    /// it waits for input.
    pub output: Option<BorrowedFd<'a>>,
    /// Ends the run early.
    pub stop: Option<Stop>,
    /// Leaves the unfinished last line of a regular file for another run, when the rest of it may be
    /// there; [`SourceInfo::unfinished`](crate::SourceInfo::unfinished) tells of it.
    pub whole_lines: bool,
    /// Counts the bytes read from all inputs, before decompression; see [`Input::total_size`].
    pub progress: Option<Arc<AtomicU64>>,
}

impl Default for RunOptions<'_> {
    fn default() -> Self {
        RunOptions {
            threads: 1,
            chunk_size: None,
            line_limit: LINE_LIMIT,
            output: None,
            stop: None,
            whole_lines: false,
            progress: None,
        }
    }
}

impl RunOptions<'_> {
    pub(crate) fn chunk_size(&self) -> usize {
        self.chunk_size.unwrap_or_else(|| CHUNK_LIMIT.min(MEMORY_LIMIT / (3 * self.threads.max(1) + 2)))
    }
}

/// Standard output as a file descriptor, for [`RunOptions::output`].
pub fn stdout() -> BorrowedFd<'static> {
    rustix::stdio::stdout()
}

/// What the consumer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// End the run; it counts as done.
    Stop,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All input was read.
    Input,
    /// The [`Stop`] handle or a signal asked for it.
    Stopped,
    /// Nobody reads the output any more.
    OutputClosed,
    /// The consumer returned [`Flow::Stop`].
    Consumer,
}

/// How a run ended. Inputs that could not be read are in [`Input::problems`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// Why.
    pub ended: Ended,
    /// How many bytes of an unfinished last line were left out, because the run ended early.
    pub unfinished: u64,
}

/// Why a run failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError<E> {
    /// The consumer's error.
    Consume(E),
    /// A worker, the reader or the consumer panicked, with this message.
    Panicked(String),
    /// No thread could be started.
    Thread(io::Error),
}

impl<E: fmt::Display> fmt::Display for RunError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Consume(error) => error.fmt(out),
            RunError::Panicked(message) => write!(out, "a defect in this program ended the run: {message}"),
            RunError::Thread(error) => write!(out, "cannot start a thread: {error}"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for RunError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RunError::Consume(error) => error.source(),
            RunError::Panicked(_) => None,
            RunError::Thread(error) => Some(error),
        }
    }
}

/// Runs `work` on every chunk of `input` and `consume` on every result, in the order of the input.
///
/// `new_worker` makes what a worker keeps to itself, given its number from 0; it is called on the
/// worker's own thread. `work` is handed a result that was consumed before, or a default one: it
/// clears what it finds. Whole lines are handed over as soon as a worker is free, and never held back
/// while the input is silent. What is consumed, put together, is the same for any number of threads.
pub fn run<W, T, E>(
    input: &mut Input,
    options: &RunOptions<'_>,
    new_worker: impl Fn(usize) -> W + Sync,
    work: impl Fn(&mut W, &Chunk, &mut T) + Sync,
    consume: impl FnMut(&mut T) -> Result<Flow, E>,
) -> Result<RunEnd, RunError<E>>
where
    T: Default + Send,
{
    if options.threads > 1 {
        return crate::rotation::run(input, options, new_worker, work, consume);
    }
    catch_unwind(AssertUnwindSafe(|| run_inline(input, options, new_worker, work, consume)))
        .unwrap_or_else(|panic| Err(RunError::Panicked(panic_message(&*panic))))
}

fn run_inline<W, T: Default, E>(
    input: &mut Input,
    options: &RunOptions<'_>,
    new_worker: impl Fn(usize) -> W,
    work: impl Fn(&mut W, &Chunk, &mut T),
    mut consume: impl FnMut(&mut T) -> Result<Flow, E>,
) -> Result<RunEnd, RunError<E>> {
    let watch = Watch::new(options.output, options.stop.clone(), None);
    let buffers = Buffers::new(options.chunk_size(), None);
    let mut cutter = Cutter::new(input, watch, options.progress.as_deref(), options.line_limit, buffers)
        .whole_lines(options.whole_lines);
    let (mut worker, mut result) = (new_worker(0), T::default());
    loop {
        while cutter.has_chunk() {
            let chunk = cutter.take();
            work(&mut worker, &chunk, &mut result);
            cutter.recycle(chunk);
            match consume(&mut result) {
                Ok(Flow::Continue) => {}
                Ok(Flow::Stop) => {
                    cutter.leave();
                    return Ok(RunEnd { ended: Ended::Consumer, unfinished: 0 });
                }
                Err(error) => return Err(RunError::Consume(error)),
            }
        }
        if let Filled::End(why) = cutter.fill(true) {
            return Ok(RunEnd { ended: ended(why), unfinished: cutter.unfinished });
        }
    }
}

pub(crate) fn ended(why: Option<Interruption>) -> Ended {
    match why {
        None => Ended::Input,
        Some(Interruption::Stopped) => Ended::Stopped,
        Some(Interruption::OutputClosed) => Ended::OutputClosed,
        Some(Interruption::Halted) => Ended::Consumer,
    }
}

pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic").to_owned()
}
