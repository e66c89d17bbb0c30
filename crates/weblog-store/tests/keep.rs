//! A dataset that is kept small and lawful while others add to it.

#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    cast::AsArray,
    types::{Int64Type, TimestampMicrosecondType},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};
use weblog_store::{
    StoreError,
    columns::{EXTRA_FIELDS, time_type},
    compact::{Compact, Compacted},
    dataset::Dataset,
    delta::{NEVER, Snapshot, Staging, Txn},
    foreign,
    partition::By,
    retain::{Retain, Retained},
    vacuum::{Vacuum, Why},
};

const DAY: i64 = 86_400_000_000;
/// 2025-01-06.
const MONDAY: i64 = 20_094 * DAY;
const COMPACT: Compact = Compact { target: 1 << 20, since: None, until: None };

/// A row: its time, its number, the address, and the fields without a column.
type Row = (Option<i64>, i64, Option<String>, Option<String>);

fn row(time: i64, number: i64) -> Row {
    (Some(time), number, Some(format!("192.0.2.{}", number % 250)), None)
}

fn batch(rows: &[Row]) -> RecordBatch {
    let times: TimestampMicrosecondArray = rows.iter().map(|row| row.0).collect();
    let numbers: Int64Array = rows.iter().map(|row| Some(row.1)).collect();
    let addresses: StringArray = rows.iter().map(|row| row.2.clone()).collect();
    let mut columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("time", time_type(), Arc::new(times.with_timezone("UTC"))),
        ("remote_addr", DataType::Utf8, Arc::new(addresses)),
        ("bytes", DataType::Int64, Arc::new(numbers)),
    ];
    if rows.iter().any(|row| row.3.is_some()) {
        let extra: StringArray = rows.iter().map(|row| row.3.clone()).collect();
        columns.push((EXTRA_FIELDS, DataType::Utf8, Arc::new(extra)));
    }
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, _, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// One commit with these rows.
fn add(root: &Path, rows: &[Row]) {
    add_by(root, By::Day, rows, vec![]);
}

fn add_by(root: &Path, by: By, rows: &[Row], txns: Vec<Txn>) {
    let batch = batch(rows);
    let mut dataset = Dataset::open(root, Some(by), batch.schema_ref(), None).unwrap();
    dataset.write(batch).unwrap();
    dataset.commit(txns).unwrap();
    dataset.close().unwrap();
}

fn snapshot(root: &Path) -> Snapshot {
    Snapshot::read(root).unwrap().unwrap()
}

fn files(root: &Path) -> usize {
    snapshot(root).files().len()
}

/// The rows of the dataset, file by file.
fn rows(root: &Path) -> Vec<Row> {
    let mut all = Vec::new();
    for file in snapshot(root).files() {
        let before = all.len();
        for batch in foreign::rows(File::open(root.join(&file.path)).unwrap()).unwrap() {
            let batch = batch.unwrap();
            let times = batch.column_by_name("time").unwrap().as_primitive::<TimestampMicrosecondType>();
            let numbers = batch.column_by_name("bytes").unwrap().as_primitive::<Int64Type>();
            let text = |name: &str, row: usize| {
                let column = batch.column_by_name(name)?.as_string::<i32>();
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            all.extend((0..batch.num_rows()).map(|row| {
                let time = times.is_valid(row).then(|| times.value(row));
                (time, numbers.value(row), text("remote_addr", row), text(EXTRA_FIELDS, row))
            }));
        }
        assert_eq!(file.rows, Some((all.len() - before) as u64));
    }
    all
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

fn compact(root: &Path) -> Compacted {
    COMPACT.run(root, &mut |_| {}).unwrap()
}

fn retain(root: &Path, keep: Option<i64>, strip: &[&str], after: Option<i64>) -> Retained {
    let strip = strip.iter().map(|name| (*name).to_owned()).collect();
    Retain { keep, strip, after }.run(root, &mut |_| {}).unwrap()
}

fn vacuum(root: &Path, grace: u64) -> Vec<(Why, String)> {
    let gone = Vacuum { grace: Some(Duration::from_secs(grace)), dry_run: false }.run(root).unwrap().gone;
    gone.into_iter().map(|gone| (gone.why, gone.path)).collect()
}

/// All Parquet files in the tree.
fn tree(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => open.push(entry.path()),
                false => found.extend(entry.path().strip_prefix(root).unwrap().to_str().map(str::to_owned)),
            }
        }
    }
    found.retain(|path| path.ends_with(".parquet") && !path.starts_with('_'));
    found.sort();
    found
}

