//! SQL over logs: DuckDB, and the only crate that sees it. No files are read but those that it is given.
//!
//! A tour: an [`Engine`] is opened over tables, each made of [`Source`]s: a dataset, Parquet files, or a
//! [`Scan`], which is how rows from outside of DuckDB come in (raw logs, standard input). [`Engine::prepare`]
//! checks a statement and binds it, [`Prepared::run`] gives [`Rows`] as they come, [`output`] writes them.
//!
//! - `source`: sources as views; what makes old commits, partitions and UTC times look right.
//! - `scan`: record batches into DuckDB by a table function.
//! - `bounds`: what a statement asks of single columns; `files`: which files can hold that.
//! - `gate`: which statements run without trust.
//! - `functions`: functions for logs, and what stock SQL needs that this DuckDB lacks.
//! - `rollup`: quantiles and distinct counts of rollups.
//! - `attach`: files beside the logs, to join with.
//! - `catalog`: what there is to name, for a shell.
//! - `quoting`: texts, names and paths as parts of SQL.
//! - `parameters`: values that are bound to `$name`.
//! - [`questions`]: the questions that have a name.
//! - [`output`]: rows in every form; `table`, `unit` and `chart` are for people.
//! - `error`: what went wrong, with the place in the SQL.

mod attach;
mod bounds;
mod catalog;
mod engine;
mod error;
mod files;
mod functions;
mod gate;
pub mod output;
mod parameters;
pub mod questions;
mod quoting;
mod rollup;
mod scan;
mod source;
mod value;

pub use attach::Attached;
pub use bounds::{Condition, Range};
pub use engine::{Engine, EngineOptions, Interrupt, Prepared, Progress, Rows};
pub use error::QueryError;
pub use files::StoredFile;
pub use functions::{FUNCTIONS, Function};
pub use parameters::{Bound, Parameters};
pub use questions::Question;
pub use scan::{Batches, Scan, ScanError};
pub use source::{Source, Table};
