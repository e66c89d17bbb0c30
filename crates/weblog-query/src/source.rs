//! Sources of rows as views that SQL can name.

use crate::{
    attach::Attached,
    bounds::{Condition, Kind, Range, Wanted},
    error::QueryError,
    files::{Files, StoredFile},
    quoting::{identifier, list, literal, regex_escape},
    rollup::HISTOGRAM,
    scan::{Registered, Scan},
};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use duckdb::Connection;
use std::{path::PathBuf, sync::Arc};

/// A name that SQL knows, and where its rows come from.
pub struct Table {
    /// The name.
    pub name: String,
    /// Where the rows come from; their columns are united by name.
    pub sources: Vec<Source>,
}

/// Where rows come from.
pub enum Source {
    /// The files of a snapshot of a dataset.
    Dataset {
        /// The directory, below which all files are.
        root: PathBuf,
        /// The files, as their commits name them. There may be none.
        files: Vec<StoredFile>,
        /// The columns of the dataset; a file of an older commit may lack some.
        schema: SchemaRef,
        /// The columns that are the names of directories, as in `year=2025`: usable by name, and not
        /// among `*`.
        partitions: Vec<String>,
    },
    /// Parquet files of anybody, with all their columns.
    Parquet(Vec<PathBuf>),
    /// A file that DuckDB reads by itself. A database is one of its own: its tables are `name.table`.
    Attached(Attached),
    /// Rows from outside of DuckDB.
    Scan(Arc<dyn Scan>),
}

/// A table in the form from which its view is made.
pub(crate) struct View {
    name: String,
    parts: Vec<Part>,
    /// Columns that all parts lack, and that are null in all.
    lent: Vec<(String, String)>,
}

/// One source of a view. Columns are a name and how it is made.
pub(crate) struct Part {
    shown: Vec<(String, String)>,
    /// Columns that can be named and are not among `*`.
    hidden: Vec<(String, String)>,
    from: String,
    /// The types of the columns, as the files have them; of a scan, as they are shown.
    types: Vec<(String, String)>,
    /// What all rows must fulfil.
    condition: String,
    /// The files of a dataset.
    files: Option<Files>,
}

