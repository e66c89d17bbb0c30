//! What came into a table since a version: the files that brought rows, in the order of their commits.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::commit::NEVER;
use super::error::DeltaError;
use super::log;
use super::path;
use super::snapshot::Snapshot;

/// What came into a table.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The table as it is now.
    pub snapshot: Snapshot,
    /// The files that brought rows, relative to the root. A later commit may have taken them out again, as
    /// when small files became a large one.
    pub files: Vec<String>,
}

/// The files that brought rows after a version, [`NEVER`] for all that the table has. `since` tells it for
/// the table's own identifier. None without a table.
///
/// A commit that says of its files that they change no data brings nothing; nor does one that takes out
/// rows and adds others, because it rewrites those that were there.
///
/// # Errors
/// A log that cannot be read, or that has lost one of the commits.
pub fn changes(root: &Path, since: impl FnOnce(&str) -> i64) -> Result<Option<Changes>, DeltaError> {
    let Some(snapshot) = Snapshot::read(root)? else { return Ok(None) };
    let since = since(snapshot.table_id());
    let Ok(since) = u64::try_from(since) else {
        debug_assert_eq!(since, NEVER);
        let files = snapshot.files().map(|file| file.path.clone()).collect();
        return Ok(Some(Changes { snapshot, files }));
    };
    let mut files = Vec::new();
    for version in since + 1..=snapshot.version() {
        let commit = log::commit_path(&log::directory(root), version);
        let text = fs::read(&commit).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeltaError::Gap { path: commit.clone() },
            _ => DeltaError::io("read", &commit)(error),
        })?;
        files.extend(brought(&commit, &text)?);
    }
    Ok(Some(Changes { snapshot, files }))
}

/// The files with new rows of one commit.
fn brought(commit: &Path, text: &[u8]) -> Result<Vec<String>, DeltaError> {
    let mut files = Vec::new();
    let mut rewrites = false;
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let expected =
            |expected: String| DeltaError::Line { path: commit.to_owned(), line: number + 1, expected };
        if line.trim_ascii().is_empty() {
            continue;
        }
        let action: Value =
            serde_json::from_slice(line).map_err(|error| expected(format!("a JSON object ({error})")))?;
        let changes_data = |action: &Value| action.is_object() && action["dataChange"] != false;
        rewrites |= changes_data(&action["remove"]);
        if changes_data(&action["add"]) {
            let uri = action["add"]["path"].as_str().ok_or_else(|| expected("add.path, a text".into()))?;
            let inside = |error| expected(format!("a path inside the dataset ({error})"));
            files.push(path::from_log(uri).map_err(inside)?);
        }
    }
    Ok(if rewrites { Vec::new() } else { files })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(commit: &str) -> Vec<String> {
        brought(Path::new("commit"), commit.as_bytes()).unwrap()
    }

    #[test]
    fn only_files_that_bring_rows_count() {
        let a = r#"{"add":{"path":"a.parquet","dataChange":true}}"#;
        let b = r#"{"add":{"path":"b%20c.parquet"}}"#;
        assert_eq!(of(&format!("{{\"commitInfo\":{{}}}}\n{a}\n{b}\n")), ["a.parquet", "b c.parquet"]);
        let compacted = r#"{"add":{"path":"d.parquet","dataChange":false}}"#;
        let small = r#"{"remove":{"path":"a.parquet","dataChange":false}}"#;
        assert_eq!(of(&format!("{compacted}\n{small}")), [""; 0]);
        assert_eq!(of(&format!("{a}\n{small}")), ["a.parquet"]);
        let old = r#"{"remove":{"path":"x.parquet","dataChange":true}}"#;
        assert_eq!(of(&format!("{a}\n{old}")), [""; 0]);
        assert!(brought(Path::new("commit"), b"{\"add\":{}}").is_err());
    }
}
