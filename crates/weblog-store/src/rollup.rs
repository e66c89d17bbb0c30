//! Rows summed by window of time and key, as rows of a dataset that stays small.
//!
//! A row of such a dataset says of one window and one key what one commit brought: counters, a histogram
//! of durations and a sketch of visitors. Another commit may bring more of the same window, in a row of
//! its own: a reader adds counters and buckets up, and merges sketches, which is exact in any order. So
//! nothing is ever rewritten, and a rollup can be rolled up again.
//!
//! - `key`: the values that rows are told apart by, as bytes.
//! - `totals`: what is known of one window and key.
//! - `columns`: the columns of a batch that are read.
//! - [`read`]: rows of Parquet files, with those columns only.

use crate::{
    columns::{column_of, data_type, time_type},
    delta::{Snapshot, column_name_is_allowed, counts_type},
    error::StoreError,
};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow_schema::{DataType, Schema, SchemaRef};
use columns::{Columns, Rolled};
use key::KeyColumns;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use totals::{Totals, TotalsColumns};
use weblog_parse::Field;

mod columns;
mod key;
pub mod read;
mod totals;

/// The hundreds of a status, as in `4xx`: a key that no record has.
pub const STATUS_CLASS: &str = "status_class";
/// The column of the length of the window, in seconds.
pub const EVERY: &str = "every_s";
/// The column that marks what is not told apart by key.
pub const OTHER: &str = "other";

/// Bytes of totals in memory, about; then they become rows.
const MEMORY: usize = 96 << 20;
/// Of a window that is being summed, so many times more keys are told apart than become rows: those with
/// the most requests of them do.
const SPARE: usize = 4;
/// A window takes so many bytes beside its keys, about.
const WINDOW: usize = 200;

/// What is summed, and how rows are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The length of a window, in seconds. Windows begin at whole multiples of it since 1970 in UTC.
    pub every_s: i64,
    /// The fields that rows are told apart by: those of records, or [`STATUS_CLASS`].
    pub by: Vec<String>,
    /// The most keys of one window that get a row of their own; what is left gets one together.
    pub max_keys: usize,
}

impl Rules {
    /// The columns of the dataset.
    pub fn schema(&self) -> SchemaRef {
        let kind = |name: &str| Field::from_name(name.as_bytes()).map_or(DataType::Utf8, data_type);
        let mut fields = vec![column_of("time", time_type()), column_of(EVERY, DataType::Int64)];
        fields.extend(self.by.iter().map(|name| column_of(name, kind(name))));
        fields.push(column_of(OTHER, DataType::Boolean));
        for (name, kind) in totals::COLUMNS {
            fields.push(column_of(name, kind.data_type()));
        }
        Arc::new(Schema::new(fields))
    }

    /// The columns of records that are read.
    pub fn inputs(&self) -> Vec<String> {
        let mut names: Vec<String> = columns::OF_RECORDS.iter().map(|name| (*name).to_owned()).collect();
        names.extend(self.by.iter().filter(|name| *name != STATUS_CLASS).cloned());
        let mut known = Vec::new();
        names.retain(|name| !known.contains(name) && (known.push(name.clone()), true).1);
        names
    }

    /// Why a field cannot be what rows are told apart by; none if it can.
    pub fn refusal(name: &str) -> Option<String> {
        let is_own =
            |name: &str| [EVERY, OTHER].contains(&name) || totals::COLUMNS.iter().any(|c| c.0 == name);
        let is_partition = crate::partition::COLUMNS.contains(&name);
        match name {
            "time" => Some("the time tells the window; --every says how long one is".to_owned()),
            _ if is_own(name) || is_partition => Some(format!("a rollup has a column {name} of its own")),
            _ if !column_name_is_allowed(name) || name.len() > 64 => Some("give names of fields".to_owned()),
            _ => None,
        }
    }
}

/// How an existing dataset is summed: its keys, and the length of its windows if a file of it tells.
pub fn rules_of(snapshot: &Snapshot) -> Option<(Vec<String>, Option<i64>)> {
    let names: Vec<&str> = snapshot.schema().fields().iter().map(|field| field.name().as_str()).collect();
    let [_, EVERY, rest @ ..] = &names[..] else { return None };
    let other = rest.iter().position(|name| *name == OTHER)?;
    let by = rest[..other].iter().map(|name| (*name).to_owned()).collect();
    let counts = snapshot.schema().field_with_name("duration_hist").ok()?;
    if *counts.data_type() != counts_type() {
        return None;
    }
    let every =
        |stats: &str| serde_json::from_str::<serde_json::Value>(stats).ok()?["minValues"][EVERY].as_i64();
    let every_s = snapshot.files().find_map(|file| file.stats.as_deref().and_then(every));
    Some((by, every_s))
}

/// Sums rows.
pub struct Rollup {
    rules: Rules,
    schema: SchemaRef,
    windows: BTreeMap<Option<i64>, Window>,
    bytes: usize,
    key: Vec<u8>,
    visitor: Vec<u8>,
}

/// The keys of one window.
#[derive(Default)]
struct Window {
    keys: HashMap<Box<[u8]>, Totals>,
    other: Option<Box<Totals>>,
}

