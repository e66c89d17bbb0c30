//! The bytes of a followed file, decompressed when it is compressed.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

use super::position::{FileId, MARK};
use crate::last_lines::read_at;
use crate::raw::Got;
use crate::sniff::{Sniffed, sniff};
use crate::source::Source;
use crate::stop::Watch;

/// How many decompressed bytes are left out at a time.
const SKIP: usize = 64 << 10;

/// An opened file. A compressed one is a rotated log that does not grow any more.
#[derive(Debug)]
pub(super) enum Content {
    Plain(Stored),
    Packed(Box<RefCell<Packed>>),
}

/// The bytes of a file as they are stored, here or on another machine.
#[derive(Debug)]
pub(super) enum Stored {
    Here(File),
    Far(Box<dyn FarFile>),
}

/// A file of another machine. What goes wrong with the connection is an error of the kind `NotConnected`.
pub(super) trait FarFile: fmt::Debug + Send {
    fn stat(&self) -> Stat;
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
    fn again(&self) -> Box<dyn FarFile>;
}

/// What the system tells of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stat {
    pub(super) id: FileId,
    /// As it is stored.
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
    /// Whether it has a name.
    pub(super) linked: bool,
}

impl Stored {
    fn stat(&self) -> io::Result<Stat> {
        let file = match self {
            Self::Here(file) => file,
            Self::Far(far) => return Ok(far.stat()),
        };
        let metadata = file.metadata()?;
        let (size, modified, linked) = (metadata.len(), metadata.modified().ok(), metadata.nlink() > 0);
        Ok(Stat { id: FileId::of(&metadata), size, modified, linked })
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::Here(file) => read_at(file, bytes, offset),
            Self::Far(far) => far.read_at(bytes, offset),
        }
    }

    fn again(&self) -> io::Result<Self> {
        match self {
            Self::Here(file) => Ok(Self::Here(file.try_clone()?)),
            Self::Far(far) => Ok(Self::Far(far.again())),
        }
    }
}

impl Content {
    /// The content of a file of this machine or another, which is told from its first bytes.
    pub(super) fn stored(stored: Stored) -> io::Result<Self> {
        let mut first = [0; 16];
        let got = stored.read_at(&mut first, 0)?;
        match sniff(&first[..got], true) {
            Sniffed::Compressed(_) => Ok(Self::Packed(Box::new(RefCell::new(Packed::of(stored)?)))),
            _ => Ok(Self::Plain(stored)),
        }
    }

    /// A file that is followed as it grows, whatever its bytes look like.
    pub(super) fn plain(file: File) -> Self {
        Self::Plain(Stored::Here(file))
    }

    pub(super) fn is_packed(&self) -> bool {
        matches!(self, Self::Packed(_))
    }

    /// What the system tells of it now.
    pub(super) fn stat(&self) -> io::Result<Stat> {
        match self {
            Self::Plain(stored) => stored.stat(),
            Self::Packed(packed) => packed.borrow().stored.stat(),
        }
    }

    /// A plain file of this machine.
    pub(super) fn here(&self) -> Option<&File> {
        match self {
            Self::Plain(Stored::Here(file)) => Some(file),
            _ => None,
        }
    }

    /// Its size in bytes, if that is `most` or less. No more than that is decompressed to find out.
    pub(super) fn size_within(&self, most: u64) -> io::Result<Option<u64>> {
        let size = match self {
            Self::Plain(stored) => Some(stored.stat()?.size),
            Self::Packed(packed) => packed.borrow_mut().size_within(most)?,
        };
        Ok(size.filter(|size| *size <= most))
    }

    /// Whether it has `size` bytes or more.
    pub(super) fn reaches(&self, size: u64) -> io::Result<bool> {
        Ok(size == 0 || self.size_within(size - 1)?.is_none())
    }

    /// Fills `bytes` from `offset` on, as far as the file goes. How many there were.
    pub(super) fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::Plain(stored) => stored.read_at(bytes, offset),
            Self::Packed(packed) => packed.borrow_mut().read_at(bytes, offset),
        }
    }

    /// The first bytes, at most `length`.
    pub(super) fn head(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut head = vec![0; length];
        let got = self.read_at(&mut head, 0)?;
        head.truncate(got);
        Ok(head)
    }

    /// Whether it holds `bytes` at `offset`.
    pub(super) fn is_at(&self, bytes: &[u8], offset: u64) -> io::Result<bool> {
        let mut there = [0; MARK];
        let there = &mut there[..bytes.len()];
        Ok(self.read_at(there, offset)? == bytes.len() && there == bytes)
    }
}

/// A compressed file, read forward. Its first bytes and the last ones read are kept, since these are what is
/// asked for again; to read anything else again it is decompressed from its start.
pub(super) struct Packed {
    stored: Stored,
    source: Source,
    /// Decompressed bytes read so far.
    position: u64,
    start: Vec<u8>,
    /// The bytes before `position`.
    window: Vec<u8>,
    ended: bool,
}

impl fmt::Debug for Packed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Packed").field("stored", &self.stored).field("position", &self.position).finish()
    }
}

impl Packed {
    fn of(mut stored: Stored) -> io::Result<Self> {
        let source = match &mut stored {
            Stored::Here(file) => {
                file.rewind()?;
                // Both descriptors have one place in the file, which nobody else moves.
                Source::from_file(file.try_clone()?)?
            }
            Stored::Far(far) => Source::from_reader(Box::new(Forward { far: far.again(), offset: 0 })),
        };
        Ok(Self { stored, source, position: 0, start: Vec::new(), window: Vec::new(), ended: false })
    }

