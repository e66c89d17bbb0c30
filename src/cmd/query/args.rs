//! The command line of `weblog query`.

use crate::{
    enriching::GeoArgs,
    options::{AccountArgs, InputArgs, ReadArgs, RunArgs, TimeArgs, When, size},
    output::{is_terminal, terminal_width},
};
use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use std::{ffi::OsString, path::PathBuf};
use weblog_query::output::Form;

/// Ask datasets, Parquet files and raw logs in SQL
#[derive(clap::Args)]
#[command(
    before_help = "Examples:
  weblog query \"select status, count(*) from logs group by 1\" access.log.1.gz
  weblog query -t csv \"select * from logs where country = 'DE'\" logs/ > de.csv
  cat access.log | weblog query \"select path from logs where status >= 500\"\n\n",
    override_usage = "weblog query [OPTIONS] SQL [PATH]..."
)]
pub struct Args {
    /// The statement, and where `logs` is: datasets, Parquet, raw logs
    #[arg(value_name = "SQL PATH", num_args = 0..)]
    pub(super) words: Vec<OsString>,

    /// Another place, or NAME=PATH for another table
    #[arg(long, value_name = "PLACE")]
    pub(super) from: Vec<OsString>,

    /// ndjson json csv tsv table markdown arrow parquet
    #[arg(short, long, value_name = "TO", hide_possible_values = true)]
    pub(super) to: Option<To>,

    /// Leave the header of csv or tsv out
    #[arg(long)]
    pub(super) no_header: bool,

    /// Write to a file that appears when it is done
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Keep spreadsheets from running csv or tsv cells
    #[arg(long)]
    pub(super) csv_safe: bool,

    /// Colour: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) color: When,

    /// Let the SQL write files and read any
    #[arg(long)]
    pub(super) trust_sql: bool,

    /// Memory before it spills to disk [half, 8G at most]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub(super) memory: Option<usize>,

    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    pub(super) geo: GeoArgs,
    #[command(flatten)]
    pub(super) account: AccountArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum To {
    Ndjson,
    Json,
    Csv,
    Tsv,
    Table,
    Markdown,
    Arrow,
    Parquet,
}

impl Args {
    /// The statement, and the paths behind it.
    pub(super) fn statement(&self) -> Result<(String, &[OsString])> {
        const EXAMPLE: &str = "weblog query \"select status, count(*) from logs group by 1\" access.log";
        let Some((sql, paths)) = self.words.split_first() else { bail!("give a statement: {EXAMPLE}") };
        let Some(sql) = sql.to_str() else { bail!("the statement is not UTF-8") };
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !sql.is_empty() && sql.chars().all(is_word) {
            bail!("there is no question named `{sql}`, as yet there are none; write SQL: {EXAMPLE}");
        }
        ensure!(
            !std::path::Path::new(sql).exists(),
            "the statement comes first, then the place; `{sql}` is a file: {EXAMPLE}"
        );
        Ok((sql.to_owned(), paths))
    }

    pub(super) fn form(&self) -> Result<Form> {
        let people = self.output.is_none() && is_terminal();
        let to = self.to.unwrap_or(if people { To::Table } else { To::Ndjson });
        Ok(match to {
            To::Ndjson => Form::Ndjson,
            To::Json => Form::Json,
            To::Csv => Form::Csv,
            To::Tsv => Form::Tsv,
            To::Markdown => Form::Markdown,
            To::Table => {
                let width = people.then(terminal_width).or_else(columns_of_environment);
                Form::Table { width, colour: self.output.is_none() && self.color.on() }
            }
            To::Arrow => {
                ensure!(!people, "an Arrow stream is no text for a terminal: send it to a file or a pipe");
                Form::Arrow
            }
            To::Parquet => {
                ensure!(
                    self.output.is_some(),
                    "a Parquet file is not written to a pipe: name it with -o FILE"
                );
                Form::Parquet
            }
        })
    }

    pub(super) fn input(&self, inputs: Vec<OsString>) -> InputArgs {
        InputArgs { inputs, read: self.read.clone(), times: TimeArgs::default() }
    }

    pub(super) fn has_no_books(&self) -> bool {
        self.account.rejects.is_none() && self.account.ledger.is_none() && !self.account.strict
    }
}

/// The width that somebody asks for where there is no terminal.
fn columns_of_environment() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0)
}
