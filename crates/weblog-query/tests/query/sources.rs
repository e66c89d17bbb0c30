//! Sources as SQL sees them.

use crate::support::{
    Memory, ask, complaint, dataset, engine, kinds, log_batch, log_schema, options, try_engine, write_parquet,
};
use std::{
    fs,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use weblog_query::{QueryError, Source};

#[test]
fn every_type_of_a_scan_comes_through_with_its_nulls() {
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![kinds()])))]);
    assert_eq!(
        ask(&engine, "select * from logs").unwrap(),
        "2025-01-01T00:00:00.000001Z,-7,0.5,true,\"caf\u{e9} \"\"x\"\"\"\n,,,,\n"
    );
    assert_eq!(ask(&engine, "select count(*), count(int), count(text) from logs").unwrap(), "2,1,1\n");
}

#[test]
fn a_scan_is_asked_for_no_more_columns_than_the_statement_names() {
    let memory = Arc::new(Memory::of((0..10).map(|n| log_batch(n * 5_000, 5_000)).collect()));
    let engine = engine(vec![Source::Scan(memory.clone())]);
    let asked = |sql: &str| {
        ask(&engine, sql).unwrap();
        std::mem::take(&mut *memory.asked.lock().unwrap())
    };
    assert_eq!(asked("select count(*) from logs"), [Vec::<usize>::new()]);
    assert_eq!(asked("select sum(status) from logs"), [vec![1_usize]]);
    assert_eq!(asked("select status, count(*) from logs group by 1"), [vec![1_usize]]);
    assert_eq!(asked("select path from logs where status = 404"), [vec![1_usize, 2]]);
    assert_eq!(asked("select a.status from logs a join logs b using (time) limit 1").len(), 2);
}

#[test]
fn batches_of_any_size_give_all_rows_in_order() {
    let sizes = [1, 2_047, 2_048, 2_049, 10_000, 3];
    let mut first = 0;
    let batches = sizes.map(|rows| {
        first += rows;
        log_batch(first - rows, rows)
    });
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(batches.to_vec())))]);
    let total: i64 = sizes.iter().sum();
    let paths: String = (0..total).map(|n| format!("/a/{n}\n")).collect();
    assert_eq!(ask(&engine, "select path from logs").unwrap(), paths);
    assert_eq!(ask(&engine, "select count(distinct path) from logs").unwrap(), format!("{total}\n"));
}

#[test]
fn a_limit_ends_the_pass() {
    let memory = Memory { endless: true, ..Memory::of(vec![log_batch(0, 5_000)]) };
    let (given, ended) = (Arc::clone(&memory.given), Arc::clone(&memory.ended));
    let engine = engine(vec![Source::Scan(Arc::new(memory))]);
    assert_eq!(ask(&engine, "select path from logs limit 2").unwrap(), "/a/0\n/a/1\n");
    drop(engine);
    assert_eq!(ended.load(Ordering::Relaxed), 1);
    assert!(given.load(Ordering::Relaxed) < 1_000);
}

#[test]
fn rows_stream_from_an_endless_scan() {
    let memory = Memory { endless: true, ..Memory::of(vec![log_batch(0, 5_000)]) };
    let engine = engine(vec![Source::Scan(Arc::new(memory))]);
    let mut prepared = engine.prepare("select path from logs where status = 404").unwrap();
    let rows = prepared.run().unwrap();
    let mut seen = 0;
    for batch in rows.take(50) {
        seen += batch.unwrap().num_rows();
    }
    assert!(seen > 1_000, "{seen}");
}

#[test]
fn an_error_of_a_scan_ends_the_query_with_that_error() {
    let memory = Memory { fails: Some("the line went dead".into()), ..Memory::of(vec![log_batch(0, 5_000)]) };
    let engine = engine(vec![Source::Scan(Arc::new(memory))]);
    for sql in
        ["select count(*) from logs", "select * from logs", "select status, count(*) from logs group by 1"]
    {
        match ask(&engine, sql) {
            Err(QueryError::Scan(error)) => assert_eq!(error.to_string(), "the line went dead"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ask(&engine, "select 1").unwrap(), "1\n");
}

#[test]
fn a_panic_in_a_scan_is_an_error_and_no_crash() {
    let memory = Memory { panics: true, ..Memory::of(vec![log_batch(0, 5_000)]) };
    let engine = engine(vec![Source::Scan(Arc::new(memory))]);
    assert!(complaint(&engine, "select count(*) from logs").contains("broken"));
    assert_eq!(ask(&engine, "select 1").unwrap(), "1\n");
}

#[test]
fn another_thread_interrupts_within_100_ms() {
    let memory = Memory { endless: true, ..Memory::of(vec![log_batch(0, 5_000)]) };
    let engine = engine(vec![Source::Scan(Arc::new(memory))]);
    let interrupt = engine.interrupt();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        interrupt.interrupt();
        Instant::now()
    });
    let result = ask(&engine, "select status, count(*) from logs group by 1");
    let late = stopper.join().unwrap().elapsed();
    assert!(matches!(result, Err(QueryError::Interrupted)), "{result:?}");
    assert!(late < Duration::from_millis(100), "{late:?}");
}

#[test]
fn the_plan_tells_how_often_a_scan_is_read() {
    let engine = engine(vec![Source::Scan(Arc::new(Memory::of(vec![log_batch(0, 10)])))]);
    let passes = |sql: &str| engine.passes(sql).unwrap();
    assert_eq!(passes("select count(*) from logs"), [1]);
    assert_eq!(passes("select 1"), [0]);
    assert_eq!(passes("select count(*) from logs a join logs b using (path)"), [2]);
    assert_eq!(
        passes(
            "with recursive r as (select 1 as n union all select n + 1 from r, logs where n < 3) select * from r"
        ),
        [2]
    );
}

