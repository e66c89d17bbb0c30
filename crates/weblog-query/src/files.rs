//! The files of a dataset: which of them can hold what is asked, and their list as DuckDB takes it.
//!
//! DuckDB is given the list as a variable that a table function fills. As a part of a statement, a list of a
//! hundred thousand names took its parser seconds; and to leave out files by a condition on their names,
//! seconds more.

use crate::{
    bounds::{Condition, Range, Wanted},
    error::QueryError,
    quoting::glob_escape,
    scan::{Batches, Registered, Scan, ScanError},
};
use arrow_array::{RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use duckdb::Connection;
use serde::Deserialize;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use weblog_parse::{
    Zone,
    time::{Shape, shape},
};

/// A file of a dataset, and what its commit says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it is.
    pub path: PathBuf,
    /// The values of the partition columns.
    pub partition: Vec<Option<String>>,
    /// Its rows.
    pub rows: Option<u64>,
    /// What is known of its columns: the JSON of Delta's per-file statistics.
    pub stats: Option<String>,
}

/// The part of the statistics that tells of bounds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats<'a> {
    #[serde(borrow, default)]
    min_values: HashMap<&'a str, Bound<'a>>,
    #[serde(borrow, default)]
    max_values: HashMap<&'a str, Bound<'a>>,
    #[serde(borrow, default)]
    null_count: HashMap<&'a str, u64>,
}

/// A bound in the statistics. Of what is no whole number and no text, nothing is known.
#[derive(Deserialize)]
#[serde(untagged)]
enum Bound<'a> {
    Number(i64),
    Text(&'a str),
    Other(serde::de::IgnoredAny),
}

impl StoredFile {
    /// Whether a row for which all of this holds can be in it.
    fn may_hold(&self, partitions: &[String], conditions: &[Condition]) -> bool {
        let value = |condition: &Condition| {
            let at = partitions.iter().position(|name| *name == condition.column)?;
            Some(self.partition.get(at)?.as_deref())
        };
        let (mut meets, mut rest) = (true, Vec::new());
        for condition in conditions {
            match value(condition) {
                Some(value) => {
                    meets &= value.is_some_and(|value| condition.any.iter().any(|range| is_in(value, range)))
                }
                None => rest.push(condition),
            }
        }
        if !meets || rest.is_empty() {
            return meets;
        }
        let stats = self.stats.as_deref().and_then(|stats| serde_json::from_str::<Stats<'_>>(stats).ok());
        stats.is_none_or(|stats| {
            rest.iter()
                .all(|condition| condition.any.iter().any(|range| stats.meets(&condition.column, range)))
        })
    }

    /// Its rows, if all of them are of this time.
    fn rows_within(&self, (since, until): (i64, i64)) -> Option<u64> {
        let stats: Stats<'_> = serde_json::from_str(self.stats.as_deref()?).ok()?;
        let (from, to) = (stats.min_values.get("time")?.time()?, stats.max_values.get("time")?.time()?);
        let no_nulls = stats.null_count.get("time") == Some(&0);
        self.rows.filter(|_| no_nulls && since <= from && to.saturating_add(MILLISECOND) < until)
    }
}

/// That the time is from the first moment on and before the second.
fn of_times((since, until): (i64, i64)) -> Condition {
    Condition { column: "time".into(), any: vec![Range::Time(since, until.saturating_sub(1))] }
}

fn is_in(value: &str, range: &Range) -> bool {
    match range {
        Range::Text(from, to) => {
            from.as_deref().is_none_or(|from| from <= value) && to.as_deref().is_none_or(|to| value <= to)
        }
        Range::Time(..) | Range::Number(..) => true,
    }
}

/// Bounds of times are told in milliseconds, and some writers cut the rest off.
const MILLISECOND: i64 = 1_000;

impl Stats<'_> {
    /// Whether the bounds of a column meet a range, as far as is known.
    fn meets(&self, column: &str, range: &Range) -> bool {
        let (min, max) = (self.min_values.get(column), self.max_values.get(column));
        let (from, to, min, max) = match range {
            Range::Number(from, to) => (*from, *to, min.and_then(Bound::number), max.and_then(Bound::number)),
            Range::Time(from, to) => {
                let max = max.and_then(Bound::time).map(|max| max.saturating_add(MILLISECOND));
                (*from, *to, min.and_then(Bound::time), max)
            }
            Range::Text(..) => return true,
        };
        min.is_none_or(|min| min <= to) && max.is_none_or(|max| from <= max)
    }
}

