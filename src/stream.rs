//! Records from input to output: the run that `parse`, `enrich` and later commands share.
//!
//! Lines of any format and NDJSON may come in, mixed as they like; CSV and TSV are told by their
//! header. Every line ends in the output, among the rejects, or as one of the lines that carry no
//! record. What a run writes is the same for any number of threads.

use crate::{
    account::{Account, Tally},
    exit::{Exit, is_closed_pipe, say},
    formats::{FormatArg, Reading},
    options::{AccountArgs, InputArgs, OutputArgs, ReadArgs, RunArgs, To},
    output::{Output, is_terminal, terminal_width},
    progress::Bar,
};
use anyhow::{Result, anyhow, bail, ensure};
use std::{
    ffi::OsString,
    io::IsTerminal,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf, absolute},
    sync::Arc,
};
use weblog_enrich::{Enricher, Enrichment, privacy::Cleaner};
use weblog_io::{
    DirectoryReport, Ended, Expanded, Flow, Input, InputError, RunError, RunOptions, Stop, expand, run,
};
use weblog_parse::{Field, Format, Record};
use weblog_wire::{Column, Columns, csv, dialect::Arena, ndjson, table};

mod bytes;
pub mod columns;
mod commits;
pub mod dataset;
mod following;
mod gate;
mod lookup;
mod pick;
mod plan;
mod reader;
pub mod rollup;
#[cfg(feature = "query")]
pub mod scan;
pub mod single;
mod split;
mod worker;

use bytes::{ByteSink, Divider, Form, Parts};
pub use gate::Test;
use gate::{Gate, Keep};
pub use lookup::Wanted;
use pick::counted;
pub use pick::{Emit, Pick};
use reader::first_columns;
pub use reader::{Found, Read, Reader, first_time, micros};
use split::Files;
use worker::Worker;

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
    pub enrich: Option<Arc<Enrichment>>,
    /// Which records are meant, and what is made of them; all of them, and the output, without it.
    pub pick: Option<Pick>,
}

/// The result of the work on one chunk.
#[derive(Default)]
struct Batch {
    out: Vec<u8>,
    /// The same for each of several files.
    parts: Parts,
    tally: Tally,
}

