//! `weblog query`: SQL over datasets, Parquet files and raw logs.

use crate::{
    enriching::{GeoArgs, tell_fault},
    exit::{Exit, say, say_more},
    options::{AccountArgs, InputArgs, ReadArgs, RunArgs, TimeArgs, When, size},
    output::{Output, is_terminal, terminal_width},
    stream::{distinct_files, scan::LogScan},
};
use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use std::{
    ffi::{OsStr, OsString},
    io::IsTerminal,
    path::PathBuf,
    sync::Arc,
};
use weblog_io::Input;
use weblog_query::{
    Engine, EngineOptions, QueryError, Source, Table,
    output::{Form, Options, Writer},
};

mod places;
mod watch;

use places::Places;
use watch::{Broken, Watch};

/// Ask datasets, Parquet files and raw logs in SQL
#[derive(clap::Args)]
#[command(
    before_help = "Examples:
  weblog query \"select status, count(*) from logs group by 1\" access.log.1.gz
  weblog query -t csv \"select * from logs where country = 'DE'\" logs/ > de.csv
  cat access.log | weblog query \"select path from logs where status >= 500\"\n\n",
    override_usage = "weblog query [OPTIONS] SQL [PATH]..."
)]
pub struct Args {
    /// The statement, and where `logs` is: datasets, Parquet, raw logs
    #[arg(value_name = "SQL PATH", num_args = 0..)]
    words: Vec<OsString>,

    /// Another place, or NAME=PATH for another table
    #[arg(long, value_name = "PLACE")]
    from: Vec<OsString>,

    /// ndjson json csv tsv table markdown arrow parquet
    #[arg(short, long, value_name = "TO", hide_possible_values = true)]
    to: Option<To>,

    /// Leave the header of csv or tsv out
    #[arg(long)]
    no_header: bool,

    /// Write to a file that appears when it is done
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Keep spreadsheets from running csv or tsv cells
    #[arg(long)]
    csv_safe: bool,

    /// Colour: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    color: When,

    /// Let the SQL write files and read any
    #[arg(long)]
    trust_sql: bool,

    /// Memory before it spills to disk [half, 8G at most]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    memory: Option<usize>,

    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    geo: GeoArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    run: RunArgs,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    Ndjson,
    Json,
    Csv,
    Tsv,
    Table,
    Markdown,
    Arrow,
    Parquet,
}

/// Memory that DuckDB gets unless `--memory` says something else.
const MEMORY_LIMIT: u64 = 8 << 30;

