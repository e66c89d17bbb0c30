//! Pipes that close, disks that are full, input that trickles.

use crate::program::{Place, commands, text};
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const LINE: &str = "192.0.2.1 - - [22/Jan/2019:00:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"Agent\"\n";

/// The commands that read records, with one thread and with several.
const STREAMS: &[&[&str]] = &[
    &["parse", "-j", "1"],
    &["parse", "-j", "3"],
    &["enrich", "-j", "1"],
    &["enrich", "-j", "3"],
    &["filter", "-j", "1", "true"],
];

fn start(place: &Place, arguments: &[&str]) -> Child {
    let mut command = place.weblog();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for the end, and fails when it does not come.
fn end(mut child: Child, within: Duration) -> (Option<i32>, String) {
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < within, "still running after {within:?}");
        thread::sleep(Duration::from_millis(5));
    };
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    (status.code(), stderr)
}

#[test]
fn a_line_is_written_before_the_next_one_comes() {
    let place = Place::new();
    for arguments in STREAMS {
        let mut child = start(&place, arguments);
        let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(stdout).lines().for_each(|line| sender.send(line.unwrap()).unwrap())
        });
        for _ in 0..3 {
            stdin.write_all(LINE.as_bytes()).unwrap();
            let record =
                receiver.recv_timeout(Duration::from_secs(5)).expect("a record while the input is open");
            assert!(record.starts_with("{\"time\":\"2019-01-22T00:00:00Z\""), "{record}");
        }
        drop(stdin);
        assert_eq!(end(child, Duration::from_secs(5)), (Some(0), String::new()));
    }
}

#[test]
fn half_a_line_waits_for_its_other_half() {
    let place = Place::new();
    let mut child = start(&place, &["parse", "-j", "2"]);
    let mut stdin = child.stdin.take().unwrap();
    for part in LINE.as_bytes().chunks(7) {
        stdin.write_all(part).unwrap();
        thread::sleep(Duration::from_millis(2));
    }
    drop(stdin);
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(stdout.lines().count(), 1);
    assert_eq!(end(child, Duration::from_secs(5)), (Some(0), String::new()));
}

#[test]
fn a_reader_that_goes_away_ends_the_run_although_the_input_is_silent() {
    let place = Place::new();
    let tail = ["tail", "-f", "-n", "0", "-"];
    for arguments in STREAMS.iter().copied().chain([&tail[..]]) {
        let mut child = start(&place, arguments);
        let stdin = child.stdin.take().unwrap();
        thread::sleep(Duration::from_millis(50));
        drop(child.stdout.take());
        let begun = Instant::now();
        assert_eq!(end(child, Duration::from_secs(5)), (Some(0), String::new()), "{arguments:?}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{arguments:?}");
        drop(stdin);
    }
}

#[test]
fn head_ends_every_stage_without_a_word() {
    let place = Place::new();
    let script =
        "weblog generate -n 200000 2>g | weblog parse 2>p | weblog enrich 2>e | head -1 | wc -l; cat g p e";
    let output = place.sh(script, b"");
    assert_eq!((text(&output.stdout).trim(), text(&output.stderr)), ("1", String::new()));
}

#[test]
fn every_command_says_that_the_disk_is_full_and_exits_with_2() {
    let place = Place::new();
    place.write("access.log", LINE.repeat(3));
    place.sh("weblog to-parquet -q logs access.log", b"");
    // What it makes is a dataset, and nothing goes to standard output.
    for command in commands().into_iter().filter(|command| command != "rollup") {
        let arguments = match command.as_str() {
            "tail" | "parse" | "enrich" | "merge" | "replay" => "access.log",
            "to-parquet" => "-t arrow access.log",
            "dataset" => "info logs",
            "compact" | "vacuum" => "-v logs",
            "retain" => "--keep 1d -v logs",
            "filter" => "true access.log",
            "query" => "'select * from logs' access.log",
            "completions" => "bash",
            _ => "",
        };
        for script in [
            format!("weblog {command} {arguments} > /dev/full"),
            format!("weblog {command} --help > /dev/full"),
        ] {
            let output = place.sh(&script, b"");
            assert_eq!(output.status.code(), Some(2), "{script}");
            let stderr = text(&output.stderr);
            assert!(stderr.starts_with("weblog") && stderr.contains("No space left"), "{script}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{script}: {stderr}");
        }
    }
}

