//! Where the bytes of a command go: standard output or a file.

use anyhow::{Context, Result};
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::fd::BorrowedFd,
    path::Path,
};
use weblog_io::AtomicFile;
use weblog_parse::text::lossless;
use weblog_wire::visible::visible;

/// Where the bytes go. Nothing is buffered: callers write whole batches.
pub enum Output {
    /// Standard output.
    Stdout(File),
    /// A file that appears under its name when it is complete.
    File(AtomicFile),
}

impl Output {
    /// Opens the file of `-o`, or standard output.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            Some(path) => Ok(Output::File(AtomicFile::create(path)?)),
            None => {
                let fd = rustix::io::dup(weblog_io::stdout()).context("standard output is closed")?;
                Ok(Output::Stdout(fd.into()))
            }
        }
    }

    /// Writes all of `bytes`. A reader that went away is an error of kind `BrokenPipe`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Output::Stdout(file) => file.write_all(bytes).context("cannot write to standard output"),
            Output::File(file) => file.write_all(bytes).context("cannot write the file of --output"),
        }
    }

    /// Writes what strangers sent: on a terminal with everything visible that it would obey, byte for byte
    /// anywhere else.
    pub fn write_untrusted(&mut self, bytes: &[u8]) -> Result<()> {
        if !matches!(self, Output::Stdout(_)) || !is_terminal() {
            return self.write(bytes);
        }
        let mut shown = String::with_capacity(bytes.len() + 16);
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let (text, end) = line.strip_suffix(b"\n").map_or((line, ""), |text| (text, "\n"));
            for (at, cell) in text.split(|b| *b == b'\t').enumerate() {
                let mut lossless_text = String::new();
                lossless(cell, &mut lossless_text);
                shown.push_str(if at > 0 { "\t" } else { "" });
                shown.push_str(&visible(&lossless_text));
            }
            shown.push_str(end);
        }
        self.write(shown.as_bytes())
    }

    /// What a run has to watch for its reader going away.
    pub fn watched(&self) -> Option<BorrowedFd<'static>> {
        matches!(self, Output::Stdout(_)).then(weblog_io::stdout)
    }

    /// Brings a file to its name.
    pub fn finish(self) -> Result<()> {
        match self {
            Output::Stdout(_) => Ok(()),
            Output::File(file) => Ok(file.commit()?),
        }
    }
}

/// Columns of the terminal on standard output, 80 when it does not say.
pub fn terminal_width() -> usize {
    let size = rustix::termios::tcgetwinsize(weblog_io::stdout());
    size.ok().map(|size| usize::from(size.ws_col)).filter(|width| *width > 0).unwrap_or(80)
}

/// Whether standard output is a terminal.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}
