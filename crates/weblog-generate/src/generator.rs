//! The log as it grows: visits under way, the next request of which is the next line.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::arrivals::{self, Arrivals};
use crate::damage::Damage;
use crate::hit::Hit;
use crate::line::LineWriter;
use crate::options::{Counts, Options};
use crate::outage::Outage;
use crate::random::{MILLION, Random};
use crate::visit::{SECOND, Visit, World};

/// Above this many lines per second visits hurry in proportion, so that those under way stay few.
const UNHURRIED: f64 = 500.0;

/// The first line falls into a running shop: visits begin this long before it.
const WARM_UP: u64 = 600 * SECOND;

/// The latest start, in the year 9000: far from the end of what a four-digit year can say.
const LATEST: i64 = 221_845_392_000 * 1_000_000;

/// Makes a log, line by line, in the order of time.
///
/// ```
/// use weblog_generate::{Generator, Options};
/// let mut generator = Generator::new(Options { seed: 7, ..Options::default() });
/// let mut log = Vec::new();
/// for _ in 0..100 {
///     generator.line(&mut log);
/// }
/// assert_eq!(generator.counts().lines, 100);
/// ```
pub struct Generator {
    world: World,
    random: Random,
    /// A stream of its own: damage changes lines, never what happens.
    damage: Random,
    outage: Outage,
    arrivals: Arrivals,
    writer: LineWriter,
    /// Lines damaged per million.
    malformed: u32,
    /// Times of visits are given in 65536ths of their natural length.
    pace: u64,
    visits: Vec<Visit>,
    /// When which visit goes on, the next on top.
    agenda: BinaryHeap<Reverse<(i64, u32)>>,
    /// Places in `visits` that are no longer used.
    vacant: Vec<u32>,
    counts: Counts,
}

impl Generator {
    /// A log with these options, from its beginning.
    pub fn new(options: Options) -> Self {
        let options = sensible(options);
        let mut random = Random::new(options.seed);
        let world = World::new();
        let pace = (65_536.0 * (UNHURRIED / options.lines_per_second).min(1.0)).max(1.0) as u64;
        let from = options.start - ((WARM_UP * pace) >> 16) as i64;
        let interval = arrivals::monitor_interval(&options);
        let arrivals = Arrivals::new(&options, from, interval, &mut random);
        let mut generator = Generator {
            damage: Random::new(random.bits()),
            outage: Outage::new(random.bits(), options.errors),
            writer: LineWriter::new(options.format),
            malformed: (options.malformed * f64::from(MILLION)) as u32,
            pace,
            visits: Vec::new(),
            agenda: BinaryHeap::new(),
            vacant: Vec::new(),
            counts: Counts::default(),
            world,
            random,
            arrivals,
        };
        if let Some(interval) = interval {
            let visit = Visit::monitor(interval, &generator.world, &mut generator.random);
            let first = u64::from(generator.random.below(60)) * SECOND;
            generator.begin(visit, options.start.saturating_add_unsigned(first));
        }
        while generator.next_time() < options.start {
            generator.next_hit();
        }
        generator
    }

    /// Appends one line with its newline to `out`. Returns the instant at which it was written, in microseconds
    /// since 1970; it never goes back.
    pub fn line(&mut self, out: &mut Vec<u8>) -> i64 {
        let start = out.len();
        let mut hit = self.counted_hit();
        let status = self.writer.write(&hit, &self.world, out);
        if self.damage.chance(self.malformed) {
            let damage = Damage::choose(&mut self.damage);
            let stamp = self.writer.stamp(hit.time);
            damage.inflict(out, start, status, stamp, &mut self.damage);
            if damage == Damage::Glued {
                hit = self.counted_hit();
                self.writer.write(&hit, &self.world, out);
            }
            self.counts.malformed += 1;
        }
        out.push(b'\n');
        self.counts.lines += 1;
        hit.time
    }

    /// What was written so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn counted_hit(&mut self) -> Hit {
        let hit = self.next_hit();
        self.counts.bots += u64::from(hit.bot);
        self.counts.server_errors += u64::from(hit.status >= 500);
        hit
    }

    /// When something happens next.
    fn next_time(&self) -> i64 {
        let under_way = self.agenda.peek().map_or(i64::MAX, |Reverse((time, _))| *time);
        under_way.min(self.arrivals.next())
    }

    fn begin(&mut self, visit: Visit, time: i64) {
        let place = self.vacant.pop().unwrap_or(self.visits.len() as u32);
        match self.visits.get_mut(place as usize) {
            Some(vacant) => *vacant = visit,
            None => self.visits.push(visit),
        }
        self.agenda.push(Reverse((time, place)));
    }

    /// The next request of all visits.
    fn next_hit(&mut self) -> Hit {
        let arrival = self.arrivals.next();
        if self.agenda.peek().is_none_or(|Reverse((time, _))| arrival < *time) {
            let visit = self.arrivals.arrive(&self.world, &mut self.random);
            self.begin(visit, arrival);
        }
        let mut top = self.agenda.peek_mut().expect("a visit has just begun, or one is under way");
        let Reverse((time, place)) = *top;
        let visit = &mut self.visits[place as usize];
        let page = visit.asks_for_page();
        let (mut hit, mut wait) = visit.step(time, &self.world, &mut self.random);
        if let Some(status) = self.outage.strikes(time) {
            (hit.status, hit.bytes) = (status, 157 + u32::from(status) % 7 * 66);
            if page {
                wait = visit.refused(wait, &mut self.random);
            }
        }
        match wait {
            Some(wait) => {
                let wait = if visit.is_hurried() { (wait * self.pace) >> 16 } else { wait };
                *top = Reverse((time.saturating_add_unsigned(wait), place));
            }
            None => {
                PeekMut::pop(top);
                self.vacant.push(place);
            }
        }
        hit
    }
}

/// Options in the ranges that their documentation names.
fn sensible(options: Options) -> Options {
    let share = |share: f64| if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    let rate = options.lines_per_second;
    Options {
        start: options.start.clamp(0, LATEST),
        lines_per_second: if rate.is_nan() { 1.0 } else { rate.clamp(0.001, 1e7) },
        bots: share(options.bots),
        errors: share(options.errors),
        malformed: share(options.malformed),
        ..options
    }
}
