//! The stored bytes of a source: a file, a pipe, a device or any reader, waited for where that is
//! possible.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;

use crate::stop::{Interruption, Wait, Waitable, Watch};

/// The capacity that is asked for an input pipe. Between programs that are busy this takes half the
/// time of the usual 64 KiB, and more brings nothing.
#[cfg(target_os = "linux")]
const PIPE_SIZE: usize = 256 << 10;

/// What a read brought.
#[derive(Debug)]
pub(crate) enum Got {
    /// So many bytes, at least one.
    Bytes(usize),
    /// The end of the source.
    End,
    /// Nothing without blocking, which was not allowed.
    NotReady,
    /// There is a reason to stop reading.
    Interrupted(Interruption),
}

/// The bytes as they are stored, before decompression.
pub(crate) struct Raw {
    origin: Origin,
    pub(crate) ended: bool,
    pub(crate) bytes: u64,
}

enum Origin {
    File {
        file: File,
        metadata: Metadata,
        /// Reads may block: a pipe, a socket, a terminal.
        waits: bool,
        drainable: bool,
    },
    Reader(Box<dyn Read + Send>),
}

impl Raw {
    pub(crate) fn from_file(file: File) -> io::Result<Raw> {
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let kind = metadata.file_type();
        let drainable = kind.is_fifo() || kind.is_socket();
        let waits = drainable || kind.is_char_device();
        #[cfg(target_os = "linux")]
        if kind.is_fifo() {
            // The system may refuse, and then the pipe stays as it is.
            let _ = rustix::pipe::fcntl_setpipe_size(&file, PIPE_SIZE);
        }
        Ok(Raw { origin: Origin::File { file, metadata, waits, drainable }, ended: false, bytes: 0 })
    }

    pub(crate) fn from_reader(reader: Box<dyn Read + Send>) -> Raw {
        Raw { origin: Origin::Reader(reader), ended: false, bytes: 0 }
    }

    /// The opened file's metadata; none for a reader.
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        match &self.origin {
            Origin::File { metadata, .. } => Some(metadata),
            Origin::Reader(_) => None,
        }
    }

    /// Goes on at this byte of a regular file. False for anything else.
    pub(crate) fn seek(&mut self, offset: u64) -> io::Result<bool> {
        let Origin::File { file, metadata, .. } = &mut self.origin else { return Ok(false) };
        if !metadata.is_file() {
            return Ok(false);
        }
        file.seek(io::SeekFrom::Start(offset))?;
        self.ended = false;
        Ok(true)
    }

    /// Reads into `out`, which must not be empty, once there is something to read.
    pub(crate) fn read(&mut self, out: &mut [u8], block: bool, watch: &mut Watch<'_>) -> io::Result<Got> {
        loop {
            if self.ended {
                return Ok(Got::End);
            }
            let waitable = match &self.origin {
                Origin::File { file, waits: true, drainable, .. } => {
                    Waitable { fd: Some(file.as_fd()), drainable: *drainable }
                }
                _ => Waitable { fd: None, drainable: false },
            };
            match watch.wait(waitable, block)? {
                Wait::Ready => {}
                Wait::NotReady => return Ok(Got::NotReady),
                Wait::Interrupted(why) => return Ok(Got::Interrupted(why)),
            }
            let result = match &mut self.origin {
                Origin::File { file, .. } => file.read(out),
                Origin::Reader(reader) => reader.read(out),
            };
            match result {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    self.bytes += n as u64;
                    return Ok(Got::Bytes(n));
                }
                // Another process may have taken what the poll had seen.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && waitable_again(&self.origin) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether a poll can wait for what a read just refused.
fn waitable_again(origin: &Origin) -> bool {
    matches!(origin, Origin::File { waits: true, .. })
}
