//! Why a database cannot be used.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a database cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum GeoError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A directory, a pipe or a device was named.
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// The file is something else.
    NotMmdb {
        /// The file.
        path: PathBuf,
        /// Whether it is compressed by gzip, as databases are when downloaded.
        gzip: bool,
    },
    /// The file is a database, but damaged.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found wrong.
        reason: String,
    },
    /// None of the records looked at has a field that weblog knows.
    NothingUseful {
        /// The file.
        path: PathBuf,
        /// What the database calls itself.
        kind: String,
    },
    /// The file is being written.
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// The file that took the place of another one lacks the places or networks that the other had.
    OtherKind {
        /// The file.
        path: PathBuf,
        /// What the database calls itself.
        kind: String,
        /// What the one before called itself.
        before: String,
    },
}

impl fmt::Display for GeoError {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            GeoError::Read { path, error } => write!(formatter, "cannot read {}: {error}", path.display()),
            GeoError::NotAFile { path } => {
                write!(formatter, "{}: not a file; name a .mmdb database", path.display())
            }
            GeoError::NotMmdb { path, gzip: true } => {
                write!(formatter, "{}: compressed by gzip; unpack the .mmdb database first", path.display())
            }
            GeoError::NotMmdb { path, .. } => write!(formatter, "{}: not a .mmdb database", path.display()),
            GeoError::Damaged { path, reason } => {
                write!(formatter, "{}: damaged database: {reason}", path.display())
            }
            GeoError::NothingUseful { path, kind } => {
                let path = path.display();
                write!(formatter, "{path}: this database ({kind:?}) has neither places nor networks")
            }
            GeoError::Changing { path } => {
                write!(formatter, "{}: being written just now; try again", path.display())
            }
            GeoError::OtherKind { path, kind, before } => {
                let path = path.display();
                write!(
                    formatter,
                    "{path}: this database ({kind:?}) lacks what the one before ({before:?}) had"
                )
            }
        }
    }
}

impl std::error::Error for GeoError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            GeoError::Read { error, .. } => Some(error),
            _ => None,
        }
    }
}
