//! Tables of the user's own, to be joined to records.

use crate::exit::say;
use anyhow::{Context, Result};
use arrow_array::{Array, RecordBatch};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};
use weblog_enrich::lookup::{Builder, Cell, Limits, On, Pick, Table};
use weblog_io::{ByteReader, Input, RunOptions};
use weblog_store::foreign;

/// Opens a table: Parquet, or CSV, TSV or NDJSON, compressed or not.
pub fn open(path: &Path, on: &On, picks: &[Pick]) -> Result<Table> {
    let mut input = Input::new();
    input.add_path(path.to_owned());
    let options = RunOptions::default();
    let mut reader = BufReader::new(ByteReader::new(&mut input, &options));
    let table = if reader.fill_buf().context("cannot read it")?.starts_with(b"PAR1") {
        read_parquet(path, on, picks)?
    } else {
        let table = Table::read(&mut reader, on, picks, Limits::default());
        drop(reader);
        if let Some(problem) = input.problems().first() {
            anyhow::bail!("{problem}");
        }
        table?
    };
    Ok(table)
}

fn read_parquet(path: &Path, on: &On, picks: &[Pick]) -> Result<Table> {
    let mut builder = Builder::new(on, picks, Limits::default());
    let mut line = 0;
    for batch in foreign::rows(File::open(path)?)? {
        add(&batch?, &mut builder, &mut line)?;
    }
    Ok(builder.finish()?)
}

/// Adds the rows of a batch. Numbers and truth values tell their kind by how they look.
fn add(batch: &RecordBatch, builder: &mut Builder, line: &mut u64) -> Result<()> {
    let schema = batch.schema();
    let mut columns = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if let Some(texts) = foreign::texts(column)? {
            columns.push((builder.column(field.name())?, foreign::is_text(field.data_type()), texts));
        }
    }
    builder.complete()?;
    for row in 0..batch.num_rows() {
        *line += 1;
        let cells: Vec<(usize, Cell<'_>)> = columns
            .iter()
            .filter_map(|(at, is_text, texts)| {
                let text = texts.is_valid(row).then(|| texts.value(row))?;
                Some((*at, if *is_text { Cell::Text(text) } else { Cell::Plain(text) }))
            })
            .collect();
        builder.add(*line, &cells)?;
    }
    Ok(())
}

/// Says what of a table is not used.
pub fn tell(command: &str, path: &Path, table: &Table) {
    if let Some(faults) = table.faults() {
        say(command, &format!("{}: {faults}", path.display()));
    }
    match table.duplicates() {
        0 => {}
        1 => say(command, &format!("{}: 1 row left out, an earlier one has its key", path.display())),
        count => {
            say(command, &format!("{}: {count} rows left out, earlier ones have their keys", path.display()))
        }
    }
}
