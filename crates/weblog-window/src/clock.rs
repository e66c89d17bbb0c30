//! Who tells the time of a line.

use std::sync::Arc;
use weblog_io::Above;

/// Tells the time of lines. Each thread has its own.
pub trait LineClock: Send {
    /// Goes on with lines of a source that have this above them.
    fn begin(&mut self, source: &Arc<str>, above: &Above);

    /// The time of a line, given without its delimiter, in microseconds since the epoch; none for lines that
    /// have none.
    fn time(&mut self, line: &[u8]) -> Option<i64>;

    /// Whether this first line of a source names the columns of the lines below it.
    fn is_header(&self, first: &[u8]) -> bool;
}
