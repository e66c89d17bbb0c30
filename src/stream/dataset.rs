//! Records into a dataset: every line of every input once, however often this runs.

use super::{
    columns::{ColumnBatch, ColumnRun, arrow_schema},
    commits::{EndOf, Failed, Shared, State},
    distinct_files, first_time, greet, is_unfinished,
    plan::{Plan, plan},
    report,
};
use crate::{
    account::Account,
    cmd::to_parquet::CommitEvery,
    exit::{Exit, say},
    options::{AccountArgs, InputArgs, RunArgs},
    progress::Bar,
};
use anyhow::{Result, bail};
use arrow_schema::SchemaRef;
use std::{
    collections::HashMap,
    io::IsTerminal,
    path::Path,
    sync::{Arc, Condvar, Mutex},
};
use weblog_enrich::Enrichment;
use weblog_io::{Ended, Expanded, Flow, Input, Ledger, RunEnd, RunError, RunOptions, Stop, expand, run};
use weblog_parse::Format;
use weblog_store::{
    dataset::{Added, Dataset},
    origin::SAID,
    partition::By,
    rollup::{Rollup, Rules},
};
use weblog_wire::Columns;

pub(super) const COMMAND: &str = "to-parquet";
/// Bytes of input after which even files that are read in one go are committed.
const COMMIT_BYTES: u64 = 4 << 30;

/// What the command makes of its arguments.
pub struct DatasetRun<'a> {
    /// The name of the command, for its sentences.
    pub command: &'static str,
    /// The dataset.
    pub root: &'a Path,
    /// How a new one is divided.
    pub by: Option<By>,
    /// How often a stream is committed.
    pub commit_every: CommitEvery,
    /// What is read.
    pub input: &'a InputArgs,
    /// How rows are summed, if they are not stored as they come.
    pub rollup: Option<&'a Rules>,
    /// The only fields, if not all are wanted.
    pub fields: Option<&'a [String]>,
    /// The books.
    pub account: &'a AccountArgs,
    /// How it runs.
    pub run: &'a RunArgs,
    /// What is added to each record.
    pub enrich: Option<Arc<Enrichment>>,
}

/// How one pass over the inputs ended.
enum Pass {
    /// All is committed. Some inputs, by position, wait for another pass: they begin as one of this does.
    Done { end: RunEnd, waiting: Vec<usize> },
    /// Another run took in one of the inputs meanwhile; nothing of this pass remains.
    Again,
}

