//! `weblog to-parquet`: records into a dataset, a Parquet file or an Arrow stream.

use crate::{
    enriching::EnrichArgs,
    exit::Exit,
    options::{AccountArgs, InputArgs, RunArgs},
    stream::{
        dataset::DatasetRun,
        single::{Single, SingleRun},
    },
};
use anyhow::{Result, ensure};
use clap::ValueEnum;
use std::{path::PathBuf, sync::Arc};
use weblog_store::partition::By;

const COMMAND: &str = "to-parquet";

/// Store records in a Parquet dataset; again, only what is new
#[derive(clap::Args)]
#[command(
    before_help = "Examples:
  weblog to-parquet logs/ access.log*      # from cron, as often as you like
  weblog to-parquet logs/ --follow access.log
  weblog to-parquet -o one.parquet access.log.1.gz\n\n",
    override_usage = "weblog to-parquet [OPTIONS] DATASET [INPUT]...\n       weblog to-parquet [OPTIONS] -o FILE [INPUT]..."
)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// Write one file instead, that appears when it is done
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// With -o or a pipe: parquet, or an arrow stream
    #[arg(short, long, value_name = "TO", hide_possible_values = true)]
    to: Option<To>,

    /// Divide a new dataset: none, day or hour [day]
    #[arg(long, value_name = "SPAN", hide_possible_values = true)]
    by: Option<Division>,

    /// Go on with what is written to the logs later
    #[arg(long, conflicts_with_all = ["output", "to"])]
    follow: bool,

    /// Commit a stream this often [5s,128M]
    #[arg(long, value_name = "EVERY", default_value = "5s,128M", hide_default_value = true)]
    commit_every: CommitEvery,

    /// Store only these fields
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = crate::options::field)]
    fields: Option<Vec<String>>,

    /// Store records as they come, without country and agent
    #[arg(long, conflicts_with_all = ["geo", "lang", "add", "lookup", "trusted_proxy", "site", "routes", "ua_regexes", "bot_ranges", "rdns", "anonymize", "redact"])]
    no_enrich: bool,

    #[command(flatten)]
    enrich: EnrichArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    run: RunArgs,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    Parquet,
    Arrow,
}

/// How a dataset is divided.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Division {
    None,
    Day,
    Hour,
}

impl From<Division> for By {
    fn from(division: Division) -> By {
        match division {
            Division::None => By::None,
            Division::Day => By::Day,
            Division::Hour => By::Hour,
        }
    }
}

/// How often a stream is committed: after a span, after so many bytes of it, or both.
#[derive(Clone, Copy, Debug)]
pub struct CommitEvery {
    /// The longest time that a record waits.
    pub span: Option<std::time::Duration>,
    /// The most bytes of input that wait.
    pub bytes: Option<u64>,
}

impl std::str::FromStr for CommitEvery {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut every = CommitEvery { span: None, bytes: None };
        for part in text.split(',') {
            match crate::options::span(part) {
                Ok(span) => every.span = Some(span),
                Err(_) if part.ends_with(['K', 'M', 'G']) => {
                    every.bytes = Some(crate::options::size(part)? as u64);
                }
                Err(_) => return Err("give a span and a size, or one of them, like 5s,128M or 1m".into()),
            }
        }
        Ok(every)
    }
}

pub fn run(mut args: Args) -> Result<Exit> {
    let single = match (&args.output, args.to) {
        (_, Some(To::Arrow)) => Some(Single::Arrow),
        (Some(_), _) => Some(Single::Parquet),
        (None, Some(To::Parquet)) => {
            anyhow::bail!("a Parquet file is not written to a pipe: name it with -o FILE, or give a dataset")
        }
        (None, None) => None,
    };
    let enrichment = if args.no_enrich { None } else { Some(args.enrich.enrichment(COMMAND, &args.run)?) };
    let enrich = enrichment.as_ref().map(Arc::clone);
    let Args { fields, account, run, .. } = &args;
    let exit = match single {
        Some(form) => {
            ensure!(args.by.is_none(), "--by divides a dataset; one file is not divided");
            let output = args.output.as_deref();
            SingleRun { input: &args.input, output, form, fields: fields.as_deref(), account, run, enrich }
                .run()?
        }
        None => {
            ensure!(
                !args.input.inputs.is_empty(),
                "name the dataset, a directory, or a file with -o; then the logs"
            );
            let root = PathBuf::from(args.input.inputs.remove(0));
            let Args { input, fields, account, run, commit_every, .. } = &args;
            let by = args.by.map(By::from);
            let run = DatasetRun {
                command: COMMAND,
                root: &root,
                by,
                rollup: None,
                commit_every: *commit_every,
                input,
                fields: fields.as_deref(),
                account,
                run,
                enrich,
            };
            if args.follow { run.follow()? } else { run.run()? }
        }
    };
    match enrichment {
        Some(enrichment) => Ok(exit.max(args.enrich.finish(COMMAND, &enrichment, args.run.quiet)?)),
        None => Ok(exit),
    }
}
