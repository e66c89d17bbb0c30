//! The files of a configuration: includes, their bounds, and the problems found on the way.

use super::{Fault, Place, Problem, limits};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where included files come from. The parser opens none itself.
pub trait Files {
    /// The files that a pattern names, each with its path and content, in alphabetical order.
    ///
    /// `pattern` is what the configuration says, made absolute as far as its rules tell (see the
    /// [module](super)): a file, a pattern with `*`, `?` and `[…]`, or, for httpd, a directory, whose files
    /// are then all meant, also those of its directories. `from` is the file that includes it. No match
    /// is an empty list, not an error. Take regular files only, and no more than
    /// [`limits::BYTES`] of one: what is named comes from the configuration.
    fn read(&mut self, pattern: &str, from: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>>;
}

impl<F: FnMut(&str, &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>>> Files for F {
    fn read(&mut self, pattern: &str, from: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
        self(pattern, from)
    }
}

/// One file of a configuration.
pub(super) struct Source {
    pub(super) path: Arc<Path>,
    pub(super) bytes: Vec<u8>,
}

impl Source {
    pub(super) fn place(&self, line: usize, column: usize) -> Place {
        Place { file: Arc::clone(&self.path), line, column }
    }
}

/// How an include that matches nothing is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    IsProblem,
    IsFine,
}

/// Reads files within the bounds, and keeps the problems.
pub(super) struct Sources<'f> {
    files: &'f mut dyn Files,
    /// The files that are being read, each included by the one before it.
    open: Vec<Arc<Path>>,
    files_left: usize,
    bytes_left: usize,
    pub(super) problems: Vec<Problem>,
}

impl<'f> Sources<'f> {
    pub(super) fn new(files: &'f mut dyn Files) -> Self {
        let (files_left, bytes_left) = (limits::FILES, limits::BYTES);
        Sources { files, open: Vec::new(), files_left, bytes_left, problems: Vec::new() }
    }

    /// The main file, which is open from now on; none when it is too large.
    pub(super) fn main(&mut self, path: &Path, bytes: &[u8]) -> Option<Source> {
        let path: Arc<Path> = path.into();
        let at = Place { file: Arc::clone(&path), line: 1, column: 1 };
        self.spend(bytes.len(), &at).then(|| {
            self.open.push(Arc::clone(&path));
            Source { path, bytes: bytes.to_vec() }
        })
    }

    /// What a pattern names, without the files that are open already.
    pub(super) fn include(&mut self, pattern: &str, missing: Missing, at: &Place) -> Vec<Source> {
        if self.open.len() >= limits::DEPTH {
            self.fault(at, Fault::TooDeep);
            return Vec::new();
        }
        if self.files_left == 0 || self.is_exhausted() {
            return Vec::new();
        }
        let found = match self.files.read(pattern, &at.file) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                self.fault(at, Fault::Unreadable(pattern.into(), error.to_string()));
                return Vec::new();
            }
        };
        if found.is_empty() && missing == Missing::IsProblem {
            self.fault(at, Fault::MissingFile(pattern.into()));
        }
        found.into_iter().filter_map(|(path, bytes)| self.take(path, bytes, at)).collect()
    }

    fn take(&mut self, path: PathBuf, bytes: Vec<u8>, at: &Place) -> Option<Source> {
        if self.open.iter().any(|open| **open == *path) {
            self.fault(at, Fault::Circular(path.display().to_string()));
            return None;
        }
        if self.files_left == 0 {
            return None;
        }
        self.files_left -= 1;
        if self.files_left == 0 {
            self.fault(at, Fault::TooMany("included files"));
        }
        self.spend(bytes.len(), at).then(|| Source { path: path.into(), bytes })
    }

    /// Says that a file is being read, until [`close`](Self::close).
    pub(super) fn open(&mut self, source: &Source) {
        self.open.push(Arc::clone(&source.path));
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// Whether nothing more is counted: what would have to be is passed over.
    pub(super) fn is_exhausted(&self) -> bool {
        self.bytes_left == 0
    }

    /// Counts a name or address that is kept.
    pub(super) fn spend_name(&mut self, at: &Place) -> bool {
        self.spend(limits::NAME, at)
    }

    /// Counts bytes; false, and a problem once, when there are too many in all.
    pub(super) fn spend(&mut self, bytes: usize, at: &Place) -> bool {
        match self.bytes_left.checked_sub(bytes) {
            Some(left) => self.bytes_left = left,
            None if self.bytes_left > 0 => {
                self.bytes_left = 0;
                self.fault(at, Fault::TooMany("bytes in all"));
                return false;
            }
            None => return false,
        }
        true
    }

    pub(super) fn fault(&mut self, at: &Place, fault: Fault) {
        let fault = match self.problems.len() {
            limits::PROBLEMS.. => return,
            len if len + 1 == limits::PROBLEMS => Fault::TooMany("problems"),
            _ => fault,
        };
        self.problems.push(Problem { at: at.clone(), fault });
    }
}
