//! Runs a statement and writes its answer.

use super::args::Args;
use crate::{output::Output, stream::scan::LogScan};
use anyhow::Result;
use std::{io::IsTerminal, sync::Arc};
use weblog_query::{
    Engine, QueryError,
    output::{Form, Options, Writer},
};

impl Args {
    /// Runs the statement and writes its answer.
    pub(super) fn answer(
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
