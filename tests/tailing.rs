//! `weblog tail -f` on files that grow, rotate and vanish.

use crate::program::{Place, text};
use std::{
    fs::{self, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// A tail under way, and the lines that it gives.
struct Tail {
    child: Child,
    lines: Receiver<String>,
}

impl Tail {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.weblog();
        command
            .arg("tail")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Tail { child, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(5)).expect("a line")
    }

    fn is_silent(&self) -> bool {
        self.lines.recv_timeout(Duration::from_millis(400)).is_err()
    }

    /// Interrupts it, and gives what it said.
    fn stop(mut self, place: &Place) -> String {
        assert!(place.sh(&format!("kill -INT {}", self.child.id()), b"").status.success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

fn append(place: &Place, name: &str, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(place.path().join(name)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn it_begins_with_the_last_lines_and_goes_on_with_what_comes() {
    let place = Place::new();
    append(&place, "a", "1\n2\n3\n");
    let tail = Tail::start(&place, &["-f", "-n", "2", "a"]);
    assert_eq!((tail.next(), tail.next()), ("2".into(), "3".into()));
    append(&place, "a", "4\n");
    assert_eq!(tail.next(), "4");
    append(&place, "a", "ha");
    assert!(tail.is_silent(), "half a line is held");
    append(&place, "a", "lf\n");
    assert_eq!(tail.next(), "half");
    assert_eq!(tail.stop(&place), "");
}

#[test]
fn it_follows_the_name_through_rename_truncation_and_absence() {
    let place = Place::new();
    append(&place, "a", "1\n");
    let tail = Tail::start(&place, &["--follow", "--from-start", "--verbose", "--poll", "50", "a"]);
    assert_eq!(tail.next(), "1");
    fs::rename(place.path().join("a"), place.path().join("a.1")).unwrap();
    append(&place, "a.1", "2\n");
    assert_eq!(tail.next(), "2");
    append(&place, "a", "3\n");
    assert_eq!(tail.next(), "3");
    fs::write(place.path().join("a"), "").unwrap();
    thread::sleep(Duration::from_millis(300));
    append(&place, "a", "4\n");
    assert_eq!(tail.next(), "4");
    fs::remove_file(place.path().join("a")).unwrap();
    thread::sleep(Duration::from_millis(300));
    append(&place, "a", "5\n");
    assert_eq!(tail.next(), "5");
    let said = tail.stop(&place);
    assert!(
        said.contains("rotated") && said.lines().all(|line| line.starts_with("weblog tail: a: ")),
        "{said}"
    );
}

#[test]
fn it_waits_for_a_file_that_is_not_there_yet_and_quiet_is_quiet() {
    let place = Place::new();
    let tail = Tail::start(&place, &["-F", "--quiet", "--lines", "5", "later", "other"]);
    thread::sleep(Duration::from_millis(100));
    append(&place, "other", "b\n");
    assert_eq!(tail.next(), "b");
    append(&place, "later", "a\n");
    assert_eq!(tail.next(), "a");
    assert_eq!(tail.stop(&place), "");
}

#[test]
fn no_line_is_lost_or_doubled_while_a_log_rotates_under_the_whole_pipe() {
    let place = Place::new();
    append(&place, "a", "");
    let mut child = place
        .command("sh")
        .args(["-c", "exec 2>said; weblog tail -f -n 0 a | weblog parse | weblog enrich --fields path > out"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    let mut number = 0;
    for round in 0..10 {
        for _ in 0..200 {
            let line =
                format!("192.0.2.1 - - [22/Jan/2019:00:00:00 +0000] \"GET /{number} HTTP/1.1\" 200 5\n");
            append(&place, "a", &line);
            number += 1;
        }
        fs::rename(place.path().join("a"), place.path().join(format!("a.{round}"))).unwrap();
        append(&place, "a", "");
        thread::sleep(Duration::from_millis(30));
    }
    let expected: Vec<_> = (0..number).map(|n| format!("{{\"path\":\"/{n}\"}}")).collect();
    let mut got = Vec::new();
    for _ in 0..100 {
        got = place.read("out").lines().map(str::to_owned).collect();
        if got.len() >= expected.len() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    place.sh("pkill -INT -f 'weblog tail -f -n 0 a$'", b"");
    child.wait().unwrap();
    assert_eq!(got, expected, "{}", place.read("said"));
}

#[test]
fn a_full_disk_is_said() {
    let place = Place::new();
    append(&place, "a", "1\n");
    let output = place.sh("weblog tail -f a > /dev/full", b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("No space left"), "{}", text(&output.stderr));
}
