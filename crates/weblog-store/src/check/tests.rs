//! What is damaged is told, and what is whole is not.

use super::*;
use crate::{dataset::Dataset, delta::Txn, inspect};
use arrow_array::{Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::{fs, path::PathBuf, sync::Arc};

const DAY: i64 = 86_400_000_000;
/// 2019-01-22.
const FIRST: i64 = 17_918 * DAY;

fn schema() -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let columns = [("time", time), ("path", DataType::Utf8), ("status", DataType::Int32)];
    Arc::new(Schema::new(columns.map(|(name, kind)| Field::new(name, kind, true)).to_vec()))
}

/// Rows of the first two days, and one without a time.
fn rows() -> RecordBatch {
    let times = (0..400).map(|row| (row != 7).then_some(FIRST + row * DAY / 200));
    let columns: Vec<arrow_array::ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from_iter(times).with_timezone("UTC")),
        Arc::new(StringArray::from_iter_values((0..400).map(|row| format!("/page/{row}")))),
        Arc::new(Int32Array::from_iter((0..400).map(|row| (row % 4 > 0).then_some(200)))),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// A dataset of two commits.
fn dataset() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let mut dataset = Dataset::open(root.path(), Some(By::Day), &schema(), None).unwrap();
    for version in [10, 20] {
        dataset.write(rows()).unwrap();
        let from = if version == 10 { crate::delta::NEVER } else { 10 };
        let txn = Txn { app_id: "input".into(), from, version };
        assert!(dataset.commit(vec![txn]).is_ok());
    }
    dataset.close().unwrap();
    root
}

fn report(root: &Path, deep: bool) -> Report {
    check(root, Options { deep, threads: 2 }, &|_, _| {}).unwrap().unwrap()
}

/// The kinds of what is found.
fn kinds(root: &Path, deep: bool) -> Vec<&'static str> {
    report(root, deep).findings.iter().map(|finding| finding.kind).collect()
}

fn files(root: &Path) -> Vec<PathBuf> {
    let snapshot = Snapshot::read(root).unwrap().unwrap();
    snapshot.files().map(|file| root.join(&file.path)).collect()
}

#[test]
fn nothing_is_told_of_a_dataset_that_is_whole() {
    let root = dataset();
    for deep in [false, true] {
        let report = report(root.path(), deep);
        assert_eq!(report.findings, [], "{deep}");
        assert!(report.is_whole());
        assert_eq!((report.version, report.commits, report.files, report.rows), (Some(1), 2, 6, 800));
    }
    assert!(
        check(&root.path().join("none"), Options { deep: true, threads: 1 }, &|_, _| {}).unwrap().is_none()
    );
}

#[test]
fn a_file_that_is_gone_short_or_no_file_is_told() {
    let root = dataset();
    let files = files(root.path());
    fs::remove_file(&files[0]).unwrap();
    fs::write(&files[1], "PAR1").unwrap();
    fs::remove_file(&files[2]).unwrap();
    fs::create_dir(&files[2]).unwrap();
    let mut kinds = kinds(root.path(), false);
    kinds.sort_unstable();
    assert_eq!(kinds, ["missing", "missing", "size"]);
}

#[test]
fn a_damaged_footer_is_seen_at_once_and_a_damaged_page_by_looking_deep() {
    let root = dataset();
    let files = files(root.path());
    let mut bytes = fs::read(&files[0]).unwrap();
    let end = bytes.len();
    bytes[end - 40..end - 8].fill(0xff);
    fs::write(&files[0], bytes).unwrap();
    assert_eq!(kinds(root.path(), false), ["footer"]);
    let mut bytes = fs::read(&files[1]).unwrap();
    bytes[4..64].fill(0xa5);
    fs::write(&files[1], bytes).unwrap();
    assert_eq!(kinds(root.path(), false), ["footer"]);
    assert_eq!(kinds(root.path(), true), ["footer", "data"]);
}

