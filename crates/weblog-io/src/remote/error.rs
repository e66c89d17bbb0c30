//! What can go wrong with a far machine.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::problem::printable;

/// Why a far machine did not give what was asked for. Texts of `ssh` and of the far side hold no control characters.
#[derive(Debug)]
#[non_exhaustive]
pub enum RemoteError {
    /// The `ssh` program cannot be started.
    Start {
        /// The program.
        program: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There is no session: no route, no trust, no key, no shell.
    Connect {
        /// The last lines that `ssh` said, or, when it said nothing, what came from the far side.
        said: String,
        /// Whether trying again soon is of no use: authentication, the host key, or the configuration is at fault.
        permanent: bool,
    },
    /// The connection was lost, or the far shell ended.
    Gone {
        /// The last lines that `ssh` said, which may be none.
        said: String,
    },
    /// Nothing came for too long.
    Silent {
        /// How long.
        after: Duration,
    },
    /// The far file, or a directory on the way to it, is not there.
    NotFound {
        /// What the far tool said.
        message: String,
    },
    /// The far side cannot do it: permission denied, a directory in place of the file, an error of the disk.
    Far {
        /// What the far tool said.
        message: String,
    },
    /// The far side answered in a way that is not understood.
    Protocol {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The user asked the program to end.
    Stopped,
    /// Nobody reads the program's output any more.
    OutputClosed,
    /// A system call failed here.
    Local(io::Error),
}

impl RemoteError {
    /// Whether trying again soon is of no use.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Start { .. } | Self::Connect { permanent: true, .. })
    }

    /// Whether the session is over: what comes next is a new one, or the end.
    pub fn ends_session(&self) -> bool {
        !matches!(self, Self::NotFound { .. } | Self::Far { .. })
    }

    /// What the far side says of a file.
    pub(super) fn far(message: &[u8]) -> RemoteError {
        let message = last_lines(message);
        // LC_ALL=C is set over there, and strerror(3) has the same words on all systems.
        let absent = ["no such file or directory", "not a directory"];
        let lower = message.to_ascii_lowercase();
        match absent.iter().any(|words| lower.ends_with(words)) {
            true => Self::NotFound { message },
            false => Self::Far { message },
        }
    }

    /// That `ssh` ended before the far shell answered. It ends with 255 for errors of its own.
    pub(super) fn connect(stderr: &[u8], stdout: &[u8], status: Option<i32>) -> RemoteError {
        let mut said = last_lines(stderr);
        let permanent = match status {
            Some(255) => PERMANENT.iter().any(|words| said.contains(words)),
            // The login shell ran, or refused to, and there was no sh.
            Some(_) => true,
            None => false,
        };
        if said.is_empty() {
            said = last_lines(stdout);
        }
        if said.is_empty() {
            said = match status {
                Some(status) => format!("ssh ended with status {status}"),
                None => "ssh was killed".into(),
            };
        }
        Self::Connect { said, permanent }
    }
}

/// What OpenSSH's client says when the answer will be the same the next time.
const PERMANENT: [&str; 14] = [
    "Permission denied (",
    "Host key verification failed",
    "REMOTE HOST IDENTIFICATION HAS CHANGED",
    "No matching host key",
    "no matching host key type",
    "no matching key exchange method",
    "no matching cipher",
    "Too many authentication failures",
    "Bad configuration option",
    "terminating, ",
    "Bad owner or permissions",
    "Bad port",
    "hostname contains invalid characters",
    "unknown option",
];

/// The last lines of what a program said, on one line and without control characters.
pub(super) fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(5)..];
    last.iter().map(|line| printable(line)).collect::<Vec<_>>().join("; ")
}

impl fmt::Display for RemoteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { program, error } => {
                write!(out, "cannot start {}: {error}", printable(&program.to_string_lossy()))
            }
            Self::Connect { said, .. } => write!(out, "no connection: {said}"),
            Self::Gone { said } if said.is_empty() => out.write_str("the connection was lost"),
            Self::Gone { said } => write!(out, "the connection was lost: {said}"),
            Self::Silent { after } => write!(out, "nothing came for {:.1} s", after.as_secs_f64()),
            Self::NotFound { message } | Self::Far { message } => out.write_str(message),
            Self::Protocol { what } => write!(out, "the far shell's answer is not understood: {what}"),
            Self::Stopped => out.write_str("stopped"),
            Self::OutputClosed => out.write_str("the output was closed"),
            Self::Local(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for RemoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { error, .. } | Self::Local(error) => Some(error),
            _ => None,
        }
    }
}

impl From<rustix::io::Errno> for RemoteError {
    fn from(errno: rustix::io::Errno) -> RemoteError {
        Self::Local(errno.into())
    }
}
