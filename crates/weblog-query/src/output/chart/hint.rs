//! What kind of chart somebody wants, and of what.

use std::{fmt, str::FromStr};

/// The kinds of charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// A bar for each name.
    Bars,
    /// A line, or several, over time.
    Time,
    /// Shades for two small dimensions.
    Heat,
    /// A map of the world's countries.
    Map,
    /// A number in large digits.
    Number,
}

impl ChartKind {
    /// All kinds, by their names.
    pub const ALL: &'static [(&'static str, ChartKind)] = &[
        ("bars", ChartKind::Bars),
        ("time", ChartKind::Time),
        ("heat", ChartKind::Heat),
        ("map", ChartKind::Map),
        ("number", ChartKind::Number),
    ];
}

/// A wish: `bars`, `bars:path,hits`, `time:hour,hits,status`, or only columns, `auto:path,hits`. A space may
/// stand for each of the separators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartHint {
    /// The kind; picked from the columns where nobody says.
    pub kind: Option<ChartKind>,
    /// The columns that are shown, the name or time first; all where nobody says.
    pub columns: Vec<String>,
}

impl FromStr for ChartHint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (kind, rest) = text.split_once([':', ' ']).unwrap_or((text, ""));
        let kind = match ChartKind::ALL.iter().find(|(name, _)| *name == kind) {
            Some((_, kind)) => Some(*kind),
            None if kind == "auto" => None,
            None => {
                let names: Vec<&str> = ChartKind::ALL.iter().map(|(name, _)| *name).collect();
                return Err(format!("the kinds of charts are auto, {}", names.join(", ")));
            }
        };
        let columns = if rest.contains(',') { outer_commas(rest) } else { rest.split_whitespace().collect() };
        let columns = columns.into_iter().map(str::trim).filter(|name| !name.is_empty());
        Ok(ChartHint { kind, columns: columns.map(str::to_owned).collect() })
    }
}

/// What stands between the commas that are outside of parentheses.
fn outer_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl fmt::Display for ChartHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = ChartKind::ALL.iter().find(|(_, kind)| Some(*kind) == self.kind);
        f.write_str(kind.map_or("auto", |(name, _)| name))?;
        f.write_str(if self.columns.is_empty() { "" } else { ":" })?;
        f.write_str(&self.columns.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_a_kind_and_columns() {
        let columns = |text: &str| text.parse::<ChartHint>().unwrap().columns;
        assert_eq!("bars".parse(), Ok(ChartHint { kind: Some(ChartKind::Bars), columns: vec![] }));
        assert_eq!("auto".parse(), Ok(ChartHint::default()));
        assert_eq!(columns("bars:path,hits"), ["path", "hits"]);
        assert_eq!(columns("bars path hits"), ["path", "hits"]);
        assert_eq!(columns("time: hour, quantile_cont(x, 0.5)"), ["hour", "quantile_cont(x, 0.5)"]);
        assert_eq!("heat:a,b,c".parse::<ChartHint>().unwrap().to_string(), "heat:a,b,c");
        assert!("pie".parse::<ChartHint>().unwrap_err().contains("auto, bars, time, heat, map, number"));
    }
}
