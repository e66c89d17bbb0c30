//! Comparisons of a column with constants.

use super::{Columns, Kind, text};
use serde_json::Value;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// A condition of which the constants are not known yet.
pub(super) struct Open<'a> {
    pub(super) column: String,
    pub(super) kind: Kind,
    /// Ends of ranges. None is open.
    pub(super) any: Vec<(Option<&'a Value>, Option<&'a Value>)>,
    /// Whether the ends themselves are outside.
    pub(super) strict: bool,
    /// How much wider the range of the column is than that of what is compared, in microseconds.
    pub(super) wider: (i64, i64),
}

/// Where names stand for the columns of a table.
pub(super) struct Scope<'a> {
    pub(super) node: &'a Value,
    pub(super) table: &'a Columns<'a>,
    pub(super) aliases: &'a [String],
}

impl<'a> Scope<'a> {
    /// The conditions that all must hold.
    pub(super) fn conditions(&self, expression: &'a Value, found: &mut Vec<Open<'a>>) {
        let side = |name: &str| &expression[name];
        let children = || expression["children"].as_array().into_iter().flatten();
        let (operand, any) = match text(expression, "type") {
            Some("CONJUNCTION_AND") => return children().for_each(|child| self.conditions(child, found)),
            Some("COMPARE_BETWEEN") => (side("input"), vec![(Some(side("lower")), Some(side("upper")))]),
            Some("COMPARE_IN") => {
                let Some(operand) = children().next() else { return };
                (operand, children().skip(1).map(|value| (Some(value), Some(value))).collect())
            }
            Some(comparison) => {
                let (left, right) = (side("left"), side("right"));
                let is_turned = self.column(left).is_none();
                let (operand, value) = if is_turned { (right, left) } else { (left, right) };
                let (from, to) = match comparison {
                    "COMPARE_EQUAL" => (true, true),
                    "COMPARE_GREATERTHAN" | "COMPARE_GREATERTHANOREQUALTO" => (!is_turned, is_turned),
                    "COMPARE_LESSTHAN" | "COMPARE_LESSTHANOREQUALTO" => (is_turned, !is_turned),
                    _ => return,
                };
                (operand, vec![(from.then_some(value), to.then_some(value))])
            }
            None => return,
        };
        let strict = matches!(text(expression, "type"), Some("COMPARE_LESSTHAN" | "COMPARE_GREATERTHAN"));
        if let Some((column, kind, wider)) = self.column(operand) {
            found.push(Open { column, kind, any, strict, wider });
        }
    }

    /// The column that is compared, or of which a day or a local time is.
    fn column(&self, operand: &Value) -> Option<(String, Kind, (i64, i64))> {
        match text(operand, "class")? {
            "COLUMN_REF" => {
                let names: Vec<&str> =
                    operand["column_names"].as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
                let (name, of) = match names[..] {
                    [name] => (name, None),
                    [of, name] => (name, Some(of)),
                    _ => return None,
                };
                let from = &self.node["from_table"];
                let called =
                    text(from, "alias").filter(|alias| !alias.is_empty()).unwrap_or(self.table.table);
                if of.is_some_and(|of| !of.eq_ignore_ascii_case(called))
                    || self.aliases.contains(&name.to_lowercase())
                {
                    return None;
                }
                let (column, kind) = (self.table.kind)(name)?;
                (kind != Kind::Other).then_some((column, kind, (0, 0)))
            }
            "CAST" if text(&operand["type_expr"], "type_name")?.eq_ignore_ascii_case("date") => {
                let (column, kind, (below, above)) = self.column(&operand["child"])?;
                (kind == Kind::Time).then_some((column, kind, (below, above + DAY - 1)))
            }
            // No clock is more than a day before or behind.
            "FUNCTION" if text(operand, "function_name")?.eq_ignore_ascii_case("local_time") => {
                let (column, kind, (below, above)) = self.column(&operand["arguments"][0]["expression"])?;
                (kind == Kind::Time).then_some((column, kind, (below + DAY, above + DAY)))
            }
            _ => None,
        }
    }
}
