//! Texts, names and paths as parts of SQL.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// A list of files. DuckDB would take some characters of a name for a pattern.
pub(crate) fn list(files: &[PathBuf]) -> String {
    let quoted: Vec<String> = files.iter().map(|file| literal(&glob_escape(file))).collect();
    format!("[{}]", quoted.join(", "))
}

/// A path as a pattern that means nothing but itself.
pub(crate) fn glob_escape(path: &Path) -> String {
    let text = path.to_string_lossy();
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '[' => {
                let _ = write!(escaped, "[{c}]");
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A text as a regular expression that means nothing but itself.
pub(crate) fn regex_escape(name: &str) -> String {
    let special = |c: char| !c.is_alphanumeric() && c != '_';
    name.chars().fold(String::new(), |escaped, c| {
        if special(c) { escaped + "\\" + &c.to_string() } else { escaped + &c.to_string() }
    })
}

/// A text as a literal of SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name as an identifier of SQL.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
