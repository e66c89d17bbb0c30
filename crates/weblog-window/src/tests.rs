//! The order of merged lines, against a stable sort of all of them.

use crate::{
    Block, Files, LineClock, LineReader, Plan, Store,
    live::{self, Headers, Out},
};
use proptest::prelude::*;
use std::convert::Infallible;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use weblog_io::{Above, Flow, Input, Stop, head};

/// Lines are `TIME text`; others have no time.
#[derive(Default)]
struct Plain;

impl LineClock for Plain {
    fn begin(&mut self, _: &Arc<str>, _: &Above) {}

    fn time(&mut self, line: &[u8]) -> Option<i64> {
        std::str::from_utf8(line).ok()?.split(' ').next()?.parse().ok()
    }

    fn is_header(&self, first: &[u8]) -> bool {
        first.starts_with(b"a,b")
    }
}

fn clock() -> Box<dyn LineClock> {
    Box::new(Plain)
}

/// What a stable sort makes of the lines: by time, then input, then place; a line without a time with the one
/// above it, and the first ones with the first that has one.
fn sorted(files: &[String]) -> String {
    let mut all = Vec::new();
    for file in files {
        let times: Vec<_> = file.lines().map(|line| Plain.time(line.as_bytes())).collect();
        let mut last = times.iter().flatten().next().copied().unwrap_or(i64::MIN);
        for (line, time) in file.lines().zip(times) {
            last = time.unwrap_or(last);
            all.push((last, line));
        }
    }
    all.sort_by_key(|(time, _)| *time);
    all.iter().map(|(_, line)| format!("{line}\n")).collect()
}

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(files: &[String]) -> (Place, Vec<PathBuf>) {
        let directory = tempfile::tempdir().unwrap();
        let write = |(at, text): (usize, &String)| {
            let path = directory.path().join(format!("{at}"));
            std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
            path
        };
        let paths = files.iter().enumerate().map(write).collect();
        (Place { directory }, paths)
    }
}

fn merge(files: &[String], threads: usize, most_open: usize, lateness: Option<i64>) -> (String, String) {
    let (place, paths) = Place::new(files);
    let merge = Files {
        store: Arc::new(Store::new(place.directory.path().to_owned(), 64)),
        stop: Stop::new().unwrap(),
        output: None,
        line_limit: 1 << 20,
        threads,
        most_open,
        lateness,
        clock: &clock,
    };
    let files: Vec<_> = paths.iter().map(|path| (path.clone(), head(path).unwrap().unwrap().file)).collect();
    let surveys = merge.survey::<Infallible>(&files).unwrap();
    let files: Vec<_> = paths.into_iter().zip(surveys).collect();
    let gather = |plan| {
        let mut out = Vec::new();
        let take = |lines: &[u8]| -> Result<_, Infallible> {
            assert!(lines.ends_with(b"\n"), "whole lines");
            out.extend_from_slice(lines);
            Ok(Flow::Continue)
        };
        assert!(merge.merge(plan, take).unwrap().is_empty());
        String::from_utf8(out).unwrap()
    };
    (gather(Plan::new(&files)), gather(Plan::late(&files)))
}

fn log(lines: &[(u8, bool)], name: usize) -> String {
    let line = |(at, (time, dated)): (usize, &(u8, bool))| match dated {
        true => format!("{time} file {name} line {at}\n"),
        false => format!("more of file {name} line {at}\n"),
    };
    lines.iter().enumerate().map(line).collect()
}