impl View {
    /// A view of these parts. What one of them shows no other hides: its rows would have nulls there.
    pub(crate) fn new(name: String, mut parts: Vec<Part>) -> Self {
        let shown: Vec<String> =
            parts.iter().flat_map(|part| &part.shown).map(|(name, _)| name.clone()).collect();
        let is_shown = |name: &String| shown.iter().any(|other| other.eq_ignore_ascii_case(name));
        for part in &mut parts {
            let hidden = std::mem::take(&mut part.hidden);
            let (show, hide): (Vec<_>, Vec<_>) = hidden.into_iter().partition(|(name, _)| is_shown(name));
            part.shown.extend(show);
            part.hidden = hide;
        }
        View { name, parts, lent: Vec::new() }
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The statement that makes the view, `with` the hidden columns or without, and of rows `since` a moment.
    pub(crate) fn create(&self, with_hidden: bool, wanted: &Wanted, since: Option<i64>) -> String {
        let parts =
            self.parts.iter().map(|part| part.sql(with_hidden, wanted, &self.lent)).collect::<Vec<_>>();
        let (name, all) = (identifier(&self.name), parts.join(" union all by name "));
        let has_time = self.parts.iter().flat_map(|part| &part.shown).any(|(name, _)| name == TIME);
        match since.filter(|_| has_time).and_then(moment) {
            Some(since) => {
                let since = since.trim_end_matches("+00");
                format!("create or replace view {name} as from ({all}) where time >= timestamp '{since}';")
            }
            None => format!("create or replace view {name} as {all};"),
        }
    }

    /// Lists the files of datasets in which rows can be that are wanted.
    pub(crate) fn choose(
        &self,
        connection: &Connection,
        times: Option<(i64, i64)>,
        wanted: &Wanted,
    ) -> Result<(), QueryError> {
        let mut files = self.parts.iter().filter_map(|part| part.files.as_ref());
        files.try_for_each(|files| files.choose(connection, times, wanted))
    }

    /// Lists the files of datasets of which the number of rows is not known, and gives that of the others.
    pub(crate) fn choose_uncounted(
        &self,
        connection: &Connection,
        times: Option<(i64, i64)>,
    ) -> Result<u64, QueryError> {
        let files = self.parts.iter().filter_map(|part| part.files.as_ref());
        files.map(|files| files.choose_uncounted(connection, times)).sum()
    }

    /// Whether all rows are in files of datasets, so that their number may be known.
    pub(crate) fn is_stored(&self) -> bool {
        self.parts.iter().all(|part| part.files.is_some())
    }

    /// A column as it is called here, and its kind: `Other` unless all parts that have it agree.
    pub(crate) fn kind(&self, name: &str) -> Option<(String, Kind)> {
        let columns = || {
            let all = self.parts.iter().flat_map(|part| &part.types);
            all.filter(|(column, _)| column.eq_ignore_ascii_case(name))
        };
        let (column, first) = columns().next()?;
        let kinds = columns().map(|(other, kind)| if other == column { kind_of(kind) } else { Kind::Other });
        let agreed =
            kinds.fold(kind_of(first), |agreed, kind| if agreed == kind { kind } else { Kind::Other });
        Some((column.clone(), agreed))
    }

    /// Whether a source has this column, or a lookup brings it.
    pub(crate) fn has(&self, column: &str, scans: &[Registered]) -> bool {
        let is = |(name, _): &(String, String)| name.eq_ignore_ascii_case(column);
        let brings = |call: &str| scans.iter().all(|scan| scan.call() != call || scan.brings(column));
        self.parts
            .iter()
            .any(|part| part.shown.iter().any(is) || (part.hidden.iter().any(is) && brings(&part.from)))
    }

    /// Adds columns that are null, each with its type, unless a part can name them.
    pub(crate) fn lend(&mut self, columns: &[(&str, &str)]) {
        for (name, kind) in columns {
            let is = |(known, _): &(String, String)| known.eq_ignore_ascii_case(name);
            let known = self.parts.iter().any(|part| part.shown.iter().chain(&part.hidden).any(is));
            if !known && !self.lent.iter().any(is) {
                self.lent.push(((*name).to_owned(), format!("null::{kind}")));
            }
        }
    }

    /// Whether a column holds histograms.
    pub(crate) fn has_histograms(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.types).any(|(_, kind)| kind == HISTOGRAM)
    }

    /// The names of the hidden columns.
    pub(crate) fn hidden(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| &part.hidden).map(|(name, _)| name.as_str())
    }
}

impl Part {
    fn sql(&self, with_hidden: bool, wanted: &Wanted, lent: &[(String, String)]) -> String {
        let hidden = self.hidden.iter().filter(|_| with_hidden);
        let columns = self.shown.iter().chain(hidden).chain(lent);
        let columns = columns.map(|(name, value)| format!("{value} as {}", identifier(name)));
        let known = match wanted.as_deref() {
            // The form that skips row groups, whatever form the statement's own condition has.
            Some([conditions]) if self.condition.is_empty() => self.time_range(conditions),
            _ => String::new(),
        };
        let columns = columns.collect::<Vec<_>>().join(", ");
        format!("select {columns} from {}{}{known}", self.from, self.condition)
    }

