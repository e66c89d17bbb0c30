//! What a line of the log says about the contents of a file, so that readers can leave it out.
//!
//! The form is that of the section Per-file Statistics: `numRecords`, `minValues`, `maxValues`,
//! `nullCount`. Bounds may be wide, never narrow: a bound that cannot be written is left out, and one
//! that is shortened is moved outwards.

use serde_json::{Map, Value, json};
use weblog_parse::time::civil_from_days;

/// Characters of a text that are kept in a bound. Spark and delta-rs use the same length.
const TEXT: usize = 32;

/// What is known of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileStats {
    /// Rows of the file.
    pub rows: u64,
    /// Each column with what is known of it.
    pub columns: Vec<(String, ColumnStat)>,
}

/// What is known of one column of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnStat {
    /// Rows in which it is null.
    pub nulls: u64,
    /// A value that none is below. None if not known, or if all are null.
    pub min: Option<Stat>,
    /// A value that none is above.
    pub max: Option<Stat>,
}

/// A bound.
#[derive(Clone, Debug, PartialEq)]
pub enum Stat {
    /// Of a whole number.
    Int(i64),
    /// Of a fraction. One that is not finite is left out.
    Float(f64),
    /// Of an instant: microseconds since 1970 in UTC.
    Time(i64),
    /// Of a text.
    Text(String),
    /// Of a truth value. Other writers leave these out, and so do we.
    Bool(bool),
}

impl FileStats {
    /// The JSON that stands in `add.stats`.
    pub fn to_json(&self) -> String {
        let (mut min, mut max, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (name, column) in &self.columns {
            if let Some(bound) = column.min.as_ref().and_then(lower) {
                min.insert(name.clone(), bound);
            }
            if let Some(bound) = column.max.as_ref().and_then(upper) {
                max.insert(name.clone(), bound);
            }
            nulls.insert(name.clone(), column.nulls.into());
        }
        json!({"numRecords": self.rows, "minValues": min, "maxValues": max, "nullCount": nulls}).to_string()
    }
}

fn lower(bound: &Stat) -> Option<Value> {
    match bound {
        Stat::Time(micros) => millis(micros.div_euclid(1_000)).map(Value::from),
        Stat::Text(text) => Some(text.chars().take(TEXT).collect::<String>().into()),
        exact => as_is(exact),
    }
}

fn upper(bound: &Stat) -> Option<Value> {
    match bound {
        Stat::Time(micros) => {
            millis(micros.div_euclid(1_000) + i64::from(micros.rem_euclid(1_000) > 0)).map(Value::from)
        }
        Stat::Text(text) => raised(text).map(Value::from),
        exact => as_is(exact),
    }
}

fn as_is(bound: &Stat) -> Option<Value> {
    match bound {
        Stat::Int(number) => Some((*number).into()),
        Stat::Float(number) => serde_json::Number::from_f64(*number).map(Value::from),
        Stat::Bool(_) | Stat::Time(_) | Stat::Text(_) => None,
    }
}

/// A text of at most [`TEXT`] characters that is not below this one in the order of its bytes.
fn raised(text: &str) -> Option<String> {
    let mut kept: Vec<char> = text.chars().take(TEXT + 1).collect();
    if kept.len() <= TEXT {
        return Some(text.to_owned());
    }
    kept.truncate(TEXT);
    // The last character that has a successor gets it, and what follows it falls away.
    while let Some(last) = kept.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            kept.push(next);
            return Some(kept.into_iter().collect());
        }
    }
    None
}

/// `2019-01-22T00:26:14.123Z`. None outside the years that four digits can tell.
pub(super) fn millis(millis: i64) -> Option<String> {
    let (year, month, day) = civil_from_days(millis.div_euclid(86_400_000));
    let of_day = millis.rem_euclid(86_400_000);
    let (seconds, fraction) = (of_day / 1_000, of_day % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    (0..=9_999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_is_written_in_milliseconds_that_hold_it() {
        let instant = 1_548_116_774_123_456;
        assert_eq!(lower(&Stat::Time(instant)).unwrap(), "2019-01-22T00:26:14.123Z");
        assert_eq!(upper(&Stat::Time(instant)).unwrap(), "2019-01-22T00:26:14.124Z");
        assert_eq!(upper(&Stat::Time(instant / 1000 * 1000)).unwrap(), "2019-01-22T00:26:14.123Z");
        assert_eq!(lower(&Stat::Time(-1)).unwrap(), "1969-12-31T23:59:59.999Z");
        assert_eq!(upper(&Stat::Time(i64::MAX)), None);
    }

    #[test]
    fn what_json_cannot_tell_is_left_out() {
        let columns = vec![
            ("a".to_owned(), ColumnStat { nulls: 2, min: Some(Stat::Float(f64::NAN)), max: None }),
            ("b".to_owned(), ColumnStat { nulls: 0, min: Some(Stat::Int(-1)), max: Some(Stat::Float(0.5)) }),
        ];
        let stats: Value = serde_json::from_str(&FileStats { rows: 3, columns }.to_json()).unwrap();
        let expected = json!({"numRecords": 3, "minValues": {"b": -1}, "maxValues": {"b": 0.5},
            "nullCount": {"a": 2, "b": 0}});
        assert_eq!(stats, expected);
    }

    #[test]
    fn the_highest_character_has_no_successor() {
        assert_eq!(raised(&"\u{10ffff}".repeat(40)), None);
        assert_eq!(raised(&format!("a{}", "\u{10ffff}".repeat(40))).unwrap(), "b");
        assert_eq!(raised(&"\u{d7ff}".repeat(33)).unwrap().chars().last(), Some('\u{e000}'));
    }

    proptest! {
        #[test]
        fn bounds_of_texts_hold_the_text(text in ".{0,80}|[\u{d7f0}-\u{d7ff}\u{10fff0}-\u{10ffff}]{0,40}") {
            let low = lower(&Stat::Text(text.clone())).unwrap();
            prop_assert!(low.as_str().unwrap() <= &*text);
            if let Some(high) = upper(&Stat::Text(text.clone())) {
                let high = high.as_str().unwrap();
                prop_assert!(high >= &*text && high.chars().count() <= TEXT);
            }
        }

        #[test]
        fn bounds_of_times_hold_the_time(micros in -62_000_000_000_000_000i64..253_000_000_000_000_000) {
            let read = |bound: Value| chrono_free_millis(bound.as_str().unwrap());
            let low = read(lower(&Stat::Time(micros)).unwrap());
            let high = read(upper(&Stat::Time(micros)).unwrap());
            prop_assert!(low * 1000 <= micros && micros <= high * 1000 && high - low <= 1);
        }
    }

    /// Milliseconds of a text, by counting the days of all years before: slow and plain.
    fn chrono_free_millis(text: &str) -> i64 {
        let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let (year, month) = (number(0..4), number(5..7));
        let years: i64 = match year >= 1970 {
            true => (1970..year).map(|y| 365 + i64::from(leap(y))).sum(),
            false => -(year..1970).map(|y| 365 + i64::from(leap(y))).sum::<i64>(),
        };
        let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let days = years + lengths[..month as usize - 1].iter().sum::<i64>() + number(8..10) - 1;
        (((days * 24 + number(11..13)) * 60 + number(14..16)) * 60 + number(17..19)) * 1000 + number(20..23)
    }
}
