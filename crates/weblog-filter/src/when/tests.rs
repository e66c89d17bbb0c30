use super::*;
use proptest::prelude::*;

fn clock(zone: &str) -> Clock {
    // 2025-01-06T23:30:00Z
    Clock { now: 1_736_206_200 * SECOND, zone: zone.parse().unwrap() }
}

fn period(text: &str, zone: &str) -> (i64, i64) {
    let (from, to) = text.parse::<When>().unwrap().period(clock(zone));
    (from / SECOND, to / SECOND)
}

#[test]
fn a_date_is_the_whole_day_in_the_zone() {
    assert_eq!(period("2025-01-06", "+00:00"), (1_736_121_600, 1_736_208_000));
    assert_eq!(period("2025-01-06", "+01:00"), (1_736_118_000, 1_736_204_400));
    // A day of 23 hours.
    let (from, to) = period("2025-03-30", "Europe/Berlin");
    assert_eq!(to - from, 23 * 3_600);
}

#[test]
fn today_is_the_day_in_the_zone() {
    assert_eq!(period("today", "+00:00"), period("2025-01-06", "+00:00"));
    assert_eq!(period("today", "Europe/Berlin"), period("2025-01-07", "Europe/Berlin"));
    assert_eq!(period("yesterday", "+00:00"), period("2025-01-05", "+00:00"));
}

#[test]
fn a_time_lasts_as_long_as_what_was_not_said_of_it() {
    let start = 1_736_150_400;
    assert_eq!(period("2025-01-06T08:00", "+00:00"), (start, start + 60));
    assert_eq!(period("2025-01-06 08:00:00", "+00:00"), (start, start + 1));
    assert_eq!(period("2025-01-06T09:00+01:00", "-08:00"), (start, start + 60));
    assert_eq!(period("2025-01-06T08:00:00Z", "-08:00"), (start, start + 1));
    assert_eq!(period("1736150400", "-08:00"), (start, start + 1));
    let exact: When = "2025-01-06T08:00:00.250Z".parse().unwrap();
    assert_eq!(exact.start(clock("+00:00")), start * SECOND + 250_000);
}

#[test]
fn a_span_goes_back_from_now() {
    let now = 1_736_206_200;
    for (text, seconds) in
        [("2h", 7_200), ("90s", 90), ("15m", 900), ("7d", 604_800), ("1.5h", 5_400), ("now", 0)]
    {
        assert_eq!(period(text, "+00:00"), (now - seconds, now - seconds), "{text}");
    }
}

#[test]
fn what_names_no_moment_is_refused() {
    for text in [
        "",
        "2025",
        "2025-01",
        "2025-13-01",
        "2025-02-30",
        "tomorrow",
        "2x",
        "h",
        "2025-01-06T",
        "2025-01-06T8:00",
        "2025-01-06x08:00",
        "2025-01-06T08:00:0",
        "99999999999999999999d",
        "1.2.3h",
        "-2h",
    ] {
        assert!(text.parse::<When>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        if let Ok(when) = text.parse::<When>() {
            let (from, to) = when.period(clock("Europe/Berlin"));
            prop_assert!(from <= to);
        }
    }

    #[test]
    fn what_looks_like_a_time_does_not_panic(text in "[0-9]{1,5}-[0-9]{1,3}-[0-9]{1,3}[T ]?[0-9:.Z+]{0,20}") {
        let _ = text.parse::<When>();
    }
}
