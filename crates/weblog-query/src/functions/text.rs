//! Paths, and spans of time for people.

use arrow_array::{
    Array, ArrayRef, RecordBatch,
    builder::StringBuilder,
    cast::AsArray,
    types::{Float64Type, Int64Type},
};
use arrow_schema::DataType;
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use std::{error::Error, fmt::Write, sync::Arc};

/// `weblog_path_prefix(path, n)`: the first segments of a path, as many as there are up to `n`, without a
/// slash at the end. Slashes in a row are one.
pub(super) struct PathPrefix;

impl VArrowScalar for PathPrefix {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let (paths, counts) =
            (input.column(0).as_string::<i32>(), input.column(1).as_primitive::<Int64Type>());
        let mut prefixes = StringBuilder::with_capacity(paths.len(), paths.len() * 16);
        for row in 0..paths.len() {
            if paths.is_null(row) || counts.is_null(row) {
                prefixes.append_null();
                continue;
            }
            let path = paths.value(row);
            let count = usize::try_from(counts.value(row)).unwrap_or(0);
            let mut separator = if path.starts_with('/') { "/" } else { "" };
            let segments = path.split('/').filter(|segment| !segment.is_empty());
            for segment in segments.take(count) {
                prefixes.write_str(separator)?;
                prefixes.write_str(segment)?;
                separator = "/";
            }
            // The root, and a path of which nothing is asked for.
            let is_empty = count == 0 || path.bytes().all(|byte| byte == b'/');
            prefixes.append_value(if is_empty && path.starts_with('/') { "/" } else { "" });
        }
        Ok(Arc::new(prefixes.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        vec![ArrowFunctionSignature::exact(vec![DataType::Utf8, DataType::Int64], DataType::Utf8)]
    }
}

/// `weblog_duration_text(microseconds)`: three digits below a minute, then the two greatest units.
pub(super) struct DurationText;

impl VArrowScalar for DurationText {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let spans = input.column(0).as_primitive::<Float64Type>();
        let mut texts = StringBuilder::with_capacity(spans.len(), spans.len() * 8);
        for span in spans {
            match span.filter(|micros| micros.is_finite()) {
                Some(micros) => {
                    write(micros, &mut texts)?;
                    texts.append_value("");
                }
                None => texts.append_null(),
            }
        }
        Ok(Arc::new(texts.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        vec![ArrowFunctionSignature::exact(vec![DataType::Float64], DataType::Utf8)]
    }
}

fn write(micros: f64, text: &mut impl Write) -> std::fmt::Result {
    if micros < 0.0 {
        text.write_str("-")?;
    }
    let micros = micros.abs();
    // Each limit is where three digits would round up to the next unit.
    if micros < 999.5 {
        return write!(text, "{micros:.0} \u{b5}s");
    }
    if micros < 999_500.0 {
        return three_digits(micros / 1e3, "ms", text);
    }
    if micros < 59_950_000.0 {
        return three_digits(micros / 1e6, "s", text);
    }
    let seconds = (micros / 1e6).round() as u64;
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, minutes, seconds) => write!(text, "{minutes}m {seconds:02}s"),
        (0, hours, minutes, _) => write!(text, "{hours}h {minutes:02}m"),
        (days, hours, ..) => write!(text, "{days}d {hours:02}h"),
    }
}

fn three_digits(value: f64, unit: &str, text: &mut impl Write) -> std::fmt::Result {
    match value {
        _ if value < 9.995 => write!(text, "{value:.2} {unit}"),
        _ if value < 99.95 => write!(text, "{value:.1} {unit}"),
        _ => write!(text, "{value:.0} {unit}"),
    }
}
