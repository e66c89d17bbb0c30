//! Records that say where they come from, by their fields `source` and `offset`, are not stored twice, even
//! when they come through a pipe.
//!
//! A run of records of one source with rising offsets is known by its first record: its place and what it
//! says. So a log that was rotated, and begins again at offset 0 under the same name, is another one.

use crate::{
    delta::{NEVER, Txn},
    error::StoreError,
    identity::short_hash,
    layout::cell,
};
use arrow_array::{Array, BooleanArray, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_select::filter::filter_record_batch;
use std::collections::HashMap;

/// What the ids of such runs begin with.
pub(crate) const PREFIX: &str = "weblog-record:";
/// The columns by which such records are known: where they come from, and what they say, as far as no later
/// stage changes it.
pub const SAID: [&str; 9] =
    ["source", "offset", "time", "remote_addr", "request", "target", "status", "bytes", "user_agent"];
/// Sources that are told apart: beyond, records are stored as they come.
const MOST: usize = 100_000;

/// The runs of records that a dataset knows, and those that are coming.
#[derive(Debug, Default)]
pub struct Origins {
    known: HashMap<String, i64>,
    /// By source.
    coming: HashMap<String, Coming>,
}

#[derive(Debug)]
struct Coming {
    id: String,
    /// What the commit log has.
    from: i64,
    /// Behind the last record that came.
    end: i64,
    /// Runs of the same source that ended since the last commit.
    ended: Vec<Txn>,
}

impl Origins {
    /// Reads the `txn` actions of a commit log.
    pub fn of(txns: &HashMap<String, i64>) -> Self {
        let known = txns.iter().filter(|(id, _)| id.starts_with(PREFIX));
        Origins { known: known.map(|(id, end)| (id.clone(), *end)).collect(), coming: HashMap::new() }
    }

    /// The rows that the dataset does not have, and how many it has.
    pub fn new_rows(&mut self, batch: RecordBatch) -> Result<(RecordBatch, u64), StoreError> {
        let schema = batch.schema_ref();
        let columns = schema.index_of("source").ok().zip(schema.index_of("offset").ok());
        let Some((source, offset)) = columns else { return Ok((batch, 0)) };
        let sources = batch.column(source).as_string::<i32>();
        let offsets = batch.column(offset).as_primitive::<Int64Type>();
        let is_new = |row: usize| {
            let told = sources.is_valid(row) && offsets.is_valid(row) && sources.value(row) != "-";
            !told || self.is_new(sources.value(row), offsets.value(row), &batch, row)
        };
        let keep: BooleanArray = (0..batch.num_rows()).map(is_new).map(Some).collect();
        let known = (batch.num_rows() - keep.true_count()) as u64;
        if known == 0 {
            return Ok((batch, 0));
        }
        Ok((filter_record_batch(&batch, &keep)?, known))
    }

    fn is_new(&mut self, source: &str, offset: i64, batch: &RecordBatch, row: usize) -> bool {
        let goes_on = self.coming.get(source).is_some_and(|coming| offset >= coming.end);
        if !goes_on {
            if self.coming.len() >= MOST && !self.coming.contains_key(source) {
                return true;
            }
            let id = first_record(source, offset, batch, row);
            let from = self.known.get(&id).copied().unwrap_or(NEVER);
            let mut ended = Vec::new();
            if let Some(before) = self.coming.remove(source) {
                ended = before.txns();
            }
            self.coming.insert(source.to_owned(), Coming { id, from, end: offset, ended });
        }
        let Some(coming) = self.coming.get_mut(source) else { return true };
        coming.end = offset.saturating_add(1);
        offset >= coming.from
    }

    /// What a commit has to say of the rows since the last one.
    pub fn txns(&self) -> Vec<Txn> {
        let mut txns: Vec<Txn> = self.coming.values().flat_map(Coming::txns).collect();
        // The same run may have come twice.
        txns.sort_by(|a, b| (&a.app_id, b.version).cmp(&(&b.app_id, a.version)));
        txns.dedup_by(|later, first| later.app_id == first.app_id);
        txns
    }

    /// Notes that the commit was made.
    pub fn committed(&mut self) {
        for Txn { app_id, version, .. } in self.txns() {
            self.known.insert(app_id, version);
        }
        for coming in self.coming.values_mut() {
            coming.from = coming.from.max(coming.end);
            coming.ended.clear();
        }
    }
}

impl Coming {
    fn txns(&self) -> Vec<Txn> {
        let grown = self.end > self.from;
        let own = Txn { app_id: self.id.clone(), from: self.from, version: self.end };
        self.ended.iter().cloned().chain(grown.then_some(own)).collect()
    }
}

fn first_record(source: &str, offset: i64, batch: &RecordBatch, row: usize) -> String {
    let mut said = format!("{source}\0{offset}");
    for name in &SAID[2..] {
        said.push('\0');
        if let Some(value) = batch.column_by_name(name).and_then(|column| cell(column, row)) {
            said.push_str(&value);
        }
    }
    format!("{PREFIX}{}", short_hash(said.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Builder;
    use weblog_parse::{Field, Record, Value};

    fn batch(rows: &[(&str, i64, &str)]) -> RecordBatch {
        let mut builder = Builder::new();
        for (source, offset, target) in rows {
            let mut record = Record::new();
            record.push(Field::Target, Value::Str(target));
            record.push(Field::Source, Value::Str(source));
            record.push(Field::Offset, Value::Int(*offset));
            builder.push(&record);
        }
        builder.finish()
    }

    fn stored(origins: &mut Origins, rows: &[(&str, i64, &str)]) -> usize {
        origins.new_rows(batch(rows)).unwrap().0.num_rows()
    }

    /// Another run over the same dataset.
    fn next_run(origins: &mut Origins) -> Origins {
        origins.committed();
        Origins { known: origins.known.clone(), coming: HashMap::new() }
    }

    #[test]
    fn the_same_records_are_stored_once_and_what_follows_is_added() {
        let mut first = Origins::default();
        assert_eq!(stored(&mut first, &[("a", 0, "/x"), ("a", 10, "/y")]), 2);
        let mut second = next_run(&mut first);
        assert_eq!(stored(&mut second, &[("a", 0, "/x"), ("a", 10, "/y"), ("a", 20, "/z")]), 1);
        let mut third = next_run(&mut second);
        assert_eq!(stored(&mut third, &[("a", 0, "/x"), ("a", 10, "/y"), ("a", 20, "/z")]), 0);
        assert_eq!(third.txns(), []);
    }

    #[test]
    fn a_log_that_begins_again_is_another_one() {
        let mut first = Origins::default();
        assert_eq!(
            stored(&mut first, &[("a", 0, "/x"), ("a", 10, "/y"), ("a", 0, "/new"), ("a", 12, "/y")]),
            4
        );
        let mut second = next_run(&mut first);
        assert_eq!(stored(&mut second, &[("a", 0, "/new"), ("a", 12, "/y"), ("a", 0, "/third")]), 1);
    }

    #[test]
    fn records_of_standard_input_have_no_origin() {
        let mut first = Origins::default();
        assert_eq!(stored(&mut first, &[("-", 0, "/x")]), 1);
        assert_eq!(stored(&mut next_run(&mut first), &[("-", 0, "/x")]), 1);
    }
}
