//! `weblog retain`: what is too old goes from a dataset.

use crate::exit::{Exit, say};
use anyhow::{Result, ensure};
use std::{
    io::{Write, stdout},
    path::PathBuf,
    time::Duration,
};
use weblog_filter::{Clock, When};
use weblog_store::{
    retain::{Fate, Retain, Retained},
    vacuum::Vacuum,
};
use weblog_wire::visible::visible;

/// Remove old rows from a dataset, or old rows' personal fields
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog retain --keep 90d logs/
  weblog retain --keep 1000d --strip remote_addr,user_agent --after 14d logs/
  weblog retain --keep 90d --dry-run logs/
  weblog retain --keep 90d --vacuum 1d -q logs/    # from cron\n\n")]
pub struct Args {
    /// The dataset
    #[arg(value_name = "DATASET")]
    root: PathBuf,

    /// Rows of this time on stay: 90d (back), 2025-01-06
    #[arg(long, value_name = "WHEN", required_unless_present = "strip")]
    keep: Option<When>,

    /// Fields that old rows lose
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', requires = "after", value_parser = crate::options::field)]
    strip: Vec<String>,

    /// Rows before this time lose them: 14d (back), 2025-01-06
    #[arg(long, value_name = "WHEN", requires = "strip")]
    after: Option<When>,

    /// Then remove files that were out for so long
    #[arg(long, value_name = "GRACE", value_parser = crate::options::fine_span)]
    vacuum: Option<Duration>,

    /// Only list files: rows removed, stripped, kept, path
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    /// List files that are changed
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

pub fn run(args: Args) -> Result<Exit> {
    let clock = Clock { now: crate::options::now(), ..Clock::default() };
    let retain = Retain {
        keep: args.keep.map(|when| when.start(clock)),
        after: args.after.map(|when| when.start(clock)),
        strip: args.strip.clone(),
    };
    for (name, limit) in [("--keep", retain.keep), ("--after", retain.after)] {
        ensure!(
            limit.is_none_or(|limit| limit <= clock.now),
            "{name} is in the future: all rows are before it"
        );
    }
    if args.dry_run {
        let mut out = stdout().lock();
        for fate in retain.plan(&args.root)? {
            out.write_all(line(&fate).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let mut failed = None;
    let done = retain.run(&args.root, &mut |fate| {
        if args.verbose && failed.is_none() {
            failed = stdout().lock().write_all(line(fate).as_bytes()).err();
        }
    })?;
    for note in done.notes.iter().filter(|_| !args.quiet) {
        say("retain", note);
    }
    if !args.quiet {
        stdout().lock().write_all(summary(&args, &done).as_bytes())?;
    }
    if let Some(grace) = args.vacuum {
        let gone = Vacuum { grace: Some(grace), dry_run: false }.run(&args.root)?;
        if !args.quiet {
            stdout().lock().write_all(super::vacuum::summary(&gone).as_bytes())?;
        }
    }
    failed.map_or(Ok(Exit::Done), |error| Err(error.into()))
}

fn line(fate: &Fate) -> String {
    let dropped = fate.dropped.map_or("all".to_owned(), |rows| rows.to_string());
    format!("{dropped}\t{}\t{}\t{}\n", fate.stripped, fate.kept, visible(&fate.path))
}

fn summary(args: &Args, done: &Retained) -> String {
    let mut text = format!("{} rows removed", done.dropped);
    if !args.strip.is_empty() {
        text += &format!(", {} rows stripped of {}", done.stripped, args.strip.join(", "));
    }
    text += &format!(": {} files taken out, {} written anew\n", done.files_dropped, done.files_rewritten);
    if args.keep.is_some() && done.timeless > 0 {
        text += &format!("{} rows without a time stay\n", done.timeless);
    }
    if done.bytes_before > 0 && args.vacuum.is_none() {
        let root = visible(&args.root.to_string_lossy()).into_owned();
        text += &format!(
            "{} bytes of old files are in the directory until `weblog vacuum {root}` removes them\n",
            done.bytes_before
        );
    }
    text
}
