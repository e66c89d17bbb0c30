//! Partitions of a dataset: by day or hour of event time, in UTC.

use crate::error::StoreError;
use arrow_array::{Array, RecordBatch, UInt32Array, cast::AsArray, types::TimestampMicrosecondType};
use weblog_parse::{
    Zone,
    time::{self, civil_from_days},
};

/// The names of the partition columns, from the coarsest.
pub const COLUMNS: &[&str] = &["year", "month", "day", "hour"];

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// How a dataset is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Not at all.
    None,
    /// `year=2019/month=01/day=22`.
    Day,
    /// `year=2019/month=01/day=22/hour=03`.
    Hour,
}

/// One partition: the number of its day or hour since 1970; none for records without a time.
pub type Key = Option<i64>;

impl By {
    /// The columns of the partitions.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            By::None => &[],
            By::Day => &COLUMNS[..3],
            By::Hour => COLUMNS,
        }
    }

    /// The division that has these partition columns.
    pub fn of_columns(columns: &[String]) -> Option<By> {
        [By::None, By::Day, By::Hour].into_iter().find(|by| by.columns() == columns)
    }

    /// The partition of an instant. Years that have more or less than four digits have none.
    pub(crate) fn key(self, micros: i64) -> Key {
        const FIRST: i64 = -62_167_219_200_000_000; // 0000-01-01
        const LAST: i64 = 253_402_300_800_000_000; // 10000-01-01
        match self {
            _ if !(FIRST..LAST).contains(&micros) => None,
            By::None => None,
            By::Day => Some(micros.div_euclid(DAY)),
            By::Hour => Some(micros.div_euclid(HOUR)),
        }
    }

    /// The values of the partition columns, zero-padded; null for records without a time.
    pub fn values(self, key: Key) -> Vec<Option<String>> {
        let Some(key) = key else { return vec![None; self.columns().len()] };
        let (days, hour) = match self {
            By::None => return Vec::new(),
            By::Day => (key, None),
            By::Hour => (key.div_euclid(24), Some(key.rem_euclid(24))),
        };
        let (year, month, day) = civil_from_days(days);
        let date = [format!("{year:04}"), format!("{month:02}"), format!("{day:02}")];
        date.into_iter().chain(hour.map(|hour| format!("{hour:02}"))).map(Some).collect()
    }

    /// The rows of a batch by partition, partitions in order of their time and each one's rows in their
    /// order. `time` is the number of the column of times.
    pub fn split(
        self,
        batch: RecordBatch,
        time: Option<usize>,
    ) -> Result<Vec<(Key, RecordBatch)>, StoreError> {
        let Some(time) = time.filter(|_| self != By::None && batch.num_rows() > 0) else {
            return Ok(vec![(None, batch)]);
        };
        let times = batch.column(time).as_primitive::<TimestampMicrosecondType>();
        let key = |row: usize| times.is_valid(row).then(|| self.key(times.value(row))).flatten();
        let first = key(0);
        if (1..batch.num_rows()).all(|row| key(row) == first) {
            return Ok(vec![(first, batch)]);
        }
        let mut rows: Vec<(Key, u32)> = (0..batch.num_rows()).map(|row| (key(row), row as u32)).collect();
        rows.sort_by_key(|(key, _)| *key);
        let order = UInt32Array::from_iter_values(rows.iter().map(|(_, row)| *row));
        let sorted = arrow_select::take::take_record_batch(&batch, &order)?;
        let mut parts = Vec::new();
        let mut start = 0;
        for part in rows.chunk_by(|(a, _), (b, _)| a == b) {
            parts.push((part[0].0, sorted.slice(start, part.len())));
            start += part.len();
        }
        Ok(parts)
    }
}

/// From when to when the times of a partition go, the end exclusive, in microseconds since 1970. None for
/// rows without a time, and for values that are no day and no hour.
pub fn bounds(values: &[Option<String>]) -> Option<(i64, i64)> {
    let values: Vec<&str> = values.iter().map(Option::as_deref).collect::<Option<_>>()?;
    let (date, hour, lasts) = match values[..] {
        [year, month, day] => (format!("{year}-{month}-{day}"), "00", DAY),
        [year, month, day, hour] => (format!("{year}-{month}-{day}"), hour, HOUR),
        _ => return None,
    };
    match time::shape(format!("{date}T{hour}:00:00Z").as_bytes(), Zone::default()) {
        Some(time::Shape::Full(logged)) => {
            Some((logged.instant.micros, logged.instant.micros.saturating_add(lasts)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_zero_padded_utc_and_null_without_a_time() {
        let micros = 1_548_116_774_000_000; // 2019-01-22T00:26:14Z
        let text = |by: By, micros| {
            by.values(by.key(micros)).into_iter().map(|value| value.unwrap_or("-".into())).collect::<Vec<_>>()
        };
        assert_eq!(text(By::Day, micros), ["2019", "01", "22"]);
        assert_eq!(text(By::Hour, micros), ["2019", "01", "22", "00"]);
        assert_eq!(text(By::Hour, -1), ["1969", "12", "31", "23"]);
        assert_eq!(text(By::Day, i64::MAX), ["-", "-", "-"]);
        assert!(text(By::None, micros).is_empty());
    }

    #[test]
    fn values_tell_from_when_to_when_the_times_go() {
        let micros = 1_548_116_774_000_000; // 2019-01-22T00:26:14Z
        for (by, span) in [(By::Day, DAY), (By::Hour, HOUR)] {
            for micros in [micros, 0, -1, micros - DAY * 365 * 1500] {
                let (from, to) = bounds(&by.values(by.key(micros))).unwrap();
                assert!(from <= micros && micros < to && to - from == span && from.rem_euclid(span) == 0);
            }
            assert_eq!(bounds(&by.values(None)), None);
        }
        let odd = [["2019", "13", "01"], ["2019", "1", "x"], ["", "", ""], ["2019-01-01T00", "1", "1"]];
        for values in odd {
            assert_eq!(bounds(&values.map(|value| Some(value.to_owned()))), None, "{values:?}");
        }
    }
}
