//! Queries over sources of every kind, made here.

#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

#[path = "query/attach.rs"]
mod attach;
#[path = "query/charts.rs"]
mod charts;
#[path = "query/functions.rs"]
mod functions;
#[path = "query/gate.rs"]
mod gate;
#[path = "query/output.rs"]
mod output;
#[path = "query/pruning.rs"]
mod pruning;
#[path = "query/sources.rs"]
mod sources;
#[path = "query/support.rs"]
mod support;
#[path = "query/time.rs"]
mod time;