impl Rollup {
    /// Nothing yet.
    pub fn new(rules: Rules) -> Self {
        let schema = rules.schema();
        let (windows, bytes) = (BTreeMap::new(), 0);
        Rollup { rules, schema, windows, bytes, key: Vec::new(), visitor: Vec::new() }
    }

    /// Adds records, or rows of another rollup, those from `times.0` on and before `times.1`, in
    /// microseconds. Gives how many they were.
    ///
    /// # Errors
    /// [`StoreError::Rollup`] for rows of a rollup whose windows do not fit into these.
    pub fn add(&mut self, batch: &RecordBatch, times: Option<(i64, i64)>) -> Result<u64, StoreError> {
        let columns = Columns::of(batch)?;
        let keys = KeyColumns::of(&self.rules.by, batch)?;
        let rolled = Rolled::of(batch, self.rules.every_s)?;
        let every = self.rules.every_s.saturating_mul(1_000_000).max(1);
        let mut added = 0;
        for row in 0..batch.num_rows() {
            let time = columns.time(row);
            if times.is_some_and(|(since, until)| !time.is_some_and(|time| since <= time && time < until)) {
                continue;
            }
            added += 1;
            let start = time.and_then(|time| time.div_euclid(every).checked_mul(every));
            self.key.clear();
            let is_other = rolled.as_ref().is_some_and(|rolled| rolled.is_other(row));
            let has_key = !is_other && keys.write(row, &mut self.key);
            let totals = self.windows.entry(start).or_insert_with(|| {
                self.bytes += WINDOW;
                Window::default()
            });
            let totals = totals.totals(has_key.then_some(&self.key), self.rules.max_keys, &mut self.bytes);
            let before = totals.size();
            match &rolled {
                Some(rolled) => rolled.add_to(totals, row)?,
                None => columns.add_to(totals, row, &mut self.visitor),
            }
            self.bytes += totals.size() - before;
        }
        Ok(added)
    }

    /// Whether there is enough to make rows of it.
    pub fn is_full(&self) -> bool {
        self.bytes > MEMORY
    }

    /// What was summed, as rows in the order of their windows; nothing is left. None if there is nothing.
    pub fn take(&mut self) -> Result<Option<RecordBatch>, StoreError> {
        let windows = std::mem::take(&mut self.windows);
        self.bytes = 0;
        if windows.is_empty() {
            return Ok(None);
        }
        let (mut times, mut others): (Vec<Option<i64>>, Vec<bool>) = Default::default();
        let mut keys: Vec<Option<Box<[u8]>>> = Vec::new();
        let mut totals = TotalsColumns::default();
        for (start, mut window) in windows {
            window.fold(self.rules.max_keys);
            let mut own: Vec<_> = window.keys.into_iter().collect();
            own.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            let rest = window.other.map(|other| (None, *other));
            for (key, sums) in own.into_iter().map(|(key, sums)| (Some(key), sums)).chain(rest) {
                times.push(start);
                others.push(key.is_none());
                keys.push(key);
                totals.push(sums);
            }
        }
        let rows = times.len();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
            Arc::new(Int64Array::from(vec![self.rules.every_s; rows])),
        ];
        let kinds = self.schema.fields()[2..][..self.rules.by.len()].iter().map(|field| field.data_type());
        columns.extend(key::arrays(kinds, &keys)?);
        columns.push(Arc::new(BooleanArray::from(others)));
        columns.extend(totals.arrays()?);
        Ok(Some(RecordBatch::try_new(Arc::clone(&self.schema), columns)?))
    }
}

impl Window {
    /// The totals of a key, or of what has none.
    fn totals(&mut self, key: Option<&Vec<u8>>, max_keys: usize, bytes: &mut usize) -> &mut Totals {
        let Some(key) = key else {
            return self.other.get_or_insert_with(|| {
                *bytes += Totals::ALONE;
                Box::default()
            });
        };
        if !self.keys.contains_key(&key[..]) {
            if self.keys.len() >= max_keys.saturating_mul(SPARE) {
                let before = self.size();
                self.fold(max_keys);
                *bytes = (*bytes + self.size()).saturating_sub(before);
            }
            *bytes += Totals::ALONE + key.len();
        }
        self.keys.entry(key[..].into()).or_default()
    }

    fn size(&self) -> usize {
        let keys = self.keys.iter().map(|(key, totals)| Totals::ALONE + key.len() + totals.size());
        keys.sum::<usize>() + self.other.as_ref().map_or(0, |other| Totals::ALONE + other.size())
    }

    /// Sums the keys with the fewest requests up, so that no more than `max_keys` are told apart.
    fn fold(&mut self, max_keys: usize) {
        if self.keys.len() <= max_keys {
            return;
        }
        let mut ranked: Vec<_> = std::mem::take(&mut self.keys).into_iter().collect();
        // What decides among keys with as many requests is not where the input was cut.
        ranked.sort_unstable_by(|(a, many), (b, more)| more.requests.cmp(&many.requests).then(a.cmp(b)));
        let other = self.other.get_or_insert_default();
        for (_, totals) in ranked.drain(max_keys..) {
            other.merge(&totals);
        }
        self.keys = ranked.into_iter().collect();
    }
}

#[cfg(test)]
mod tests;
