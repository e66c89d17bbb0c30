//! The beginning of a file, and which file it is.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::raw::Got;
use crate::source::Source;
use crate::stop::Watch;

/// How much of a file is its head, in bytes: a shorter one is all that the file has.
pub const WHOLE_HEAD: usize = 64 << 10;

/// The beginning of a regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The first 64 KiB of it, decompressed as far as it can be, or all of it when it is shorter.
    pub bytes: Vec<u8>,
    /// Whether the file is compressed.
    pub is_compressed: bool,
    /// Which file it is.
    pub file: FileId,
}

/// A file as it was at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    dev: u64,
    ino: u64,
    size: u64,
}

impl FileId {
    fn of(metadata: &Metadata) -> FileId {
        FileId { dev: metadata.dev(), ino: metadata.ino(), size: metadata.len() }
    }

    /// The size of the file in bytes as they are stored.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether `metadata` is of the same file, no smaller than it was.
    pub(crate) fn is_begin_of(&self, metadata: &Metadata) -> bool {
        let now = FileId::of(metadata);
        (now.dev, now.ino) == (self.dev, self.ino) && now.size >= self.size
    }
}

/// The head of a file; none if it is not a regular one.
pub fn head(path: &Path) -> io::Result<Option<Head>> {
    if !std::fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut source = Source::open(path)?;
    let Some(file) = source.metadata().filter(|metadata| metadata.is_file()).map(FileId::of) else {
        return Ok(None);
    };
    let mut watch = Watch::new(None, None, None);
    let mut bytes = vec![0; WHOLE_HEAD];
    let mut filled = 0;
    while filled < WHOLE_HEAD {
        match source.read(&mut bytes[filled..], true, &mut watch, None) {
            Ok(Got::Bytes(n)) => filled += n,
            // What is wrong further on is the run's to report, if this is a log at all.
            Err(_) if filled > 0 => break,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    bytes.truncate(filled);
    Ok(Some(Head { bytes, is_compressed: source.is_compressed(), file }))
}