impl Stream<'_> {
    /// Runs to the end of the input.
    pub fn run(self) -> Result<Exit> {
        let stop = Stop::new()?;
        stop.on_signals()?;
        let Expanded { mut input, directories } =
            expand(&self.input.inputs, |path, head| first_time(path, head, &self.input.read.reading()));
        greet(self.command, &self.input.inputs, &self.input.read, self.run.quiet);
        let told = input.problems().len();
        input.problems().iter().for_each(|problem| say(self.command, &problem.to_string()));
        distinct_files(
            &input,
            &[
                ("--output", &self.output.output),
                ("--rejects", &self.account.rejects),
                ("--ledger", &self.account.ledger),
            ],
        )?;
        let divided = self.pick.as_ref().is_some_and(|pick| pick.split.is_some());
        let mut output = Output::open(self.output.output.as_deref().filter(|_| !divided))?;
        let asked = self.asked();
        let mut account = Account::open(self.command, self.account, &asked)?;
        let mut bar = Bar::new(self.run, input.total_size(), self.output.output.is_some());
        let options = RunOptions {
            threads: self.run.threads(),
            line_limit: self.input.read.max_line,
            output: output.watched().filter(|_| !divided),
            stop: Some(stop),
            progress: Some(Arc::clone(&bar.read)),
            ..RunOptions::default()
        };
        let columns = first_columns(&mut input, &options, self.input.read.reading());
        let (form, header) = self.form(columns)?;
        let mut files = match divided {
            true => Some(Files::new(header, self.taken(&input))),
            false if header.is_empty() => None,
            false => output.write(&header).map(|()| None)?,
        };
        let mut keep = Keep::of_times(self.input);
        keep.test = self.pick.as_ref().map(|pick| pick.test.clone());
        let emit = self.emit();
        let trusted = matches!(form, Form::Table(_));
        let keep_rejects = account.keeps_rejects();
        let new_worker = |_| Worker {
            reader: Reader::new(self.input.read.reading()),
            command: self.command,
            enricher: self.enrich.clone().map(Enricher::new),
            members: Vec::new(),
            cleaner: self.enrich.as_ref().and_then(Cleaner::new),
            sink: ByteSink { form: form.clone(), out: Vec::new(), divider: self.divider() },
            provenance: self.account.provenance,
            keep_rejects,
            asked: &asked,
            unseen: all_unseen(&asked),
            gate: Gate::new(keep.clone()),
            record: Record::new(),
            arena: Arena::new(),
        };
        let work = |worker: &mut Worker<'_, ByteSink>, chunk: &_, batch: &mut Batch| {
            batch.out.clear();
            std::mem::swap(&mut batch.out, &mut worker.sink.out);
            worker.work(chunk, &mut batch.tally);
            std::mem::swap(&mut batch.out, &mut worker.sink.out);
            batch.parts = worker.sink.divider.as_mut().map(Divider::take).unwrap_or_default();
        };
        let consume = |batch: &mut Batch| -> Result<Flow> {
            bar.update();
            account.enter(&batch.tally)?;
            if emit == Emit::Nothing && batch.tally.counts.written > 0 {
                return Ok(Flow::Stop);
            }
            for (name, bytes) in &batch.parts {
                files.iter_mut().try_for_each(|files| files.write(name, bytes))?;
            }
            let written = match (batch.out.is_empty(), trusted) {
                (true, _) => Ok(()),
                (false, true) => output.write(&batch.out),
                (false, false) => output.write_untrusted(&batch.out),
            };
            match written {
                Ok(()) => Ok(Flow::Continue),
                Err(error) if is_closed_pipe(&error) => Ok(Flow::Stop),
                Err(error) => Err(error),
            }
        };
        let result = run(&mut input, &options, new_worker, work, consume);
        bar.clear();
        let end = match result {
            Ok(end) => end,
            Err(RunError::Consume(error)) => return Err(error),
            Err(error) => bail!("{error}"),
        };
        let interrupted = end.ended == Ended::Stopped && is_unfinished(&input);
        let closed = matches!(end.ended, Ended::OutputClosed | Ended::Consumer);
        let ledger = account.close(&input, end.unfinished > 0)?;
        // When nothing at all could be read, what an earlier run left under the name is worth more.
        let empty = ledger.total.bytes_read == 0 && !input.problems().is_empty();
        if emit == Emit::Count {
            output.write(counted(&ledger).as_bytes())?;
        }
        if !closed && !interrupted && !empty {
            output.finish()?;
        }
        if closed {
            return Ok(Exit::Done);
        }
        if !self.run.quiet {
            account.summarize(&ledger, self.run.verbose);
        }
        if interrupted {
            let kept =
                if self.output.output.is_some() { "; the file of --output is not touched" } else { "" };
            say(self.command, &format!("interrupted before the end of the input{kept}"));
        }
        let failed = report(self.command, &input, told, &directories, self.run.verbose) || interrupted;
        let exit = account.exit(&ledger, failed);
        Ok(if self.pick.is_some() && ledger.total.written == 0 { exit.max(Exit::Unmet) } else { exit })
    }

    /// Names that were asked for and may be typos: of `--fields` those that the schema does not have, of an
    /// expression all.
    fn asked(&self) -> Vec<Column> {
        let mut asked: Vec<Column> = self.pick.iter().flat_map(|pick| pick.asked.clone()).collect();
        let named = self.output.fields.iter().flatten().map(|name| Column::named(name));
        asked.extend(named.filter(|column| matches!(column, Column::Other(_))));
        let mut known = Vec::new();
        asked.retain(|column| !known.contains(column) && (known.push(column.clone()), true).1);
        asked.truncate(u64::BITS as usize);
        asked
    }

    fn emit(&self) -> Emit {
        self.pick.as_ref().map_or(Emit::Records, |pick| pick.emit)
    }

    /// What divides the records of one thread.
    fn divider(&self) -> Option<Divider> {
        let (pattern, wanted) = self.pick.as_ref()?.split.clone()?;
        Some(Divider::new(pattern, wanted))
    }

    /// Files that no record may be written to.
    fn taken(&self, input: &Input) -> Vec<(u64, u64)> {
        let outputs = [&self.account.rejects, &self.account.ledger];
        let paths = input.sources().iter().filter_map(|source| source.path.as_deref());
        let paths = paths.chain(outputs.iter().filter_map(|path| path.as_deref()));
        paths.chain([Path::new("/dev/stdin")]).filter_map(identity).collect()
    }

    /// The form of the output, and its header.
    fn form(&self, first: Option<Columns>) -> Result<(Form, Vec<u8>)> {
        match self.emit() {
            Emit::Records => {}
            Emit::Lines => return Ok((Form::Lines, Vec::new())),
            Emit::Count | Emit::Nothing => return Ok((Form::Count, Vec::new())),
        }
        let named = self.output.fields.as_ref().map(|names| Columns::named(names.iter().map(String::as_str)));
        let table_for_people = self.output.output.is_none() && is_terminal() && named.is_none();
        let to = self.output.to.unwrap_or(if table_for_people { To::Table } else { To::Ndjson });
        let mut header = Vec::new();
        let form = match to {
            To::Ndjson => Form::Ndjson(ndjson::Writer::new(named)),
            To::Csv | To::Tsv => {
                let separator = if to == To::Csv { csv::Separator::Comma } else { csv::Separator::Tab };
                let all = named.is_none();
                let columns = named.unwrap_or_else(|| self.columns(first));
                let writer = csv::Writer::new(separator, columns).safe(self.output.csv_safe);
                if !self.output.no_header {
                    writer.header(&mut header);
                }
                Form::Csv { writer, all }
            }
            To::Table if named.is_some() => {
                return Err(anyhow!(
                    "the columns of a table are fixed: use `-t tsv` or `-t csv` with --fields"
                ));
            }
            To::Table => {
                let country = self.enrich.is_some() || first.is_some_and(|first| first.has(Field::Country));
                let writer = table::Writer::new(terminal_width(), self.output.color.on(), country);
                writer.header(&mut header);
                Form::Table(writer)
            }
        };
        Ok((form, header))
    }

    /// The columns that the records will have.
    fn columns(&self, first: Option<Columns>) -> Columns {
        let mut columns = first.unwrap_or_else(|| usual_columns(&self.input.read.reading()));
        if self.account.provenance {
            columns.add(&[Field::Source, Field::Offset]);
        }
        if let Some(enrichment) = &self.enrich {
            columns.add(&enrichment.fields());
            columns.append(Columns::named(enrichment.joined()));
        }
        columns
    }
}

