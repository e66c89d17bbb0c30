//! Files that were taken out, and how long the log remembers them (section Action Reconciliation).
//!
//! They stay in the directory for readers of older versions until somebody removes them, and the log
//! remembers them for as long, so that whoever removes them knows which they are.

use std::path::Path;
use std::time::Duration;

use super::snapshot::Snapshot;

/// What other tools use where the table says nothing.
const WEEK: Duration = Duration::from_secs(7 * 86_400);

impl Snapshot {
    /// The files that were taken out and that older versions still name, and when that was, in
    /// milliseconds since 1970. Somebody who did not say when is taken to mean long ago.
    pub fn removed(&self) -> impl ExactSizeIterator<Item = (&str, i64)> {
        self.removed.iter().map(|(path, removed)| (path.as_str(), removed.at.unwrap_or(0)))
    }

    /// How long the table wants files to stay that were taken out: `delta.deletedFileRetentionDuration`,
    /// or a week.
    pub fn grace(&self) -> Duration {
        self.property("delta.deletedFileRetentionDuration").and_then(interval).unwrap_or(WEEK)
    }

    /// This state without tombstones that nobody needs: they are older than the grace, and their file is
    /// gone.
    pub(super) fn without_expired(&self, root: &Path, now: i64) -> Snapshot {
        let grace = i64::try_from(self.grace().as_millis()).unwrap_or(i64::MAX);
        let mut kept = self.clone();
        kept.removed.retain(|path, removed| {
            removed.at.unwrap_or(0) >= now.saturating_sub(grace) || root.join(path).symlink_metadata().is_ok()
        });
        kept
    }
}

/// A span as the protocol writes it: `interval 1 week`, `interval 2 days 12 hours`. None for months and
/// years, which are of no fixed length, and for what is no span.
fn interval(text: &str) -> Option<Duration> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().filter(|word| *word != "interval").collect();
    if words.is_empty() || !words.len().is_multiple_of(2) {
        return None;
    }
    let mut all = Duration::ZERO;
    for pair in words.chunks(2) {
        let unit = match pair[1].trim_end_matches('s') {
            "week" => 604_800_000,
            "day" => 86_400_000,
            "hour" => 3_600_000,
            "minute" => 60_000,
            "second" => 1_000,
            "millisecond" => 1,
            _ => return None,
        };
        all += Duration::from_millis(pair[0].parse::<u64>().ok()?.checked_mul(unit)?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_the_protocol_are_read() {
        assert_eq!(interval("interval 1 week"), Some(WEEK));
        assert_eq!(interval("INTERVAL 2 days 12 Hours"), Some(Duration::from_secs(60 * 3_600)));
        for none in ["", "interval", "interval 1 month", "1", "interval x days"] {
            assert_eq!(interval(none), None, "{none}");
        }
    }
}
