//! Rows from outside of DuckDB: record batches of the columns that a statement asks for.
//!
//! A table function per scan, in the crate's own safe wrapper. It may be called by several threads at
//! once; each takes what is left of a batch, up to DuckDB's 2,048 rows. The function's first column is
//! one that no view shows: DuckDB asks for it when it only counts rows, and then nothing else is built.

use crate::bounds::Condition;
use arrow_array::{Array, ArrayRef, Int8Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use duckdb::{
    Connection,
    core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId},
    vtab::{
        BindInfo, InitInfo, TableFunctionInfo, VTab, record_batch_to_duckdb_data_chunk,
        to_duckdb_logical_type,
    },
};
use std::{
    collections::HashMap,
    error::Error,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Why a scan failed.
pub type ScanError = Box<dyn Error + Send + Sync>;

/// Rows from outside of DuckDB.
pub trait Scan: Send + Sync {
    /// The columns: of the types `Timestamp(Microsecond)`, integers, floats, `Boolean`, `Utf8`, `Date32`.
    /// A timestamp with a zone is shown as the same instant in UTC, without one.
    fn schema(&self) -> SchemaRef;

    /// How many of the columns, from the last one on, can only be named, and are not among `*`: those that
    /// cost something, or mostly are null.
    fn named_only(&self) -> usize {
        0
    }

    /// Tells what the next statement asks of single columns: rows for which not all of it holds need not be
    /// given, and may be. It is told before each statement; nothing at all where all rows may be wanted.
    fn narrow(&self, _conditions: &[Condition]) {}
    /// Whether a column that can only be named has values: what looks it up is there.
    fn brings(&self, _column: &str) -> bool {
        true
    }

    /// Starts one pass over all rows. Its batches have the columns of these positions in the schema, in
    /// this order; none at all when rows are only counted.
    ///
    /// # Errors
    /// What keeps the pass from beginning; it ends the query.
    fn start(&self, columns: &[usize]) -> Result<Box<dyn Batches>, ScanError>;
}

/// One pass over the rows. Dropping it ends the pass.
pub trait Batches: Send + Sync {
    /// The next batch; waits for it. `None` at the end, and from then on. Several threads may call.
    fn next(&self) -> Option<Result<RecordBatch, ScanError>>;
}

/// The rows that DuckDB takes at a time.
const VECTOR: usize = 2048;

/// The scans of all engines of the process, by a number that is the table function's only argument.
static REGISTRY: LazyLock<Mutex<HashMap<u64, Arc<Entry>>>> = LazyLock::new(Mutex::default);
static NEXT: AtomicU64 = AtomicU64::new(1);

struct Entry {
    scan: Arc<dyn Scan>,
    /// Why a pass failed: DuckDB keeps only the text of an error.
    failure: Mutex<Option<ScanError>>,
}

/// A scan that DuckDB knows, until this is dropped.
pub(crate) struct Registered {
    token: u64,
    function: String,
    entry: Arc<Entry>,
}

impl Registered {
    /// Makes a scan known to DuckDB as its `at`th.
    pub(crate) fn new(connection: &Connection, at: usize, scan: &Arc<dyn Scan>) -> duckdb::Result<Self> {
        Self::named(connection, format!("weblog_scan_{at}"), scan)
    }

    /// Makes a scan known to DuckDB under this name.
    pub(crate) fn named(
        connection: &Connection,
        function: String,
        scan: &Arc<dyn Scan>,
    ) -> duckdb::Result<Self> {
        let token = NEXT.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::new(Entry { scan: Arc::clone(scan), failure: Mutex::default() });
        lock(&REGISTRY).insert(token, Arc::clone(&entry));
        connection.register_table_function::<ScanTable>(&function)?;
        Ok(Registered { token, function, entry })
    }

    /// The name of the table function.
    pub(crate) fn function(&self) -> &str {
        &self.function
    }

    /// The call of the table function that gives the rows.
    pub(crate) fn call(&self) -> String {
        format!("{}({}::ubigint)", self.function, self.token)
    }

    /// The columns.
    pub(crate) fn schema(&self) -> SchemaRef {
        self.entry.scan.schema()
    }

    /// Tells what the next statement asks.
    pub(crate) fn narrow(&self, conditions: &[Condition]) {
        self.entry.scan.narrow(conditions);
    }

    /// How many of the columns are not among `*`.
    pub(crate) fn named_only(&self) -> usize {
        self.entry.scan.named_only()
    }

    /// Whether a column that is not among `*` has values.
    pub(crate) fn brings(&self, column: &str) -> bool {
        self.entry.scan.brings(column)
    }

    /// Why a pass failed, once.
    pub(crate) fn take_failure(&self) -> Option<ScanError> {
        lock(&self.entry.failure).take()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        lock(&REGISTRY).remove(&self.token);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The table function.
struct ScanTable;

/// One pass, shared by DuckDB's threads.
struct Pass {
    /// Positions in the scan's schema, in the order of DuckDB's columns; `None` is the hidden one.
    columns: Vec<Option<usize>>,
    batches: OnceLock<Box<dyn Batches>>,
    starting: Mutex<()>,
    /// What is left of batches that were taken.
    left: Mutex<Vec<RecordBatch>>,
}

impl VTab for ScanTable {
    type InitData = Pass;
    type BindData = Arc<Entry>;

    fn bind(bind: &BindInfo) -> Result<Arc<Entry>, Box<dyn Error>> {
        let token = bind.get_parameter(0).to_uint64();
        let entry = lock(&REGISTRY).get(&token).cloned().ok_or("there is no such scan")?;
        bind.add_result_column(HIDDEN, LogicalTypeHandle::from(LogicalTypeId::Tinyint));
        for field in entry.scan.schema().fields() {
            bind.add_result_column(field.name(), to_duckdb_logical_type(&shown_type(field.data_type()))?);
        }
        Ok(entry)
    }

    fn init(init: &InitInfo) -> Result<Pass, Box<dyn Error>> {
        // DuckDB takes as many threads as it has, and no more.
        init.set_max_threads(1024);
        let columns = init.get_column_indices().into_iter();
        let columns = columns.map(|at| usize::try_from(at).ok().and_then(|at| at.checked_sub(1))).collect();
        Ok(Pass { columns, batches: OnceLock::new(), starting: Mutex::default(), left: Mutex::default() })
    }

    fn func(call: &TableFunctionInfo<Self>, output: &mut DataChunkHandle) -> Result<(), Box<dyn Error>> {
        let (entry, pass) = (call.get_bind_data(), call.get_init_data());
        match pass.next(&*entry.scan) {
            None => output.set_len(0),
            Some(Ok(batch)) => record_batch_to_duckdb_data_chunk(&batch, output)?,
            Some(Err(error)) => {
                let message = error.to_string();
                lock(&entry.failure).get_or_insert(error);
                return Err(message.into());
            }
        }
        Ok(())
    }

    fn supports_pushdown() -> bool {
        true
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeHandle::from(LogicalTypeId::UBigint)])
    }
}

/// The column that no view shows.
const HIDDEN: &str = "weblog_row";

impl Pass {
    /// The next rows, in DuckDB's columns.
    fn next(&self, scan: &dyn Scan) -> Option<Result<RecordBatch, ScanError>> {
        let batches = match self.batches(scan) {
            Ok(batches) => batches,
            Err(error) => return Some(Err(error)),
        };
        loop {
            let left = lock(&self.left).pop();
            let batch = match left.map(Ok).or_else(|| batches.next())? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(error)),
            };
            if batch.num_rows() > VECTOR {
                lock(&self.left).push(batch.slice(VECTOR, batch.num_rows() - VECTOR));
            }
            if batch.num_rows() > 0 {
                return Some(self.arrange(&batch.slice(0, batch.num_rows().min(VECTOR))));
            }
        }
    }

    /// The batches of this pass, which begins with the first call.
    fn batches(&self, scan: &dyn Scan) -> Result<&dyn Batches, ScanError> {
        if self.batches.get().is_none() {
            let _one_at_a_time = lock(&self.starting);
            if self.batches.get().is_none() {
                let columns: Vec<usize> = self.columns.iter().flatten().copied().collect();
                let _ = self.batches.set(scan.start(&columns)?);
            }
        }
        self.batches.get().map(|batches| &**batches).ok_or_else(|| "the scan did not start".into())
    }

    /// The scan's columns, with the hidden one where DuckDB asks for it.
    fn arrange(&self, batch: &RecordBatch) -> Result<RecordBatch, ScanError> {
        if self.columns.iter().all(Option::is_some) {
            return Ok(batch.clone());
        }
        let rows = batch.num_rows();
        let mut built = batch.columns().iter();
        let hidden: ArrayRef = Arc::new(Int8Array::from(vec![0; rows]));
        let columns = self.columns.iter().map(|column| match column {
            Some(_) => built.next().cloned(),
            None => Some(Arc::clone(&hidden)),
        });
        let columns = columns.collect::<Option<Vec<_>>>().ok_or("the scan gave too few columns")?;
        let fields = columns.iter().map(|column| Field::new("", column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }
}

/// The type under which SQL sees a column: instants are plain times in UTC.
fn shown_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, None),
        other => other.clone(),
    }
}
