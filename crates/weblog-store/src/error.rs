//! What can go wrong with columns, files and datasets.

use crate::partition::By;
use arrow_schema::{ArrowError, DataType};
use parquet::errors::ParquetError;
use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

/// Why records could not be stored.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// A file or directory could not be read or written.
    Io {
        /// What was being done: a verb, such as `create`.
        doing: &'static str,
        /// The file it was done to.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A column holds one type of values in a dataset and another one in what is added.
    Type {
        /// The name of the column.
        column: String,
        /// Its type in the dataset.
        here: DataType,
        /// Its type in what is added.
        there: DataType,
    },
    /// A file where a dataset should be.
    NoDirectory {
        /// The file.
        path: PathBuf,
    },
    /// A directory that holds something else.
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// A dataset is divided in another way than was asked for, or not by time at all.
    Divided {
        /// The dataset.
        path: PathBuf,
        /// How it is divided; none if it is not by time.
        how: Option<By>,
    },
    /// Rows of another rollup cannot be summed into this one.
    Rollup {
        /// What does not fit.
        why: String,
    },
    /// There is no dataset at a place.
    NoDataset {
        /// The place.
        path: PathBuf,
    },
    /// A file of the dataset cannot be read, or does not hold what the commit log says.
    DataFile {
        /// The file, relative to the dataset.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Others replace the same files again and again.
    Busy {
        /// The dataset.
        path: PathBuf,
    },
    /// The dataset cannot be treated so.
    Unfit {
        /// The dataset.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// Arrow could not do something.
    Arrow(ArrowError),
    /// Parquet could not do something; a full disk is seen here.
    Parquet(ParquetError),
    /// The commit log could not be read or added to.
    Log(crate::delta::DeltaError),
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Io { doing, path, error } => {
                write!(out, "cannot {doing} {}: {error}", path.display())?;
                match error.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        out.write_str("; free some space there, or write to another place")
                    }
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        out.write_str("; write to another directory, or get the right to write there")
                    }
                    _ => Ok(()),
                }
            }
            StoreError::Type { column, here, there } => {
                write!(
                    out,
                    "the column `{column}` holds {here} in this dataset, and the new records have {there}"
                )
            }
            StoreError::Rollup { why } => write!(out, "the rollup cannot be rolled up again: {why}"),
            StoreError::NoDirectory { path } => write!(
                out,
                "{} is a file and no dataset; name the directory of the dataset, then the logs",
                path.display()
            ),
            StoreError::Foreign { path } => write!(
                out,
                "{} is no dataset and is not empty; name a dataset, or a directory that is empty or not there",
                path.display()
            ),
            StoreError::Divided { path, how } => match how {
                Some(By::None) => write!(out, "{} is not divided; leave --by out", path.display()),
                Some(By::Day) => write!(out, "{} is divided by day; leave --by out", path.display()),
                Some(By::Hour) => write!(out, "{} is divided by hour; leave --by out", path.display()),
                None => write!(
                    out,
                    "{} is a table that is not divided by time as a dataset is; write to another place",
                    path.display()
                ),
            },
            StoreError::NoDataset { path } => write!(
                out,
                "{} is no dataset: it has no _delta_log with a commit; name a directory that weblog to-parquet \
                 made",
                path.display()
            ),
            StoreError::DataFile { path, why } => {
                write!(out, "cannot use {path}: {why}; it stays as it is, put it back from a copy")
            }
            StoreError::Busy { path } => write!(
                out,
                "others replaced the same files of {} each time; run it again when they are done",
                path.display()
            ),
            StoreError::Unfit { path, why } => write!(out, "{}: {why}", path.display()),
            StoreError::Arrow(ArrowError::IoError(_, error)) => write!(out, "cannot write: {error}"),
            StoreError::Arrow(error) => write!(out, "{error}"),
            StoreError::Parquet(error) => write!(out, "cannot write Parquet: {error}"),
            StoreError::Log(error) => write!(out, "{error}"),
        }
    }
}

impl StoreError {
    /// Names the dataset, where an error of writing a file does not say which one it is.
    pub(crate) fn at(self, root: &Path) -> StoreError {
        let error = match self {
            StoreError::Parquet(ParquetError::External(error)) => match error.downcast::<io::Error>() {
                Ok(error) => *error,
                Err(error) => return StoreError::Parquet(ParquetError::External(error)),
            },
            StoreError::Arrow(ArrowError::IoError(_, error)) => error,
            other => return other,
        };
        StoreError::Io { doing: "write to", path: root.to_owned(), error }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StoreError::Io { error, .. } => Some(error),
            StoreError::Arrow(error) => Some(error),
            StoreError::Parquet(error) => Some(error),
            StoreError::Log(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ArrowError> for StoreError {
    fn from(error: ArrowError) -> Self {
        StoreError::Arrow(error)
    }
}

impl From<ParquetError> for StoreError {
    fn from(error: ParquetError) -> Self {
        StoreError::Parquet(error)
    }
}

impl From<crate::delta::DeltaError> for StoreError {
    fn from(error: crate::delta::DeltaError) -> Self {
        StoreError::Log(error)
    }
}
