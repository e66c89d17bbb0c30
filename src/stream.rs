//! Records from input to output: the run that `parse`, `enrich` and later commands share.
//!
//! Lines of any format and NDJSON may come in, mixed as they like; CSV and TSV are told by their
//! header. Every line ends in the output, among the rejects, or as one of the lines that carry no
//! record. What a run writes is the same for any number of threads.

use crate::{
    account::{Account, Tally},
    exit::{Exit, say},
    options::{AccountArgs, InputArgs, OutputArgs, RunArgs, To},
    output::{Output, is_terminal, terminal_width},
    progress::Bar,
};
use anyhow::{Error, Result, anyhow, bail};
use std::{io::ErrorKind, path::Path, sync::Arc};
use weblog_enrich::{Enricher, Sources};
use weblog_io::{Ended, Expanded, Flow, RunError, RunOptions, Stop, expand, run};
use weblog_parse::Format;
use weblog_wire::{Columns, csv, ndjson, table};

mod worker;

use worker::{Sink, Worker};

/// What a command makes of its arguments.
pub struct Stream<'a> {
    /// The name of the command, for its sentences.
    pub command: &'static str,
    /// What is read.
    pub input: &'a InputArgs,
    /// What is written.
    pub output: &'a OutputArgs,
    /// The books.
    pub account: &'a AccountArgs,
    /// How it runs.
    pub run: &'a RunArgs,
    /// What is added to each record.
    pub enrich: Option<Arc<Sources>>,
}

/// The result of the work on one chunk.
#[derive(Default)]
struct Batch {
    out: Vec<u8>,
    tally: Tally,
}

impl Stream<'_> {
    /// Runs to the end of the input.
    pub fn run(self) -> Result<Exit> {
        let stop = Stop::new()?;
        stop.on_signals()?;
        let Expanded { mut input, directories } =
            expand(&self.input.inputs, |_, head| worker::first_time(head));
        self.greet();
        let mut output = Output::open(self.output.output.as_deref())?;
        let mut account = Account::open(self.command, self.account)?;
        let bar = Bar::new(self.run, input.total_size());
        let options = RunOptions {
            threads: self.run.threads(),
            line_limit: self.input.max_line,
            output: output.watched(),
            stop: Some(stop.clone()),
            progress: Some(Arc::clone(&bar.read)),
            ..RunOptions::default()
        };
        let first = worker::First::of(&mut input, &options, self.input);
        let sink = self.sink(&first, &mut output)?;
        let keep = account.keeps_rejects();
        let result = run(
            &mut input,
            &options,
            |_| {
                Worker::new(
                    self.input,
                    &first,
                    sink.clone(),
                    self.enrich.clone().map(Enricher::new),
                    self.account,
                    keep,
                )
            },
            |worker, chunk, batch: &mut Batch| {
                batch.out.clear();
                worker.work(chunk, &mut batch.out, &mut batch.tally);
            },
            |batch| -> Result<Flow> {
                bar.update();
                account.enter(&batch.tally)?;
                if batch.out.is_empty() {
                    return Ok(Flow::Continue);
                }
                match output.write(&batch.out) {
                    Ok(()) => Ok(Flow::Continue),
                    Err(error) if is_closed_pipe(&error) => Ok(Flow::Stop),
                    Err(error) => Err(error),
                }
            },
        );
        bar.clear();
        let end = match result {
            Ok(end) => end,
            Err(RunError::Consume(error)) => return Err(error),
            Err(error) => bail!("{error}"),
        };
        let closed = matches!(end.ended, Ended::OutputClosed | Ended::Consumer);
        if !closed {
            output.finish()?;
        }
        let ledger = account.close(&input, end.unfinished > 0)?;
        if closed {
            return Ok(Exit::Done);
        }
        let mut exit = if account.is_unmet(&ledger) { Exit::Unmet } else { Exit::Done };
        if !self.run.quiet {
            account.summarize(&ledger, self.run.verbose);
        }
        for problem in input.problems() {
            say(self.command, &problem.to_string());
            exit = Exit::Failed;
        }
        for directory in directories.iter().filter(|directory| directory.taken == 0) {
            say(self.command, &no_logs_in(&directory.path, directory.looked_at));
            exit = Exit::Failed;
        }
        if end.ended == Ended::Stopped
            && input.sources().iter().any(|source| source.size.is_some() && !source.complete)
        {
            say(self.command, "interrupted before the end of the input");
            exit = Exit::Failed;
        }
        Ok(exit)
    }

    /// Somebody who typed the command alone waits for it, and it for them.
    fn greet(&self) {
        use std::io::IsTerminal;
        if self.input.inputs.is_empty() && std::io::stdin().is_terminal() && !self.run.quiet {
            say(self.command, "reading log lines from the terminal; Ctrl-D ends, --help shows examples");
        }
    }

    /// The form of the output; writes its header.
    fn sink(&self, first: &worker::First, output: &mut Output) -> Result<Sink> {
        let named = self.output.fields.as_ref().map(|names| Columns::named(names.iter().map(String::as_str)));
        let table_for_people = self.output.output.is_none() && is_terminal() && named.is_none();
        let to = self.output.to.unwrap_or(if table_for_people { To::Table } else { To::Ndjson });
        let mut header = Vec::new();
        let sink = match to {
            To::Ndjson => Sink::Ndjson(ndjson::Writer::new(named)),
            To::Csv | To::Tsv => {
                let separator = if to == To::Csv { csv::Separator::Comma } else { csv::Separator::Tab };
                let all = named.is_none();
                let columns = named.unwrap_or_else(|| self.columns(first));
                let writer = csv::Writer::new(separator, columns);
                writer.header(&mut header);
                Sink::Csv { writer, all }
            }
            To::Table if named.is_some() => {
                return Err(anyhow!(
                    "the columns of a table are fixed: use `-t tsv` or `-t csv` with --fields"
                ));
            }
            To::Table => {
                let country = self.enrich.is_some() || first.has_country();
                let writer = table::Writer::new(terminal_width(), self.output.color.on(), country);
                writer.header(&mut header);
                Sink::Table(writer)
            }
        };
        if !header.is_empty() {
            output.write(&header)?;
        }
        Ok(sink)
    }

    /// The columns that the records will have.
    fn columns(&self, first: &worker::First) -> Columns {
        let mut columns = first.columns.clone().unwrap_or_else(|| {
            Columns::of_format(match self.input.format {
                Format::Auto => Format::Combined,
                format => format,
            })
        });
        if self.account.provenance {
            use weblog_parse::Field::{Offset, Source};
            columns.add(&[Source, Offset]);
        }
        if let Some(sources) = &self.enrich {
            columns.add(&sources.fields());
        }
        columns
    }
}

fn is_closed_pipe(error: &Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref().map(std::io::Error::kind);
    error.chain().any(|cause| kind(cause) == Some(ErrorKind::BrokenPipe))
}

fn no_logs_in(directory: &Path, looked_at: usize) -> String {
    let directory = directory.display();
    match looked_at {
        0 => format!("{directory} holds no files; name a directory with logs, or the logs themselves"),
        1 => format!("the one file in {directory} is no access log; name logs that are, or give --format"),
        _ => format!("none of the {looked_at} files in {directory} is an access log; name logs that are"),
    }
}
