//! When a recorded line is due.

/// The schedule of a replay, in microseconds since its start. It is absolute: what is written late makes
/// nothing else late.
#[derive(Clone, Debug)]
pub struct Pace {
    speed: f64,
    max_gap: i64,
    /// The latest time in the recording so far.
    latest: Option<i64>,
    /// How much recorded time has passed, without what is too long a silence.
    passed: i64,
}

impl Pace {
    /// A pace so many times as fast as the recording. Silences count as `max_gap` microseconds at most.
    pub fn new(speed: f64, max_gap: Option<i64>) -> Pace {
        Pace { speed, max_gap: max_gap.unwrap_or(i64::MAX), latest: None, passed: 0 }
    }

    /// When a line of this time is due. A line that is earlier than one above it is due with that one.
    pub fn due(&mut self, time: i64) -> i64 {
        if let Some(latest) = self.latest {
            let gap = time.saturating_sub(latest).clamp(0, self.max_gap);
            self.passed = self.passed.saturating_add(gap);
        }
        self.latest = Some(self.latest.map_or(time, |latest| latest.max(time)));
        self.now()
    }

    /// When the line is due that was asked for last.
    pub fn now(&self) -> i64 {
        // A float saturates when it becomes an integer.
        (self.passed as f64 / self.speed) as i64
    }

    /// Begins the recording again, right behind its end.
    pub fn again(&mut self) {
        self.latest = None;
    }

    /// How much recorded time has passed, in microseconds.
    pub fn passed(&self) -> i64 {
        self.passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_due_at_their_distance_divided_by_the_speed() {
        let mut pace = Pace::new(10.0, None);
        assert_eq!([1_000_000, 2_000_000, 4_000_000].map(|time| pace.due(time)), [0, 100_000, 300_000]);
    }

    #[test]
    fn an_earlier_line_is_due_at_once_and_moves_nothing() {
        let mut pace = Pace::new(1.0, None);
        assert_eq!([10, 20, 15, 21].map(|time| pace.due(time)), [0, 10, 10, 11]);
    }

    #[test]
    fn a_silence_counts_as_the_longest_one_that_is_allowed() {
        let mut pace = Pace::new(2.0, Some(100));
        assert_eq!([0, 1_000, 1_050].map(|time| pace.due(time)), [0, 50, 75]);
        assert_eq!(pace.passed(), 150);
    }

    #[test]
    fn a_recording_that_begins_again_goes_on_where_it_ended() {
        let mut pace = Pace::new(1.0, None);
        assert_eq!([5, 8].map(|time| pace.due(time)), [0, 3]);
        pace.again();
        assert_eq!([5, 8].map(|time| pace.due(time)), [3, 6]);
    }
}
