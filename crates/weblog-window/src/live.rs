//! Streams to one order, as they come.
//!
//! A line goes out once no stream is expected to bring an earlier one: when all have come further than its
//! time by the lateness. A stream that was silent for a while is not waited for. What then comes too late to
//! be put in its place is told apart.
//!
//! Each stream is read by a thread of its own into a short queue; a stream that runs ahead of the others is
//! left waiting, so memory is bounded.

mod held;

use crate::{Block, Header, LineClock, LineReader};
use held::{Held, cost};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{Builder, scope};
use std::time::{Duration, Instant};
use weblog_io::{Flow, Stop};

/// All lines that wait together stay below about this.
const MEMORY: usize = 24 << 20;
/// What each stream may hold at least.
const SMALLEST_SHARE: usize = 16 << 10;
const LARGEST_READ: usize = 128 << 10;

/// How streams are merged.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much earlier than one above it a line may be and still be put in its place, in microseconds.
    pub lateness: i64,
    /// A stream that is silent for so long is not waited for.
    pub idle: Duration,
    /// Ends it; is asked to end when the merge does.
    pub stop: Stop,
    /// The headers of what comes beside the streams.
    pub headers: Headers,
}

/// What is known of the headers of sources, which must not differ.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    /// A source with a header.
    pub known: Option<(Arc<str>, Header)>,
    /// A source whose first line names no columns.
    pub bare: Option<Arc<str>>,
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out<'a> {
    /// Whole lines, next in order.
    Lines(&'a [u8]),
    /// Whole lines that came too late.
    Late(&'a [u8]),
    /// Nothing more for the moment: what was buffered should be written.
    Flush,
}

/// Why a merge failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum LiveError<E> {
    /// The lines of these two sources mean different things, as their headers say.
    Headers(Arc<str>, Arc<str>),
    /// A thread could not be started.
    Thread(std::io::Error),
    /// The error of whoever takes the lines.
    Sink(E),
}

/// Something that gives blocks in order, beside the streams.
pub type Feeder<'a> = Box<dyn FnOnce(&mut dyn FnMut(Block) -> Flow) + Send + 'a>;

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    share: usize,
}

#[derive(Default)]
struct State {
    queues: Vec<Queue>,
    /// The merge has ended.
    over: bool,
    headers: Headers,
    conflict: Option<(Arc<str>, Arc<str>)>,
}

struct Queue {
    blocks: VecDeque<Block>,
    bytes: usize,
    ended: bool,
    heard: Instant,
}

