//! What the numbers of a column are, told by its name, and how people read them.

use crate::value::Column;

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A number of things, or any other.
    Count,
    /// Bytes.
    Bytes,
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// A share, of which 1 is all.
    Ratio,
    /// A share, of which 100 is all.
    Percent,
    /// A name made of digits: a status, a year, a port. It is shown as it stands.
    Name,
    /// As [`Unit::Name`], and a status.
    Status,
}

/// Functions whose value is of the unit of what they are given.
const OF_ARGUMENT: &[&str] = &[
    "sum",
    "avg",
    "mean",
    "min",
    "max",
    "median",
    "mode",
    "first",
    "last",
    "any_value",
    "arg_max",
    "arg_min",
    "quantile",
    "quantile_cont",
    "quantile_disc",
    "approx_quantile",
    "percentile_cont",
    "percentile_disc",
    "abs",
    "round",
    "floor",
    "ceil",
    "stddev",
    "stddev_samp",
    "stddev_pop",
    "mad",
    "fsum",
    "favg",
    "kahan_sum",
    "sum_no_overflow",
    "coalesce",
    "greatest",
    "least",
    "trunc",
    "list",
    "array_agg",
];
/// Functions that tell parts of a time.
const OF_TIME: &[&str] = &[
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "week",
    "weekday",
    "isodow",
    "dayofweek",
    "dayofmonth",
    "dayofyear",
    "quarter",
    "weekofyear",
    "yearweek",
    "date_part",
    "datepart",
    "extract",
    "isoyear",
    "decade",
];
/// Words that are names of parts of a time, or of numbers that are no amounts.
const NAMES: &[&str] = &[
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "week",
    "weekday",
    "isodow",
    "dow",
    "dayofweek",
    "quarter",
    "id",
    "port",
    "code",
    "asn",
    "status",
    "pid",
    "cohort",
    "rank",
    "latitude",
    "longitude",
    "lat",
    "lon",
    "offset",
];

impl Unit {
    /// The unit of the numbers in a column of this name, as `bytes`, `sum(bytes)`, `p99_us`, `error_share`.
    pub(crate) fn of(name: &str) -> Unit {
        let name = name.to_ascii_lowercase().replace('"', "");
        let name = name.strip_prefix("main.").unwrap_or(&name);
        let Some((function, rest)) = name.split_once('(') else { return of_word(name) };
        let arguments = rest.strip_suffix(')').unwrap_or(rest);
        match function {
            _ if OF_TIME.contains(&function) => Unit::Name,
            // What is reckoned out of several has a unit that its name does not tell.
            _ if !OF_ARGUMENT.contains(&function) || arguments.contains(['/', '*', '(']) => Unit::Count,
            _ => {
                let argument = arguments.split(',').next().unwrap_or_default();
                of_word(argument.trim().trim_start_matches("distinct "))
            }
        }
    }

    /// Whether the column names rows rather than measures them.
    pub(crate) fn is_name(self) -> bool {
        matches!(self, Unit::Name | Unit::Status)
    }

    /// The number as people read it, of three digits or four.
    pub(crate) fn show(self, number: f64) -> String {
        match self {
            Unit::Bytes => scaled(number, 1_000.0, &["B", "kB", "MB", "GB", "TB", "PB", "EB"]),
            Unit::Micros => span(number),
            Unit::Millis => span(number * 1e3),
            Unit::Seconds => span(number * 1e6),
            Unit::Ratio => percent(number * 100.0),
            Unit::Percent => percent(number),
            Unit::Name | Unit::Status if number.fract() == 0.0 => format!("{number:.0}"),
            _ => amount(number),
        }
    }

    /// The number of a cell, which is there, as people read it.
    pub(crate) fn cell(self, column: &Column, row: usize) -> String {
        let mut scratch = String::new();
        match column.number(row) {
            None => column.text(row, &mut scratch).to_owned(),
            Some(_) if self.is_name() => column.text(row, &mut scratch).to_owned(),
            // All digits that there are, however many.
            Some(_) if self == Unit::Count && (column.is_whole() || column.is_decimal()) => {
                grouped(column.text(row, &mut scratch))
            }
            Some(number) => self.show(number),
        }
    }
}

/// The unit of a column with a simple name.
fn of_word(name: &str) -> Unit {
    let name = name.rsplit('.').next().unwrap_or(name);
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Unit::Count;
    }
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let last = words.last().copied().unwrap_or_default();
    match last {
        _ if name == "status" => Unit::Status,
        "us" | "micros" | "microseconds" => Unit::Micros,
        "ms" | "millis" | "milliseconds" => Unit::Millis,
        "s" | "sec" | "secs" | "seconds" if words.len() > 1 => Unit::Seconds,
        "seconds" => Unit::Seconds,
        "count" | "hits" | "requests" => Unit::Count,
        "ratio" | "share" => Unit::Ratio,
        "percent" | "pct" | "percentage" => Unit::Percent,
        "bytes" | "bandwidth" | "traffic" => Unit::Bytes,
        _ if NAMES.contains(&last) => Unit::Name,
        _ if words.contains(&"bytes") => Unit::Bytes,
        _ => Unit::Count,
    }
}

/// A number of things: `1,234 rows`.
pub fn count(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", grouped(&number.to_string()), if number == 1 { "" } else { "s" })
}

