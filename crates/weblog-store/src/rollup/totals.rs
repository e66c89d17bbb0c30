//! What is known of one window and key.

use crate::{columns::time_type, delta::counts_type, error::StoreError};
use arrow_array::{
    Array, ArrayRef, BinaryArray, Int32Array, Int64Array, MapArray, StructArray, TimestampMicrosecondArray,
    builder::BinaryBuilder,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use std::sync::Arc;
use weblog_window::{distinct::Distinct, histogram::Histogram};

/// Types of columns of totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Time,
    Counts,
    Bytes,
}

impl Kind {
    pub(super) fn data_type(self) -> DataType {
        match self {
            Kind::Number => DataType::Int64,
            Kind::Time => time_type(),
            Kind::Counts => counts_type(),
            Kind::Bytes => DataType::Binary,
        }
    }
}

/// The columns, in their order.
pub(super) const COLUMNS: &[(&str, Kind)] = &[
    ("requests", Kind::Number),
    ("bytes", Kind::Number),
    ("errors", Kind::Number),
    ("client_errors", Kind::Number),
    ("duration_count", Kind::Number),
    ("duration_sum_us", Kind::Number),
    ("duration_min_us", Kind::Number),
    ("duration_max_us", Kind::Number),
    ("duration_hist", Kind::Counts),
    ("visitors", Kind::Bytes),
    ("first_seen", Kind::Time),
    ("last_seen", Kind::Time),
];

/// Counters of one window and key, and what merges as they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) requests: i64,
    pub(super) bytes: i64,
    /// Status 500 and above.
    pub(super) errors: i64,
    /// Status 400 to 499.
    pub(super) client_errors: i64,
    pub(super) duration_count: i64,
    pub(super) duration_sum_us: i64,
    /// The least and the largest.
    pub(super) duration_us: Option<(i64, i64)>,
    pub(super) durations: Histogram,
    pub(super) visitors: Distinct,
    /// The times of the first and the last request.
    pub(super) seen: Option<(i64, i64)>,
}

impl Totals {
    /// Bytes of memory of totals of nothing, with what a key takes in a table, about.
    pub(super) const ALONE: usize = 256;

    /// Bytes of memory beyond that, about.
    pub(super) fn size(&self) -> usize {
        self.durations.buckets().len() * 16 + self.visitors.size()
    }

    pub(super) fn merge(&mut self, other: &Totals) {
        let sums = [
            (&mut self.requests, other.requests),
            (&mut self.bytes, other.bytes),
            (&mut self.errors, other.errors),
            (&mut self.client_errors, other.client_errors),
            (&mut self.duration_count, other.duration_count),
            (&mut self.duration_sum_us, other.duration_sum_us),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
        self.durations.merge(&other.durations);
        self.visitors.merge(&other.visitors);
        widen(&mut self.duration_us, other.duration_us);
        widen(&mut self.seen, other.seen);
    }
}

/// Makes a range hold another one.
pub(super) fn widen(range: &mut Option<(i64, i64)>, other: Option<(i64, i64)>) {
    *range = match (*range, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (own, other) => own.or(other),
    };
}

/// Totals as columns.
#[derive(Default)]
pub(super) struct TotalsColumns {
    numbers: [Vec<i64>; 6],
    least: Vec<Option<i64>>,
    most: Vec<Option<i64>>,
    ends: Vec<usize>,
    has_counts: Vec<bool>,
    buckets: Vec<i32>,
    counts: Vec<i64>,
    visitors: BinaryBuilder,
    first: Vec<Option<i64>>,
    last: Vec<Option<i64>>,
}

impl TotalsColumns {
    pub(super) fn push(&mut self, totals: Totals) {
        let Totals { requests, bytes, errors, client_errors, duration_count, duration_sum_us, .. } = totals;
        let sums = [requests, bytes, errors, client_errors, duration_count, duration_sum_us];
        self.numbers.iter_mut().zip(sums).for_each(|(column, sum)| column.push(sum));
        self.least.push(totals.duration_us.map(|(least, _)| least));
        self.most.push(totals.duration_us.map(|(_, most)| most));
        for (bucket, count) in totals.durations.buckets() {
            self.buckets.push(bucket);
            self.counts.push(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.ends.push(totals.durations.buckets().len());
        self.has_counts.push(!totals.durations.is_empty());
        self.visitors.append_option((!totals.visitors.is_empty()).then(|| totals.visitors.to_bytes()));
        self.first.push(totals.seen.map(|(first, _)| first));
        self.last.push(totals.seen.map(|(_, last)| last));
    }

    /// The columns of [`COLUMNS`].
    pub(super) fn arrays(mut self) -> Result<Vec<ArrayRef>, StoreError> {
        let visitors: BinaryArray = self.visitors.finish();
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(COLUMNS.len());
        for numbers in self.numbers {
            arrays.push(Arc::new(Int64Array::from(numbers)));
        }
        arrays.push(Arc::new(Int64Array::from(self.least)));
        arrays.push(Arc::new(Int64Array::from(self.most)));
        let DataType::Map(entries, _) = counts_type() else { return Ok(arrays) };
        let DataType::Struct(fields) = entries.data_type().clone() else { return Ok(arrays) };
        let pairs: Vec<ArrayRef> =
            vec![Arc::new(Int32Array::from(self.buckets)), Arc::new(Int64Array::from(self.counts))];
        let pairs = StructArray::try_new(fields, pairs, None)?;
        let offsets = OffsetBuffer::from_lengths(self.ends);
        let nulls = NullBuffer::from(self.has_counts);
        let counts = MapArray::try_new(entries, offsets, pairs, Some(nulls), false)?;
        debug_assert_eq!(counts.len(), visitors.len());
        arrays.push(Arc::new(counts));
        arrays.push(Arc::new(visitors));
        for times in [self.first, self.last] {
            arrays.push(Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")));
        }
        Ok(arrays)
    }
}
