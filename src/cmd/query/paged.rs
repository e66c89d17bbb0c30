//! An answer on its way out: on a terminal, one that is longer than the screen goes through a pager.

use crate::output::{Output, is_dumb, is_terminal, shown, terminal_height, terminal_width};
use anyhow::{Context, Result};
use std::{
    io::Write,
    process::{Child, Command, Stdio},
};
use weblog_wire::table::width;

/// The pager where nobody names one.
const PAGER: &str = "less";

/// Where an answer goes.
pub(super) struct Paged {
    output: Option<Output>,
    /// What the pager reads; empty until it is clear whether one is needed.
    held: Option<Vec<u8>>,
    lines: usize,
    pager: Option<Child>,
}

impl Paged {
    /// An answer that goes to an output, by way of a pager if that may be.
    pub(super) fn new(output: Output, may_page: bool) -> Self {
        let may_page = may_page && matches!(output, Output::Stdout(_)) && is_terminal() && !is_dumb();
        let may_page = may_page && terminal_height().is_some() && !words().is_empty();
        Paged { output: Some(output), held: may_page.then(Vec::new), lines: 0, pager: None }
    }

    /// Whether it goes to a file of its own.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.output, Some(Output::File(_)))
    }

    /// Writes what is safe for a terminal as it stands.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(pager) = &mut self.pager {
            let stdin = pager.stdin.as_mut().context("the pager reads nothing")?;
            return stdin.write_all(bytes).context("cannot write to the pager");
        }
        let Some(held) = &mut self.held else { return self.straight(bytes, Output::write) };
        held.extend_from_slice(bytes);
        let columns = terminal_width();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        self.lines += lines.map(|line| lines_of(line, columns)).sum::<usize>();
        // The prompt needs a line.
        if self.lines < terminal_height().unwrap_or(usize::MAX) {
            return Ok(());
        }
        let held = self.held.take().unwrap_or_default();
        self.pager = start();
        self.write(&held)
    }

    /// Writes what strangers sent.
    pub(super) fn write_untrusted(&mut self, bytes: &[u8]) -> Result<()> {
        match self.held.is_some() || self.pager.is_some() {
            true => self.write(shown(bytes).as_bytes()),
            false => self.straight(bytes, Output::write_untrusted),
        }
    }

    /// Writes what is held, and waits until somebody has read it.
    pub(super) fn finish(mut self) -> Result<()> {
        if let Some(held) = self.held.take() {
            self.straight(&held, Output::write)?;
        }
        self.close();
        match self.output.take() {
            Some(output) => output.finish(),
            None => Ok(()),
        }
    }

    fn straight(&mut self, bytes: &[u8], write: fn(&mut Output, &[u8]) -> Result<()>) -> Result<()> {
        self.output.as_mut().map_or(Ok(()), |output| write(output, bytes))
    }

    fn close(&mut self) {
        if let Some(mut pager) = self.pager.take() {
            drop(pager.stdin.take());
            let _ = pager.wait();
        }
    }
}

impl Drop for Paged {
    fn drop(&mut self) {
        // What was found before an error is shown all the same.
        if let Some(held) = self.held.take() {
            let _ = self.straight(&held, Output::write);
        }
        self.close();
    }
}

/// The lines of a screen that a line takes.
fn lines_of(line: &[u8], columns: usize) -> usize {
    let text = String::from_utf8_lossy(line);
    // Escapes are those of colours only: from ESC to `m`.
    let mut parts = text.split('\x1b');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|part| plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest)));
    width(plain.trim_end()).div_ceil(columns.max(1)).max(1)
}

/// The command of the pager in words: no shell looks at it. Empty when there is to be none.
fn words() -> Vec<String> {
    let named = |name: &str| std::env::var(name).ok();
    let command = named("WEBLOG_PAGER").or_else(|| named("PAGER")).unwrap_or_else(|| PAGER.into());
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    if words == ["cat"] { Vec::new() } else { words }
}

/// Starts the pager. None when there is no such program.
fn start() -> Option<Child> {
    let words = words();
    let (program, arguments) = words.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    // Ends when all fits, shows colours, leaves what was read on the screen; as git has it.
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command.spawn().ok()
}
