//! Files while they are written, and how they get their names.
//!
//! A run has a directory of its own, `_weblog_tmp/<id>/`, and beside it `_weblog_tmp/<id>.lock`, which it
//! holds locked for as long as it lives: that is how others tell a run that is at work from one that was
//! killed. Tools that follow Hadoop's habits do not look into directories whose names begin with `_`;
//! for those that do, a file that is being written does not end in `.parquet`.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::durable::{self, gone, publish_new, sync_directory};
use super::error::DeltaError;
use super::{path, recover};

/// The list of the names that files are about to get.
pub(super) const MOVES: &str = "moves";

/// The last line of a whole list.
pub(super) const END: &str = "end\n";

pub(super) fn directory(root: &Path) -> PathBuf {
    root.join("_weblog_tmp")
}

pub(super) fn lock_path(root: &Path, id: &str) -> PathBuf {
    directory(root).join(format!("{id}.lock"))
}

/// The private directory of one run. Dropped without [`Staging::finish`], it takes back the files that
/// no commit names.
#[derive(Debug)]
pub struct Staging {
    root: PathBuf,
    id: String,
    published: Vec<String>,
    finished: bool,
    /// Closed, and so unlocked, last.
    _lock: File,
}

impl Staging {
    /// Makes a directory for this run in the dataset at `root`, which is made too if it is missing.
    ///
    /// # Errors
    /// The system refuses it.
    pub fn new(root: &Path) -> Result<Staging, DeltaError> {
        let parent = directory(root);
        loop {
            durable::create_directories(&parent).map_err(DeltaError::io("create", &parent))?;
            let id = durable::random_name();
            let path = lock_path(root, &id);
            let lock = match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                // Another run has just finished and removed the empty directory.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(DeltaError::io("create", &path))?,
            };
            // A recovery may have found the lock before we held it. It has no directory yet, so nothing
            // is lost by taking another one.
            let locked = durable::try_lock(&lock).map_err(DeltaError::io("lock", &path))?;
            if !locked || !durable::still_named(&lock, &path).map_err(DeltaError::io("read", &path))? {
                continue;
            }
            let staging =
                Staging { root: root.to_owned(), id, published: Vec::new(), finished: false, _lock: lock };
            let own = staging.own();
            fs::create_dir(&own).map_err(DeltaError::io("create", &own))?;
            return Ok(staging);
        }
    }

    /// What no other run has: part of the name of every file that this one publishes.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A new file to write to, and its path. The name must not end in `.parquet`.
    ///
    /// # Errors
    /// The system refuses it, or the name is not one.
    pub fn create(&self, name: &str) -> Result<(File, PathBuf), DeltaError> {
        self.check_temporary(name)?;
        let path = self.own().join(name);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        Ok((file.map_err(DeltaError::io("create", &path))?, path))
    }

    /// A file without a name, for what is needed again only by this run.
    ///
    /// # Errors
    /// The system refuses it.
    pub fn scratch(&self) -> Result<File, DeltaError> {
        let (file, path) = self.create("scratch")?;
        fs::remove_file(&path).map_err(DeltaError::io("remove", &path))?;
        Ok(file)
    }

    /// Notes that a commit names all files published so far, so that nobody has to look for them.
    pub fn committed(&mut self) {
        self.published.clear();
    }

    /// Gives files their places in the dataset: pairs of the name that [`Staging::create`] was given and
    /// the path below the root, whose last part must contain [`Staging::id`]. When it returns, data and
    /// names are durable, and the commit may follow.
    ///
    /// # Errors
    /// The system refuses it, or a name is not one, or is taken. Some files may have moved then;
    /// dropping the staging takes them back.
    pub fn publish(&mut self, moves: &[(String, String)]) -> Result<(), DeltaError> {
        for (name, target) in moves {
            self.check_temporary(name)?;
            self.check_target(target)?;
        }
        self.published.extend(moves.iter().map(|(_, target)| target.clone()));
        self.write_moves()?;

        let mut directories = BTreeSet::new();
        for (name, target) in moves {
            let (from, to) = (self.own().join(name), self.root.join(target));
            let file = OpenOptions::new().write(true).open(&from).map_err(DeltaError::io("open", &from))?;
            file.sync_all().map_err(DeltaError::io("make durable", &from))?;
            let parent = to.parent().unwrap_or(&self.root);
            fs::create_dir_all(parent).map_err(DeltaError::io("create", parent))?;
            // Who made a directory may not have made it durable yet, so all of them are.
            let below = parent.ancestors().take_while(|ancestor| *ancestor != self.root);
            directories.extend(below.map(Path::to_owned));
        }
        for (name, target) in moves {
            let (from, to) = (self.own().join(name), self.root.join(target));
            let parent = to.parent().unwrap_or(&self.root);
            // A directory that is empty may be taken away by somebody who tidies up.
            let mut tries = 0;
            loop {
                match publish_new(&from, &to) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound && tries < 100 => tries += 1,
                    other => break other.map_err(DeltaError::io("create", &to))?,
                }
                gone(fs::create_dir_all(parent)).map_err(DeltaError::io("create", parent))?;
            }
        }
        directories.insert(self.root.clone());
        for directory in &directories {
            sync_directory(directory).map_err(DeltaError::io("make durable", directory))?;
        }
        Ok(())
    }

    /// Removes the directory, once the commit is made.
    ///
    /// # Errors
    /// The system refuses it; the next recovery tries again.
    pub fn finish(mut self) -> Result<(), DeltaError> {
        self.finished = true;
        remove(&self.root, &self.id)
    }

    /// Ends as if the process had been killed: nothing is cleared away, and the lock is free.
    #[cfg(test)]
    pub(super) fn die(mut self) {
        self.finished = true;
    }

    fn own(&self) -> PathBuf {
        directory(&self.root).join(&self.id)
    }

    /// Notes durably what is about to move, so that a recovery knows what to look for.
    fn write_moves(&self) -> Result<(), DeltaError> {
        let own = self.own();
        let (path, new) = (own.join(MOVES), own.join("moves.new"));
        let mut text: String = self.published.iter().map(|target| format!("{target}\n")).collect();
        text.push_str(END);
        let mut file = File::create(&new).map_err(DeltaError::io("create", &new))?;
        file.write_all(text.as_bytes()).map_err(DeltaError::io("write", &new))?;
        file.sync_all().map_err(DeltaError::io("make durable", &new))?;
        fs::rename(&new, &path).map_err(DeltaError::io("create", &path))?;
        for directory in [&own, &directory(&self.root), &self.root] {
            sync_directory(directory).map_err(DeltaError::io("make durable", directory))?;
        }
        Ok(())
    }

    fn check_temporary(&self, name: &str) -> Result<(), DeltaError> {
        let refuse = |why| Err(DeltaError::Path { path: name.to_owned(), why });
        match name {
            _ if name.contains('/') => refuse("the name of a temporary file has no slash"),
            _ if name.ends_with(".parquet") => refuse("other tools would read it before it is complete"),
            MOVES | "moves.new" => refuse("the staging directory needs this name itself"),
            _ => path::check(name),
        }
    }

    fn check_target(&self, target: &str) -> Result<(), DeltaError> {
        path::check(target)?;
        let refuse = |why| Err(DeltaError::Path { path: target.to_owned(), why });
        if target.starts_with('_') || target.starts_with('.') {
            return refuse("readers do not look into hidden places");
        }
        if !is_named_by(target, &self.id) {
            return refuse("its name must contain the identifier of the run, so that no two runs share it");
        }
        match fs::symlink_metadata(self.root.join(target)) {
            Ok(_) => refuse("there is such a file already"),
            Err(_) => Ok(()),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be taken back now, the next recovery finds.
            let _left_for_recovery = recover::clean(&self.root, &self.id);
        }
    }
}

/// Whether a file's own name contains the identifier of the run.
pub(super) fn is_named_by(target: &str, id: &str) -> bool {
    target.rsplit('/').next().is_some_and(|name| name.contains(id))
}

/// Removes the directory of a run whose lock is held by the caller, and the lock last: a directory
/// without lock never comes to be.
pub(super) fn remove(root: &Path, id: &str) -> Result<(), DeltaError> {
    let (parent, lock) = (directory(root), lock_path(root, id));
    let own = parent.join(id);
    gone(fs::remove_dir_all(&own)).map_err(DeltaError::io("remove", &own))?;
    gone(fs::remove_file(&lock)).map_err(DeltaError::io("remove", &lock))?;
    // Not empty while others are at work.
    let _others = fs::remove_dir(&parent);
    Ok(())
}
