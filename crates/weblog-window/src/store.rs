//! A place for lines that have to wait: a little memory, then one temporary file.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

/// Bytes that are written once and read at any place, from several threads.
///
/// The first few mebibytes stay in memory; the rest goes into a temporary file without a name, which takes one
/// descriptor and is gone with the process.
pub struct Store {
    directory: PathBuf,
    memory: usize,
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    memory: Vec<u8>,
    file: Option<Arc<File>>,
    /// Bytes in the file.
    written: u64,
}

/// A range of a [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) start: u64,
    pub(crate) len: u64,
}

impl Store {
    /// An empty store that keeps so many bytes in memory and the rest in a file in `directory`.
    pub fn new(directory: PathBuf, memory: usize) -> Store {
        Store { directory, memory, inner: RwLock::default() }
    }

    /// The directory of the temporary file.
    pub fn directory(&self) -> &std::path::Path {
        &self.directory
    }

    /// Bytes in the temporary file.
    pub fn bytes_on_disk(&self) -> u64 {
        self.inner.read().map_or(0, |inner| inner.written)
    }

    /// Adds bytes.
    pub(crate) fn append(&self, bytes: &[u8]) -> io::Result<Extent> {
        let mut inner = self.inner.write().map_err(|_| poisoned())?;
        let len = bytes.len() as u64;
        if inner.file.is_none() && inner.memory.len() + bytes.len() <= self.memory {
            let start = inner.memory.len() as u64;
            inner.memory.extend_from_slice(bytes);
            return Ok(Extent { start, len });
        }
        if inner.file.is_none() {
            inner.file = Some(Arc::new(tempfile::tempfile_in(&self.directory)?));
        }
        let mut file: &File = inner.file.as_deref().expect("it was made if there was none");
        file.write_all(bytes)?;
        let start = inner.memory.len() as u64 + inner.written;
        inner.written += len;
        Ok(Extent { start, len })
    }

    /// Reads all of `out`, beginning at `at`.
    pub(crate) fn read_at(&self, out: &mut [u8], at: u64) -> io::Result<()> {
        let inner = self.inner.read().map_err(|_| poisoned())?;
        let memory = inner.memory.len() as u64;
        if at < memory {
            let at = usize::try_from(at).map_err(io::Error::other)?;
            let bytes = inner.memory.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            out.copy_from_slice(bytes);
            return Ok(());
        }
        let file = inner.file.clone().ok_or(io::ErrorKind::UnexpectedEof)?;
        drop(inner);
        file.read_exact_at(out, at - memory)
    }
}

fn poisoned() -> io::Error {
    io::Error::other("another thread of this program panicked")
}
