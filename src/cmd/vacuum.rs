//! `weblog vacuum`: files that nobody needs any more go from a dataset's directory.

use crate::exit::Exit;
use anyhow::Result;
use std::{
    io::{Write, stdout},
    path::PathBuf,
    time::Duration,
};
use weblog_store::vacuum::{Gone, Vacuum, Vacuumed, Why};
use weblog_wire::visible::visible;

/// Remove files that a dataset does not need any more
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog vacuum logs/                      # what was taken out a week ago
  weblog vacuum --dry-run logs/            # what it would remove
  weblog vacuum --grace 12h logs/\n\n")]
pub struct Args {
    /// The dataset
    #[arg(value_name = "DATASET")]
    root: PathBuf,

    /// How long a file stays after it was taken out [7d]
    #[arg(long, value_name = "SPAN", value_parser = crate::options::fine_span)]
    grace: Option<Duration>,

    /// Only list it: why, bytes, path
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    /// List what is removed
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

pub fn run(args: Args) -> Result<Exit> {
    let all = Vacuum { grace: args.grace, dry_run: args.dry_run }.run(&args.root)?;
    let mut out = stdout().lock();
    if args.dry_run || args.verbose {
        for Gone { why, path, bytes } in &all.gone {
            let why = match why {
                Why::Removed => "removed",
                Why::Orphan => "orphan",
                Why::Leftover => "leftover",
                Why::Empty => "empty",
            };
            let bytes = bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
            writeln!(out, "{why}\t{bytes}\t{}", visible(path))?;
        }
    }
    if !args.dry_run && !args.quiet {
        out.write_all(summary(&all).as_bytes())?;
    }
    Ok(Exit::Done)
}

/// What was removed, in numbers.
pub fn summary(all: &Vacuumed) -> String {
    let (files, bytes) = all.files();
    let directories = all.gone.iter().filter(|gone| gone.why == Why::Empty).count();
    let mut text = format!("{files} files of {bytes} bytes and {directories} empty directories removed");
    if all.waiting > 0 {
        text += &format!("; {} files stay until their grace is over", all.waiting);
    }
    if all.outside > 0 {
        text += &format!("; {} stay because they lie behind a link", all.outside);
    }
    text + "\n"
}
