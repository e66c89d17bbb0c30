//! What is known of a followed name from before this process.

use std::fmt;

use super::position::Saved;

/// What an earlier run knew of a followed name.
pub enum Memory {
    /// What [`Follower::saved`](super::Follower::saved) gave it.
    Saved(Saved),
    /// Somebody keeps how far files were taken in, by their content.
    Asked {
        /// Tells of a file by its first 64 KiB, or all of it if it is shorter.
        ask: Box<Ask>,
        /// Whether the name was followed before, so that all files that were beside it then can be told of.
        /// If not, only what clearly begins later than the files taken in is new.
        followed: bool,
    },
}

/// Tells what is known of a file.
pub type Ask = dyn FnMut(&[u8]) -> Held + Send;

/// What is known of a file by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// So many bytes of it were taken in.
    To(u64),
    /// It was there and is not wanted.
    Beside,
    /// Nothing.
    Unknown,
}

impl fmt::Debug for Memory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Memory::Saved(saved) => out.debug_tuple("Saved").field(saved).finish(),
            Memory::Asked { followed, .. } => out.debug_struct("Asked").field("followed", followed).finish(),
        }
    }
}