/// Merges `streams` and what `feeder` gives, which goes first where times are equal, and gives the readers back
/// for what they know.
///
/// # Errors
/// The error of `sink`, or streams that cannot be merged.
pub fn merge<'c, E>(
    streams: Vec<LineReader>,
    feeder: Option<Feeder<'_>>,
    options: &Options,
    clock: &(dyn Fn() -> Box<dyn LineClock + 'c> + Sync),
    sink: impl FnMut(Out<'_>) -> Result<Flow, E>,
) -> Result<Vec<LineReader>, LiveError<E>> {
    let count = streams.len() + usize::from(feeder.is_some());
    let queue = || Queue { blocks: VecDeque::new(), bytes: 0, ended: false, heard: Instant::now() };
    let queues = (0..count).map(|_| queue()).collect();
    let shared = Shared {
        state: Mutex::new(State { queues, headers: options.headers.clone(), ..State::default() }),
        changed: Condvar::new(),
        share: (MEMORY / (2 * count.max(1))).max(SMALLEST_SHARE),
    };
    let shared = &shared;
    scope(|threads| {
        let over = Over { shared, stop: &options.stop };
        let has_feeder = feeder.is_some();
        if let Some(feeder) = feeder {
            let feed = move || {
                feeder(&mut |block| shared.push(0, block));
                shared.end(0);
            };
            Builder::new().name("files".into()).spawn_scoped(threads, feed).map_err(LiveError::Thread)?;
        }
        let first = usize::from(has_feeder);
        let mut readers = Vec::new();
        for (at, reader) in streams.into_iter().enumerate() {
            let read = move || shared.read(first + at, reader, &mut *clock());
            let thread = Builder::new().name("stream".into()).spawn_scoped(threads, read);
            readers.push(thread.map_err(LiveError::Thread)?);
        }
        merge_queues(shared, options, has_feeder, sink)?;
        drop(over);
        Ok(readers.into_iter().filter_map(|thread| thread.join().ok()).collect())
    })
}

/// Tells the threads that the merge has ended, however it did.
struct Over<'a> {
    shared: &'a Shared,
    stop: &'a Stop,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.shared.lock().over = true;
        self.shared.changed.notify_all();
        self.stop.request();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked while holding it left whole blocks behind.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Adds a block once there is room for it.
    fn push(&self, at: usize, block: Block) -> Flow {
        let mut state = self.lock();
        while !state.over && state.queues[at].bytes >= self.share {
            state = self.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        if state.over {
            return Flow::Stop;
        }
        let queue = &mut state.queues[at];
        queue.bytes += cost(&block);
        queue.blocks.push_back(block);
        queue.heard = Instant::now();
        self.changed.notify_all();
        Flow::Continue
    }

    fn end(&self, at: usize) {
        self.lock().queues[at].ended = true;
        self.changed.notify_all();
    }

    /// Reads a stream to its end.
    fn read(&self, at: usize, mut reader: LineReader, clock: &mut dyn LineClock) -> LineReader {
        let mut block = Block::default();
        while reader.fill(&mut block, self.share.min(LARGEST_READ), false, clock) {
            if self.disagrees(&reader) || self.push(at, packed(&block)) == Flow::Stop {
                break;
            }
        }
        self.end(at);
        reader
    }

    /// Whether lines of this stream, or of another, mean something else than those of another.
    fn disagrees(&self, reader: &LineReader) -> bool {
        let mut guard = self.lock();
        let state = &mut *guard;
        let source = Arc::clone(reader.source());
        let names_columns = |header: Option<&Header>| matches!(header, Some(Header::Columns(_)));
        if !names_columns(reader.header()) {
            state.headers.bare.get_or_insert_with(|| Arc::clone(&source));
        }
        if let Some(header) = reader.header() {
            state.headers.known.get_or_insert_with(|| (Arc::clone(&source), header.clone()));
        }
        let Some((other, known)) = &state.headers.known else { return false };
        let differs = reader.header().is_some_and(|header| header != known) || reader.has_other_header();
        let bare = state.headers.bare.as_ref().filter(|_| names_columns(Some(known)));
        if !differs && bare.is_none() {
            return false;
        }
        let conflict = match bare {
            Some(bare) if !differs => (Arc::clone(other), Arc::clone(bare)),
            _ => (Arc::clone(other), source),
        };
        state.conflict = Some(conflict);
        self.changed.notify_all();
        true
    }
}

/// The lines of a block without the room behind them.
fn packed(block: &Block) -> Block {
    let end = block.entries.last().into_iter().chain(block.early.last()).map(|entry| entry.end).max();
    Block {
        bytes: block.bytes[..end.unwrap_or(0) as usize].to_vec(),
        entries: block.entries.clone(),
        early: block.early.clone(),
        late: Vec::new(),
    }
}

fn merge_queues<E>(
    shared: &Shared,
    options: &Options,
    has_feeder: bool,
    mut sink: impl FnMut(Out<'_>) -> Result<Flow, E>,
) -> Result<(), LiveError<E>> {
    let mut front = i64::MIN;
    let mut state = shared.lock();
    let mut held: Vec<Held> = state.queues.iter().map(|_| Held::new()).collect();
    loop {
        if let Some((one, other)) = state.conflict.take() {
            return Err(LiveError::Headers(one, other));
        }
        let mut came = false;
        for (queue, held) in state.queues.iter_mut().zip(&mut held) {
            while held.bytes < shared.share
                && let Some(block) = queue.blocks.pop_front()
            {
                queue.bytes -= cost(&block);
                held.take(block);
                came = true;
            }
        }
        let now = Instant::now();
        let is_feeder = |at: usize| has_feeder && at == 0;
        let is_waited_for = |(at, queue): &(usize, &Queue)| {
            let silent = queue.blocks.is_empty() && now.duration_since(queue.heard) >= options.idle;
            !(queue.ended && queue.blocks.is_empty()) && (!silent || is_feeder(*at))
        };
        let waited_for: Vec<usize> =
            state.queues.iter().enumerate().filter(is_waited_for).map(|(at, _)| at).collect();
        let come = |at: &usize, lateness: i64| {
            // Files are in order already.
            held[*at].latest.saturating_sub(if is_feeder(*at) { 0 } else { lateness })
        };
        let least = |lateness: &dyn Fn(&usize) -> i64| {
            waited_for.iter().map(|at| come(at, lateness(at))).min().unwrap_or(i64::MAX)
        };
        let mut watermark = least(&|_| options.lateness);
        let next = held.iter().flat_map(|held| [held.next(), held.next_early()]).flatten().min();
        if next.is_some_and(|next| next > watermark) {
            // What cannot be held cannot wait for what is late.
            let is_full = |at: &usize| held[*at].bytes >= shared.share;
            watermark = least(&|at| if is_full(at) { 0 } else { options.lateness });
        }
        let over = state.queues.iter().all(|queue| queue.ended && queue.blocks.is_empty());
        let until = waited_for.iter().filter(|at| !is_feeder(**at)).map(|at| state.queues[*at].heard).min();
        if came {
            shared.changed.notify_all();
        }
        drop(state);
        let written = emit(&mut held, watermark, &mut front, &mut sink).map_err(LiveError::Sink)?;
        if written == Some(Flow::Stop) || over {
            return Ok(());
        }
        state = shared.lock();
        let news = state
            .queues
            .iter()
            .zip(&held)
            .any(|(queue, held)| !queue.blocks.is_empty() && held.bytes < shared.share);
        let ended = state.queues.iter().all(|queue| queue.ended && queue.blocks.is_empty());
        if news || ended || state.conflict.is_some() || written.is_some() {
            continue;
        }
        let wait = |left: Duration| left.max(Duration::from_millis(1));
        state =
            match until.map(|heard| wait((heard + options.idle).saturating_duration_since(Instant::now()))) {
                Some(left) => {
                    let woken = shared.changed.wait_timeout(state, left);
                    woken.unwrap_or_else(std::sync::PoisonError::into_inner).0
                }
                None => shared.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner),
            };
    }
}

/// Gives out all that is not later than the watermark; none when there was nothing.
fn emit<E>(
    held: &mut [Held],
    watermark: i64,
    front: &mut i64,
    sink: &mut impl FnMut(Out<'_>) -> Result<Flow, E>,
) -> Result<Option<Flow>, E> {
    let mut any = false;
    loop {
        let (mut first, mut second) = (None, None);
        for (at, held) in held.iter().enumerate() {
            for key in
                [held.next().map(|time| (time, at, false)), held.next_early().map(|time| (time, at, true))]
            {
                let Some(key) = key else { continue };
                if first.is_none_or(|known| key < known) {
                    second = first.replace(key);
                } else if second.is_none_or(|known| key < known) {
                    second = Some(key);
                }
            }
        }
        let Some((time, at, early)) = first.filter(|(time, ..)| *time <= watermark) else { break };
        any = true;
        let late = time < *front && time > i64::MIN;
        *front = (*front).max(time);
        let is_before =
            |time: i64| time <= watermark && second.is_none_or(|second| (time, at, false) < second);
        let flow = match (early, late) {
            (true, _) => {
                held[at].give_early(|lines| sink(if late { Out::Late(lines) } else { Out::Lines(lines) }))?
            }
            // As many as stand together, but late ones, of which the last one would move the front.
            (false, true) => held[at].give(|_| false, |lines, _| sink(Out::Late(lines)))?,
            (false, false) => held[at].give(is_before, |lines, last| {
                *front = last;
                sink(Out::Lines(lines))
            })?,
        };
        if flow == Flow::Stop {
            return Ok(Some(Flow::Stop));
        }
    }
    if any {
        return sink(Out::Flush).map(Some);
    }
    Ok(None)
}
