//! What stock SQL needs that this DuckDB lacks: it has no ICU, so its functions on instants with a zone
//! fail. Here the time is UTC and its type the plain `TIMESTAMP`, for which everything works.

use arrow_array::{
    Array, ArrayRef, RecordBatch, TimestampMicrosecondArray, cast::AsArray, types::TimestampMicrosecondType,
};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use duckdb::{
    Connection,
    vscalar::{ArrowFunctionSignature, VArrowScalar},
};
use std::{error::Error, sync::Arc};

/// Words of SQL, and the macros behind them. DuckDB finds macros before its own functions of the same
/// name; `current_timestamp` is a word for one of those.
const MACROS: &[(&str, &str, &str)] = &[
    ("now", "now", "transaction_timestamp()::timestamp"),
    ("current_timestamp", "get_current_timestamp", "transaction_timestamp()::timestamp"),
    ("localtimestamp", "current_localtimestamp", "transaction_timestamp()::timestamp"),
    ("current_date", "current_date", "transaction_timestamp()::timestamp::date"),
    ("today", "today", "transaction_timestamp()::timestamp::date"),
];

/// Makes the functions that the statement may call. What it does not name costs nothing.
pub(crate) fn define(connection: &Connection, sql: &str) -> duckdb::Result<()> {
    let sql = sql.to_ascii_lowercase();
    let mut batch = String::new();
    for (word, name, body) in MACROS {
        if sql.contains(word) {
            batch.push_str(&format!("create or replace macro {name}() as ({body});"));
        }
    }
    if !batch.is_empty() {
        connection.execute_batch(&batch)?;
    }
    if knows_no_zone(&sql) {
        connection.register_scalar_function::<LocalTime>("local_time")?;
    }
    Ok(())
}

/// Whether the times in the answer to a statement may be of another zone than UTC.
pub(crate) fn knows_no_zone(sql: &str) -> bool {
    sql.to_ascii_lowercase().contains("local_time")
}

/// `local_time(time, zone)`: the time on the clocks of a zone.
struct LocalTime;

impl VArrowScalar for LocalTime {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let times = input.column(0).as_primitive::<TimestampMicrosecondType>();
        let zones = input.column(1).as_string::<i32>();
        let mut known: Option<(&str, Tz)> = None;
        let mut local = TimestampMicrosecondArray::builder(times.len());
        for row in 0..times.len() {
            if times.is_null(row) || zones.is_null(row) {
                local.append_null();
                continue;
            }
            let name = zones.value(row);
            let zone = match known {
                Some((last, zone)) if last == name => zone,
                _ => zone_of(name)?,
            };
            known = Some((name, zone));
            local.append_option(in_zone(times.value(row), zone));
        }
        Ok(Arc::new(local.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let time = DataType::Timestamp(TimeUnit::Microsecond, None);
        vec![ArrowFunctionSignature::exact(vec![time.clone(), DataType::Utf8], time)]
    }
}

fn zone_of(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| format!("there is no zone `{name}`; zones have names like Europe/Berlin"))
}

/// Microseconds on the clocks of a zone. None beyond the years that chrono has: DuckDB's infinity.
fn in_zone(micros: i64, zone: Tz) -> Option<i64> {
    let instant = DateTime::from_timestamp_micros(micros)?;
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    micros.checked_add(i64::from(offset.local_minus_utc()) * 1_000_000)
}
