//! The rotated files beside a followed one: `access.log.1`, `access.log-20260101.gz`, `access.1.log`.
//!
//! When a name was rotated several times between two looks, or between two runs, the files that had it meanwhile
//! are found here. A file is known by its content: by how it begins, whatever it is called now and whether it is
//! compressed. What was there before is remembered, so whatever else has turned up since must have come between.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::clock::Clock;
use super::content::{Content, Stored};
use super::generation::SHORT_LINE;
use super::name::{Age, Told, is_half_made, told};
use super::position::{Beside, FileId, MARK, Mark};

/// The rotated files of one name, as they were at the last scan.
#[derive(Debug)]
pub(super) struct Siblings {
    dir: PathBuf,
    name: OsString,
    /// Which directory that was: after a swap of directories nothing can be told from the names.
    dir_id: Option<FileId>,
    clock: Clock,
    /// The files there.
    known: HashMap<FileId, Known>,
}

/// A file that is done with.
#[derive(Debug, Clone, Copy)]
struct Known {
    head: Mark,
    /// Its size when it was; of a compressed file, which does not grow, as it is stored.
    size: u64,
    packed: bool,
}

/// One scan of the directory.
#[derive(Debug)]
pub(super) struct Scan {
    /// All that may be rotated files.
    found: Vec<Sibling>,
}

/// A file that may be a rotated one.
#[derive(Debug, Clone)]
pub(super) struct Sibling {
    pub(super) path: PathBuf,
    pub(super) id: FileId,
    /// As it is stored.
    pub(super) size: u64,
    told: Told,
}

/// A rotated file that was not there before, opened.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) path: PathBuf,
    pub(super) id: FileId,
    pub(super) size: u64,
    pub(super) content: Content,
    /// Its first bytes.
    pub(super) head: Vec<u8>,
    /// When it was made, or of a compressed one, which is another file than the one that was written to, when
    /// that one was written to last.
    moment: Option<SystemTime>,
    pub(super) told: Told,
}

/// What is new in a scan.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) arrivals: Vec<Arrival>,
    /// The sizes of files that were renamed or removed meanwhile.
    pub(super) gone: Vec<u64>,
}

/// What is known of a name whose rotated files are looked at.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// The files that are being read.
    pub(super) ours: HashSet<FileId>,
    /// The one that had the name last.
    pub(super) last: Option<FileId>,
    /// The time of the last line read, in microseconds since the epoch.
    pub(super) read_to: Option<i64>,
}

/// How much earlier than a line of the file before it a file may begin, in microseconds: lines are not quite in
/// order, since servers log some requests when they are over and with the time at which they began.
pub(super) const SLACK: i64 = 60_000_000;

impl Siblings {
    /// Those beside `path`, none of them known. `path` must be resolved: a link's target is what rotates.
    pub(super) fn of(path: &Path, clock: Clock) -> io::Result<Self> {
        let dir = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let name = path.file_name().unwrap_or_default().to_os_string();
        let dir_id = Some(FileId::of(&fs::metadata(&dir)?));
        Ok(Self { dir, name, dir_id, clock, known: HashMap::new() })
    }

    /// Those beside `path`, all of them known from now on.
    pub(super) fn beside(path: &Path, clock: Clock) -> io::Result<Self> {
        let mut siblings = Self::of(path, clock)?;
        let scan = siblings.scan()?;
        siblings.keep(&scan);
        Ok(siblings)
    }

    /// Whether these are the rotated files of `path`, in the same directory as before.
    pub(super) fn are_of(&self, path: &Path) -> bool {
        path == self.dir.join(&self.name) && self.can_be_asked()
    }

