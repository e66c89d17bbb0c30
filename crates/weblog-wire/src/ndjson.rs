//! One JSON object a line (RFC 8259, one per line).

mod read;
mod write;

pub use read::{has_room, read, says};
pub use write::{Writer, escape};
