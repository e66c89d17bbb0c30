//! What a statement does not read, as DuckDB's own profile of it tells.

use crate::support::{Memory, NEW_YEAR, ask, dataset, engine, log_batch, options, try_engine, write_parquet};
use std::sync::Arc;
use weblog_query::{Condition, Engine, EngineOptions, Range, Source};

/// Files and row groups that a statement reads.
#[derive(Debug, PartialEq)]
struct Reads {
    files: u32,
    groups: u32,
}

fn profile(engine: &Engine, sql: &str) -> Reads {
    let profile = ask(engine, &format!("explain analyze {sql}")).unwrap();
    let number = |word: &str| {
        let (_, behind) = profile.split_once(word)?;
        behind.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    // Where no row group is left, none is mentioned.
    let files = number("Total Files Read:").unwrap_or_else(|| panic!("no files in {profile}"));
    Reads { files, groups: number("Row Groups Scanned:").unwrap_or(0) }
}

/// What `select count(path) from logs where …` reads of three days, each a file of ten row groups of 1,000
/// seconds. The answer is that without any of it being left out.
fn reads(condition: &str) -> Reads {
    let place = tempfile::tempdir().unwrap();
    let engine = engine(vec![dataset(place.path())]);
    let sql = format!("select count(path) from logs where {condition}");
    // A table in memory has no files to leave out.
    let memory = Memory::of((0..3).map(|day| log_batch(day * 86_400, 10_000)).collect());
    let all = crate::support::engine(vec![Source::Scan(Arc::new(memory))]);
    if !["day", "status"].iter().any(|column| condition.contains(column)) {
        assert_eq!(ask(&engine, &sql).unwrap(), ask(&all, &sql).unwrap(), "{condition}");
    }
    profile(&engine, &sql)
}

#[test]
fn conditions_on_columns_of_directories_leave_files_out() {
    assert_eq!(reads("day = '02'").files, 1);
    assert_eq!(reads("year = '2025' and '02' <= day").files, 2);
    assert_eq!(reads("day in ('01', '03')").files, 2);
    assert_eq!(reads("month = '01' and day = '03' and status is null").files, 1);
    // What is not understood is read, and dropped by the statement itself.
    assert_eq!(reads("day = '01' or path = '/a/7'").files, 3);
}

#[test]
fn conditions_on_the_time_leave_files_and_row_groups_out() {
    assert_eq!(
        reads("time >= '2025-01-02 00:20:00' and time < '2025-01-02 00:30:00'"),
        Reads { files: 1, groups: 1 }
    );
    assert_eq!(
        reads("time between '2025-01-02' and timestamp '2025-01-02 00:10:00'"),
        Reads { files: 1, groups: 1 }
    );
    assert_eq!(reads("time > timestamp '2025-01-03 02:40:00' - interval 2 minutes").files, 1);
    assert_eq!(reads("time < now() and time >= '2025-01-03'").files, 1);
}

#[test]
fn so_do_conditions_on_its_date_and_on_the_clocks_of_a_zone() {
    assert_eq!(reads("time::date = '2025-01-03'").files, 1);
    assert_eq!(reads("cast(time as date) < date '2025-01-02'").files, 1);
    assert_eq!(reads("time::date <= '2025-01-02'").files, 2);
    assert_eq!(reads("time < '2025-01-02'").files, 1);
    // A clock may be a day ahead or behind: one file more than has to be.
    assert_eq!(reads("local_time(time, 'Europe/Berlin') >= '2025-01-03 01:00:00'").files, 2);
}

#[test]
fn so_do_the_moments_that_the_engine_was_opened_for() {
    let place = tempfile::tempdir().unwrap();
    let hour = 3_600_000_000;
    let from = NEW_YEAR + 24 * hour;
    let times = Some((from, from + hour / 6));
    let open = |sources| try_engine(sources, &EngineOptions { times, ..options() }).unwrap();
    let stored = open(vec![dataset(place.path())]);
    assert_eq!(ask(&stored, "select count(*) from logs").unwrap(), "600\n");
    assert_eq!(profile(&stored, "select count(path) from logs"), Reads { files: 1, groups: 1 });
    let file = place.path().join("one.parquet");
    write_parquet(&file, &log_batch(80_000, 10_000));
    let parquet = open(vec![Source::Parquet(vec![file])]);
    assert_eq!(ask(&parquet, "select count(*) from logs").unwrap(), "600\n");
    assert_eq!(profile(&parquet, "select count(path) from logs").groups, 1);
}

#[test]
fn a_source_without_a_time_says_so_when_it_is_asked_for_one() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("none.parquet");
    write_parquet(&file, &log_batch(0, 10).project(&[1, 2]).unwrap());
    let options = EngineOptions { times: Some((0, 1)), ..options() };
    let error = try_engine(vec![Source::Parquet(vec![file])], &options).err().unwrap();
    assert!(error.to_string().contains("`logs` has no column `time`"), "{error}");
}