    /// Whether the directory is still the one that was scanned first.
    pub(super) fn can_be_asked(&self) -> bool {
        fs::metadata(&self.dir).is_ok_and(|metadata| Some(FileId::of(&metadata)) == self.dir_id)
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Looks at what is there now.
    pub(super) fn scan(&self) -> io::Result<Scan> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let Some(told) = told(&entry.file_name(), &self.name) else { continue };
            let path = entry.path();
            // A file that is renamed at this moment is found under its other name, or by the next scan.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_file() {
                let (id, size) = (FileId::of(&metadata), metadata.len());
                found.push(Sibling { path, id, size, told });
            }
        }
        let name_of = |sibling: &Sibling| sibling.path.file_name().unwrap_or_default().to_owned();
        let names: HashSet<OsString> = found.iter().map(name_of).collect();
        found.retain(|sibling| !is_half_made(&name_of(sibling), &names));
        Ok(Scan { found })
    }

    /// Looks until two looks find the same, so that no file is missed that is being renamed.
    pub(super) fn scan_at_rest(&self, tries: usize) -> io::Result<Scan> {
        let mut scan = self.scan()?;
        for _ in 0..tries {
            let again = self.scan()?;
            if again.is_like(&scan) {
                return Ok(again);
            }
            scan = again;
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Those of `scan` that are new since the last one kept, opened, oldest first, except what is known under
    /// another name.
    pub(super) fn arrivals(&self, scan: &Scan, asking: &Asking) -> Found {
        let mut found = Found::default();
        for sibling in &scan.found {
            let id = sibling.id;
            let older = asking.last.is_some_and(|last| id.is_older_than(&last));
            let seen = asking.ours.contains(&id) || found.arrivals.iter().any(|arrival| arrival.id == id);
            if self.known.contains_key(&id) || seen || older {
                continue;
            }
            match sibling.open() {
                Ok(arrival) if self.is_known(&arrival) || !arrival.is_likely(&self.clock, asking.read_to) => {
                }
                Ok(arrival) => found.arrivals.push(arrival),
                Err(error) if error.kind() == io::ErrorKind::NotFound => found.gone.push(sibling.size),
                // What cannot be read, or is not whole yet, is no log so far.
                Err(_) => {}
            }
        }
        found.leave_out_twins();
        sort(&mut found.arrivals, &self.clock, |arrival| arrival);
        found
    }

    /// Whether a file with this content was there before.
    pub(super) fn is_known(&self, arrival: &Arrival) -> bool {
        self.known.values().any(|known| {
            let Known { head, size, packed } = *known;
            is_same(arrival, head, (!packed).then_some(size))
        })
    }

    /// Whether a file that came between cannot be read any more. `last` is what the name tells of the file that had
    /// the followed name before; it may be `gone`. `between` is how many were found since.
    pub(super) fn misses_some(&self, scan: &Scan, last: Option<&Told>, gone: bool, between: usize) -> bool {
        let Some(last) = last else { return gone && between > 0 };
        // Where each rotation moves all files up by one, those below the last one came after it. A file that was
        // below before means that numbers are counted up here instead, and tell nothing.
        let Told::Age(Age::Number(number)) = last else { return false };
        let is_newer = |other: &Sibling| matches!((&other.told, last), (Told::Age(a), Told::Age(b)) if a > b);
        let mut newer = scan.found.iter().filter(|sibling| is_newer(sibling));
        number.0.saturating_sub(1) as usize > between
            && !newer.any(|sibling| self.known.contains_key(&sibling.id))
    }

    /// Makes `ids` unknown again.
    pub(super) fn forget(&mut self, ids: &[FileId]) {
        self.known.retain(|id, _| !ids.contains(id));
    }

    /// Makes all that `scan` found known.
    pub(super) fn keep(&mut self, scan: &Scan) {
        let mut known_now = HashMap::with_capacity(scan.found.len());
        for sibling in &scan.found {
            let before = self.known.remove(&sibling.id);
            // A head that was short may have grown.
            let known = match before.filter(|known| known.head.length as usize == MARK) {
                Some(known) => Some(known),
                None => sibling.open().ok().map(|arrival| Known {
                    head: Mark::of(&arrival.head),
                    size: before.map_or(arrival.size, |before| before.size),
                    packed: arrival.content.is_packed(),
                }),
            };
            known_now.extend(known.map(|known| (sibling.id, known)));
        }
        self.known = known_now;
    }

    /// Makes a file known that is done with up to `size` bytes.
    pub(super) fn done_with(&mut self, id: FileId, head: Mark, size: u64, packed: bool) {
        self.known.insert(id, Known { head, size, packed });
    }

    /// Known files that have grown since, opened, and where what is new begins. Those that are `read`, and a copy
    /// that is being made of one that begins as one of `ours`, grow, too, and are not among them.
    pub(super) fn grown(&self, scan: &Scan, read: &[FileId], ours: &[Mark]) -> Vec<(Arrival, u64)> {
        let grown = scan.found.iter().filter(|sibling| !read.contains(&sibling.id)).filter_map(|sibling| {
            let known =
                self.known.get(&sibling.id).filter(|known| !known.packed && sibling.size > known.size)?;
            let arrival = sibling.open().ok()?;
            let same = known.head.begins(&arrival.head)
                && !ours.iter().any(|head| head.length > 0 && head.begins(&arrival.head));
            same.then_some((arrival, known.size))
        });
        grown.collect()
    }

    /// What has to be kept of them for a later run.
    pub(super) fn saved(&self) -> impl Iterator<Item = Beside> {
        self.known.iter().filter(|(_, known)| known.head.length > 0).map(|(id, known)| Beside {
            id: *id,
            head: known.head,
            size: if known.packed { u64::MAX } else { known.size },
        })
    }
}

impl Found {
    /// A file that is being compressed is there twice: the plain one is whole.
    pub(super) fn leave_out_twins(&mut self) {
        let plain = self.arrivals.iter().filter(|arrival| !arrival.content.is_packed());
        let heads: Vec<Vec<u8>> =
            plain.map(|arrival| arrival.head.clone()).filter(|head| !head.is_empty()).collect();
        self.arrivals.retain(|arrival| {
            !arrival.content.is_packed() || !heads.iter().any(|head| arrival.head.starts_with(head))
        });
    }
}

impl Scan {
    /// What the name of a file tells that is among those found.
    pub(super) fn told(&self, id: FileId) -> Option<&Told> {
        self.found.iter().find(|sibling| sibling.id == id).map(|sibling| &sibling.told)
    }

    /// Whether `other` found the same files under the same names.
    pub(super) fn is_like(&self, other: &Scan) -> bool {
        let names = |scan: &Scan| -> HashSet<(PathBuf, FileId)> {
            scan.found.iter().map(|sibling| (sibling.path.clone(), sibling.id)).collect()
        };
        names(self) == names(other)
    }

    /// All that was found and can be opened.
    pub(super) fn opened(&self) -> impl Iterator<Item = Arrival> {
        self.found.iter().filter_map(|sibling| sibling.open().ok())
    }
}

impl Sibling {
    /// Opens it, if it is still the file that was found under this name.
    fn open(&self) -> io::Result<Arrival> {
        let arrival = Arrival::of(File::open(&self.path)?, &self.path, self.told.clone())?;
        if arrival.id == self.id { Ok(arrival) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

impl Arrival {
    pub(super) fn of(file: File, path: &Path, told: Told) -> io::Result<Self> {
        Self::stored(Stored::Here(file), path, told)
    }

    pub(super) fn stored(stored: Stored, path: &Path, told: Told) -> io::Result<Self> {
        let content = Content::stored(stored)?;
        let stat = content.stat()?;
        let head = content.head(MARK)?;
        let moment = if content.is_packed() { stat.modified } else { stat.id.born };
        Ok(Self { path: path.to_owned(), id: stat.id, size: stat.size, content, head, moment, told })
    }

    /// Whether it may be a rotated file, though it was not there before: its name says so, or it goes on in time.
    pub(super) fn is_likely(&self, clock: &Clock, read_to: Option<i64>) -> bool {
        self.told.age().is_some()
            || match (clock.of(&self.head), read_to) {
                (Some(begins), Some(read_to)) => begins + SLACK >= read_to,
                _ => false,
            }
    }
}

/// Brings files into the order in which they were written. The times of birth tell it, but for compressed files,
/// which are born later; then the first lines do.
pub(super) fn sort<T>(files: &mut [T], clock: &Clock, arrival: impl Fn(&T) -> &Arrival) {
    let by_line = files.iter().any(|file| arrival(file).content.is_packed());
    files.sort_by_cached_key(|file| {
        let Arrival { head, moment, told, .. } = arrival(file);
        (by_line.then(|| clock.of(head)).flatten(), *moment, told.age().cloned())
    });
}

/// Whether a file is the one that began with `head` and had `size` bytes, where that is known. A file that was
/// shorter than a mark must agree in its size, or in more than what all logs of one server may begin with.
pub(super) fn is_same(file: &Arrival, head: Mark, size: Option<u64>) -> bool {
    let length = head.length as usize;
    // A line that is being written, say, may begin two files.
    let tells = length >= SHORT_LINE as usize || (length > 0 && file.content.is_packed());
    if !tells || !head.begins(&file.head) {
        return false;
    }
    length == MARK
        || (length >= TELLING && file.head[0] != b'#')
        || size.is_some_and(|size| matches!(file.content.size_within(size), Ok(Some(same)) if same == size))
        || (size.is_none() && file.head.len() == length)
}

/// The length of a line with a time and a request in it.
const TELLING: usize = 80;
