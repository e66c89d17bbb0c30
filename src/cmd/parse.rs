//! `weblog parse`: raw lines to records.

use crate::{
    exit::Exit,
    options::{AccountArgs, InputArgs, OutputArgs, RunArgs},
    stream::Stream,
};
use anyhow::Result;
use std::path::PathBuf;

/// Turn access-log lines into records, one JSON object a line
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog parse access.log | jq .status
  weblog parse -t csv --fields time,path,status access.log*.gz
  ssh host tail -f access.log | weblog parse\n\n")]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Read again the lines that --rejects kept
    #[arg(long, value_name = "FILE", conflicts_with = "inputs")]
    rejects_from: Option<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(mut args: Args) -> Result<Exit> {
    if let Some(file) = args.rejects_from.take() {
        args.input.inputs = vec![file.into()];
        args.input.read.rejects = true;
    }
    let Args { input, output, account, run, .. } = &args;
    Stream { command: "parse", input, output, account, run, enrich: None, pick: None }.run()
}
