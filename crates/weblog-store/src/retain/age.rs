//! How old the rows of a file are, as far as its partition and the log tell.

use crate::{
    delta::DataFile,
    error::StoreError,
    partition,
    rewrite::{is_null, stats_of},
};
use arrow_array::{Array, BooleanArray, RecordBatch, cast::AsArray, types::TimestampMicrosecondType};
use arrow_select::filter::filter_record_batch;
use weblog_parse::{Zone, time};

/// From when to when the times of a file go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age {
    /// No row is before this; none if that is not known.
    from: Option<i64>,
    /// All rows are before this; none if that is not known, also of files with rows without a time.
    to: Option<i64>,
    /// No row has a time.
    none: bool,
}

impl Age {
    pub(super) fn of(file: &DataFile) -> Age {
        let (mut from, mut to) = partition::bounds(&file.partition).unzip();
        let stats = stats_of(file).unwrap_or_default();
        let bound =
            |which: &str| match time::shape(stats[which]["time"].as_str()?.as_bytes(), Zone::default()) {
                Some(time::Shape::Full(logged)) => Some(logged.instant.micros),
                _ => None,
            };
        if let Some(least) = bound("minValues") {
            from = Some(from.map_or(least, |from| from.max(least)));
        }
        if let Some(most) = bound("maxValues").filter(|_| stats["nullCount"]["time"] == 0) {
            to = Some(to.map_or(most + 1, |to| to.min(most + 1)));
        }
        Age { from, to, none: from.is_none() && to.is_none() && is_null(&stats, "time") }
    }

    /// Whether the rows are known to have no time.
    pub(super) fn is_unknown(&self) -> bool {
        self.none
    }

    pub(super) fn is_all_before(&self, limit: i64) -> bool {
        self.to.is_some_and(|to| to <= limit)
    }

    pub(super) fn may_be_before(&self, limit: i64) -> bool {
        !self.none && self.from.is_none_or(|from| from < limit)
    }
}

/// Which rows are before a time. Those without a time are not. Where times were not stored, only the
/// partition tells.
pub(super) fn before(batch: &RecordBatch, age: &Age, limit: i64) -> BooleanArray {
    let Some(times) = batch.column_by_name("time") else {
        return vec![age.is_all_before(limit); batch.num_rows()].into();
    };
    let times = times.as_primitive::<TimestampMicrosecondType>();
    (0..times.len()).map(|row| Some(times.is_valid(row) && times.value(row) < limit)).collect()
}

/// The rows that are not before a time.
pub(super) fn without(batch: &RecordBatch, limit: i64) -> Result<RecordBatch, StoreError> {
    let Some(times) = batch.column_by_name("time") else { return Ok(batch.clone()) };
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let kept: BooleanArray =
        (0..times.len()).map(|row| Some(times.is_null(row) || times.value(row) >= limit)).collect();
    Ok(filter_record_batch(batch, &kept)?)
}
