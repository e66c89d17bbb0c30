//! Records as text, written and read. No I/O: bytes in, bytes out.
//!
//! A tour:
//!
//! - [`ndjson`]: one JSON object a line: the [`ndjson::Writer`] with its keys in schema order, and
//!   [`ndjson::read`], a cursor that expects that order and leaves everything else to serde_json.
//! - [`dialect`]: the JSON logs of other servers, and the lines that shippers wrap in JSON.
//! - [`csv`]: comma- and tab-separated values, written and read.
//! - [`table`]: a stream of records on a terminal, cut to its width.
//! - [`columns`]: which columns a CSV file or a selection of fields has.
//! - [`text`]: any value as text, in the one form that all outputs share.
//! - [`visible`]: text from outside made safe for a terminal.
//! - `instant`: instants as RFC 3339 text.

pub mod columns;
pub mod csv;
pub mod dialect;
pub mod ndjson;
pub mod table;
pub mod text;
pub mod visible;

mod instant;

pub use columns::{Column, Columns};
pub use instant::InstantText;