impl DatasetRun<'_> {
    /// Runs to the end of the input.
    pub fn run(self) -> Result<Exit> {
        let stop = Stop::new()?;
        stop.on_signals()?;
        greet(self.command, &self.input.inputs, &self.input.read, self.run.quiet);
        loop {
            if let Some(exit) = self.attempt(&stop)? {
                return Ok(exit);
            }
        }
    }

    /// Takes in what is new. None if another run came between and all is to be done again.
    fn attempt(&self, stop: &Stop) -> Result<Option<Exit>> {
        let mut account = Account::open(self.command, self.account, &[])?;
        let mut only: Option<Vec<usize>> = None;
        let (mut told, mut failed) = (false, false);
        let mut added = Added::default();
        loop {
            let Expanded { mut input, directories } =
                expand(&self.input.inputs, |path, head| first_time(path, head, &self.input.read.reading()));
            let problems = if told { input.problems().len() } else { 0 };
            distinct_files(
                &input,
                &[("--rejects", &self.account.rejects), ("--ledger", &self.account.ledger)],
            )?;
            let (end, waiting) =
                match self.pass(&mut input, only.as_deref(), stop, &mut account, &mut added)? {
                    Pass::Again => return Ok(None),
                    Pass::Done { end, waiting } => (end, waiting),
                };
            let interrupted = end.ended == Ended::Stopped && is_unfinished(&input);
            if !waiting.is_empty() && !interrupted {
                account.close(&input, end.unfinished > 0)?;
                failed |= report(self.command, &input, problems, &directories, self.run.verbose);
                (only, told) = (Some(waiting), true);
                continue;
            }
            let ledger = account.close(&input, end.unfinished > 0)?;
            if !self.run.quiet {
                account.summarize(&ledger, self.run.verbose);
                self.summarize(&added, &ledger);
            }
            if interrupted {
                say(self.command, "interrupted before the end of the input; what was read is in the dataset");
            }
            let directories = if told { &[][..] } else { &directories[..] };
            failed |= report(self.command, &input, problems, directories, self.run.verbose) || interrupted;
            return Ok(Some(account.exit(&ledger, failed)));
        }
    }

    /// Reads the inputs, or those of them at these positions, and commits what they have that is new.
    fn pass(
        &self,
        input: &mut Input,
        only: Option<&[usize]>,
        stop: &Stop,
        account: &mut Account,
        added: &mut Added,
    ) -> Result<Pass> {
        let mut dataset = Dataset::open(self.root, self.by, &self.columns(), self.fields)?;
        let mut columns = ColumnRun::new(self.command, self.input, self.account);
        let Plan { positions, waiting, is_stream } = plan(input, only, &dataset.identities());
        let mut bar = Bar::new(self.run, input.total_size(), true);
        let options = RunOptions {
            threads: self.run.threads(),
            line_limit: self.input.read.max_line,
            stop: Some(stop.clone()),
            whole_lines: true,
            progress: Some(Arc::clone(&bar.read)),
            ..RunOptions::default()
        };
        let stored = match self.rollup {
            Some(rules) if is_stream => Some([rules.inputs(), SAID.map(str::to_owned).into()].concat()),
            Some(rules) => Some(rules.inputs()),
            None => self.stored(),
        };
        columns.keep_rejects = account.keeps_rejects();
        columns.enrich = self.enrich.clone();
        columns.only = stored.as_deref();
        let every = match is_stream {
            true => self.commit_every,
            false => CommitEvery { span: None, bytes: Some(COMMIT_BYTES) },
        };
        let shared = Shared {
            state: Mutex::new(State {
                origins: (!self.account.provenance).then(|| dataset.origins()),
                ends: vec![None; positions.len()],
                positions,
                txns: HashMap::new(),
                dirty: None,
                bytes: 0,
                error: None,
                over: false,
                rollup: self.rollup.cloned().map(Rollup::new),
                dataset: &mut dataset,
                added,
            }),
            due: Condvar::new(),
            every,
        };
        let consume = |batch: &mut ColumnBatch| -> Result<Flow, Failed> {
            bar.update();
            let flow = shared.take(batch);
            account.enter(&batch.tally)?;
            flow
        };
        let result = std::thread::scope(|scope| {
            if let Some(span) = every.span {
                let shared = &shared;
                scope.spawn(move || shared.commit_in_time(span, stop));
            }
            // Also when the run panics: the clock would never end.
            let _ended = EndOf(&shared);
            run(
                input,
                &options,
                |_| columns.worker(),
                |worker, chunk, batch| worker.work(chunk, batch),
                consume,
            )
        });
        bar.clear();
        let committed = match result {
            Ok(end) => shared.lock().commit().map(|()| end),
            Err(RunError::Consume(error)) => Err(error),
            Err(RunError::Panicked(message)) => bail!("{message}"),
            Err(RunError::Thread(error)) => bail!("cannot start a thread: {error}"),
            Err(_) => bail!("the run broke off"),
        };
        drop(shared);
        match committed {
            Ok(end) => {
                dataset.close()?;
                Ok(Pass::Done { end, waiting })
            }
            Err(Failed::Again) if is_stream => {
                bail!(
                    "another run took in the same records; what is not in the dataset yet can be given again"
                )
            }
            Err(Failed::Again) => Ok(Pass::Again),
            Err(Failed::Error(error)) => Err(error),
        }
    }

    /// The only columns that are stored: those asked for, and the time.
    pub(super) fn stored(&self) -> Option<Vec<String>> {
        self.fields.map(|fields| {
            let time = (!fields.iter().any(|name| name == "time")).then(|| "time".to_owned());
            fields.iter().cloned().chain(time).collect()
        })
    }

    /// The columns of a new dataset: those of every log, and what is added.
    pub(super) fn columns(&self) -> SchemaRef {
        if let Some(rules) = self.rollup {
            return rules.schema();
        }
        let columns = match self.fields {
            Some(names) => Columns::named(names.iter().map(String::as_str)),
            None => {
                let mut columns = Columns::of_format(Format::Combined);
                if let Some(enrichment) = &self.enrich {
                    columns.add(&enrichment.fields());
                    columns.append(Columns::named(enrichment.joined()));
                }
                columns
            }
        };
        arrow_schema(&columns)
    }

    /// What was added, for somebody who looks on.
    pub(super) fn summarize(&self, added: &Added, ledger: &Ledger) {
        for note in &added.notes {
            say(self.command, note);
        }
        if !self.run.verbose && !std::io::stderr().is_terminal() {
            return;
        }
        let root = self.root.display();
        let (one, many) = if self.rollup.is_some() { ("row", "rows") } else { ("record", "records") };
        let sentence = match (added.rows, ledger.total.read) {
            (0, 0) => format!("nothing new for {root}"),
            (0, _) => format!("no {one} was added to {root}"),
            (rows, _) => {
                let (rows_are, files_are) =
                    (if rows == 1 { one } else { many }, if added.files == 1 { "file" } else { "files" });
                format!(
                    "{rows} {rows_are} added to {root}, {} {files_are}, {} bytes",
                    added.files, added.bytes
                )
            }
        };
        say(self.command, &sentence);
    }
}
