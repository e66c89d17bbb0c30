//! Where merged lines go.

use crate::{clock::Clock, output::Output};
use anyhow::{Context, Result};
use std::{fs::File, io::Write, sync::Arc};
use weblog_io::{Above, Flow};
use weblog_window::{LineClock, Recent};

/// Lines are gathered up to so many bytes before they are written.
const GATHERED: usize = 256 << 10;

/// Writes lines in order, and those that are late where they belong.
pub struct Sink {
    output: Output,
    late_file: Option<File>,
    gathered: Vec<u8>,
    dedup: Option<(Clock, Recent)>,
    /// Lines that were late.
    pub late: u64,
    /// Copies that were dropped.
    pub duplicate: u64,
}

impl Sink {
    /// A sink for an output, a file for late lines, and what tells copies.
    pub fn new(output: Output, late_file: Option<File>, dedup: Option<(Clock, Recent)>) -> Self {
        let mut sink = Sink { output, late_file, gathered: Vec::new(), dedup, late: 0, duplicate: 0 };
        if let Some((clock, _)) = &mut sink.dedup {
            clock.begin(&Arc::default(), &Above::default());
        }
        sink
    }

    /// Takes whole lines, next in order.
    pub fn put(&mut self, lines: &[u8]) -> Result<Flow> {
        if self.dedup.is_some() {
            for line in lines.split_inclusive(|byte| *byte == b'\n') {
                if !self.is_copy(line) {
                    self.gathered.extend_from_slice(line);
                }
            }
        } else if lines.len() >= GATHERED / 2 {
            self.flush()?;
            self.output.write_untrusted(lines)?;
        } else {
            self.gathered.extend_from_slice(lines);
        }
        if self.gathered.len() >= GATHERED { self.flush() } else { Ok(Flow::Continue) }
    }

    /// Takes whole lines that came too late.
    pub fn put_late(&mut self, lines: &[u8]) -> Result<Flow> {
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            if self.is_copy(line) {
                continue;
            }
            self.late += 1;
            match &mut self.late_file {
                Some(file) => file.write_all(line).context("cannot write the file of --late")?,
                None => mark(line, &mut self.gathered),
            }
        }
        Ok(Flow::Continue)
    }

    fn is_copy(&mut self, line: &[u8]) -> bool {
        let Some((clock, recent)) = &mut self.dedup else { return false };
        let identity = clock.identity(line.strip_suffix(b"\n").unwrap_or(line));
        let copy = identity.is_some_and(|identity| recent.is_known(identity));
        self.duplicate += u64::from(copy);
        copy
    }

    /// Writes what was gathered.
    pub fn flush(&mut self) -> Result<Flow> {
        if !self.gathered.is_empty() {
            self.output.write_untrusted(&self.gathered)?;
            self.gathered.clear();
        }
        Ok(Flow::Continue)
    }

    /// Brings a file to its name.
    pub fn finish(self) -> Result<()> {
        self.output.finish()
    }
}

/// Adds the member `late` to a record; any other line stays as it is.
fn mark(line: &[u8], out: &mut Vec<u8>) {
    let object = line.trim_ascii_end().strip_suffix(b"}").filter(|_| line.starts_with(b"{"));
    match object.map(<[u8]>::trim_ascii_end) {
        Some(object) if object.len() > 1 => {
            out.extend_from_slice(object);
            out.extend_from_slice(b",\"late\":true}\n");
        }
        _ => out.extend_from_slice(line),
    }
}
