//! Named questions on the command line: listed, shown, told about, and asked with parameters.

use super::{
    args::{Args, To},
    catalogue::{Catalogue, Entry},
};
use crate::{
    exit::{Exit, say},
    output::Output,
};
use anyhow::{Result, anyhow, bail, ensure};
use std::fmt::Write as _;
use weblog_filter::names::nearest_of;
use weblog_query::{
    Bound, Engine, Parameters, QueryError, Question,
    output::ChartHint,
    questions::{Kind, Parameter, bringer, is_name, sql_type, themes},
};

/// What is asked: a statement, and what its parameters are.
pub(super) struct Asked {
    pub(super) sql: String,
    question: Option<Question>,
    parameters: Vec<(String, Bound)>,
    /// Values of the parameters that name columns.
    named: Vec<(String, String)>,
}

/// The values that were given for one parameter.
type Given = (String, Vec<String>);

/// What the first word asks; none when it was only told about.
pub(super) fn ask(args: &Args, words: String) -> Result<Option<Asked>> {
    asked(args, words, &args.param, args.explain)
}

/// The same with the parameters of a line of the shell.
pub(super) fn asked(args: &Args, words: String, params: &[String], explain: bool) -> Result<Option<Asked>> {
    let given = given(params)?;
    if !is_name(&words) {
        let bound = |(name, mut values): Given| match values.len() {
            1 => (name, Bound::Text(values.remove(0))),
            _ => (name, Bound::List(values)),
        };
        let parameters = given.into_iter().map(bound).collect();
        return Ok(Some(Asked { sql: words, question: None, parameters, named: Vec::new() }));
    }
    let catalogue = Catalogue::load(args.questions.as_deref())?;
    let (question, entry) = catalogue.find(&words)?;
    if let (Some(file), true, false) = (&entry.file, entry.replaces, args.run.quiet) {
        say("query", &format!("`{words}` is {}, instead of weblog's own question", file.display()));
    }
    let values = values(question, given, explain)?;
    if explain {
        tell(&told(question, entry, &values))?;
        return Ok(None);
    }
    let clock = args.read.clock();
    let (mut parameters, mut named) = (Vec::new(), Vec::new());
    for (name, value) in values {
        let kind = question.parameter(&name).map_or(&Kind::Text, |parameter| &parameter.kind);
        let bound = match &value {
            None => Bound::Null,
            Some(value) if !question.has_header() && value.len() > 1 => Bound::List(value.clone()),
            Some(value) => kind.bound(value, clock).map_err(|bad| anyhow!("--param {name}: {bad}"))?,
        };
        named.extend(value.and_then(|value| Some((name.clone(), value.into_iter().next()?))));
        parameters.push((name, bound));
    }
    Ok(Some(Asked { sql: question.sql.clone(), question: Some(question.clone()), parameters, named }))
}

/// The values of `--param`, each name once.
fn given(words: &[String]) -> Result<Vec<Given>> {
    let mut given: Vec<Given> = Vec::new();
    for word in words {
        let named = word.split_once('=').filter(|(name, _)| super::is_name(name.as_ref()));
        let Some((name, value)) = named else {
            bail!("`--param {word}` is not NAME=VALUE, as in --param limit=50")
        };
        match given.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value.to_owned()),
            None => given.push((name.to_owned(), vec![value.to_owned()])),
        }
    }
    Ok(given)
}

/// A value for each parameter of a question: the given one, else its default.
fn values(
    question: &Question,
    given: Vec<Given>,
    lenient: bool,
) -> Result<Vec<(String, Option<Vec<String>>)>> {
    if !question.has_header() {
        return Ok(given.into_iter().map(|(name, values)| (name, Some(values))).collect());
    }
    let names = || question.parameters.iter().map(|parameter| parameter.name.as_str());
    for (name, _) in &given {
        if question.parameter(name).is_none() {
            let meant = nearest_of(name, names()).map(|near| format!("; is `{near}` meant?"));
            let known: Vec<&str> = names().collect();
            bail!(
                "`{}` has no parameter `{name}`{} It has: {}",
                question.name,
                meant.as_deref().unwrap_or("."),
                known.join(", ")
            );
        }
    }
    let mut values = Vec::new();
    for Parameter { name, kind, default, optional, meaning } in &question.parameters {
        let given = given.iter().find(|(known, _)| known == name).map(|(_, values)| values.clone());
        let value = given.or_else(|| default.clone().map(|default| vec![default]));
        ensure!(
            value.is_some() || *optional || lenient,
            "`{}` needs --param {name}=…, {}: {meaning}{}",
            question.name,
            kind.expected(),
            question.example.as_ref().map(|example| format!("; {example}")).unwrap_or_default()
        );
        values.push((name.clone(), value));
    }
    Ok(values)
}