/// What commits say that they did.
fn operations(root: &Path) -> Vec<String> {
    let mut paths: Vec<_> =
        fs::read_dir(root.join("_delta_log")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let text: String = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    text.split("\"operation\":\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Sets a property of the table, as another tool would.
fn set_property(root: &Path, name: &str, value: &str) {
    let first = fs::read_to_string(root.join("_delta_log/00000000000000000000.json")).unwrap();
    let line = first.lines().find(|line| line.starts_with("{\"metaData\"")).unwrap();
    let text = line.replace("\"configuration\":{}", &format!("\"configuration\":{{\"{name}\":\"{value}\"}}"));
    assert_ne!(text, line);
    let version = snapshot(root).version() + 1;
    fs::write(root.join(format!("_delta_log/{version:020}.json")), text + "\n").unwrap();
}

#[test]
fn small_files_become_one_a_partition_and_again_does_nothing() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for n in 0..12 {
        add(root, &[row(MONDAY + 50 - n, n), row(MONDAY + DAY + 100 - n, 100 + n)]);
    }
    let before = rows(root);
    let old = tree(root);
    let done = compact(root);
    assert_eq!((done.partitions, done.files_before, done.files_after, done.rows), (2, 24, 2, 24));
    assert_eq!((done.commits, files(root)), (1, 2));
    assert_eq!(sorted(rows(root)), sorted(before));
    let times: Vec<_> = rows(root).iter().map(|row| row.0).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(old.iter().all(|path| root.join(path).is_file()), "readers of the old version are disturbed");
    let version = snapshot(root).version();
    assert_eq!(compact(root), Compacted::default());
    assert_eq!(snapshot(root).version(), version);
    assert_eq!(operations(root).last().unwrap(), "OPTIMIZE");
}

#[test]
fn what_the_dataset_knows_of_its_inputs_stays() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let txn = |from, version| vec![Txn { app_id: "log".into(), from, version }];
    add_by(root, By::Day, &[row(MONDAY, 1)], txn(NEVER, 10));
    add_by(root, By::Day, &[row(MONDAY, 2)], txn(10, 20));
    let before = snapshot(root).inputs().clone();
    compact(root);
    assert_eq!(retain(root, Some(MONDAY + DAY), &[], None).dropped, 2);
    vacuum(root, 0);
    assert_eq!(*snapshot(root).inputs(), before);
    assert_eq!((files(root), tree(root)), (0, vec![]));
}

#[test]
fn large_files_are_left_alone_and_a_rest_is_not_merged_again() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for part in 0..6 {
        let text = |n: i64| format!("{:x}", (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let rows: Vec<Row> =
            (0..9_000).map(|n| (Some(MONDAY + n), n * 6 + part, Some(text(n * 6 + part)), None)).collect();
        add(root, &rows);
    }
    let before = sorted(rows(root));
    let small = Compact { target: 200_000, ..COMPACT };
    let done = small.run(root, &mut |_| {}).unwrap();
    assert!(done.files_after > 1 && done.files_after < done.files_before, "{done:?}");
    assert_eq!(sorted(rows(root)), before);
    let sizes: Vec<u64> = snapshot(root).files().map(|file| file.bytes).collect();
    assert!(sizes.iter().filter(|bytes| **bytes < 160_000).count() <= 1, "{sizes:?}");
    assert_eq!(small.run(root, &mut |_| {}).unwrap(), Compacted::default());
}

#[test]
fn partitions_are_chosen_by_time() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for n in 0..2 {
        add(root, &[row(MONDAY, n), row(MONDAY + DAY, n), row(MONDAY + 2 * DAY, n), (None, n, None, None)]);
    }
    let middle = Compact { since: Some(MONDAY + 1), until: Some(MONDAY + 2 * DAY), ..COMPACT };
    let plan = middle.plan(root).unwrap();
    assert_eq!(plan.iter().map(|part| &*part.partition).collect::<Vec<_>>(), ["year=2025/month=01/day=07"]);
    assert_eq!(COMPACT.plan(root).unwrap().len(), 4);
    let none = tempfile::tempdir().unwrap();
    add_by(none.path(), By::None, &[row(MONDAY, 1)], vec![]);
    assert!(matches!(middle.run(none.path(), &mut |_| {}), Err(StoreError::Unfit { .. })));
}

#[test]
fn files_that_are_older_than_a_column_have_nulls_in_it() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    add(root, &[row(MONDAY, 1)]);
    add(root, &[(Some(MONDAY), 2, None, Some("{\"a\":1}".into()))]);
    let before = rows(root);
    compact(root);
    assert_eq!(sorted(rows(root)), sorted(before));
    assert_eq!(snapshot(root).schema().fields().len(), 4);
}

