//! Day and week: how the number of visitors rises and falls.

use crate::address;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const WEEK: i64 = 7 * 24 * HOUR;

/// How busy a day of the week is, from Monday; the mean is 100.
const DAYS: [u64; 7] = [105, 107, 105, 102, 96, 90, 95];

/// The level of traffic at each hour of the week in UTC, from Monday; an ordinary hour is [`LEVEL`].
pub(crate) struct Rhythm(Vec<u64>);

/// The mean of all levels.
pub(crate) const LEVEL: u64 = 1 << 16;

impl Rhythm {
    /// The rhythm whose mean over `span` from `start` is [`LEVEL`]; over the week when there is no span.
    pub(crate) fn new(start: i64, span: Option<i64>) -> Self {
        let raw = (0..7 * 24).map(|hour| u64::from(address::activity(hour % 24)) * DAYS[hour / 24]).collect();
        let rhythm = Rhythm(raw);
        let span = span.unwrap_or(WEEK).clamp(1, WEEK);
        let steps = 512;
        let sum: u64 = (0..steps).map(|step| rhythm.at(start + span / steps * step + span / steps / 2)).sum();
        let mean = (sum / steps as u64).max(1);
        Rhythm(rhythm.0.iter().map(|level| level * LEVEL / mean).collect())
    }

    /// The level at an instant, in a straight line from the middle of one hour to the middle of the next.
    pub(crate) fn at(&self, time: i64) -> u64 {
        // 1970 began on a Thursday; Monday is three days before it.
        let into_week = (time + 3 * 24 * HOUR - HOUR / 2).rem_euclid(WEEK);
        let hour = (into_week / HOUR) as usize;
        let minute = (into_week % HOUR / MINUTE) as u64;
        let next = self.0[(hour + 1) % self.0.len()];
        (self.0[hour] * (60 - minute) + next * minute) / 60
    }
}

/// The hour of the day in UTC.
pub(crate) fn hour_of_day(time: i64) -> usize {
    (time.rem_euclid(24 * HOUR) / HOUR) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_the_mean_that_was_asked_for_whatever_its_hour() {
        for start in [0, 5 * HOUR, 19 * HOUR] {
            let rhythm = Rhythm::new(start, Some(HOUR));
            let mean = (0..60).map(|minute| rhythm.at(start + minute * MINUTE)).sum::<u64>() / 60;
            assert!(mean.abs_diff(LEVEL) < LEVEL / 100, "{mean}");
        }
    }

    #[test]
    fn nights_are_quieter_than_evenings_and_weekends_than_workdays() {
        let rhythm = Rhythm::new(0, None);
        let monday = 4 * 24 * HOUR;
        assert!(rhythm.at(monday + 3 * HOUR) < rhythm.at(monday + 19 * HOUR));
        assert!(rhythm.at(monday + 5 * 24 * HOUR + 19 * HOUR) < rhythm.at(monday + 19 * HOUR));
    }
}