#[test]
fn bounds_of_numbers_leave_files_out() {
    assert_eq!(
        reads("status = 503").files,
        1,
        "the file without statuses has none of them in its statistics"
    );
    assert_eq!(reads("status >= 200").files, 3);
}

#[test]
fn a_count_of_all_rows_reads_one_file() {
    let place = tempfile::tempdir().unwrap();
    let engine = engine(vec![dataset(place.path())]);
    let read = |sql: &str| ask(&engine, sql).unwrap();
    std::fs::remove_file(place.path().join("year=2025/month=01/day=03/part-2.parquet")).unwrap();
    assert_eq!(read("select count(*) from logs"), "30000\n");
    assert_eq!(read("from logs select count(*) as n"), "30000\n");
    assert!(ask(&engine, "select count(path) from logs").is_err());
    assert_eq!(read("select count(*) from logs where day = '01'"), "10000\n");
}

#[test]
fn a_statement_is_not_answered_by_the_files_of_the_one_before() {
    let place = tempfile::tempdir().unwrap();
    let engine = engine(vec![dataset(place.path())]);
    for (condition, rows) in
        [("day = '01'", 10_000), ("true", 30_000), ("day = '04'", 0), ("day > '01'", 20_000)]
    {
        let sql = format!("select count(time) from logs where {condition}");
        assert_eq!(ask(&engine, &sql).unwrap(), format!("{rows}\n"), "{condition}");
    }
    let both = "select (select count(time) from logs where day = '01'), (select count(time) from logs)";
    assert_eq!(ask(&engine, both).unwrap(), "10000,30000\n");
    let two = "select (select count(time) from logs where day = '01') + (select count(time) from logs where day = '03')";
    assert_eq!(ask(&engine, two).unwrap(), "20000\n");
}

#[test]
fn what_only_looks_like_a_condition_on_the_table_leaves_nothing_out() {
    let place = tempfile::tempdir().unwrap();
    let engine = engine(vec![dataset(place.path())]);
    for sql in [
        "with logs as (select '07' as day) select count(*) from logs where day = '07'",
        "select count(*) > 0 from logs a, (select '07' as day) b where b.day = '07'",
        "select count(*) > 0 from (select *, '07' as day from logs) where day = '07'",
        "select count(*) > 0 from (select status as s, path as day from logs where day = '/a/1')",
    ] {
        assert!(["1\n", "true\n"].contains(&&*ask(&engine, sql).unwrap()), "{sql}");
    }
    assert_eq!(ask(&engine, "select count(*) from (summarize logs)").unwrap(), "4\n");
}

#[test]
fn a_scan_is_told_what_is_asked_of_its_columns() {
    let memory = Arc::new(Memory::of(vec![log_batch(0, 3_000)]));
    let engine = engine(vec![Source::Scan(memory.clone())]);
    let told = |sql: &str| {
        ask(&engine, sql).unwrap();
        memory.told.lock().unwrap().clone()
    };
    let status = |from, to| Condition { column: "status".into(), any: vec![Range::Number(from, to)] };
    assert_eq!(told("select path from logs where status >= 404 and path like '%7'"), [status(404, i64::MAX)]);
    assert_eq!(told("select path from logs"), []);
    assert_eq!(told("select path from logs l where 404 > l.Status"), [status(i64::MIN, 404)]);
    assert_eq!(told("select status as s, path as status from logs where status = 404"), []);
    let minute = 60_000_000;
    let time = Range::Time(NEW_YEAR, NEW_YEAR + 120 * minute);
    let two_hours = "select path from logs where time between '2025-01-01' and '2025-01-01 02:00:00'";
    assert_eq!(told(two_hours), [Condition { column: "time".into(), any: vec![time] }]);
    assert_eq!(told("select path from logs where status = 404 or status = 200"), []);
}
