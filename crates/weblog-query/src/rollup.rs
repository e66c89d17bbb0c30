//! What SQL needs to ask rollups: quantiles of histograms, and how many distinct ones sketches tell.
//!
//! DuckDB has no aggregates of ours; a macro gathers the group into a list, and a function of a list gives
//! the answer. `quantile(hist, share)` takes the place of DuckDB's own function of that name only where a
//! table has histograms, and does the same as that one for numbers.

use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch,
    cast::AsArray,
    types::{Float64Type, Int32Type, Int64Type},
};
use arrow_schema::{DataType, Field};
use duckdb::{
    Connection,
    vscalar::{ArrowFunctionSignature, VArrowScalar},
};
use std::{error::Error, sync::Arc};
use weblog_window::{distinct::Distinct, histogram::Histogram};

/// DuckDB's type of a histogram.
pub(crate) const HISTOGRAM: &str = "MAP(INTEGER, BIGINT)";

/// Makes the functions that the statement may call. `has_histograms`: a table has a column of them.
pub(crate) fn define(connection: &Connection, sql: &str, has_histograms: bool) -> duckdb::Result<()> {
    let sql = sql.to_ascii_lowercase();
    if has_histograms && sql.contains("quantile") {
        connection.register_scalar_function::<Quantile>("weblog_quantile")?;
        connection.execute_batch(
            "create or replace macro quantile(hist, share) as (weblog_quantile(list(hist), share::double));",
        )?;
    }
    if sql.contains("distinct_count") {
        connection.register_scalar_function::<DistinctCount>("weblog_distinct")?;
        connection.execute_batch(
            "create or replace macro distinct_count(sketch) as (weblog_distinct(list(sketch)));",
        )?;
    }
    Ok(())
}

/// `weblog_quantile(list(hist), share)`.
struct Quantile;

impl VArrowScalar for Quantile {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let (lists, shares) =
            (input.column(0).as_list::<i32>(), input.column(1).as_primitive::<Float64Type>());
        let quantile = |row: usize| -> Result<Option<i64>, Box<dyn Error>> {
            if lists.is_null(row) || shares.is_null(row) {
                return Ok(None);
            }
            let share = shares.value(row);
            if !(0.0..=1.0).contains(&share) {
                return Err(format!("quantile: {share} is not a share between 0 and 1").into());
            }
            let group = lists.value(row);
            Ok(match group.as_map_opt() {
                Some(_) => {
                    merged(&group)?.quantile(share).map(|value| i64::try_from(value).unwrap_or(i64::MAX))
                }
                None => nearest_rank(&group, share),
            })
        };
        let found = (0..input.num_rows()).map(quantile).collect::<Result<Int64Array, _>>()?;
        Ok(Arc::new(found))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let (key, value) =
            (Field::new("key", DataType::Int32, false), Field::new("value", DataType::Int64, true));
        let entries = Field::new("entries", DataType::Struct(vec![key, value].into()), false);
        let kinds = [DataType::Map(Arc::new(entries), false), DataType::Int64];
        let list = |kind| DataType::List(Arc::new(Field::new("item", kind, true)));
        kinds
            .map(|kind| ArrowFunctionSignature::exact(vec![list(kind), DataType::Float64], DataType::Int64))
            .into()
    }
}

/// All histograms of a group as one.
fn merged(group: &ArrayRef) -> Result<Histogram, Box<dyn Error>> {
    let maps = group.as_map();
    let (buckets, counts) =
        (maps.keys().as_primitive::<Int32Type>(), maps.values().as_primitive::<Int64Type>());
    let mut all = Histogram::new();
    for row in (0..maps.len()).filter(|row| maps.is_valid(*row)) {
        let range = maps.value_offsets()[row] as usize..maps.value_offsets()[row + 1] as usize;
        for at in range.filter(|at| counts.is_valid(*at)) {
            let (bucket, count) = (buckets.value(at), u64::try_from(counts.value(at)).unwrap_or(0));
            if !all.add_bucket(bucket, count) {
                return Err(format!("quantile: {bucket} is not a bucket of a histogram").into());
            }
        }
    }
    Ok(all)
}

/// Of numbers themselves, as `quantile_disc` tells it.
fn nearest_rank(group: &ArrayRef, share: f64) -> Option<i64> {
    let mut values: Vec<i64> = group.as_primitive_opt::<Int64Type>()?.iter().flatten().collect();
    let rank = ((values.len() as f64 * share).ceil() as usize).max(1);
    (rank <= values.len()).then(|| *values.select_nth_unstable(rank - 1).1)
}

/// `weblog_distinct(list(sketch))`.
struct DistinctCount;

impl VArrowScalar for DistinctCount {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let lists = input.column(0).as_list::<i32>();
        let count = |row: usize| -> Result<Option<i64>, Box<dyn Error>> {
            let mut all = Distinct::new();
            if lists.is_valid(row) {
                for sketch in lists.value(row).as_binary::<i32>().iter().flatten() {
                    all.merge(&Distinct::from_bytes(sketch)?);
                }
            }
            Ok(Some(i64::try_from(all.count()).unwrap_or(i64::MAX)))
        };
        let found = (0..input.num_rows()).map(count).collect::<Result<Int64Array, _>>()?;
        Ok(Arc::new(found))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let list = DataType::List(Arc::new(Field::new("item", DataType::Binary, true)));
        vec![ArrowFunctionSignature::exact(vec![list], DataType::Int64)]
    }
}
