//! Following that goes on: after a stop, after a kill, on other machines, into a dataset.

use crate::program::{Place, text};
use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

fn line(number: usize) -> String {
    format!("192.0.2.1 - - [22/Jan/2019:00:00:{:02} +0000] \"GET /{number} HTTP/1.1\" 200 5\n", number % 60)
}

fn append(place: &Place, name: &str, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(place.path().join(name)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(line).collect()
}

/// A run of `weblog` whose output is read.
struct Run {
    child: Child,
    lines: Receiver<String>,
}

impl Run {
    fn start(place: &Place, arguments: &str) -> Self {
        let mut command = place.command("sh");
        command.args(["-c", &format!("exec weblog {arguments}")]).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                if sender.send(line.unwrap() + "\n").is_err() {
                    return;
                }
            }
        });
        Run { child, lines }
    }

    fn next(&self, count: usize) -> String {
        (0..count).map(|_| self.lines.recv_timeout(Duration::from_secs(20)).expect("a line")).collect()
    }

    fn signal(&self, place: &Place, signal: &str) {
        assert!(place.sh(&format!("kill -{signal} {}", self.child.id()), b"").status.success());
    }

    /// Stops it; what came to the end of its output, and what it said.
    fn stop(mut self, place: &Place) -> (String, String) {
        self.signal(place, "TERM");
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(status.code(), Some(0), "{said}");
        (self.lines.iter().collect(), said)
    }
}

#[test]
fn a_state_lets_the_next_run_go_on_through_rotation_and_compression() {
    let place = Place::new();
    append(&place, "log", &lines(0..5));
    append(&place, "log", "half");
    let run = Run::start(&place, "tail -f --from-start --state s log");
    assert_eq!(run.next(5), lines(0..5));
    assert_eq!(run.stop(&place), (String::new(), String::new()));
    append(&place, "log", &format!(" of {}", lines(5..8)));
    assert!(place.sh("mv log log.1 && gzip log.1 && mv log.1.gz log.2.gz", b"").status.success());
    append(&place, "log", &lines(8..9));
    assert!(place.sh("mv log log.1", b"").status.success());
    append(&place, "log", &lines(9..10));
    let run = Run::start(&place, "tail -f --from-start --state s log");
    assert_eq!(run.next(5), format!("half of {}", lines(5..10)));
    append(&place, "log", &lines(10..11));
    assert_eq!(run.next(1), lines(10..11));
    assert_eq!(run.stop(&place).0, "");
}

#[test]
fn a_state_stays_behind_what_the_reader_of_a_pipe_took() {
    let place = Place::new();
    append(&place, "log", &lines(0..3));
    // The reader takes the first line and dies with two in the pipe.
    let script = "weblog tail -f --from-start --state s log | head -c 66 > first";
    assert!(place.sh(&format!("timeout -s TERM 5 sh -c '{script}'"), b"").status.code().is_some());
    let run = Run::start(&place, "tail -f --from-start --state s log");
    let got = run.next(2);
    assert!(got.ends_with(&lines(1..3)) || got == lines(0..2), "{got}");
    run.stop(&place);
}

#[test]
fn a_killed_run_into_a_file_neither_loses_nor_doubles_a_line() {
    let place = Place::new();
    append(&place, "log", &lines(0..1));
    place.write("out", "");
    let mut number = 1;
    for round in 0..30 {
        let script = "exec weblog tail -q -f --from-start --state s log >> out";
        let mut child = place.command("sh").args(["-c", script]).spawn().unwrap();
        let since = Instant::now();
        // Each run comes to what the one before left.
        while place.read("out").len() < lines(0..number).len() && since.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(1));
        }
        let until = Instant::now() + Duration::from_millis(round * 7 % 40);
        while Instant::now() < until {
            append(&place, "log", &lines(number..number + 20));
            number += 20;
            if number % 7 == 0 {
                let now = format!("mv log log.{number}; : > log");
                assert!(place.sh(&now, b"").status.success());
            }
        }
        append(&place, "log", &lines(number..number + 1));
        number += 1;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut child =
        place.command("sh").args(["-c", "exec weblog tail -q -f --state s log >> out"]).spawn().unwrap();
    let wanted = lines(0..number);
    assert!(number > 1000, "{number}");
    let since = Instant::now();
    while place.read("out").len() < wanted.len() && since.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let got = place.read("out");
    let differ = got.lines().zip(wanted.lines()).position(|(got, wanted)| got != wanted);
    assert!(got == wanted, "{} of {} bytes, first differing line {differ:?}", got.len(), wanted.len());
}

