//! When a line was written, which only a caller can tell: here a line is bytes.

use std::fmt;
use std::sync::Arc;

/// Finds the time of the first line of some bytes, in microseconds since the epoch. None if they are no log.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Find>>);

type Find = dyn Fn(&[u8]) -> Option<i64> + Send + Sync;

impl Clock {
    /// One that asks `find`.
    pub fn new(find: impl Fn(&[u8]) -> Option<i64> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(find)))
    }

    pub(super) fn of(&self, bytes: &[u8]) -> Option<i64> {
        self.0.as_ref()?(bytes)
    }

    /// The time of the last whole line.
    pub(super) fn of_last(&self, bytes: &[u8]) -> Option<i64> {
        let end = memchr::memrchr(b'\n', bytes)?;
        let start = memchr::memrchr(b'\n', &bytes[..end]).map_or(0, |newline| newline + 1);
        self.of(&bytes[start..=end])
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Clock(..)" } else { "Clock" })
    }
}
