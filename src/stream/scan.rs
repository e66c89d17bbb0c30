//! Raw logs as a table that SQL can scan: the runner behind DuckDB's table function.
//!
//! A pass is a thread that runs over the input as `to-parquet` does and hands its batches over. The books
//! are kept on the first pass; a statement that looks twice at a log does not reject its lines twice.

use super::{
    columns::{ColumnBatch, ColumnRun, arrow_column},
    first_time, is_unfinished, report,
};
use crate::{
    account::Account,
    enriching::GeoArgs,
    exit::{Exit, say},
    options::{AccountArgs, InputArgs, RunArgs},
};
use anyhow::{Context, Result, anyhow, bail, ensure};
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use std::{
    fs::File,
    io,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
};
use tempfile::NamedTempFile;
use weblog_enrich::Enrichment;
use weblog_io::{
    ByteReader, DirectoryReport, Ended, Expanded, Flow, Input, RunEnd, RunOptions, Stop, expand, run,
};
use weblog_parse::Field;
use weblog_query::{Batches, Condition, Range, Scan, ScanError};
use weblog_wire::Column;

mod columns;

const COMMAND: &str = "query";

/// Logs as a table.
pub struct LogScan {
    input: InputArgs,
    account: AccountArgs,
    run: RunArgs,
    geo: GeoArgs,
    schema: SchemaRef,
    /// Columns that are not among `*`: those that no record seen has, and those that are looked up.
    named_only: usize,
    directories: Vec<DirectoryReport>,
    told: usize,
    state: Arc<Mutex<State>>,
    lookups: OnceLock<Arc<Enrichment>>,
    /// What the statement asks of time, status and bytes.
    ranges: Mutex<Vec<FieldRanges>>,
    /// Bytes that the first pass has read, before decompression, and those that there are, where known.
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

/// A field, and the ranges in one of which its value has to be, both ends included.
type FieldRanges = (Field, Vec<(i64, i64)>);

/// What passes share.
struct State {
    /// The input as it was opened, for the first pass; what the first pass left of it.
    input: Option<Input>,
    end: Option<RunEnd>,
    begun: bool,
    account: Option<Account>,
    /// What ends the passes that run.
    stops: Vec<Stop>,
    stopped: bool,
    /// Standard input, when it is looked at more than once.
    spool: Option<NamedTempFile>,
}

impl LogScan {
    /// Opens logs, and looks at how they begin.
    pub fn open(
        input: &InputArgs,
        account: &AccountArgs,
        run: &RunArgs,
        geo: &GeoArgs,
        stop: &Stop,
    ) -> Result<LogScan> {
        let Expanded { input: mut opened, directories } =
            expand(&input.inputs, |path, head| first_time(path, head, &input.read.reading()));
        let told = opened.problems().len();
        opened.problems().iter().for_each(|problem| say(COMMAND, &problem.to_string()));
        let (fields, others) = columns::columns(&mut opened, input, account, stop);
        let hidden = Field::ALL.iter().filter(|field| !fields.contains(&(**field as usize)));
        let hidden: Vec<_> = hidden.map(|field| arrow_column(&Column::Known(*field))).collect();
        let named_only = hidden.len();
        let shown = Field::ALL.iter().filter(|field| fields.contains(&(**field as usize)));
        let shown = shown.map(|field| Column::Known(*field)).chain(others.into_iter().map(Column::Other));
        let schema = Schema::new(shown.map(|column| arrow_column(&column)).chain(hidden).collect::<Vec<_>>());
        let total = opened.total_size();
        let state = State {
            end: None,
            begun: false,
            account: Some(Account::open(COMMAND, account, &[])?),
            input: Some(opened),
            stops: Vec::new(),
            stopped: false,
            spool: None,
        };
        Ok(LogScan {
            input: input.clone(),
            account: account.clone(),
            run: run.clone(),
            geo: geo.clone(),
            schema: Arc::new(schema),
            named_only,
            directories,
            told,
            state: Arc::new(Mutex::new(state)),
            lookups: OnceLock::new(),
            ranges: Mutex::default(),
            read: Arc::default(),
            total,
        })
    }

    /// How many bytes are read, and how many there are, where that is known.
    pub fn progress(&self) -> (u64, Option<u64>) {
        (self.read.load(Ordering::Relaxed), self.total)
    }

    /// Whether there is anything to read.
    pub fn is_empty(&self) -> bool {
        lock(&self.state).input.as_ref().is_none_or(|input| input.sources().is_empty())
    }

    /// Looks at the input.
    pub fn with_input<T>(&self, look: impl FnOnce(&Input) -> T) -> Option<T> {
        lock(&self.state).input.as_ref().map(look)
    }

