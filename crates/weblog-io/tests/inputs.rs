//! Arguments become inputs.
#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use weblog_io::{DirectoryReport, Expanded, Flow, Input, InputError, Peeked, RunOptions, expand, run};

/// A directory of files, each with its content.
fn tree(files: &[(&str, &[u8])]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    directory
}

/// A log is what starts with "log" and a number, which is its key.
fn classify(_: &Path, head: &[u8]) -> Option<u32> {
    std::str::from_utf8(head).ok()?.strip_prefix("log ")?.trim().parse().ok()
}

fn names(expanded: &Expanded, below: &Path) -> Vec<String> {
    let name = |path: &PathBuf| path.strip_prefix(below).unwrap().to_str().unwrap().to_owned();
    expanded.input.sources().iter().map(|source| name(source.path.as_ref().unwrap())).collect()
}

fn problems(expanded: &Expanded) -> Vec<String> {
    expanded.input.problems().iter().map(ToString::to_string).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn fifo(path: &Path) {
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

#[test]
fn no_argument_and_a_dash_are_standard_input() {
    for arguments in [vec![], vec!["-"]] {
        let expanded = expand(&arguments, classify);
        let names: Vec<&str> = expanded.input.sources().iter().map(|source| &*source.name).collect();
        assert_eq!(names, ["-"]);
    }
}

#[test]
fn a_directory_stands_for_its_logs_by_key_then_name() {
    let compressed = gzip(b"log 1");
    let directory = tree(&[
        ("b.log", b"log 2"),
        ("a.log", b"log 2"),
        ("old/x.gz", &compressed),
        ("empty", b""),
        ("readme.txt", b"about"),
    ]);
    let expanded = expand(&[directory.path()], classify);
    assert_eq!(names(&expanded, directory.path()), ["old/x.gz", "a.log", "b.log"]);
    let report = DirectoryReport { path: directory.path().to_owned(), looked_at: 5, taken: 3 };
    assert_eq!(expanded.directories, [report]);
    assert!(problems(&expanded).is_empty());
}

#[test]
fn a_directory_is_walked_once_through_loops_and_past_what_is_not_a_file() {
    let directory = tree(&[("sub/a.log", b"log 1")]);
    let at = |name: &str| directory.path().join(name);
    symlink("..", at("sub/up")).unwrap();
    symlink("self", at("self")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    symlink("sub/a.log", at("0-current.log")).unwrap();
    fs::hard_link(at("sub/a.log"), at("sub/b.log")).unwrap();
    fifo(&at("fifo"));
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let expanded = expand(&[directory.path()], classify);
    assert_eq!(names(&expanded, directory.path()), ["sub/a.log"]);
    assert_eq!(expanded.directories[0].looked_at, 1);
    assert!(problems(&expanded).is_empty());
}

#[test]
fn a_truncated_log_in_a_directory_is_still_a_log() {
    let mut content = b"log 7 ".to_vec();
    content.resize(100_000, b' ');
    let compressed = gzip(&content);
    let directory = tree(&[("a.gz", &compressed[..compressed.len() - 4])]);
    assert_eq!(names(&expand(&[directory.path()], classify), directory.path()), ["a.gz"]);
}

#[test]
fn a_pattern_is_expanded_by_name_and_a_file_of_that_name_goes_before_it() {
    let directory =
        tree(&[("b.log", b""), ("a.log", b""), (".c.log", b""), ("[x].log", b""), ("x.log", b"")]);
    fifo(&directory.path().join("d.log"));
    let expand_in = |name: &str| expand(&[directory.path().join(name)], classify);
    assert_eq!(names(&expand_in("?.log"), directory.path()), ["a.log", "b.log", "x.log"]);
    assert_eq!(names(&expand_in("[x].log"), directory.path()), ["[x].log"]);
}

#[test]
fn what_cannot_be_found_does_not_stop_the_others() {
    let directory = tree(&[("a.log", b"")]);
    let at = |name: &str| OsString::from(directory.path().join(name));
    let expanded = expand(&[at("missing"), at("*.gz"), at("a[.log"), at("a.log")], classify);
    assert_eq!(names(&expanded, directory.path()), ["a.log"]);
    let found = expanded.input.problems();
    assert!(matches!(found[0], InputError::Open { .. }), "{found:?}");
    assert!(matches!(found[1], InputError::NoMatch { .. }), "{found:?}");
    assert!(matches!(found[2], InputError::Pattern { .. }), "{found:?}");
    assert_eq!(found.len(), 3);
}

/// Everything that a run over the input gives.
fn read(input: &mut Input, options: &RunOptions<'_>) -> String {
    let mut text = String::new();
    let copy = |(): &mut (), chunk: &weblog_io::Chunk, result: &mut String| {
        *result = String::from_utf8(chunk.bytes().to_vec()).unwrap();
    };
    run(
        input,
        options,
        |_| (),
        copy,
        |result| {
            text.push_str(result);
            Ok::<_, Infallible>(Flow::Continue)
        },
    )
    .unwrap();
    text
}

#[test]
fn a_source_that_breaks_off_ends_alone() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }
    }
    for threads in [1, 3] {
        let mut input = Input::new();
        input.add_reader("first", Box::new(io::Cursor::new(b"one\nunfini".to_vec()).chain(Broken)));
        input.add_path("/no/such\x1bfile");
        input.add_path("/");
        input.add_reader("second", Box::new(&b"two\n"[..]));
        let options = RunOptions { threads, ..RunOptions::default() };
        assert_eq!(input.peek(&options, |_| false), Peeked::End);
        assert_eq!(read(&mut input, &options), "one\nunfinitwo\n");
        let problems: Vec<String> = input.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems[0], "cannot read first beyond byte 10: the disk is on fire");
        assert!(problems[1].starts_with("cannot open /no/such\\u{1b}file: "), "{}", problems[1]);
        assert!(problems[2].starts_with("cannot open /: "), "{}", problems[2]);
        assert_eq!(problems.len(), 3);
        let complete: Vec<bool> = input.sources().iter().map(|source| source.complete).collect();
        assert_eq!(complete, [false, false, false, true]);
    }
}

#[test]
fn the_progress_counts_stored_bytes_up_to_the_total_size() {
    let compressed = gzip(&b"a line\n".repeat(100_000));
    let directory = tree(&[("a.gz", &compressed), ("b", b"line\n")]);
    let mut input = Input::new();
    input.add_path(directory.path().join("a.gz"));
    input.add_path(directory.path().join("b"));
    let size = compressed.len() as u64 + 5;
    assert_eq!(input.total_size(), Some(size));
    let progress = Arc::new(AtomicU64::new(0));
    let options = RunOptions { progress: Some(Arc::clone(&progress)), ..RunOptions::default() };
    assert_eq!(input.peek(&options, |_| true), Peeked::Enough);
    assert_eq!(read(&mut input, &options).len(), 700_005);
    assert_eq!(progress.load(Ordering::Relaxed), size);
    let info = &input.sources()[0];
    assert_eq!((info.bytes_read, info.bytes_decoded), (compressed.len() as u64, 700_000));
    assert_eq!(info.size, Some(compressed.len() as u64));
}
