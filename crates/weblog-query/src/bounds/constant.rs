//! Constants of a statement as values.

use super::{
    Condition, Kind, Range,
    operand::{DAY, Open},
    text,
};
use duckdb::Connection;
use serde_json::Value;

/// By how much ranges that depend on `now()` are wider: it is a little later when the statement runs.
const MINUTE: i64 = 60_000_000;

/// Functions of which the value is the same when they are asked twice, but for the moment that is now.
const SAME: &[&str] = &[
    "-",
    "+",
    "to_days",
    "to_hours",
    "to_minutes",
    "to_seconds",
    "to_weeks",
    "to_months",
    "to_years",
    "trunc",
    "now",
    "today",
    "current_date",
    "get_current_timestamp",
    "current_localtimestamp",
    "date_trunc",
    "make_timestamp",
    "make_date",
    "strptime",
];

/// Those of them that tell what time it is.
const NOW: &[&str] = &["now", "today", "current_date", "get_current_timestamp", "current_localtimestamp"];

/// The conditions of which the constants are understood.
pub(super) fn evaluated(connection: &Connection, open: Vec<Open<'_>>) -> Vec<Condition> {
    let mut asked: Vec<&Value> = Vec::new();
    for condition in open.iter().filter(|condition| condition.kind == Kind::Time) {
        let ends = condition.any.iter().flat_map(|(from, to)| [from, to]).flatten();
        asked.extend(ends.filter(|end| is_constant(end)));
    }
    let moments = if asked.is_empty() { Vec::new() } else { moments(connection, &asked).unwrap_or_default() };
    let moment = |end: &Value| {
        let at = asked.iter().position(|other| std::ptr::eq(*other, end))?;
        moments.get(at).copied().flatten()
    };
    let close = |open: Open<'_>| {
        let any = open.any.iter().map(|(from, to)| match open.kind {
            Kind::Time => {
                let given = |end: &Option<&Value>, open| end.map_or(Some(open), moment);
                let slack = if [from, to].into_iter().flatten().any(|end| is_now(end)) { MINUTE } else { 0 };
                let (since, until) = (given(from, i64::MIN)?, given(to, i64::MAX)?);
                let strict = i64::from(open.strict);
                // Before the date that begins at midnight is before that midnight.
                let is_before_a_date =
                    open.strict && open.wider == (0, DAY - 1) && until.rem_euclid(DAY) == 0;
                let wider = if is_before_a_date { 0 } else { open.wider.1 };
                Some(Range::Time(
                    if from.is_some() { since.saturating_add(strict - open.wider.0 - slack) } else { since },
                    if to.is_some() { until.saturating_add(wider + slack - strict) } else { until },
                ))
            }
            Kind::Number => {
                let end = |end: &Option<&Value>, open| end.map_or(Some(open), number);
                Some(Range::Number(end(from, i64::MIN)?, end(to, i64::MAX)?))
            }
            Kind::Text => {
                let end = |end: &Option<&Value>| end.map_or(Some(None), |end| string(end).map(Some));
                Some(Range::Text(end(from)?, end(to)?))
            }
            Kind::Other => None,
        });
        let any = any.collect::<Option<Vec<_>>>()?;
        Some(Condition { column: open.column, any })
    };
    open.into_iter().filter_map(close).collect()
}

fn literal<'a>(node: &'a Value, kind: &str) -> Option<&'a str> {
    let literal = Some(&node["literal"]).filter(|_| node["class"] == "CONSTANT")?;
    text(literal, "text").filter(|_| literal["kind"] == kind)
}

fn number(node: &Value) -> Option<i64> {
    literal(node, "INTEGER")?.parse().ok()
}

fn string(node: &Value) -> Option<String> {
    literal(node, "STRING").map(str::to_owned)
}

fn is_now(node: &Value) -> bool {
    text(node, "function_name").is_some_and(|name| NOW.contains(&name)) || super::children(node).any(is_now)
}

fn is_constant(node: &Value) -> bool {
    match node {
        Value::Object(members) => {
            let here = match text(node, "class") {
                None | Some("CAST" | "CONSTANT" | "TYPE") => true,
                Some("FUNCTION") => text(node, "function_name").is_some_and(|name| SAME.contains(&name)),
                Some(_) => false,
            };
            here && members.values().all(is_constant)
        }
        Value::Array(values) => values.iter().all(is_constant),
        _ => true,
    }
}

/// Expressions as microseconds since the epoch, as DuckDB itself sees them.
fn moments(connection: &Connection, expressions: &[&Value]) -> Option<Vec<Option<i64>>> {
    let mut query = crate::gate::parse(connection, "select epoch_us(cast('x' as timestamp))").ok()?;
    let list = &mut query["statements"][0]["node"]["select_list"];
    let of = |expression: &&Value| {
        let mut item = list[0].clone();
        item["arguments"][0]["expression"]["child"] = (*expression).clone();
        item
    };
    *list = expressions.iter().map(of).collect();
    let deserialize = "select json_deserialize_sql(?::varchar::json)";
    let sql: String = connection.query_row(deserialize, [query.to_string()], |row| row.get(0)).ok()?;
    let values = |row: &duckdb::Row<'_>| (0..expressions.len()).map(|at| row.get(at)).collect();
    connection.query_row(&sql, [], values).ok()
}
