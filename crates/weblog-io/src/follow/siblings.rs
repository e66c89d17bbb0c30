//! The rotated files beside a followed one: `access.log.1`, `access.log-20260101`, `access.1.log`.
//!
//! When a name was rotated several times between two looks, the files that had it meanwhile are found here. What
//! was there before is remembered by identity, so whatever else has turned up since must have come between.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::position::FileId;

const COMPRESSED: [&str; 6] = ["gz", "zst", "bz2", "xz", "lz4", "Z"];

/// The rotated files of one name, as they were at the last scan.
#[derive(Debug)]
pub(super) struct Siblings {
    dir: PathBuf,
    name: OsString,
    /// Which directory that was: after a swap of directories nothing can be told from the names.
    dir_id: Option<FileId>,
    /// The files there, and whether each was compressed.
    known: HashMap<FileId, bool>,
}

/// One scan of the directory.
#[derive(Debug)]
pub(super) struct Scan {
    /// All rotated files, oldest first.
    found: Vec<Sibling>,
}

/// One rotated file.
#[derive(Debug, Clone)]
pub(super) struct Sibling {
    pub(super) path: PathBuf,
    pub(super) id: FileId,
    pub(super) size: u64,
    age: Age,
    compressed: bool,
}

/// The place of a rotated file in the order, by its name: dates go up, numbers go down towards the present.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Date(Vec<u8>),
    Number(Reverse<u32>),
}

impl Siblings {
    /// The rotated files that there are beside `path`, all of them known from now on. `path` must be resolved: a
    /// link's target is what rotates.
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let dir = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let name = path.file_name().unwrap_or_default().to_os_string();
        let dir_id = Some(FileId::of(&fs::metadata(&dir)?));
        let mut siblings = Self { dir, name, dir_id, known: HashMap::new() };
        let scan = siblings.scan()?;
        siblings.keep(&scan);
        Ok(siblings)
    }

    /// Whether these are the rotated files of `path`, in the same directory as before.
    pub(super) fn are_of(&self, path: &Path) -> bool {
        let dir_id = fs::metadata(&self.dir).ok().map(|metadata| FileId::of(&metadata));
        path == self.dir.join(&self.name) && dir_id == self.dir_id
    }

    /// Whether the directory is still the one that was scanned first.
    pub(super) fn can_be_asked(&self) -> bool {
        fs::metadata(&self.dir).is_ok_and(|metadata| Some(FileId::of(&metadata)) == self.dir_id)
    }

    /// Looks at what is there now.
    pub(super) fn scan(&self) -> io::Result<Scan> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let Some((age, compressed)) = age_of(&entry.file_name(), &self.name) else { continue };
            let path = entry.path();
            // A file that is renamed at this moment is found under its other name, or by the next scan.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_file() {
                found.push(Sibling {
                    path,
                    id: FileId::of(&metadata),
                    size: metadata.len(),
                    age,
                    compressed,
                });
            }
        }
        // The times of birth are in the order of rotation; those of the same clock tick are ordered by name.
        found.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(Scan { found })
    }

    /// Those of `scan` that are new since the last one kept, oldest first, except `ours` and what is older than
    /// `after`.
    pub(super) fn arrivals(
        &self,
        scan: &Scan,
        ours: &HashSet<FileId>,
        after: Option<FileId>,
    ) -> Vec<Sibling> {
        let is_new = |sibling: &&Sibling| {
            let id = sibling.id;
            let older = after.is_some_and(|after| id.is_older_than(&after));
            !sibling.compressed && !self.known.contains_key(&id) && !ours.contains(&id) && !older
        };
        let mut seen = HashSet::new();
        scan.found.iter().filter(is_new).filter(|sibling| seen.insert(sibling.id)).cloned().collect()
    }

    /// Whether a file that came between cannot be read any more. `last` is the file that had the name before, and
    /// `between` what was found since.
    pub(super) fn misses_some(&self, scan: &Scan, last: FileId, last_gone: bool, between: usize) -> bool {
        if let Some(found) = scan.found.iter().find(|sibling| sibling.id == last) {
            let mut newer = scan.found.iter().filter(|sibling| sibling.age > found.age);
            return match found.age {
                // Where each rotation moves all files up by one, those below the last one came after it. A file
                // that was below before means that numbers are counted up here instead, and tell nothing.
                Age::Number(Reverse(number)) => {
                    number.saturating_sub(1) as usize > between
                        && !newer.any(|sibling| self.known.contains_key(&sibling.id))
                }
                Age::Date(_) => newer.any(|other| other.compressed && !self.known.contains_key(&other.id)),
            };
        }
        // A file that vanished may be one that was compressed. Other new compressed files came between.
        let now: HashSet<FileId> = scan.found.iter().map(|sibling| sibling.id).collect();
        let vanished =
            self.known.iter().filter(|(id, compressed)| !**compressed && !now.contains(id)).count();
        let new =
            scan.found.iter().filter(|other| other.compressed && !self.known.contains_key(&other.id)).count();
        new > vanished + usize::from(last_gone) || (last_gone && between > 0)
    }

    /// Makes `ids` unknown again.
    pub(super) fn forget(&mut self, ids: &[FileId]) {
        self.known.retain(|id, _| !ids.contains(id));
    }

    /// Makes all that `scan` found known.
    pub(super) fn keep(&mut self, scan: &Scan) {
        self.known = scan.found.iter().map(|sibling| (sibling.id, sibling.compressed)).collect();
    }
}

