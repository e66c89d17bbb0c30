//! The commit log of the dataset: the Delta Lake protocol, without what tables of weblog have no use for.
//!
//! A dataset is a directory of Parquet files with a log beside them, `_delta_log/`. Each commit is one
//! file of the log, `00000000000000000007.json`, that appears whole or not at all; a file of data
//! belongs to the dataset only if a commit says so. The format is the one of the Delta Transaction Log
//! Protocol (`PROTOCOL.md` of the project delta-io/delta, read in 2026; sections are named where they
//! are followed), so that other tools read the same tables.
//!
//! A run that adds data goes through four steps:
//!
//! 1. [`recover`] clears away what runs that were killed left behind;
//! 2. [`Snapshot::read`] tells the state of the dataset, also how far each input was taken in;
//! 3. [`Staging`] holds the files while they are written, and [`Staging::publish`] gives them their
//!    names;
//! 4. [`commit`] makes them visible together; then [`Staging::finish`].
//!
//! [`replace`] makes a commit that takes files out and puts others in their place. `travel` reads the states
//! of before, `history` tells what each commit did, and `verify` whether the log is whole.
//!
//! Inside: `log` knows the names in `_delta_log`, `action` the lines of a commit, `tombstones` how long
//! a file that was taken out is remembered, `schema` the columns,
//! `stats` and `path` two details of a line, `checkpoint` the Parquet form of a whole state, and
//! `durable` how a file gets a name that survives a loss of power.

mod action;
mod changes;
mod checkpoint;
mod commit;
mod durable;
mod error;
mod history;
mod log;
mod path;
mod recover;
mod replace;
mod schema;
mod snapshot;
mod staging;
mod stats;
mod tombstones;
mod travel;
mod verify;

pub use changes::{Changes, changes};
pub use commit::{Commit, Committed, NEVER, Txn, commit};
pub use error::{CommitError, DeltaError};
pub use history::{Amount, Entry, history};
pub use path::partition_path;
pub use recover::{Recovered, abandoned, at_work, recover};
pub use replace::{Operation, Replacement, note, replace};
pub use schema::{column_name_is_allowed, counts_type, type_name};
pub use snapshot::{DataFile, Snapshot};
pub use staging::Staging;
pub use stats::{ColumnStat, FileStats, Stat};
pub use travel::{committed_at, rfc3339, version_at, whole_since};
pub use verify::{Fault, Verified, verify};

#[cfg(test)]
mod tests;
