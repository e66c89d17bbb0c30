//! What a signal does. The tests send signals to child processes, which are this very file again.
#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use std::convert::Infallible;
use std::io::{BufRead, BufReader, PipeWriter, Read, Write, pipe};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use weblog_io::{Flow, Input, RunOptions, Stop, run, stdout};

/// The child: copies its standard input to its standard output, and says on standard error how it
/// ended. Run as a test by its parent only.
#[test]
#[ignore = "the child process of the other tests"]
fn child() {
    let stop = Stop::new().unwrap();
    stop.on_signals().unwrap();
    let options = RunOptions { output: Some(stdout()), stop: Some(stop), ..RunOptions::default() };
    eprintln!("ready");
    let end = run(
        &mut Input::stdin(),
        &options,
        |_| (),
        |(), chunk, result: &mut Vec<u8>| {
            result.clear();
            result.extend_from_slice(chunk.bytes());
        },
        |result| {
            std::io::stderr().write_all(result).unwrap();
            Ok::<_, Infallible>(Flow::Continue)
        },
    );
    eprintln!("{:?}", end.unwrap().ended);
}

/// The child and what it says, from behind `ready` on.
fn spawn(stdin: impl Into<Stdio>) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child", "--nocapture"])
        .stdin(stdin)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while line != "ready\n" {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0);
    }
    sleep(Duration::from_millis(50));
    (child, said)
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn piped() -> (Child, BufReader<std::process::ChildStderr>, PipeWriter) {
    let (reader, writer) = pipe().unwrap();
    let (child, said) = spawn(reader);
    (child, said, writer)
}

#[test]
fn the_lines_that_come_shortly_after_a_signal_are_not_lost() {
    let (mut child, mut said, mut writer) = piped();
    writer.write_all(b"before\n").unwrap();
    signal(&child, Signal::INT);
    for n in 0..3 {
        sleep(Duration::from_millis(200));
        writeln!(writer, "after {n}").unwrap();
    }
    drop(writer);
    let mut text = String::new();
    said.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("before\nafter 0\nafter 1\nafter 2\nInput\n"), "{text}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_signal_ends_a_run_whose_pipe_stays_silent_for_half_a_second() {
    let (mut child, mut said, mut writer) = piped();
    writer.write_all(b"before\nunfinished").unwrap();
    sleep(Duration::from_millis(50));
    let start = Instant::now();
    signal(&child, Signal::TERM);
    let mut text = String::new();
    said.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("before\nStopped\n"), "{text}");
    assert!(start.elapsed() >= Duration::from_millis(450), "{:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
    assert!(child.wait().unwrap().success());
    drop(writer);
}

#[test]
fn a_second_signal_has_its_default_effect() {
    let (mut child, _said, writer) = piped();
    signal(&child, Signal::TERM);
    sleep(Duration::from_millis(50));
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::TERM.as_raw()));
    drop(writer);
}

#[test]
fn a_signal_ends_a_run_over_an_endless_device_at_once() {
    let (mut child, said) = spawn(std::fs::File::open("/dev/zero").unwrap());
    // Not to read what it says would stop it as well as any signal.
    let reader = std::thread::spawn(move || std::io::copy(&mut { said }, &mut std::io::sink()));
    let start = Instant::now();
    signal(&child, Signal::INT);
    assert!(child.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_millis(400), "{:?}", start.elapsed());
    reader.join().unwrap().unwrap();
}
