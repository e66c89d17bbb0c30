use super::*;
use crate::columns::Builder;
use arrow_array::{
    Array,
    cast::AsArray,
    types::{Int64Type, TimestampMicrosecondType},
};
use proptest::prelude::*;
use weblog_parse::{Instant, Record, Value};
use weblog_window::{distinct::Distinct, histogram::Histogram};

const MINUTE: i64 = 60_000_000;

/// A minute, a path, a status, a duration and a visitor.
type Row = (i64, &'static str, i64, i64, u8);

fn records(rows: &[Row]) -> RecordBatch {
    let mut builder = Builder::new();
    for (minute, path, status, duration, visitor) in rows {
        let address = format!("192.0.2.{visitor}");
        let mut record = Record::new();
        record.push(Field::Time, Value::Time(Instant { micros: minute * MINUTE, digits: 0 }));
        record.push(Field::RemoteAddr, Value::Str(&address));
        record.push(Field::Path, Value::Str(path));
        record.push(Field::Status, Value::Int(*status));
        record.push(Field::Bytes, Value::Int(10));
        record.push(Field::DurationUs, Value::Int(*duration));
        builder.push(&record);
    }
    builder.finish()
}

fn rules(minutes: i64, by: &[&str], max_keys: usize) -> Rules {
    Rules { every_s: minutes * 60, by: by.iter().map(|name| (*name).to_owned()).collect(), max_keys }
}

fn rolled(rules: Rules, batches: &[RecordBatch]) -> RecordBatch {
    let mut rollup = Rollup::new(rules);
    for batch in batches {
        rollup.add(batch, None).unwrap();
    }
    rollup.take().unwrap().unwrap()
}

fn sum(batch: &RecordBatch, name: &str) -> i64 {
    let column = batch.column_by_name(name).unwrap().as_primitive::<Int64Type>();
    column.iter().flatten().sum()
}

#[test]
fn rows_of_a_window_and_key_are_summed() {
    let rows = [(0, "/a", 200, 100, 1), (4, "/a", 200, 300, 1), (5, "/a", 500, 7, 2), (5, "/b", 404, 9, 2)];
    let found = rolled(rules(5, &["path", STATUS_CLASS], 10), &[records(&rows)]);
    let times = found.column(0).as_primitive::<TimestampMicrosecondType>();
    assert_eq!(times.values(), &[0, 5 * MINUTE, 5 * MINUTE]);
    let keys = [2, 3].map(|at| found.column(at).as_string::<i32>().iter().flatten().collect::<Vec<_>>());
    assert_eq!(keys, [["/a", "/a", "/b"], ["2xx", "5xx", "4xx"]]);
    assert_eq!(found.column_by_name("requests").unwrap().as_primitive::<Int64Type>().values(), &[2, 1, 1]);
    let told = ["bytes", "errors", "client_errors", "duration_count", "duration_sum_us"];
    assert_eq!(told.map(|name| sum(&found, name)), [40, 1, 1, 4, 416]);
    let visitors = found.column_by_name("visitors").unwrap().as_binary::<i32>();
    assert_eq!(Distinct::from_bytes(visitors.value(0)).unwrap().count(), 1);
    let counts = found.column_by_name("duration_hist").unwrap().as_map();
    assert_eq!(counts.value(0).len(), 2);
    assert_eq!(found.schema(), rules(5, &["path", STATUS_CLASS], 10).schema());
}

#[test]
fn the_keys_with_the_fewest_requests_become_one_that_is_marked() {
    let mut rows: Vec<Row> = vec![(0, "/busy", 200, 1, 1); 50];
    let names: Vec<String> = (0..100).map(|n| format!("/{n}")).collect();
    for name in names {
        rows.push((0, name.leak(), 200, 1, 1));
    }
    let found = rolled(rules(5, &["path"], 3), &[records(&rows)]);
    let other = found.column_by_name(OTHER).unwrap().as_boolean();
    assert_eq!(other.iter().flatten().collect::<Vec<_>>(), [false, false, false, true]);
    let paths = found.column(2).as_string::<i32>();
    assert!(paths.iter().any(|path| path == Some("/busy")) && paths.is_null(3));
    assert_eq!(sum(&found, "requests"), 150);
}

#[test]
fn a_text_that_is_too_long_is_no_key() {
    let long: &'static str = "/x".repeat(600).leak();
    let found = rolled(rules(5, &["path"], 3), &[records(&[(0, long, 200, 1, 1)])]);
    assert!(found.column_by_name(OTHER).unwrap().as_boolean().value(0));
}

#[test]
fn records_without_a_time_have_a_window_of_their_own() {
    let batch = records(&[(0, "/", 200, 1, 1)]);
    let without = batch.project(&[1, 2]).unwrap();
    let found = rolled(rules(5, &[], 1), &[without]);
    assert_eq!((found.num_rows(), found.column(0).is_null(0), sum(&found, "requests")), (1, true, 1));
}

#[test]
fn windows_that_do_not_fit_are_refused() {
    let minutes = rolled(rules(5, &["path"], 9), &[records(&[(0, "/", 200, 1, 1)])]);
    let mut hours = Rollup::new(rules(7, &["path"], 9));
    assert!(matches!(hours.add(&minutes, None), Err(StoreError::Rollup { .. })));
}

#[test]
fn what_a_rollup_has_a_column_for_is_no_key() {
    for name in ["time", "requests", "bytes", "other", "every_s", "day", "a b", ""] {
        assert!(Rules::refusal(name).is_some(), "{name}");
    }
    assert_eq!(Rules::refusal("status_class"), None);
}

fn row() -> impl Strategy<Value = Row> {
    let path = prop_oneof![Just("/a"), Just("/b"), Just("/c")];
    let status = prop_oneof![Just(200), Just(404), Just(500)];
    (0..200_i64, path, status, 0..10_000_000_i64, 0..30_u8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rolled_up_again_is_the_same_as_rolled_up_at_once(
        rows in prop::collection::vec(row(), 1..200), cut in 0..200_usize,
    ) {
        let by = &["path", "status"];
        let (a, b) = rows.split_at(cut.min(rows.len()));
        let small: Vec<RecordBatch> = [a, b].iter().filter(|rows| !rows.is_empty())
            .map(|rows| rolled(rules(5, by, 100), &[records(rows)])).collect();
        let at_once = rolled(rules(60, by, 100), &[records(&rows)]);
        prop_assert_eq!(rolled(rules(60, by, 100), &small), at_once);
    }

    #[test]
    fn nothing_is_lost_however_few_keys_there_may_be(
        rows in prop::collection::vec(row(), 1..200), max_keys in 1..4_usize,
    ) {
        let found = rolled(rules(30, &["path", "status"], max_keys), &[records(&rows)]);
        prop_assert_eq!(sum(&found, "requests"), rows.len() as i64);
        let counts = found.column_by_name("duration_hist").unwrap().as_map();
        let mut all = Histogram::new();
        let buckets = counts.keys().as_primitive::<arrow_array::types::Int32Type>();
        let numbers = counts.values().as_primitive::<Int64Type>();
        for (bucket, count) in buckets.values().iter().zip(numbers.values()) {
            prop_assert!(all.add_bucket(*bucket, *count as u64));
        }
        prop_assert_eq!(all, rows.iter().map(|row| row.3 as u64).collect());
    }
}
