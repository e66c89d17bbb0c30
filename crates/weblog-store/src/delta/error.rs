//! What can go wrong with a commit log, in sentences.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a commit log could not be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeltaError {
    /// The system refused something.
    Io {
        /// What was being done: a verb, such as `read`.
        doing: &'static str,
        /// The file or directory it was done to.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A line of a commit is not what the protocol asks for.
    Line {
        /// The commit.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What should stand there.
        expected: String,
    },
    /// A checkpoint cannot be read, and the commits it stands for are not all there.
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A commit is missing although later ones exist.
    Gap {
        /// The name that the missing commit would have.
        path: PathBuf,
    },
    /// A state of the past that is not there, or not any more.
    Past {
        /// The root of the dataset.
        path: PathBuf,
        /// What is not there, and what is.
        why: String,
    },
    /// The table uses something of the protocol that weblog does not know.
    Unsupported {
        /// The root of the dataset, or its log.
        path: PathBuf,
        /// What it uses.
        why: String,
    },
    /// The columns of a commit do not fit.
    Schema {
        /// What does not fit, and what to do.
        why: String,
    },
    /// A path that a data file cannot have.
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl DeltaError {
    /// For `map_err`: the system refused `doing` something to `path`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DeltaError {
        let path = path.to_owned();
        move |error| DeltaError::Io { doing, path, error }
    }
}

impl fmt::Display for DeltaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeltaError::Io { doing, path, error } => {
                write!(out, "cannot {doing} {}: {error}", shown(path))?;
                match error.kind() {
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        out.write_str("; get the right to write to the dataset, or name another one")
                    }
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        out.write_str("; free some space there, then run it again")
                    }
                    _ => Ok(()),
                }
            }
            DeltaError::Line { path, line, expected } => write!(
                out,
                "{}, line {line}: expected {expected}; the commit is damaged or was not written by a Delta \
                 Lake tool, put it back from a copy",
                shown(path)
            ),
            DeltaError::Checkpoint { path, why } => write!(
                out,
                "cannot use the checkpoint {}: {why}; the commits before it are not all there either, put \
                 the checkpoint back from a copy",
                shown(path)
            ),
            DeltaError::Gap { path } => write!(
                out,
                "{} is missing although later commits exist; put it back from a copy of the dataset",
                shown(path)
            ),
            DeltaError::Past { path, why } | DeltaError::Unsupported { path, why } => {
                write!(out, "{}: {why}", shown(path))
            }
            DeltaError::Schema { why } => out.write_str(why),
            DeltaError::Path { path, why } => {
                write!(out, "a data file cannot be named \"{}\": {why}", printable(path))
            }
        }
    }
}

impl Error for DeltaError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            DeltaError::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// Why a commit was not made. Nothing of it is visible then, but for one case: an [`DeltaError::Io`]
/// that comes when the commit is made durable leaves it open whether the commit is there, and reading
/// the log again tells.
#[derive(Debug)]
#[non_exhaustive]
pub enum CommitError {
    /// Another run committed more of one of our inputs. Discard the files, read the log again, and
    /// take in what is still new.
    InputTaken {
        /// The input.
        app_id: String,
        /// How far it was when this run began.
        from: i64,
        /// How far it is now.
        now: i64,
    },
    /// A file that was to be replaced was taken out by somebody else. Discard what was written in its
    /// place, read the log again, and plan anew.
    FileGone {
        /// The file.
        path: String,
    },
    /// The log could not be read or written.
    Delta(DeltaError),
}

impl fmt::Display for CommitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommitError::InputTaken { app_id, from, now } => write!(
                out,
                "another run took in the input {} meanwhile (it was at {from} and is at {now}); run it again",
                printable(app_id)
            ),
            CommitError::FileGone { path } => write!(
                out,
                "another run took the file {} out of the dataset meanwhile; run it again",
                printable(path)
            ),
            CommitError::Delta(error) => error.fmt(out),
        }
    }
}

impl Error for CommitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            CommitError::InputTaken { .. } | CommitError::FileGone { .. } => None,
            CommitError::Delta(error) => error.source(),
        }
    }
}

impl From<DeltaError> for CommitError {
    fn from(error: DeltaError) -> CommitError {
        CommitError::Delta(error)
    }
}

/// A path for a sentence.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// The text without characters that would steer a terminal.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_control() {
            true => out.extend(character.escape_default()),
            false => out.push(character),
        }
    }
    out
}
