//! What happened to a followed file that its lines do not show.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Something that happened while following. The library prints nothing; `Display` gives the line to print.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The file is not there yet; following waits for it.
    Waiting {
        /// The name followed.
        path: PathBuf,
    },
    /// A file that was missing is there.
    Appeared {
        /// The name followed.
        path: PathBuf,
    },
    /// The name is gone and nothing took its place so far. An open file is still read.
    Disappeared {
        /// The name followed.
        path: PathBuf,
    },
    /// Another file took the name. The old one was read to its end first and is still watched for late writes.
    Rotated {
        /// The name followed.
        path: PathBuf,
        /// Files that had the name between two looks and were found under their rotated names, oldest first.
        between: Vec<PathBuf>,
    },
    /// The file was cut, or cut and written again; it is read from its start.
    Truncated {
        /// The name followed.
        path: PathBuf,
        /// How far it had been read, in bytes.
        offset: u64,
        /// The copy (`copytruncate`) in which the rest was found and read, if one was.
        copy: Option<PathBuf>,
    },
    /// Following goes on where an earlier run left it.
    Resumed {
        /// The file that goes on.
        path: PathBuf,
        /// The byte at which it does.
        offset: u64,
    },
    /// The file that an earlier run read last is nowhere to be found.
    Gone {
        /// The name followed.
        path: PathBuf,
        /// How far it had been read, in bytes.
        offset: u64,
    },
    /// Bytes that were written could not be read: rotated away, compressed or deleted between two looks.
    Gap {
        /// The name followed.
        path: PathBuf,
        /// How many, where that is known. `None` may also turn out to be nothing.
        bytes: Option<u64>,
    },
    /// The file began with a run of NUL bytes, as a writer without `O_APPEND` leaves it after a truncation. It
    /// was skipped.
    NulsSkipped {
        /// The name followed.
        path: PathBuf,
        /// Length of the run in bytes.
        bytes: u64,
    },
    /// A line longer than a mebibyte stayed without its newline while others had to wait; a newline was put in.
    LineCut {
        /// The name followed.
        path: PathBuf,
    },
    /// The file cannot be opened or read now; it is tried again at each look.
    Unreadable {
        /// The name followed.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Another machine is out of reach; it is tried again and again.
    Unreachable {
        /// The address of the log.
        path: PathBuf,
        /// What went wrong.
        reason: String,
        /// It will hardly get better by itself.
        permanent: bool,
    },
    /// A machine that was out of reach is there again.
    Reached {
        /// The address of the log.
        path: PathBuf,
        /// How long it was out of reach.
        after: Duration,
    },
    /// inotify cannot be used; changes are found by polling alone.
    InotifyUnavailable {
        /// What the system said.
        reason: String,
    },
}

impl Notice {
    /// Whether the user should always see it because lines may be missing or are not as the file had them; the
    /// others matter to a verbose reader only.
    pub fn is_warning(&self) -> bool {
        !matches!(
            self,
            Self::Waiting { .. }
                | Self::Appeared { .. }
                | Self::Disappeared { .. }
                | Self::Rotated { .. }
                | Self::Truncated { copy: Some(_), .. }
                | Self::Resumed { .. }
                | Self::InotifyUnavailable { .. }
        )
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { path } => write!(f, "{}: not there yet, waiting for it", path.display()),
            Self::Appeared { path } => write!(f, "{}: appeared", path.display()),
            Self::Disappeared { path } => write!(f, "{}: disappeared, waiting for it", path.display()),
            Self::Rotated { path, between } => {
                write!(f, "{}: rotated", path.display())?;
                between.iter().enumerate().try_for_each(|(i, found)| {
                    let lead = if i == 0 { ", reading " } else { ", " };
                    write!(f, "{lead}{}", found.display())
                })?;
                if between.is_empty() { Ok(()) } else { f.write_str(" on the way") }
            }
            Self::Truncated { path, offset, copy: Some(copy) } => {
                let copy = copy.display();
                write!(
                    f,
                    "{}: truncated after {offset} bytes read, the rest read from {copy}",
                    path.display()
                )
            }
            Self::Truncated { path, offset, copy: None } => {
                write!(f, "{}: truncated after {offset} bytes read, starting at 0 again", path.display())
            }
            Self::Resumed { path, offset } => write!(f, "{}: going on at byte {offset}", path.display()),
            Self::Gone { path, offset } => write!(
                f,
                "{}: the file that was read to byte {offset} is gone; what was written to it after that is lost",
                path.display()
            ),
            Self::Gap { path, bytes: Some(bytes) } => {
                write!(f, "{}: {bytes} bytes were gone before they could be read", path.display())
            }
            Self::Gap { path, bytes: None } => {
                write!(
                    f,
                    "{}: rotated more than once between two looks, and a file between cannot be read: \
                     lines may be missing",
                    path.display()
                )
            }
            Self::NulsSkipped { path, bytes } => {
                write!(f, "{}: skipped {bytes} NUL bytes at the start", path.display())
            }
            Self::LineCut { path } => {
                write!(f, "{}: a line over 1 MiB stayed unfinished and was cut", path.display())
            }
            Self::Unreadable { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Unreachable { path, reason, permanent } => {
                let hope = if *permanent { "this will hardly get better by itself" } else { "trying again" };
                write!(f, "{}: {reason}; {hope}", path.display())
            }
            Self::Reached { path, after } => {
                write!(f, "{}: there again after {} s, going on", path.display(), after.as_secs_f32().ceil())
            }
            Self::InotifyUnavailable { reason } => {
                write!(f, "inotify is not available ({reason}), polling instead")
            }
        }
    }
}
