//! `weblog query`: SQL and named questions over datasets, Parquet files and raw logs.

use crate::{
    enriching::tell_fault,
    exit::{Exit, say, say_more},
    stream::{distinct_files, scan::LogScan},
};
use anyhow::{Result, bail, ensure};
use std::{ffi::OsStr, sync::Arc};
use weblog_io::Input;
use weblog_query::{Engine, EngineOptions, QueryError, Source, Table};

mod answer;
mod args;
mod attach;
mod catalogue;
mod meter;
mod paged;
mod places;
mod questions;
mod shell;
mod watch;

use answer::Request;
pub use args::Args;
use places::Places;
use watch::{Broken, Watch};

/// Memory that DuckDB gets unless `--memory` says something else.
const MEMORY_LIMIT: u64 = 8 << 30;

pub fn run(args: Args) -> Result<Exit> {
    if args.list || args.show.is_some() {
        return questions::show(&args);
    }
    let (words, paths) = args.statement()?;
    let asked = match words {
        Some(words) => match questions::ask(&args, words)? {
            Some(asked) => Some(asked),
            None => return Ok(Exit::Done),
        },
        None => None,
    };
    let form = args.form()?;
    let watch = if asked.is_some() { Watch::new()? } else { Watch::of_shell()? };
    let takes_stdin = args.attach.is_empty() || asked.as_ref().is_some_and(|asked| names_logs(&asked.sql));
    let places = Places::find(paths, &args.from, takes_stdin, args.as_of())?;
    let mut scans: Vec<Arc<LogScan>> = Vec::new();
    let mut tables = Vec::new();
    let mut files = Input::new();
    for place in places.tables {
        let mut sources = place.datasets;
        place.parquet.iter().for_each(|path| files.add_path(path));
        if !place.parquet.is_empty() {
            sources.push(Source::Parquet(place.parquet));
        }
        if !place.logs.is_empty() {
            let scan = Arc::new(LogScan::open(
                &args.input(place.logs),
                &args.account,
                &args.run,
                &args.geo,
                watch.stop(),
            )?);
            ensure!(
                scans.is_empty() || args.has_no_books(),
                "--rejects, --ledger and --strict keep books on one table of logs, not on several"
            );
            if scan.is_empty() {
                scan.close()?;
                bail!("there is nothing to ask about `{}`", place.name);
            }
            sources.push(Source::Scan(scan.clone()));
            scans.push(scan);
        }
        tables.push(Table { name: place.name, sources });
    }
    attach::attach(&args.attach, &mut tables, &mut files)?;
    let outputs = [
        ("--output", &args.output),
        ("--rejects", &args.account.rejects),
        ("--ledger", &args.account.ledger),
    ];
    distinct_files(&files, &outputs)?;
    for scan in &scans {
        scan.with_input(|input| distinct_files(input, &outputs)).transpose()?;
    }
    let threads = args.run.threads();
    let memory = args.memory.map_or_else(half_of_memory, |bytes| bytes as u64);
    let times = args.times.bounds(args.read.clock());
    let options = EngineOptions { threads, memory, trust_sql: args.trust_sql, times };
    let mut engine = match Engine::open(&options, tables) {
        Ok(engine) => engine,
        Err(error) => return Ok(complain(&error)),
    };
    let Some(asked) = asked else {
        for scan in &scans {
            scan.with_input(|input| {
                input
                    .sources()
                    .iter()
                    .filter_map(|source| source.path.as_ref())
                    .for_each(|path| files.add_path(path));
            });
        }
        let mut exit = shell::run(&args, &mut engine, &scans, &files)?;
        for scan in &scans {
            exit = exit.max(scan.close()?);
        }
        return Ok(exit);
    };
    if let Err(error) = asked.fit(&mut engine, &args) {
        return Ok(complain(&error));
    }
    watch.over(engine.interrupt(), &scans, args.output.is_none());
    let answered = match args.explain {
        true => questions::plan(&engine, &asked.sql),
        false => {
            let chart = asked.chart();
            let request =
                Request { sql: &asked.sql, form, file: args.output.as_deref(), chart: chart.as_ref() };
            args.answer(&engine, &request, &scans, Some(&watch))
        }
    };
    match (&answered, watch.broken()) {
        (Ok(Ok(())), None) => engine.abandon(),
        _ => drop(engine),
    }
    let answered = match (watch.broken(), answered) {
        (Some(Broken::Closed), _) => return Ok(Exit::Done),
        (Some(Broken::Signalled), _) => {
            let kept = if args.output.is_some() { "; the file of --output is not touched" } else { "" };
            say("query", &format!("interrupted before the answer was complete{kept}"));
            Exit::Failed
        }
        (None, answered) => match answered? {
            Ok(()) => Exit::Done,
            Err(error) => complain(&error),
        },
    };
    let mut exit = answered;
    for scan in &scans {
        exit = exit.max(scan.close()?);
        exit = exit.max(tell_fault("query", scan.fault()));
    }
    Ok(exit)
}

/// Says what is wrong; the lines that show the place keep their form.
fn complain(error: &QueryError) -> Exit {
    let text = error.to_string();
    let mut lines = text.lines();
    say("query", lines.next().unwrap_or_default());
    lines.for_each(|line| say_more(&line.replace('\t', "  ")));
    Exit::Failed
}

/// Whether a statement may be about the table that standard input is.
fn names_logs(sql: &str) -> bool {
    sql.to_ascii_lowercase().contains("logs")
}

/// Half of the machine's memory.
fn half_of_memory() -> u64 {
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    (kib.unwrap_or(2 << 20) * 1024 / 2).min(MEMORY_LIMIT)
}

/// Whether a word is a name that SQL takes without quotes.
fn is_name(word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
