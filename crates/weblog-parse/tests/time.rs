//! The shapes of time that logs carry.

#![allow(clippy::unwrap_used)]

use weblog_parse::{
    Zone,
    time::{Shape, shape},
};

/// Microseconds, digits and offset; none for a time that is no time.
fn read(text: &str, zone: &str) -> Option<(i64, u8, Option<i32>)> {
    match shape(text.as_bytes(), zone.parse().unwrap())? {
        Shape::Full(logged) => Some((logged.instant.micros, logged.instant.digits, logged.utc_offset)),
        Shape::Incomplete => Some((-1, 0, None)),
    }
}

const JAN_22: i64 = 1_548_116_774_000_000;
const INCOMPLETE: Option<(i64, u8, Option<i32>)> = Some((-1, 0, None));

#[test]
fn every_usual_shape_is_read() {
    for (text, expected) in [
        ("22/Jan/2019:00:26:14 +0000", (JAN_22, 0, Some(0))),
        ("22/Jan/2019:03:56:14 +0330", (JAN_22, 0, Some(210))),
        ("21/Jan/2019:16:26:14 -08:00", (JAN_22, 0, Some(-480))),
        ("22/Jan/2019 00:26:14", (JAN_22, 0, None)),
        ("22/Jan/2019:00:26:14.250 +0000", (JAN_22 + 250_000, 3, Some(0))),
        ("22/Jan/2019:00:26:14,25 +0000", (JAN_22 + 250_000, 3, Some(0))),
        ("22/Jan/2019:00:26:14.000001 +0000", (JAN_22 + 1, 6, Some(0))),
        ("2019-01-22T00:26:14Z", (JAN_22, 0, Some(0))),
        ("2019-01-22 01:26:14 +01:00", (JAN_22, 0, Some(60))),
        ("2019-01-22T00:26:14.123456789Z", (JAN_22 + 123_456, 6, Some(0))),
        ("1548116774", (JAN_22, 0, None)),
        ("1548116774.500", (JAN_22 + 500_000, 3, None)),
        ("1548116774500", (JAN_22 + 500_000, 3, None)),
        ("1548116774500001", (JAN_22 + 500_001, 6, None)),
        ("22/Jan/2019:01:26:14 CET", (JAN_22, 0, Some(60))),
        ("21/Jan/2019:16:26:14 PST", (JAN_22, 0, Some(-480))),
    ] {
        assert_eq!(read(text, "+00:00"), Some(expected), "{text}");
    }
}

#[test]
fn months_are_english_or_german_in_any_case() {
    for (name, number) in
        [("MAR", 3), ("mär", 3), ("März", 3), ("Mai", 5), ("Okt", 10), ("Sept", 9), ("december", 12)]
    {
        let named = read(&format!("05/{name}/2024:01:02:03 +0000"), "+00:00");
        assert_eq!(named, read(&format!("2024-{number:02}-05T01:02:03Z"), "+00:00"), "{name}");
        assert!(named.is_some(), "{name}");
    }
    assert_eq!(read("05/Foo/2024:01:02:03 +0000", "+00:00"), None);
}

#[test]
fn a_date_alone_or_a_part_of_one_is_no_instant_but_no_fault() {
    for text in ["2019-01-22", "22/Jan/2019", "2019-01", "22/Jan"] {
        assert_eq!(read(text, "+00:00"), INCOMPLETE, "{text}");
    }
}

#[test]
fn days_and_hours_that_do_not_exist_are_no_time() {
    for text in [
        "31/Feb/2019:00:00:00 +0000",
        "29/Feb/2019:00:00:00 +0000",
        "00/Jan/2019:00:00:00 +0000",
        "22/Jan/2019:24:00:01 +0000",
        "22/Jan/2019:00:60:00 +0000",
        "22/Jan/2019:00:00:61 +0000",
        "22/Jan/2019:00:00:00 +2500",
        "1234",
        "",
        "x",
    ] {
        assert_eq!(read(text, "+00:00"), None, "{text}");
    }
    assert!(read("29/Feb/2020:00:00:00 +0000", "+00:00").is_some());
}

#[test]
fn a_leap_second_is_the_second_after_it_and_24_00_the_next_day() {
    assert_eq!(read("31/Dec/2016:23:59:60 +0000", "+00:00"), read("01/Jan/2017:00:00:00 +0000", "+00:00"));
    assert_eq!(read("31/Dec/2016:24:00:00 +0000", "+00:00"), read("01/Jan/2017:00:00:00 +0000", "+00:00"));
}

#[test]
fn a_time_without_zone_is_in_the_zone_given() {
    assert_eq!(read("22/Jan/2019 01:26:14", "+01:00"), Some((JAN_22, 0, None)));
    assert_eq!(read("22/Jan/2019 01:26:14", "Europe/Berlin"), Some((JAN_22, 0, None)));
    assert_eq!(read("22/Jan/2019:00:26:14 +0000", "Europe/Berlin"), Some((JAN_22, 0, Some(0))));
}

#[test]
fn a_local_time_that_comes_twice_is_the_earlier_and_one_that_never_comes_still_is_one() {
    // Clocks in Berlin went back from 03:00 to 02:00 on 27 October 2019.
    assert_eq!(read("2019-10-27 02:30:00", "Europe/Berlin"), read("2019-10-27 00:30:00", "+00:00"));
    // They went forward from 02:00 to 03:00 on 31 March 2019.
    assert_eq!(read("2019-03-31 02:30:00", "Europe/Berlin"), read("2019-03-31 01:30:00", "+00:00"));
}

#[test]
fn a_local_day_that_never_came_is_read_with_the_offset_before_it() {
    // Samoa went from the 29th to the 31st of December 2011.
    let noon = read("30/Dec/2011:12:00:00", "Pacific/Apia");
    assert_eq!(noon, read("30/Dec/2011:12:00:00 -1000", "+00:00").map(|(micros, ..)| (micros, 0, None)));
}

#[test]
fn an_instant_whose_year_in_utc_has_not_four_digits_is_no_time() {
    assert_eq!(read("01/Jan/0000:00:00:00 +0001", "+00:00"), None);
    assert_eq!(read("9999-12-31T23:59:59.999999-00:01", "+00:00"), None);
    assert!(read("01/Jan/0000:00:00:00 +0000", "+00:00").is_some());
    assert!(read("9999-12-31T23:59:59.999999Z", "+00:00").is_some());
    assert_eq!(read("2019-13-01", "+00:00"), None);
}

#[test]
fn an_unknown_zone_is_an_error_that_says_what_is_wanted() {
    let error = "Mars/Base".parse::<Zone>().unwrap_err().to_string();
    assert!(error.contains("Mars/Base") && error.contains("Europe/Berlin"), "{error}");
}
