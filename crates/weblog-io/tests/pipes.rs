//! Pipes: lines at once, and no hang whoever stops first.
#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use std::convert::Infallible;
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use weblog_io::{ByteReader, Chunk, Ended, Flow, Input, Peeked, RunEnd, RunError, RunOptions, Stop, run};

const SOON: Duration = Duration::from_millis(100);

fn piped() -> (Input, PipeWriter) {
    let (reader, writer) = pipe().unwrap();
    let mut input = Input::new();
    input.add_fd("test", OwnedFd::from(reader));
    (input, writer)
}

fn copy(_: &mut (), chunk: &Chunk, result: &mut Vec<u8>) {
    result.clear();
    result.extend_from_slice(chunk.bytes());
}

fn run_copy(input: &mut Input, options: &RunOptions<'_>, out: &mut Vec<u8>) -> RunEnd {
    run(
        input,
        options,
        |_| (),
        copy,
        |result| {
            out.extend_from_slice(result);
            Ok::<_, Infallible>(Flow::Continue)
        },
    )
    .unwrap()
}

/// The time from when `trigger` runs, 100 ms into `body`, to the end of `body`.
fn time_to_end<R>(body: impl FnOnce() -> R, trigger: impl FnOnce() + Send) -> (R, Duration) {
    thread::scope(|threads| {
        let triggered = threads.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            let now = Instant::now();
            trigger();
            now
        });
        let result = body();
        let end = Instant::now();
        (result, end.saturating_duration_since(triggered.join().unwrap()))
    })
}

#[test]
fn a_closed_output_ends_a_run_that_waits_for_silent_input() {
    for threads in [1, 3] {
        let (mut input, mut writer) = piped();
        let (output_reader, output): (PipeReader, PipeWriter) = pipe().unwrap();
        writer.write_all(b"one\ntwo\nunfini").unwrap();
        let options = RunOptions { threads, output: Some(output.as_fd()), ..RunOptions::default() };
        let mut out = Vec::new();
        let (end, time) =
            time_to_end(|| run_copy(&mut input, &options, &mut out), move || drop(output_reader));
        assert_eq!(end, RunEnd { ended: Ended::OutputClosed, unfinished: 6 });
        assert_eq!(out, b"one\ntwo\n");
        assert!(time < SOON, "{threads} threads: {time:?}");
    }
}

#[test]
fn a_peek_ends_when_the_output_is_closed() {
    let (mut input, _writer) = piped();
    let (output_reader, output) = pipe().unwrap();
    let options = RunOptions { output: Some(output.as_fd()), ..RunOptions::default() };
    let (peeked, time) = time_to_end(|| input.peek(&options, |_| true), move || drop(output_reader));
    assert_eq!(peeked, Peeked::Stopped);
    assert!(time < SOON, "{time:?}");
}

#[test]
fn an_output_that_is_a_file_does_not_end_a_run() {
    for path in ["/dev/null", "/proc/self/exe"] {
        let file = File::open(path).unwrap();
        let (mut input, mut writer) = piped();
        let options = RunOptions { output: Some(file.as_fd()), ..RunOptions::default() };
        let mut out = Vec::new();
        let (end, _) = time_to_end(
            || run_copy(&mut input, &options, &mut out),
            move || writer.write_all(b"late\n").unwrap(),
        );
        assert_eq!((end.ended, &out[..]), (Ended::Input, &b"late\n"[..]), "{path}");
    }
}

#[test]
fn a_consumer_that_stops_ends_a_run_whose_input_is_silent() {
    for threads in [1, 3] {
        let (mut input, mut writer) = piped();
        writer.write_all(b"line\n").unwrap();
        let start = Instant::now();
        let options = RunOptions { threads, ..RunOptions::default() };
        let end = run(&mut input, &options, |_| (), copy, |_| Ok::<_, Infallible>(Flow::Stop)).unwrap();
        assert_eq!(end.ended, Ended::Consumer);
        assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    }
}

#[test]
fn a_consumers_error_is_the_runs_error() {
    for threads in [1, 3] {
        let (mut input, mut writer) = piped();
        writer.write_all(b"line\n").unwrap();
        let options = RunOptions { threads, ..RunOptions::default() };
        let end = run(&mut input, &options, |_| (), copy, |_| Err("no"));
        assert!(matches!(end, Err(RunError::Consume("no"))), "{end:?}");
    }
}

#[test]
fn a_panic_anywhere_is_an_error_not_a_hang() {
    for threads in [1, 4] {
        for place in ["new_worker", "work", "consume"] {
            let (mut input, mut writer) = piped();
            let feeder = thread::spawn(move || while writer.write_all(b"a line\n").is_ok() {});
            let options = RunOptions { threads, chunk_size: Some(64), ..RunOptions::default() };
            let start = Instant::now();
            let end = run(
                &mut input,
                &options,
                |_| assert_ne!(place, "new_worker", "on purpose"),
                |(), chunk, result: &mut u64| {
                    *result = chunk.offset;
                    assert!(place != "work" || chunk.offset < 10_000, "on purpose");
                },
                |result| {
                    assert!(place != "consume" || *result < 10_000, "on purpose");
                    Ok::<_, Infallible>(Flow::Continue)
                },
            );
            let Err(RunError::Panicked(message)) = end else { panic!("{place}, {threads} threads: {end:?}") };
            assert!(message.contains("on purpose"), "{message}");
            assert!(start.elapsed() < Duration::from_secs(2));
            drop(input);
            feeder.join().unwrap();
        }
    }
}

