//! The commands that begin with a dot.

use super::{
    super::{
        args::To,
        catalogue::{Catalogue, Entry},
    },
    Next, Shell,
};
use crate::{
    exit::{say, sentence},
    output::Output,
    stream::distinct_files,
};
use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use std::{fs, path::PathBuf};
use weblog_filter::When;
use weblog_query::{FUNCTIONS, QueryError};

/// The commands, what stands behind each, and what it does.
pub(super) const COMMANDS: &[(&str, &str, &str)] = &[
    ("help", "[functions]", "this list, or the functions that weblog adds to SQL"),
    ("tables", "", "the tables"),
    ("schema", "[TABLE]", "the columns of a table, or of all"),
    ("questions", "", "the named questions; NAME limit=5 asks one"),
    ("show", "NAME", "the SQL of a named question"),
    ("mode", "[FORM]", "write answers as table, ndjson, json, csv, tsv, markdown …"),
    ("timer", "on|off", "say how long each statement took"),
    ("explain", "SQL", "how a statement would run"),
    ("since", "WHEN|off", "only rows from then on: 7d, today, 2025-01-06"),
    ("output", "FILE", "write the next answer to a file"),
    ("read", "FILE", "run the statements of a file"),
    ("quit", "", "the end, as Ctrl-D"),
];

const USE: &str = "\
A statement ends with ; and may have several lines. Tab completes, the arrows and Ctrl-R go back to what
was entered before. Ctrl-C drops a line or ends the statement that runs.
";

impl Shell<'_> {
    /// Runs a command, without its dot.
    pub(super) fn command(&mut self, text: &str) -> Result<Next> {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let done = match (name, rest.trim()) {
            ("quit" | "exit", _) => return Ok(Next::End),
            ("read", file) => return self.read_file(file),
            ("tables", _) => return self.ask(
                "select name as \"table\", len(column_names) as columns from (show all tables) order by 1",
            ),
            ("schema", "") => return self.ask(ALL_COLUMNS),
            ("schema", table) => return self.ask(&format!("describe {}", quoted(table))),
            ("help", topic) => help(topic),
            ("questions", _) => self.list_questions(),
            ("show", name) => self.show(name),
            ("mode", form) => self.mode(form),
            ("timer", word) => self.timer(word),
            ("explain", sql) => self.explain(sql),
            ("since", when) => self.since(when),
            ("output", file) => self.output(file),
            _ => Err(anyhow!("there is no command `.{name}`; .help lists them")),
        };
        match done {
            Ok(()) => Ok(Next::Line),
            Err(error) if crate::exit::is_closed_pipe(&error) => Err(error),
            Err(error) => {
                say("query", &sentence(&error));
                Ok(Next::Failed)
            }
        }
    }

    fn ask(&mut self, sql: &str) -> Result<Next> {
        Ok(if self.statement(sql)? { Next::Line } else { Next::Failed })
    }

    fn read_file(&mut self, file: &str) -> Result<Next> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                say("query", &format!("cannot read {file}: {error}"));
                return Ok(Next::Failed);
            }
        };
        self.read(&text)
    }

    fn list_questions(&self) -> Result<()> {
        let catalogue = Catalogue::load(self.args.questions.as_deref())?;
        let meaning = |entry: &Entry| match &entry.question {
            Ok(question) => question.title.clone(),
            Err(bad) => bad.to_string(),
        };
        let line = |entry: &Entry| format!("{:<24}{}\n", entry.name, meaning(entry));
        print(&catalogue.entries.iter().map(line).collect::<String>())
    }

    fn show(&self, name: &str) -> Result<()> {
        let catalogue = Catalogue::load(self.args.questions.as_deref())?;
        print(&catalogue.find(name)?.0.sql)
    }

    fn mode(&mut self, form: &str) -> Result<()> {
        if form.is_empty() {
            self.to = self.args.to;
            return Ok(());
        }
        let forms: Vec<String> = To::value_variants()
            .iter()
            .filter_map(|to| to.to_possible_value())
            .map(|value| value.get_name().to_owned())
            .collect();
        let to = To::from_str(form, true)
            .map_err(|_| anyhow!("there is no form `{form}`; there are {}", forms.join(", ")))?;
        self.to = Some(to);
        Ok(())
    }

    fn timer(&mut self, word: &str) -> Result<()> {
        self.timer = match word {
            "on" => true,
            "off" => false,
            "" => !self.timer,
            _ => bail!(".timer is on or off"),
        };
        Ok(())
    }

    fn explain(&mut self, sql: &str) -> Result<()> {
        let Some(asked) = self.resolve(sql) else { return Ok(()) };
        match self.engine.plan(&asked.sql) {
            Ok(plan) => print(&plan),
            Err(error) => {
                super::complain(&error);
                Ok(())
            }
        }
    }

    fn since(&self, when: &str) -> Result<()> {
        let since = match when {
            "" | "off" => None,
            when => Some(when.parse::<When>()?.start(self.args.read.clock())),
        };
        self.engine.keep_since(since).map_err(|error: QueryError| anyhow!("{error}"))
    }

    fn output(&mut self, file: &str) -> Result<()> {
        self.output = match file {
            "" => None,
            file => Some(PathBuf::from(file)),
        };
        let checked = distinct_files(self.files, &[(".output", &self.output)]);
        if checked.is_err() {
            self.output = None;
        }
        checked
    }
}

const ALL_COLUMNS: &str = "select table_name as \"table\", column_name as \"column\", data_type as \"type\" \
     from information_schema.columns order by table_name, ordinal_position";

fn help(topic: &str) -> Result<()> {
    let mut text = String::new();
    match topic {
        "" => {
            text.push_str(USE);
            for (name, argument, meaning) in COMMANDS {
                text.push_str(&format!(".{:<22}{meaning}\n", format!("{name} {argument}")));
            }
        }
        "functions" => {
            for function in FUNCTIONS {
                let call = format!("{}{}", function.name, function.arguments);
                text.push_str(&format!("{call:<40}{}\n", function.meaning));
            }
        }
        _ => bail!("there is .help, and .help functions"),
    }
    print(&text)
}

/// A name of a table, as SQL takes it whatever it is.
fn quoted(table: &str) -> String {
    let part = |part: &str| format!("\"{}\"", part.trim_matches('"').replace('"', "\"\""));
    table.split('.').map(part).collect::<Vec<_>>().join(".")
}

fn print(text: &str) -> Result<()> {
    let mut output = Output::open(None).context("nobody reads")?;
    output.write_untrusted(text.as_bytes())
}
