//! A pipe, followed until its writers have closed it.

use std::fs::File;
use std::io::{self, Read};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::held_line::HeldLine;

/// A pipe or a terminal. It is read only when poll(2) says that it has something, so its mode need not be changed.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) file: File,
    pub(super) line: HeldLine,
    pub(super) grew: Instant,
    pub(super) ended: bool,
}

impl Stream {
    pub(super) fn new(file: File, now: Instant) -> Self {
        Self { file, line: HeldLine::default(), grew: now, ended: false }
    }

    /// Reads what is there, until `out` holds `batch` bytes. The end of the stream ends its last line.
    pub(super) fn step(&mut self, buffer: &mut [u8], out: &mut Vec<u8>, batch: usize) -> io::Result<()> {
        while !self.ended && out.len() < batch && self.is_ready()? {
            match self.file.read(buffer) {
                Ok(0) => {
                    self.ended = true;
                    self.line.end(out);
                }
                Ok(n) => {
                    self.grew = Instant::now();
                    self.line.feed(&buffer[..n], out);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => {
                    self.ended = true;
                    self.line.end(out);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn is_ready(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.file, PollFlags::IN)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        match poll(&mut fds, Some(&now)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }
}