#[test]
fn a_state_that_is_in_use_or_is_none_is_refused() {
    let place = Place::new();
    append(&place, "log", &lines(0..1));
    let run = Run::start(&place, "tail -f --from-start --state s log");
    run.next(1);
    let second = place.sh("weblog tail -f --state s log", b"");
    assert_eq!(
        (second.status.code(), text(&second.stderr)),
        (Some(2), "weblog tail: s is in use by another weblog\n".into())
    );
    run.stop(&place);
    place.write("s", "notes\n");
    let other = place.sh("weblog tail -f --state s log", b"");
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("s:1: this is no state"), "{}", text(&other.stderr));
    assert_eq!(place.read("s"), "notes\n");
}

#[test]
fn files_that_a_pattern_finds_later_are_followed() {
    let place = Place::new();
    append(&place, "a.log", &lines(0..1));
    let run = Run::start(&place, "tail -f --from-start '*.log'");
    assert_eq!(run.next(1), lines(0..1));
    append(&place, "b.log", &lines(1..2));
    assert_eq!(run.next(1), lines(1..2));
    fs::rename(place.path().join("a.log"), place.path().join("a.log.1")).unwrap();
    append(&place, "a.log", &lines(2..3));
    assert_eq!(run.next(1), lines(2..3));
    run.stop(&place);
}

/// Puts an `ssh` before all others that runs its command here. It says nothing of the host that it is asked for.
fn fake_ssh(place: &Place) -> String {
    let path = place.path().join("bin/ssh");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let script = "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\necho $$ >> pids\nshift 2\nexec \"$@\"\n";
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let work = place.path().display();
    format!("PATH=\"{work}/bin:$PATH\"")
}

#[test]
fn a_log_of_another_machine_is_followed_through_lost_connections_and_rotation() {
    let place = Place::new();
    let path = fake_ssh(&place);
    let log = place.path().join("access.log");
    append(&place, "access.log", &lines(0..3));
    let script = format!("{path} exec weblog tail -f -n 2 --tag none ssh://web1{}", log.display());
    let mut child = place
        .command("sh")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut next = move |count: usize| {
        let mut text = String::new();
        (0..count).for_each(|_| assert!(reader.read_line(&mut text).unwrap() > 0, "{text}"));
        text
    };
    assert_eq!(next(2), lines(1..3));
    let mut number = 3;
    for round in 0..4 {
        append(&place, "access.log", &lines(number..number + 2));
        assert!(place.sh("kill -9 $(tail -1 pids)", b"").status.success());
        append(&place, "access.log", &lines(number + 2..number + 4));
        if round % 2 == 0 {
            fs::rename(&log, place.path().join(format!("access.log.{}", 9 - round))).unwrap();
        }
        append(&place, "access.log", &lines(number + 4..number + 5));
        assert_eq!(next(5), lines(number..number + 5), "round {round}");
        number += 5;
    }
    assert!(place.sh(&format!("kill -TERM {}", child.id()), b"").status.success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(said.contains("the connection was lost") && said.contains("there again"), "{said}");
}

#[test]
fn lines_of_other_machines_say_where_they_are_from() {
    let place = Place::new();
    let path = fake_ssh(&place);
    append(&place, "a.log", &lines(0..2));
    let at = place.path().join("a.log").display().to_string();
    let parsed = place.sh(&format!("{path}; export PATH; weblog tail -n 1 ssh://web1{at} ssh://me@web2:22{at} | weblog parse --fields host,source,offset,path"), b"");
    let of = |host| {
        format!("{{\"host\":\"{host}\",\"source\":\"{at}\",\"offset\":{},\"path\":\"/1\"}}\n", line(0).len())
    };
    assert_eq!(text(&parsed.stdout), format!("{}{}", of("web1"), of("web2")), "{}", text(&parsed.stderr));
    let prefixed =
        place.sh(&format!("{path}; export PATH; weblog tail --tag prefix -n 1 ssh://web1{at}"), b"");
    assert_eq!(text(&prefixed.stdout), format!("web1 | {}", line(1)));
    let missing = place.sh(&format!("{path}; export PATH; weblog tail ssh://web1{at}.not"), b"");
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("there is no such file"), "{}", text(&missing.stderr));
}

