//! Names that a loss of power cannot take away, and names that are new.

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

/// Gives the file `from` the name `to`, which must be free: if it is not, the error is of the kind
/// `AlreadyExists` and nothing has changed.
///
/// Where the file system cannot rename without replacing, a second name is made and the first one
/// taken away, which a crash can interrupt: then both names are there.
pub(super) fn publish_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => link_new(from, to),
        other => other.map_err(io::Error::from),
    }
}

/// [`publish_new`] by a second name.
fn link_new(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    // The file has its name; whoever clears the directory of the old name takes that away.
    let _old_name = fs::remove_file(from);
    Ok(())
}

/// Makes a directory and those above it, as far as they are missing, and makes their names durable.
pub(super) fn create_directories(path: &Path) -> io::Result<()> {
    let path = std::path::absolute(path)?;
    let missing = path.ancestors().take_while(|ancestor| !ancestor.exists()).count();
    fs::create_dir_all(&path)?;
    path.ancestors().skip(1).take(missing).try_for_each(sync_directory)
}

/// Makes the names in a directory durable. A file system that cannot do this is taken as it is.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

/// Takes the lock on an open file, if nobody holds it. It is held until the file is closed, at the
/// latest by the end of the process.
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether the open file is still the one with this name.
pub(super) fn still_named(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether removing it left nothing to do: it is gone, by us or by somebody else.
pub(super) fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// 128 random bits.
///
/// The standard library seeds its hash tables with 128 bits from the system; two hashes under such keys
/// make an identifier that no other process has.
pub(super) fn random() -> u128 {
    let half = || {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        u128::from(hasher.finish())
    };
    (half() << 64) | half()
}

/// 128 random bits as 32 hexadecimal digits.
pub(super) fn random_name() -> String {
    format!("{:032x}", random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_stays_with_who_has_it() {
        for publish in [publish_new, link_new] {
            let directory = tempfile::tempdir().unwrap();
            let [ours, theirs, free] = ["ours", "theirs", "free"].map(|name| directory.path().join(name));
            fs::write(&ours, "ours").unwrap();
            fs::write(&theirs, "theirs").unwrap();
            assert_eq!(publish(&ours, &theirs).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
            publish(&ours, &free).unwrap();
            assert_eq!(fs::read_to_string(&free).unwrap(), "ours");
            assert!(!ours.exists());
        }
    }

    #[test]
    fn directories_are_made_as_far_as_they_are_missing() {
        let directory = tempfile::tempdir().unwrap();
        let deep = directory.path().join("a/b/c");
        create_directories(&deep).unwrap();
        create_directories(&deep).unwrap();
        assert!(deep.is_dir());
    }

    #[test]
    fn a_lock_is_held_by_one_open_file_and_tells_whether_its_name_is_still_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = File::create(&path).unwrap();
        let second = File::open(&path).unwrap();
        assert!(try_lock(&first).unwrap() && !try_lock(&second).unwrap());
        drop(first);
        assert!(try_lock(&second).unwrap() && still_named(&second, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!still_named(&second, &path).unwrap());
        File::create(&path).unwrap();
        assert!(!still_named(&second, &path).unwrap());
    }
}
