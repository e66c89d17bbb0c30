//! Rows as bytes: NDJSON, JSON, CSV, TSV, a table, Markdown, Arrow, Parquet.

use crate::value::{Column, is_number, key};
use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use parquet::{
    arrow::ArrowWriter, basic::Compression, errors::ParquetError, file::properties::WriterProperties,
};
use relabel::{for_parquet, relabelled, with_zone};
use std::{fmt, sync::Arc};
use weblog_wire::{Columns, csv};

mod chart;
mod look;
mod relabel;
mod spark;
mod table;
mod unit;

pub use chart::{ChartHint, ChartKind};
pub use look::Look;
pub(crate) use spark::sparkline;
pub use unit::count;

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
    Table(Look),
    /// A chart out of characters, or a table where none fits.
    Chart(Look),
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
    /// The chart that is asked for cannot be drawn: why.
    Chart(String),
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputError::Arrow(error) => write!(f, "cannot write this as Arrow: {error}"),
            OutputError::Parquet(error) => write!(f, "cannot write this as Parquet: {error}"),
            OutputError::Chart(why) => f.write_str(why),
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
    Chart(Box<chart::Chart>),
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
            Form::Arrow => with_zone(schema, options.utc),
            Form::Parquet => for_parquet(&with_zone(schema, options.utc))?,
            _ => Arc::clone(schema),
        };
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        let mut sink = match form {
            Form::Ndjson => Sink::Ndjson,
            Form::Json => Sink::Json,
            Form::Csv => Sink::Csv(csv::Writer::new(csv::Separator::Comma, none).safe(options.safe)),
            Form::Tsv => Sink::Csv(csv::Writer::new(csv::Separator::Tab, none).safe(options.safe)),
            Form::Table(look) => Sink::Table(table::Table::new(&schema, look)),
            Form::Chart(look) => Sink::Chart(Box::new(chart::Chart::new(&schema, look, options.utc))),
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

    /// Asks for a kind of chart and for what it shows. Other forms do not care.
    pub fn hint(&mut self, hint: ChartHint) {
        if let Sink::Chart(chart) = &mut self.sink {
            chart.hint(hint);
        }
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
                self.rows += batch.num_rows() as u64;
                return Ok(());
            }
            Sink::Parquet(writer) => {
                writer.write(&relabelled(batch, &self.schema)?)?;
                out.append(writer.inner_mut());
                self.rows += batch.num_rows() as u64;
                return Ok(());
            }
            Sink::Chart(chart) => {
                self.rows += batch.num_rows() as u64;
                return chart.write(batch, out);
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
            Sink::Chart(_) | Sink::Arrow(_) | Sink::Parquet(_) => {}
        }
    }

    /// How many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends what stands behind the last row. Gives a sentence for people when the form is not the one
    /// that was asked for: a table where no chart fits.
    ///
    /// # Errors
    /// As [`Writer::write`], and for a chart that was asked for and cannot be drawn.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<Option<&'static str>, OutputError> {
        match self.sink {
            Sink::Chart(chart) => return chart.finish(out),
            Sink::Ndjson | Sink::Csv(_) | Sink::Markdown => {}
            Sink::Json => out.extend_from_slice(if self.rows == 0 { b"[]\n" } else { b"\n]\n" }),
            Sink::Table(table) => table.finish(out),
            Sink::Arrow(mut writer) => {
                writer.finish()?;
                out.append(writer.get_mut());
            }
            Sink::Parquet(writer) => out.extend(writer.into_inner()?),
        }
        Ok(None)
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

/// Whether values of a column stand at its right edge.
fn is_right(field: &Field) -> bool {
    is_number(field.data_type())
}
