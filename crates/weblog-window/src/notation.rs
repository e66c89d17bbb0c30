//! The time in a line: where it stands, in which notation, and another one in its place.
//!
//! Known are the servers' own (`22/Jan/2019:03:56:14 +0330`, with or without zone and fraction), ISO 8601 and
//! its kin (`2019-01-22T00:26:14.123Z`, `2019/01/22 00:26:14`, date and time in two columns), and seconds,
//! milliseconds or microseconds since the epoch.

use std::io::Write;
use std::ops::Range;
use weblog_parse::{
    Zone,
    time::{Shape, civil_from_days, shape},
};

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notation {
    form: Form,
    /// What stands before the fraction, and its digits; none when there are no digits.
    fraction: (u8, usize),
    /// The zone as it stands, and its minutes east of UTC; without one, the zone that is meant.
    zone: Vec<u8>,
    offset: Option<i32>,
    meant: Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `22/Jan/2019:03:56:14`
    Server,
    /// `2019-01-22T03:56:14`, with what stands between the parts of the date, and behind it.
    Iso(u8, u8),
    /// So many digits since the epoch.
    Epoch(usize),
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The first place in a line where this instant stands, in microseconds since the epoch. A time without a zone
/// is in `zone`.
pub fn find(line: &[u8], instant: i64, zone: Zone) -> Option<(Range<usize>, Notation)> {
    let mut at = 0;
    while at < line.len() {
        if !line[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        // A number is looked at from its first digit only.
        let digits = line[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (at == 0 || !line[at - 1].is_ascii_alphanumeric())
            && let Some((len, notation, found)) = read(&line[at..], digits, zone)
            && found == instant
        {
            return Some((at..at + len, notation));
        }
        at += digits;
    }
    None
}

/// The time that begins here with so many digits: its length, notation and instant.
fn read(text: &[u8], digits: usize, zone: Zone) -> Option<(usize, Notation, i64)> {
    let separator = *text.get(digits).unwrap_or(&0);
    let (form, date) = match (digits, separator) {
        (1 | 2, b'/') => (Form::Server, digits + 9),
        (4, b'-' | b'/') if text.get(7) == Some(&separator) => (Form::Iso(separator, *text.get(10)?), 10),
        (10 | 13 | 16, _) => (Form::Epoch(digits), digits),
        _ => return None,
    };
    let time = match form {
        Form::Epoch(_) => date,
        _ => date + 9,
    };
    if text.len() < time {
        return None;
    }
    let fraction = match text[time..] {
        [dot @ (b'.' | b','), digit, ..] if digit.is_ascii_digit() => {
            (dot, text[time + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count())
        }
        _ => (0, 0),
    };
    let behind = time + if fraction.1 > 0 { fraction.1 + 1 } else { 0 };
    let zone_len = if matches!(form, Form::Epoch(_)) { 0 } else { zone_len(&text[behind..]) };
    let len = behind + zone_len;
    let mut plain = text[..len].to_vec();
    if matches!(form, Form::Iso(_, b'\t')) {
        plain[10] = b' ';
    }
    let Some(Shape::Full(logged)) = shape(&plain, zone) else { return None };
    let offset = logged.utc_offset.filter(|_| zone_len > 0);
    let notation = Notation { form, fraction, zone: text[behind..len].to_vec(), offset, meant: zone };
    Some((len, notation, logged.instant.micros))
}

/// The length of a zone: `Z`, ` +0330`, `+03:30`, `+03`.
fn zone_len(text: &[u8]) -> usize {
    let blank = usize::from(text.first() == Some(&b' '));
    let digit = |at: usize| text.get(blank + at).is_some_and(u8::is_ascii_digit);
    match text.get(blank) {
        Some(b'Z' | b'z') if blank == 0 => 1,
        Some(b'+' | b'-') if digit(1) && digit(2) => {
            let minutes = match text.get(blank + 3) {
                Some(b':') if digit(4) && digit(5) => 3,
                _ if digit(3) && digit(4) => 2,
                _ => 0,
            };
            blank + 3 + minutes
        }
        _ => 0,
    }
}

impl Notation {
    /// Writes an instant, in microseconds since the epoch, the way this time was written.
    pub fn write(&self, instant: i64, out: &mut Vec<u8>) {
        let utc = instant.div_euclid(1_000_000);
        let local = match self.offset {
            Some(minutes) => utc + i64::from(minutes) * 60,
            None if self.zone.is_empty() => self.meant.to_local(utc),
            None => utc,
        };
        let (year, month, day) = civil_from_days(local.div_euclid(86_400));
        let second = local.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let time = format_args!("{hour:02}:{minute:02}:{second:02}").to_string();
        // Writing to a vector does not fail.
        let _ = match self.form {
            Form::Server => {
                let month = MONTHS[month as usize - 1];
                write!(out, "{day:02}/{month}/{year:04}:{time}")
            }
            Form::Iso(between, behind) => {
                let (between, behind) = (char::from(between), char::from(behind));
                write!(out, "{year:04}{between}{month:02}{between}{day:02}{behind}{time}")
            }
            Form::Epoch(10) => write!(out, "{utc:010}"),
            Form::Epoch(13) => write!(out, "{:013}", instant.div_euclid(1_000)),
            Form::Epoch(_) => write!(out, "{instant:016}"),
        };
        let (before, digits) = self.fraction;
        if digits > 0 {
            let micros = format!("{:06}", instant.rem_euclid(1_000_000));
            out.push(before);
            out.extend(micros.bytes().chain(std::iter::repeat(b'0')).take(digits));
        }
        out.extend_from_slice(&self.zone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again(line: &str, instant: i64, later: i64) -> Option<String> {
        let (range, notation) = find(line.as_bytes(), instant, Zone::default())?;
        let mut out = line.as_bytes()[..range.start].to_vec();
        notation.write(later, &mut out);
        out.extend_from_slice(&line.as_bytes()[range.end..]);
        String::from_utf8(out).ok()
    }

    const THEN: i64 = 1_548_116_774_000_000;
    const LATER: i64 = 1_700_000_000_123_456;

    #[test]
    fn a_time_is_written_in_the_notation_that_it_had() {
        for (line, expected) in [
            ("a [22/Jan/2019:03:56:14 +0330] \"GET /\"", "a [15/Nov/2023:01:43:20 +0330] \"GET /\""),
            ("[22/Jan/2019:00:26:14.000]", "[14/Nov/2023:22:13:20.123]"),
            ("{\"time\":\"2019-01-22T00:26:14Z\"}", "{\"time\":\"2023-11-14T22:13:20Z\"}"),
            ("2019-01-22T01:26:14.000000+01:00 x", "2023-11-14T23:13:20.123456+01:00 x"),
            ("2019/01/22 00:26:14 [error]", "2023/11/14 22:13:20 [error]"),
            ("2019-01-22\t00:26:14\tx", "2023-11-14\t22:13:20\tx"),
            ("1548116774 x", "1700000000 x"),
            ("x 1548116774.000 x", "x 1700000000.123 x"),
            ("{\"ts\":1548116774000}", "{\"ts\":1700000000123}"),
            ("ts:1548116774000000", "ts:1700000000123456"),
        ] {
            assert_eq!(again(line, THEN, LATER).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn only_the_instant_that_is_meant_is_replaced() {
        let line = "1548116773 [22/Jan/2019:00:26:13 +0000] [22/Jan/2019:00:26:14 +0000]";
        let expected = "1548116773 [22/Jan/2019:00:26:13 +0000] [14/Nov/2023:22:13:20 +0000]";
        assert_eq!(again(line, THEN, LATER).as_deref(), Some(expected));
        assert_eq!(again("nothing of the kind 22/Jan", THEN, LATER), None);
    }

    #[test]
    fn a_time_without_a_zone_is_in_the_one_that_was_given() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let (range, notation) = find(b"2019-01-22 01:26:14", THEN, zone).unwrap();
        let mut out = Vec::new();
        notation.write(1_563_755_174_000_000, &mut out);
        assert_eq!((range, out.as_slice()), (0..19, &b"2019-07-22 02:26:14"[..]));
    }

    proptest! {
        #[test]
        fn no_line_brings_it_to_a_halt(line in proptest::collection::vec(any::<u8>(), 0..200), instant: i64) {
            find(&line, instant, Zone::default());
        }

        #[test]
        fn what_is_written_is_found_again(
            form in 0..6_usize, instant in 1_000_000_000_000_000..4_000_000_000_000_000_i64,
        ) {
            let pattern = ["22/Jan/2019:03:56:14.000000 +0330", "2019-01-22T00:26:14.000000Z", "2019/01/22 00:26:14.000000",
                "2019-01-22\t00:26:14,000000-08", "1548116774.000000", "1548116774000000"][form];
            let then = if form == 3 { THEN + 8 * 3_600_000_000 } else { THEN };
            let line = again(&format!("x {pattern} y"), then, instant).unwrap();
            prop_assert!(find(line.as_bytes(), instant, Zone::default()).is_some(), "{}", line);
        }
    }
}
