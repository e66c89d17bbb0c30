//! Columns, Parquet and the dataset.
//!
//! Records become columns and stay: in one Parquet file, in an Arrow stream, or in a dataset, a directory
//! of Parquet files that are divided by time and made visible by a commit log. The way of a record:
//!
//! 1. [`columns`]: a worker builds a record batch of the records of one chunk, with the columns that they
//!    have; `column` is one of those while it is built.
//! 2. [`layout`]: the batch is brought into the columns of the file or dataset, which may grow.
//! 3. [`partition`]: its rows are told apart by day or hour.
//! 4. [`append`]: few files are open at a time, the others' rows wait in `aside`; [`parquet_file`] is one
//!    file, and knows how its columns are encoded. [`ipc`] is an Arrow stream.
//! 5. [`dataset`]: the files become visible together, in a commit of [`delta`], which also says how far
//!    each input was taken in. [`identity`] knows an input again when it has grown, or has another name;
//!    [`origin`] knows records that say where they come from.
//!
//! Later the dataset is kept small and lawful: [`compact`] merges files, [`retain`] takes out what is too
//! old, [`vacuum`] removes what nobody needs any more. All three write files anew with `rewrite`, in the
//! order of `sort`, and commit them as a `group`. [`rollup`] sums rows by window and key into rows of a
//! dataset of its own.
//!
//! [`inspect`] tells what a dataset holds, [`check`] whether all of it is whole. [`foreign`] reads Parquet
//! files of others.

pub mod append;
pub mod check;
pub mod columns;
pub mod compact;
pub mod dataset;
pub mod delta;
pub mod foreign;
pub mod identity;
pub mod inspect;
pub mod ipc;
pub mod layout;
pub mod origin;
pub mod parquet_file;
pub mod partition;
pub mod retain;
pub mod rollup;
pub mod vacuum;

mod aside;
mod column;
mod error;
mod group;
mod rewrite;
mod sort;

pub use error::StoreError;
