//! Objects of JSON whose members stand in an order, and columns of text.

use serde_json::Value;
use weblog_wire::{
    table::{fit, width},
    visible::visible,
};

/// An object of JSON.
#[derive(Default)]
pub(super) struct Object(String);

impl Object {
    /// Adds a member; null and what is not there are left out.
    pub(super) fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.member(name, &value.to_string());
        }
        self
    }

    /// Adds a member that is a list of objects.
    pub(super) fn list(mut self, name: &str, items: impl Iterator<Item = Object>) -> Self {
        let items: Vec<String> = items.map(Object::text).collect();
        self.member(name, &format!("[{}]", items.join(",")));
        self
    }

    fn member(&mut self, name: &str, value: &str) {
        self.0.push_str(if self.0.is_empty() { "" } else { "," });
        self.0.push_str(&format!("{}:{value}", Value::from(name)));
    }

    /// The text of it.
    pub(super) fn text(self) -> String {
        format!("{{{}}}", self.0)
    }
}

/// Objects as lines.
pub(super) fn ndjson(objects: impl Iterator<Item = Object>) -> String {
    objects.map(|object| object.text() + "\n").collect()
}

/// Objects as one array, an object a line.
pub(super) fn json(objects: impl Iterator<Item = Object>) -> String {
    let objects: Vec<String> = objects.map(Object::text).collect();
    if objects.is_empty() { "[]\n".into() } else { format!("[\n{}\n]\n", objects.join(",\n")) }
}

/// Rows under a header, each column as wide as it must be. `right` are the columns of numbers.
pub(super) fn columns(header: &[&str], rows: &[Vec<String>], right: &[usize], colour: bool) -> String {
    let mut widths: Vec<usize> = header.iter().map(|name| width(name)).collect();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| visible(cell).into_owned()).collect()).collect();
    for row in &rows {
        row.iter().zip(&mut widths).for_each(|(cell, widest)| *widest = width(cell).max(*widest));
    }
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (at, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            line.push_str(if at > 0 { "  " } else { "" });
            fit(cell, *width, right.contains(&at), &mut line);
        }
        line.trim_end().to_owned() + "\n"
    };
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let mut text = bold(line(&header).trim_end(), colour) + "\n";
    rows.iter().for_each(|row| text.push_str(&line(row)));
    text
}

/// A line that stands out.
pub(super) fn bold(line: &str, colour: bool) -> String {
    if colour { format!("\x1b[1m{line}\x1b[0m") } else { line.to_owned() }
}

/// A number with commas between its thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in few characters, as `34.1K`.
pub(super) fn size(bytes: u64) -> String {
    weblog_wire::table::size(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// `one file`, `2 files`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A moment for people: `2019-01-22 00:26:14Z`.
pub(super) fn moment(rfc3339: &str) -> String {
    let seconds = rfc3339.split('.').next().unwrap_or_default();
    format!("{}Z", seconds.trim_end_matches('Z').replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_moments_are_for_people() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(moment("2019-01-22T00:26:14.123Z"), "2019-01-22 00:26:14Z");
    }

    #[test]
    fn members_keep_their_order_and_null_is_left_out() {
        let object = Object::default().put("b", 1).put("a", Value::Null).put("c", "x\n");
        assert_eq!(object.text(), "{\"b\":1,\"c\":\"x\\n\"}");
    }
}
