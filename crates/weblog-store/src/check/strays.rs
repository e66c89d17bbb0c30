//! What lies in the directory of a dataset and is not part of it.

use super::Finding;
use crate::delta::{DeltaError, Snapshot, Verified};
use std::{collections::HashSet, fs, io, path::Path};

/// Directories inside of each other that are looked into.
const DEEPEST: usize = 32;

/// What is left over, as notes.
pub(super) fn find(root: &Path, log: &Verified) -> Result<Vec<Finding>, DeltaError> {
    let mut notes = Vec::new();
    for (id, works) in &log.runs {
        let path = format!("_weblog_tmp/{id}");
        notes.push(match works {
            true => Finding::note("running", &path, "belongs to a run that is at work"),
            false => Finding::note(
                "staging",
                &path,
                "was left by a run that was killed; the next one clears it away",
            ),
        });
    }
    for path in &log.temporary {
        notes.push(Finding::note("staging", path, "is a commit that is being made, or never was"));
    }
    // Without a state nothing is known of the files.
    let Some(snapshot) = &log.snapshot else { return Ok(notes) };
    let mut found = Vec::new();
    walk(root, "", 0, &mut found).map_err(|error| DeltaError::Io {
        doing: "list",
        path: root.to_owned(),
        error,
    })?;
    let current: HashSet<&str> = snapshot.files().map(|file| file.path.as_str()).collect();
    let mut orphans = Vec::new();
    let (mut removed, mut removed_bytes) = (0, 0);
    for (path, bytes) in found {
        if current.contains(path.as_str()) {
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if snapshot.mentions(&path) {
            removed += 1;
            removed_bytes += bytes;
        } else if log.runs.iter().any(|(id, works)| *works && name.contains(id.as_str())) {
            notes.push(Finding::note("running", &path, "is about to be committed"));
        } else {
            orphans.push((path, bytes));
        }
    }
    // Committed since the state was read: it is no stray.
    let now = if orphans.is_empty() { None } else { Snapshot::read(root)? };
    orphans.retain(|(path, _)| !now.as_ref().is_some_and(|now| now.mentions(path)));
    for (path, bytes) in &orphans {
        notes.push(Finding::note("orphan", path, format!("belongs to no commit ({bytes} bytes)")));
    }
    if removed > 0 {
        let what =
            format!("{removed_bytes} bytes in {removed} files that older versions need, and the newest not");
        notes.push(Finding { path: None, ..Finding::note("removed", "", what) });
    }
    Ok(notes)
}

/// The Parquet files below a directory, with their sizes. What begins with a dot or an underscore is not for
/// readers.
fn walk(root: &Path, below: &str, depth: usize, found: &mut Vec<(String, u64)>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with(['.', '_']) {
            continue;
        }
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEEPEST {
            walk(root, &path, depth + 1, found)?;
        } else if kind.is_file() && path.ends_with(".parquet") {
            // Gone again since it was listed: it is no stray.
            let Ok(metadata) = entry.metadata() else { continue };
            found.push((path, metadata.len()));
        }
    }
    Ok(())
}