#[test]
fn rejects_and_ledger_that_cannot_be_written_are_errors() {
    let place = Place::new();
    for script in [
        "weblog parse --rejects /dev/full",
        "weblog parse --ledger /dev/full",
        "weblog parse -o /dev/full",
        "weblog parse --rejects no/where",
        "weblog parse --ledger no/where",
    ] {
        let output = place.sh(script, b"junk\n192.0.2.1 - - [-] \"-\" - -\n");
        assert_eq!(output.status.code(), Some(2), "{script}");
        assert!(
            text(&output.stderr).starts_with("weblog parse: cannot"),
            "{script}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn an_interrupt_ends_a_stream_after_the_lines_already_read() {
    let place = Place::new();
    for arguments in [
        &["parse", "-j", "1"][..],
        &["enrich", "-j", "2"],
        &["filter", "-j", "2", "--raw", "true"],
        &["tail", "-f", "-"],
    ] {
        let mut child = start(&place, arguments);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(LINE.repeat(2).as_bytes()).unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(place.sh(&format!("kill -INT {}", child.id()), b"").status.success());
        let (code, stderr) = end(child, Duration::from_secs(8));
        assert_eq!((code, stderr), (Some(0), String::new()), "{arguments:?}");
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest.lines().count(), 1, "{arguments:?}");
        drop(stdin);
    }
}

#[test]
fn a_hundred_megabytes_without_a_newline_are_one_reject_in_little_memory() {
    let place = Place::new();
    // The limit is on address space, which threads and the allocator use more of than of memory.
    let script = "ulimit -v 400000; head -c 100000000 /dev/zero | tr '\\0' 'x' | weblog parse -j 2 --ledger l.json; cat l.json";
    let output = place.sh(script, b"");
    let stdout = text(&output.stdout);
    assert!(stdout.contains("\"read\":1,\"written\":0,\"rejected\":1,"), "{stdout}{}", text(&output.stderr));
}

#[test]
fn every_byte_of_an_over_long_line_is_among_the_rejects() {
    let place = Place::new();
    let long: String = (0..2_500_000).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
    let output = place.sh("weblog parse --rejects r.ndjson", format!("{LINE}{long}\n{LINE}").as_bytes());
    assert_eq!(text(&output.stdout).lines().count(), 2);
    let rejects = place.read("r.ndjson");
    let raw: String = rejects
        .lines()
        .map(|row| row.split("\"raw\":\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    assert_eq!(raw.replace("\\n", ""), long);
}

#[test]
fn the_books_balance_and_the_rejects_give_back_their_lines() {
    let place = Place::new();
    let script = "weblog generate -n 20000 --malformed 0.1 > a.log
        weblog parse -q --rejects r.ndjson --ledger l.json a.log > out.ndjson";
    assert!(place.sh(script, b"").status.success());
    let count = |name: &str| place.read(name).lines().count();
    let ledger = place.read("l.json");
    let number = |key: &str| -> usize {
        let rest = ledger.split(&format!("\"{key}\":")).nth(1).unwrap();
        rest.split([',', '}']).next().unwrap().parse().unwrap()
    };
    let lines = std::fs::read(place.path().join("a.log")).unwrap().iter().filter(|b| **b == b'\n').count();
    assert_eq!(number("read"), lines);
    assert_eq!(number("written"), count("out.ndjson"));
    assert_eq!(number("rejected"), count("r.ndjson"));
    assert!(number("rejected") > 100);
    assert_eq!(number("read"), number("written") + number("rejected") + number("skipped"));
    for row in place.read("r.ndjson").lines().take(50) {
        let offset: usize =
            row.split("\"offset\":").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        let log = std::fs::read(place.path().join("a.log")).unwrap();
        assert!(offset == 0 || log[offset - 1] == b'\n', "the offset of a reject is where a line begins");
    }
}

#[test]
fn a_terminal_gets_a_table_without_what_it_would_obey() {
    let place = Place::new();
    place.write("a.log", LINE.replace("Agent", "\\x1b]0;owned\\x07\\x9b31m"));
    // `script` gives the program a terminal.
    if !place.sh("command -v script", b"").status.success() {
        eprintln!("not run: there is no `script`");
        return;
    }
    let output = place.sh("script -qec 'weblog parse a.log; weblog enrich nothing.log' /dev/null", b"");
    let shown = text(&output.stdout);
    assert!(shown.contains("time") && shown.contains("\\x1b]"), "{shown}");
    assert!(!shown.contains("\u{1b}]") && !shown.contains('\u{7}'), "{shown:?}");
}

#[test]
fn a_worker_gets_what_the_limits_of_the_process_allow() {
    let place = Place::new();
    let output =
        place.sh("ulimit -n 16; weblog generate -n 100 --malformed 0 | weblog parse -j 4 | wc -l", b"");
    assert_eq!(text(&output.stdout).trim(), "100", "{}", text(&output.stderr));
}

#[test]
fn a_merge_of_streams_waits_for_what_is_earlier_and_never_for_the_silent() {
    let place = Place::new();
    let line = |second: u32| {
        format!("192.0.2.1 - - [22/Jan/2019:00:00:{second:02} +0000] \"GET / HTTP/1.1\" 200 5\n")
    };
    let second = |line: &str| line.split(':').nth(3).unwrap()[..2].parse::<u32>().unwrap();
    assert!(place.sh("mkfifo p q", b"").status.success());
    let mut child = start(&place, &["merge", "--idle", "300ms", "--lateness", "1s", "p", "q"]);
    let open = |name: &str| std::fs::OpenOptions::new().write(true).open(place.path().join(name)).unwrap();
    let (mut p, mut q) = (open("p"), open("q"));
    let stdout = child.stdout.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        BufReader::new(stdout).lines().for_each(|line| sender.send(line.unwrap()).unwrap())
    });
    p.write_all((line(10) + &line(20)).as_bytes()).unwrap();
    q.write_all((line(5) + &line(12) + &line(11) + &line(14)).as_bytes()).unwrap();
    let next = || second(&receiver.recv_timeout(Duration::from_secs(5)).expect("a line"));
    // Then both are silent, and nothing is held back.
    assert_eq!([(); 6].map(|()| next()), [5, 10, 11, 12, 14, 20]);
    // One stream goes on while the other one is open and says nothing.
    p.write_all(line(30).as_bytes()).unwrap();
    assert_eq!(next(), 30);
    q.write_all(line(25).as_bytes()).unwrap();
    assert_eq!(next(), 25);
    drop((p, q));
    drop(child.stdin.take());
    let (code, stderr) = end(child, Duration::from_secs(5));
    assert_eq!(code, Some(0));
    assert!(stderr.contains("1 line came too late"), "{stderr}");
}

#[test]
fn merge_and_replay_end_at_once_when_nobody_reads_or_they_are_interrupted() {
    let place = Place::new();
    let far = LINE.replace("22/Jan", "23/Jan");
    place.write("a.log", format!("{LINE}{far}"));
    assert!(place.sh("mkfifo p", b"").status.success());
    for arguments in [&["merge", "p"][..], &["merge", "p", "a.log"], &["replay", "a.log"], &["replay", "p"]] {
        for signal in [false, true] {
            let mut child = start(&place, arguments);
            let pipe =
                std::fs::OpenOptions::new().read(true).write(true).open(place.path().join("p")).unwrap();
            thread::sleep(Duration::from_millis(200));
            let begun = Instant::now();
            let stdout = child.stdout.take();
            if signal {
                assert!(place.sh(&format!("kill -INT {}", child.id()), b"").status.success());
            } else {
                drop(stdout);
            }
            assert_eq!(
                end(child, Duration::from_secs(5)),
                (Some(0), String::new()),
                "{arguments:?} {signal}"
            );
            assert!(begun.elapsed() < Duration::from_secs(2), "{arguments:?}");
            drop(pipe);
        }
    }
}

#[test]
fn a_replay_writes_each_line_when_it_is_due() {
    let place = Place::new();
    let lines: String = (0..4).map(|n| LINE.replace("00:00:00", &format!("00:00:{:02}", n * 2))).collect();
    place.write("a.log", lines);
    let begun = Instant::now();
    let mut child = start(&place, &["replay", "--speed", "10x", "a.log"]);
    for (at, line) in BufReader::new(child.stdout.take().unwrap()).lines().enumerate() {
        assert!(line.unwrap().contains(&format!(":00:{:02} ", at * 2)));
        assert!(begun.elapsed() >= Duration::from_millis(200 * at as u64), "line {at} came too early");
    }
    assert!(begun.elapsed() >= Duration::from_millis(600));
    assert_eq!(end(child, Duration::from_secs(5)), (Some(0), String::new()));
}
