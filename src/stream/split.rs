//! Output divided into many files, few of them open at once.

use anyhow::{Context, Result, ensure};
use std::{
    collections::{HashSet, VecDeque},
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::Arc,
};

/// Files that are open at once.
const OPEN: usize = 64;
/// Files of one run. A field that strangers choose could make more of them than a file system likes.
const MOST: usize = 65_536;

/// The files of a run. The first time that one is opened it is emptied; it may be closed and opened again.
pub(super) struct Files {
    /// The file that was used last stands at the end.
    open: VecDeque<(Arc<str>, File)>,
    begun: HashSet<Arc<str>>,
    /// What every file begins with.
    header: Vec<u8>,
    /// Devices and inodes of files that must not be written.
    taken: Vec<(u64, u64)>,
}

impl Files {
    pub(super) fn new(header: Vec<u8>, taken: Vec<(u64, u64)>) -> Self {
        Files { open: VecDeque::new(), begun: HashSet::new(), header, taken }
    }

    /// Appends to a file.
    pub(super) fn write(&mut self, name: &Arc<str>, bytes: &[u8]) -> Result<()> {
        let file = match self.open.iter().position(|(open, _)| open == name) {
            Some(at) => self.open.remove(at).expect("it was found there").1,
            None => self.open(name)?,
        };
        if self.open.len() >= OPEN {
            self.open.pop_front();
        }
        self.open.push_back((Arc::clone(name), file));
        let (_, file) = self.open.back_mut().expect("it was pushed a moment ago");
        file.write_all(bytes).with_context(|| format!("cannot write {name}"))
    }

    fn open(&mut self, name: &Arc<str>) -> Result<File> {
        let path = Path::new(&**name);
        let append = |create| OpenOptions::new().append(true).create(create).open(path);
        if self.begun.contains(name) {
            return append(false).with_context(|| format!("cannot open {name} again"));
        }
        ensure!(
            self.begun.len() < MOST,
            "--split-by would make more than {MOST} files: the field has too many values"
        );
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            fs::create_dir_all(directory)
                .with_context(|| format!("cannot create the directory {}", directory.display()))?;
        }
        let mut file = append(true).with_context(|| format!("cannot create {name}"))?;
        let metadata = file.metadata().with_context(|| format!("cannot create {name}"))?;
        ensure!(
            !self.taken.contains(&(metadata.dev(), metadata.ino())),
            "--output: {name} is also an input or another output"
        );
        if metadata.is_file() {
            file.set_len(0).with_context(|| format!("cannot empty {name}"))?;
        }
        self.begun.insert(Arc::clone(name));
        file.write_all(&self.header).with_context(|| format!("cannot write {name}"))?;
        Ok(file)
    }
}
