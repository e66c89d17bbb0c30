//! When the server itself fails.

use crate::random::{MILLION, Random};

/// One bad stretch falls into every block of this length.
const BLOCK: i64 = 3 * 3600 * 1_000_000;

/// The few failures that always occur, per million requests.
const TRICKLE: u32 = 300;

/// Decides which requests fail.
pub(crate) struct Outage {
    random: Random,
    /// Failures per million requests at any time.
    steady: u32,
    /// Failures per million requests during a bad stretch.
    bad: u32,
    /// How long a bad stretch lasts, in microseconds.
    length: i64,
    block: i64,
    from: i64,
    cause: u16,
}

impl Outage {
    /// Failures such that `errors` of the requests fail beyond the trickle, half of them in bad stretches.
    /// A stretch fails three requests in ten, or more if it must.
    pub(crate) fn new(seed: u64, errors: f64) -> Self {
        let half = (errors.clamp(0.0, 1.0) * f64::from(MILLION) / 2.0) as u32;
        let bad = half.max(300_000);
        let length = BLOCK / i64::from(bad) * i64::from(half);
        Outage {
            random: Random::new(seed),
            steady: TRICKLE + half,
            bad,
            length,
            block: i64::MIN,
            from: 0,
            cause: 502,
        }
    }

    /// The status of a failure, if the request at this instant fails.
    pub(crate) fn strikes(&mut self, time: i64) -> Option<u16> {
        let block = time.div_euclid(BLOCK);
        if block != self.block {
            self.block = block;
            let room = (BLOCK - self.length) / 1_000_000;
            self.from = block * BLOCK + i64::from(self.random.below(room as u32 + 1)) * 1_000_000;
            self.cause = [502, 502, 503, 504, 500][self.random.below(5) as usize];
        }
        let in_stretch = (self.from..self.from + self.length).contains(&time);
        let chance = if in_stretch { self.steady + self.bad } else { self.steady };
        if !self.random.chance(chance) {
            return None;
        }
        let other = !in_stretch || self.random.chance(200_000);
        Some(if other { [500, 502, 503, 504][self.random.below(4) as usize] } else { self.cause })
    }
}
