//! One file of data: whether it is there, and whether its footer says what the log says.

use super::{Finding, pages};
use crate::{
    delta::{DataFile, FileStats, Stat, partition_path},
    parquet_file,
    partition::By,
};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::PageIndexPolicy;
use serde_json::Value;
use std::{
    fs::{self, File},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

/// The table that the files belong to.
pub(super) struct Table<'a> {
    pub(super) root: &'a Path,
    pub(super) schema: &'a SchemaRef,
    pub(super) columns: &'a [String],
    /// How it is divided; none if not by time.
    pub(super) by: Option<By>,
    pub(super) deep: bool,
}

impl Table<'_> {
    /// What there is to say about a file.
    pub(super) fn check(&self, file: &DataFile) -> Vec<Finding> {
        let error = |kind, what: String| vec![Finding::error(kind, &file.path, what)];
        let path = self.root.join(&file.path);
        let size = match fs::metadata(&path) {
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => {
                return error("missing", "is not there".into());
            }
            Err(refused) => return error("missing", format!("cannot be looked at: {refused}")),
            Ok(metadata) if !metadata.is_file() => return error("missing", "is no file".into()),
            Ok(metadata) => metadata.len(),
        };
        if size != file.bytes {
            return error("size", format!("has {size} bytes and the log says {}", file.bytes));
        }
        let mut findings = self.check_directory(file);
        let opened = match File::open(&path) {
            Ok(opened) => opened,
            Err(refused) => return error("missing", format!("cannot be opened: {refused}")),
        };
        // The reader is not meant to panic, but what is damaged in a file must not end the run.
        let read = catch_unwind(AssertUnwindSafe(|| self.check_contents(file, opened, &mut findings)));
        match read {
            Ok(Ok(())) => {}
            Ok(Err((kind, why))) => findings.push(Finding::error(kind, &file.path, why)),
            Err(_) => findings.push(Finding::error("footer", &file.path, "is damaged: it cannot be read")),
        }
        findings
    }

    /// Whether the directories say the values that the log says. Some tools put files anywhere.
    fn check_directory(&self, file: &DataFile) -> Vec<Finding> {
        let directory = file.path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let values = self.columns.iter().map(String::as_str).zip(file.partition.iter().map(Option::as_deref));
        match partition_path(values) {
            Ok(wanted) if directory.contains('=') && wanted != directory => {
                let what = format!("lies in another partition than the log says, which is {wanted}");
                vec![Finding::error("partition", &file.path, what)]
            }
            _ => Vec::new(),
        }
    }

    /// Whether the footer, and with `deep` every page, says what the log says. The error is what kind of
    /// thing cannot be read, and why.
    fn check_contents(
        &self,
        file: &DataFile,
        opened: File,
        findings: &mut Vec<Finding>,
    ) -> Result<(), (&'static str, String)> {
        let index = if self.deep { PageIndexPolicy::Required } else { PageIndexPolicy::Skip };
        let options = ArrowReaderOptions::new().with_page_index_policy(index);
        let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(opened, options)
            .map_err(|error| ("footer", format!("cannot be read: {error}")))?;
        let mut error = |kind, what: String| findings.push(Finding::error(kind, &file.path, what));
        let footer = reader.metadata().file_metadata();
        let rows = footer.num_rows().unsigned_abs();
        let in_groups: i64 = reader.metadata().row_groups().iter().map(|group| group.num_rows()).sum();
        if rows != in_groups.unsigned_abs() {
            error("footer", format!("says {rows} rows, and its row groups have {in_groups}"));
        }
        if let Some(told) = file.rows.filter(|told| *told != rows) {
            error("rows", format!("has {rows} rows and the log says {told}"));
        }
        for field in reader.schema().fields() {
            let known = self.schema.field_with_name(field.name());
            let Ok(known) = known else { continue };
            let differs = known.data_type() != field.data_type() && *known.data_type() != DataType::Null;
            if differs {
                error(
                    "columns",
                    format!(
                        "has the column {} as {}, and the dataset as {}",
                        field.name(),
                        field.data_type(),
                        known.data_type()
                    ),
                );
            }
        }
        let log: Value = file.stats.as_deref().and_then(|s| serde_json::from_str(s).ok()).unwrap_or_default();
        // Footers of others may mean other things by the same words; their rows are looked at in full.
        let is_ours = footer.created_by().is_some_and(|by| by.starts_with("weblog "));
        if is_ours {
            let stats = parquet_file::stats(reader.metadata().row_groups());
            for what in differences(&log, &stats) {
                error("statistics", format!("{what}, says its footer"));
            }
            if let Some(what) = self.misplaced(file, &stats) {
                error("partition", what);
            }
        }
        if self.deep {
            let read = pages::read(reader).map_err(|why| ("data", why))?;
            if read.rows != rows {
                error("data", format!("has {} rows in its pages and its footer says {rows}", read.rows));
            }
            for what in differences(&log, &read) {
                error("data", format!("{what}, say its pages"));
            }
            if let Some(what) = self.misplaced(file, &read).filter(|_| !is_ours) {
                error("partition", what);
            }
        }
        Ok(())
    }

    /// What is wrong when rows have times that are not of the file's partition.
    fn misplaced(&self, file: &DataFile, stats: &FileStats) -> Option<String> {
        let by = self.by.filter(|by| *by != By::None)?;
        let (_, time) = stats.columns.iter().find(|(name, _)| name == "time")?;
        let values = |bound: &Option<Stat>| match bound {
            Some(Stat::Time(micros)) => Some(by.values(by.key(*micros))),
            _ => None,
        };
        let outside = match (values(&time.min), values(&time.max)) {
            (Some(first), Some(last)) => [first, last].into_iter().find(|values| *values != file.partition),
            // No row has a time.
            _ if time.nulls == stats.rows => Some(by.values(None)).filter(|none| *none != file.partition),
            _ => None,
        }?;
        let name = |values: &[Option<String>]| match values.iter().cloned().collect::<Option<Vec<_>>>() {
            Some(values) => values.join("-"),
            None => "no time".into(),
        };
        Some(format!("has rows of {}, and its partition is of {}", name(&outside), name(&file.partition)))
    }
}

