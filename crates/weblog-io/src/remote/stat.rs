//! What the far side tells of a file.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use memchr::memmem;

use super::error::RemoteError;
use crate::follow::FileId;

/// A far file as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Which file it is. The device is 0 when the far machine has no `stat`; the time of birth is in whole seconds,
    /// and missing where the far system or its `stat` does not know it.
    pub id: FileId,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written, as finely as the far `stat` tells; none when there is no `stat`.
    pub modified: Option<SystemTime>,
    /// Whether it is a regular file. False for a symbolic link in a directory's list.
    pub is_file: bool,
    /// The line all this was read from: the far side compares it with a new one to see a change.
    pub(super) line: String,
}

/// A name in a far directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name without its directory; any bytes but NUL and `/`.
    pub name: OsString,
    /// The file. A symbolic link is itself.
    pub stat: Stat,
}

/// A far log and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The log's path, absolute and without links. The file need not be there.
    pub path: PathBuf,
    /// The log; none if it is not there.
    pub log: Option<Stat>,
    /// Everything in its directory whose name begins with the log's, the log too, by name.
    pub entries: Vec<Entry>,
}

impl Stat {
    /// Reads `device inode size mode born modified …`, of which the last may have a fraction or be followed by
    /// one. The mode is hexadecimal. What is not known is any word that is no number.
    pub(super) fn read(line: &[u8]) -> Result<Stat, RemoteError> {
        const UNCLEAR: RemoteError = RemoteError::Protocol { what: "the line about a file" };
        let text = std::str::from_utf8(line).map_err(|_| UNCLEAR)?;
        let mut words = text.splitn(7, ' ');
        let mut word = || words.next().ok_or(UNCLEAR);
        let (device, inode, size, mode, born, modified) =
            (word()?, word()?, word()?, word()?, word()?, word()?);
        // BSD's stat prints a device number with its sign.
        let device = device.parse().or_else(|_| device.parse::<i64>().map(|number| number as u64));
        let mode = u32::from_str_radix(mode, 16).map_err(|_| UNCLEAR)?;
        let born = born.parse().ok().filter(|&seconds: &u64| seconds > 0);
        Ok(Stat {
            id: FileId {
                device: device.map_err(|_| UNCLEAR)?,
                inode: inode.parse().map_err(|_| UNCLEAR)?,
                born: born.and_then(|seconds| since_epoch(seconds, 0)),
            },
            size: size.parse().map_err(|_| UNCLEAR)?,
            modified: time(modified, words.next().unwrap_or_default()),
            is_file: mode & 0o170000 == 0o100000,
            line: text.to_owned(),
        })
    }
}

impl Entry {
    /// Reads what a list gave: each file's line, `|./` and its name, with `separator` and a space before each.
    pub(super) fn read_all(bytes: &[u8], separator: &str) -> Result<Vec<Entry>, RemoteError> {
        const UNCLEAR: RemoteError = RemoteError::Protocol { what: "the list of a directory" };
        let starts: Vec<usize> = memmem::find_iter(bytes, separator).collect();
        let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
        let mut entries = Vec::with_capacity(starts.len());
        for (&start, end) in starts.iter().zip(ends) {
            let record = &bytes[start + separator.len()..end];
            let record =
                record.strip_prefix(b" ").and_then(|record| record.strip_suffix(b"\n")).ok_or(UNCLEAR)?;
            let bar = memchr::memchr(b'|', record).ok_or(UNCLEAR)?;
            let name = record[bar + 1..].strip_prefix(b"./").ok_or(UNCLEAR)?;
            // It becomes part of paths.
            if name.is_empty() || name.contains(&b'/') || name.contains(&0) {
                return Err(UNCLEAR);
            }
            entries
                .push(Entry { name: OsString::from_vec(name.to_vec()), stat: Stat::read(&record[..bar])? });
        }
        // The log is named twice: by itself, in case the directory cannot be listed, and among the others.
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        entries.dedup_by(|one, other| one.name == other.name);
        Ok(entries)
    }
}

/// `1700000000` and `2023-11-14 22:13:20.123456789 +0000`, or `1700000000.123456789` alone.
fn time(seconds: &str, more: &str) -> Option<SystemTime> {
    let (whole, fraction) =
        match seconds.split_once('.').or(more.split_once('.').map(|(_, rest)| (seconds, rest))) {
            Some((whole, fraction)) => (whole, fraction.split(' ').next().unwrap_or_default()),
            None => (seconds, ""),
        };
    let nanoseconds = match fraction.len() {
        1..=9 => fraction.parse::<u32>().ok()? * 10u32.pow(9 - fraction.len() as u32),
        _ => 0,
    };
    since_epoch(whole.parse().ok()?, nanoseconds)
}

fn since_epoch(seconds: u64, nanoseconds: u32) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_every_stat_are_read() {
        let at = |seconds, nanoseconds| since_epoch(seconds, nanoseconds);
        // GNU, busybox (which has no %W), BSD, ls.
        for (line, device, born, modified) in [
            (
                "64 9 12 81a4 1600000000 1700000000 2023-11-14 22:13:20.123456789 +0000",
                64,
                at(1_600_000_000, 0),
                at(1_700_000_000, 123_456_789),
            ),
            (
                "64 9 12 81a4 W 1700000000 2023-11-14 22:13:20.500000000 +0000",
                64,
                None,
                at(1_700_000_000, 500_000_000),
            ),
            ("64 9 12 81a4 0 1700000000 2023-11-14 22:13:20", 64, None, at(1_700_000_000, 0)),
            (
                "-2 9 12 81a4 1600000000 1700000000.000000007",
                u64::MAX - 1,
                at(1_600_000_000, 0),
                at(1_700_000_000, 7),
            ),
            ("0 9 12 8000 - - Nov 14 22:13", 0, None, None),
        ] {
            let stat = Stat::read(line.as_bytes()).unwrap();
            assert_eq!((stat.id, stat.size), (FileId { device, inode: 9, born }, 12), "{line}");
            assert_eq!((stat.modified, stat.is_file), (modified, true), "{line}");
        }
        assert!(!Stat::read(b"1 2 3 41ed - -").unwrap().is_file, "a directory");
        assert!(!Stat::read(b"1 2 3 a1ff - -").unwrap().is_file, "a link");
        for line in ["", "1 2 3", "1 2 x 81a4 - -", "1 2 3 word - -"] {
            assert!(Stat::read(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in ["./../x", "./a/b", "/x", "x", "./", "./a\0"] {
            let list = format!("S 1 2 3 81a4 - -|{name}\n");
            assert!(Entry::read_all(list.as_bytes(), "S").is_err(), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_panics(line in "[-0-9a-f. W]{0,60}", bytes in "[S ./|0-9a-f\n]{0,80}") {
            let _ = Stat::read(line.as_bytes());
            let _ = Entry::read_all(bytes.as_bytes(), "S");
        }
    }

    #[test]
    fn names_in_a_list_may_hold_newlines_and_bars() {
        let list = b"S 1 2 3 81a4 - - x|./a\nS 1 3 3 81a4 - -|./a|b\n\nS \nS 1 2 3 81a4 - - x|./a\n";
        assert!(Entry::read_all(list, "S").is_err(), "the separator in a name");
        let list = String::from_utf8_lossy(list).replacen("S \n", "", 1).replace('S', "0123abcd");
        let names: Vec<_> =
            Entry::read_all(list.as_bytes(), "0123abcd").unwrap().into_iter().map(|e| e.name).collect();
        assert_eq!(names, ["a", "a|b\n"]);
    }
}
