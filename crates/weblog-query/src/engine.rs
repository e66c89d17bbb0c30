//! DuckDB, opened over tables and locked.

use crate::{
    error::QueryError,
    functions, gate,
    scan::Registered,
    source::{Part, Source, Table, View, glob_escape, literal},
};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use duckdb::{Config, Connection, InterruptHandle, Statement, core::LogicalTypeId};
use serde_json::Value;
use std::{cell::Cell, fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};
use tempfile::TempDir;

/// How DuckDB runs.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Threads of DuckDB.
    pub threads: usize,
    /// Bytes of memory that it may use before it spills to disk.
    pub memory: u64,
    /// Statements may do all that DuckDB can: write files, read others, change settings.
    pub trust_sql: bool,
}

/// DuckDB over tables.
pub struct Engine {
    connection: Connection,
    views: Vec<View>,
    scans: Vec<Registered>,
    trusted: bool,
    /// Whether the views have the columns that are not among `*`.
    with_hidden: Cell<bool>,
    /// Where DuckDB spills to. Goes away last.
    _spill: TempDir,
}

impl Engine {
    /// Opens DuckDB over tables. Unless SQL is trusted it can reach nothing but the files of the tables.
    ///
    /// # Errors
    /// A source that cannot be read, or settings that DuckDB does not take.
    pub fn open(options: &EngineOptions, tables: Vec<Table>) -> Result<Self, QueryError> {
        let setup = |error: &dyn std::fmt::Display| QueryError::Setup(error.to_string());
        let spill = tempfile::Builder::new()
            .prefix("weblog-query-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()
            .map_err(|error| setup(&error))?;
        let config = config(options, &spill).map_err(|error| setup(&error))?;
        let connection = Connection::open_in_memory_with_flags(config).map_err(|error| setup(&error))?;
        if !options.trust_sql {
            connection.execute_batch(&lock(&tables)).map_err(|error| setup(&error))?;
        }
        let mut engine = Engine {
            connection,
            views: Vec::new(),
            scans: Vec::new(),
            trusted: options.trust_sql,
            with_hidden: Cell::new(false),
            _spill: spill,
        };
        for table in tables {
            engine.add(table).map_err(QueryError::without_place)?;
        }
        engine.create_views(false).map_err(QueryError::without_place)?;
        Ok(engine)
    }

    fn add(&mut self, table: Table) -> Result<(), QueryError> {
        let mut parts = Vec::new();
        for source in &table.sources {
            parts.push(match source {
                Source::Dataset { files, schema, partitions } => Part::of_dataset(files, schema, partitions)?,
                Source::Parquet(files) => Part::of_parquet(&self.connection, files)?,
                Source::Scan(scan) => {
                    let scan = Registered::new(&self.connection, self.scans.len(), scan)?;
                    let part = Part::of_scan(&scan);
                    self.scans.push(scan);
                    part
                }
            });
        }
        self.views.push(View::new(table.name, parts));
        Ok(())
    }

    fn create_views(&self, with_hidden: bool) -> Result<(), QueryError> {
        self.with_hidden.set(with_hidden);
        let batch: String = self.views.iter().map(|view| view.create(with_hidden)).collect();
        self.connection.execute_batch(&batch).map_err(|error| self.error(error))
    }

    /// Checks and binds a statement.
    ///
    /// # Errors
    /// [`QueryError::Refused`] when it does not only read and is not trusted; [`QueryError::Sql`] when it
    /// is wrong.
    pub fn prepare(&self, sql: &str) -> Result<Prepared<'_>, QueryError> {
        if !self.trusted {
            gate::check(&self.connection, sql)?;
        }
        functions::define(&self.connection, sql)?;
        if self.with_hidden.get() {
            self.create_views(false)?;
        }
        let statement = match self.connection.prepare(sql) {
            Err(error) if self.misses_hidden(&error) => {
                self.create_views(true)?;
                self.prepare_with_hidden(sql)?
            }
            statement => statement.map_err(|error| self.error(error))?,
        };
        let utc = !functions::knows_no_zone(sql);
        Ok(Prepared { engine: self, statement, utc })
    }

    /// How often the statement scans each [`Source::Scan`], in their order: a stream can be read once.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn passes(&self, sql: &str) -> Result<Vec<usize>, QueryError> {
        // What is wrong with the statement is said about the statement, not about its explanation.
        drop(self.prepare(sql)?);
        let trimmed = sql.trim_start();
        let explain = trimmed.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("explain"));
        let plan: String = {
            let explained = if explain { sql.to_owned() } else { format!("explain (format json) {sql}") };
            let mut prepared = self.prepare(&explained)?;
            let mut rows = prepared.statement.query([]).map_err(|error| self.error(error))?;
            let mut plan = String::new();
            while let Some(row) = rows.next()? {
                plan.push_str(&row.get::<_, String>(1)?);
            }
            plan
        };
        let plan: Value = serde_json::from_str(&plan).unwrap_or_default();
        let count = |scan: &Registered| occurrences(&plan, scan.function());
        Ok(self.scans.iter().map(count).collect())
    }

    /// Leaves DuckDB as it is, for a process that ends: to take it apart takes as long as a small query.
    ///
    /// Only for the end of an answer that was read to its last row; drop the engine in any other case.
    pub fn abandon(self) {
        std::mem::forget(self.connection);
    }

    /// What stops a running statement from another thread.
    pub fn interrupt(&self) -> Interrupt {
        Interrupt(self.connection.interrupt_handle())
    }

    fn misses_hidden(&self, error: &duckdb::Error) -> bool {
        let message = error.to_string();
        let missed =
            |name: &str| message.contains(&format!("\"{name}\"")) || message.contains(&format!(".{name}"));
        message.starts_with("Binder Error") && self.views.iter().flat_map(View::hidden).any(missed)
    }

    /// Prepares a statement that names columns that `*` lacks: they can be named, and `*` still lacks them.
    fn prepare_with_hidden(&self, sql: &str) -> Result<Statement<'_>, QueryError> {
        let hidden: Vec<(&str, Vec<&str>)> =
            self.views.iter().map(|view| (view.name(), view.hidden().collect())).collect();
        let mut query = gate::parse(&self.connection, sql)?;
        let mut rewritten: Option<String> = None;
        if gate::leave_out_of_star(&mut query, &hidden) {
            let deserialize = "select json_deserialize_sql(?::varchar::json)";
            rewritten = self.connection.query_row(deserialize, [query.to_string()], |row| row.get(0))?;
        }
        self.connection.prepare(rewritten.as_deref().unwrap_or(sql)).map_err(|error| self.error(error))
    }

    /// An error of DuckDB, or of the scan behind it.
    fn error(&self, error: duckdb::Error) -> QueryError {
        let failed = self.scans.iter().find_map(Registered::take_failure);
        failed.map_or_else(|| error.into(), QueryError::Scan)
    }
}

