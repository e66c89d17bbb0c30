//! `weblog compact`: the small files of a dataset into sized ones.

use crate::{
    exit::{Exit, say},
    options::TimeArgs,
};
use anyhow::Result;
use std::{
    io::{Write, stdout},
    path::PathBuf,
};
use weblog_filter::Clock;
use weblog_store::compact::Compact;
use weblog_wire::visible::visible;

/// Merge the small files of a dataset, sorted by time
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog compact logs/                     # once a day, beside all else
  weblog compact --dry-run logs/           # what it would merge
  weblog compact --target-size 256M --until today logs/\n\n")]
pub struct Args {
    /// The dataset
    #[arg(value_name = "DATASET")]
    root: PathBuf,

    /// Bytes of a file, about [128M]
    #[arg(long, value_name = "SIZE", default_value = "128M", hide_default_value = true, value_parser = crate::options::size)]
    target_size: usize,

    /// Partitions from this time on, or before one
    #[command(flatten)]
    times: TimeArgs,

    /// Only list partitions: files, bytes, directory
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    /// List partitions while they are merged
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

pub fn run(args: Args) -> Result<Exit> {
    let clock = Clock { now: crate::options::now(), ..Clock::default() };
    let compact = Compact {
        target: args.target_size as u64,
        since: args.times.since.map(|when| when.start(clock)),
        until: args.times.until.map(|when| when.start(clock)),
    };
    let line = |part: &weblog_store::compact::Planned| {
        let place = if part.partition.is_empty() { "." } else { &part.partition };
        format!("{}\t{}\t{}\n", part.files, part.bytes, visible(place))
    };
    if args.dry_run {
        let mut out = stdout().lock();
        for part in compact.plan(&args.root)? {
            out.write_all(line(&part).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let mut failed = None;
    let done = compact.run(&args.root, &mut |part| {
        if args.verbose && failed.is_none() {
            failed = stdout().lock().write_all(line(part).as_bytes()).err();
        }
    })?;
    for note in done.notes.iter().filter(|_| !args.quiet) {
        say("compact", note);
    }
    if !args.quiet {
        let text = match done.files_before {
            0 => "nothing to merge\n".to_owned(),
            files => format!(
                "{files} files of {} partitions became {}: {} rows, {} bytes became {}\n",
                done.partitions, done.files_after, done.rows, done.bytes_before, done.bytes_after
            ),
        };
        stdout().lock().write_all(text.as_bytes())?;
    }
    failed.map_or(Ok(Exit::Done), |error| Err(error.into()))
}
