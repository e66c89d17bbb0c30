//! `weblog`: a Unix toolkit for web-server access logs.
//!
//! A tour: [`cli`] is what can be typed, one file in [`cmd`] is one command. [`options`] are the
//! options that commands share, [`clock`] tells the time of a line, [`formats`] what they say of how lines are read, [`settings`] the file of
//! saved formats, [`as_of`] is a dataset as it was. [`stream`] runs records from input to output for every command that
//! reads and writes them, [`account`] keeps the books on every line, [`output`] is where bytes go,
//! [`exit`] is how a run ends. The algorithms live in the crates; see ARCHITECTURE.md.

mod account;
mod as_of;
mod cli;
mod clock;
mod cmd;
mod enriching;
mod exit;
mod formats;
mod growing;
mod options;
mod output;
mod progress;
mod settings;
mod stream;
mod tables;

use std::process::ExitCode;

fn main() -> ExitCode {
    let (name, result) = cli::run();
    exit::code(name, result)
}
