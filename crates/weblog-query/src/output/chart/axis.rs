//! Round numbers and times along the edges of a chart.

use chrono::NaiveDate;
use weblog_parse::time::civil_from_days;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A range of numbers from a round one to a round one, and the step between its marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) step: f64,
}

/// The range that holds nought and all numbers, with at most so many steps.
pub(super) fn range(low: f64, high: f64, steps: usize) -> Range {
    let (low, high) = (low.min(0.0), high.max(0.0));
    let size = if high - low > 0.0 { high - low } else { 1.0 };
    let rough = size / steps.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= rough * 0.999_999);
    let step = factor.unwrap_or(10.0) * power;
    // The top is not far above the highest number, whether there is a mark or not.
    let part = step / 4.0;
    let high = (high / part).ceil() * part;
    let low = (low / step).floor() * step;
    Range { low, high: if high > low { high } else { low + step }, step }
}

/// Steps of marks on the axis of time: those of even length, in seconds.
const STEPS: &[i64] = &[
    1, 5, 10, 15, 30, 60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800, 1_209_600,
];
/// And in months.
const MONTHS: &[i64] = &[1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 12_000, 120_000, 1_200_000];

/// Marks from one time to another, at most so many: their times, in microseconds, and their texts.
pub(super) fn marks(from: i64, to: i64, most: usize) -> Vec<(i64, String)> {
    let span = to.saturating_sub(from).max(1);
    let most = most.max(1) as i64;
    if let Some(step) = STEPS.iter().map(|seconds| seconds * SECOND).find(|step| span / step < most) {
        // Weeks begin on Mondays; the first day of 1970 was a Thursday.
        let shift = if step % (7 * DAY) == 0 { 4 * DAY } else { 0 };
        let first = from.saturating_sub(shift).div_euclid(step).saturating_mul(step).saturating_add(shift);
        let all = (0..=most + 2)
            .map(|at| first.saturating_add(at.saturating_mul(step)))
            .filter(|time| (from..=to).contains(time));
        return all.map(|time| (time, text(time, step))).collect();
    }
    let month_of = |time: i64| {
        let (year, month, _) = civil_from_days(time.div_euclid(DAY));
        year * 12 + i64::from(month) - 1
    };
    let (first, last) = (month_of(from), month_of(to));
    let step = MONTHS.iter().copied().find(|step| (last - first) / step < most).unwrap_or(12_000_000);
    let months = (first.div_euclid(step)..=last.div_euclid(step)).map(|at| at * step);
    let mark = |month: i64| {
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, 1)?;
        let time = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
        Some((time, if step < 12 { format!("{year:04}-{month:02}") } else { format!("{year:04}") }))
    };
    months.filter_map(mark).filter(|(time, _)| (from..=to).contains(time)).collect()
}

/// The text of a mark: the time of day or, at midnight and for longer steps, the day.
fn text(time: i64, step: i64) -> String {
    let (days, rest) = (time.div_euclid(DAY), time.rem_euclid(DAY) / SECOND);
    let (_, month, day) = civil_from_days(days);
    match rest {
        _ if step >= DAY || rest == 0 => format!("{month:02}-{day:02}"),
        _ if step < 60 * SECOND => {
            format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60)
        }
        _ => format!("{:02}:{:02}", rest / 3_600, rest / 60 % 60),
    }
}

/// A time as a title has it: without what is nought at its end.
pub(super) fn moment(time: i64) -> String {
    let (days, rest) = (time.div_euclid(DAY), time.rem_euclid(DAY) / SECOND);
    let (year, month, day) = civil_from_days(days);
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (rest, rest % 60) {
        (0, _) => date,
        (_, 0) => format!("{date} {:02}:{:02}", rest / 3_600, rest / 60 % 60),
        _ => format!("{date} {:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YEAR: i64 = 1_735_689_600 * SECOND;

    fn texts(from: i64, to: i64, most: usize) -> Vec<String> {
        marks(from, to, most).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn marks_are_at_round_times() {
        let hour = 3_600 * SECOND;
        assert_eq!(texts(NEW_YEAR, NEW_YEAR + 12 * hour, 5), ["01-01", "03:00", "06:00", "09:00", "12:00"]);
        assert_eq!(texts(NEW_YEAR + 1, NEW_YEAR + 30 * SECOND, 4), ["00:00:10", "00:00:20", "00:00:30"]);
        // The sixth of January 2025 was a Monday.
        assert_eq!(texts(NEW_YEAR, NEW_YEAR + 20 * DAY, 4), ["01-06", "01-13", "01-20"]);
        assert_eq!(texts(NEW_YEAR, NEW_YEAR + 150 * DAY, 3), ["2025-01", "2025-03", "2025-05"]);
        assert_eq!(texts(NEW_YEAR, NEW_YEAR + 1_500 * DAY, 6), ["2025", "2026", "2027", "2028", "2029"]);
    }

    #[test]
    fn marks_of_odd_spans_are_few_and_inside() {
        for (from, to) in [(i64::MIN / 2, i64::MAX / 2), (0, 0), (5, 4), (i64::MAX - 1, i64::MAX), (-DAY, 0)]
        {
            let marks = marks(from, to, 7);
            assert!(
                marks.len() < 12 && marks.iter().all(|(time, _)| (from..=to).contains(time)),
                "{from} {to}"
            );
        }
    }

    #[test]
    fn a_range_holds_nought_and_all_numbers() {
        assert_eq!(range(0.0, 160.0, 4), Range { low: 0.0, high: 162.5, step: 50.0 });
        assert_eq!(range(3.0, 7.0, 4), Range { low: 0.0, high: 7.0, step: 2.0 });
        for (low, high) in [(0.0, 0.0), (-5.0, -1.0), (-1e300, 1e300), (0.0, 1e-300), (0.0, 0.3)] {
            let range = range(low, high, 4);
            assert!(range.low <= low.min(0.0) && range.high >= high && range.high > range.low, "{range:?}");
        }
    }
}