    /// Whether it can be read only once.
    pub fn is_stream(&self) -> bool {
        let is_stream = |input: &Input| input.sources().iter().any(|source| source.path.is_none());
        self.with_input(is_stream).unwrap_or(false)
    }

    /// Keeps a stream in a file, so that it can be read more than once.
    pub fn spool(&self) -> Result<()> {
        let stop = Stop::new()?;
        let (input, stopped) = {
            let mut state = lock(&self.state);
            state.stops.push(stop.clone());
            (state.input.take(), state.stopped)
        };
        let Some(mut input) = input.filter(|_| !stopped) else { bail!("interrupted") };
        ensure!(
            input.sources().len() == 1,
            "the statement looks twice at standard input, which comes with other logs: put it into a file first"
        );
        let mut file = NamedTempFile::new().context("cannot keep standard input in a temporary file")?;
        let options = RunOptions { stop: Some(stop), ..RunOptions::default() };
        let mut reader = ByteReader::new(&mut input, &options);
        io::copy(&mut reader, &mut file).context("cannot keep standard input in a temporary file")?;
        ensure!(!reader.interrupted(), "interrupted");
        let mut state = lock(&self.state);
        state.input = Some(spooled(&file)?);
        state.spool = Some(file);
        Ok(())
    }

    /// Ends all passes, from another thread.
    pub fn stop(&self) {
        let mut state = lock(&self.state);
        state.stopped = true;
        state.stops.iter().for_each(Stop::request);
    }

    /// Closes the books, when no pass runs any more. Says what was rejected, and what could not be read.
    pub fn close(&self) -> Result<Exit> {
        let mut state = lock(&self.state);
        let (Some(mut account), Some(input)) = (state.account.take(), state.input.take()) else {
            return Ok(Exit::Done);
        };
        let unfinished = state.end.is_some_and(|end| end.ended == Ended::Stopped && end.unfinished > 0);
        let ledger = account.close(&input, unfinished)?;
        if !self.run.quiet {
            account.summarize(&ledger, self.run.verbose);
        }
        let failed = report(COMMAND, &input, self.told, &self.directories, self.run.verbose);
        Ok(account.exit(&ledger, failed))
    }

    /// What looks up the columns that have to be: none when nobody asks for one.
    fn lookups(&self, names: &[String], hidden: bool) -> Result<Option<Arc<Enrichment>>> {
        if !hidden {
            return Ok(None);
        }
        let sources = match self.lookups.get() {
            Some(sources) => Arc::clone(sources),
            None => Arc::clone(self.lookups.get_or_init({
                let sources = self.geo.enrichment()?;
                || sources
            })),
        };
        let added = sources.fields();
        let wanted = names.iter().any(|name| added.iter().any(|field| field.name() == name));
        Ok(wanted.then_some(sources))
    }

    /// What went wrong in a lookup.
    pub fn fault(&self) -> Option<String> {
        self.lookups.get().and_then(|lookups| lookups.sources.fault())
    }
}

impl Scan for LogScan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn named_only(&self) -> usize {
        self.named_only
    }

    /// Lines that a glance tells not to be wanted need not become records. The ledger counts those that are
    /// filtered by the options only, so it must see all others.
    fn narrow(&self, conditions: &[Condition]) {
        let counts = self.account.ledger.is_some() || self.run.verbose;
        let known = |condition: &Condition| {
            let field = Field::from_name(condition.column.as_bytes())?;
            let ends = |range: &Range| match range {
                Range::Time(from, to) if field == Field::Time => Some((*from, *to)),
                Range::Number(from, to) if field != Field::Time => Some((*from, *to)),
                _ => None,
            };
            Some((field, condition.any.iter().map(ends).collect::<Option<Vec<_>>>()?))
        };
        *lock(&self.ranges) = conditions.iter().filter(|_| !counts).filter_map(known).collect();
    }

    fn brings(&self, column: &str) -> bool {
        match self.lookups(&[column.to_owned()], true) {
            Ok(lookups) => lookups.is_some(),
            // What is wrong with a database is said when the statement runs.
            Err(_) => true,
        }
    }

