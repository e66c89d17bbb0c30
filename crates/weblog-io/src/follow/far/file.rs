//! A file of another machine, read piece by piece.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::follow::Until;
use crate::follow::content::{FarFile, Stat};
use crate::remote::{self, MOST_READ, RemoteError, Session};

/// The connection, which all files of one visit share.
#[derive(Clone)]
pub(super) struct Line {
    session: Arc<Mutex<Session>>,
    alive: Arc<OwnedFd>,
    /// A file could not be read, so that nothing may be concluded from what it seems to hold.
    failed: Arc<AtomicBool>,
}

impl Line {
    pub(super) fn new(session: Session, alive: OwnedFd) -> Self {
        Self { session: Arc::new(Mutex::new(session)), alive: Arc::new(alive), failed: Arc::default() }
    }

    /// Whether reading a file failed since this was asked last.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.swap(false, Ordering::Relaxed)
    }

    /// Asks something.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&mut Session, &Until<'_>) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        let until = Until { stop_fd: Some((*self.alive).as_fd()), ..Until::default() };
        question(&mut self.session.lock().unwrap_or_else(PoisonError::into_inner), &until)
    }
}

/// A file, by the name that it had when it was found.
pub(super) struct File {
    line: Line,
    path: PathBuf,
    stat: Stat,
    /// What was read last, ahead of what was asked for: its offset and bytes.
    ahead: Mutex<(u64, Vec<u8>)>,
}

impl File {
    pub(super) fn new(line: &Line, path: PathBuf, stat: &remote::Stat) -> Self {
        let remote::Stat { id, size, modified, .. } = stat;
        let stat = Stat { id: *id, size: *size, modified: *modified, linked: true };
        Self { line: line.clone(), path, stat, ahead: Mutex::default() }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("File").field("path", &self.path).field("stat", &self.stat).finish()
    }
}

/// Small looks ask for this much, which is one block for the far machine.
const LEAST_READ: usize = 4096;

impl FarFile for File {
    fn stat(&self) -> Stat {
        self.stat
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let mut filled = 0;
        while filled < bytes.len() {
            let at = offset + filled as u64;
            let known = usize::try_from(at.wrapping_sub(ahead.0)).ok().and_then(|from| ahead.1.get(from..));
            if let Some(known) = known.filter(|known| !known.is_empty()) {
                let length = known.len().min(bytes.len() - filled);
                bytes[filled..filled + length].copy_from_slice(&known[..length]);
                filled += length;
                continue;
            }
            let wanted = (bytes.len() - filled).clamp(LEAST_READ, MOST_READ);
            let mut fresh = Vec::new();
            let read =
                self.line.ask(|session, until| session.read(&self.path, at, wanted, &mut fresh, until));
            let read = read.map_err(to_io).and_then(|read| match read.file.id == self.stat.id {
                true => Ok(read),
                false => Err(lost("another file took the name")),
            });
            if let Err(error) = read {
                self.line.failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
            if fresh.is_empty() {
                break;
            }
            *ahead = (at, fresh);
        }
        Ok(filled)
    }

    fn again(&self) -> Box<dyn FarFile> {
        let Self { line, path, stat, .. } = self;
        Box::new(Self { line: line.clone(), path: path.clone(), stat: *stat, ahead: Mutex::default() })
    }
}

/// An error after which the far machine must be looked at anew.
pub(super) fn lost(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, why.to_owned())
}

fn to_io(error: RemoteError) -> io::Error {
    match error {
        RemoteError::Far { message } => io::Error::other(message),
        error => io::Error::new(io::ErrorKind::NotConnected, error),
    }
}

/// The error of the connection behind one of reading a file.
pub(super) fn of_io(error: io::Error) -> Result<RemoteError, io::Error> {
    error.downcast::<RemoteError>()
}

impl fmt::Debug for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Line")
    }
}