#[test]
fn a_dataset_has_the_columns_of_its_schema_in_files_old_and_new() {
    let place = tempfile::tempdir().unwrap();
    let engine = engine(vec![dataset(place.path())]);
    assert_eq!(
        ask(&engine, "select count(*), count(status), count(country) from logs").unwrap(),
        "30000,13334,10000\n"
    );
    assert_eq!(
        ask(&engine, "select * from logs order by time limit 1").unwrap(),
        "2025-01-01T00:00:00Z,200,/a/0,\n"
    );
    assert_eq!(
        ask(&engine, "select * from logs order by time desc limit 1").unwrap(),
        "2025-01-03T02:46:39Z,,/a/182799,IT\n"
    );
    assert!(complaint(&engine, "select vhost from logs").contains("Candidate"));
}

#[test]
fn columns_of_directories_can_be_named_and_are_not_in_the_star() {
    let place = tempfile::tempdir().unwrap();
    let engine = engine(vec![dataset(place.path())]);
    assert_eq!(
        ask(&engine, "select day, count(*) from logs group by 1 order by 1").unwrap(),
        "01,10000\n02,10000\n03,10000\n"
    );
    assert_eq!(
        ask(&engine, "select * from logs where year = '2025' and day = '02' order by time limit 1").unwrap(),
        "2025-01-02T00:00:00Z,200,/a/86400,\n"
    );
    assert_eq!(
        ask(&engine, "select l.*, month from logs l where day = '02' order by time limit 1").unwrap(),
        "2025-01-02T00:00:00Z,200,/a/86400,,01\n"
    );
}

#[test]
fn a_dataset_without_files_has_its_columns_and_no_rows() {
    let empty = Source::Dataset {
        root: "none".into(),
        files: Vec::new(),
        schema: log_schema(),
        partitions: vec!["year".into()],
    };
    let engine = engine(vec![empty]);
    assert_eq!(ask(&engine, "select count(*), max(time) from logs where year = '2025'").unwrap(), "0,\n");
    let kinds = ask(&engine, "select column_name, column_type from (describe logs)").unwrap();
    assert!(kinds.starts_with("time,TIMESTAMP\nstatus,BIGINT\npath,VARCHAR\n"), "{kinds}");
}

#[test]
fn sources_of_one_name_are_united_by_name() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("one [1]*.parquet");
    write_parquet(&file, &log_batch(0, 100));
    let engine = engine(vec![
        dataset(&place.path().join("set")),
        Source::Parquet(vec![file]),
        Source::Scan(Arc::new(Memory::of(vec![kinds()]))),
    ]);
    assert_eq!(
        ask(&engine, "select count(*), count(path), count(int), count(country) from logs").unwrap(),
        "30102,30100,1,10000\n"
    );
    assert_eq!(ask(&engine, "select count(*) from logs where day = '01'").unwrap(), "10000\n");
}

#[test]
fn a_name_with_a_quote_is_a_name() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("it's; drop.parquet");
    write_parquet(&file, &log_batch(0, 7));
    let table = weblog_query::Table { name: "a\"b; --".into(), sources: vec![Source::Parquet(vec![file])] };
    let engine = weblog_query::Engine::open(&options(), vec![table]).unwrap();
    assert_eq!(ask(&engine, "select count(*) from \"a\"\"b; --\"").unwrap(), "7\n");
}

#[test]
fn a_torn_file_is_an_error_that_names_it() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("torn.parquet");
    write_parquet(&file, &log_batch(0, 5_000));
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let error = try_engine(vec![Source::Parquet(vec![file])], &options()).err().unwrap();
    assert!(error.to_string().contains("torn.parquet"), "{error}");
}

#[test]
fn bytes_that_are_turned_in_a_file_are_an_error_or_an_answer_and_no_crash() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("hostile.parquet");
    write_parquet(&file, &log_batch(0, 300));
    let bytes = fs::read(&file).unwrap();
    let mut answers = 0;
    for turn in 0..120 {
        let mut hostile = bytes.clone();
        // The second half holds the pages' end, the footer and its length.
        let at = bytes.len() - 1 - (turn * 37) % (bytes.len() / 2);
        hostile[at] ^= 0xa5;
        fs::write(&file, &hostile).unwrap();
        let engine = try_engine(vec![Source::Parquet(vec![file.clone()])], &options());
        answers += u32::from(
            engine.is_ok_and(|engine| ask(&engine, "select count(*), max(path) from logs").is_ok()),
        );
    }
    assert!(answers < 120);
}

#[test]
fn columns_of_a_scan_that_are_only_named_are_built_only_when_named() {
    let memory = Arc::new(Memory { named_only: 1, ..Memory::of(vec![log_batch(0, 3)]) });
    let engine = engine(vec![Source::Scan(memory.clone())]);
    assert_eq!(ask(&engine, "select * from logs limit 1").unwrap(), "2025-01-01T00:00:00Z,200\n");
    assert_eq!(ask(&engine, "select * from logs where path = '/a/1'").unwrap(), "2025-01-01T00:00:01Z,404\n");
    assert_eq!(ask(&engine, "select path from logs where status = 404").unwrap(), "/a/1\n");
    let asked = memory.asked.lock().unwrap().clone();
    assert_eq!(asked, [vec![0, 1], vec![0, 1, 2], vec![1, 2]]);
}

#[test]
fn what_one_source_shows_another_does_not_hide() {
    let place = tempfile::tempdir().unwrap();
    let scan = Memory { named_only: 1, ..Memory::of(vec![log_batch(0, 3)]) };
    let engine = engine(vec![Source::Scan(Arc::new(scan)), dataset(place.path())]);
    assert_eq!(ask(&engine, "select count(*) from logs where path is null").unwrap(), "0\n");
}
