//! DuckDB, opened over tables and locked.

use crate::{
    attach,
    bounds::{self, Columns, Condition, Wanted},
    error::QueryError,
    files::Files,
    functions, gate,
    parameters::{Parameters, bind},
    questions::macros,
    quoting::identifier,
    rollup,
    scan::Registered,
    source::{Part, Source, Table, View},
};
use duckdb::{Connection, Statement};
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    fs,
    os::unix::fs::PermissionsExt,
};
use tempfile::TempDir;

mod rows;
mod settings;

pub use rows::{Interrupt, Prepared, Progress, Rows};
use settings::{config, lock};

/// How DuckDB runs.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Threads of DuckDB.
    pub threads: usize,
    /// Bytes of memory that it may use before it spills to disk.
    pub memory: u64,
    /// Statements may do all that DuckDB can: write files, read others, change settings.
    pub trust_sql: bool,
    /// Only rows from the first moment on and before the second, in microseconds since the epoch. Rows
    /// without a time are none of them. A [`Source::Scan`] sees to it itself.
    pub times: Option<(i64, i64)>,
}

/// DuckDB over tables.
pub struct Engine {
    connection: Connection,
    views: Vec<View>,
    scans: Vec<Registered>,
    /// The view that each scan is a part of.
    view_of_scan: Vec<usize>,
    datasets: usize,
    trusted: bool,
    times: Option<(i64, i64)>,
    /// Only rows from this moment on, in microseconds since the epoch.
    since: Cell<Option<i64>>,
    parameters: Parameters,
    /// Whether the views have the columns that are not among `*`, and what was wanted of each of them.
    made_for: RefCell<Option<(bool, Vec<Wanted>)>>,
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
        attach::databases(&connection, &tables)?;
        connection.set_query_progress_tracking(true).map_err(|error| setup(&error))?;
        if !options.trust_sql {
            connection.execute_batch(&lock(&tables)).map_err(|error| setup(&error))?;
        }
        let mut engine = Engine {
            connection,
            views: Vec::new(),
            scans: Vec::new(),
            view_of_scan: Vec::new(),
            datasets: 0,
            trusted: options.trust_sql,
            times: options.times,
            since: Cell::new(None),
            parameters: Parameters::default(),
            made_for: RefCell::default(),
            _spill: spill,
        };
        for table in tables {
            engine.add(table).map_err(QueryError::without_place)?;
        }
        Ok(engine)
    }

    fn add(&mut self, table: Table) -> Result<(), QueryError> {
        let (mut parts, has_no_rows) = (Vec::new(), table.sources.is_empty());
        for source in table.sources {
            let is_bounded = !matches!(source, Source::Scan(_) | Source::Attached(_));
            let mut part = match source {
                Source::Dataset { files, schema, partitions, .. } => {
                    let files = Files::new(&self.connection, self.datasets, files, partitions.clone())?;
                    self.datasets += 1;
                    Part::of_dataset(files, &schema, &partitions)?
                }
                Source::Parquet(files) => Part::of_parquet(&self.connection, &files)?,
                Source::Attached(file) if file.is_database() => continue,
                Source::Attached(file) => Part::of_attached(&self.connection, &file)?,
                Source::Scan(scan) => {
                    let scan = Registered::new(&self.connection, self.scans.len(), &scan)?;
                    let part = Part::of_scan(&scan);
                    self.scans.push(scan);
                    self.view_of_scan.push(self.views.len());
                    part
                }
            };
            if let Some(times) = self.times.filter(|_| is_bounded) {
                part.keep_to(&table.name, times)?;
            }
            parts.push(part);
        }
        if !parts.is_empty() || has_no_rows {
            self.views.push(View::new(table.name, parts));
        }
        Ok(())
    }

    /// Gives the parameters of all statements values: `$name` stands for the one of this name.
    pub fn set_parameters(&mut self, parameters: Parameters) {
        self.parameters = parameters;
    }

    /// The columns that a table lacks: those that no source has, and no lookup brings.
    pub fn lacks<'c>(&self, table: &str, columns: &'c [String]) -> Vec<&'c str> {
        let Some(view) = self.views.iter().find(|view| view.name().eq_ignore_ascii_case(table)) else {
            return Vec::new();
        };
        let lacks = |column: &&String| !view.has(column, &self.scans);
        columns.iter().filter(lacks).map(String::as_str).collect()
    }

    /// Gives a table columns that it lacks, with a type each. They are null.
    pub fn lend(&mut self, table: &str, columns: &[(&str, &str)]) {
        if let Some(view) = self.views.iter_mut().find(|view| view.name().eq_ignore_ascii_case(table)) {
            view.lend(columns);
            self.made_for.take();
        }
    }

    /// Makes the views, and lists the files behind them, unless both are as they should be already.
    /// Of the view `counts` the files are left out of which the number of rows is known, and it is given.
    fn create_views(
        &self,
        with_hidden: bool,
        wanted: Vec<Wanted>,
        counts: Option<usize>,
    ) -> Result<u64, QueryError> {
        let mut counted = 0;
        let mut made_for = self.made_for.borrow_mut();
        let (was_hidden, were_wanted) = made_for.take().unzip();
        if were_wanted.as_ref() != Some(&wanted) || counts.is_some() {
            for (at, (view, wanted)) in self.views.iter().zip(&wanted).enumerate() {
                match counts == Some(at) {
                    true => counted = view.choose_uncounted(&self.connection, self.times())?,
                    false => view.choose(&self.connection, self.times(), wanted)?,
                }
            }
            for (scan, at) in self.scans.iter().zip(&self.view_of_scan) {
                let one = wanted[*at].as_ref().filter(|any| any.len() == 1);
                scan.narrow(one.map_or(&[] as &[Condition], |any| &any[0]));
            }
        }
        if (was_hidden, were_wanted.as_ref()) != (Some(with_hidden), Some(&wanted)) {
            let made = self
                .views
                .iter()
                .zip(&wanted)
                .map(|(view, wanted)| view.create(with_hidden, wanted, self.since.get()));
            let made = self.connection.execute_batch(&made.collect::<String>());
            made.map_err(|error| self.error(error).without_place())?;
        }
        if counts.is_none() {
            *made_for = Some((with_hidden, wanted));
        }
        Ok(counted)
    }

    /// What the statement wants of each view, as far as that is known before it runs.
    fn wanted(&self, parsed: &Value) -> Vec<Wanted> {
        let kinds: Vec<_> = self.views.iter().map(|view| |name: &str| view.kind(name)).collect();
        let columns = self.views.iter().zip(&kinds);
        let tables: Vec<Columns<'_>> =
            columns.map(|(view, kind)| Columns { table: view.name(), kind }).collect();
        bounds::wanted(&self.connection, parsed, &tables)
    }

    /// From now on tables with a column `time` have only the rows from this moment on, in microseconds since
    /// the epoch; all rows again with none.
    ///
    /// # Errors
    /// A table whose `time` is none.
    pub fn keep_since(&self, since: Option<i64>) -> Result<(), QueryError> {
        self.since.set(since);
        self.made_for.take();
        self.create_views(false, vec![None; self.views.len()], None).map_err(QueryError::without_place)?;
        Ok(())
    }

    /// The rows that are asked for, from when to before when.
    fn times(&self) -> Option<(i64, i64)> {
        let (Some(since), (from, until)) = (self.since.get(), self.times.unwrap_or((i64::MIN, i64::MAX)))
        else {
            return self.times;
        };
        Some((since.max(from), until))
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
        macros::define(&self.connection, sql)?;
        rollup::define(&self.connection, sql, self.views.iter().any(View::has_histograms))?;
        let query = gate::without_explain(sql);
        let parsed = gate::parse(&self.connection, query)?;
        let wanted = self.wanted(&parsed);
        let utc = !functions::knows_no_zone(sql);
        let counts = bounds::only_counts(&parsed, self.views.iter().map(View::name));
        if let Some((at, alias)) = counts.filter(|(at, _)| query == sql && self.views[*at].is_stored()) {
            let known = self.create_views(false, wanted, Some(at))?;
            let (table, alias) = (identifier(self.views[at].name()), identifier(&alias));
            let sql = format!("select count(*) + {known}::bigint as {alias} from {table}");
            let statement = self.connection.prepare(&sql).map_err(|error| self.error(error))?;
            return Ok(Prepared { engine: self, statement, utc });
        }
        self.create_views(false, wanted.clone(), None)?;
        let statement = match self.connection.prepare(sql) {
            Err(error) if self.misses_hidden(&error) => {
                self.create_views(true, wanted, None)?;
                self.prepare_with_hidden(sql)?
            }
            // While parameters have no values DuckDB may not have looked at all columns.
            Ok(statement) if statement.parameter_count() > 0 && self.names_hidden(sql) => {
                drop(statement);
                self.create_views(true, wanted, None)?;
                self.prepare_with_hidden(sql)?
            }
            statement => statement.map_err(|error| self.error(error))?,
        };
        Ok(Prepared { engine: self, statement, utc })
    }

    /// How DuckDB would go about a statement, as a drawing.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn plan(&self, sql: &str) -> Result<String, QueryError> {
        drop(self.prepare(sql)?);
        self.explained(&format!("explain {sql}"))
    }

    /// What an `explain` answers.
    fn explained(&self, sql: &str) -> Result<String, QueryError> {
        let mut prepared = self.prepare(sql)?;
        let values = self.parameters.of(&prepared.statement)?;
        let mut rows = prepared.statement.query(&bind(&values)[..]).map_err(|error| self.error(error))?;
        let mut plan = String::new();
        while let Some(row) = rows.next()? {
            plan.push_str(&row.get::<_, String>(1)?);
        }
        Ok(plan)
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
        let explained = if explain { sql.to_owned() } else { format!("explain (format json) {sql}") };
        let plan = self.explained(&explained)?;
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

    /// What tells another thread how far a running statement is.
    pub fn progress(&self) -> Progress {
        Progress(self.connection.progress_handle())
    }

    /// What stops a running statement from another thread.
    pub fn interrupt(&self) -> Interrupt {
        Interrupt(self.connection.interrupt_handle())
    }

    fn names_hidden(&self, sql: &str) -> bool {
        let sql = sql.to_ascii_lowercase();
        self.views.iter().flat_map(View::hidden).any(|name| sql.contains(&name.to_ascii_lowercase()))
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
