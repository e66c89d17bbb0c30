//! Rows as bytes: NDJSON, JSON, CSV, TSV, a table, Markdown, Arrow, Parquet.

use crate::value::{Column, is_number, key};
use arrow_array::{
    ArrayRef, RecordBatch, RecordBatchOptions, cast::AsArray, types::TimestampMicrosecondType,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::{
    arrow::ArrowWriter, basic::Compression, errors::ParquetError, file::properties::WriterProperties,
};
use std::{fmt, sync::Arc};
use weblog_wire::{Columns, csv};

mod table;

/// The form of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line. What is null is left out.
    Ndjson,
    /// One JSON array of objects. What is null is left out.
    Json,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// A table for people.
    Table {
        /// The width to which lines are cut, in cells of a terminal.
        width: Option<usize>,
        /// Whether the header is bold.
        colour: bool,
    },
    /// A table of Markdown.
    Markdown,
    /// An Arrow IPC stream.
    Arrow,
    /// A Parquet file.
    Parquet,
}

/// What is more to say about the form.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether CSV and TSV begin with a header.
    pub header: bool,
    /// Whether cells of CSV and TSV are kept from being formulas.
    pub safe: bool,
    /// Whether times without a zone are UTC.
    pub utc: bool,
}

/// Rows that have no place in the form.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutputError {
    /// Not as Arrow.
    Arrow(ArrowError),
    /// Not as Parquet.
    Parquet(ParquetError),
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputError::Arrow(error) => write!(f, "cannot write this as Arrow: {error}"),
            OutputError::Parquet(error) => write!(f, "cannot write this as Parquet: {error}"),
        }
    }
}

impl std::error::Error for OutputError {}

impl From<ArrowError> for OutputError {
    fn from(error: ArrowError) -> Self {
        OutputError::Arrow(error)
    }
}

impl From<ParquetError> for OutputError {
    fn from(error: ParquetError) -> Self {
        OutputError::Parquet(error)
    }
}

/// Writes the rows of one answer: appends to a buffer that its caller empties as it likes.
pub struct Writer {
    schema: SchemaRef,
    options: Options,
    sink: Sink,
    rows: u64,
    scratch: String,
}

enum Sink {
    Ndjson,
    Json,
    Csv(csv::Writer),
    Table(table::Table),
    Markdown,
    Arrow(StreamWriter<Vec<u8>>),
    Parquet(Box<ArrowWriter<Vec<u8>>>),
}

