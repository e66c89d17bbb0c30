//! Bytes and lines: the input and output side of weblog, which knows nothing of records.
//!
//! - [`expand`] turns command arguments into an [`Input`]: files, globs, directories, standard input.
//!   An `Input` can also be made by hand. Compressed sources are told by their content.
//! - [`Input::peek`] looks at the first lines without consuming them.
//! - [`run`] cuts the input into [`Chunk`]s of whole lines, lets workers turn each into a result, and
//!   hands the results to a consumer in the order of the input. [`RunOptions`] says how.
//! - [`Above`] is what a chunk must know of its source: the lines that name the fields of others.
//! - [`ByteReader`] reads an input as plain bytes, for what is not made of lines.
//! - [`Stop`] ends a run early, also on SIGINT and SIGTERM.
//! - [`AtomicFile`] is a file that appears under its name only when it is complete.
//! - [`remote`] reads files of a far machine through `ssh`.
//! - [`Ledger`] counts what became of every line.
//!
//! Inside, from the descriptor to the chunk: `stop` waits until a read makes sense, `raw` reads,
//! `source` decompresses with `sniff` and `decompress`, `cut` cuts at line ends, `run` and `rotation`
//! drive it with one thread and with several.

mod above;
mod atomic;
mod chunk;
mod cut;
mod decompress;
pub mod follow;
mod head;
mod input;
pub mod last_lines;
mod ledger;
mod peek;
mod problem;
mod raw;
mod read;
pub mod remote;
mod rotation;
mod run;
mod sniff;
mod source;
mod stop;
mod walk;

pub use above::Above;
pub use atomic::{AtomicFile, AtomicFileError};
pub use chunk::{Chunk, ChunkKind, Lines};
pub use head::{FileId, Head, WHOLE_HEAD, head};
pub use input::{Input, SourceInfo, stdin_is_at_start};
pub use ledger::{Counts, InputLedger, Ledger};
pub use peek::Peeked;
pub use problem::InputError;
pub use read::ByteReader;
pub use run::{Ended, Flow, LINE_LIMIT, RunEnd, RunError, RunOptions, run, stdout};
pub use sniff::{Compression, Sniffed, sniff};
pub use stop::Stop;
pub use walk::{DirectoryReport, Expanded, expand};
