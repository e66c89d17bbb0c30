//! Which statements run without trust: those that only read.
//!
//! DuckDB itself keeps statements to the inputs. Inside of them it has no split of reading and writing: a
//! `COPY … TO` could overwrite an input. A text without a semicolon inside is one statement, and its first
//! word says of which kind; there is a list of the words that begin queries, none of forbidden ones. All
//! else is for DuckDB's own parser to tell: `json_serialize_sql` knows queries, and nothing else.

use crate::error::QueryError;
use duckdb::Connection;
use serde_json::Value;

const REFUSED: &str = "only statements that read run here (SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW, \
                       PIVOT, EXPLAIN); --trust-sql lets others run";

/// The words that begin statements that only read, whatever follows.
const READING: &[&str] =
    &["select", "from", "values", "table", "describe", "desc", "summarize", "show", "pivot", "unpivot"];

/// Fails unless `sql` is one statement that only reads.
pub(crate) fn check(connection: &Connection, sql: &str) -> Result<(), QueryError> {
    let refused = || QueryError::Refused(REFUSED.into());
    let statement = sql.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let (word, rest) = first_word(statement);
    let is_single = !statement.contains(';');
    if is_single && READING.iter().any(|reading| word.eq_ignore_ascii_case(reading)) {
        return Ok(());
    }
    if is_single && word.eq_ignore_ascii_case("explain") {
        return explained(rest).map_or_else(|| Err(refused()), |statement| check(connection, statement));
    }
    let parsed = parse(connection, sql)?;
    if parsed["error"] == Value::Bool(false) {
        return match parsed["statements"].as_array().map_or(0, Vec::len) {
            0 => Err(QueryError::Sql("there is no statement in the SQL".into())),
            1 => Ok(()),
            _ => Err(QueryError::Refused(
                "give one statement; --trust-sql runs several and shows the last".into(),
            )),
        };
    }
    // What does not parse is refused by DuckDB when it is prepared, with the place.
    if parsed["error_type"] == "parser" { Ok(()) } else { Err(refused()) }
}

/// A statement as DuckDB's parser sees it; an object that tells of an error for what is no query.
pub(crate) fn parse(connection: &Connection, sql: &str) -> Result<Value, QueryError> {
    let json: String =
        connection.query_row("select json_serialize_sql(?::varchar)", [sql], |row| row.get(0))?;
    Ok(serde_json::from_str(&json).unwrap_or_default())
}

/// A statement without the `explain` in front of it.
pub(crate) fn without_explain(sql: &str) -> &str {
    let (word, rest) = first_word(sql);
    let behind = word.eq_ignore_ascii_case("explain").then(|| explained(rest)).flatten();
    behind.unwrap_or(sql)
}

/// The statement behind `explain`, `analyze` and options.
fn explained(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    if let Some(options) = rest.strip_prefix('(') {
        let (options, rest) = options.split_once(')')?;
        let plain =
            options.chars().all(|c| c.is_ascii_alphanumeric() || c.is_whitespace() || ",_".contains(c));
        return plain.then_some(rest);
    }
    match first_word(rest) {
        (word, behind) if word.eq_ignore_ascii_case("analyze") => Some(behind),
        _ => Some(rest),
    }
}

fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len()))
}

/// Leaves columns out of `*` wherever it stands for one of these tables. Whether something changed.
pub(crate) fn leave_out_of_star(query: &mut Value, hidden: &[(&str, Vec<&str>)]) -> bool {
    let mut changed = false;
    if query["type"] == "SELECT_NODE" {
        let mut tables = Vec::new();
        tables_of(&query["from_table"], &mut tables);
        for column in query["select_list"].as_array_mut().into_iter().flatten() {
            if column["type"] != "STAR" || column["columns"] == Value::Bool(true) {
                continue;
            }
            let relation = column["relation_name"].as_str().unwrap_or_default().to_owned();
            for (name, alias) in &tables {
                let Some((_, columns)) = hidden.iter().find(|(table, _)| table.eq_ignore_ascii_case(name))
                else {
                    continue;
                };
                if !relation.is_empty() && !relation.eq_ignore_ascii_case(alias) {
                    continue;
                }
                let Some(excluded) = column["exclude_list"].as_array_mut() else { continue };
                for name in columns {
                    if !excluded
                        .iter()
                        .any(|other| other.as_str().is_some_and(|other| other.eq_ignore_ascii_case(name)))
                    {
                        excluded.push(Value::from(*name));
                        changed = true;
                    }
                }
            }
        }
    }
    match query {
        Value::Object(members) => {
            members.values_mut().for_each(|value| changed |= leave_out_of_star(value, hidden))
        }
        Value::Array(values) => {
            values.iter_mut().for_each(|value| changed |= leave_out_of_star(value, hidden))
        }
        _ => {}
    }
    changed
}

/// The names and aliases of the tables that one `from` joins.
fn tables_of(from: &Value, tables: &mut Vec<(String, String)>) {
    match from["type"].as_str() {
        Some("BASE_TABLE") => {
            let text = |member: &str| from[member].as_str().unwrap_or_default().to_owned();
            let (name, alias) = (text("table_name"), text("alias"));
            tables.push((name.clone(), if alias.is_empty() { name } else { alias }));
        }
        Some("JOIN") => {
            tables_of(&from["left"], tables);
            tables_of(&from["right"], tables);
        }
        _ => {}
    }
}
