//! One file per command.

pub mod compact;
pub mod completions;
pub mod dataset;
pub mod demo;
pub mod enrich;
pub mod explain;
pub mod filter;
pub mod generate;
pub mod man;
pub mod merge;
pub mod parse;
#[cfg(feature = "query")]
pub mod query;
pub mod replay;
pub mod retain;
pub mod rollup;
pub mod schema;
pub mod tail;
pub mod to_parquet;
pub mod vacuum;
pub mod version;