#[test]
fn a_damaged_or_missing_file_is_named_and_nothing_is_committed() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    (0..3).for_each(|n| add(root, &[row(MONDAY, n)]));
    let version = snapshot(root).version();
    let path = snapshot(root).files().next().unwrap().path.clone();
    let whole = fs::read(root.join(&path)).unwrap();
    for damaged in [&whole[..whole.len() / 2], &[][..]] {
        fs::write(root.join(&path), damaged).unwrap();
        let error = COMPACT.run(root, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains(&path), "{error}");
    }
    fs::remove_file(root.join(&path)).unwrap();
    assert!(matches!(COMPACT.run(root, &mut |_| {}), Err(StoreError::DataFile { .. })));
    assert_eq!((snapshot(root).version(), tree(root).len()), (version, 2));
    assert!(!root.join("_weblog_tmp").exists());
}

#[test]
fn a_table_that_is_append_only_may_be_arranged_anew_and_loses_no_row() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    (0..3).for_each(|n| add(root, &[row(MONDAY, n)]));
    set_property(root, "delta.appendOnly", "true");
    assert_eq!(compact(root).files_before, 3);
    let error = Retain { keep: Some(MONDAY + DAY), ..Retain::default() }.run(root, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("delta.appendOnly"), "{error}");
    assert_eq!(rows(root).len(), 3);
}