#[test]
fn compressed_files_in_a_directory_are_told_of_and_not_followed() {
    let place = Place::new();
    append(&place, "old", &lines(0..5));
    assert!(place.sh("mkdir in && mv old in && gzip in/old", b"").status.success());
    append(&place, "in/log", &lines(5..6));
    for command in ["tail -f --from-start in", "to-parquet logs --follow in"] {
        let run = Run::start(&place, command);
        let of_old = "in/old.gz is compressed and does not grow: leave out --follow\n";
        thread::sleep(Duration::from_millis(1500));
        assert!(run.stop(&place).1.contains(of_old), "{command}");
    }
    wait_for_rows(&place, 1);
}

/// The rows in a dataset, as its log has them.
fn rows(place: &Place) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(place.path().join("logs/_delta_log")) else { return Vec::new() };
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let log: String = entries.map(|entry| read(&entry.unwrap().path())).collect();
    log.split("numRecords\\\":")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap())
        .collect()
}

fn wait_for_rows(place: &Place, wanted: usize) {
    let since = Instant::now();
    while rows(place).iter().sum::<u64>() < wanted as u64 {
        assert!(since.elapsed() < Duration::from_secs(30), "{:?} of {wanted}", rows(place));
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(rows(place).iter().sum::<u64>(), wanted as u64);
}

#[test]
fn a_dataset_follows_a_log_and_whoever_kills_it_loses_nothing() {
    let place = Place::new();
    append(&place, "log.1", &lines(0..7));
    append(&place, "log", &lines(10..15));
    let script = "exec weblog to-parquet logs --follow --commit-every 1s,1K log 2>> said";
    let start = || place.command("sh").args(["-c", script]).stdin(Stdio::null()).spawn().unwrap();
    let mut child = start();
    wait_for_rows(&place, 5);
    let mut number = 15;
    for round in 0..12 {
        append(&place, "log", &lines(number..number + 30));
        number += 30;
        if round % 3 == 0 {
            assert!(place.sh("[ -f log.2 ] && gzip log.2 && mv log.2.gz log.$(date +%s%N).gz; mv log.1 log.2; mv log log.1; : > log", b"").status.success());
            append(&place, "log", &lines(number..number + 1));
            number += 1;
        }
        thread::sleep(Duration::from_millis(round * 31 % 90));
        child.kill().unwrap();
        child.wait().unwrap();
        append(&place, "log", &lines(number..number + 1));
        number += 1;
        child = start();
    }
    wait_for_rows(&place, number - 10);
    assert!(place.sh(&format!("kill -TERM {}", child.id()), b"").status.success());
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", place.read("said"));
    // What is there is all there is: a run without --follow finds nothing new.
    let again = place.sh("weblog to-parquet -v logs log", b"");
    assert!(text(&again.stderr).contains("nothing new"), "{}", text(&again.stderr));
    drop(File::open(place.path().join("said")));
}