impl Sibling {
    /// Opens it, if it is still the file that was found under this name.
    pub(super) fn open(&self) -> io::Result<File> {
        let file = File::open(&self.path)?;
        if FileId::of(&file.metadata()?) == self.id { Ok(file) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

fn order(sibling: &Sibling) -> (Option<SystemTime>, &Age) {
    (sibling.id.born, &sibling.age)
}

/// The age that the file name `name` tells, and whether it is compressed, if it is a rotated form of `current`:
/// a number or a date after the whole name or before its extension.
fn age_of(name: &OsStr, current: &OsStr) -> Option<(Age, bool)> {
    let (name, current) = (name.as_bytes(), current.as_bytes());
    if current.is_empty() {
        return None;
    }
    let plain = COMPRESSED.iter().find_map(|ending| name.strip_suffix(ending.as_bytes())?.strip_suffix(b"."));
    let (name, compressed) = plain.map_or((name, false), |plain| (plain, true));
    let after_all = name.strip_prefix(current);
    let before_extension = || {
        let dot = memchr::memrchr(b'.', current).filter(|&dot| dot > 0)?;
        name.strip_prefix(&current[..dot])?.strip_suffix(&current[dot..])
    };
    let suffix = after_all.or_else(before_extension)?;
    let (separator, stamp) = suffix.split_first()?;
    if !b".-_".contains(separator) {
        return None;
    }
    if stamp == b"old" {
        return Some((Age::Number(Reverse(1)), compressed));
    }
    let is_stamp = |&byte: &u8| byte.is_ascii_digit() || b"-_.:+TZ".contains(&byte);
    if !stamp.iter().all(is_stamp) || !stamp.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let number =
        std::str::from_utf8(stamp).ok().filter(|stamp| stamp.len() <= 3).and_then(|s| s.parse().ok());
    Some((
        number.map_or_else(|| Age::Date(stamp.to_vec()), |number| Age::Number(Reverse(number))),
        compressed,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(name: &str) -> Option<(Age, bool)> {
        age_of(OsStr::new(name), OsStr::new("access.log"))
    }

    #[test]
    fn rotated_names_are_told_from_other_files() {
        for name in ["access.log.1", "access.log-20260101", "access.log.2026-01-01T10:00:00Z", "access.1.log"]
        {
            assert!(age(name).is_some_and(|(_, compressed)| !compressed), "{name}");
        }
        for name in ["access.log.1.gz", "access.log-20260101.zst"] {
            assert!(age(name).is_some_and(|(_, compressed)| compressed), "{name}");
        }
        for name in [
            "access.log",
            "access.log.bak",
            "access.log~",
            "error.log.1",
            "access.log.gz",
            "access.log.",
            "x",
        ] {
            assert_eq!(age(name), None, "{name}");
        }
    }

    #[test]
    fn numbers_grow_and_dates_shrink_into_the_past() {
        assert!(age("access.log.10") < age("access.log.2"));
        assert!(age("access.log-20260101") < age("access.log-20260102"));
    }
}
