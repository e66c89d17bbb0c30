//! Sources of rows as views that SQL can name.

use crate::{error::QueryError, scan::Registered, scan::Scan};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use duckdb::Connection;
use std::{fmt::Write as _, path::Path, path::PathBuf, sync::Arc};

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
        /// The files, as their commits name them. There may be none.
        files: Vec<PathBuf>,
        /// The columns of the dataset; a file of an older commit may lack some.
        schema: SchemaRef,
        /// The columns that are the names of directories, as in `year=2025`: usable by name, and not
        /// among `*`.
        partitions: Vec<String>,
    },
    /// Parquet files of anybody, with all their columns.
    Parquet(Vec<PathBuf>),
    /// Rows from outside of DuckDB.
    Scan(Arc<dyn Scan>),
}

/// A table in the form from which its view is made.
pub(crate) struct View {
    name: String,
    parts: Vec<Part>,
}

/// One source of a view. Columns are a name and how it is made.
pub(crate) struct Part {
    shown: Vec<(String, String)>,
    /// Columns that can be named and are not among `*`.
    hidden: Vec<(String, String)>,
    from: String,
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
        View { name, parts }
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The statement that makes the view, `with` the hidden columns or without.
    pub(crate) fn create(&self, with_hidden: bool) -> String {
        let parts = self.parts.iter().map(|part| part.sql(with_hidden)).collect::<Vec<_>>();
        format!("create or replace view {} as {};", identifier(&self.name), parts.join(" union all by name "))
    }

    /// The names of the hidden columns.
    pub(crate) fn hidden(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| &part.hidden).map(|(name, _)| name.as_str())
    }
}

impl Part {
    fn sql(&self, with_hidden: bool) -> String {
        let hidden = self.hidden.iter().filter(|_| with_hidden);
        let columns =
            self.shown.iter().chain(hidden).map(|(name, value)| format!("{value} as {}", identifier(name)));
        format!("select {} from {}", columns.collect::<Vec<_>>().join(", "), self.from)
    }

    /// The rows of a table function of ours.
    pub(crate) fn of_scan(scan: &Registered) -> Self {
        let schema = scan.schema();
        let mut shown: Vec<(String, String)> =
            schema.fields().iter().map(|field| (field.name().clone(), identifier(field.name()))).collect();
        let hidden = shown.split_off(shown.len().saturating_sub(scan.named_only()));
        Part { shown, hidden, from: scan.call() }
    }

    /// The rows of a dataset's files. The columns are named to DuckDB, so that it opens no file to learn
    /// them, and gives nulls where an older file lacks one. Given a schema, DuckDB makes no columns of
    /// directories; they are made of the file's name, by which DuckDB leaves out files just as well.
    pub(crate) fn of_dataset(
        files: &[PathBuf],
        schema: &SchemaRef,
        partitions: &[String],
    ) -> Result<Self, QueryError> {
        let (mut shown, mut columns) = (Vec::new(), Vec::new());
        for field in schema.fields() {
            let (name, kind) = (field.name(), sql_type(field.data_type())?);
            let cast = if kind == INSTANT { "TIMESTAMP" } else { kind };
            let value = if files.is_empty() { "null".into() } else { identifier(name) };
            shown.push((name.clone(), format!("{value}::{cast}")));
            let name = literal(name);
            columns.push(format!("{name}: {{name: {name}, type: '{kind}', default_value: null}}"));
        }
        if files.is_empty() {
            let hidden = partitions.iter().map(|name| (name.clone(), "null::varchar".into())).collect();
            return Ok(Part { shown, hidden, from: "(select 1) where false".into() });
        }
        let value = |name: &String| {
            let pattern = literal(&format!("/{}=([^/]*)/", regex_escape(name)));
            (
                name.clone(),
                format!("nullif(regexp_extract(filename, {pattern}, 1), '__HIVE_DEFAULT_PARTITION__')"),
            )
        };
        Ok(Part {
            shown,
            hidden: partitions.iter().map(value).collect(),
            from: format!(
                "read_parquet({}, filename = true, schema = map {{{}}})",
                list(files),
                columns.join(", ")
            ),
        })
    }

    /// The rows of Parquet files that may be anybody's: with the columns that they have.
    pub(crate) fn of_parquet(connection: &Connection, files: &[PathBuf]) -> Result<Self, QueryError> {
        let united = if files.len() > 1 { ", union_by_name = true" } else { "" };
        let from = format!("read_parquet({}, hive_types_autocast = false{united})", list(files));
        let mut statement = connection.prepare(&format!("describe from {from}"))?;
        let mut shown = Vec::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let cast = if kind == INSTANT { "::timestamp" } else { "" };
            shown.push((name.clone(), identifier(&name) + cast));
        }
        Ok(Part { shown, hidden: Vec::new(), from })
    }
}

/// What DuckDB calls an instant.
const INSTANT: &str = "TIMESTAMP WITH TIME ZONE";

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
        DataType::Binary | DataType::LargeBinary => "BLOB",
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => INSTANT,
        DataType::Timestamp(TimeUnit::Microsecond, None) => "TIMESTAMP",
        other => return Err(QueryError::Setup(format!("columns of type {other} are not supported"))),
    })
}

/// A list of files. DuckDB would take some characters of a name for a pattern.
fn list(files: &[PathBuf]) -> String {
    let quoted: Vec<String> = files.iter().map(|file| literal(&glob_escape(file))).collect();
    format!("[{}]", quoted.join(", "))
}

pub(crate) fn glob_escape(path: &Path) -> String {
    let text = path.to_string_lossy();
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '[' => {
                let _ = write!(escaped, "[{c}]");
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

fn regex_escape(name: &str) -> String {
    let special = |c: char| !c.is_alphanumeric() && c != '_';
    name.chars().fold(String::new(), |escaped, c| {
        if special(c) { escaped + "\\" + &c.to_string() } else { escaped + &c.to_string() }
    })
}

/// A text as a literal of SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as an identifier of SQL.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