#[test]
fn a_table_that_needs_more_than_weblog_knows_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    (0..2).for_each(|n| add(root, &[row(MONDAY, n)]));
    let line = "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":4}}\n";
    fs::write(root.join("_delta_log/00000000000000000002.json"), line).unwrap();
    assert!(COMPACT.run(root, &mut |_| {}).is_err());
    assert!(Retain { keep: Some(MONDAY + DAY), ..Retain::default() }.run(root, &mut |_| {}).is_err());
    assert!(Vacuum::default().run(root).is_err());
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(COMPACT.run(empty.path(), &mut |_| {}), Err(StoreError::NoDataset { .. })));
    assert!(matches!(Vacuum::default().run(empty.path()), Err(StoreError::NoDataset { .. })));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn fields_are_stripped_once_and_stay_so_when_files_are_merged() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let extra = |text: &str| Some(text.to_owned());
    add(root, &[row(MONDAY, 1), (Some(MONDAY + 5), 2, None, extra("{\"remote_addr\":\"x\",\"a\":[1, 2]}"))]);
    add(
        root,
        &[(Some(MONDAY + 6), 3, None, extra("{\"remote_addr\":7}")), (None, 4, extra("192.0.2.9"), None)],
    );
    let limit = MONDAY + DAY;
    let strip = |after| retain(root, None, &["remote_addr"], Some(after));
    assert_eq!(strip(MONDAY), Retained { timeless: 1, ..Retained::default() });
    let done = strip(limit);
    assert_eq!((done.stripped, done.files_rewritten, done.dropped, done.timeless), (3, 2, 0, 1));
    assert_eq!(operations(root).last().unwrap(), "UPDATE");
    let expected = vec![
        (None, 4, extra("192.0.2.9"), None),
        (Some(MONDAY), 1, None, None),
        (Some(MONDAY + 5), 2, None, extra("{\"a\":[1, 2]}")),
        (Some(MONDAY + 6), 3, None, None),
    ];
    assert_eq!(sorted(rows(root)), expected);
    let version = snapshot(root).version();
    assert_eq!(strip(limit).commits, 0);
    compact(root);
    assert_eq!(snapshot(root).version(), version + 1);
    assert_eq!(strip(limit).commits, 0);
    // The log knows: a file that is stripped is not even opened.
    for file in snapshot(root).files().filter(|file| file.partition[0].is_some()) {
        fs::write(root.join(&file.path), "").unwrap();
    }
    assert_eq!(strip(limit).commits, 0);
}

#[test]
fn the_edge_of_a_limit_cuts_through_a_file() {
    for by in [By::Day, By::Hour, By::None] {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let all: Vec<Row> = (0..10).map(|n| row(MONDAY + n, n)).chain([(None, 10, None, None)]).collect();
        add_by(root, by, &all, vec![]);
        let done = retain(root, Some(MONDAY + 4), &["remote_addr"], Some(MONDAY + 7));
        assert_eq!((done.dropped, done.stripped, done.files_rewritten), (4, 3, 1));
        let left = sorted(rows(root));
        assert_eq!(left.iter().map(|row| row.1).collect::<Vec<_>>(), [10, 4, 5, 6, 7, 8, 9]);
        let plain: Vec<i64> = left.iter().filter(|row| row.2.is_some()).map(|row| row.1).collect();
        assert_eq!(plain, [7, 8, 9]);
        assert_eq!(retain(root, Some(MONDAY + 4), &["remote_addr"], Some(MONDAY + 7)).commits, 0);
        assert_eq!(retain(root, Some(MONDAY + DAY), &[], None).dropped, 6);
        assert_eq!(rows(root), [(None, 10, None, None)]);
        assert_eq!(retain(root, Some(MONDAY + 2 * DAY), &[], None).commits, 0);
    }
}

#[test]
fn a_field_that_is_none_or_that_tells_the_age_cannot_be_stripped() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    add(root, &[row(MONDAY, 1)]);
    for name in ["remote_adr", "time", "day"] {
        let retain = Retain { keep: None, strip: vec![name.into()], after: Some(MONDAY + DAY) };
        assert!(matches!(retain.plan(root), Err(StoreError::Unfit { .. })), "{name}");
    }
    // A field of the schema that this dataset does not have.
    assert_eq!(retain(root, None, &["user_agent"], Some(MONDAY + DAY)).commits, 0);
}

#[test]
fn a_plan_says_what_will_be_done_and_does_nothing() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    add(root, &[row(MONDAY, 1), row(MONDAY + DAY, 2), row(MONDAY + DAY + 5, 3)]);
    add(root, &[row(MONDAY + DAY, 4)]);
    let retain = Retain { keep: Some(MONDAY + DAY + 3), ..Retain::default() };
    let version = snapshot(root).version();
    let plan = retain.plan(root).unwrap();
    assert_eq!(snapshot(root).version(), version);
    let mut told = Vec::new();
    let done = retain.run(root, &mut |fate| told.push(fate.clone())).unwrap();
    assert_eq!(plan, told);
    assert_eq!((done.dropped, done.files_dropped, done.files_rewritten), (3, 2, 1));
}