    fn start(&self, columns: &[usize]) -> Result<Box<dyn Batches>, ScanError> {
        let names: Vec<String> = columns.iter().map(|at| self.schema.field(*at).name().clone()).collect();
        let hidden = self.schema.fields().len() - self.named_only;
        let lookups = self.lookups(&names, columns.iter().any(|at| *at >= hidden)).map_err(sentence)?;
        let stop = Stop::new()?;
        let (input, books) = self.begin(&stop).map_err(sentence)?;
        let (sender, batches) = sync_channel(2 * self.run.threads());
        let pass = PassRun {
            args: self.input.clone(),
            account: self.account.clone(),
            threads: self.run.threads(),
            names,
            lookups,
            ranges: lock(&self.ranges).clone(),
            stop: stop.clone(),
            state: Arc::clone(&self.state),
            read: Arc::clone(&self.read),
        };
        let thread =
            std::thread::Builder::new().name("scan".into()).spawn(move || pass.run(input, books, &sender))?;
        Ok(Box::new(Pass { batches: Mutex::new(Some(batches)), thread: Mutex::new(Some(thread)), stop }))
    }
}

impl LogScan {
    /// The input of the next pass, and the books if it is the first.
    fn begin(&self, stop: &Stop) -> Result<(Input, Option<Account>)> {
        let mut state = lock(&self.state);
        if state.stopped {
            stop.request();
        }
        state.stops.push(stop.clone());
        if !std::mem::replace(&mut state.begun, true) {
            let input = state.input.take().ok_or_else(|| anyhow!("there is no input"))?;
            return Ok((input, state.account.take()));
        }
        if let Some(spool) = &state.spool {
            return Ok((spooled(spool)?, None));
        }
        let again =
            expand(&self.input.inputs, |path, head| first_time(path, head, &self.input.read.reading())).input;
        let once = again.sources().iter().any(|source| source.path.is_none());
        ensure!(!once, "the statement looks twice at standard input: put it into a file first");
        Ok((again, None))
    }
}

fn spooled(spool: &NamedTempFile) -> Result<Input> {
    let file = File::open(spool.path()).context("cannot read standard input again")?;
    let mut input = Input::new();
    input.add_reader("-", Box::new(file));
    Ok(input)
}

fn sentence(error: anyhow::Error) -> ScanError {
    format!("{error:#}").into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the thread of a pass has.
struct PassRun {
    args: InputArgs,
    account: AccountArgs,
    threads: usize,
    names: Vec<String>,
    lookups: Option<Arc<Enrichment>>,
    ranges: Vec<FieldRanges>,
    stop: Stop,
    state: Arc<Mutex<State>>,
    read: Arc<AtomicU64>,
}

impl PassRun {
    /// Runs over the input; an error is the last thing that is sent.
    fn run(
        self,
        mut input: Input,
        books: Option<Account>,
        sender: &SyncSender<Result<RecordBatch, ScanError>>,
    ) {
        let progress = books.as_ref().map(|_| Arc::clone(&self.read));
        let mut account = books;
        let mut columns = ColumnRun::new(COMMAND, &self.args, &self.account);
        columns.keep_rejects = account.as_ref().is_some_and(Account::keeps_rejects);
        columns.enrich = self.lookups.clone();
        columns.only = Some(&self.names);
        columns.keep.ranges = self.ranges;
        let options = RunOptions {
            threads: self.threads,
            line_limit: self.args.read.max_line,
            stop: Some(self.stop.clone()),
            progress,
            ..RunOptions::default()
        };
        let consume = |batch: &mut ColumnBatch| -> Result<Flow> {
            if let Some(account) = &mut account {
                account.enter(&batch.tally)?;
            }
            let rows = batch.rows.take().filter(|rows| rows.num_rows() > 0);
            let sent = rows.is_none_or(|rows| sender.send(Ok(rows)).is_ok());
            Ok(if sent { Flow::Continue } else { Flow::Stop })
        };
        let end = run(
            &mut input,
            &options,
            |_| columns.worker(),
            |worker, chunk, batch| worker.work(chunk, batch),
            consume,
        );
        match &end {
            Ok(end) if end.ended == Ended::Stopped && (is_unfinished(&input) || self.stop.is_requested()) => {
                let _ = sender.send(Err("interrupted".into()));
            }
            Ok(_) => {}
            Err(error) => {
                let _ = sender.send(Err(error.to_string().into()));
            }
        }
        let mut state = lock(&self.state);
        if let Some(account) = account {
            (state.account, state.input, state.end) = (Some(account), Some(input), end.ok());
        }
    }
}

/// A pass, as DuckDB reads it.
struct Pass {
    batches: Mutex<Option<Receiver<Result<RecordBatch, ScanError>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    stop: Stop,
}

impl Batches for Pass {
    fn next(&self) -> Option<Result<RecordBatch, ScanError>> {
        lock(&self.batches).as_ref()?.recv().ok()
    }
}

impl Drop for Pass {
    /// Ends the thread, and waits for it: the books must be closed after it.
    fn drop(&mut self) {
        lock(&self.batches).take();
        self.stop.request();
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}