fn logs() -> impl Strategy<Value = Vec<String>> {
    let lines = prop::collection::vec((0..20_u8, prop::bool::weighted(0.8)), 0..30);
    prop::collection::vec((lines, prop::bool::ANY), 0..8).prop_map(|files| {
        let log = |(at, (mut lines, in_order)): (usize, (Vec<(u8, bool)>, bool))| {
            if in_order {
                lines.sort_by_key(|(time, _)| *time);
            }
            log(&lines, at)
        };
        files.into_iter().enumerate().map(log).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_merge_of_files_is_a_stable_sort_of_their_lines(
        files in logs(), threads in 1..4_usize, most_open in prop::sample::select(vec![2, 3, 100]),
    ) {
        prop_assert_eq!(merge(&files, threads, most_open, None).0, sorted(&files));
    }

    #[test]
    fn lines_are_in_order_or_late_and_none_is_lost(files in logs(), lateness in 0..10_i64) {
        let (ordered, late) = merge(&files, 1, 100, Some(lateness));
        let count = |text: &str| text.lines().count();
        prop_assert_eq!(count(&ordered) + count(&late), files.iter().map(|file| count(file)).sum::<usize>());
        prop_assert_eq!(&ordered, &sorted(std::slice::from_ref(&ordered)));
    }

    #[test]
    fn streams_that_are_waited_for_give_what_files_give(files in logs()) {
        // No stream is silent for that long, and no line is later than that.
        let options = live::Options { lateness: 100, idle: Duration::from_secs(60), stop: Stop::new().unwrap(), headers: Headers::default() };
        let files: Vec<_> = files.into_iter().filter(|file| file.starts_with(|c: char| c.is_ascii_digit())).collect();
        let (out, late) = stream(&files, &options);
        prop_assert_eq!(out, sorted(&files));
        prop_assert_eq!(late, "");
    }
}

fn reader(text: &str, stop: &Stop) -> LineReader {
    let mut input = Input::new();
    input.add_reader("stream", Box::new(std::io::Cursor::new(text.as_bytes().to_vec())));
    LineReader::new(input, stop.clone(), None, 1 << 20)
}

fn stream(files: &[String], options: &live::Options) -> (String, String) {
    let (mut ordered, mut late) = (Vec::new(), Vec::new());
    let streams = files.iter().map(|file| reader(file, &options.stop)).collect();
    let merged = live::merge(streams, None, options, &clock, |out| -> Result<_, Infallible> {
        match out {
            Out::Lines(lines) => ordered.extend_from_slice(lines),
            Out::Late(lines) => late.extend_from_slice(lines),
            Out::Flush => {}
        }
        Ok(Flow::Continue)
    });
    assert_eq!(merged.unwrap().len(), files.len());
    (String::from_utf8(ordered).unwrap(), String::from_utf8(late).unwrap())
}

#[test]
fn files_of_thousands_of_blocks_are_merged_with_few_open() {
    let line = |file: usize, at: usize| format!("{} {file} {}\n", at * 7 + file % 3, "x".repeat(at % 90));
    let files: Vec<String> = (0..40).map(|file| (0..3_000).map(|at| line(file, at)).collect()).collect();
    let expected = sorted(&files);
    assert!(merge(&files, 2, 4, None).0 == expected && merge(&files, 1, 100, None).0 == expected);
}

#[test]
fn streams_that_run_ahead_are_put_in_order_all_the_same() {
    // Far more than what may be held, with lines that are out of order by less than the lateness.
    let line =
        |file: usize, at: usize| format!("{} {file} {at} {}\n", at / 9 * 3 + at * 7 % 5, "x".repeat(60));
    let files: Vec<String> = (0..3).map(|file| (0..200_000).map(|at| line(file, at)).collect()).collect();
    let options = live::Options {
        lateness: 10,
        idle: Duration::from_secs(60),
        stop: Stop::new().unwrap(),
        headers: Headers::default(),
    };
    let (out, late) = stream(&files, &options);
    assert!(out == sorted(&files) && late.is_empty());
}

#[test]
fn lines_longer_than_the_limit_are_cut_and_nothing_is_lost() {
    let text = format!("1 {}\n2 b\n", "x".repeat(1_000));
    let stop = Stop::new().unwrap();
    let mut input = Input::new();
    input.add_reader("-", Box::new(std::io::Cursor::new(text.clone().into_bytes())));
    let mut reader = LineReader::new(input, stop, None, 300);
    let (mut block, mut out) = (Block::default(), Vec::new());
    while reader.fill(&mut block, 64, true, &mut Plain) {
        block.as_they_stand().for_each(|entry| out.extend_from_slice(block.lines(entry)));
    }
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.replace('\n', ""), text.replace('\n', ""));
    assert!(out.lines().all(|line| line.len() <= 300) && out.ends_with("\n2 b\n"), "{out}");
    assert_eq!(reader.lines.cut, 3);
}

#[test]
fn a_last_line_without_newline_gets_one_and_carriage_returns_end_lines_where_nothing_else_does() {
    for (text, expected) in
        [("1 a\n2 b", "1 a\n2 b\n"), ("1 a\r2 b\r", "1 a\n2 b\n"), ("1 a\r\n2 b", "1 a\r\n2 b\n"), ("", "")]
    {
        let (out, _) = merge(&[text.to_owned()], 1, 4, None);
        assert_eq!(out, expected, "{text:?}");
    }
}

#[test]
fn streams_with_different_headers_are_refused() {
    let refused = |one: &str, other: &str| {
        let options = live::Options {
            lateness: 0,
            idle: Duration::from_secs(9),
            stop: Stop::new().unwrap(),
            headers: Headers::default(),
        };
        let streams = vec![reader(one, &options.stop), reader(other, &options.stop)];
        let merged =
            live::merge(streams, None, &options, &clock, |_| -> Result<_, Infallible> { Ok(Flow::Continue) });
        matches!(merged, Err(live::LiveError::Headers(..)))
    };
    assert!(refused("#Fields: a b\n1 x\n", "#Fields: b a\n2 x\n"));
    assert!(refused("a,b\n1 x\n", "2 x\n"));
    assert!(!refused("a,b\n1 x\n", "a,b\n2 x\n"));
}
