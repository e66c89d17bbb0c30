//! Numbers, times and spans as text.

use arrow_array::types::IntervalMonthDayNano;
use std::fmt::Write as _;
use weblog_parse::time::civil_from_days;

/// A number with so many digits behind the point.
pub(super) fn decimal(value: i128, scale: i8, out: &mut String) {
    let digits = value.unsigned_abs().to_string();
    if value < 0 {
        out.push('-');
    }
    match usize::try_from(scale) {
        Ok(0) => out.push_str(&digits),
        Ok(scale) => {
            let digits = format!("{digits:0>width$}", width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
        Err(_) => {
            out.push_str(&digits);
            out.push_str(&"0".repeat(scale.unsigned_abs().into()));
        }
    }
}

/// A number; the names of those that are none.
pub(super) fn float(value: f64, out: &mut String) {
    match value {
        _ if value.is_nan() => out.push_str("nan"),
        f64::INFINITY => out.push_str("inf"),
        f64::NEG_INFINITY => out.push_str("-inf"),
        _ => out.push_str(&serde_json::to_string(&value).unwrap_or_default()),
    }
}

/// `2019-01-22T00:26:14`, of a number since 1970 of which so many make a second.
pub(super) fn time(value: i64, units: i64, zone: bool, out: &mut String) {
    // DuckDB's infinities.
    if value == i64::MAX || value == -i64::MAX {
        return out.push_str(if value > 0 { "infinity" } else { "-infinity" });
    }
    let (second, fraction) = (value.div_euclid(units), value.rem_euclid(units));
    date(second.div_euclid(86_400), out);
    out.push('T');
    time_of_day(second.rem_euclid(86_400) * units + fraction, units, out);
    if zone {
        out.push('Z');
    }
}

/// `2019-01-22`, of days since 1970.
pub(super) fn date(days: i64, out: &mut String) {
    if days.abs() >= i64::from(i32::MAX) {
        return out.push_str(if days > 0 { "infinity" } else { "-infinity" });
    }
    let (year, month, day) = civil_from_days(days);
    let sign = if year < 0 { "-" } else { "" };
    let _ = write!(out, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs());
}

/// `00:26:14`, with 3, 6 or 9 digits of a second if it has them.
pub(super) fn time_of_day(value: i64, units: i64, out: &mut String) {
    let (second, fraction) = (value / units, value % units);
    let _ = write!(out, "{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
    let nanos = fraction * (1_000_000_000 / units);
    let _ = match nanos {
        0 => Ok(()),
        _ if nanos % 1_000_000 == 0 => write!(out, ".{:03}", nanos / 1_000_000),
        _ if nanos % 1_000 == 0 => write!(out, ".{:06}", nanos / 1_000),
        _ => write!(out, ".{nanos:09}"),
    };
}

/// `1 month 2 days 03:04:05`
pub(super) fn interval(value: IntervalMonthDayNano, out: &mut String) {
    let mut parts = Vec::new();
    let plural =
        |count: i32, unit: &str| format!("{count} {unit}{}", if count.abs() == 1 { "" } else { "s" });
    for (count, unit) in [(value.months / 12, "year"), (value.months % 12, "month"), (value.days, "day")] {
        if count != 0 {
            parts.push(plural(count, unit));
        }
    }
    if value.nanoseconds != 0 || parts.is_empty() {
        let mut text = String::from(if value.nanoseconds < 0 { "-" } else { "" });
        time_of_day(value.nanoseconds.saturating_abs(), 1_000_000_000, &mut text);
        parts.push(text);
    }
    out.push_str(&parts.join(" "));
}
