//! One input: a name that is followed, or a stream.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::FollowOptions;
use super::far::Far;
use super::named::Named;
use super::stream::Stream;

#[derive(Debug)]
pub(super) enum Source {
    Named(Box<Named>),
    Stream { name: PathBuf, stream: Stream },
    Far(Far),
}

impl Source {
    /// Follows `file`, which is open already.
    pub(super) fn opened(
        name: PathBuf,
        file: File,
        options: &FollowOptions,
        now: Instant,
    ) -> io::Result<Self> {
        if file.metadata()?.is_file() {
            return Ok(Self::Named(Box::new(Named::opened(name, file, options, now)?)));
        }
        Ok(Self::Stream { name, stream: Stream::new(file, now) })
    }

    /// Something may have changed.
    pub(super) fn wake(&mut self) {
        if let Self::Named(named) = self {
            named.dirty = true;
        }
    }

    /// The regular look is due, whether something changed or not.
    pub(super) fn wake_for_all(&mut self) {
        self.wake();
        if let Self::Named(named) = self {
            named.rewatch = true;
        }
    }

    pub(super) fn is_dirty(&self) -> bool {
        match self {
            Self::Named(named) => named.dirty,
            Self::Far(far) => far.dirty,
            Self::Stream { .. } => false,
        }
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(self, Self::Named(named) if named.reading)
    }

    /// Whether the head of an unfinished line was given out.
    pub(super) fn is_line_open(&self) -> bool {
        match self {
            Self::Named(named) => named.is_line_open(),
            Self::Stream { stream, .. } => stream.line.is_open(),
            Self::Far(_) => false,
        }
    }

    /// Whether nothing can come any more.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self, Self::Stream { stream, .. } if stream.ended)
    }
}

/// Opens `path` if it is a pipe or a terminal, without waiting for a writer.
pub(super) fn open_stream(path: &Path) -> Option<io::Result<File>> {
    let kind = fs::metadata(path).ok()?.file_type();
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let open = || File::options().read(true).custom_flags(nonblock).open(path);
    (kind.is_fifo() || kind.is_char_device()).then(open)
}