    /// The times that are asked for, as a condition on the column as it is in the files.
    fn time_range(&self, conditions: &[Condition]) -> String {
        let is_instant = self.types.iter().any(|(name, kind)| name == TIME && kind == INSTANT);
        let asked = conditions.iter().filter(|condition| is_instant && condition.column == TIME);
        let ends = asked.filter_map(|condition| match condition.any[..] {
            [Range::Time(from, to)] => Some((from, to.saturating_add(1))),
            _ => None,
        });
        let Some((since, until)) = ends.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1))) else {
            return String::new();
        };
        within(INSTANT, since, until).map(|range| format!(" where {range}")).unwrap_or_default()
    }

    /// Keeps to rows from the first moment on and before the second, in microseconds since the epoch. The
    /// condition is one on the column as it is in the files: so it skips files, row groups and pages.
    pub(crate) fn keep_to(&mut self, table: &str, (since, until): (i64, i64)) -> Result<(), QueryError> {
        let time = self.types.iter().find(|(name, _)| name == TIME);
        let kind = match time.map(|(_, kind)| &**kind) {
            Some(INSTANT) => INSTANT,
            Some(kind) if kind == "DATE" || kind.starts_with("TIMESTAMP") => "TIMESTAMP",
            found => {
                let found =
                    found.map_or("no column `time`".into(), |kind| format!("times of the type {kind}"));
                return Err(QueryError::Refused(format!(
                    "`{table}` has {found}: --since and --until need instants"
                )));
            }
        };
        // What has no time is in none.
        let range = within(kind, since, until).unwrap_or_else(|| "\"time\" is not null".into());
        self.condition = format!(" where {range}");
        Ok(())
    }

    /// The rows of a table function of ours.
    pub(crate) fn of_scan(scan: &Registered) -> Self {
        let schema = scan.schema();
        let mut shown: Vec<(String, String)> =
            schema.fields().iter().map(|field| (field.name().clone(), identifier(field.name()))).collect();
        let hidden = shown.split_off(shown.len().saturating_sub(scan.named_only()));
        let shown_as = |kind: &DataType| match kind {
            DataType::Timestamp(..) => "TIMESTAMP",
            other => sql_type(other).unwrap_or_default(),
        };
        let types =
            schema.fields().iter().map(|field| (field.name().clone(), shown_as(field.data_type()).into()));
        let (from, types) = (scan.call(), types.collect());
        Part { shown, hidden, from, types, condition: String::new(), files: None }
    }

    /// The rows of a dataset's files. The columns are named to DuckDB, so that it opens no file to learn
    /// them, and gives nulls where an older file lacks one. Given a schema, DuckDB makes no columns of
    /// directories; they are made of the file's name, by which DuckDB leaves out files just as well.
    pub(crate) fn of_dataset(
        files: Files,
        schema: &SchemaRef,
        partitions: &[String],
    ) -> Result<Self, QueryError> {
        let (mut shown, mut columns, mut types) = (Vec::new(), Vec::new(), Vec::new());
        for field in schema.fields() {
            let (name, kind) = (field.name(), sql_type(field.data_type())?);
            let cast = if kind == INSTANT { "TIMESTAMP" } else { kind };
            let value = if files.is_empty() { "null".into() } else { identifier(name) };
            shown.push((name.clone(), format!("{value}::{cast}")));
            types.push((name.clone(), kind.to_owned()));
            let name = literal(name);
            columns.push(format!("{name}: {{name: {name}, type: '{kind}', default_value: null}}"));
        }
        types.extend(partitions.iter().map(|name| (name.clone(), "VARCHAR".to_owned())));
        let (is_empty, condition) = (files.is_empty(), String::new());
        let value = |name: &String| {
            let pattern = literal(&format!("/{}=([^/]*)/", regex_escape(name)));
            let value =
                format!("nullif(regexp_extract(filename, {pattern}, 1), '__HIVE_DEFAULT_PARTITION__')");
            (name.clone(), if is_empty { "null::varchar".into() } else { value })
        };
        let hidden = partitions.iter().map(value).collect();
        let from = match is_empty {
            true => "(select null::timestamptz as \"time\" where false)".into(),
            false => {
                let (list, columns) = (files.argument(), columns.join(", "));
                format!("read_parquet({list}, filename = true, schema = map {{{columns}}})")
            }
        };
        Ok(Part { shown, hidden, from, types, condition, files: Some(files) })
    }

    /// The rows of Parquet files that may be anybody's: with the columns that they have.
    pub(crate) fn of_parquet(connection: &Connection, files: &[PathBuf]) -> Result<Self, QueryError> {
        let united = if files.len() > 1 { ", union_by_name = true" } else { "" };
        Part::of_any(
            connection,
            format!("read_parquet({}, hive_types_autocast = false{united})", list(files)),
        )
    }

    /// The rows of a file that DuckDB reads by itself, with the columns that it finds.
    pub(crate) fn of_attached(connection: &Connection, file: &Attached) -> Result<Self, QueryError> {
        Part::of_any(connection, file.call()).map_err(|error| match error {
            // What DuckDB says here is long, and about options that nobody gave.
            QueryError::Sql(message) => {
                let said = message.split("\n\n").next().unwrap_or_default();
                let said = said.lines().take(3).collect::<Vec<_>>().join("; ");
                QueryError::Attach(format!("cannot attach {}: {said}", file.path().display()))
            }
            other => other,
        })
    }

    fn of_any(connection: &Connection, from: String) -> Result<Self, QueryError> {
        let mut statement = connection.prepare(&format!("describe from {from}"))?;
        let (mut shown, mut types) = (Vec::new(), Vec::new());
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let cast = if kind == INSTANT { "::timestamp" } else { "" };
            shown.push((name.clone(), identifier(&name) + cast));
            types.push((name, kind));
        }
        Ok(Part { shown, hidden: Vec::new(), from, types, condition: String::new(), files: None })
    }
}

