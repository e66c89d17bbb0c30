//! Which file this is, and how far it was read.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::SystemTime;

/// How many bytes at the start of a file, and before the offset, tell its content: 1 KiB.
pub(super) const MARK: usize = 1024;

/// Which file a name stands for. Device and inode alone do not tell, since an inode number is soon used again; the
/// time of birth, where the file system keeps it, tells the two files apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    /// The device (`st_dev`).
    pub device: u64,
    /// The inode number (`st_ino`).
    pub inode: u64,
    /// When the file was created.
    pub born: Option<SystemTime>,
}

impl FileId {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino(), born: metadata.created().ok() }
    }

    /// Whether this file cannot have had the name after `other`, because it is older.
    pub(super) fn is_older_than(&self, other: &Self) -> bool {
        matches!((self.born, other.born), (Some(this), Some(that)) if this < that)
    }
}

/// How far one file was read: all that has to be kept to go on reading it later, also after it was renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The name that it was found by.
    pub path: PathBuf,
    /// Which file it is.
    pub id: FileId,
    /// Bytes whose lines were given out whole: reading goes on here, at the start of a line.
    pub offset: u64,
    /// Bytes read, `offset` and the unfinished line held back after it.
    pub read: u64,
    /// The first bytes of the file.
    pub head: Mark,
    /// The bytes before `read`.
    pub tail: Mark,
}

/// A short stretch of a file's content by its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    /// Length of the stretch in bytes, at most 1024.
    pub length: u32,
    /// Its FNV-1a hash of 64 bits, the same in every build and release.
    pub hash: u64,
}

impl Mark {
    /// The mark of `bytes`. FNV-1a is by Fowler, Noll and Vo (draft-eastlake-fnv).
    pub fn of(bytes: &[u8]) -> Self {
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        Self { length: bytes.len() as u32, hash }
    }

    /// Whether `bytes` begin with this stretch.
    pub(super) fn begins(&self, bytes: &[u8]) -> bool {
        bytes.get(..self.length as usize).is_some_and(|start| Self::of(start) == *self)
    }
}

/// A file beside a followed one, of which nothing is to be read, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// Which file it is, unless it was compressed since.
    pub id: FileId,
    /// The first bytes of the file.
    pub head: Mark,
    /// How many bytes of it are done with. What is written to it after them is read. The greatest number for a
    /// compressed file, which does not grow.
    pub size: u64,
}

/// What has to be kept of one followed name to go on with it later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// How far the files were read that have the name or had it, oldest first.
    pub files: Vec<Position>,
    /// The rotated files that were there beside them.
    pub beside: Vec<Beside>,
}
