//! What tells one state of a file from another without reading it.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A state of a file: which file it is, its size, and when it was last written or put in place.
/// The default one is that of a file that is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The state of an open file.
    pub(super) fn of_file(file: &File) -> io::Result<Stamp> {
        file.metadata().map(|about| Stamp::new(&about))
    }

    /// The state of the file that has this path now.
    pub(super) fn of_path(path: &Path) -> Stamp {
        fs::metadata(path).map_or(Stamp::default(), |about| Stamp::new(&about))
    }

    fn new(about: &Metadata) -> Stamp {
        Stamp {
            inode: about.ino(),
            size: about.size(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }

    /// Whether the file has been left alone for a while. One that is not there never has.
    pub(super) fn is_older_than(&self, span: Duration, now: SystemTime) -> bool {
        let Ok(now) = now.duration_since(SystemTime::UNIX_EPOCH) else { return false };
        let changed =
            Duration::new(self.changed.0.try_into().unwrap_or(0), self.changed.1.try_into().unwrap_or(0));
        *self != Stamp::default() && now.checked_sub(changed).is_some_and(|age| age >= span)
    }
}
