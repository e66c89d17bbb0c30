//! Browser and system as the expressions of uap-core tell them, out of a file that the user has.
//!
//! The project ua-parser keeps `regexes.yaml`, the list behind most user agent parsers; its
//! `docs/specification.md` says what the entries mean. Whoever needs the very names of another
//! tool asks the same file with the same engine. Bots, and the kind of the device, stay as our
//! own tables have them.

mod file;

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ua_parser::{os, user_agent};

use super::Agent;

/// The longest file that is read, in bytes; uap-core's has 0.2 MB.
const LONGEST: u64 = 64 << 20;

/// The compiled expressions of a file. Threads share one.
pub struct Regexes {
    browsers: user_agent::Extractor<'static>,
    systems: os::Extractor<'static>,
    counts: (usize, usize),
}

impl Regexes {
    /// Reads uap-core's `regexes.yaml`, or the same as JSON, and compiles what it has on browsers
    /// and systems, which takes about a tenth of a second. Its list of devices is passed over.
    ///
    /// # Errors
    /// When the file cannot be read, is none of this form, or an expression cannot be compiled.
    pub fn open(path: impl AsRef<Path>) -> Result<Regexes, UapError> {
        let path = path.as_ref();
        let failed = |error| UapError::Read(path.to_path_buf(), error);
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > LONGEST {
            return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, "longer than 64 MiB")));
        }
        let text = str::from_utf8(&bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            UapError::Form { path: path.to_path_buf(), line, reason: "not UTF-8".into() }
        })?;
        Regexes::compile(text, path)
    }

    fn compile(text: &str, path: &Path) -> Result<Regexes, UapError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let form = |line, reason| UapError::Form { path: path.to_path_buf(), line, reason };
        let lists = file::read(text).map_err(|fault| form(fault.line, fault.reason))?;
        let counts = (lists.browsers.len(), lists.systems.len());

        let mut browsers = user_agent::Builder::new();
        for (place, mut entry) in lists.browsers.into_iter().enumerate() {
            let line = entry.line;
            let bad = |reason| UapError::entry(path, "user_agent_parsers", place, line, reason);
            let regex = entry.take("regex").ok_or_else(|| bad("there is no regex".into()))?;
            let mut value = |key| entry.take(key).map(Into::into);
            let parser = user_agent::Parser {
                regex: regex.into(),
                family_replacement: value("family_replacement"),
                v1_replacement: value("v1_replacement"),
                v2_replacement: value("v2_replacement"),
                v3_replacement: value("v3_replacement"),
                v4_replacement: value("v4_replacement"),
            };
            browsers = browsers.push(parser).map_err(|error| bad(browser_reason(&error)))?;
        }
        let mut systems = os::Builder::new();
        for (place, mut entry) in lists.systems.into_iter().enumerate() {
            let line = entry.line;
            let bad = |reason| UapError::entry(path, "os_parsers", place, line, reason);
            let regex = entry.take("regex").ok_or_else(|| bad("there is no regex".into()))?;
            let mut value = |key| entry.take(key).map(Into::into);
            let parser = os::Parser {
                regex: regex.into(),
                os_replacement: value("os_replacement"),
                os_v1_replacement: value("os_v1_replacement"),
                os_v2_replacement: value("os_v2_replacement"),
                os_v3_replacement: value("os_v3_replacement"),
                os_v4_replacement: value("os_v4_replacement"),
            };
            systems = systems.push(parser).map_err(|error| bad(error.to_string()))?;
        }
        let whole = |error: ua_parser::BuildError| form(1, error.to_string());
        Ok(Regexes {
            browsers: browsers.build().map_err(whole)?,
            systems: systems.build().map_err(whole)?,
            counts,
        })
    }

    /// How many expressions there are for browsers, and how many for systems.
    pub fn counts(&self) -> (usize, usize) {
        self.counts
    }

    /// Reads a user agent: browser, system and their versions as the file says, for bots too, and
    /// the rest as [`super::parse`] does. What uap-core calls `Other` is None. `room` is where
    /// texts are put together; what was in it is lost. A new agent takes some 10 µs.
    pub fn parse<'a>(&'a self, agent: &'a str, room: &'a mut String) -> Agent<'a> {
        let ours = super::parse(agent);
        let agent = super::cut(agent);
        room.clear();
        // All is written first, and borrowed when nothing is written any more.
        let browser = self
            .browsers
            .extract(agent)
            .map(|found| write(room, &found.family, [found.major, found.minor, found.patch]));
        let system = self.systems.extract(agent).map(|found| {
            let version = [found.major, found.minor, found.patch];
            write(room, &found.os, version.each_ref().map(|part| part.as_deref()))
        });
        let room: &'a str = room;
        let (browser, browser_version) = browser.map(|written| written.read(room)).unwrap_or_default();
        let (os, os_version) = system.map(|written| written.read(room)).unwrap_or_default();
        Agent { browser, browser_version, os, os_version: os_version.map(Into::into), ..ours }
    }
}

impl fmt::Debug for Regexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Regexes").field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// A name and a version in one text: where each begins, and where both end.
struct Written {
    name: usize,
    version: usize,
    end: usize,
}

/// Writes a name, and a version up to its first part that is missing.
fn write(room: &mut String, name: &str, version: [Option<&str>; 3]) -> Written {
    let at = room.len();
    room.push_str(name);
    let behind = room.len();
    for part in version.into_iter().map_while(|part| part.filter(|part| !part.is_empty())) {
        if room.len() > behind {
            room.push('.');
        }
        room.push_str(part);
    }
    Written { name: at, version: behind, end: room.len() }
}

impl Written {
    fn read(self, room: &str) -> (Option<&str>, Option<&str>) {
        let name = Some(&room[self.name..self.version]).filter(|name| !matches!(*name, "" | "Other"));
        (name, Some(&room[self.version..self.end]).filter(|version| !version.is_empty()))
    }
}

fn browser_reason(error: &ua_parser::Error) -> String {
    match error {
        ua_parser::Error::ParseError(error) => error.to_string(),
        ua_parser::Error::BuildError(error) => error.to_string(),
        ua_parser::Error::MissingGroup(group) => {
            format!("a replacement names group {group}, which the regex has not")
        }
    }
}

/// Why a file of expressions cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum UapError {
    /// The file cannot be read.
    Read(PathBuf, io::Error),
    /// The file is not of the form of uap-core's.
    Form {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// An entry cannot be used.
    Entry {
        /// The file.
        path: PathBuf,
        /// The list that it is in.
        list: &'static str,
        /// Its place in the list, from 1.
        entry: usize,
        /// The line on which it begins, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl UapError {
    fn entry(path: &Path, list: &'static str, place: usize, line: usize, reason: String) -> Self {
        UapError::Entry { path: path.to_path_buf(), list, entry: place + 1, line, reason }
    }
}

impl fmt::Display for UapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UapError::Read(path, error) => write!(f, "{}: {error}", path.display()),
            UapError::Form { path, line, reason } => write!(f, "{}:{line}: {reason}", path.display()),
            UapError::Entry { path, list, entry, line, reason } => {
                write!(f, "{}:{line}: entry {entry} of {list}: {reason}", path.display())
            }
        }
    }
}

impl std::error::Error for UapError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            UapError::Read(_, error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
