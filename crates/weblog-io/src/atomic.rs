//! A file that is either there as a whole or not there at all.

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::problem::printable;

/// A file that gets its name only once it is complete.
///
/// The bytes go to a temporary file in the same directory. [`AtomicFile::commit`] makes them durable
/// and gives the file its name, in place of what had it before; dropped without that, nothing is
/// left. It does not buffer: put a [`BufWriter`](io::BufWriter) before it. A target that is not a regular file (a FIFO, `/dev/stdout`, `/dev/full`) is written directly.
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    target: PathBuf,
    /// None if the target is written directly.
    temporary: Option<PathBuf>,
}

/// Why a file could not be written. The kind of the `error` is kept when this becomes an
/// [`io::Error`].
#[derive(Debug)]
pub struct AtomicFileError {
    /// What was being done: a verb, such as `create`.
    pub doing: &'static str,
    /// The file it was done to.
    pub path: PathBuf,
    /// What the system says.
    pub error: io::Error,
}

impl fmt::Display for AtomicFileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "cannot {} {}: {}", self.doing, printable(&self.path.to_string_lossy()), self.error)?;
        match self.error.kind() {
            io::ErrorKind::NotFound => out.write_str("; create the directory first"),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                out.write_str("; write to another directory, or get the right to write there")
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                out.write_str("; free some space there, or write to another place")
            }
            io::ErrorKind::IsADirectory => out.write_str("; give the name of a file"),
            _ => Ok(()),
        }
    }
}

impl Error for AtomicFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

impl From<AtomicFileError> for io::Error {
    fn from(error: AtomicFileError) -> io::Error {
        io::Error::new(error.error.kind(), error)
    }
}

impl AtomicFile {
    /// Starts to write what shall become `path`. The directory must exist. A file that is replaced
    /// gives the new one its permissions; a symbolic link stays, and what it points to is replaced.
    pub fn create(path: impl AsRef<Path>) -> Result<AtomicFile, AtomicFileError> {
        let path = path.as_ref();
        let existing = fs::metadata(path).ok();
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(failed("create", path)(io::ErrorKind::IsADirectory.into()));
        }
        if existing.as_ref().is_some_and(|m| !m.is_file()) || is_descriptor(path) {
            // Appending, because /dev/stdout may be a regular file that a shell has begun.
            let file = OpenOptions::new().append(true).open(path).map_err(failed("open", path))?;
            return Ok(AtomicFile { file, target: path.to_owned(), temporary: None });
        }
        let target = fs::canonicalize(path).or_else(|_| follow(path)).map_err(failed("create", path))?;
        let (file, temporary) = create_temporary(&target).map_err(failed("create", path))?;
        let created = AtomicFile { file, target, temporary: Some(temporary) };
        if let Some(metadata) = existing {
            created.file.set_permissions(metadata.permissions()).map_err(failed("create", path))?;
        }
        Ok(created)
    }

    /// The path of the file that is replaced, with symbolic links resolved.
    pub fn path(&self) -> &Path {
        &self.target
    }

    /// Makes the bytes durable and gives the file its name. Before this returns without an error,
    /// whoever opens the name finds what was there before.
    pub fn commit(mut self) -> Result<(), AtomicFileError> {
        let Some(temporary) = self.temporary.clone() else { return Ok(()) };
        self.file.sync_all().map_err(failed("write", &self.target))?;
        fs::rename(&temporary, &self.target).map_err(failed("replace", &self.target))?;
        self.temporary = None;
        let directory = directory_of(&self.target);
        match File::open(directory).and_then(|opened| opened.sync_all()) {
            // Some file systems cannot do this; then the rename is as durable as it gets.
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => {
                Err(failed("sync", directory)(error))
            }
            _ => Ok(()),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => error,
            _ => failed("write", &self.target)(error).into(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nobody is left to tell. A later run cannot be hurt by it, as names are never used twice.
            let _ = fs::remove_file(temporary);
        }
    }
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> AtomicFileError {
    move |error| AtomicFileError { doing, path: path.to_owned(), error }
}

/// Whether the path stands for an open descriptor rather than for a file.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|start| path.starts_with(start))
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a path names that does not exist yet: itself, or where a dangling link points.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = directory_of(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

fn create_temporary(target: &Path) -> io::Result<(File, PathBuf)> {
    loop {
        // Seeded by the system's random numbers for each use, so nobody can plant the name before.
        let random = RandomState::new().build_hasher().finish();
        let temporary = directory_of(target).join(format!(".weblog-{random:016x}.tmp"));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_memory_directory_holds_files_and_not_descriptors() {
        assert!(is_descriptor(Path::new("/dev/stdout")) && is_descriptor(Path::new("/dev/fd/3")));
        assert!(!is_descriptor(Path::new("/dev/shm/out")) && !is_descriptor(Path::new("/dev/stdout.log")));
    }
}
