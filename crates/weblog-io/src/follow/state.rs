//! How far names were followed, kept in a file.
//!
//! The file grows by one line for each state, and the last whole line counts. A crash can leave an unfinished line
//! behind it, no more; that one is taken away. Now and then the file is replaced by one that holds the last state
//! only. A line is `weblog-state`, the version of its form, a hash of the rest, and JSON. A line that is whole and
//! does not fit its hash was changed by somebody else, and nothing is guessed then.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};

use super::position::{Beside, FileId, Mark, Position, Saved};

const MAGIC: &str = "weblog-state";
const VERSION: u64 = 1;
/// A longer file is replaced by a short one.
const LONG: u64 = 1 << 20;
/// A file that is longer than this was not written here.
const LONGEST: u64 = 64 << 20;

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct States {
    /// By name, how far it was followed.
    names: BTreeMap<String, Saved>,
    /// The regular file that the lines went to, and its size when this was saved.
    output: Option<(FileId, u64)>,
}

/// An open file of states, locked against other processes.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    file: File,
    length: u64,
    states: States,
    last: String,
    synced: bool,
}

/// Why a file of states cannot be used.
#[derive(Debug)]
pub enum StateError {
    /// Another process uses it.
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is no such file, or was changed by somebody else.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The line that does not fit, from 1.
        line: usize,
    },
    /// A later version wrote it.
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its form.
        version: u64,
    },
    /// It cannot be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { path } => write!(f, "{} is in use by another weblog", path.display()),
            Self::Corrupt { path, line } => write!(
                f,
                "{}:{line}: this is no state that weblog wrote, or it was changed since; \
                 remove the file to begin anew",
                path.display()
            ),
            Self::Newer { path, version } => write!(
                f,
                "{} was written by a later weblog (form {version}; this one knows {VERSION})",
                path.display()
            ),
            Self::Io { path, error } => write!(f, "cannot use {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for StateError {}

impl StateFile {
    /// Opens the file, or makes it. Only one process at a time can.
    ///
    /// # Errors
    /// When it is in use, holds something else, or cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let io = |error| StateError::Io { path: path.to_owned(), error };
        let mut file = loop {
            let file =
                OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(io)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) => {
                    return Err(StateError::InUse { path: path.to_owned() });
                }
                Err(errno) => return Err(io(errno.into())),
            }
            // Whoever held the lock may have replaced the file meanwhile.
            if fs::metadata(path).is_ok_and(|now| is_same(&now, &file)) {
                break file;
            }
        };
        let length = file.metadata().map_err(io)?.len();
        if length > LONGEST {
            return Err(StateError::Corrupt { path: path.to_owned(), line: 1 });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let (states, whole) = read(&bytes, path)?;
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(io)?;
        }
        let last = states.as_ref().map_or_else(String::new, write);
        let states = states.unwrap_or_default();
        Ok(Self { path: path.to_owned(), file, length: whole as u64, states, last, synced: true })
    }

    /// What is kept of a name.
    pub fn get(&self, name: &str) -> Option<&Saved> {
        self.states.names.get(name)
    }

    /// The size that the file `output` had when the last state was saved, if its lines went there.
    pub fn written_to(&self, output: &File) -> Option<u64> {
        let id = FileId::of(&output.metadata().ok()?);
        self.states.output.filter(|(other, _)| *other == id).map(|(_, size)| size)
    }

    /// Keeps these states, and those of other names as they are, for when the `output`, if that is a regular file,
    /// is as long as it is now but for so many bytes. They outlive the process at once, and a crash of the machine after the next
    /// [`StateFile::sync`].
    ///
    /// # Errors
    /// What writing the file may say; it is then as it was before.
    pub fn save(
        &mut self,
        states: impl IntoIterator<Item = (String, Saved)>,
        output: Option<(&File, u64)>,
    ) -> Result<(), StateError> {
        self.states.names.extend(states);
        let metadata = |(output, beyond): (&File, u64)| Some((output.metadata().ok()?, beyond));
        let metadata = output.and_then(metadata).filter(|(metadata, _)| metadata.is_file());
        self.states.output =
            metadata.map(|(metadata, beyond)| (FileId::of(&metadata), metadata.len().saturating_sub(beyond)));
        let line = write(&self.states);
        if line == self.last {
            return Ok(());
        }
        let written = if self.length > LONG { self.replace(&line) } else { self.append(&line) };
        written.map_err(|error| StateError::Io { path: self.path.clone(), error })?;
        self.last = line;
        Ok(())
    }

    /// Makes the last state outlive a crash of the machine.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&mut self) -> Result<(), StateError> {
        if !self.synced {
            let synced = self.file.sync_data();
            synced.map_err(|error| StateError::Io { path: self.path.clone(), error })?;
            self.synced = true;
        }
        Ok(())
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        self.synced = false;
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // Half a line would be in the way of the next one.
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }

    fn replace(&mut self, line: &str) -> io::Result<()> {
        let name = self.path.file_name().unwrap_or_default();
        let mut new = name.to_os_string();
        new.push(format!(".{}.new", std::process::id()));
        let new = self.path.with_file_name(new);
        let written = || -> io::Result<File> {
            let _ = fs::remove_file(&new);
            let options = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(&new);
            let mut file = options?;
            flock(&file, FlockOperation::NonBlockingLockExclusive)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &self.path)?;
            let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
            File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        match written() {
            Ok(file) => (self.file, self.length, self.synced) = (file, line.len() as u64, true),
            Err(error) => {
                let _ = fs::remove_file(&new);
                return Err(error);
            }
        }
        Ok(())
    }
}

