//! The last N lines of a file or a stream, as `tail -n N` gives them.
//!
//! A regular file is scanned backward in blocks, so that the cost is that of the lines asked for and not of the
//! file. A stream must be read to its end; a ring of blocks keeps no more of it than the last N lines, and never
//! more than a limit. A last line without a newline counts as a line. The bytes are given unchanged.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;

use memchr::{memchr, memchr_iter, memrchr_iter};

#[cfg(test)]
mod tests;

const BLOCK: usize = 64 * 1024;

/// The most bytes that [`copy_last_lines`] keeps of a stream: 64 MiB.
pub const STREAM_LIMIT: usize = 64 * 1024 * 1024;

/// Where the last `count` lines of the regular file `file` begin: a byte offset, at most the file's size.
///
/// A file with fewer lines gives 0, and `count` 0 gives the size. A hole that a truncated file begins with is not
/// scanned: the lines then begin where the data does.
///
/// # Errors
/// Any error of reading the file; also when it is no regular file and cannot be read at an offset.
pub fn last_lines(file: &File, count: u64) -> io::Result<u64> {
    let size = file.metadata()?.len();
    if count == 0 || size == 0 {
        return Ok(size);
    }
    let floor = first_data(file, 0, size)?;
    before(size, floor, count, |bytes, at| read_at(file, bytes, at))
}

/// Where the last `count` lines begin of `size` bytes that `read` gives at an offset.
///
/// # Errors
/// Those of `read`.
pub fn last_lines_before(
    size: u64,
    count: u64,
    read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<u64> {
    if count == 0 { Ok(size) } else { before(size, 0, count, read) }
}

fn before(
    size: u64,
    floor: u64,
    count: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut newlines = 0;
    let mut end = size;
    while end > floor {
        let start = end.saturating_sub(BLOCK as u64).max(floor);
        let bytes = &mut block[..(end - start) as usize];
        let got = read(bytes, start)?;
        if got < bytes.len() {
            return Ok(0); // The file was truncated meanwhile: what it holds now is all new.
        }
        for at in memrchr_iter(b'\n', bytes) {
            let after = start + at as u64 + 1;
            if after == size {
                continue; // The newline that ends the last line separates nothing.
            }
            newlines += 1;
            if newlines == count {
                return Ok(after);
            }
        }
        end = start;
    }
    Ok(floor)
}

/// The offset at or after `from` where data begins, skipping a hole; `size` when only a hole is left.
pub(crate) fn first_data(file: &File, from: u64, size: u64) -> io::Result<u64> {
    use rustix::io::Errno;
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(from)) {
        Ok(at) => Ok(at.min(size)),
        Err(Errno::NXIO) => Ok(size),
        // A file system that does not know of holes says so; then there are none.
        Err(Errno::INVAL | Errno::NOTSUP) => Ok(from),
        Err(error) => Err(error.into()),
    }
}

/// Reads at `offset` until `bytes` is full or the file ends; the number of bytes read.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What [`copy_last_lines`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Bytes written.
    pub bytes: u64,
    /// Whether the last byte written was a newline; true when nothing was written. Between two files the caller
    /// writes a newline when this is false, so that their lines never glue.
    pub ended: bool,
    /// Bytes of the lines asked for that were dropped because a stream's last lines were larger than
    /// [`STREAM_LIMIT`]; 0 otherwise.
    pub cut: u64,
}

