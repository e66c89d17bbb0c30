//! `to-parquet` as people and cron use it: again and again, in parallel, killed, on full disks.

use crate::program::{Place, text};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

const LINE: &str = "192.0.2.1 - - [22/Jan/2019:00:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"Agent\"\n";

/// Lines that are all different, as many as are asked for after the first ones.
fn lines(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|n| {
            LINE.replace("GET /", &format!("GET /{n}")).replace("22/Jan", &format!("{:02}/Jan", n % 3 + 20))
        })
        .collect()
}

/// Runs a script of which every command must succeed.
fn run(place: &Place, script: &str) -> String {
    let output = place.sh(&format!("set -e\n{script}"), b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{script}\n{stderr}");
    text(&output.stdout)
}

/// The numbers that follow a key in all commits of the log, in order of the commits.
fn numbers(dataset: &Path, key: &str) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(dataset.join("_delta_log")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let log: String = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    log.split(key).skip(1).filter_map(|rest| digits(rest).parse().ok()).collect()
}

/// The rows of a dataset as its log has them, once the files in the tree are the ones of the log and
/// are whole.
fn rows(place: &Place, name: &str) -> u64 {
    let dataset = place.path().join(name);
    let log: String = fs::read_dir(dataset.join("_delta_log"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let added = log.lines().filter(|line| line.starts_with("{\"add\":"));
    let named: BTreeSet<String> = added
        .map(|line| line.split("\"path\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned())
        .collect();
    let found: BTreeSet<String> = files(&dataset)
        .iter()
        .map(|path| path.strip_prefix(&dataset).unwrap().to_str().unwrap().to_owned())
        .filter(|path| path.ends_with(".parquet"))
        .collect();
    assert_eq!(found, named);
    whole_files(&dataset);
    numbers(&dataset, "\\\"numRecords\\\":").iter().sum()
}

/// Fails if a file that readers see has no footer.
fn whole_files(dataset: &Path) {
    for path in files(dataset).iter().filter(|path| path.extension().is_some_and(|end| end == "parquet")) {
        let bytes = fs::read(path).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{}", path.display());
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn start(place: &Place, arguments: &[&str]) -> Child {
    let mut command = place.weblog();
    command.arg("to-parquet").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what} did not come");
        thread::sleep(Duration::from_millis(5));
    }
}

fn end(mut child: Child) -> (Option<i32>, String) {
    let mut status = None;
    until("the end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    (status.unwrap().code(), stderr)
}

#[test]
fn only_what_is_new_is_added_whatever_became_of_the_file() {
    let place = Place::new();
    let (first, second) = (lines(0, 500), lines(500, 300));
    place.write("access.log", &first);
    for (step, wanted) in [
        ("weblog to-parquet ds access.log", 500),
        ("weblog to-parquet ds access.log", 500),
        ("weblog to-parquet ds < access.log", 500),
        ("cp access.log copy.log; weblog to-parquet ds copy.log access.log copy.log", 500),
        ("mv access.log access.log.1; gzip -k access.log.1; weblog to-parquet ds access.log*", 500),
        ("rm access.log.1; weblog to-parquet ds access.log.1.gz", 500),
        (
            "gzip -d access.log.1.gz; mv access.log.1 a; cat a more > access.log; weblog to-parquet ds access.log",
            800,
        ),
        ("gzip access.log; weblog to-parquet ds access.log.gz copy.log", 800),
        ("weblog to-parquet ds < access.log.gz", 800),
        ("gzip -d -c access.log.gz | head -n 700 > part.log; weblog to-parquet ds part.log", 800),
    ] {
        place.write("more", &second);
        run(&place, step);
        assert_eq!(rows(&place, "ds"), wanted, "{step}");
    }
    assert!(numbers(&place.path().join("ds"), "\"numOutputRows\":\"").iter().all(|rows| *rows > 0));
}

#[test]
fn a_log_beside_its_half_written_copy_is_taken_in_once() {
    // Less and more than what inputs are known by.
    for count in [300, 3_000] {
        let place = Place::new();
        place.write("access.log.1", lines(0, count));
        run(
            &place,
            "gzip -c access.log.1 > whole; head -c $(($(wc -c < whole) / 2)) whole > access.log.1.gz",
        );
        for order in ["access.log.1 access.log.1.gz", "access.log.1.gz access.log.1"] {
            // The half copy may be told as cut off; what counts is in the dataset.
            let output = place.sh(&format!("rm -rf ds; weblog to-parquet -q ds {order}"), b"");
            assert_ne!(output.status.code(), None);
            run(
                &place,
                "mv whole access.log.1.gz; weblog to-parquet ds access.log.1.gz; cp access.log.1.gz whole",
            );
            assert_eq!(rows(&place, "ds"), count as u64, "{order}");
        }
    }
}

#[test]
fn an_unfinished_last_line_waits_for_its_end() {
    let place = Place::new();
    let all = lines(0, 3);
    for (end, pending, wanted) in
        [(5, 1, 0), (LINE.len() + 9, 1, 1), (all.len() - 1, 1, 2), (all.len(), 0, 3)]
    {
        place.write("a.log", &all[..end]);
        let ledger = run(&place, "weblog to-parquet --ledger l ds a.log; cat l");
        assert!(ledger.contains(&format!("\"pending\":{pending},")), "{end}: {ledger}");
        assert_eq!(rows(&place, "ds"), wanted, "{end}");
    }
}

#[test]
fn piped_is_what_fused_is_for_any_number_of_threads() {
    let place = Place::new();
    run(&place, "weblog generate -n 20000 --span 2d > a.log");
    run(
        &place,
        "weblog to-parquet -q -j 1 --by hour one a.log; weblog to-parquet -q -j 4 --by hour four a.log",
    );
    run(&place, "weblog parse -q a.log | weblog enrich | weblog to-parquet --by hour piped");
    let counts = |name: &str| {
        let mut counts = BTreeMap::new();
        for path in fs::read_dir(place.path().join(name).join("_delta_log")).unwrap() {
            let commit = fs::read_to_string(path.unwrap().path()).unwrap();
            for line in commit.lines().filter(|line| line.starts_with("{\"add\":")) {
                let after = |key: &str, end: &str| line.split(key).nth(1).unwrap().split(end).next().unwrap();
                let rows: u64 = after("\\\"numRecords\\\":", "}").parse().unwrap();
                *counts.entry(after("\"path\":\"", "part-").to_owned()).or_insert(0) += rows;
            }
        }
        counts
    };
    assert!(counts("one").len() > 40);
    assert_eq!((counts("four"), counts("piped")), (counts("one"), counts("one")));
    run(
        &place,
        "weblog to-parquet -q -j 1 -t arrow a.log > 1; weblog to-parquet -q -j 3 -t arrow a.log | cmp - 1",
    );
}

#[test]
fn a_run_that_is_killed_at_any_moment_loses_and_doubles_nothing() {
    let place = Place::new();
    place.write("a.log", lines(0, 40_000));
    let arguments = ["ds", "-q", "a.log"];
    for delay in (0..60).step_by(4) {
        fs::remove_dir_all(place.path().join("ds")).ok();
        for _ in 0..2 {
            let mut child = start(&place, &arguments);
            thread::sleep(Duration::from_millis(delay));
            child.kill().unwrap();
            child.wait().unwrap();
            whole_files(&place.path().join("ds"));
        }
        run(&place, "weblog to-parquet ds a.log");
        assert_eq!(rows(&place, "ds"), 40_000, "killed after {delay} ms");
        assert!(!place.path().join("ds/_weblog_tmp").exists(), "killed after {delay} ms");
    }
}

#[test]
fn a_silent_stream_is_committed_in_time_and_an_interrupt_leaves_a_whole_dataset() {
    let place = Place::new();
    let mut child = start(&place, &["ds", "--commit-every", "1s"]);
    let mut stdin = child.stdin.take().unwrap();
    let log = place.path().join("ds/_delta_log");
    let commits = || fs::read_dir(&log).map_or(0, Iterator::count);
    stdin.write_all(lines(0, 2).as_bytes()).unwrap();
    until("the first commit", || commits() == 1);
    assert_eq!(rows(&place, "ds"), 2);
    stdin.write_all(lines(2, 1).as_bytes()).unwrap();
    until("the second commit", || commits() == 2);
    stdin.write_all(lines(3, 4).as_bytes()).unwrap();
    run(&place, &format!("kill -INT {}", child.id()));
    assert_eq!(end(child), (Some(0), String::new()));
    assert_eq!(rows(&place, "ds"), 7);
}

#[test]
fn a_stream_that_is_killed_has_all_that_was_committed() {
    let place = Place::new();
    let mut child = start(&place, &["ds", "--commit-every", "1K"]);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines(0, 1_000).as_bytes()).unwrap();
    until("a commit", || place.path().join("ds/_delta_log").exists());
    child.kill().unwrap();
    child.wait().unwrap();
    place.write("empty", "");
    run(&place, "weblog to-parquet ds empty");
    rows(&place, "ds");
}

#[test]
fn several_writers_at_once_bring_every_line_once() {
    let place = Place::new();
    for n in 0..4 {
        place.write(&format!("{n}.log"), lines(n * 5_000, 5_000));
    }
    let same: Vec<Child> = (0..4).map(|_| start(&place, &["ds", "0.log", "1.log", "none.log"])).collect();
    let other: Vec<Child> = ["2.log", "3.log"].map(|log| start(&place, &["ds", log])).into();
    assert!(same.into_iter().all(|child| end(child).0 == Some(2)), "none.log is not there");
    assert!(other.into_iter().all(|child| end(child) == (Some(0), String::new())));
    assert_eq!(rows(&place, "ds"), 20_000);
}

#[test]
fn runs_that_overlap_while_the_log_grows_bring_every_line_once() {
    let place = Place::new();
    let mut log = fs::File::create(place.path().join("a.log")).unwrap();
    let mut children = Vec::new();
    for n in 0..40 {
        let text = lines(n * 50, 50);
        log.write_all(&text.as_bytes()[..777]).unwrap();
        children.push(start(&place, &["ds", "a.log"]));
        log.write_all(&text.as_bytes()[777..]).unwrap();
    }
    assert!(children.into_iter().all(|child| end(child) == (Some(0), String::new())));
    run(&place, "weblog to-parquet ds a.log");
    assert_eq!(rows(&place, "ds"), 2_000);
}

#[test]
fn new_fields_become_columns_and_what_cannot_is_kept_beside_them() {
    let place = Place::new();
    let time = "\"time\":\"2019-01-22T00:00:00Z\"";
    let wide: String = (0..300).map(|n| format!("{{{time},\"field_{n}\":{n}}}\n")).collect();
    place.write("1.ndjson", format!("{{{time},\"status\":200}}\n"));
    place.write(
        "2.ndjson",
        format!("{{{time},\"colour\":\"red\"}}\n{{{time},\"status\":\"odd\",\"a b\":1,\"Colour\":2,\"year\":3}}\n{{\"x\":1}}\n"),
    );
    place.write("3.ndjson", wide);
    run(&place, "for n in 1 2 3; do weblog to-parquet --no-enrich ds $n.ndjson; done");
    assert_eq!(rows(&place, "ds"), 1 + 3 + 300);
    let first = fs::read_to_string(place.path().join("ds/_delta_log/00000000000000000000.json")).unwrap();
    assert!(!first.contains("colour"));
    let second = fs::read_to_string(place.path().join("ds/_delta_log/00000000000000000001.json")).unwrap();
    assert!(second.contains("\\\"name\\\":\\\"colour\\\"") && second.contains("extra_fields"), "{second}");
    assert!(!second.contains("Colour\\\"") && !second.contains("\\\"a b\\\""), "{second}");
    assert!(second.contains("year=__HIVE_DEFAULT_PARTITION__"), "{second}");
    let third = fs::read_to_string(place.path().join("ds/_delta_log/00000000000000000002.json")).unwrap();
    let columns =
        third.lines().find(|line| line.contains("metaData")).unwrap().matches("\\\"nullable").count();
    assert!((150..=203).contains(&columns), "{columns} columns");
    let arrow = place.sh("weblog to-parquet --no-enrich -t arrow 2.ndjson", b"").stdout;
    let kept = r#"{"status":"odd","a b":1,"year":3,"Colour":"2"}"#;
    assert!(text(&arrow).contains(kept));
}

#[test]
fn a_place_that_cannot_be_a_dataset_is_told_in_one_sentence_and_not_touched() {
    let place = Place::new();
    place.write("a.log", LINE);
    run(
        &place,
        "mkdir -p foreign/sub hive/year=2019; echo x > foreign/notes; echo x > hive/year=2019/x.parquet",
    );
    run(&place, "weblog to-parquet day a.log");
    for (script, sentence) in [
        ("weblog to-parquet a.log a.log", "a.log is a file and no dataset"),
        ("weblog to-parquet", "name the dataset"),
        ("weblog to-parquet foreign a.log", "foreign is no dataset and is not empty"),
        ("weblog to-parquet hive a.log", "hive is no dataset and is not empty"),
        ("weblog to-parquet --by hour day a.log", "day is divided by day; leave --by out"),
        ("weblog to-parquet --by day -o x.parquet a.log", "--by divides a dataset"),
        ("weblog to-parquet -t parquet a.log", "not written to a pipe"),
        ("weblog to-parquet a.log/ds a.log", "cannot create a.log/ds"),
        ("weblog to-parquet /proc/ds a.log", "cannot create /proc/ds"),
        ("weblog to-parquet -t arrow a.log > /dev/full", "No space left"),
        ("weblog to-parquet -o /dev/full a.log", "No space left"),
        ("weblog to-parquet -o no/where.parquet a.log", "no/where.parquet"),
    ] {
        let output = place.sh(script, b"");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{script}: {stderr}");
        assert!(stderr.starts_with("weblog to-parquet: ") && stderr.contains(sentence), "{script}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{script}: {stderr}");
    }
    assert_eq!((files(&place.path().join("foreign")).len(), files(&place.path().join("hive")).len()), (1, 1));
    assert_eq!(rows(&place, "day"), 1);
}

#[test]
fn a_full_disk_leaves_what_was_committed_and_nothing_else() {
    let place = Place::new();
    place.write("small.log", LINE);
    place.write("big.log", lines(0, 20_000));
    run(&place, "weblog to-parquet ds small.log");
    for blocks in [0, 1, 8] {
        let output = place.sh(&format!("ulimit -f {blocks}; exec weblog to-parquet ds big.log"), b"");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{blocks}: {stderr}");
        assert!(stderr.contains("File too large") || stderr.is_empty() && blocks == 0, "{blocks}: {stderr}");
        assert_eq!(rows(&place, "ds"), 1, "{blocks}");
        assert!(!place.path().join("ds/_weblog_tmp").exists(), "{blocks}");
    }
    run(&place, "weblog to-parquet ds big.log");
    assert_eq!(rows(&place, "ds"), 20_001);
}

#[test]
fn what_could_not_be_read_is_told_also_when_copies_were_read_after_it() {
    let place = Place::new();
    place.write("a.log", lines(0, 3_000));
    run(&place, "cp a.log b.log; seq 99999 | sed 's/.*/junk &/' | gzip | head -c 9999 > cut.gz");
    let output = place.sh("weblog to-parquet -q ds a.log cut.gz none.log b.log", b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("cut.gz") && stderr.contains("none.log"), "{stderr}");
    assert_eq!(rows(&place, "ds"), 3_000);
}

#[test]
fn a_reader_of_the_arrow_stream_may_go_away() {
    let place = Place::new();
    place.write("a.log", lines(0, 20_000));
    let output = place.sh("weblog to-parquet -t arrow a.log | head -c 9 | wc -c", b"");
    assert_eq!((text(&output.stdout).trim(), text(&output.stderr)), ("9", String::new()));
}

#[test]
fn many_partitions_need_few_open_files() {
    let place = Place::new();
    run(&place, "weblog generate -n 20000 --malformed 0 --span 60d | sort -k 7 > a.log");
    run(&place, "ulimit -n 40; weblog to-parquet -q -j 2 --by hour ds a.log");
    assert_eq!(rows(&place, "ds"), 20_000);
    assert!(files(&place.path().join("ds")).len() > 1_000);
}

#[test]
fn a_query_beside_a_writer_sees_whole_commits_and_never_fails() {
    const BATCH: usize = 20;
    let place = Place::new();
    // The first commit is one of those that a query may fall into.
    fs::create_dir_all(place.path().join("ds")).unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for batch in 0..25 {
                let log = format!("{batch}.log");
                place.write(&log, lines(batch * BATCH, BATCH));
                run(&place, &format!("weblog to-parquet -q ds {log}"));
            }
        });
        let (mut last, mut asked) = (0, 0);
        while !writer.is_finished() || asked < 3 {
            let output = place
                .weblog()
                .args(["query", "-t", "csv", "select count(*) as n from logs", "ds"])
                .output()
                .unwrap();
            let (out, err) = (text(&output.stdout), text(&output.stderr));
            if last == 0 && output.status.code() != Some(0) {
                // Nothing is in it yet.
                assert!(err.contains("without a commit") || err.contains("nothing to ask"), "{err}");
                continue;
            }
            assert_eq!(output.status.code(), Some(0), "{err}");
            let rows: usize = out.lines().nth(1).unwrap().parse().unwrap();
            assert!(rows.is_multiple_of(BATCH) && rows >= last, "{rows} rows after {last}");
            (last, asked) = (rows, asked + 1);
            let check = place.weblog().args(["dataset", "check", "ds"]).output().unwrap();
            assert_eq!(check.status.code(), Some(0), "{}{}", text(&check.stdout), text(&check.stderr));
        }
        writer.join().unwrap();
        assert!(last > 0);
    });
    assert_eq!(rows(&place, "ds"), 25 * BATCH as u64);
}