fn is_same(metadata: &fs::Metadata, file: &File) -> bool {
    file.metadata().is_ok_and(|other| FileId::of(metadata) == FileId::of(&other))
}

/// The last state in a file, and the length of its whole lines.
fn read(bytes: &[u8], path: &Path) -> Result<(Option<States>, usize), StateError> {
    let whole = memchr::memrchr(b'\n', bytes).map_or(0, |newline| newline + 1);
    let unfinished = &bytes[whole..];
    let is_ours = |start: &[u8]| MAGIC.as_bytes().starts_with(&start[..start.len().min(MAGIC.len())]);
    // A crash of the machine may leave zeros where a line was to be.
    if !is_ours(unfinished) && unfinished.iter().any(|byte| *byte != 0) {
        let line = bytes[..whole].iter().filter(|byte| **byte == b'\n').count() + 1;
        return Err(StateError::Corrupt { path: path.to_owned(), line });
    }
    let mut last = None;
    for (at, line) in
        bytes[..whole].split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty())
    {
        let corrupt = || StateError::Corrupt { path: path.to_owned(), line: at + 1 };
        let text = std::str::from_utf8(line).map_err(|_| corrupt())?;
        let mut words = text.splitn(4, ' ');
        if words.next() != Some(MAGIC) {
            return Err(corrupt());
        }
        let version = words.next().and_then(|word| word.parse::<u64>().ok()).ok_or_else(corrupt)?;
        if version > VERSION {
            return Err(StateError::Newer { path: path.to_owned(), version });
        }
        if version == 0 {
            return Err(corrupt());
        }
        let (hash, json) = words.next().zip(words.next()).ok_or_else(corrupt)?;
        if hash != hash_of(json) {
            return Err(corrupt());
        }
        last = Some((json, at));
    }
    let states = last.map(|(json, at)| {
        parse(json).ok_or_else(|| StateError::Corrupt { path: path.to_owned(), line: at + 1 })
    });
    Ok((states.transpose()?, whole))
}

fn hash_of(json: &str) -> String {
    format!("{:016x}", Mark::of(json.as_bytes()).hash)
}

fn write(states: &States) -> String {
    let names: serde_json::Map<String, Value> = states
        .names
        .iter()
        .map(|(name, saved)| {
            let files: Vec<Value> = saved.files.iter().map(of_position).collect();
            let beside: Vec<Value> = saved.beside.iter().map(of_beside).collect();
            (name.clone(), json!({ "files": files, "beside": beside }))
        })
        .collect();
    let output = states.output.as_ref().map(|(id, size)| json!({ "id": of_id(id), "size": size }));
    let json = json!({ "names": names, "output": output }).to_string();
    format!("{MAGIC} {VERSION} {} {json}\n", hash_of(&json))
}

fn of_position(position: &Position) -> Value {
    let Position { path, id, offset, read, head, tail } = position;
    json!({
        "path": path.to_string_lossy(), "id": of_id(id), "offset": offset, "read": read,
        "head": of_mark(head), "tail": of_mark(tail),
    })
}

fn of_beside(beside: &Beside) -> Value {
    let Beside { id, head, size } = beside;
    json!({ "id": of_id(id), "head": of_mark(head), "size": size })
}

fn of_id(id: &FileId) -> Value {
    let born = id.born.and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    json!([id.device, id.inode, born.map(|born| born.as_nanos() as u64)])
}

fn of_mark(mark: &Mark) -> Value {
    json!([mark.length, format!("{:016x}", mark.hash)])
}

fn parse(json: &str) -> Option<States> {
    let value: Value = serde_json::from_str(json).ok()?;
    let state = |(name, saved): (&String, &Value)| {
        let files = saved.get("files")?.as_array()?.iter().map(to_position).collect::<Option<_>>()?;
        let beside = saved.get("beside")?.as_array()?.iter().map(to_beside).collect::<Option<_>>()?;
        Some((name.clone(), Saved { files, beside }))
    };
    let names = value.get("names")?.as_object()?.iter().map(state).collect::<Option<_>>()?;
    let output = match value.get("output")? {
        Value::Null => None,
        output => Some((to_id(output.get("id")?)?, output.get("size")?.as_u64()?)),
    };
    Some(States { names, output })
}

fn to_position(value: &Value) -> Option<Position> {
    Some(Position {
        path: value.get("path")?.as_str()?.into(),
        id: to_id(value.get("id")?)?,
        offset: value.get("offset")?.as_u64()?,
        read: value.get("read")?.as_u64()?,
        head: to_mark(value.get("head")?)?,
        tail: to_mark(value.get("tail")?)?,
    })
}

fn to_beside(value: &Value) -> Option<Beside> {
    Some(Beside {
        id: to_id(value.get("id")?)?,
        head: to_mark(value.get("head")?)?,
        size: value.get("size")?.as_u64()?,
    })
}

fn to_id(value: &Value) -> Option<FileId> {
    let born: Option<SystemTime> = match value.get(2)? {
        Value::Null => None,
        nanos => Some(UNIX_EPOCH + Duration::from_nanos(nanos.as_u64()?)),
    };
    Some(FileId { device: value.get(0)?.as_u64()?, inode: value.get(1)?.as_u64()?, born })
}

fn to_mark(value: &Value) -> Option<Mark> {
    let length = u32::try_from(value.get(0)?.as_u64()?).ok()?;
    Some(Mark { length, hash: u64::from_str_radix(value.get(1)?.as_str()?, 16).ok()? })
}

#[cfg(test)]
mod tests;