/// Writes the last `count` lines of `input` to `out`: by a backward scan if it is a regular file, else by reading
/// it to its end. Of a file that grows meanwhile the bytes are written that it had at first, so that this ends.
///
/// # Errors
/// Any error of reading or writing.
pub fn copy_last_lines(mut input: File, count: u64, out: &mut impl Write) -> io::Result<Copied> {
    let metadata = input.metadata()?;
    if !metadata.is_file() {
        let mut ring = LastLines::new(count, STREAM_LIMIT);
        let mut block = vec![0; BLOCK];
        loop {
            match input.read(&mut block) {
                Ok(0) => return ring.write_to(out),
                Ok(n) => ring.push(&block[..n]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    let (start, size) = (last_lines(&input, count)?, metadata.len());
    let mut copied = Copied { bytes: 0, ended: true, cut: 0 };
    let mut block = vec![0; BLOCK];
    let mut offset = start;
    while offset < size {
        let want = (size - offset).min(BLOCK as u64) as usize;
        let got = read_at(&input, &mut block[..want], offset)?;
        if got == 0 {
            break;
        }
        out.write_all(&block[..got])?;
        copied.ended = block[got - 1] == b'\n';
        copied.bytes += got as u64;
        offset += got as u64;
    }
    Ok(copied)
}

/// A ring that keeps the last lines of a stream in bounded memory.
#[derive(Debug)]
pub struct LastLines {
    count: u64,
    limit: usize,
    blocks: VecDeque<Block>,
    bytes: usize,
    newlines: u64,
    cut: u64,
}

#[derive(Debug)]
struct Block {
    bytes: Vec<u8>,
    newlines: u64,
}

impl LastLines {
    /// A ring for the last `count` lines that keeps at most about `limit` bytes.
    pub fn new(count: u64, limit: usize) -> Self {
        Self { count, limit, blocks: VecDeque::new(), bytes: 0, newlines: 0, cut: 0 }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let full = self.blocks.back().is_none_or(|block| block.bytes.len() >= BLOCK);
            if full {
                self.blocks.push_back(Block { bytes: Vec::new(), newlines: 0 });
            }
            let block = self.blocks.back_mut().expect("a block was pushed if there was none");
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - block.bytes.len()));
            let newlines = memchr_iter(b'\n', now).count() as u64;
            block.bytes.extend_from_slice(now);
            block.newlines += newlines;
            self.bytes += now.len();
            self.newlines += newlines;
            bytes = later;
            self.shed();
        }
    }

    /// Drops blocks from the front that hold none of the last lines, or that are beyond the limit.
    fn shed(&mut self) {
        while let Some(front) = self.blocks.front() {
            // The last lines begin after one newline more than there are lines.
            let spare = self.newlines - front.newlines > self.count;
            if !spare && self.bytes <= self.limit {
                return;
            }
            self.cut = if spare { 0 } else { self.cut + front.bytes.len() as u64 };
            self.newlines -= front.newlines;
            self.bytes -= front.bytes.len();
            self.blocks.pop_front();
        }
    }

    /// Writes the last lines.
    ///
    /// # Errors
    /// Any error of writing.
    pub fn write_to(mut self, out: &mut impl Write) -> io::Result<Copied> {
        let ended = self.blocks.back().is_none_or(|block| block.bytes.ends_with(b"\n"));
        let mut lines = if ended { self.newlines } else { self.newlines + 1 };
        if self.newlines > self.count {
            self.cut = 0; // What was dropped lies before the last lines after all.
        }
        let mut copied = Copied { bytes: 0, ended: true, cut: self.cut };
        if self.count == 0 {
            return Ok(copied);
        }
        // The first line that is left is only the end of one if its head was dropped; then it goes too, unless it
        // is all there is.
        let mut torn = self.cut > 0 && lines > 1;
        for block in &self.blocks {
            let mut bytes = &block.bytes[..];
            while (lines > self.count || torn) && !bytes.is_empty() {
                match memchr(b'\n', bytes) {
                    None => {
                        copied.cut += if torn { bytes.len() as u64 } else { 0 };
                        bytes = &[];
                    }
                    Some(at) => {
                        copied.cut += if torn { at as u64 + 1 } else { 0 };
                        bytes = &bytes[at + 1..];
                        torn = false;
                        lines -= 1;
                    }
                }
            }
            out.write_all(bytes)?;
            copied.bytes += bytes.len() as u64;
            copied.ended = bytes.last().map_or(copied.ended, |&byte| byte == b'\n');
        }
        Ok(copied)
    }
}