/// Where the log says other things of the columns than `found`. Bounds in the log may be wide.
fn differences(log: &Value, found: &FileStats) -> Vec<String> {
    let exact: Value = serde_json::from_str(&found.to_json()).unwrap_or_default();
    let mut differences = Vec::new();
    for (name, _) in &found.columns {
        let bound = |stats: &Value, which: &str| stats[which][name.as_str()].clone();
        let (told, is) = (bound(log, "nullCount").as_u64(), bound(&exact, "nullCount").as_u64());
        if let Some((told, is)) = told.zip(is).filter(|(told, is)| told != is) {
            differences.push(format!("{name} is null in {is} rows and not in {told} as in the log"));
        }
        let low = (bound(log, "minValues"), bound(&exact, "minValues"));
        let high = (bound(log, "maxValues"), bound(&exact, "maxValues"));
        if is_below(&low.1, &low.0) {
            differences.push(format!("{name} begins at {} and not at {} as in the log", low.1, low.0));
        }
        if is_below(&high.0, &high.1) {
            differences.push(format!("{name} goes up to {} and not to {} as in the log", high.1, high.0));
        }
    }
    differences
}

/// Whether one bound is below another; no if they cannot be compared.
fn is_below(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a < b,
            _ => a.as_f64() < b.as_f64(),
        },
        // Instants as weblog writes them, with milliseconds, in UTC.
        (Value::String(a), Value::String(b)) => {
            a.len() == b.len() && a.ends_with('Z') && b.ends_with('Z') && a < b
        }
        _ => false,
    }
}
