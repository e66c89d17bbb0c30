//! `weblog dataset`: what a dataset holds, what made it, and whether it is whole.

use crate::{
    as_of::{AsOf, snapshot},
    exit::Exit,
    options::{When, now, threads},
    output::{Output, is_terminal},
};
use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use std::path::PathBuf;
use weblog_filter::Clock;

mod check;
mod history;
mod info;
mod object;

/// Show what a dataset holds, its commits, and whether it is whole
#[derive(clap::Args)]
#[command(
    before_help = "Examples:
  weblog dataset info logs/
  weblog dataset history logs/ -n 5
  weblog dataset check logs/ --deep && echo whole\n\n",
    after_help = "info     version, partitions, rows, files and their sizes, columns, inputs
history  a line a commit, the newest first: when, by what, what came and went
check    what is wrong with the log or a file, a line each; exit 1 if anything is"
)]
pub struct Args {
    /// info, history or check
    #[arg(value_name = "WHAT", hide_possible_values = true)]
    what: What,

    /// The directory of the dataset
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,

    /// check: read every page of every file, not only the footers
    #[arg(long)]
    deep: bool,

    /// history: at most so many commits
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<usize>,

    /// info: as it was, at a version or a time like 7d
    #[arg(long, value_name = "WHEN")]
    as_of: Option<AsOf>,

    /// Output: table, ndjson or json [table on a terminal, else ndjson]
    #[arg(short, long, value_name = "TO", hide_possible_values = true)]
    to: Option<To>,

    /// Colour: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    color: When,

    /// Threads of check [one per core]
    #[arg(short = 'j', long, value_name = "N", env = "WEBLOG_THREADS", hide_env = true, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Info,
    History,
    Check,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    Table,
    Ndjson,
    Json,
}

pub fn run(args: Args) -> Result<Exit> {
    let unfit = |flag: &str, what: What| bail!("{flag} is for `weblog dataset {}`", name(what));
    match args.what {
        what if args.deep && what != What::Check => unfit("--deep", What::Check)?,
        what if args.lines.is_some() && what != What::History => unfit("--lines", What::History)?,
        what if args.as_of.is_some() && what != What::Info => unfit("--as-of", What::Info)?,
        _ => {}
    }
    let root = &args.dataset;
    let place = root.display();
    ensure!(root.exists(), "cannot read {place}: there is no such directory");
    let is_dataset = root.join("_delta_log").is_dir();
    ensure!(is_dataset, "{place} is no dataset: it has no _delta_log; `weblog to-parquet` makes one");
    let to = args.to.unwrap_or(if is_terminal() { To::Table } else { To::Ndjson });
    let none = || anyhow::anyhow!("{place} is a dataset without a commit: there is nothing in it yet");
    let (text, exit) = match args.what {
        What::Info => {
            let state =
                snapshot(root, args.as_of.map(|as_of| (as_of, Clock { now: now(), ..Clock::default() })))?
                    .ok_or_else(none)?;
            (info::show(root, &state, to, args.color.on())?, Exit::Done)
        }
        What::History => {
            (history::show(root, args.lines, to, args.color.on())?.ok_or_else(none)?, Exit::Done)
        }
        What::Check => check::show(root, args.deep, threads(args.threads), to)?.ok_or_else(none)?,
    };
    Output::open(None)?.write(text.as_bytes())?;
    Ok(exit)
}

fn name(what: What) -> &'static str {
    match what {
        What::Info => "info",
        What::History => "history",
        What::Check => "check",
    }
}
