//! `weblog query` on a terminal without a statement: a prompt for many of them.
//!
//! A statement ends with `;` and may have several lines; what begins with a dot is a command of the shell
//! (`commands`). Ctrl-C drops the line, or ends the statement that runs; Ctrl-D ends the shell.

use super::{
    answer::Request,
    args::{Args, To},
    catalogue::Catalogue,
    complain,
    questions::{self, Asked},
};
use crate::{
    exit::{Exit, is_closed_pipe, say, sentence},
    stream::scan::LogScan,
};
use anyhow::{Context, Result};
use rustyline::error::ReadlineError;
use std::{
    io::{IsTerminal, Read},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use weblog_io::Input;
use weblog_query::{Engine, QueryError};

mod commands;
mod line;
mod split;

use line::{History, Words};
use split::split;

/// After this long the shell says, once, how raw logs answer faster.
const SLOW: Duration = Duration::from_secs(5);

/// Whether there is somebody to talk to.
pub(super) fn is_possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Reads and runs statements until the end of the input.
pub(super) fn run(args: &Args, engine: &mut Engine, scans: &[Arc<LogScan>], files: &Input) -> Result<Exit> {
    let catalogue = Catalogue::load(args.questions.as_deref())?;
    let questions = catalogue.entries.iter().map(|entry| entry.name.clone()).collect();
    let mut shell = Shell {
        args,
        engine,
        questions,
        scans,
        files,
        to: args.to,
        output: None,
        timer: false,
        running: Arc::default(),
        told_slow: false,
    };
    let mut editor = line::editor(shell.words())?;
    // After the editor, which handles the signal too: both get it.
    shell.cancel_on_signals()?;
    let mut history = History::open(&mut editor);
    loop {
        match editor.readline("weblog> ") {
            Ok(text) => {
                history.add(&mut editor, &text);
                if shell.read(&text)? == Next::End {
                    break;
                }
            }
            // The line is dropped; a signal is one that ended a statement before.
            Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error).context("cannot read from the terminal"),
        }
    }
    Ok(Exit::Done)
}

/// What follows a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The next line.
    Line,
    /// This one failed: what was to follow it does not.
    Failed,
    /// The end.
    End,
}

struct Shell<'a> {
    args: &'a Args,
    engine: &'a mut Engine,
    /// The names of the questions.
    questions: Vec<String>,
    scans: &'a [Arc<LogScan>],
    /// What may not be written over.
    files: &'a Input,
    to: Option<To>,
    /// Where the next answer goes.
    output: Option<PathBuf>,
    timer: bool,
    /// Whether a statement runs, which a signal would end.
    running: Arc<AtomicBool>,
    told_slow: bool,
}

impl Shell<'_> {
    /// What can be completed.
    fn words(&self) -> Words {
        let all = |names: std::result::Result<Vec<String>, QueryError>| names.unwrap_or_default();
        let mut columns = all(self.engine.columns());
        if !self.scans.is_empty() {
            columns.extend(weblog_parse::SCHEMA.iter().map(|field| field.name.to_owned()));
        }
        Words::new(
            all(self.engine.tables()),
            columns,
            all(self.engine.own_functions()),
            self.questions.clone(),
        )
    }

    /// From now on a signal ends the statement that runs, not the process.
    fn cancel_on_signals(&self) -> Result<()> {
        let (mut signalled, signal) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(signal_hook::consts::SIGINT, signal)?;
        let (running, engine) = (Arc::clone(&self.running), self.engine.interrupt());
        // It ends with the process.
        std::thread::spawn(move || {
            while signalled.read_exact(&mut [0]).is_ok() {
                // An interrupt between two steps of the engine would be lost.
                while running.load(Ordering::Acquire) {
                    engine.interrupt();
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        });
        Ok(())
    }

    /// Runs what was entered: a command, or statements.
    fn read(&mut self, text: &str) -> Result<Next> {
        if let Some(command) = text.trim().strip_prefix('.') {
            return self.command(command.trim().trim_end_matches(';'));
        }
        let (statements, rest) = split(text);
        for statement in statements.into_iter().chain(Some(rest)) {
            if !split::is_blank(statement) && !self.statement(statement)? {
                return Ok(Next::Failed);
            }
        }
        Ok(Next::Line)
    }

    /// The SQL of a statement, or of a question with its parameters, for which the engine is made ready.
    /// Says what is wrong with it.
    fn resolve(&mut self, text: &str) -> Option<Asked> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let first = words.next().unwrap_or_default();
        let (text, params) = match self.questions.contains(&first) {
            true => (first, words.collect()),
            false => (text.to_owned(), Vec::new()),
        };
        let asked = match questions::asked(self.args, text, &params, false) {
            Ok(asked) => asked?,
            Err(error) => {
                say("query", &sentence(&error));
                return None;
            }
        };
        match asked.fit(self.engine, self.args) {
            Ok(()) => Some(asked),
            Err(error) => {
                complain(&error);
                None
            }
        }
    }

    /// Runs a statement and shows its answer. Whether it had one. Fails when nobody reads any more.
    fn statement(&mut self, text: &str) -> Result<bool> {
        let Some(asked) = self.resolve(text.trim()) else { return Ok(false) };
        let output = self.output.take();
        let form = match self.args.form_of(self.to, output.is_some()) {
            Ok(form) => form,
            Err(error) => {
                say("query", &sentence(&error));
                return Ok(false);
            }
        };
        let started = Instant::now();
        self.running.store(true, Ordering::Release);
        let chart = asked.chart();
        let request = Request { sql: &asked.sql, form, file: output.as_deref(), chart: chart.as_ref() };
        let answered = self.args.answer(&*self.engine, &request, self.scans, None);
        self.running.store(false, Ordering::Release);
        let took = started.elapsed();
        let answered = match answered {
            Ok(answered) => answered,
            Err(error) if is_closed_pipe(&error) => return Err(error),
            Err(error) => {
                say("query", &sentence(&error));
                return Ok(false);
            }
        };
        match &answered {
            Ok(()) => {}
            Err(QueryError::Interrupted) => say("query", "interrupted"),
            Err(error) => {
                complain(error);
            }
        }
        if self.timer {
            say("query", &format!("{:.3} s", took.as_secs_f64()));
        }
        if took > SLOW && !self.scans.is_empty() && !self.told_slow {
            self.told_slow = true;
            say(
                "query",
                "every statement reads the raw logs anew; `weblog to-parquet DATASET LOGS` makes a dataset that answers at once",
            );
        }
        Ok(answered.is_ok())
    }
}