/// The columns of an input of which no record is known yet.
fn usual_columns(reading: &Reading) -> Columns {
    let format = match reading.options().format {
        Format::Auto => Format::Combined,
        format => format,
    };
    match &*reading.options().programs {
        [program, ..] => Columns::of_fields(program.fields().into_iter().map(|(name, _)| name)),
        [] => Columns::of_format(format),
    }
}

/// Somebody who typed the command alone waits for it, and it for them.
pub fn greet(command: &str, inputs: &[OsString], read: &ReadArgs, quiet: bool) {
    for problem in read.conf.iter().flat_map(|conf| conf.problems()).filter(|_| !quiet) {
        say(command, &format!("--conf: {problem}"));
    }
    if let FormatArg::Compiled(program) = &read.format
        && !quiet
    {
        program.warnings().iter().for_each(|warning| say(command, &format!("--format: {warning}")));
    }
    if inputs.is_empty() && std::io::stdin().is_terminal() && !quiet {
        say(command, "reading log lines from the terminal; Ctrl-D ends, --help shows examples");
    }
}

/// Whether an argument stands for several files, which may be others later.
pub fn is_many(name: &OsString) -> bool {
    let path = Path::new(name);
    let is_far = || name.to_string_lossy().starts_with("ssh://");
    let is_pattern = || !path.exists() && name.to_string_lossy().contains(['*', '?', '[']);
    path.is_dir() || (is_pattern() && !is_far())
}

/// Says what could not be read and was not `told` before. Whether there was something.
pub fn report(
    command: &str,
    input: &Input,
    told: usize,
    directories: &[DirectoryReport],
    verbose: bool,
) -> bool {
    for problem in &input.problems()[told..] {
        say(command, &problem.to_string());
    }
    for DirectoryReport { path, looked_at, taken, .. } in directories {
        let unlisted =
            |problem: &InputError| matches!(problem, InputError::Walk { directory, .. } if directory == path);
        if *taken == 0 && !input.problems().iter().any(unlisted) {
            say(command, &no_logs_in(path, *looked_at));
        } else if *taken > 0 && verbose {
            let path = path.display();
            say(command, &format!("{path}: {taken} of {looked_at} files are access logs and were read"));
        }
    }
    !input.problems().is_empty() || directories.iter().any(|directory| directory.taken == 0)
}

/// Fails when an output is one of the inputs or another output: writing one would destroy the other.
pub fn distinct_files(input: &Input, outputs: &[(&str, &Option<PathBuf>)]) -> Result<()> {
    let mut taken: Vec<_> =
        input.sources().iter().filter_map(|source| identity(source.path.as_deref()?)).collect();
    taken.extend(identity(Path::new("/dev/stdin")));
    let mut paths: Vec<PathBuf> = Vec::new();
    for (option, path) in outputs {
        let Some(path) = path else { continue };
        let shown = path.display();
        ensure!(
            !identity(path).is_some_and(|id| taken.contains(&id)),
            "{option}: {shown} is also an input or another output"
        );
        ensure!(!paths.contains(&absolute(path)?), "{option}: {shown} is also another output");
        taken.extend(identity(path));
        paths.push(absolute(path)?);
    }
    Ok(())
}

/// The device and the inode of a regular file.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::metadata(path).ok().filter(|metadata| metadata.is_file())?;
    Some((metadata.dev(), metadata.ino()))
}

/// One bit for each name that was asked for.
fn all_unseen(asked: &[Column]) -> u64 {
    asked.iter().enumerate().fold(0, |all, (at, _)| all | 1 << at)
}

/// Whether there is more in a file than was read. A stream that is interrupted has ended.
pub fn is_unfinished(input: &Input) -> bool {
    input.sources().iter().any(|source| source.path.is_some() && !source.complete)
}

fn no_logs_in(directory: &Path, looked_at: usize) -> String {
    let directory = directory.display();
    match looked_at {
        0 => format!("{directory} holds no files; name a directory with logs, or the logs themselves"),
        1 => format!("the one file in {directory} is no access log; name files that are"),
        _ => format!("none of the {looked_at} files in {directory} is an access log; name files that are"),
    }
}
