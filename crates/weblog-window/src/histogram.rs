//! Histograms of amounts that are merged by adding: fixed buckets, at most 0.79 % off.
//!
//! The bucket of a value is told by whole numbers only, so that every machine and every SQL tells the same:
//!
//! ```text
//! shift  = max(0, floor(log2(value)) - 6)
//! bucket = 64 * shift + floor(value / 2^shift)
//! ```
//!
//! Values below 128 have a bucket each. Above, every doubling is divided into 64 buckets of the same width
//! (as HdrHistogram divides it, Gil Tene, 2012). Back from a bucket of 128 or more:
//!
//! ```text
//! shift  = floor(bucket / 64) - 1
//! least  = (bucket - 64 * shift) * 2^shift
//! most   = least + 2^shift - 1
//! middle = least + floor((2^shift - 1) / 2)
//! ```
//!
//! The middle stands for all values of the bucket; it is off by at most half a bucket, 1/128 of the value.
//! Buckets go from 0 to [`LAST`], so a histogram is bounded whatever it is fed.

/// The bucket of the largest `u64`.
pub const LAST: i32 = 64 * 57 + 127;

/// Buckets of one doubling.
const WIDTH: i32 = 64;

/// How many values fell into each bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Buckets that have a value, in order.
    counts: Vec<(i32, u64)>,
}

/// The bucket of a value.
pub fn bucket(value: u64) -> i32 {
    let shift = value.checked_ilog2().unwrap_or(0).saturating_sub(6);
    WIDTH * shift as i32 + (value >> shift) as i32
}

/// The least and the largest value of a bucket. None for what is none.
pub fn values(bucket: i32) -> Option<(u64, u64)> {
    if !(0..=LAST).contains(&bucket) {
        return None;
    }
    let shift = (bucket / WIDTH - 1).max(0);
    let least = ((bucket - WIDTH * shift) as u64) << shift;
    Some((least, least + ((1 << shift) - 1)))
}

/// The value that stands for all of a bucket.
pub fn middle(bucket: i32) -> Option<u64> {
    values(bucket).map(|(least, most)| least + (most - least) / 2)
}

impl Histogram {
    /// An empty one.
    pub fn new() -> Self {
        Histogram::default()
    }

    /// Adds a value.
    pub fn add(&mut self, value: u64) {
        self.add_to(bucket(value), 1);
    }

    /// Adds so many values to a bucket, as another histogram counted them. False if there is no such
    /// bucket.
    pub fn add_bucket(&mut self, bucket: i32, count: u64) -> bool {
        let is_one = (0..=LAST).contains(&bucket);
        if is_one && count > 0 {
            self.add_to(bucket, count);
        }
        is_one
    }

    fn add_to(&mut self, bucket: i32, count: u64) {
        match self.counts.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => self.counts[at].1 = self.counts[at].1.saturating_add(count),
            Err(at) => self.counts.insert(at, (bucket, count)),
        }
    }

    /// Adds all values of another one.
    pub fn merge(&mut self, other: &Histogram) {
        for (bucket, count) in other.buckets() {
            self.add_to(bucket, count);
        }
    }

    /// The buckets that have values, in order, and how many.
    pub fn buckets(&self) -> impl ExactSizeIterator<Item = (i32, u64)> {
        self.counts.iter().copied()
    }

    /// The number of values.
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The value below or at which this share of all values is, by the nearest rank: of 100 values the
    /// 99th for 0.99. At most 1/128 off. None without a value, or for a share that is not within 0 and 1.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        if !(0.0..=1.0).contains(&share) {
            return None;
        }
        let count = self.count();
        let rank = ((count as f64 * share).ceil() as u64).clamp(1, count.max(1));
        let mut below = 0_u64;
        let found = self.counts.iter().find(|(_, count)| {
            below = below.saturating_add(*count);
            below >= rank
        });
        found.and_then(|(bucket, _)| middle(*bucket))
    }
}

impl FromIterator<u64> for Histogram {
    fn from_iter<T: IntoIterator<Item = u64>>(values: T) -> Self {
        let mut histogram = Histogram::new();
        values.into_iter().for_each(|value| histogram.add(value));
        histogram
    }
}

#[cfg(test)]
mod tests;
