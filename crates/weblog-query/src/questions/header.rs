//! Reads the header of a question.

use super::{BadHeader, Kind, Parameter, Question};

/// The keys of a header, with a colon behind them.
const KEYS: &[&str] = &["title", "theme", "answers", "param", "needs", "uses", "chart", "example"];

/// An entry of the header: its line, key and value.
struct Entry {
    line: usize,
    key: &'static str,
    value: String,
}

pub(super) fn read(name: &str, sql: &str) -> Result<Question, BadHeader> {
    let mut question = Question {
        name: name.to_owned(),
        title: String::new(),
        theme: "other".to_owned(),
        answers: String::new(),
        parameters: Vec::new(),
        needs: Vec::new(),
        uses: Vec::new(),
        chart: None,
        example: None,
        sql: sql.trim_end().to_owned() + "\n",
    };
    if !sql.trim_start_matches('\u{feff}').starts_with("-- title:") {
        return Ok(question);
    }
    for Entry { line, key, value } in entries(sql)? {
        let bad = |reason: String| BadHeader { line, reason };
        if value.is_empty() {
            return Err(bad(format!("there is nothing behind `{key}:`")));
        }
        match key {
            "title" => question.title = value,
            "theme" => question.theme = value,
            "answers" => question.answers = value,
            "needs" => question.needs.extend(columns(&value).map_err(bad)?),
            "uses" => question.uses.extend(columns(&value).map_err(bad)?),
            "chart" => question.chart = Some(value),
            "example" => question.example = Some(value),
            _ => {
                let parameter = parameter(&value).map_err(bad)?;
                if question.parameter(&parameter.name).is_some() {
                    return Err(bad(format!("the parameter `{}` is there twice", parameter.name)));
                }
                question.parameters.push(parameter);
            }
        }
    }
    Ok(question)
}

/// The entries of the comments that a file begins with.
fn entries(sql: &str) -> Result<Vec<Entry>, BadHeader> {
    let mut entries: Vec<Entry> = Vec::new();
    for (at, text) in sql.trim_start_matches('\u{feff}').lines().enumerate() {
        let Some(comment) = text.strip_prefix("--") else { break };
        let line = at + 1;
        if comment.trim().is_empty() {
            break;
        }
        if comment.starts_with("   ")
            && let Some(last) = entries.last_mut()
        {
            last.value = format!("{} {}", last.value, comment.trim());
            continue;
        }
        let (key, value) = comment.split_once(':').unwrap_or((comment, ""));
        let Some(key) = KEYS.iter().find(|known| **known == key.trim()) else {
            let keys = KEYS.join(", ");
            let reason = format!(
                "`{}` is none of {keys}; three spaces go on with the line above, and an empty `--` ends the header",
                key.trim()
            );
            return Err(BadHeader { line, reason });
        };
        entries.push(Entry { line, key, value: value.trim().to_owned() });
    }
    Ok(entries)
}

fn columns(value: &str) -> Result<Vec<String>, String> {
    // `$by` is the column that a parameter names.
    let column = |name: &str| match is_identifier(name.trim().trim_start_matches('$')) {
        true => Ok(name.trim().to_owned()),
        false => Err(format!("`{}` is no name of a column", name.trim())),
    };
    value.split(',').map(column).collect()
}

/// `limit int = 20: rows at most`, `under text?: only paths that begin with this`.
fn parameter(value: &str) -> Result<Parameter, String> {
    const FORM: &str = "a parameter is written `limit int = 20: what it means`";
    let (what, meaning) = value.split_once(": ").ok_or(FORM)?;
    let (what, default) = match what.split_once('=') {
        Some((what, default)) => (what, Some(default.trim().to_owned())),
        None => (what, None),
    };
    let (name, kind) = what.trim().split_once(' ').ok_or(FORM)?;
    if !is_identifier(name) {
        return Err(format!("`{name}` is no name of a parameter: letters, digits and _; {FORM}"));
    }
    let (kind, optional) = match kind.trim().strip_suffix('?') {
        Some(kind) => (kind, true),
        None => (kind.trim(), false),
    };
    let kind = Kind::read(kind)
        .ok_or_else(|| format!("`{kind}` is no kind of value: {}, or words as in a|b|c", Kind::NAMES))?;
    if let Some(default) = &default {
        kind.check(default).map_err(|bad| format!("the default of `{name}`: {bad}"))?;
    }
    let (name, meaning) = (name.to_owned(), meaning.trim().to_owned());
    Ok(Parameter { name, kind, default, optional, meaning })
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
