//! The inputs of a run, in order.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::FileType;

use crate::head::FileId;
use crate::problem::InputError;
use crate::sniff::Compression;
use crate::source::Source;

/// The inputs of a run, read one after the other. [`crate::expand`] makes one from arguments.
pub struct Input {
    waiting: VecDeque<(usize, Origin)>,
    pub(crate) current: Option<(usize, Source)>,
    sources: Vec<SourceInfo>,
    problems: Vec<InputError>,
    left_out: Vec<bool>,
}

enum Origin {
    Stdin,
    Path(PathBuf),
    Fd(OwnedFd),
    Reader(Box<dyn Read + Send>),
}

/// One input and how far it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceInfo {
    /// The display name: the path as given or found, `-` for standard input.
    pub name: Arc<str>,
    /// The path, for a file that was named or found.
    pub path: Option<PathBuf>,
    /// The size in bytes of a regular file, known for standard input from the start and for others
    /// once they are opened.
    pub size: Option<u64>,
    /// How it is compressed, as far as it was looked at; none when it is not.
    pub compression: Option<Compression>,
    /// Bytes read from it, before decompression.
    pub bytes_read: u64,
    /// Bytes that these were after decompression, as far as they went into chunks.
    pub bytes_decoded: u64,
    /// Whether it was read to its end without an error.
    pub complete: bool,
    /// Bytes of an unfinished last line that were left for another run, see
    /// [`RunOptions::whole_lines`](crate::RunOptions::whole_lines).
    pub unfinished: u64,
    /// Where reading begins, in bytes of the decompressed source, and in which file.
    pub(crate) start: Option<(u64, FileId)>,
}

