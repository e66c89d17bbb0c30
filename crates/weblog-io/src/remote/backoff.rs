//! How long to wait before the next attempt.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const MOST: Duration = Duration::from_secs(30);
/// A session that worked for so long makes the next wait the shortest again.
const STEADY: Duration = Duration::from_secs(1);

/// Waiting times that double from 0.2 s to 30 s, each made shorter by up to a half at random, so that many who
/// lost the same machine do not come back at one moment.
#[derive(Debug, Default)]
pub struct Backoff {
    /// Without the chance in it; zero before the first.
    last: Duration,
    random: RandomState,
    asked: u64,
}

impl Backoff {
    /// One that begins with the shortest time.
    pub fn new() -> Backoff {
        Backoff::default()
    }

    /// How long to wait now, after a failure.
    pub fn delay(&mut self) -> Duration {
        self.last = (self.last * 2).clamp(FIRST, MOST);
        self.asked += 1;
        let chance = self.random.hash_one(self.asked) >> 32;
        self.last - self.last.mul_f64(chance as f64 / 2f64.powi(33))
    }

    /// A session that worked has lasted this long, from its login on. After a second or more the next wait is the
    /// shortest again; a machine that lets us in only to drop us at once is left alone more and more.
    pub fn worked_for(&mut self, lasted: Duration) {
        if lasted >= STEADY {
            self.last = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_a_fifth_of_a_second_to_thirty_with_chance_in_them() {
        let mut backoff = Backoff::new();
        for nth in 0..12 {
            let whole = Duration::from_millis(200 << nth).min(MOST);
            let delay = backoff.delay();
            assert!(delay <= whole && delay >= whole / 2, "{nth}: {delay:?}");
        }
        assert_ne!(Backoff::new().delay(), Backoff::new().delay());
    }

    #[test]
    fn a_session_must_last_a_second_to_begin_anew() {
        let mut backoff = Backoff::new();
        for _ in 0..4 {
            backoff.delay();
        }
        backoff.worked_for(Duration::from_millis(999));
        assert!(backoff.delay() >= Duration::from_millis(1600), "it had not lasted");
        backoff.worked_for(Duration::from_secs(1));
        assert!(backoff.delay() <= FIRST);
    }
}
