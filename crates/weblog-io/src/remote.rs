//! Files of a far machine, reached through the system's `ssh`, with nothing installed on the far side.
//!
//! [`Target`] is the file that an `ssh://` address names. [`Session::connect`] starts `ssh … sh` with the user's own
//! configuration, keys, jump hosts and agent, and gives the far `sh` small scripts to run: [`Session::list`],
//! [`Session::read`] and [`Session::wait`]. There is no following in here, and no trying again; [`Backoff`] says how
//! long to wait before the next attempt.
//!
//! How it works, from the outside in:
//!
//! - `script` holds what runs over there: POSIX sh, `dd`, `sleep`, and `stat` in the dialect that was found at the
//!   start of the session (GNU and busybox, BSD and macOS), or `ls` where there is none.
//! - An answer is bytes as they are, so a file needs no escaping. A random number of 128 bits parts its sections and
//!   ends it; `answer` looks for that. What a login shell prints before the first one is noise.
//! - `channel` has the process: all waiting is poll(2) with a deadline, and it is killed and reaped when an answer
//!   does not come, when the user stops the program, and when the session is dropped.
//!
//! A session that gave an error of any kind but [`RemoteError::NotFound`] and [`RemoteError::Far`] is over.

mod answer;
mod backoff;
mod channel;
mod error;
mod script;
mod session;
mod stat;
mod target;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use channel::Options;
pub use error::RemoteError;
pub use session::{MOST_READ, Read, Session, Waited};
pub use stat::{Entry, Listing, Stat};
pub use target::{Target, TargetError};