impl Bound<'_> {
    fn number(&self) -> Option<i64> {
        if let Bound::Number(number) = self { Some(*number) } else { None }
    }

    fn time(&self) -> Option<i64> {
        let Bound::Text(text) = self else { return None };
        match shape(text.as_bytes(), Zone::default()) {
            Some(Shape::Full(logged)) => Some(logged.instant.micros),
            _ => None,
        }
    }
}

/// The files of a dataset, as DuckDB knows them.
pub(crate) struct Files {
    all: Vec<StoredFile>,
    partitions: Vec<String>,
    variable: String,
    list: Arc<List>,
    function: Registered,
}

impl Files {
    /// Makes a list known to DuckDB, as its `at`th; it is empty until [`Files::choose`].
    pub(crate) fn new(
        connection: &Connection,
        at: usize,
        all: Vec<StoredFile>,
        partitions: Vec<String>,
    ) -> duckdb::Result<Self> {
        let (variable, list) = (format!("weblog_files_{at}"), Arc::new(List::default()));
        let scan: Arc<dyn Scan> = list.clone();
        let function = Registered::named(connection, variable.clone(), &scan)?;
        Ok(Files { all, partitions, variable, list, function })
    }

    /// The list, as an argument of `read_parquet`.
    pub(crate) fn argument(&self) -> String {
        format!("getvariable('{}')", self.variable)
    }

    /// Whether there are none at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Lists the files that can hold what is wanted: at least one, since DuckDB takes no empty list.
    pub(crate) fn choose(
        &self,
        connection: &Connection,
        times: Option<(i64, i64)>,
        wanted: &Wanted,
    ) -> Result<(), QueryError> {
        let times = times.map(of_times);
        let is_chosen = |file: &&StoredFile| {
            let holds = |conditions: &[Condition]| file.may_hold(&self.partitions, conditions);
            times.as_ref().is_none_or(|times| holds(std::slice::from_ref(times)))
                && wanted.as_ref().is_none_or(|any| any.iter().any(|conditions| holds(conditions)))
        };
        self.list(connection, self.all.iter().filter(is_chosen))
    }

    /// Lists the files of which the number of wanted rows is not known, at least one, and gives the number
    /// of those rows that are in the others.
    pub(crate) fn choose_uncounted(
        &self,
        connection: &Connection,
        times: Option<(i64, i64)>,
    ) -> Result<u64, QueryError> {
        let mut counted = 0;
        let condition = times.map(of_times);
        let is_chosen = |file: &&StoredFile| {
            condition.as_ref().is_none_or(|one| file.may_hold(&self.partitions, std::slice::from_ref(one)))
        };
        let uncounted = self.all.iter().filter(is_chosen).enumerate().filter(|(at, file)| {
            let rows = match times {
                None => file.rows,
                Some(times) => file.rows_within(times),
            };
            // The first is read in any case.
            let rows = rows.filter(|_| *at > 0);
            counted += rows.unwrap_or(0);
            rows.is_none()
        });
        let uncounted: Vec<&StoredFile> = uncounted.map(|(_, file)| file).collect();
        self.list(connection, uncounted.into_iter())?;
        Ok(counted)
    }

    fn list<'a>(
        &self,
        connection: &Connection,
        files: impl Iterator<Item = &'a StoredFile>,
    ) -> Result<(), QueryError> {
        let mut paths: Vec<String> = files.map(|file| glob_escape(&file.path)).collect();
        if paths.is_empty() {
            paths.extend(self.all.first().map(|file| glob_escape(&file.path)));
        }
        let mut listed = self.list.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *listed == paths {
            return Ok(());
        }
        *listed = paths;
        drop(listed);
        let (variable, call) = (&self.variable, self.function.call());
        connection.execute_batch(&format!(
            "set variable {variable} = (select list(path order by path) from {call})"
        ))?;
        Ok(())
    }
}

/// Names as rows.
#[derive(Default)]
struct List(Mutex<Vec<String>>);

impl Scan for List {
    fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("path", DataType::Utf8, true)]))
    }

    fn start(&self, columns: &[usize]) -> Result<Box<dyn Batches>, ScanError> {
        let paths = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = Arc::new(StringArray::from_iter_values(paths.iter()));
        let batch = RecordBatch::try_new(self.schema(), vec![paths])?.project(columns)?;
        Ok(Box::new(Once(Mutex::new(Some(batch)))))
    }
}

struct Once(Mutex<Option<RecordBatch>>);

impl Batches for Once {
    fn next(&self) -> Option<Result<RecordBatch, ScanError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map(Ok)
    }
}