/// Changes the text of the first commit.
fn edit(root: &Path, from: &str, to: &str) {
    let path = root.join("_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn what_the_log_says_of_a_file_is_held_against_its_footer() {
    let said = |from: &str, to: &str| {
        let root = dataset();
        edit(root.path(), from, to);
        let report = report(root.path(), false);
        assert!(!report.is_whole());
        report.findings.into_iter().map(|finding| (finding.kind, finding.what)).collect::<Vec<_>>()
    };
    let rows = said("\\\"numRecords\\\":199", "\\\"numRecords\\\":198");
    assert_eq!(rows, [("rows", "has 199 rows and the log says 198".to_owned())]);
    let narrow = said("2019-01-22T00:00:00.000Z", "2019-01-22T06:00:00.000Z");
    assert!(narrow[0].0 == "statistics" && narrow[0].1.contains("begins at"), "{narrow:?}");
    let nulls = said("\\\"status\\\":50", "\\\"status\\\":51");
    assert!(nulls[0].1.contains("status is null in 50 rows and not in 51"), "{nulls:?}");
    let day = said("\"day\":\"22\"", "\"day\":\"21\"");
    assert_eq!(day.len(), 2, "{day:?}");
    assert!(day.iter().all(|(kind, _)| *kind == "partition"));
    assert!(day.iter().any(|(_, what)| what == "has rows of 2019-01-22, and its partition is of 2019-01-21"));
    // Bounds may be wide.
    let root = dataset();
    edit(root.path(), "2019-01-22T00:00:00.000Z", "2019-01-21T00:00:00.000Z");
    assert_eq!(kinds(root.path(), true), [] as [&str; 0]);
}

#[test]
fn what_is_left_over_is_worth_a_note_and_no_error() {
    let root = dataset();
    let files = files(root.path());
    fs::copy(&files[0], files[0].with_file_name("part-of-nobody.parquet")).unwrap();
    let left = root.path().join("_weblog_tmp").join("0".repeat(32));
    fs::create_dir_all(&left).unwrap();
    fs::write(left.with_extension("lock"), "").unwrap();
    let running = crate::delta::Staging::new(root.path()).unwrap();
    let report = report(root.path(), true);
    assert!(report.is_whole(), "{report:?}");
    let mut kinds: Vec<_> = report.findings.iter().map(|finding| finding.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["orphan", "running", "staging"]);
    drop(running);
}

#[test]
fn a_missing_commit_and_a_damaged_one_are_told() {
    let root = dataset();
    fs::write(root.path().join("_delta_log/00000000000000000003.json"), "{\"commitInfo\":{}}\n").unwrap();
    let found = report(root.path(), false);
    assert_eq!(found.findings[0].kind, "log");
    assert_eq!(found.findings[0].path.as_deref(), Some("_delta_log/00000000000000000002.json"));
    assert!(found.findings[0].what.contains("is missing"));
    fs::write(root.path().join("_delta_log/00000000000000000002.json"), "{\"add\":").unwrap();
    let found = report(root.path(), false);
    assert!(found.findings.iter().any(|finding| finding.what.contains("line 1")), "{found:?}");
}

#[test]
fn the_contents_are_told_from_the_log_alone() {
    let root = dataset();
    let snapshot = Snapshot::read(root.path()).unwrap().unwrap();
    files(root.path()).iter().for_each(|file| fs::remove_file(file).unwrap());
    let contents = inspect::contents(&snapshot);
    assert_eq!((contents.files, contents.rows, contents.partitions), (6, Some(800), 3));
    assert_eq!((contents.small, contents.small_in, contents.without_time), (6, 3, 2));
    assert_eq!(contents.range, Some(("2019-01-22".into(), "2019-01-23".into())));
    let times = ("2019-01-22T00:00:00.000Z".to_owned(), "2019-01-23T23:52:48.000Z".to_owned());
    assert_eq!(contents.times, Some(times));
    let filled: Vec<_> = contents.columns.iter().map(|column| column.filled).collect();
    assert_eq!(filled, [Some(1.0 - 2.0 / 800.0), None, Some(0.75)]);
    let [smallest, median, largest] = contents.sizes.unwrap();
    assert!(smallest <= median && median <= largest && largest <= contents.bytes);
}