/// The settings with which DuckDB opens: it never fetches or loads anything.
fn config(options: &EngineOptions, spill: &TempDir) -> duckdb::Result<Config> {
    let threads = options.threads.max(1).to_string();
    let mut config = Config::default()
        .with("threads", &threads)?
        .with("async_threads", &threads)?
        .with("memory_limit", format!("{}KiB", options.memory / 1024))?
        .with("temp_directory", spill.path().to_string_lossy())?;
    for setting in [
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "allow_community_extensions",
        "allow_unsigned_extensions",
        "allow_persistent_secrets",
    ] {
        config = config.with(setting, "false")?;
    }
    Ok(config)
}

/// The statements that keep SQL to the files of the tables, and its settings as they are.
fn lock(tables: &[Table]) -> String {
    let files = |source: &Source| -> Vec<PathBuf> {
        match source {
            Source::Dataset { files, .. } | Source::Parquet(files) => files.clone(),
            Source::Scan(_) => Vec::new(),
        }
    };
    let allowed = tables.iter().flat_map(|table| &table.sources).flat_map(files);
    // DuckDB looks at a name before and after it has taken it for a pattern.
    let names = |file: PathBuf| [file.to_string_lossy().into_owned(), glob_escape(&file)];
    let mut allowed: Vec<String> = allowed.flat_map(names).map(|name| literal(&name)).collect();
    allowed.dedup();
    format!(
        "set allowed_paths = [{}]; set enable_external_access = false; set lock_configuration = true;",
        allowed.join(", ")
    )
}

/// How often a table function stands in a plan. What is repeated counts twice.
fn occurrences(plan: &Value, function: &str) -> usize {
    match plan {
        Value::Array(plans) => plans.iter().map(|plan| occurrences(plan, function)).sum(),
        Value::Object(members) => {
            let name = members.get("name").and_then(Value::as_str).unwrap_or_default().trim();
            let here = usize::from(name.eq_ignore_ascii_case(function));
            let below: usize = members.get("children").map_or(0, |children| occurrences(children, function));
            let times = if name.to_ascii_uppercase().contains("REC") { 2 } else { 1 };
            here + below * times
        }
        _ => 0,
    }
}

/// Stops a statement that runs in another thread.
#[derive(Clone)]
pub struct Interrupt(Arc<InterruptHandle>);

impl Interrupt {
    /// Stops the statement that runs now, if one does.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// A statement that can run.
pub struct Prepared<'e> {
    engine: &'e Engine,
    statement: Statement<'e>,
    utc: bool,
}

impl Prepared<'_> {
    /// Runs the statement. Its rows come as they are found; nothing is kept.
    ///
    /// # Errors
    /// What goes wrong before the first row.
    pub fn run(&mut self) -> Result<Rows<'_>, QueryError> {
        let (engine, utc) = (self.engine, self.utc);
        let mut json = Vec::new();
        for at in 0..self.statement.column_count() {
            let kind = self.statement.column_logical_type(at);
            // These two come out of DuckDB's Arrow as other values than they are.
            if matches!(kind.id(), LogicalTypeId::UHugeint | LogicalTypeId::Bit) {
                let (number, kind) = (at + 1, format!("{:?}", kind.id()).to_uppercase());
                return Err(QueryError::Sql(format!("column {number} is a {kind}: cast it to varchar")));
            }
            json.push(kind.get_alias().is_some_and(|name| name == "JSON"));
        }
        let stream = self.statement.stream_arrow([]).map_err(|error| engine.error(error))?;
        Ok(Rows { engine, schema: with_json(&stream.get_schema(), &json), stream, utc })
    }
}

/// The schema in which columns of JSON have Arrow's name for it: DuckDB gives them as mere text.
fn with_json(schema: &SchemaRef, json: &[bool]) -> SchemaRef {
    let field = |(at, field): (usize, &Arc<Field>)| match json.get(at) {
        Some(true) if *field.data_type() == DataType::Utf8 => {
            let name = [("ARROW:extension:name".to_owned(), "arrow.json".to_owned())];
            Arc::new(field.as_ref().clone().with_metadata(name))
        }
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().enumerate().map(field).collect::<Vec<_>>()))
}

/// The rows of an answer, in batches.
pub struct Rows<'s> {
    engine: &'s Engine,
    schema: SchemaRef,
    stream: duckdb::ArrowStream<'s>,
    utc: bool,
}

impl Rows<'_> {
    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Whether times without a zone are UTC, which is so unless the statement made local ones.
    pub fn times_are_utc(&self) -> bool {
        self.utc
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.stream.next()?;
        Some(batch.map_err(|error| self.engine.error(error)))
    }
}
