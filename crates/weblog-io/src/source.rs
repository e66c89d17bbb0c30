//! One source being read: opened, looked at ahead, decompressed.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::above::Finder;
use crate::decompress::{Decoder, Next};
use crate::raw::{Got, Raw};
use crate::sniff::{Compression, Sniffed, sniff};
use crate::stop::Watch;

/// How many compressed bytes are read at a time. A plain source is read into the chunk itself.
const COMPRESSED_READ: usize = 128 << 10;
/// How many decompressed bytes are left out at a time.
const SKIP_READ: usize = 256 << 10;

/// The reading end of one source, giving decompressed bytes.
pub(crate) struct Source {
    raw: Raw,
    encoding: Encoding,
    /// Bytes read from `raw` but not used: those of the sniffing, later those to decompress.
    pending: Vec<u8>,
    pending_start: usize,
    pending_end: usize,
    /// Decompressed bytes that were looked at ahead of the run, and are read first.
    peeked: Vec<u8>,
    peeked_start: usize,
    /// Found behind bytes that had to be delivered before it.
    error: Option<io::Error>,
    /// How many of the bytes read the progress counter knows about.
    counted: u64,
    /// Decompressed bytes to leave out before the first that is given.
    skip: u64,
    /// What stands above the first byte that is given, once some were left out.
    above: Option<Finder>,
}

enum Encoding {
    Unknown,
    Plain,
    Compressed(Box<Decoder>),
}

impl Source {
    /// Opens a file by name. Neither this nor later reads wait where [`Watch::wait`] does not.
    pub(crate) fn open(path: &Path) -> io::Result<Source> {
        // A FIFO without a writer would block the open call, out of reach of a stop.
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
        Source::from_file(OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?)
    }

    pub(crate) fn from_file(file: File) -> io::Result<Source> {
        Ok(Source::new(Raw::from_file(file)?))
    }

    pub(crate) fn from_reader(reader: Box<dyn Read + Send>) -> Source {
        Source::new(Raw::from_reader(reader))
    }

    fn new(raw: Raw) -> Source {
        Source {
            raw,
            encoding: Encoding::Unknown,
            pending: Vec::new(),
            pending_start: 0,
            pending_end: 0,
            peeked: Vec::new(),
            peeked_start: 0,
            error: None,
            counted: 0,
            skip: 0,
            above: None,
        }
    }

    /// Whether the source is compressed, as far as it is known by now.
    pub(crate) fn is_compressed(&self) -> bool {
        matches!(self.encoding, Encoding::Compressed(_))
    }

    /// How the source is compressed, as far as it is known by now.
    pub(crate) fn compression(&self) -> Option<Compression> {
        match &self.encoding {
            Encoding::Compressed(decoder) => Some(decoder.format()),
            Encoding::Unknown | Encoding::Plain => None,
        }
    }

    /// Leaves out the first decompressed bytes, once reading begins.
    pub(crate) fn skip_later(&mut self, bytes: u64) {
        self.skip = bytes;
    }

    /// What was found in the bytes that were left out, the first time it is asked for.
    pub(crate) fn above_start(&mut self) -> Option<Finder> {
        self.above.take()
    }

