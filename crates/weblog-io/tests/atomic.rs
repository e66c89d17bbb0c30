//! Files that are there as a whole or not at all.
#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::tempdir;
use weblog_io::AtomicFile;

#[test]
fn a_file_appears_when_it_is_committed_and_leaves_nothing_when_it_is_not() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("out");
    fs::write(&path, "old").unwrap();
    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old");
    drop(file);
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);

    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"new").unwrap();
    file.commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
}

#[test]
fn a_replaced_file_keeps_its_permissions_and_a_link_to_it_stays_a_link() {
    let directory = tempdir().unwrap();
    let (path, link) = (directory.path().join("out"), directory.path().join("link"));
    symlink("out", &link).unwrap();
    AtomicFile::create(&link).unwrap().commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"", "a dangling link names what is created");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let mut file = AtomicFile::create(&link).unwrap();
    file.write_all(b"x").unwrap();
    file.commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"x");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_fifo_is_written_directly() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("fifo");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let other = path.clone();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        fs::File::open(other).unwrap().read_to_string(&mut text).unwrap();
        text
    });
    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"through").unwrap();
    file.commit().unwrap();
    assert_eq!(reader.join().unwrap(), "through");
}

#[test]
fn errors_name_the_path_and_what_to_do() {
    let directory = tempdir().unwrap();
    let missing = directory.path().join("no/such/out");
    let error = AtomicFile::create(&missing).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot create {}: ", missing.display())), "{error}");
    assert!(error.ends_with("; create the directory first"), "{error}");
    let error = AtomicFile::create(directory.path()).unwrap_err().to_string();
    assert!(error.ends_with("; give the name of a file"), "{error}");
    if cfg!(target_os = "linux") {
        let error = AtomicFile::create("/dev/full").unwrap().write_all(b"x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!(error.to_string().starts_with("cannot write /dev/full: "), "{error}");
    }
}
