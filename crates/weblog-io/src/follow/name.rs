//! What the name of a file says of its place among the rotated files of another one.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const COMPRESSED: [&str; 7] = ["gz", "zst", "bz2", "xz", "lz4", "Z", "lzma"];

/// What a name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// A rotated file, and its place in the order.
    Age(Age),
    /// It begins with the log's name, and nothing else can be told.
    Nothing,
}

impl Told {
    pub(super) fn age(&self) -> Option<&Age> {
        match self {
            Told::Age(age) => Some(age),
            Told::Nothing => None,
        }
    }
}

/// The place of a rotated file in the order, by its name: dates go up, numbers go down towards the present.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Age {
    Date(Vec<u8>),
    Number(Reverse<u32>),
}

/// Whether the name of `path` says that it is a rotated form of the file `of`.
pub fn is_rotated_form(path: &Path, of: &Path) -> bool {
    let told = || told(path.file_name()?, of.file_name()?);
    path.parent() == of.parent() && told().is_some_and(|told| told.age().is_some())
}

/// Whether `name` may be a rotated form of `current`. A number or a date after the whole name or before its
/// extension makes sure; any other name that begins with the log's is left to its content.
pub(super) fn told(name: &OsStr, current: &OsStr) -> Option<Told> {
    let (name, current) = (name.as_bytes(), current.as_bytes());
    if current.is_empty() || name == current {
        return None;
    }
    let plain = without_ending(name);
    let after_all = plain.unwrap_or(name).strip_prefix(current);
    let before_extension = || {
        let dot = memchr::memrchr(b'.', current).filter(|&dot| dot > 0)?;
        plain.unwrap_or(name).strip_prefix(&current[..dot])?.strip_suffix(&current[dot..])
    };
    match after_all.or_else(before_extension).and_then(age) {
        Some(age) => Some(Told::Age(age)),
        None => name.starts_with(current).then_some(Told::Nothing),
    }
}

/// A name without the ending that tells of compression.
fn without_ending(name: &[u8]) -> Option<&[u8]> {
    COMPRESSED.iter().find_map(|ending| name.strip_suffix(ending.as_bytes())?.strip_suffix(b"."))
}

/// Whether `name` is that of a compressed file which stands beside the plain one, `names` being all names there:
/// while a file is compressed it is there twice, and the compressed one is not whole.
pub(super) fn is_half_made(name: &OsStr, names: &HashSet<OsString>) -> bool {
    without_ending(name.as_bytes()).is_some_and(|plain| names.contains(OsStr::from_bytes(plain)))
}

/// The age that stands between the parts of a name.
fn age(suffix: &[u8]) -> Option<Age> {
    let (separator, stamp) = suffix.split_first()?;
    if !b".-_".contains(separator) {
        return None;
    }
    if stamp == b"old" {
        return Some(Age::Number(Reverse(1)));
    }
    let is_stamp = |&byte: &u8| byte.is_ascii_digit() || b"-_.:+TZ".contains(&byte);
    if !stamp.iter().all(is_stamp) || !stamp.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let number =
        std::str::from_utf8(stamp).ok().filter(|stamp| stamp.len() <= 3).and_then(|s| s.parse().ok());
    Some(number.map_or_else(|| Age::Date(stamp.to_vec()), |number| Age::Number(Reverse(number))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<Told> {
        told(OsStr::new(name), OsStr::new("access.log"))
    }

    fn age(name: &str) -> Option<Age> {
        of(name)?.age().cloned()
    }

    #[test]
    fn rotated_names_are_told_from_other_files() {
        let names =
            ["access.log.1", "access.log-20260101", "access.log.2026-01-01T10:00:00Z", "access.1.log"];
        for name in names {
            assert!(age(name).is_some(), "{name}");
            assert_eq!(age(&format!("{name}.gz")), age(name));
        }
        for name in ["access.log.bak", "access.log~", "access.log.gz", "access.log.", "access.log.monday.zst"]
        {
            assert_eq!(of(name), Some(Told::Nothing), "{name}");
        }
        for name in ["access.log", "error.log.1", "x", "access.lo"] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn numbers_grow_and_dates_shrink_into_the_past() {
        assert!(age("access.log.10") < age("access.log.2"));
        assert!(age("access.log-20260101") < age("access.log-20260102"));
    }
}