#[test]
fn a_stop_ends_the_run_after_the_whole_lines_read() {
    for threads in [1, 3] {
        let (mut input, mut writer) = piped();
        writer.write_all(b"one\nunfinished").unwrap();
        let stop = Stop::new().unwrap();
        let options = RunOptions { threads, stop: Some(stop.clone()), ..RunOptions::default() };
        let mut out = Vec::new();
        let (end, time) = time_to_end(|| run_copy(&mut input, &options, &mut out), || stop.request());
        assert_eq!(end, RunEnd { ended: Ended::Stopped, unfinished: 10 });
        assert_eq!(out, b"one\n");
        assert!(!input.sources()[0].complete);
        assert!(time < SOON, "{time:?}");
    }
}

#[test]
fn a_stop_ends_the_wait_for_a_fifo_that_nobody_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let mut input = Input::new();
    input.add_path(&path);
    let stop = Stop::new().unwrap();
    let options = RunOptions { stop: Some(stop.clone()), ..RunOptions::default() };
    let (end, time) = time_to_end(|| run_copy(&mut input, &options, &mut Vec::new()), || stop.request());
    assert_eq!(end.ended, Ended::Stopped);
    assert!(time < SOON, "{time:?}");

    // And with somebody who opens it late it is an input like any other.
    let mut input = Input::new();
    input.add_path(&path);
    let mut out = Vec::new();
    let late = move || File::options().write(true).open(&path).unwrap().write_all(b"late\n").unwrap();
    let (end, _) = time_to_end(|| run_copy(&mut input, &RunOptions::default(), &mut out), late);
    assert_eq!((end.ended, &out[..]), (Ended::Input, &b"late\n"[..]));
}

#[test]
fn a_line_is_handed_over_before_the_next_comes() {
    for threads in [1, 2, 4] {
        let (mut input, mut writer) = piped();
        let (seen, wait) = channel();
        let writing = thread::spawn(move || {
            let mut times = Vec::new();
            for n in 0..50 {
                let start = Instant::now();
                writeln!(writer, "line {n}").unwrap();
                assert_eq!(wait.recv_timeout(Duration::from_secs(5)), Ok(format!("line {n}\n").into_bytes()));
                times.push(start.elapsed());
                thread::sleep(Duration::from_millis(2));
            }
            times.sort();
            times[25]
        });
        let options = RunOptions { threads, ..RunOptions::default() };
        run(
            &mut input,
            &options,
            |_| (),
            copy,
            |result| {
                seen.send(result.clone()).unwrap();
                Ok::<_, Infallible>(Flow::Continue)
            },
        )
        .unwrap();
        let median = writing.join().unwrap();
        println!("{threads} threads: median {median:?}");
        assert!(median < Duration::from_millis(5), "{threads} threads: {median:?}");
    }
}

#[test]
fn a_whole_line_is_not_held_back_by_an_unfinished_one_or_by_busy_workers() {
    let (mut input, mut writer) = piped();
    let (seen, wait) = channel::<Vec<u8>>();
    let writing = thread::spawn(move || {
        for part in [&b"a\nb\nc"[..], b"c\nd", b"d\n"] {
            writer.write_all(part).unwrap();
            thread::sleep(Duration::from_millis(5));
        }
        let mut all = Vec::new();
        while all.len() < 10 {
            all.extend(wait.recv_timeout(Duration::from_secs(5)).unwrap());
        }
        all
    });
    let options = RunOptions { threads: 2, ..RunOptions::default() };
    let slow = |_: &mut (), chunk: &Chunk, result: &mut Vec<u8>| {
        thread::sleep(Duration::from_millis(50));
        copy(&mut (), chunk, result);
    };
    run(
        &mut input,
        &options,
        |_| (),
        slow,
        |result| {
            seen.send(result.clone()).unwrap();
            Ok::<_, Infallible>(Flow::Continue)
        },
    )
    .unwrap();
    assert_eq!(writing.join().unwrap(), b"a\nb\ncc\ndd\n");
}

#[test]
fn a_compressed_pipe_gives_its_lines_as_soon_as_they_are_flushed() {
    let (mut input, writer) = piped();
    let (seen, wait) = channel::<Vec<u8>>();
    let writing = thread::spawn(move || {
        let mut encoder = flate2::write::GzEncoder::new(writer, flate2::Compression::fast());
        for n in 0..5 {
            writeln!(encoder, "line {n}").unwrap();
            encoder.flush().unwrap();
            assert_eq!(wait.recv_timeout(Duration::from_secs(5)), Ok(format!("line {n}\n").into_bytes()));
        }
        encoder.finish().unwrap();
    });
    run(
        &mut input,
        &RunOptions::default(),
        |_| (),
        copy,
        |result| {
            seen.send(result.clone()).unwrap();
            Ok::<_, Infallible>(Flow::Continue)
        },
    )
    .unwrap();
    writing.join().unwrap();
    assert!(input.problems().is_empty());
}

#[test]
fn a_byte_reader_gives_all_sources_and_reports_the_missing() {
    use std::io::Read;
    let mut input = Input::new();
    input.add_reader("a", Box::new(&b"one"[..]));
    input.add_path("/nonexistent/file");
    input.add_reader("b", Box::new(&b"two"[..]));
    let mut text = String::new();
    let options = RunOptions::default();
    ByteReader::new(&mut input, &options).read_to_string(&mut text).unwrap();
    assert_eq!(text, "onetwo");
    assert_eq!(input.problems().len(), 1);
    assert!(input.problems()[0].to_string().starts_with("cannot open /nonexistent/file: "));
}
