//! Tests of the program as people use it.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod cases;
mod dataset;
mod enriching;
mod examples;
mod parity;
mod pipes;
mod program;
mod pruning;
mod questions;
mod resuming;
mod rollup;
#[cfg(target_os = "linux")]
mod shell;
mod tailing;
mod walls;