impl Input {
    /// No input at all, to which others are added.
    pub fn new() -> Input {
        Input {
            waiting: VecDeque::new(),
            current: None,
            sources: Vec::new(),
            problems: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Standard input alone.
    pub fn stdin() -> Input {
        let mut input = Input::new();
        input.add_stdin();
        input
    }

    /// Adds standard input, named `-`.
    pub fn add_stdin(&mut self) {
        self.add("-".into(), None, Origin::Stdin);
        let stat = rustix::fs::fstat(rustix::stdio::stdin()).ok();
        let regular = stat.filter(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
        if let (Some(info), Some(stat)) = (self.sources.last_mut(), regular) {
            info.size = u64::try_from(stat.st_size).ok();
        }
    }

    /// Adds a file, opened when its turn comes.
    pub fn add_path(&mut self, path: impl Into<PathBuf>) {
        let path = path.into();
        let name = path.to_string_lossy().into();
        self.add(name, Some(path.clone()), Origin::Path(path));
    }

    /// Adds an open file, pipe or socket under a display name.
    pub fn add_fd(&mut self, name: &str, fd: OwnedFd) {
        self.add(name.into(), None, Origin::Fd(fd));
    }

    /// Adds any reader under a display name. A read that blocks cannot be interrupted, so prefer
    /// [`Input::add_fd`] where there is a file descriptor.
    pub fn add_reader(&mut self, name: &str, reader: Box<dyn Read + Send>) {
        self.add(name.into(), None, Origin::Reader(reader));
    }

    fn add(&mut self, name: Arc<str>, path: Option<PathBuf>, origin: Origin) {
        self.waiting.push_back((self.sources.len(), origin));
        self.left_out.push(false);
        self.sources.push(SourceInfo {
            name,
            path,
            size: None,
            compression: None,
            bytes_read: 0,
            bytes_decoded: 0,
            complete: false,
            unfinished: 0,
            start: None,
        });
    }

    /// Begins the input at this position later than at its first byte, `offset` bytes of the decompressed
    /// source being known. When `file` is not what the name stands for any more once it is opened, or was
    /// cut, the input is left out with [`InputError::Replaced`].
    pub fn start_at(&mut self, index: usize, offset: u64, file: FileId) {
        self.sources[index].start = Some((offset, file));
    }

    /// Does not read the input at this position.
    pub fn leave_out(&mut self, index: usize) {
        self.left_out[index] = true;
    }

    /// Does not read the input at this position, which could not be opened.
    pub fn cannot_open(&mut self, index: usize, error: io::Error) {
        self.leave_out(index);
        let source = Arc::clone(&self.sources[index].name);
        self.report(InputError::Open { source, error });
    }

    /// Does not read the input at this position, of which all so far are these bytes of an unfinished line.
    pub fn leave_unfinished_line(&mut self, index: usize, bytes: u64) {
        self.leave_out(index);
        self.sources[index].unfinished = bytes;
    }

    /// All inputs in order, read or not. A chunk's `source_index` is a position in here.
    pub fn sources(&self) -> &[SourceInfo] {
        &self.sources
    }

    /// What could not be read so far. Complete once the run has ended.
    pub fn problems(&self) -> &[InputError] {
        &self.problems
    }

    /// Takes what could not be read so far.
    pub fn take_problems(&mut self) -> Vec<InputError> {
        std::mem::take(&mut self.problems)
    }

    pub(crate) fn report(&mut self, problem: InputError) {
        self.problems.push(problem);
    }

    /// The size of all inputs in stored bytes, if each is a regular file, as the end of a progress bar.
    pub fn total_size(&self) -> Option<u64> {
        self.sources.iter().map(size_of).sum()
    }

    /// The source being read, or else the next that can be opened. Those that cannot are reported.
    pub(crate) fn open_current(&mut self) -> Option<&mut (usize, Source)> {
        while self.current.is_none() {
            let (index, origin) = self.waiting.pop_front()?;
            if self.left_out[index] {
                continue;
            }
            match origin.open() {
                Ok(mut source) => {
                    let regular = source.metadata().filter(|metadata| metadata.is_file());
                    self.sources[index].size = regular.map(|metadata| metadata.len());
                    if let Some((offset, file)) = self.sources[index].start {
                        if !regular.is_some_and(|metadata| file.is_begin_of(metadata)) {
                            self.report(InputError::Replaced {
                                source: Arc::clone(&self.sources[index].name),
                            });
                            continue;
                        }
                        source.skip_later(offset);
                    }
                    self.current = Some((index, source));
                }
                Err(error) => {
                    let source = Arc::clone(&self.sources[index].name);
                    self.report(InputError::Open { source, error });
                }
            }
        }
        self.current.as_mut()
    }

    /// Where reading of the current source begins, in bytes of the decompressed source.
    pub(crate) fn current_start(&self) -> u64 {
        let start = |(index, _): &(usize, Source)| self.sources[*index].start.map(|(offset, _)| offset);
        self.current.as_ref().and_then(start).unwrap_or(0)
    }

    /// Whether the current source is a regular file, which may grow by the rest of its last line.
    pub(crate) fn current_may_grow(&self) -> bool {
        let metadata = self.current.as_ref().and_then(|(_, source)| source.metadata());
        metadata.is_some_and(|metadata| metadata.is_file())
    }

    /// Notes that so many bytes at the end of the current source are left for another run.
    pub(crate) fn leave_unfinished(&mut self, bytes: usize) {
        if let Some((index, _)) = &self.current {
            self.sources[*index].unfinished = bytes as u64;
        }
    }

    /// Notes that so many more bytes of the current source were delivered.
    pub(crate) fn delivered(&mut self, bytes: usize) {
        if let Some((index, _)) = &self.current {
            self.sources[*index].bytes_decoded += bytes as u64;
        }
    }

    /// Closes the source being read, at its end or because of an error.
    pub(crate) fn close_current(&mut self, error: Option<io::Error>) {
        self.leave_current(error.is_none());
        if let Some(error) = error
            && let Some((index, _)) = self.current
        {
            let info = &self.sources[index];
            let problem =
                InputError::Read { source: Arc::clone(&info.name), offset: info.bytes_decoded, error };
            self.report(problem);
        }
        self.current = None;
    }

    /// Notes how far the source being read has come, without closing it.
    pub(crate) fn leave_current(&mut self, complete: bool) {
        if let Some((index, source)) = &self.current {
            let info = &mut self.sources[*index];
            info.bytes_read = source.bytes_read();
            info.compression = source.compression();
            info.complete = complete;
        }
    }
}

/// Whether standard input is a regular file of which nothing was read yet.
pub fn stdin_is_at_start() -> bool {
    rustix::fs::tell(rustix::stdio::stdin()).is_ok_and(|offset| offset == 0)
}

impl Default for Input {
    fn default() -> Input {
        Input::new()
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Input").field("sources", &self.sources).field("problems", &self.problems).finish()
    }
}

impl Origin {
    fn open(self) -> io::Result<Source> {
        match self {
            Origin::Stdin => {
                let stdin = rustix::io::dup(rustix::stdio::stdin())?;
                Source::from_file(File::from(stdin))
            }
            Origin::Path(path) => Source::open(&path),
            Origin::Fd(fd) => Source::from_file(File::from(fd)),
            Origin::Reader(reader) => Ok(Source::from_reader(reader)),
        }
    }
}

fn size_of(source: &SourceInfo) -> Option<u64> {
    let named = || std::fs::metadata(source.path.as_deref()?).ok().filter(std::fs::Metadata::is_file);
    source.size.or_else(|| Some(named()?.len()))
}
