//! `weblog demo`: a tour. It makes a log, and shows commands with what they really print.

use crate::{exit::Exit, output::Output};
use anyhow::{Context, Result};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// Make a log and show what the commands answer about it
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog demo
  weblog demo --keep /tmp/tour     # and leave the files there\n\n")]
pub struct Args {
    /// Lines of the log [200000]
    #[arg(short = 'n', long, value_name = "N", default_value_t = 200_000, hide_default_value = true)]
    lines: u64,

    /// Leave the files in this directory
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// What the tour asks, and the command that answers it. `N` is the number of lines.
const BEGIN: &[(&str, &str)] = &[
    (
        "A log: two days of a shop with a blog, with a spike and a few broken lines.",
        "weblog generate --lines N --span 2d --spike 8 > access.log",
    ),
    (
        "Lines become records, with what is known of each client.",
        "weblog parse -q access.log | weblog enrich | head -1",
    ),
    (
        "The records become a dataset: Parquet files by day.",
        "weblog to-parquet -q logs/ access.log; find logs -name '*.parquet' | wc -l",
    ),
    (
        "From cron, the same again: only what is new is added, and that is nothing.",
        "weblog to-parquet -v logs/ access.log 2>&1 | tail -1",
    ),
];

#[cfg(feature = "query")]
const ANSWERS: &[(&str, &str)] = &[
    (
        "How did the server answer?",
        "weblog query -t table --from logs/ \"select status, count(*) as hits, sum(bytes) as bytes from logs group by 1 order by 2 desc, 1 limit 6\"",
    ),
    (
        "Which countries do the people come from?",
        "weblog query -t table --from logs/ \"select country, count(distinct remote_addr) as clients, count(*) as hits from logs where bot is null group by 1 order by 2 desc, 1 limit 6\"",
    ),
    (
        "Which pages do people read? (No bots, no assets.)",
        "weblog query -t table --from logs/ \"select path, count(*) as hits from logs where bot is null and status = 200 and path not similar to '.*[.][a-z0-9]+|/api/.*' group by 1 order by 2 desc, 1 limit 6\"",
    ),
    (
        "Which bots come, and what for?",
        "weblog query -t table --from logs/ \"select bot, bot_class, count(*) as hits, sum(bytes) as bytes from logs where bot is not null group by 1, 2 order by 3 desc, 1 limit 6\"",
    ),
    (
        "When was it busiest, and did it hold? Straight over the raw log.",
        "weblog query -t table \"select date_trunc('hour', time) as hour, count(*) as hits, count(*) filter (status >= 500) as errors from logs group by 1 order by 2 desc, 1 limit 5\" access.log",
    ),
];

#[cfg(not(feature = "query"))]
const ANSWERS: &[(&str, &str)] = &[
    (
        "How did the server answer?",
        "weblog parse -q -t tsv --fields status access.log | sort | uniq -c | sort -rn | head -6",
    ),
    (
        "Which countries do the requests come from?",
        "weblog enrich -q -t tsv --fields country access.log | sort | uniq -c | sort -rn | head -6",
    ),
    (
        "Which pages do people read? (No bots, no assets.)",
        "weblog enrich -q -t tsv --fields bot,path access.log | awk -F'\\t' '$1 == \"\" && $2 !~ /\\.|^\\/api/ { print $2 }' | sort | uniq -c | sort -rn | head -6",
    ),
    (
        "Which bots come, and what for?",
        "weblog enrich -q -t tsv --fields bot,bot_class access.log | awk -F'\\t' '$1 != \"\"' | sort | uniq -c | sort -rn | head -8",
    ),
];

const END: &[(&str, &str)] = &[(
    "No line is lost silently: what was rejected, and why?",
    "weblog parse --rejects rejects.ndjson access.log > /dev/null; head -2 rejects.ndjson | cut -c 1-150",
)];

pub fn run(args: Args) -> Result<Exit> {
    let mut output = Output::open(None)?;
    let temporary = match &args.keep {
        Some(directory) => {
            std::fs::create_dir_all(directory)
                .with_context(|| format!("cannot make the directory {}", directory.display()))?;
            None
        }
        None => Some(tempfile::tempdir().context("cannot make a temporary directory")?),
    };
    let directory = match (&args.keep, &temporary) {
        (Some(directory), _) => directory.as_path(),
        (None, Some(temporary)) => temporary.path(),
        (None, None) => Path::new("."),
    };
    let begun = Instant::now();
    for (question, command) in [BEGIN, ANSWERS, END].concat() {
        let command = command.replace("--lines N", &format!("--lines {}", args.lines));
        output.write(format!("\n# {question}\n$ {command}\n").as_bytes())?;
        output.write(&answer(&command, directory)?)?;
    }
    let end = match &args.keep {
        Some(directory) => format!("The log and the dataset are in {}.", directory.display()),
        None => "`weblog demo --keep DIR` leaves the log and the dataset in DIR.".to_owned(),
    };
    let seconds = begun.elapsed().as_secs_f64();
    output.write(
        format!("\nThat took {seconds:.1} s. {end} `weblog --help` shows all commands.\n").as_bytes(),
    )?;
    Ok(Exit::Done)
}

/// What a command of the tour prints, on both of its outputs. `weblog` in it is this program.
fn answer(command: &str, directory: &Path) -> Result<Vec<u8>> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let script = format!("weblog() {{ \"$WEBLOG\" \"$@\"; }}\n{{ {command}\n}} 2>&1");
    let shell = Command::new("sh")
        .args(["-c", &script])
        .current_dir(directory)
        .env("WEBLOG", program)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run `sh`, which the tour needs")?;
    Ok(shell.stdout)
}