impl Asked {
    /// Gives the engine the values of the parameters, and the columns that may be missing.
    pub(super) fn fit(&self, engine: &mut Engine, args: &Args) -> Result<(), QueryError> {
        engine.set_parameters(Parameters(self.parameters.clone()));
        let Some(question) = &self.question else {
            let known = engine.prepare(&self.sql)?.parameters()?;
            let unknown = self
                .parameters
                .iter()
                .find(|(name, _)| !known.iter().any(|other| other.eq_ignore_ascii_case(name)));
            return match unknown {
                None => Ok(()),
                Some((name, _)) => Err(QueryError::Sql(format!("the statement has no parameter ${name}"))),
            };
        };
        let needs = self.columns(&question.needs);
        let missing = engine.lacks("logs", &needs);
        if let Some(column) = missing.first() {
            let reason = format!(
                "`{}` needs the column {column}, which is not there: {}",
                question.name,
                bringer(column)
            );
            return Err(QueryError::Missing(reason));
        }
        let uses = self.columns(&question.uses);
        let lacks = engine.lacks("logs", &uses);
        let who = self.named.iter().find(|(name, _)| name == "who").map(|(_, who)| who.as_str());
        if lacks.contains(&"bot") && matches!(who, Some("people" | "bots")) && !args.run.quiet {
            let counted =
                format!("there is no column bot here, so everybody counts as people: {}", bringer("bot"));
            say("query", &counted);
        }
        let lent: Vec<(&str, &str)> = lacks.iter().map(|column| (*column, sql_type(column))).collect();
        engine.lend("logs", &lent);
        Ok(())
    }

    /// The chart that fits the answer, if the question says one.
    pub(super) fn chart(&self) -> Option<ChartHint> {
        self.question.as_ref()?.chart.as_ref()?.parse().ok()
    }

    /// Columns by name; `$by` stands for the value of a parameter.
    fn columns(&self, names: &[String]) -> Vec<String> {
        let value = |name: &String| match name.strip_prefix('$') {
            Some(parameter) => {
                self.named.iter().find(|(name, _)| name == parameter).map(|(_, value)| value.clone())
            }
            None => Some(name.clone()),
        };
        names.iter().filter_map(value).collect()
    }
}

/// Lists the questions, or shows one.
pub(super) fn show(args: &Args) -> Result<Exit> {
    let catalogue = Catalogue::load(args.questions.as_deref())?;
    if let Some(name) = &args.show {
        tell(&catalogue.find(name)?.0.sql)?;
        return Ok(Exit::Done);
    }
    tell(&match args.to {
        None => listed(&catalogue),
        Some(to @ (To::Ndjson | To::Json)) => records(&catalogue, to)?,
        Some(_) => bail!("--list is text, or with -t ndjson or -t json records"),
    })?;
    Ok(Exit::Done)
}