impl Writer {
    /// A writer of rows with these columns. Appends what stands before the first row.
    ///
    /// # Errors
    /// A column of a type that the form does not have.
    pub fn new(
        form: Form,
        schema: &SchemaRef,
        options: Options,
        out: &mut Vec<u8>,
    ) -> Result<Self, OutputError> {
        let none = Columns::named([]);
        let schema = match form {
            Form::Arrow | Form::Parquet => with_zone(schema, options.utc),
            _ => Arc::clone(schema),
        };
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        let mut sink = match form {
            Form::Ndjson => Sink::Ndjson,
            Form::Json => Sink::Json,
            Form::Csv => Sink::Csv(csv::Writer::new(csv::Separator::Comma, none).safe(options.safe)),
            Form::Tsv => Sink::Csv(csv::Writer::new(csv::Separator::Tab, none).safe(options.safe)),
            Form::Table { width, colour } => Sink::Table(table::Table::new(&schema, width, colour)),
            Form::Markdown => Sink::Markdown,
            Form::Arrow => Sink::Arrow(StreamWriter::try_new(Vec::new(), &schema)?),
            Form::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(Default::default()))
                    .set_write_page_header_statistics(true)
                    .build();
                Sink::Parquet(Box::new(ArrowWriter::try_new(
                    Vec::new(),
                    Arc::clone(&schema),
                    Some(properties),
                )?))
            }
        };
        match &mut sink {
            Sink::Csv(writer) if options.header => {
                names().enumerate().for_each(|(at, name)| writer.append(at, Some(name), out));
                out.push(b'\n');
            }
            Sink::Markdown => table::markdown_header(&schema, out),
            Sink::Arrow(writer) => out.append(writer.get_mut()),
            _ => {}
        }
        Ok(Writer { schema, options, sink, rows: 0, scratch: String::new() })
    }

    /// Appends the rows of a batch.
    ///
    /// # Errors
    /// A value that the form does not have.
    pub fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), OutputError> {
        match &mut self.sink {
            Sink::Arrow(writer) => {
                writer.write(&relabelled(batch, &self.schema)?)?;
                out.append(writer.get_mut());
                return Ok(());
            }
            Sink::Parquet(writer) => {
                writer.write(&relabelled(batch, &self.schema)?)?;
                out.append(writer.inner_mut());
                return Ok(());
            }
            _ => {}
        }
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns: Vec<Column> =
            columns.map(|(array, field)| Column::new(array, field, self.options.utc)).collect();
        for row in 0..batch.num_rows() {
            self.row(&columns, row, out);
            self.rows += 1;
        }
        Ok(())
    }

    fn row(&mut self, columns: &[Column], row: usize, out: &mut Vec<u8>) {
        match &mut self.sink {
            Sink::Ndjson => {
                object(&self.schema, columns, row, out);
                out.push(b'\n');
            }
            Sink::Json => {
                out.extend_from_slice(if self.rows == 0 { b"[\n" } else { b",\n" });
                object(&self.schema, columns, row, out);
            }
            Sink::Csv(writer) => {
                for (at, column) in columns.iter().enumerate() {
                    let text = (!column.is_null(row)).then(|| column.text(row, &mut self.scratch));
                    writer.append(at, text, out);
                }
                out.push(b'\n');
            }
            Sink::Table(table) => table.row(columns, row, out),
            Sink::Markdown => table::markdown_row(columns, row, out),
            Sink::Arrow(_) | Sink::Parquet(_) => {}
        }
    }

    /// Appends what stands behind the last row.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), OutputError> {
        match self.sink {
            Sink::Ndjson | Sink::Csv(_) | Sink::Markdown => {}
            Sink::Json => out.extend_from_slice(if self.rows == 0 { b"[]\n" } else { b"\n]\n" }),
            Sink::Table(table) => table.finish(out),
            Sink::Arrow(mut writer) => {
                writer.finish()?;
                out.append(writer.get_mut());
            }
            Sink::Parquet(writer) => out.extend(writer.into_inner()?),
        }
        Ok(())
    }
}

fn object(schema: &Schema, columns: &[Column], row: usize, out: &mut Vec<u8>) {
    let start = out.len();
    for (column, field) in columns.iter().zip(schema.fields()) {
        if column.is_in_json(row) {
            out.push(b',');
            key(field.name(), out);
            column.json(row, out);
        }
    }
    // Every member begins with a comma; the first one's place is the brace's.
    match out.get_mut(start) {
        Some(first) => *first = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

/// The columns with plain times as the instants that they are.
fn with_zone(schema: &SchemaRef, utc: bool) -> SchemaRef {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, None) if utc => {
            let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            Arc::new(field.as_ref().clone().with_data_type(instant))
        }
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

fn relabelled(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let column = |(array, field): (&ArrayRef, &Arc<Field>)| -> ArrayRef {
        match array.as_primitive_opt::<TimestampMicrosecondType>() {
            Some(times) if array.data_type() != field.data_type() => {
                Arc::new(times.clone().with_timezone("UTC"))
            }
            _ => Arc::clone(array),
        }
    };
    let columns = batch.columns().iter().zip(schema.fields()).map(column).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}

/// Whether values of a column stand at its right edge.
fn is_right(field: &Field) -> bool {
    is_number(field.data_type())
}
