//! Tests of the program as people use it.

mod cases;
mod examples;
mod parity;
mod pipes;
mod program;
mod tailing;
mod walls;