pub fn run(args: Args) -> Result<Exit> {
    let (sql, paths) = args.statement()?;
    let form = args.form()?;
    let watch = Watch::new()?;
    let places = Places::find(paths, &args.from)?;
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
                args.output.is_some(),
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
    let engine = match Engine::open(&EngineOptions { threads, memory, trust_sql: args.trust_sql }, tables) {
        Ok(engine) => engine,
        Err(error) => return Ok(complain(&error)),
    };
    watch.over(engine.interrupt(), &scans, args.output.is_none());
    let answered = args.answer(&engine, &sql, form, &scans);
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

impl Args {
    /// The statement, and the paths behind it.
    fn statement(&self) -> Result<(String, &[OsString])> {
        const EXAMPLE: &str = "weblog query \"select status, count(*) from logs group by 1\" access.log";
        let Some((sql, paths)) = self.words.split_first() else { bail!("give a statement: {EXAMPLE}") };
        let Some(sql) = sql.to_str() else { bail!("the statement is not UTF-8") };
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !sql.is_empty() && sql.chars().all(is_word) {
            bail!("there is no question named `{sql}`, as yet there are none; write SQL: {EXAMPLE}");
        }
        ensure!(
            !std::path::Path::new(sql).exists(),
            "the statement comes first, then the place; `{sql}` is a file: {EXAMPLE}"
        );
        Ok((sql.to_owned(), paths))
    }

    fn form(&self) -> Result<Form> {
        let people = self.output.is_none() && is_terminal();
        let to = self.to.unwrap_or(if people { To::Table } else { To::Ndjson });
        Ok(match to {
            To::Ndjson => Form::Ndjson,
            To::Json => Form::Json,
            To::Csv => Form::Csv,
            To::Tsv => Form::Tsv,
            To::Markdown => Form::Markdown,
            To::Table => {
                let width = people.then(terminal_width).or_else(columns_of_environment);
                Form::Table { width, colour: self.output.is_none() && self.color.on() }
            }
            To::Arrow => {
                ensure!(!people, "an Arrow stream is no text for a terminal: send it to a file or a pipe");
                Form::Arrow
            }
            To::Parquet => {
                ensure!(
                    self.output.is_some(),
                    "a Parquet file is not written to a pipe: name it with -o FILE"
                );
                Form::Parquet
            }
        })
    }

    fn input(&self, inputs: Vec<OsString>) -> InputArgs {
        InputArgs { inputs, read: self.read.clone(), times: TimeArgs::default() }
    }

    fn has_no_books(&self) -> bool {
        self.account.rejects.is_none() && self.account.ledger.is_none() && !self.account.strict
    }

    /// Runs the statement and writes its answer.
    fn answer(
        &self,
        engine: &Engine,
        sql: &str,
        form: Form,
        scans: &[Arc<LogScan>],
    ) -> Result<Result<(), QueryError>> {
        if scans.iter().any(|scan| scan.is_stream()) {
            let passes = match engine.passes(sql) {
                Ok(passes) => passes,
                Err(error) => return Ok(Err(error)),
            };
            for (scan, passes) in scans.iter().zip(passes) {
                if passes > 1 && scan.is_stream() {
                    scan.spool()?;
                }
            }
        }
        let mut prepared = match engine.prepare(sql) {
            Ok(prepared) => prepared,
            Err(error) => return Ok(Err(error)),
        };
        let rows = match prepared.run() {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error)),
        };
        let mut output = Output::open(self.output.as_deref())?;
        let options = Options { header: !self.no_header, safe: self.csv_safe, utc: rows.times_are_utc() };
        let is_safe = matches!(form, Form::Table { .. } | Form::Markdown);
        let send = |out: &mut Vec<u8>, output: &mut Output| -> Result<()> {
            if !out.is_empty() {
                if is_safe {
                    output.write(out)?
                } else {
                    output.write_untrusted(out)?
                }
                out.clear();
            }
            Ok(())
        };
        let mut out = Vec::new();
        let mut writer = Writer::new(form, rows.schema(), options, &mut out)?;
        for batch in rows {
            match batch {
                Ok(batch) => writer.write(&batch, &mut out)?,
                Err(error) => {
                    // What was found before the error is an answer that is not complete.
                    send(&mut out, &mut output)?;
                    return Ok(Err(error));
                }
            }
            if out.len() >= 64 << 10 || std::io::stdout().is_terminal() {
                send(&mut out, &mut output)?;
            }
        }
        writer.finish(&mut out)?;
        send(&mut out, &mut output)?;
        output.finish()?;
        Ok(Ok(()))
    }
}

/// Says what is wrong; the lines that show the place keep their form.
fn complain(error: &QueryError) -> Exit {
    let text = error.to_string();
    let mut lines = text.lines();
    say("query", lines.next().unwrap_or_default());
    lines.for_each(|line| say_more(&line.replace('\t', "  ")));
    Exit::Failed
}

/// Half of the machine's memory.
fn half_of_memory() -> u64 {
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    (kib.unwrap_or(2 << 20) * 1024 / 2).min(MEMORY_LIMIT)
}

/// The width that somebody asks for where there is no terminal.
fn columns_of_environment() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0)
}

/// Whether a word is a name that SQL takes without quotes.
fn is_name(word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
