//! The columns of a batch that are summed: those of records, or of another rollup.

use super::{
    EVERY, OTHER,
    totals::{Totals, widen},
};
use crate::{columns::time_type, error::StoreError};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Int64Array, MapArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
    cast::AsArray,
    types::{Int32Type, Int64Type},
};
use arrow_schema::DataType;
use weblog_window::distinct::Distinct;

/// The columns of records that are summed.
pub(super) const OF_RECORDS: &[&str] =
    &["time", "remote_addr", "client_addr", "user_agent", "status", "bytes", "duration_us"];

/// The columns of records.
pub(super) struct Columns {
    time: Option<TimestampMicrosecondArray>,
    status: Option<Int64Array>,
    bytes: Option<Int64Array>,
    duration_us: Option<Int64Array>,
    client_addr: Option<StringArray>,
    remote_addr: Option<StringArray>,
    user_agent: Option<StringArray>,
}

impl Columns {
    pub(super) fn of(batch: &RecordBatch) -> Result<Self, StoreError> {
        Ok(Columns {
            time: cast(batch, "time", &time_type())?.map(|array| array.as_primitive().clone()),
            status: numbers(batch, "status")?,
            bytes: numbers(batch, "bytes")?,
            duration_us: numbers(batch, "duration_us")?,
            client_addr: texts(batch, "client_addr")?,
            remote_addr: texts(batch, "remote_addr")?,
            user_agent: texts(batch, "user_agent")?,
        })
    }

    pub(super) fn time(&self, row: usize) -> Option<i64> {
        self.time.as_ref().filter(|array| array.is_valid(row)).map(|array| array.value(row))
    }

    /// Adds a record. `visitor` is room for who it is from.
    pub(super) fn add_to(&self, totals: &mut Totals, row: usize, visitor: &mut Vec<u8>) {
        totals.requests += 1;
        if let Some(bytes) = number(&self.bytes, row) {
            totals.bytes = totals.bytes.saturating_add(bytes);
        }
        match number(&self.status, row) {
            Some(500..) => totals.errors += 1,
            Some(400..500) => totals.client_errors += 1,
            _ => {}
        }
        if let Some(duration) = number(&self.duration_us, row) {
            // A clock that went back.
            let duration = duration.max(0);
            totals.duration_count += 1;
            totals.duration_sum_us = totals.duration_sum_us.saturating_add(duration);
            totals.durations.add(duration.unsigned_abs());
            widen(&mut totals.duration_us, Some((duration, duration)));
        }
        let address = text(&self.client_addr, row).or_else(|| text(&self.remote_addr, row));
        if let Some(address) = address {
            visitor.clear();
            visitor.extend_from_slice(address.as_bytes());
            visitor.push(0);
            visitor.extend_from_slice(text(&self.user_agent, row).unwrap_or_default().as_bytes());
            totals.visitors.add(visitor);
        }
        let time = self.time(row);
        widen(&mut totals.seen, time.map(|time| (time, time)));
    }
}

/// The columns of a rollup, beside its time.
pub(super) struct Rolled {
    other: BooleanArray,
    sums: [Int64Array; 6],
    least: Int64Array,
    most: Int64Array,
    counts: MapArray,
    visitors: BinaryArray,
    first: TimestampMicrosecondArray,
    last: TimestampMicrosecondArray,
}

