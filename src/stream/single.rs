//! Records into one Parquet file, or one Arrow stream.

use super::{
    columns::{ColumnBatch, ColumnRun, arrow_schema},
    distinct_files, first_time, greet, is_unfinished,
    reader::first_columns,
    report,
};
use crate::{
    account::Account,
    exit::{Exit, is_closed_pipe, say},
    options::{AccountArgs, InputArgs, RunArgs},
    output::Output,
    progress::Bar,
};
use anyhow::{Result, bail};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::{
    io::{self, BufWriter, Write},
    path::Path,
    sync::Arc,
};
use weblog_enrich::Enrichment;
use weblog_io::{Ended, Expanded, Flow, RunError, RunOptions, Stop, expand, run};
use weblog_parse::{Field, Format};
use weblog_store::{
    ipc::ArrowStream,
    layout::{Layout, Unplaced},
    parquet_file::ParquetFile,
};
use weblog_wire::Columns;

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    /// A Parquet file.
    Parquet,
    /// The streaming format of Arrow IPC.
    Arrow,
}

/// What the command makes of its arguments.
pub struct SingleRun<'a> {
    /// What is read.
    pub input: &'a InputArgs,
    /// Where it goes; standard output if no file is named.
    pub output: Option<&'a Path>,
    /// In what form.
    pub form: Single,
    /// The only fields, if not all are wanted.
    pub fields: Option<&'a [String]>,
    /// The books.
    pub account: &'a AccountArgs,
    /// How it runs.
    pub run: &'a RunArgs,
    /// What is added to each record.
    pub enrich: Option<Arc<Enrichment>>,
}

const COMMAND: &str = "to-parquet";

impl SingleRun<'_> {
    /// Runs to the end of the input.
    pub fn run(self) -> Result<Exit> {
        let stop = Stop::new()?;
        stop.on_signals()?;
        let Expanded { mut input, directories } =
            expand(&self.input.inputs, |path, head| first_time(path, head, &self.input.read.reading()));
        greet(COMMAND, &self.input.inputs, &self.input.read, self.run.quiet);
        let told = input.problems().len();
        input.problems().iter().for_each(|problem| say(COMMAND, &problem.to_string()));
        let named = self.output.map(Path::to_owned);
        distinct_files(
            &input,
            &[("--output", &named), ("--rejects", &self.account.rejects), ("--ledger", &self.account.ledger)],
        )?;
        let output = Output::open(self.output)?;
        let mut account = Account::open(COMMAND, self.account, &[])?;
        let mut bar = Bar::new(self.run, input.total_size(), self.output.is_some());
        let options = RunOptions {
            threads: self.run.threads(),
            line_limit: self.input.read.max_line,
            output: output.watched(),
            stop: Some(stop),
            progress: Some(Arc::clone(&bar.read)),
            ..RunOptions::default()
        };
        let first = first_columns(&mut input, &options, self.input.read.reading());
        let unplaced = if self.fields.is_some() { Unplaced::Drop } else { Unplaced::Extra };
        let mut layout = Layout::new(self.schema(first), unplaced);
        let mut file = File::new(self.form, output, layout.schema())?;
        let mut columns = ColumnRun::new(COMMAND, self.input, self.account);
        columns.keep_rejects = account.keeps_rejects();
        columns.enrich = self.enrich.clone();
        columns.only = self.fields;
        let consume = |batch: &mut ColumnBatch| -> Result<Flow> {
            bar.update();
            account.enter(&batch.tally)?;
            let Some(rows) = batch.rows.take().filter(|rows| rows.num_rows() > 0) else {
                return Ok(Flow::Continue);
            };
            match file.write(&layout.align(&rows)?) {
                Err(error) if is_closed_pipe(&error) => Ok(Flow::Stop),
                written => written.map(|()| Flow::Continue),
            }
        };
        let result = run(
            &mut input,
            &options,
            |_| columns.worker(),
            |worker, chunk, batch| worker.work(chunk, batch),
            consume,
        );
        bar.clear();
        let end = match result {
            Ok(end) => end,
            Err(RunError::Consume(error)) => return Err(error),
            Err(error) => bail!("{error}"),
        };
        let interrupted = end.ended == Ended::Stopped && is_unfinished(&input);
        let closed = matches!(end.ended, Ended::OutputClosed | Ended::Consumer);
        let ledger = account.close(&input, end.unfinished > 0)?;
        if closed {
            return Ok(Exit::Done);
        }
        let empty = ledger.total.bytes_read == 0 && !input.problems().is_empty();
        if !interrupted && !empty {
            match file.finish() {
                Err(error) if is_closed_pipe(&error) => return Ok(Exit::Done),
                finished => finished?,
            }
        }
        if !self.run.quiet {
            account.summarize(&ledger, self.run.verbose);
        }
        if interrupted {
            let kept = if self.output.is_some() { "; the file of --output is not touched" } else { "" };
            say(COMMAND, &format!("interrupted before the end of the input{kept}"));
        }
        let failed = report(COMMAND, &input, told, &directories, self.run.verbose) || interrupted;
        Ok(account.exit(&ledger, failed))
    }

    /// The columns of the file: those of every log format, of the first record, and what is added.
    fn schema(&self, first: Option<Columns>) -> SchemaRef {
        let columns = match self.fields {
            Some(names) => Columns::named(names.iter().map(String::as_str)),
            None => {
                let mut columns = first.unwrap_or_default();
                columns.append(Columns::of_format(Format::VhostCombined));
                columns.add(&[Field::RequestKind, Field::Extra]);
                if self.account.provenance {
                    columns.add(&[Field::Source, Field::Offset]);
                }
                if let Some(enrichment) = &self.enrich {
                    columns.add(&enrichment.fields());
                    columns.append(Columns::named(enrichment.joined()));
                }
                columns
            }
        };
        arrow_schema(&columns)
    }
}

/// The file or stream being written.
enum File {
    Parquet(Box<ParquetFile<BufWriter<Sink>>>),
    Arrow(Box<ArrowStream<BufWriter<Sink>>>),
}

/// An output as the writers want it.
struct Sink(Output);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| match error.downcast::<io::Error>() {
            Ok(error) => error,
            Err(error) => io::Error::other(error),
        })?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl File {
    fn new(form: Single, output: Output, schema: &SchemaRef) -> Result<File> {
        let out = BufWriter::with_capacity(256 << 10, Sink(output));
        Ok(match form {
            Single::Parquet => File::Parquet(Box::new(ParquetFile::new(out, schema)?)),
            Single::Arrow => File::Arrow(Box::new(ArrowStream::new(out, schema)?)),
        })
    }

    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        match self {
            File::Parquet(file) => Ok(file.write(rows)?),
            File::Arrow(stream) => Ok(stream.write(rows)?),
        }
    }

    fn finish(self) -> Result<()> {
        let out = match self {
            File::Parquet(file) => file.finish()?.0,
            File::Arrow(stream) => stream.finish()?,
        };
        let sink = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        sink.0.finish()
    }
}