/// Digits with a comma before every third from the point.
pub(crate) fn grouped(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::with_capacity(text.len() + text.len() / 3);
    out.push_str(sign);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A number without a unit.
fn amount(number: f64) -> String {
    match number.abs() {
        size if size >= 1e15 => format!("{number:e}"),
        _ if number.fract() == 0.0 => grouped(&format!("{number:.0}")),
        size if size >= 1_000.0 => grouped(&format!("{number:.1}")),
        size if size >= 1.0 => format!("{number:.2}"),
        size if size >= 0.001 => format!("{number:.4}"),
        _ => format!("{number:.2e}"),
    }
}

/// A number with so many of its units as a unit of the next kind.
fn scaled(number: f64, step: f64, units: &[&str]) -> String {
    let (mut scaled, mut unit) = (number, 0);
    // What would be rounded to a thousand is one of the next.
    while scaled.abs() >= step - 0.5 && unit + 1 < units.len() {
        scaled /= step;
        unit += 1;
    }
    with_unit(scaled, unit == 0, units[unit])
}

fn with_unit(number: f64, is_least: bool, unit: &str) -> String {
    let digits = usize::from(number.abs() < 99.95 && !(is_least && number.fract() == 0.0));
    format!("{number:.digits$} {unit}")
}

/// A span of so many microseconds.
fn span(micros: f64) -> String {
    let size = micros.abs();
    let (number, unit) = match size {
        _ if size < 999.5 => (micros, "µs"),
        _ if size < 999_500.0 => (micros / 1e3, "ms"),
        _ if size < 120e6 => (micros / 1e6, "s"),
        _ if size < 7_200e6 => (micros / 60e6, "min"),
        _ if size < 172_800e6 => (micros / 3_600e6, "h"),
        _ => (micros / 86_400e6, "d"),
    };
    with_unit(number, number.fract() == 0.0, unit)
}

fn percent(number: f64) -> String {
    match number.abs() {
        _ if number.fract() == 0.0 => format!("{number:.0} %"),
        size if size >= 1.0 => format!("{number:.1} %"),
        _ => format!("{number:.2} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_tell_their_units() {
        for (name, unit) in [
            ("bytes", Unit::Bytes),
            ("sum(bytes)", Unit::Bytes),
            ("sum(logs.\"bytes\")", Unit::Bytes),
            ("avg_bytes", Unit::Bytes),
            ("bytes_out", Unit::Bytes),
            ("quantile_cont(duration_us, 0.99)", Unit::Micros),
            ("duration_us", Unit::Micros),
            ("p99_ms", Unit::Millis),
            ("wait_s", Unit::Seconds),
            ("s", Unit::Count),
            ("hit_ratio", Unit::Ratio),
            ("share", Unit::Ratio),
            ("error_percent", Unit::Percent),
            ("status", Unit::Status),
            ("max(status)", Unit::Status),
            ("server_port", Unit::Name),
            ("asn", Unit::Name),
            ("year", Unit::Name),
            ("hour(\"time\")", Unit::Name),
            ("main.date_part('year', \"time\")", Unit::Name),
            ("user_id", Unit::Name),
            ("count(bytes)", Unit::Count),
            ("count_star()", Unit::Count),
            ("count(DISTINCT status)", Unit::Count),
            ("status_count", Unit::Count),
            ("(sum(bytes) / 1000)", Unit::Count),
            ("sum((bytes / duration_us))", Unit::Count),
            ("hits", Unit::Count),
            ("", Unit::Count),
            ("数", Unit::Count),
        ] {
            assert_eq!(Unit::of(name), unit, "{name}");
        }
    }

    #[test]
    fn numbers_are_as_people_read_them() {
        for (unit, number, shown) in [
            (Unit::Bytes, 512.0, "512 B"),
            (Unit::Bytes, 999.4, "999 B"),
            (Unit::Bytes, 1_234_567.0, "1.2 MB"),
            (Unit::Bytes, 999_999.0, "1.0 MB"),
            (Unit::Bytes, 123_456_789.0, "123 MB"),
            (Unit::Micros, 850.0, "850 µs"),
            (Unit::Micros, 12_345.0, "12.3 ms"),
            (Unit::Micros, 2_500_000.0, "2.5 s"),
            (Unit::Seconds, 600.0, "10 min"),
            (Unit::Millis, 1_500.0, "1.5 s"),
            (Unit::Ratio, 0.1234, "12.3 %"),
            (Unit::Ratio, 0.0012, "0.12 %"),
            (Unit::Percent, 50.0, "50 %"),
            (Unit::Count, 1_234_567.0, "1,234,567"),
            (Unit::Count, -1_234.5, "-1,234.5"),
            (Unit::Count, 1.23456, "1.23"),
            (Unit::Count, 0.0, "0"),
            (Unit::Status, 404.0, "404"),
            (Unit::Name, 2026.0, "2026"),
        ] {
            assert_eq!(unit.show(number), shown, "{unit:?} {number}");
        }
        assert_eq!(grouped("170141183460469231731687303715884105727").len(), 39 + 12);
        assert_eq!(grouped("-1234567.500"), "-1,234,567.500");
        assert_eq!(grouped("999"), "999");
    }
}
