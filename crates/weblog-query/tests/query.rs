//! Queries over sources of every kind, made here.

#[path = "query/gate.rs"]
mod gate;
#[path = "query/output.rs"]
mod output;
#[path = "query/sources.rs"]
mod sources;
#[path = "query/support.rs"]
mod support;
#[path = "query/time.rs"]
mod time;