/// The plan of a statement.
pub(super) fn plan(engine: &Engine, sql: &str) -> Result<Result<(), QueryError>> {
    match engine.plan(sql) {
        Ok(plan) => tell(&(plan.trim_end().to_owned() + "\n")).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

fn tell(text: &str) -> Result<()> {
    let mut output = Output::open(None)?;
    output.write_untrusted(text.as_bytes())?;
    output.finish()
}

/// All questions by theme.
fn listed(catalogue: &Catalogue) -> String {
    let theme =
        |entry: &Entry| entry.question.as_ref().map(|question| question.theme.clone()).unwrap_or_default();
    let own: Vec<&str> = themes().collect();
    let mut all: Vec<String> = own.iter().map(|theme| (*theme).to_owned()).collect();
    for entry in &catalogue.entries {
        if !all.contains(&theme(entry)) {
            all.push(theme(entry));
        }
    }
    let width = catalogue.entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for name in all {
        let heading = if name.is_empty() { "not readable" } else { &name };
        let _ = writeln!(text, "{}{heading}", if text.is_empty() { "" } else { "\n" });
        for entry in catalogue.entries.iter().filter(|entry| theme(entry) == name) {
            let title = match &entry.question {
                Ok(question) if question.has_header() => question.title.clone(),
                Ok(_) => "SQL without a header".into(),
                Err(bad) => bad.to_string(),
            };
            let whose = match (&entry.file, entry.replaces) {
                (None, _) => String::new(),
                (Some(file), false) => format!("  [yours: {}]", file.display()),
                (Some(file), true) => format!("  [yours, instead of weblog's: {}]", file.display()),
            };
            let _ = writeln!(text, "  {:width$}  {title}{whose}", entry.name);
        }
    }
    text
}

/// All questions as records.
fn records(catalogue: &Catalogue, to: To) -> Result<String> {
    let record = |entry: &Entry| {
        let question = entry.question.as_ref().ok()?;
        let parameter = |parameter: &Parameter| {
            serde_json::json!({"name": parameter.name, "kind": parameter.kind.to_string(), "default": parameter.default,
                "optional": parameter.optional, "meaning": parameter.meaning})
        };
        Some(serde_json::json!({"name": entry.name, "theme": question.theme, "title": question.title,
            "answers": question.answers, "parameters": question.parameters.iter().map(parameter).collect::<Vec<_>>(),
            "needs": question.needs, "uses": question.uses, "chart": question.chart, "example": question.example,
            "file": entry.file.as_ref().map(|file| file.to_string_lossy())}))
    };
    let records: Vec<_> = catalogue.entries.iter().filter_map(record).collect();
    Ok(match to {
        To::Json => serde_json::to_string_pretty(&records)? + "\n",
        _ => records.iter().map(|record| format!("{record}\n")).collect(),
    })
}

/// What a question answers, with what, and how.
fn told(question: &Question, entry: &Entry, values: &[(String, Option<Vec<String>>)]) -> String {
    let mut text = String::new();
    let title = if question.has_header() { &question.title } else { &question.name };
    let _ = writeln!(text, "{title}\n");
    if !question.answers.is_empty() {
        let _ = writeln!(text, "{}\n", wrapped(&question.answers));
    }
    if let Some(file) = &entry.file {
        let _ = writeln!(text, "From {}\n", file.display());
    }
    if !values.is_empty() {
        text.push_str("Parameters\n");
    }
    for (name, value) in values {
        let value = value.as_ref().map(|values| values.join(" "));
        let parameter = question.parameter(name);
        let none =
            if parameter.is_some_and(|parameter| parameter.optional) { "not given" } else { "to be given" };
        let about = parameter.map(|parameter| format!("\n      {}: {}", parameter.kind, parameter.meaning));
        let _ =
            writeln!(text, "  {name} = {}{}", value.as_deref().unwrap_or(none), about.unwrap_or_default());
    }
    let mut line = |name: &str, value: &str| {
        let _ = write!(text, "{}{name}: {value}", if text.ends_with("\n\n") { "" } else { "\n" });
    };
    if !question.needs.is_empty() {
        line("Needs the columns", &question.needs.join(", "));
    }
    if !question.uses.is_empty() {
        line("Uses, where they are there", &question.uses.join(", "));
    }
    if let Some(chart) = &question.chart {
        line("Chart", chart);
    }
    if let Some(example) = &question.example {
        line("Example", example);
    }
    let sql: String = question
        .sql
        .split_inclusive('\n')
        .skip_while(|line| question.has_header() && line.starts_with("--"))
        .collect();
    let _ = write!(text, "\n\n{sql}");
    text
}

/// A text in lines of at most 80 characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().map(|line| line.chars().count()).unwrap_or(0);
        match last {
            0 => {}
            last if last + 1 + word.chars().count() > 80 => lines.push(String::new()),
            _ => lines.iter_mut().last().into_iter().for_each(|line| line.push(' ')),
        }
        lines.iter_mut().last().into_iter().for_each(|line| line.push_str(word));
    }
    lines.join("\n")
}