#[test]
fn only_what_is_ours_and_old_enough_is_removed() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    (0..3).for_each(|n| add(root, &[row(MONDAY, n), row(MONDAY + DAY, n)]));
    let monday = root.join("year=2025/month=01/day=06");
    let foreign = ["notes.txt", "part-0.parquet", "x.parquet"].map(|name| monday.join(name));
    foreign.iter().for_each(|path| fs::write(path, "mine").unwrap());
    let orphan = monday.join(format!("part-{}-000-00000.parquet", "a".repeat(32)));
    fs::write(&orphan, "torn").unwrap();
    let elsewhere = root.join(format!("part-{}-000-00000.parquet", "a".repeat(32)));
    fs::write(&elsewhere, "not in a partition").unwrap();
    fs::create_dir_all(root.join("year=2024/month=12/day=31")).unwrap();
    fs::create_dir_all(root.join("empty")).unwrap();
    compact(root);
    // All is young.
    let gone = vacuum(root, 3_600);
    assert!(gone.iter().all(|(why, _)| *why == Why::Empty) && gone.len() == 3, "{gone:?}");
    let old = SystemTime::now() - Duration::from_secs(7_200);
    File::options().append(true).open(&orphan).unwrap().set_modified(old).unwrap();
    let dry = Vacuum { grace: Some(Duration::from_secs(3_600)), dry_run: true }.run(root).unwrap();
    assert_eq!((dry.gone.len(), dry.gone[0].why, dry.waiting), (1, Why::Orphan, 6));
    assert!(orphan.is_file());
    assert_eq!(vacuum(root, 3_600).len(), 1);
    assert!(!orphan.exists());
    assert_eq!(operations(root)[4..], ["VACUUM START", "VACUUM END"]);
    std::thread::sleep(Duration::from_millis(5));
    let gone = vacuum(root, 0);
    assert_eq!(gone.iter().filter(|(why, _)| *why == Why::Removed).count(), 6);
    assert!(foreign.iter().chain([&elsewhere]).all(|path| path.is_file()));
    assert!(root.join("empty").is_dir());
    assert_eq!(rows(root).len(), 6);
    let version = snapshot(root).version();
    assert_eq!((vacuum(root, 0).len(), snapshot(root).version()), (0, version));
}

#[test]
fn a_file_of_a_run_that_is_about_to_commit_is_never_an_orphan() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    add(root, &[row(MONDAY, 1)]);
    let mut staging = Staging::new(root).unwrap();
    drop(staging.create("00000").unwrap());
    let path = format!("year=2025/month=01/day=06/part-{}-000-00000.parquet", staging.id());
    staging.publish(&[("00000".into(), path.clone())]).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(vacuum(root, 0), []);
    assert!(root.join(&path).is_file());
    drop(staging);
    assert!(!root.join(&path).exists());
}

#[test]
fn a_directory_that_is_taken_away_is_made_again() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    std::thread::scope(|scope| {
        let adding = scope.spawn(|| (0..60).for_each(|n| add(root, &[row(MONDAY + n * DAY, n)])));
        while !adding.is_finished() {
            if Snapshot::read(root).unwrap().is_some() {
                vacuum(root, 0);
            }
        }
    });
    assert_eq!(rows(root).len(), 60);
}

