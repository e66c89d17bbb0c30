//! Tables to ask, and answers as text.

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use std::{
    fs::{self, File},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use weblog_query::{
    Batches, Condition, Engine, EngineOptions, QueryError, Scan, ScanError, Source, StoredFile, Table,
    output::{Form, Options, Writer},
};

/// 2025-01-01T00:00:00Z
pub const NEW_YEAR: i64 = 1_735_689_600_000_000;

pub fn options() -> EngineOptions {
    EngineOptions { threads: 2, memory: 1 << 30, trust_sql: false, times: None }
}

pub fn engine(sources: Vec<Source>) -> Engine {
    try_engine(sources, &options()).unwrap()
}

pub fn try_engine(sources: Vec<Source>, options: &EngineOptions) -> Result<Engine, QueryError> {
    Engine::open(options, vec![Table { name: "logs".into(), sources }])
}

pub fn ask(engine: &Engine, sql: &str) -> Result<String, QueryError> {
    ask_as(engine, sql, Form::Csv)
}

pub fn ask_as(engine: &Engine, sql: &str, form: Form) -> Result<String, QueryError> {
    let mut prepared = engine.prepare(sql)?;
    let rows = prepared.run()?;
    let mut out = Vec::new();
    let options = Options { header: false, safe: false, utc: rows.times_are_utc() };
    let mut writer = Writer::new(form, rows.schema(), options, &mut out).unwrap();
    for batch in rows {
        writer.write(&batch?, &mut out).unwrap();
    }
    writer.finish(&mut out).unwrap();
    Ok(String::from_utf8(out).unwrap())
}

/// What is said about a statement that fails.
pub fn complaint(engine: &Engine, sql: &str) -> String {
    match ask(engine, sql) {
        Ok(answer) => panic!("{sql}: an answer: {answer}"),
        Err(error) => error.to_string(),
    }
}

pub fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

pub fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    let field = |(name, kind): &(&str, DataType)| Field::new(*name, kind.clone(), true);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// Columns of a log: `time` a second apart, `status` 200 or 404 or null, `path`.
pub fn log_schema() -> SchemaRef {
    schema(&[("time", instant()), ("status", DataType::Int64), ("path", DataType::Utf8)])
}

pub fn log_batch(first: i64, rows: i64) -> RecordBatch {
    let seconds = first..first + rows;
    let status = |n: i64| [Some(200), Some(404), None][n as usize % 3];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(
            seconds
                .clone()
                .map(|n| Some(NEW_YEAR + n * 1_000_000))
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        ),
        Arc::new(seconds.clone().map(status).collect::<Int64Array>()),
        Arc::new(seconds.map(|n| Some(format!("/a/{n}"))).collect::<StringArray>()),
    ];
    RecordBatch::try_new(log_schema(), columns).unwrap()
}

pub fn write_parquet(path: &Path, batch: &RecordBatch) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1_000)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

/// A dataset of three days of 10,000 seconds each; the last day's file has a column more, and no status.
pub fn dataset(root: &Path) -> Source {
    let mut files: Vec<StoredFile> = Vec::new();
    for day in 0..3 {
        let file = root.join(format!("year=2025/month=01/day={:02}/part-{day}.parquet", day + 1));
        let batch = log_batch(day * 86_400, 10_000);
        let batch = if day == 2 { with_country(&batch) } else { batch };
        write_parquet(&file, &batch);
        let number = day + 1;
        // A file of an older or newer commit need not have a column.
        let status = if day == 2 { "" } else { r#","status":404"# };
        let stats = format!(
            r#"{{"numRecords":10000,"minValues":{{"time":"2025-01-0{number}T00:00:00.000Z"{}}},
                "maxValues":{{"time":"2025-01-0{number}T02:46:39.000Z"{status}}},"nullCount":{{"time":0}}}}"#,
            status.replace("404", "200"),
        );
        let day = ["2025".into(), "01".into(), format!("{:02}", day + 1)];
        files.push(StoredFile {
            path: file,
            partition: day.map(Some).to_vec(),
            rows: Some(10_000),
            stats: Some(stats),
        });
    }
    let columns = [
        ("time", instant()),
        ("status", DataType::Int64),
        ("path", DataType::Utf8),
        ("country", DataType::Utf8),
    ];
    Source::Dataset {
        root: root.to_owned(),
        files,
        schema: schema(&columns),
        partitions: ["year", "month", "day"].map(String::from).to_vec(),
    }
}

