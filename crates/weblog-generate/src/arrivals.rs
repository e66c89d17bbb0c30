//! When visits begin.

use crate::options::{Options, Spike};
use crate::random::Random;
use crate::rhythm::{LEVEL, Rhythm};
use crate::visit::{SECOND, Visit, World};

/// Requests that a visit makes on the mean, measured over many days.
const PER_PERSON: f64 = 28.6;
const PER_BOT: f64 = 13.2;
const PER_CAMPAIGN: f64 = 20.5;

/// Of a person's requests, the share that is not made when pages fail, because it hangs on them.
const HANGING_ON_PAGES: f64 = 0.85;

/// The rhythm is looked up anew after this time, so that a quiet hour does not reach into a busy one.
const GLIMPSE: i64 = 300 * SECOND as i64;

/// Who comes with a stream of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    People,
    Bots,
    Campaign,
}

/// Arrivals of one kind, one after the other.
struct Stream {
    source: Source,
    /// The mean time between two arrivals at an ordinary hour, in 1024ths of a microsecond.
    interval: u64,
    /// The next arrival, and 1024ths beyond it.
    next: i64,
    rest: u64,
    /// No arrival at this instant or later.
    end: i64,
}

/// All streams of arrivals.
pub(crate) struct Arrivals {
    streams: Vec<Stream>,
    rhythm: Rhythm,
}

impl Arrivals {
    /// Arrivals from the instant `from` that come to the lines per second asked for, less those of the monitor.
    pub(crate) fn new(options: &Options, from: i64, monitor: Option<u64>, random: &mut Random) -> Self {
        let rate = options.lines_per_second;
        let made = 1.0 - HANGING_ON_PAGES * options.errors;
        let monitored = monitor.map_or(0.0, |interval| SECOND as f64 / interval as f64);
        let mut streams = vec![
            Stream::new(Source::People, rate * (1.0 - options.bots) / (PER_PERSON * made), from),
            Stream::new(Source::Bots, (rate * options.bots - monitored) / PER_BOT, from),
        ];
        if let Some(Spike { at, length, factor }) = options.spike {
            let stream = Stream::new(
                Source::Campaign,
                rate * (factor.clamp(1.0, 1000.0) - 1.0) / (PER_CAMPAIGN * made),
                at.max(from),
            );
            streams.push(Stream { end: at.saturating_add(length), ..stream });
        }
        let rhythm = Rhythm::new(options.start, options.span);
        for stream in &mut streams {
            stream.advance(&rhythm, random);
        }
        Arrivals { streams, rhythm }
    }

    /// When the next visit begins.
    pub(crate) fn next(&self) -> i64 {
        self.streams.iter().map(|stream| stream.next).min().unwrap_or(i64::MAX)
    }

    /// The visit that begins then.
    pub(crate) fn arrive(&mut self, world: &World, random: &mut Random) -> Visit {
        let stream =
            self.streams.iter_mut().min_by_key(|stream| stream.next).expect("people and bots always come");
        let visit = match stream.source {
            Source::People => Visit::person(stream.next, world, random),
            Source::Bots => Visit::bot(world, random),
            Source::Campaign => Visit::of_campaign(stream.next, world, random),
        };
        stream.advance(&self.rhythm, random);
        visit
    }
}

impl Stream {
    fn new(source: Source, per_second: f64, from: i64) -> Self {
        // A rate of nothing gives the largest number there is, which is read as never.
        let interval = if per_second > 0.0 { (SECOND as f64 * 1024.0 / per_second) as u64 } else { u64::MAX };
        Stream { source, interval, next: from, rest: 0, end: i64::MAX }
    }

    /// Goes to the next arrival. Exponential waits have no memory, so a wait that crosses the edge of a
    /// glimpse may be drawn again from there.
    fn advance(&mut self, rhythm: &Rhythm, random: &mut Random) {
        // The rhythm says nothing to those who come less than once a week.
        let by_rhythm = self.source == Source::People && self.interval >> 10 < 7 * 86_400 * SECOND;
        while self.interval < u64::MAX {
            let level = if by_rhythm { rhythm.at(self.next).max(1) } else { LEVEL };
            let mean = u128::from(self.interval) * u128::from(LEVEL) / u128::from(level);
            let wait = self.rest + random.wait(mean.min(1 << 56) as u64);
            let glimpse = GLIMPSE - self.next.rem_euclid(GLIMPSE);
            if by_rhythm && (wait >> 10) >= glimpse as u64 {
                (self.next, self.rest) = (self.next.saturating_add(glimpse), 0);
                continue;
            }
            self.next = self.next.saturating_add_unsigned(wait >> 10);
            self.rest = wait & 1023;
            break;
        }
        if self.interval == u64::MAX || self.next >= self.end {
            (self.interval, self.next) = (u64::MAX, i64::MAX);
        }
    }
}

/// The interval of the monitor in microseconds: a minute, or so many that it makes at most a fifth of the bots'
/// lines. None when there are no bots.
pub(crate) fn monitor_interval(options: &Options) -> Option<u64> {
    let per_minute = options.lines_per_second * options.bots * 60.0 / 5.0;
    (per_minute > 0.0).then(|| ((1.0 / per_minute).ceil().clamp(1.0, 100_000.0) as u64) * 60 * SECOND)
}
