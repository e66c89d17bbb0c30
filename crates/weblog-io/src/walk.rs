//! From the arguments of a command to its inputs: files, globs, directories.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, glob_with};

use crate::head::head;
use crate::input::Input;
use crate::problem::InputError;

/// What [`expand`] found.
#[derive(Debug)]
pub struct Expanded {
    /// The inputs, in order. What could not be found is among its problems.
    pub input: Input,
    /// The directories among the arguments, and what was found in each.
    pub directories: Vec<DirectoryReport>,
}

/// What was found in a directory that was given as an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryReport {
    /// The directory.
    pub path: PathBuf,
    /// How many regular files were looked at, below it and in it.
    pub looked_at: usize,
    /// How many of them are logs, and were taken.
    pub taken: usize,
}

/// Makes inputs of arguments. `-` is standard input, and so is no argument at all. A name that exists
/// is that file, even if it looks like a pattern. A directory stands for the logs below it: those
/// regular files for which `classify`, given the path and up to 64 KiB of the decompressed beginning,
/// returns a key; they are sorted by key, then by name. A file with several names is taken once.
pub fn expand<K: Ord>(
    arguments: &[impl AsRef<OsStr>],
    mut classify: impl FnMut(&Path, &[u8]) -> Option<K>,
) -> Expanded {
    let mut expanded = Expanded { input: Input::new(), directories: Vec::new() };
    if arguments.is_empty() {
        expanded.input.add_stdin();
    }
    for argument in arguments {
        let argument = argument.as_ref();
        match argument.to_str() {
            Some("-") => expanded.input.add_stdin(),
            Some(pattern) if is_pattern(pattern) && fs::symlink_metadata(argument).is_err() => {
                expanded.add_matches(pattern, &mut classify);
            }
            _ => expanded.add_path(Path::new(argument), &mut classify),
        }
    }
    expanded
}

fn is_pattern(argument: &str) -> bool {
    argument.contains(['*', '?', '['])
}

impl Expanded {
    fn add_path<K: Ord>(&mut self, path: &Path, classify: &mut impl FnMut(&Path, &[u8]) -> Option<K>) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.add_directory(path, classify),
            Ok(_) => self.input.add_path(path),
            Err(error) => {
                let source = path.to_string_lossy().into();
                self.input.report(InputError::Open { source, error });
            }
        }
    }

    /// Adds what a pattern matches, by name, with `*` not matching a leading dot, as in a shell.
    fn add_matches<K: Ord>(&mut self, pattern: &str, classify: &mut impl FnMut(&Path, &[u8]) -> Option<K>) {
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
        let matches = match glob_with(pattern, options) {
            Ok(matches) => matches,
            Err(error) => {
                let (pattern, reason) = (pattern.to_owned(), error.msg.to_owned());
                return self.input.report(InputError::Pattern { pattern, reason });
            }
        };
        let mut found = false;
        for path in matches {
            match path {
                // A FIFO that is not named would make the run wait for whoever may open it.
                Ok(path) if fs::metadata(&path).is_ok_and(|m| m.is_file() || m.is_dir()) => {
                    found = true;
                    self.add_path(&path, classify);
                }
                Ok(_) => {}
                Err(error) => {
                    let directory = error.path().to_owned();
                    self.input.report(InputError::Walk { directory, error: error.into() });
                }
            }
        }
        if !found {
            self.input.report(InputError::NoMatch { pattern: pattern.to_owned() });
        }
    }

    fn add_directory<K: Ord>(
        &mut self,
        directory: &Path,
        classify: &mut impl FnMut(&Path, &[u8]) -> Option<K>,
    ) {
        let mut looked_at = 0;
        let mut logs = Vec::new();
        for path in self.files_below(directory) {
            match head(&path) {
                Ok(Some(head)) => {
                    looked_at += 1;
                    if let Some(key) = classify(&path, &head.bytes) {
                        logs.push((key, path));
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    looked_at += 1;
                    let source = path.to_string_lossy().into();
                    self.input.report(InputError::Open { source, error });
                }
            }
        }
        logs.sort();
        self.directories.push(DirectoryReport { path: directory.to_owned(), looked_at, taken: logs.len() });
        logs.into_iter().for_each(|(_, path)| self.input.add_path(path));
    }

    /// All regular files below a directory, by name, each once: a link to a file that is also there
    /// under its own name is left out, and no directory is entered twice.
    fn files_below(&mut self, top: &Path) -> Vec<PathBuf> {
        let (mut files, mut links) = (Vec::new(), Vec::new());
        let mut entered = HashSet::new();
        let mut open = vec![top.to_owned()];
        while let Some(directory) = open.pop() {
            // Read to the end before going deeper, so that few descriptors are open at a time.
            let listed = fs::metadata(&directory).and_then(|m| {
                if entered.insert((m.dev(), m.ino())) { list(&directory) } else { Ok(Vec::new()) }
            });
            let entries = match listed {
                Ok(entries) => entries,
                Err(error) => {
                    self.input.report(InputError::Walk { directory, error });
                    continue;
                }
            };
            for path in entries {
                // What vanished since it was listed, or is a link to nowhere, is not a log.
                let Ok(metadata) = fs::metadata(&path) else { continue };
                let file = (path, (metadata.dev(), metadata.ino()));
                if metadata.is_dir() {
                    open.push(file.0);
                } else if metadata.is_file() {
                    let linked = fs::symlink_metadata(&file.0).is_ok_and(|m| m.is_symlink());
                    if linked { links.push(file) } else { files.push(file) }
                }
            }
        }
        files.sort();
        links.sort();
        let mut seen = HashSet::new();
        let all = files.into_iter().chain(links);
        let mut once: Vec<PathBuf> = all.filter(|(_, id)| seen.insert(*id)).map(|(path, _)| path).collect();
        once.sort();
        once
    }
}

fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect()
}
