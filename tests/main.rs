//! Tests of the program as people use it.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod cases;
mod dataset;
mod enriching;
mod examples;
mod parity;
mod pipes;
mod program;
mod resuming;
mod tailing;
mod walls;