fn with_country(batch: &RecordBatch) -> RecordBatch {
    let country: ArrayRef = Arc::new((0..batch.num_rows()).map(|_| Some("IT")).collect::<StringArray>());
    let columns = vec![batch.column(0).clone(), batch.column(2).clone(), country];
    let schema = schema(&[("time", instant()), ("path", DataType::Utf8), ("country", DataType::Utf8)]);
    RecordBatch::try_new(schema, columns).unwrap()
}

/// A scan over batches in memory that notes what is asked of it.
#[derive(Default)]
pub struct Memory {
    pub schema: Option<SchemaRef>,
    pub batches: Vec<RecordBatch>,
    /// Fails behind the last batch.
    pub fails: Option<String>,
    /// Panics behind the last batch.
    pub panics: bool,
    /// Gives the batches again and again.
    pub endless: bool,
    pub named_only: usize,
    pub asked: Mutex<Vec<Vec<usize>>>,
    pub told: Mutex<Vec<Condition>>,
    pub given: Arc<AtomicUsize>,
    pub ended: Arc<AtomicUsize>,
}

impl Memory {
    pub fn of(batches: Vec<RecordBatch>) -> Self {
        Memory { schema: Some(batches[0].schema()), batches, ..Memory::default() }
    }
}

impl Scan for Memory {
    fn schema(&self) -> SchemaRef {
        self.schema.clone().unwrap()
    }

    fn named_only(&self) -> usize {
        self.named_only
    }

    fn narrow(&self, conditions: &[Condition]) {
        *self.told.lock().unwrap() = conditions.to_vec();
    }

    fn start(&self, columns: &[usize]) -> Result<Box<dyn Batches>, ScanError> {
        self.asked.lock().unwrap().push(columns.to_vec());
        let project = |batch: &RecordBatch| {
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let arrays = columns.iter().map(|at| batch.column(*at).clone()).collect();
            let schema = Arc::new(batch.schema().project(columns).unwrap());
            RecordBatch::try_new_with_options(schema, arrays, &options).unwrap()
        };
        Ok(Box::new(Given {
            batches: self.batches.iter().map(project).collect(),
            next: AtomicUsize::new(0),
            fails: self.fails.clone(),
            panics: self.panics,
            endless: self.endless,
            given: Arc::clone(&self.given),
            ended: Arc::clone(&self.ended),
        }))
    }
}

struct Given {
    batches: Vec<RecordBatch>,
    next: AtomicUsize,
    fails: Option<String>,
    panics: bool,
    endless: bool,
    given: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Batches for Given {
    fn next(&self) -> Option<Result<RecordBatch, ScanError>> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        let at = if self.endless { at % self.batches.len() } else { at };
        match self.batches.get(at) {
            Some(batch) => {
                self.given.fetch_add(1, Ordering::Relaxed);
                Some(Ok(batch.clone()))
            }
            None if self.panics => panic!("a scan that is broken"),
            None => self.fails.clone().map(|message| Err(message.into())),
        }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// One row with a value of each type that scans have, and one of nulls.
pub fn kinds() -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(vec![Some(NEW_YEAR + 1), None]).with_timezone("UTC")),
        Arc::new(Int64Array::from(vec![Some(-7), None])),
        Arc::new(Float64Array::from(vec![Some(0.5), None])),
        Arc::new(BooleanArray::from(vec![Some(true), None])),
        Arc::new(StringArray::from(vec![Some("caf\u{e9} \"x\""), None])),
    ];
    let schema = schema(&[
        ("time", instant()),
        ("int", DataType::Int64),
        ("float", DataType::Float64),
        ("bool", DataType::Boolean),
        ("text", DataType::Utf8),
    ]);
    RecordBatch::try_new(schema, columns).unwrap()
}