    /// The opened file's metadata; none for a reader.
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        self.raw.metadata()
    }

    /// Bytes read so far, before decompression.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.raw.bytes
    }

    /// What has been peeked and not read.
    pub(crate) fn peeked(&self) -> &[u8] {
        &self.peeked[self.peeked_start..]
    }

    /// Reads on ahead of the run, up to `limit` peeked bytes in all. [`Got::Bytes`] says how many more
    /// there are now in [`Source::peeked`].
    pub(crate) fn peek_more(&mut self, limit: usize, watch: &mut Watch<'_>) -> io::Result<Got> {
        let mut buffer = std::mem::take(&mut self.peeked);
        buffer.drain(..std::mem::take(&mut self.peeked_start));
        let old = buffer.len();
        buffer.resize(limit.min((2 * old).max(64 << 10)), 0);
        let got = self.read_on(&mut buffer[old..], true, watch);
        buffer.truncate(old + if let Ok(Got::Bytes(n)) = got { n } else { 0 });
        self.peeked = buffer;
        got
    }

    /// Keeps an error that a peek found, so that the read that comes to the same place returns it.
    pub(crate) fn postpone(&mut self, error: io::Error) {
        self.error = Some(error);
    }

    /// Reads decompressed bytes into `out`, which must not be empty: as many as there are without
    /// waiting, and without `block` none if there are none yet.
    pub(crate) fn read(
        &mut self,
        out: &mut [u8],
        block: bool,
        watch: &mut Watch<'_>,
        progress: Option<&AtomicU64>,
    ) -> io::Result<Got> {
        let got =
            self.read_peeked(out).map_or_else(|| self.read_on(out, block, watch), |n| Ok(Got::Bytes(n)));
        if let Some(progress) = progress {
            progress.fetch_add(self.raw.bytes - self.counted, Ordering::Relaxed);
            self.counted = self.raw.bytes;
        }
        got
    }

    fn read_peeked(&mut self, out: &mut [u8]) -> Option<usize> {
        if self.peeked_start == self.peeked.len() {
            return None;
        }
        let n = out.len().min(self.peeked.len() - self.peeked_start);
        out[..n].copy_from_slice(&self.peeked[self.peeked_start..][..n]);
        self.peeked_start += n;
        if self.peeked_start == self.peeked.len() {
            self.peeked = Vec::new();
            self.peeked_start = 0;
        }
        Some(n)
    }

    fn read_on(&mut self, out: &mut [u8], block: bool, watch: &mut Watch<'_>) -> io::Result<Got> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if let Some(got) = self.sniff(block, watch)? {
            return Ok(got);
        }
        if self.skip > 0
            && let Some(got) = self.skip(block, watch)?
        {
            return Ok(got);
        }
        match self.encoding {
            Encoding::Plain => self.read_plain(out, block, watch),
            _ => self.read_compressed(out, block, watch),
        }
    }

    /// Reads until it is known whether the source is compressed. Returns what kept it from that.
    fn sniff(&mut self, block: bool, watch: &mut Watch<'_>) -> io::Result<Option<Got>> {
        while matches!(self.encoding, Encoding::Unknown) {
            if self.pending.is_empty() {
                self.pending = vec![0; COMPRESSED_READ];
            }
            match sniff(&self.pending[..self.pending_end], self.raw.ended) {
                Sniffed::Plain if self.pending_end == 0 && !self.raw.ended => {}
                Sniffed::Plain => {
                    self.encoding = Encoding::Plain;
                    break;
                }
                Sniffed::Compressed(format) => {
                    self.encoding = Encoding::Compressed(Box::new(Decoder::new(format)?));
                    break;
                }
                Sniffed::NeedMore => {}
            }
            match self.raw.read(&mut self.pending[self.pending_end..], block, watch)? {
                Got::Bytes(n) => self.pending_end += n,
                Got::End => {}
                got => return Ok(Some(got)),
            }
        }
        Ok(None)
    }

    /// Leaves out what is to be left out: a plain file is positioned, everything else is read, and so is
    /// a log with headers, of which the last one must be known. Returns what kept it from that.
    fn skip(&mut self, block: bool, watch: &mut Watch<'_>) -> io::Result<Option<Got>> {
        let mut above = self.above.take().unwrap_or_default();
        let is_plain = matches!(self.encoding, Encoding::Plain);
        if is_plain && self.pending.first() != Some(&b'#') && self.raw.seek(self.skip)? {
            above.pass(&self.pending[..self.pending_end], b'\n');
            above.end(b'\n');
            self.above = Some(above);
            self.pending = Vec::new();
            (self.pending_start, self.pending_end) = (0, 0);
            self.skip = 0;
            return Ok(None);
        }
        let mut unwanted = vec![0; SKIP_READ];
        while self.skip > 0 {
            let most = unwanted.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
            let got = match self.encoding {
                Encoding::Plain => self.read_plain(&mut unwanted[..most], block, watch)?,
                _ => self.read_compressed(&mut unwanted[..most], block, watch)?,
            };
            match got {
                Got::Bytes(n) => {
                    above.pass(&unwanted[..n], b'\n');
                    self.skip -= n as u64;
                }
                got => {
                    self.above = Some(above);
                    return Ok(Some(got));
                }
            }
        }
        self.above = Some(above);
        Ok(None)
    }

    fn read_plain(&mut self, out: &mut [u8], block: bool, watch: &mut Watch<'_>) -> io::Result<Got> {
        if self.pending_start == self.pending_end {
            self.pending = Vec::new();
            return self.raw.read(out, block, watch);
        }
        let n = out.len().min(self.pending_end - self.pending_start);
        out[..n].copy_from_slice(&self.pending[self.pending_start..][..n]);
        self.pending_start += n;
        Ok(Got::Bytes(n))
    }

    fn read_compressed(&mut self, out: &mut [u8], block: bool, watch: &mut Watch<'_>) -> io::Result<Got> {
        let Encoding::Compressed(decoder) = &mut self.encoding else {
            unreachable!("the caller looked at the encoding");
        };
        let mut filled = 0;
        loop {
            let input = &self.pending[self.pending_start..self.pending_end];
            let step = decoder.step(input, &mut out[filled..], self.raw.ended);
            self.pending_start += step.consumed;
            filled += step.produced;
            let got = match step.next {
                Ok(Next::Continue) if filled == out.len() => return Ok(Got::Bytes(filled)),
                Ok(Next::Continue) => continue,
                Ok(Next::End) => Ok(Got::End),
                Ok(Next::Input) => {
                    self.pending.copy_within(self.pending_start..self.pending_end, 0);
                    self.pending_end -= self.pending_start;
                    self.pending_start = 0;
                    // What was decoded is not held back while the source is silent.
                    let block = block && filled == 0;
                    match self.raw.read(&mut self.pending[self.pending_end..], block, watch) {
                        Ok(Got::Bytes(n)) => {
                            self.pending_end += n;
                            continue;
                        }
                        Ok(Got::End) => continue,
                        other => other,
                    }
                }
                Err(error) => Err(error),
            };
            return match got {
                // The same end, wait or interruption is found again by the next read.
                Ok(_) if filled > 0 => Ok(Got::Bytes(filled)),
                Err(error) if filled > 0 => {
                    self.error = Some(error);
                    Ok(Got::Bytes(filled))
                }
                got => got,
            };
        }
    }
}