/// The column of the time of a request.
const TIME: &str = "time";

/// What DuckDB calls an instant.
const INSTANT: &str = "TIMESTAMP WITH TIME ZONE";

/// The kind of a column of this type.
fn kind_of(kind: &str) -> Kind {
    match kind {
        INSTANT | "TIMESTAMP" => Kind::Time,
        "BIGINT" | "INTEGER" | "SMALLINT" => Kind::Number,
        "VARCHAR" => Kind::Text,
        _ => Kind::Other,
    }
}

/// The condition that a time of this type is in a range. None if the range is open on both sides.
fn within(kind: &str, since: i64, until: i64) -> Option<String> {
    let bound =
        |operator: &str, micros| moment(micros).map(|text| format!("\"time\" {operator} '{text}'::{kind}"));
    let ends: Vec<String> = [bound(">=", since), bound("<", until)].into_iter().flatten().collect();
    (!ends.is_empty()).then(|| ends.join(" and "))
}

/// A moment as SQL reads it, in UTC. None for those that are before or after all others.
fn moment(micros: i64) -> Option<String> {
    let open = micros == i64::MIN || micros == i64::MAX;
    let time = chrono::DateTime::from_timestamp_micros(micros).filter(|_| !open)?;
    // DuckDB would not read years of five digits.
    let time = time.clamp(
        chrono::DateTime::from_timestamp(-62_135_596_800, 0)?,
        chrono::DateTime::from_timestamp(253_402_300_799, 0)?,
    );
    Some(time.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string())
}

/// DuckDB's name of a type.
fn sql_type(data_type: &DataType) -> Result<&'static str, QueryError> {
    Ok(match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "VARCHAR",
        DataType::Int64 => "BIGINT",
        DataType::Int32 => "INTEGER",
        DataType::Int16 => "SMALLINT",
        DataType::Float64 => "DOUBLE",
        DataType::Float32 => "FLOAT",
        DataType::Boolean => "BOOLEAN",
        DataType::Date32 => "DATE",
        kind if is_histogram(kind) => HISTOGRAM,
        DataType::Binary | DataType::LargeBinary => "BLOB",
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => INSTANT,
        DataType::Timestamp(TimeUnit::Microsecond, None) => "TIMESTAMP",
        other => return Err(QueryError::Setup(format!("columns of type {other} are not supported"))),
    })
}

/// Whether a column counts by bucket.
fn is_histogram(data_type: &DataType) -> bool {
    let DataType::Map(entries, _) = data_type else { return false };
    match entries.data_type() {
        DataType::Struct(pair) => {
            matches!(&pair[..], [key, value] if *key.data_type() == DataType::Int32 && *value.data_type() == DataType::Int64)
        }
        _ => false,
    }
}
