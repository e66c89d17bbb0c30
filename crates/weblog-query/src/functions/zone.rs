//! Times on the clocks of a zone.

use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    cast::AsArray,
    types::{Int64Type, TimestampMicrosecondType},
};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use std::{error::Error, sync::Arc};

const TIME: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// `local_time(time, zone)`: the time on the clocks of a zone.
pub(super) struct LocalTime;

impl VArrowScalar for LocalTime {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let times = input.column(0).as_primitive::<TimestampMicrosecondType>();
        let mut zones = Zones::of(input.column(1));
        let mut local = TimestampMicrosecondArray::builder(times.len());
        for row in 0..times.len() {
            match (times.is_valid(row), zones.at(row)?) {
                (true, Some(zone)) => local.append_option(in_zone(times.value(row), zone)),
                _ => local.append_null(),
            }
        }
        Ok(Arc::new(local.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        vec![ArrowFunctionSignature::exact(vec![TIME, DataType::Utf8], TIME)]
    }
}

/// The zones of a column of names, of which one is mostly the same as the one before.
struct Zones<'a> {
    names: &'a StringArray,
    last: Option<(&'a str, Tz)>,
}

impl<'a> Zones<'a> {
    fn of(names: &'a ArrayRef) -> Self {
        Zones { names: names.as_string::<i32>(), last: None }
    }

    fn at(&mut self, row: usize) -> Result<Option<Tz>, String> {
        if self.names.is_null(row) {
            return Ok(None);
        }
        let name = self.names.value(row);
        let zone = match self.last {
            Some((last, zone)) if last == name => zone,
            _ => zone_of(name)?,
        };
        self.last = Some((name, zone));
        Ok(Some(zone))
    }
}

fn zone_of(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| format!("there is no zone `{name}`; zones have names like Europe/Berlin"))
}

/// Microseconds on the clocks of a zone. None beyond the years that chrono has: DuckDB's infinity.
fn in_zone(micros: i64, zone: Tz) -> Option<i64> {
    let instant = DateTime::from_timestamp_micros(micros)?;
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    micros.checked_add(i64::from(offset.local_minus_utc()) * SECOND)
}

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// `weblog_time_bucket(months, days, microseconds, time, zone)`: the instant at which the bucket of that
/// width began. Buckets are counted as DuckDB counts them, months from 2000-01-01 and all else from Monday,
/// 2000-01-03, but on the clocks of the zone.
pub(super) struct TimeBucket;

impl VArrowScalar for TimeBucket {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let part = |at: usize| input.column(at).as_primitive::<Int64Type>();
        let widths = [part(0), part(1), part(2)];
        let times = input.column(3).as_primitive::<TimestampMicrosecondType>();
        let mut zones = Zones::of(input.column(4));
        let mut starts = TimestampMicrosecondArray::builder(times.len());
        let mut last: Option<Bucket> = None;
        for row in 0..times.len() {
            let (width, zone) = match (width(widths, row)?, zones.at(row)?) {
                (Some(width), Some(zone)) if times.is_valid(row) => (width, zone),
                _ => {
                    starts.append_null();
                    continue;
                }
            };
            let micros = times.value(row);
            let known = last.as_mut().filter(|last| last.width == width && last.zone == zone);
            match known.and_then(|last| last.known(micros)) {
                Some(start) => starts.append_value(start),
                None => match width.start(micros, zone) {
                    Some(start) => {
                        last = Some(Bucket { width, zone, start, seen: micros });
                        starts.append_value(start);
                    }
                    None => starts.append_null(),
                },
            }
        }
        Ok(Arc::new(starts.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let number = DataType::Int64;
        let arguments = vec![number.clone(), number.clone(), number, TIME, DataType::Utf8];
        vec![ArrowFunctionSignature::exact(arguments, TIME)]
    }
}

/// A bucket that a time was found in: times between its start and that one are in it too.
struct Bucket {
    width: Width,
    zone: Tz,
    start: i64,
    seen: i64,
}

impl Bucket {
    fn known(&self, micros: i64) -> Option<i64> {
        (self.start <= micros && micros <= self.seen).then_some(self.start)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Months(i64),
    Micros(i64),
}

fn width([months, days, micros]: [&Int64Array; 3], row: usize) -> Result<Option<Width>, String> {
    if months.is_null(row) || days.is_null(row) || micros.is_null(row) {
        return Ok(None);
    }
    let (months, days, micros) = (months.value(row), days.value(row), micros.value(row));
    let micros = days.checked_mul(DAY).and_then(|days| days.checked_add(micros));
    match (months, micros) {
        (1.., Some(0)) => Ok(Some(Width::Months(months))),
        (0, Some(micros @ 1..)) => Ok(Some(Width::Micros(micros))),
        _ => Err("a bucket is as wide as some months, or as some days and hours, and not of no width".into()),
    }
}

impl Width {
    /// When the bucket of an instant began.
    fn start(self, micros: i64, zone: Tz) -> Option<i64> {
        let local = DateTime::from_timestamp_micros(in_zone(micros, zone)?)?.naive_utc();
        let floor = match self {
            Width::Months(months) => {
                let month = i64::from(local.year() - 2000) * 12 + i64::from(local.month0());
                let month = month - month.rem_euclid(months);
                let year = i32::try_from(month.div_euclid(12) + 2000).ok()?;
                let day = NaiveDate::from_ymd_opt(year, month.rem_euclid(12) as u32 + 1, 1)?;
                day.and_hms_opt(0, 0, 0)?
            }
            Width::Micros(width) => {
                let monday = NaiveDate::from_ymd_opt(2000, 1, 3)?.and_hms_opt(0, 0, 0)?;
                let since = (local - monday).num_microseconds()?;
                monday.checked_add_signed(TimeDelta::microseconds(since - since.rem_euclid(width)))?
            }
        };
        let micros_of = |time: NaiveDateTime| time.and_utc().timestamp_micros();
        let candidates = zone.offset_from_local_datetime(&floor).map(|offset| {
            let offset = i64::from(offset.fix().local_minus_utc()) * SECOND;
            micros_of(floor).checked_sub(offset)
        });
        match candidates {
            chrono::LocalResult::Single(start) => start,
            // The clocks show this time twice. An hour, or what is shorter, begins twice too.
            chrono::LocalResult::Ambiguous(first, second) => match self {
                Width::Micros(..=HOUR) if second? <= micros => second,
                _ => first,
            },
            chrono::LocalResult::None => Some(after_gap(micros_of(floor), micros, zone)),
        }
    }
}

/// The first second at which the clocks of a zone show `local` or later: the end of a gap in which they
/// never show it. It is not after `micros`.
fn after_gap(local: i64, micros: i64, zone: Tz) -> i64 {
    // No zone is further than this from UTC.
    let (mut before, mut after) = ((local - DAY - 2 * HOUR).div_euclid(SECOND), micros.div_euclid(SECOND));
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        match in_zone(middle * SECOND, zone) {
            Some(shown) if shown >= local => after = middle,
            _ => before = middle,
        }
    }
    after * SECOND
}
