//! Runs a statement and writes its answer.

use super::{args::Args, meter::Meter, paged::Paged, watch::Watch};
use crate::{
    exit::say,
    output::{Output, is_terminal},
    stream::scan::LogScan,
};
use anyhow::Result;
use std::{
    io::{IsTerminal, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use weblog_query::{
    Engine, QueryError,
    output::{ChartHint, Form, Options, Writer},
};

/// What is asked, and how the answer is to be given.
pub(super) struct Request<'a> {
    /// The statement.
    pub(super) sql: &'a str,
    pub(super) form: Form,
    /// Where the answer goes; standard output when there is none.
    pub(super) file: Option<&'a Path>,
    /// The chart that fits, unless `--chart` says another.
    pub(super) chart: Option<&'a ChartHint>,
}

impl Args {
    /// Runs the statement and writes its answer. `watch` ends it early; it is told when nothing is left to end.
    pub(super) fn answer(
        &self,
        engine: &Engine,
        request: &Request<'_>,
        scans: &[Arc<LogScan>],
        watch: Option<&Watch>,
    ) -> Result<Result<(), QueryError>> {
        let Request { sql, form, file, chart } = *request;
        let begun = Instant::now();
        let is_stream = scans.iter().any(|scan| scan.is_stream());
        if is_stream {
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
        let mut meter = Meter::start(&self.run, file.is_some(), engine.progress(), scans);
        let rows = match prepared.run() {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error)),
        };
        // Rows of a stream are shown as they come, not when a screen is full of them.
        let may_page = !self.no_pager && (is_people(form) || !is_stream);
        let mut output = Paged::new(Output::open(file)?, may_page);
        let options = Options { header: !self.no_header, safe: self.csv_safe, utc: rows.times_are_utc() };
        let is_safe = is_people(form) || form == Form::Markdown;
        let mut send = |out: &mut Vec<u8>, output: &mut Paged| -> Result<()> {
            if !out.is_empty() {
                if !output.is_file() {
                    meter.clear();
                }
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
        if let Some(hint) = self.chart.as_ref().or(chart) {
            writer.hint(hint.clone());
        }
        for batch in rows {
            match batch {
                Ok(batch) => writer.write(&batch, &mut out)?,
                Err(error) => {
                    // What was found before the error is an answer that is not complete.
                    send(&mut out, &mut output)?;
                    return Ok(Err(error));
                }
            }
            if out.len() >= 64 << 10 || is_terminal() {
                send(&mut out, &mut output)?;
            }
        }
        let count = writer.rows();
        let note = writer.finish(&mut out)?;
        let took = begun.elapsed();
        send(&mut out, &mut output)?;
        meter.clear();
        if let Some(watch) = watch {
            watch.settle();
        }
        output.finish()?;
        if let Some(note) = note.filter(|_| !self.run.quiet) {
            say("query", note);
        }
        if is_people(form) && file.is_none() && is_terminal() && !self.run.quiet {
            self.foot(count, took);
        }
        Ok(Ok(()))
    }

    /// A last line for people, not a part of the answer: how many rows, and how long they took.
    fn foot(&self, rows: u64, took: Duration) {
        let mut stderr = std::io::stderr();
        if stderr.is_terminal() {
            let rows = weblog_query::output::count(rows, "row");
            let line = format!(
                "{rows} in {:.*} s",
                if took < Duration::from_secs(10) { 2 } else { 1 },
                took.as_secs_f64()
            );
            let line = if self.color.on() { format!("\x1b[2m{line}\x1b[0m") } else { line };
            let _ = writeln!(stderr, "{line}");
        }
    }
}

/// Whether a form is for people to look at.
fn is_people(form: Form) -> bool {
    matches!(form, Form::Table(_) | Form::Chart(_))
}
