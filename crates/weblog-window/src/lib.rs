//! Event time: what comes when, across files and streams, and what windows of it hold.
//!
//! - [`LineClock`]: whoever tells the time of a line. This crate finds lines and puts them in order; what a
//!   line says is the business of its caller.
//! - [`LineReader`] reads an input as [`Block`]s: bytes, and where in them which time is. Lines that are
//!   earlier than one above them are told apart from those in order.
//! - [`survey`](survey()) reads a file once to learn from when to when it goes, and puts aside what is out of order.
//! - [`Files`] merges any number of surveyed files exactly, in bounded memory and with few descriptors.
//! - [`live`] merges streams as they come, with a watermark.
//! - [`Recent`] remembers which lines were there a moment ago, to drop copies.
//! - [`notation`] finds the time in a line, in whatever notation, and writes another one in its place.
//! - [`Pace`] says when a recorded line is due.
//! - [`histogram`] and [`distinct`] are what windows hold of many values: they merge exactly, in any order.
//!
//! Times are microseconds since the epoch, as `i64`. A line without a time goes with the line above it.

mod block;
mod clock;
mod cursor;
pub mod distinct;
mod files;
pub mod histogram;
mod lines;
pub mod live;
pub mod notation;
mod pace;
mod recent;
mod store;
mod supply;
mod survey;

pub use block::{Block, Entry};
pub use clock::LineClock;
pub use files::{Files, MergeError, Plan};
pub use lines::{Header, LineReader, Lines};
pub use pace::Pace;
pub use recent::Recent;
pub use store::Store;
pub use survey::{Survey, survey};

#[cfg(test)]
mod tests;