    fn size_within(&mut self, most: u64) -> io::Result<Option<u64>> {
        if self.position <= most && !self.ended {
            self.pass(most + 1)?;
        }
        Ok(self.ended.then_some(self.position))
    }

    fn read_at(&mut self, mut bytes: &mut [u8], mut offset: u64) -> io::Result<usize> {
        let wanted = bytes.len();
        if offset < self.position {
            let mut known = kept(&self.window, self.position - self.window.len() as u64, offset);
            if known.is_none() && (offset as usize).saturating_add(wanted) <= self.start.len() {
                known = kept(&self.start, 0, offset);
            }
            if let Some(known) = known {
                let length = known.len().min(wanted);
                bytes[..length].copy_from_slice(&known[..length]);
                bytes = &mut bytes[length..];
                offset += length as u64;
            } else {
                let start = std::mem::take(&mut self.start);
                *self = Self { start, ..Self::of(self.stored.again()?)? };
            }
        }
        if !bytes.is_empty() {
            self.pass(offset)?;
        }
        while !bytes.is_empty() && !self.ended && self.position == offset {
            match self.read(bytes) {
                Ok(got) => {
                    bytes = &mut bytes[got..];
                    offset += got as u64;
                }
                // What could be read comes first, and the error again when it is asked for more.
                Err(error) if bytes.len() < wanted => {
                    self.source.postpone(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(wanted - bytes.len())
    }

    /// Reads on to `offset`, if the file goes so far.
    fn pass(&mut self, offset: u64) -> io::Result<()> {
        let mut unwanted = vec![0; if self.position < offset { SKIP } else { 0 }];
        while self.position < offset && !self.ended {
            let most = unwanted.len().min(usize::try_from(offset - self.position).unwrap_or(usize::MAX));
            self.read(&mut unwanted[..most])?;
        }
        Ok(())
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let got = match self.source.read(bytes, true, &mut Watch::new(None, None, None), None)? {
            Got::Bytes(got) => got,
            // A regular file does not let anybody wait.
            Got::End | Got::NotReady | Got::Interrupted(_) => {
                self.ended = true;
                0
            }
        };
        let room = MARK.saturating_sub(self.start.len()).min(got);
        if self.start.len() as u64 == self.position {
            self.start.extend_from_slice(&bytes[..room]);
        }
        self.position += got as u64;
        let fresh = &bytes[got.saturating_sub(MARK)..got];
        let spare = (self.window.len() + fresh.len()).saturating_sub(MARK);
        self.window.drain(..spare);
        self.window.extend_from_slice(fresh);
        Ok(got)
    }
}

/// Reads a far file from its start to its end.
struct Forward {
    far: Box<dyn FarFile>,
    offset: u64,
}

impl Read for Forward {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let got = self.far.read_at(bytes, self.offset)?;
        self.offset += got as u64;
        Ok(got)
    }
}

/// What `bytes`, which stand at `start`, hold from `offset` on.
fn kept(bytes: &[u8], start: u64, offset: u64) -> Option<&[u8]> {
    let at = usize::try_from(offset.checked_sub(start)?).ok()?;
    bytes.get(at..).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(text: &[u8]) -> Content {
        let mut file = tempfile::tempfile().unwrap();
        let mut encoder = GzEncoder::new(&mut file, Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap();
        Content::stored(Stored::Here(file)).unwrap()
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn a_compressed_file_answers_as_the_plain_one_does(
            length in 0usize..200_000,
            looks in proptest::collection::vec((0u64..210_000, 0usize..70_000), 1..12),
        ) {
            let text: Vec<u8> = (0..length).map(|n| (n * n % 251) as u8).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&text).unwrap();
            // Plain, whatever its bytes look like.
            let (plain, packed) = (Content::plain(file), packed(&text));
            proptest::prop_assert!(packed.is_packed());
            for (offset, length) in looks {
                let (mut a, mut b) = (vec![0; length], vec![0; length]);
                let got = plain.read_at(&mut a, offset).unwrap();
                proptest::prop_assert_eq!(packed.read_at(&mut b, offset).unwrap(), got);
                proptest::prop_assert!(a[..got] == b[..got], "{} at {}", length, offset);
                proptest::prop_assert_eq!(
                    plain.size_within(offset).unwrap(), packed.size_within(offset).unwrap()
                );
                proptest::prop_assert!(plain.head(2000).unwrap() == packed.head(2000).unwrap());
            }
        }
    }

    #[test]
    fn a_cut_compressed_file_gives_what_it_held_then_an_error() {
        let text = b"line\n".repeat(100_000);
        let mut bytes = Vec::new();
        let mut encoder = GzEncoder::new(&mut bytes, Compression::none());
        encoder.write_all(&text).unwrap();
        encoder.finish().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes[..bytes.len() / 2]).unwrap();
        let content = Content::stored(Stored::Here(file)).unwrap();
        let (mut buffer, mut offset) = (vec![0; 10_000], 0);
        let error = loop {
            match content.read_at(&mut buffer, offset) {
                Ok(0) => panic!("it ends well"),
                Ok(got) => offset += got as u64,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(offset > 200_000, "{offset}");
    }
}
