//! The command line of `weblog query`.

use super::shell;
use crate::{
    as_of::AsOf,
    enriching::GeoArgs,
    options::{AccountArgs, InputArgs, ReadArgs, RunArgs, TimeArgs, When, size},
    output::{is_terminal, is_utf8, terminal_height, terminal_width},
};
use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use std::{ffi::OsString, path::PathBuf};
use weblog_filter::Clock;
use weblog_query::output::{ChartHint, Form, Look};

/// Ask datasets, Parquet files and raw logs in SQL
#[derive(clap::Args)]
#[command(
    before_help = "Examples:
  weblog query top-pages --param limit=5 logs/
  weblog query -t csv \"select * from logs where country = 'DE'\" logs/ > de.csv
\n",
    override_usage = "weblog query [OPTIONS] [SQL|NAME] [PATH]..."
)]
pub struct Args {
    /// A statement or a named question, and where `logs` is
    #[arg(value_name = "SQL PATH", num_args = 0..)]
    pub(super) words: Vec<OsString>,

    /// List the named questions
    #[arg(long, conflicts_with_all = ["show", "explain"])]
    pub(super) list: bool,

    /// Show the SQL of a named question
    #[arg(long, value_name = "NAME", conflicts_with = "explain")]
    pub(super) show: Option<String>,

    /// Tell about a question, or how a statement runs
    #[arg(long)]
    pub(super) explain: bool,

    /// Give the parameter $N a value
    #[arg(long, value_name = "N=VALUE")]
    pub(super) param: Vec<String>,

    /// Directory of more named questions
    #[arg(long, value_name = "DIR", env = "WEBLOG_QUESTIONS", hide_env = true)]
    pub(super) questions: Option<PathBuf>,

    /// Another place, or NAME=PATH for another table
    #[arg(long, value_name = "PLACE")]
    pub(super) from: Vec<OsString>,

    /// A table N from a file: CSV, JSON, Parquet, DuckDB
    #[arg(long, value_name = "N=FILE")]
    pub(super) attach: Vec<OsString>,

    /// Datasets as they were: a version, or a time like 7d
    #[arg(long, value_name = "WHEN")]
    pub(super) as_of: Option<AsOf>,

    /// ndjson json csv tsv table chart markdown arrow parquet
    #[arg(short, long, value_name = "TO", hide_possible_values = true)]
    pub(super) to: Option<To>,

    /// auto bars time heat map number, or bars:path,hits
    #[arg(long, value_name = "KIND")]
    pub(super) chart: Option<ChartHint>,

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

    /// Never page what is longer than the screen
    #[arg(long)]
    pub(super) no_pager: bool,

    /// Let the SQL write files and read any
    #[arg(long)]
    pub(super) trust_sql: bool,

    /// Memory before it spills to disk [half, 8G at most]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub(super) memory: Option<usize>,

    #[command(flatten)]
    pub(super) times: TimeArgs,
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
    Chart,
    Markdown,
    Arrow,
    Parquet,
}

impl Args {
    /// The statement, and the paths behind it. Without a statement and on a terminal there is none, and the
    /// shell asks for some.
    pub(super) fn statement(&self) -> Result<(Option<String>, &[OsString])> {
        let is_place = |word: &OsString| std::path::Path::new(word).exists();
        if self.words.first().is_none_or(is_place) && shell::is_possible() {
            ensure!(self.output.is_none(), "--output needs a statement, or .output in the shell");
            ensure!(self.param.is_empty() && !self.explain, "--param and --explain need a statement");
            return Ok((None, &self.words));
        }
        let Some((sql, paths)) = self.words.split_first() else { bail!("give a statement: {EXAMPLE}") };
        ensure!(
            !is_place(sql),
            "the statement or the name of a question comes first, then the place; `{}` is a file: {EXAMPLE}",
            sql.to_string_lossy()
        );
        let Some(sql) = sql.to_str() else { bail!("the statement is not UTF-8") };
        Ok((Some(sql.to_owned()), paths))
    }

    pub(super) fn form(&self) -> Result<Form> {
        self.form_of(self.to, self.output.is_some())
    }

    /// The form of an answer, as it is asked for and by where it goes.
    pub(super) fn form_of(&self, to: Option<To>, to_file: bool) -> Result<Form> {
        let people = !to_file && is_terminal();
        let to = match (&self.chart, to) {
            (Some(_), None) => To::Chart,
            (Some(_), Some(to)) => {
                ensure!(to == To::Chart, "--chart says what to draw: it goes with -t chart only");
                to
            }
            (None, to) => to.unwrap_or(if people { To::Table } else { To::Ndjson }),
        };
        Ok(match to {
            To::Ndjson => Form::Ndjson,
            To::Json => Form::Json,
            To::Csv => Form::Csv,
            To::Tsv => Form::Tsv,
            To::Markdown => Form::Markdown,
            To::Table => Form::Table(self.look(people, to_file)),
            To::Chart => Form::Chart(self.look(people, to_file)),
            To::Arrow => {
                ensure!(!people, "an Arrow stream is no text for a terminal: send it to a file or a pipe");
                Form::Arrow
            }
            To::Parquet => {
                ensure!(to_file, "a Parquet file is not written to a pipe: name it with -o FILE");
                Form::Parquet
            }
        })
    }

    /// What the terminal shows, or what stands for it. `people`: it is one.
    fn look(&self, people: bool, to_file: bool) -> Look {
        Look {
            width: people.then(terminal_width).or_else(columns_of_environment),
            height: if people { terminal_height() } else { None },
            colour: !to_file && self.color.on(),
            people,
            unicode: is_utf8(),
        }
    }

    pub(super) fn input(&self, inputs: Vec<OsString>) -> InputArgs {
        InputArgs { inputs, read: self.read.clone(), times: self.times }
    }

    pub(super) fn as_of(&self) -> Option<(AsOf, Clock)> {
        self.as_of.map(|as_of| (as_of, self.read.clock()))
    }

    pub(super) fn has_no_books(&self) -> bool {
        self.account.rejects.is_none() && self.account.ledger.is_none() && !self.account.strict
    }
}

const EXAMPLE: &str = "weblog query \"select status, count(*) from logs group by 1\" access.log";

/// The width that somebody asks for where there is no terminal.
fn columns_of_environment() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0)
}
