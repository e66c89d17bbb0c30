//! SQL over logs: DuckDB, and the only crate that sees it. No files are read but those that it is given.
//!
//! A tour: an [`Engine`] is opened over tables, each made of [`Source`]s: a dataset, Parquet files, or a
//! [`Scan`], which is how rows from outside of DuckDB come in (raw logs, standard input). [`Engine::prepare`]
//! checks a statement and binds it, [`Prepared::run`] gives [`Rows`] as they come, [`output`] writes them.
//!
//! - `source`: sources as views; what makes old commits, partitions and UTC times look right.
//! - `scan`: record batches into DuckDB by a table function.
//! - `gate`: which statements run without trust.
//! - `functions`: what stock SQL needs that this DuckDB lacks: `now()`, `current_date`, `local_time()`.
//! - `error`: what went wrong, with the place in the SQL.

mod engine;
mod error;
mod functions;
mod gate;
pub mod output;
mod scan;
mod source;
mod value;

pub use engine::{Engine, EngineOptions, Interrupt, Prepared, Rows};
pub use error::QueryError;
pub use scan::{Batches, Scan, ScanError};
pub use source::{Source, Table};
