//! What a dataset holds, as its commit log tells: no file of data is opened.

use crate::{
    delta::{DataFile, Snapshot},
    identity::Identities,
};
use arrow_schema::DataType;
use serde_json::Value;
use std::collections::BTreeMap;

/// Files below this size are worth merging when a partition has several.
pub const SMALL: u64 = 64 << 20;

/// What a dataset holds.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Files.
    pub files: u64,
    /// Rows. None if a file of another tool does not tell.
    pub rows: Option<u64>,
    /// Bytes of the files.
    pub bytes: u64,
    /// The smallest, the median and the largest file, in bytes.
    pub sizes: Option<[u64; 3]>,
    /// Files that are smaller than [`SMALL`] and share their partition with another one.
    pub small: u64,
    /// The partitions that these lie in.
    pub small_in: u64,
    /// Partitions that have files.
    pub partitions: u64,
    /// The first and the last partition that have a value, as `2019-01-22` or `2019-01-22-03`.
    pub range: Option<(String, String)>,
    /// Files of records without a time.
    pub without_time: u64,
    /// The earliest and the latest time, as RFC 3339, when all files that have times tell.
    pub times: Option<(String, String)>,
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// Inputs that the dataset knows.
    pub inputs: u64,
    /// Their bytes, decompressed, that it holds.
    pub input_bytes: u64,
    /// Streams of records that say where they come from.
    pub streams: u64,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type. `Null` is one that weblog does not write.
    pub kind: DataType,
    /// The share of rows in which it is not null, between 0 and 1, if statistics tell.
    pub filled: Option<f64>,
}

/// Tells what a state of a dataset holds.
pub fn contents(snapshot: &Snapshot) -> Contents {
    let mut contents = Contents { files: snapshot.files().len() as u64, ..Contents::default() };
    let mut sizes = Vec::new();
    let mut partitions: BTreeMap<&[Option<String>], Vec<u64>> = BTreeMap::new();
    let mut nulls = Nulls::of(snapshot);
    let mut times = Some((None, None));
    contents.rows = Some(0);
    for file in snapshot.files() {
        contents.bytes += file.bytes;
        contents.rows = contents.rows.zip(file.rows).map(|(all, rows)| all + rows);
        contents.without_time +=
            u64::from(!file.partition.is_empty() && file.partition.iter().all(Option::is_none));
        sizes.push(file.bytes);
        partitions.entry(&file.partition).or_default().push(file.bytes);
        let stats = stats(file);
        nulls.add(file, &stats);
        widen(&mut times, file, &stats);
    }
    sizes.sort_unstable();
    let of = |at: usize| sizes.get(at).copied();
    contents.sizes = of(0).zip(of(sizes.len() / 2)).zip(sizes.last()).map(|((a, b), c)| [a, b, *c]);
    for files in partitions.values() {
        let small = files.iter().filter(|bytes| **bytes < SMALL).count() as u64;
        if small > 1 {
            contents.small += small;
            contents.small_in += 1;
        }
    }
    contents.partitions = partitions.len() as u64;
    let named: Vec<String> = partitions.keys().filter_map(|values| joined(values)).collect();
    contents.range = named.first().cloned().zip(named.last().cloned());
    contents.times = times.and_then(|(first, last)| first.zip(last));
    contents.columns = nulls.columns(snapshot);
    (contents.inputs, contents.input_bytes) = Identities::of(snapshot.inputs()).total();
    contents.streams =
        snapshot.inputs().keys().filter(|id| id.starts_with(crate::origin::PREFIX)).count() as u64;
    contents
}

/// The statistics of a file; null if it has none.
fn stats(file: &DataFile) -> Value {
    file.stats.as_deref().and_then(|stats| serde_json::from_str(stats).ok()).unwrap_or_default()
}

/// Whether the name of a file is one that weblog gives: it holds the identifier of a run.
fn is_ours(file: &DataFile) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    name.split(['-', '.']).any(|part| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn joined(values: &[Option<String>]) -> Option<String> {
    let values: Option<Vec<&str>> = values.iter().map(Option::as_deref).collect();
    values.filter(|values| !values.is_empty()).map(|values| values.join("-"))
}

/// Widens the range of times by a file. A file that does not tell makes the range unknown, unless it has no
/// times at all.
fn widen(times: &mut Option<(Option<String>, Option<String>)>, file: &DataFile, stats: &Value) {
    let bound = |name: &str| stats[name]["time"].as_str().map(str::to_owned);
    let (first, last) = match (bound("minValues"), bound("maxValues")) {
        (Some(first), Some(last)) => (first, last),
        _ if file.rows.is_some() && stats["nullCount"]["time"].as_u64() == file.rows => return,
        _ => {
            *times = None;
            return;
        }
    };
    let Some((from, to)) = times else { return };
    // Writers give milliseconds in UTC, so the order of texts is the order of times.
    if from.as_ref().is_none_or(|from| first < *from) {
        *from = Some(first);
    }
    if to.as_ref().is_none_or(|to| last > *to) {
        *to = Some(last);
    }
}

/// How many nulls each column has.
struct Nulls {
    /// None once a file did not tell.
    columns: Vec<(String, Option<u64>)>,
    /// Which of them are texts.
    texts: Vec<bool>,
    rows: u64,
}

impl Nulls {
    fn of(snapshot: &Snapshot) -> Self {
        let fields = snapshot.schema().fields();
        let columns = fields.iter().map(|field| (field.name().clone(), Some(0))).collect();
        let texts = fields.iter().map(|field| matches!(field.data_type(), DataType::Utf8 | DataType::Null));
        Nulls { columns, texts: texts.collect(), rows: 0 }
    }

    fn add(&mut self, file: &DataFile, stats: &Value) {
        let Some(rows) = file.rows else {
            self.columns.iter_mut().for_each(|(_, nulls)| *nulls = None);
            return;
        };
        self.rows += rows;
        // Our statistics have every column that is no text, so a column that they lack came later.
        let is_ours = is_ours(file);
        for (at, (name, nulls)) in self.columns.iter_mut().enumerate() {
            let told = stats["nullCount"][name.as_str()].as_u64();
            let told = told.or_else(|| (is_ours && !self.texts[at]).then_some(rows));
            *nulls = nulls.zip(told).map(|(all, more)| all + more);
        }
    }

    fn columns(self, snapshot: &Snapshot) -> Vec<Column> {
        let rows = self.rows;
        let share = |nulls: u64| (rows > 0).then(|| 1.0 - nulls as f64 / rows as f64);
        let fields = snapshot.schema().fields().iter().zip(self.columns);
        let column = |(field, (name, nulls)): (&std::sync::Arc<arrow_schema::Field>, (_, Option<u64>))| {
            Column { name, kind: field.data_type().clone(), filled: nulls.and_then(share) }
        };
        fields.map(column).collect()
    }
}
