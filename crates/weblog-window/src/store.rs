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
        let in_memory = usize::try_from(memory.saturating_sub(at)).unwrap_or(usize::MAX).min(out.len());
        let (near, far) = out.split_at_mut(in_memory);
        if !near.is_empty() {
            let start = usize::try_from(at).map_err(io::Error::other)?;
            near.copy_from_slice(&inner.memory[start..start + in_memory]);
        }
        if far.is_empty() {
            return Ok(());
        }
        let file = inner.file.clone().ok_or(io::ErrorKind::UnexpectedEof)?;
        drop(inner);
        file.read_exact_at(far, at + in_memory as u64 - memory)
    }
}

fn poisoned() -> io::Error {
    io::Error::other("another thread of this program panicked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_from_memory_from_the_file_and_across_both() {
        let store = Store::new(std::env::temp_dir(), 10);
        for piece in [&b"01234567"[..], b"abcdefgh", b"xyz"] {
            store.append(piece).unwrap();
        }
        assert_eq!(store.bytes_on_disk(), 11);
        for start in 0..19 {
            for end in start..=19 {
                let mut out = vec![0; end - start];
                store.read_at(&mut out, start as u64).unwrap();
                assert_eq!(out, b"01234567abcdefghxyz"[start..end]);
            }
        }
        assert!(store.read_at(&mut [0; 2], 18).is_err());
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error_only_when_it_is_needed() {
        let store = Store::new("/nowhere/at/all".into(), 4);
        assert!(store.append(b"1234").is_ok() && store.append(b"5").is_err());
    }
}
