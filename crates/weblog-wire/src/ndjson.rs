//! One JSON object a line (RFC 8259, one per line).

mod read;
mod write;

pub use read::read;
pub use write::{Writer, escape};
