//! What a statement asks of single columns, known before it runs: files, and lines of logs, in which nothing
//! of it can be need not be read.
//!
//! The statement's own conditions stay where they are. What is found here only leaves out what they would
//! drop anyway, so whatever is not understood costs time and nothing else. Understood are comparisons,
//! `between` and `in` with constants, joined by `and`, in the `where` of a `select` from the table itself.

use duckdb::Connection;
use serde_json::Value;

mod constant;
mod operand;

/// What is asked of one column: that its value is in one of these ranges. Null is in none.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The name of the column, as the table has it.
    pub column: String,
    /// The ranges.
    pub any: Vec<Range>,
}

/// A range of values; both ends belong to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// Instants, in microseconds since the epoch. May be wider than the statement says.
    Time(i64, i64),
    /// Whole numbers.
    Number(i64, i64),
    /// Texts, in the order of their bytes.
    Text(Option<String>, Option<String>),
}

/// The kinds of columns of which conditions are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Time,
    Number,
    Text,
    Other,
}

/// What is asked of the rows of one table: all conditions of one of these. None: all rows may be wanted.
pub(crate) type Wanted = Option<Vec<Vec<Condition>>>;

/// A table as a statement knows it.
pub(crate) struct Columns<'a> {
    pub(crate) table: &'a str,
    pub(crate) kind: &'a dyn Fn(&str) -> Option<(String, Kind)>,
}

/// What a statement, as DuckDB's parser sees it, wants of each of these tables.
pub(crate) fn wanted(connection: &Connection, statement: &Value, tables: &[Columns<'_>]) -> Vec<Wanted> {
    let nothing_known = || tables.iter().map(|_| None).collect();
    let mut names: Vec<String> = tables.iter().map(|table| table.table.to_lowercase()).collect();
    named_queries(statement, &mut names);
    // Statements that are no queries do not come through the parser's JSON.
    if !is_one_query(statement) || !reads_only(statement, &names) {
        return nothing_known();
    }
    let mut aliases = Vec::new();
    aliases_of(statement, &mut aliases);
    let of_table = |table: &Columns<'_>| -> Wanted {
        let mut uses = Vec::new();
        uses_of(statement, table.table, &mut uses);
        if uses.is_empty() {
            return None;
        }
        let each = uses.into_iter().map(|node| {
            let mut conditions = Vec::new();
            let scope = operand::Scope { node: node?, table, aliases: &aliases };
            scope.conditions(&node?["where_clause"], &mut conditions);
            let conditions = constant::evaluated(connection, conditions);
            (!conditions.is_empty()).then_some(conditions)
        });
        each.collect()
    };
    tables.iter().map(of_table).collect()
}

fn is_one_query(parsed: &Value) -> bool {
    parsed["error"] == Value::Bool(false) && parsed["statements"].as_array().is_some_and(|all| all.len() == 1)
}

/// The table of which a statement only wants the number of rows, and the name of the answer's column.
pub(crate) fn only_counts<'a>(
    parsed: &Value,
    mut tables: impl Iterator<Item = &'a str>,
) -> Option<(usize, String)> {
    let node = &parsed["statements"][0]["node"];
    let [item] = &node["select_list"].as_array()?[..] else { return None };
    let is_count = item["class"] == "FUNCTION"
        && text(item, "function_name") == Some("count_star")
        && ["filter", "schema", "catalog"].iter().all(|member| is_empty(&item[*member]))
        && item["distinct"] == Value::Bool(false);
    let is_plain = is_one_query(parsed)
        && node["type"] == "SELECT_NODE"
        && ["modifiers", "group_expressions", "group_sets", "where_clause", "having", "qualify", "sample"]
            .iter()
            .all(|member| is_empty(&node[*member]))
        && is_empty(&node["cte_map"]["map"]);
    let mut uses = Vec::new();
    uses_of(node, text(&node["from_table"], "table_name")?, &mut uses);
    if !is_count
        || !is_plain
        || !matches!(uses[..], [Some(_)])
        || !is_empty(&node["from_table"]["schema_name"])
    {
        return None;
    }
    let table = text(&node["from_table"], "table_name")?;
    let at = tables.position(|name| name.eq_ignore_ascii_case(table))?;
    let alias = text(item, "alias").filter(|alias| !alias.is_empty()).unwrap_or("count_star()");
    Some((at, alias.to_owned()))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.is_empty(),
        Value::String(text) => text.is_empty(),
        other => other.is_null(),
    }
}

/// The names of common table expressions.
fn named_queries(node: &Value, names: &mut Vec<String>) {
    let map = node["cte_map"]["map"].as_array();
    names.extend(map.into_iter().flatten().filter_map(|entry| Some(entry["key"].as_str()?.to_lowercase())));
    children(node).for_each(|child| named_queries(child, names));
}

/// Whether every row comes from what has one of these names, or from a function without tables.
fn reads_only(node: &Value, names: &[String]) -> bool {
    let known = match node["type"].as_str() {
        Some("BASE_TABLE") => {
            text(node, "table_name").is_some_and(|name| names.contains(&name.to_lowercase()))
        }
        Some("TABLE_FUNCTION") => {
            let name = text(&node["function"], "function_name").unwrap_or_default();
            ["range", "generate_series", "unnest", "repeat"].contains(&name)
        }
        _ => true,
    };
    known && children(node).all(|child| reads_only(child, names))
}

/// The names that statements give to what they select.
fn aliases_of(node: &Value, aliases: &mut Vec<String>) {
    let list = node["select_list"].as_array();
    let named = list.into_iter().flatten().filter_map(|item| text(item, "alias"));
    aliases.extend(named.filter(|alias| !alias.is_empty()).map(str::to_lowercase));
    children(node).for_each(|child| aliases_of(child, aliases));
}

/// The selects from a table; none where it is used in another way.
fn uses_of<'a>(node: &'a Value, table: &str, uses: &mut Vec<Option<&'a Value>>) {
    let is_table = |from: &Value| {
        from["type"] == "BASE_TABLE"
            && text(from, "table_name").is_some_and(|name| name.eq_ignore_ascii_case(table))
    };
    if is_table(node) {
        uses.push(None);
    }
    let from = &node["from_table"];
    let is_plain = node["type"] == "SELECT_NODE"
        && is_table(from)
        && node["sample"].is_null()
        && from["sample"].is_null()
        && from["at_clause"].is_null()
        && from["column_name_alias"].as_array().is_none_or(Vec::is_empty);
    if is_plain {
        uses.push(Some(node));
    }
    for child in children(node).filter(|child| !is_plain || !std::ptr::eq(*child, from)) {
        uses_of(child, table, uses);
    }
}

fn children(node: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match node {
        Value::Object(members) => Box::new(members.values()),
        Value::Array(values) => Box::new(values.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

fn text<'a>(node: &'a Value, member: &str) -> Option<&'a str> {
    node[member].as_str()
}