#[test]
fn appends_compactions_and_retention_side_by_side_lose_and_double_nothing() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    add(root, &[row(MONDAY - DAY, -1)]);
    let (writers, rounds) = (4, 25);
    let (ended, keep) = (AtomicI64::new(0), Retain { keep: Some(MONDAY), ..Retain::default() });
    let while_writing = |work: &dyn Fn() -> Result<(), StoreError>| {
        while ended.load(Ordering::Relaxed) < writers {
            match work() {
                Ok(()) | Err(StoreError::Busy { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let merge = || COMPACT.run(root, &mut |_| {}).map(drop);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let ended = &ended;
            scope.spawn(move || {
                for number in writer * rounds..(writer + 1) * rounds {
                    // Every other row is too old.
                    add(root, &[row(MONDAY + number % 3 * DAY, number), row(MONDAY - DAY, 10_000 + number)]);
                }
                ended.fetch_add(1, Ordering::Relaxed);
            });
        }
        scope.spawn(|| while_writing(&merge));
        scope.spawn(|| while_writing(&merge));
        scope.spawn(|| while_writing(&|| keep.run(root, &mut |_| {}).map(drop)));
    });
    retain(root, Some(MONDAY), &[], None);
    compact(root);
    let mut numbers: Vec<i64> = rows(root).iter().map(|row| row.1).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..writers * rounds).collect::<Vec<_>>());
    assert_eq!(files(root), 3);
    std::thread::sleep(Duration::from_millis(5));
    vacuum(root, 0);
    assert_eq!(tree(root).len(), 3);
}

fn any_rows() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let time =
        prop::option::weighted(0.9, (0..3 * 24i64, 0..5i64).prop_map(|(h, u)| MONDAY + h * DAY / 24 + u));
    let extra = prop::option::weighted(0.2, Just("{\"a\":\"b\"}".to_owned()));
    let row = (time, 0..50i64, prop::option::of("[a-c]{0,3}"), extra);
    prop::collection::vec(prop::collection::vec(row, 1..30), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn compaction_keeps_every_row_as_often_as_it_was(commits in any_rows(), by in 0..3usize) {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for rows in &commits {
            add_by(root, [By::None, By::Day, By::Hour][by], rows, vec![]);
        }
        compact(root);
        prop_assert_eq!(sorted(rows(root)), sorted(commits.concat()));
        let mut partitions: BTreeMap<_, usize> = BTreeMap::new();
        snapshot(root).files().for_each(|file| *partitions.entry(file.partition.clone()).or_default() += 1);
        prop_assert!(partitions.values().all(|files| *files == 1));
        prop_assert_eq!(compact(root), Compacted::default());
    }

    #[test]
    fn retention_removes_and_strips_exactly_what_is_older(
        commits in any_rows(), by in 0..3usize, keep in 0..80i64, after in 0..80i64, merged: bool,
    ) {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for rows in &commits {
            add_by(root, [By::None, By::Day, By::Hour][by], rows, vec![]);
        }
        if merged {
            compact(root);
        }
        let (keep, after) = (MONDAY + keep * DAY / 24 + 2, MONDAY + after * DAY / 24 + 3);
        let done = retain(root, Some(keep), &["remote_addr"], Some(after));
        let all = commits.concat();
        let mut left: Vec<Row> = all.iter().filter(|row| row.0.is_none_or(|time| time >= keep)).cloned().collect();
        prop_assert_eq!(done.dropped, (all.len() - left.len()) as u64);
        for row in left.iter_mut().filter(|row| row.0.is_some_and(|time| time < after)) {
            row.2 = None;
        }
        prop_assert_eq!(sorted(rows(root)), sorted(left));
        prop_assert_eq!(retain(root, Some(keep), &["remote_addr"], Some(after)).commits, 0);
    }
}

#[test]
fn columns_of_another_tool_are_brought_into_the_form_of_the_dataset() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    (0..2).for_each(|n| add(root, &[row(MONDAY, n)]));
    let file = snapshot(root).files().next().unwrap().clone();
    // The same rows with narrower numbers and one column more, as another tool may write them.
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("bytes", DataType::Int32, true),
        Field::new("else", DataType::Utf8, true),
    ]));
    let columns: Vec<ArrayRef> =
        vec![Arc::new(arrow_array::Int32Array::from(vec![77])), Arc::new(StringArray::from(vec!["x"]))];
    let batch = RecordBatch::try_new(schema, columns).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(
        File::create(root.join(&file.path)).unwrap(),
        batch.schema(),
        None,
    )
    .unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    compact(root);
    assert!(sorted(rows(root)).contains(&(None, 77, None, None)));
    assert_eq!(snapshot(root).schema().fields().len(), 3);
}
