//! `--as-of`: a dataset as it was at a version or a time.

use anyhow::{Result, bail};
use std::{path::Path, str::FromStr};
use weblog_filter::{Clock, When};
use weblog_store::delta::{Snapshot, version_at, whole_since};

/// Which state of a dataset is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After the commit with this number.
    Version(u64),
    /// At this time.
    Time(When),
}

impl FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // From nine digits on a number is a time, in seconds since 1970.
        if text.len() < 9 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(AsOf::Version).map_err(|_| "give a version like 12".to_owned());
        }
        text.parse::<When>().map(AsOf::Time).map_err(|error| format!("{error}, or a version like 12"))
    }
}

/// The newest state of a dataset, or the one that is asked for. None if there is no commit yet. Fails when
/// files of an older state are not there any more.
pub fn snapshot(root: &Path, as_of: Option<(AsOf, Clock)>) -> Result<Option<Snapshot>> {
    let Some((as_of, clock)) = as_of else { return Ok(Snapshot::read(root)?) };
    let version = match as_of {
        AsOf::Version(version) => Some(version),
        AsOf::Time(when) => version_at(root, when.start(clock).div_euclid(1_000))?,
    };
    let Some(version) = version else { return Ok(None) };
    let Some(snapshot) = Snapshot::read_at(root, version)? else { return Ok(None) };
    let missing = snapshot.missing_files(root);
    let Some(first) = missing.first() else { return Ok(Some(snapshot)) };
    let files = match missing.len() {
        1 => format!("a file that is not there any more, {}", first.path),
        count => format!("{count} files that are not there any more, as {}", first.path),
    };
    let advice = match whole_since(root, version)? {
        Some(whole) => format!("; the next version that is whole is {whole}"),
        None => String::new(),
    };
    bail!("{}: version {version} needs {files}{advice}", root.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_number_is_a_version_and_all_else_a_time() {
        assert_eq!("12".parse(), Ok(AsOf::Version(12)));
        assert_eq!("0".parse(), Ok(AsOf::Version(0)));
        for time in ["1736150400", "2025-01-06", "2025-01-06T08:00:00Z", "7d", "yesterday"] {
            assert!(matches!(time.parse(), Ok(AsOf::Time(_))), "{time}");
        }
        for nonsense in ["", "v12", "-1", "soon"] {
            assert!(nonsense.parse::<AsOf>().is_err(), "{nonsense}");
        }
    }
}