impl Rolled {
    /// Those of a batch, if it is one of a rollup.
    pub(super) fn of(batch: &RecordBatch, into_s: i64) -> Result<Option<Self>, StoreError> {
        let Some(every) = numbers(batch, EVERY)? else { return Ok(None) };
        if let Some(every) = every.iter().flatten().find(|every| *every < 1 || into_s % *every != 0) {
            let why = format!("windows of {every} s do not fill windows of {into_s} s");
            return Err(StoreError::Rollup { why });
        }
        let lost = || StoreError::Rollup { why: "it has not all columns of a rollup".into() };
        let need = |name| numbers(batch, name)?.ok_or_else(lost);
        let time = |name| -> Result<TimestampMicrosecondArray, StoreError> {
            Ok(cast(batch, name, &time_type())?.ok_or_else(lost)?.as_primitive().clone())
        };
        let counts = batch.column_by_name("duration_hist").and_then(|array| array.as_map_opt());
        Ok(Some(Rolled {
            other: batch.column_by_name(OTHER).and_then(|a| a.as_boolean_opt()).ok_or_else(lost)?.clone(),
            sums: [
                need("requests")?,
                need("bytes")?,
                need("errors")?,
                need("client_errors")?,
                need("duration_count")?,
                need("duration_sum_us")?,
            ],
            least: need("duration_min_us")?,
            most: need("duration_max_us")?,
            counts: counts.ok_or_else(lost)?.clone(),
            visitors: cast(batch, "visitors", &DataType::Binary)?.ok_or_else(lost)?.as_binary().clone(),
            first: time("first_seen")?,
            last: time("last_seen")?,
        }))
    }

    pub(super) fn is_other(&self, row: usize) -> bool {
        self.other.is_valid(row) && self.other.value(row)
    }

    pub(super) fn add_to(&self, totals: &mut Totals, row: usize) -> Result<(), StoreError> {
        let sum = |at: usize| if self.sums[at].is_valid(row) { self.sums[at].value(row) } else { 0 };
        let mut more = Totals {
            requests: sum(0),
            bytes: sum(1),
            errors: sum(2),
            client_errors: sum(3),
            duration_count: sum(4),
            duration_sum_us: sum(5),
            ..Totals::default()
        };
        if self.least.is_valid(row) && self.most.is_valid(row) {
            more.duration_us = Some((self.least.value(row), self.most.value(row)));
        }
        if self.first.is_valid(row) && self.last.is_valid(row) {
            more.seen = Some((self.first.value(row), self.last.value(row)));
        }
        if self.counts.is_valid(row) {
            let pairs = self.counts.value(row);
            let (buckets, counts) = (pairs.column(0), pairs.column(1));
            let (buckets, counts) = (buckets.as_primitive::<Int32Type>(), counts.as_primitive::<Int64Type>());
            for (bucket, count) in buckets.iter().zip(counts) {
                let count = u64::try_from(count.unwrap_or(0)).unwrap_or(0);
                if !more.durations.add_bucket(bucket.unwrap_or(-1), count) {
                    return Err(StoreError::Rollup { why: "its histogram has a bucket that is none".into() });
                }
            }
        }
        if self.visitors.is_valid(row) {
            let visitors = Distinct::from_bytes(self.visitors.value(row));
            more.visitors = visitors.map_err(|error| StoreError::Rollup { why: error.to_string() })?;
        }
        totals.merge(&more);
        Ok(())
    }
}

/// The columns of a rollup that are summed.
pub(super) fn of_rollup() -> impl Iterator<Item = &'static str> {
    ["time", EVERY, OTHER].into_iter().chain(super::totals::COLUMNS.iter().map(|(name, _)| *name))
}

fn cast(batch: &RecordBatch, name: &str, kind: &DataType) -> Result<Option<ArrayRef>, StoreError> {
    let Some(array) = batch.column_by_name(name) else { return Ok(None) };
    Ok(Some(if array.data_type() == kind { ArrayRef::clone(array) } else { arrow_cast::cast(array, kind)? }))
}

fn numbers(batch: &RecordBatch, name: &str) -> Result<Option<Int64Array>, StoreError> {
    Ok(cast(batch, name, &DataType::Int64)?.map(|array| array.as_primitive().clone()))
}

fn texts(batch: &RecordBatch, name: &str) -> Result<Option<StringArray>, StoreError> {
    Ok(cast(batch, name, &DataType::Utf8)?.map(|array| array.as_string().clone()))
}

fn number(column: &Option<Int64Array>, row: usize) -> Option<i64> {
    column.as_ref().filter(|array| array.is_valid(row)).map(|array| array.value(row))
}

fn text(column: &Option<StringArray>, row: usize) -> Option<&str> {
    column.as_ref().filter(|array| array.is_valid(row)).map(|array| array.value(row))
}
