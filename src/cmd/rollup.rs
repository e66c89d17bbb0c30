//! `weblog rollup`: sums, histograms and distinct visitors by window and key, kept as a dataset.

use crate::{
    cmd::to_parquet::CommitEvery,
    enriching::EnrichArgs,
    exit::{Exit, say},
    options::{AccountArgs, InputArgs, RunArgs},
    stream::{dataset::DatasetRun, rollup::Source},
};
use anyhow::{Result, bail, ensure};
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::Duration,
};
use weblog_store::{
    dataset::Added,
    delta::Snapshot,
    rollup::{Rules, rules_of},
};

const COMMAND: &str = "rollup";
const DAY_S: i64 = 86_400;
/// The length of a window unless `--every` says something else.
const EVERY_S: i64 = 300;

/// Sum requests, latencies and visitors by window and key
#[derive(clap::Args)]
#[command(
    before_help = "Examples:
  weblog rollup --by vhost,route,status rollups/ access.log*     # from cron
  weblog rollup --every 1h --by route hours/ logs/
  weblog query 'select quantile(duration_hist, .99) from logs' hours/\n\n",
    override_usage = "weblog rollup [OPTIONS] ROLLUPS [INPUT]..."
)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// Length of a window, from 1s to 1d, in UTC [5m]
    #[arg(long, value_name = "SPAN", value_parser = every)]
    every: Option<i64>,

    /// Fields that make a row of their own, or status_class
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = key)]
    by: Option<Vec<String>>,

    /// Keys of a window with a row of their own [1000]
    #[arg(
        long,
        value_name = "N",
        default_value = "1000",
        hide_default_value = true,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    max_keys: u32,

    #[command(flatten)]
    enrich: EnrichArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    run: RunArgs,
}

/// The length of a window in seconds. Windows fill days, so that those of any two runs are the same.
fn every(text: &str) -> Result<i64, String> {
    let seconds = crate::options::span(text)?.as_secs().try_into().unwrap_or(i64::MAX);
    match seconds {
        1..=DAY_S if DAY_S % seconds == 0 => Ok(seconds),
        1..=DAY_S => Err("a day is not made of whole windows of that length; give 5m, 10m, 1h or 1d".into()),
        _ => Err("give a span from 1s to 1d".into()),
    }
}

fn key(text: &str) -> Result<String, String> {
    let name = crate::options::field(text)?;
    Rules::refusal(&name).map_or(Ok(name), Err)
}

pub fn run(mut args: Args) -> Result<Exit> {
    ensure!(
        !args.input.inputs.is_empty(),
        "name the dataset of rollups, a directory; then logs, or a dataset"
    );
    let root = PathBuf::from(args.input.inputs.remove(0));
    let rules = rules(&args, &root)?;
    let inputs = std::mem::take(&mut args.input.inputs);
    let (datasets, logs): (Vec<_>, Vec<_>) =
        inputs.into_iter().partition(|input| Path::new(input).join("_delta_log").is_dir());
    for source in datasets.iter().map(Path::new) {
        let is_root = root.canonicalize().ok().is_some_and(|root| source.canonicalize().ok() == Some(root));
        ensure!(!is_root, "{} cannot be rolled up into itself", source.display());
        let source = Source { root: &root, rules: &rules, source, input: &args.input };
        args.tell(&root, &source.run()?);
    }
    if logs.is_empty() && !datasets.is_empty() {
        return Ok(Exit::Done);
    }
    args.input.inputs = logs;
    let enrichment = args.enrich.enrichment(COMMAND, &args.run)?;
    let run = DatasetRun {
        command: COMMAND,
        root: &root,
        by: None,
        rollup: Some(&rules),
        // A row of every window is written with each commit.
        commit_every: CommitEvery { span: Some(Duration::from_secs(60)), bytes: Some(1 << 30) },
        input: &args.input,
        fields: None,
        account: &args.account,
        run: &args.run,
        enrich: Some(enrichment.clone()),
    };
    let exit = run.run()?;
    Ok(exit.max(args.enrich.finish(COMMAND, &enrichment, args.run.quiet)?))
}

/// How rows are summed: as the dataset says, or as it shall say from now on.
fn rules(args: &Args, root: &Path) -> Result<Rules> {
    let max_keys = args.max_keys as usize;
    let shown = root.display();
    let Some(snapshot) = Snapshot::read(root)? else {
        let mut by = Vec::new();
        for name in args.by.iter().flatten() {
            ensure!(!by.contains(name), "--by has {name} twice");
            by.push(name.clone());
        }
        return Ok(Rules { every_s: args.every.unwrap_or(EVERY_S), by, max_keys });
    };
    let Some((by, every_s)) = rules_of(&snapshot) else {
        bail!("{shown} is a dataset of something else, not of rollups; name another directory")
    };
    if let Some(asked) = args.by.as_ref().filter(|asked| **asked != by) {
        let names = |by: &[String]| if by.is_empty() { "nothing".into() } else { by.join(",") };
        bail!("{shown} is rolled up by {}, not by {}; name another directory", names(&by), names(asked));
    }
    if let (Some(asked), Some(is)) = (args.every, every_s)
        && asked != is
    {
        bail!("{shown} has windows of {is} s, not of {asked} s; name another directory");
    }
    Ok(Rules { every_s: every_s.or(args.every).unwrap_or(EVERY_S), by, max_keys })
}

impl Args {
    /// What was added, for somebody who looks on.
    fn tell(&self, root: &Path, added: &Added) {
        if self.run.quiet {
            return;
        }
        added.notes.iter().for_each(|note| say(COMMAND, note));
        if self.run.verbose || std::io::stderr().is_terminal() {
            let (rows, root) = (added.rows, root.display());
            say(
                COMMAND,
                &match rows {
                    0 => format!("nothing new for {root}"),
                    1 => format!("1 row added to {root}, {} bytes", added.bytes),
                    _ => format!("{rows} rows added to {root}, {} bytes", added.bytes),
                },
            );
        }
    }
}
