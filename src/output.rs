//! Where the bytes of a command go: standard output or a file.

use anyhow::{Context, Result};
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::fd::BorrowedFd,
    path::Path,
};
use weblog_io::AtomicFile;
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
        self.write(shown(bytes).as_bytes())
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

/// What strangers sent as lines of text in which everything is visible that a terminal would obey.
pub fn shown(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for (at, line) in chunk.valid().split('\n').enumerate() {
            shown.push_str(if at > 0 { "\n" } else { "" });
            for (at, cell) in line.split('\t').enumerate() {
                shown.push_str(if at > 0 { "\t" } else { "" });
                shown.push_str(&visible(cell));
            }
        }
        chunk.invalid().iter().for_each(|byte| shown.push_str(&format!("\\x{byte:02x}")));
    }
    shown
}

/// Columns of the terminal: of standard output or, where that is a pipe, what `COLUMNS` says or standard
/// error has; 80 when nobody says.
pub fn terminal_width() -> usize {
    let columns = |fd| rustix::termios::tcgetwinsize(fd).ok().map(|size| usize::from(size.ws_col));
    let given = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = columns(weblog_io::stdout()).or_else(given).or_else(|| columns(rustix::stdio::stderr()));
    width.filter(|width| *width > 0).unwrap_or(80)
}

/// Lines of the terminal that is standard output.
pub fn terminal_height() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(weblog_io::stdout()).ok()?;
    Some(usize::from(size.ws_row)).filter(|rows| *rows > 0)
}

/// Whether the locale has characters beyond ASCII.
pub fn is_utf8() -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Whether the terminal can do no more than print lines.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// Whether standard output goes to a file, or nowhere.
pub fn is_file() -> bool {
    use rustix::fs::{FileType, fstat};
    fstat(weblog_io::stdout()).is_ok_and(|stat| {
        let kind = FileType::from_raw_mode(stat.st_mode);
        kind == FileType::RegularFile || (kind == FileType::CharacterDevice && !is_terminal())
    })
}

/// Whether standard output is a terminal.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}
