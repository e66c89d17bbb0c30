//! `weblog completions`: scripts that complete the command line.

use crate::{exit::Exit, output::Output};
use anyhow::Result;
use clap_complete::Shell;

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog completions bash > ~/.local/share/bash-completion/completions/weblog
  weblog completions zsh > ~/.zfunc/_weblog\n\n")]
pub struct Args {
    /// bash, elvish, fish, powershell or zsh
    #[arg(hide_possible_values = true)]
    shell: Shell,
}

pub fn run(args: Args) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::cli::command(), "weblog", &mut script);
    Output::open(None)?.write(&script)?;
    Ok(Exit::Done)
}
