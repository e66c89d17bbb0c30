//! `${NAME}` in httpd's configuration, and the file in which Debian sets them.

use std::collections::BTreeMap;

/// A text with every `${NAME}` that is known replaced, once; the others stay and are given to `unknown`.
/// None when the text would become longer than `limit`.
pub(super) fn substitute<'v>(
    text: &str,
    limit: usize,
    lookup: impl Fn(&str) -> Option<&'v str>,
    mut unknown: impl FnMut(&str),
) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        // Without a closing brace here there is none later.
        let Some(end) = rest[at..].find('}').map(|len| at + len) else { break };
        out.push_str(&rest[..at]);
        let name = &rest[at + 2..end];
        match lookup(name) {
            Some(value) => out.push_str(value),
            None => {
                unknown(name);
                out.push_str(&rest[at..=end]);
            }
        }
        if out.len() > limit {
            return None;
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    (out.len() <= limit).then_some(out)
}

/// The plain assignments of a shell file like Debian's `/etc/apache2/envvars`: `NAME=value` with or
/// without `export` and quotes, where the value may use `$NAME` and `${NAME}` of those before. Nothing
/// is run: conditions are not tested, the last assignment counts, and one whose value needs a shell
/// (`$(…)`, backquotes, `${NAME#…}`) is passed over.
pub fn envvars(file: &[u8]) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for line in String::from_utf8_lossy(file).lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let Some((name, value)) = line.split_once('=') else { continue };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            continue;
        }
        if let Some(value) = shell_value(value, &variables).filter(|value| value.len() <= MAX_VALUE) {
            variables.insert(name.to_owned(), value);
        }
    }
    variables
}

/// Longer values are passed over: each may double the one before.
const MAX_VALUE: usize = 4096;

fn shell_value(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let (quote, body) = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => (Some(quote), text[1..].split_once(quote)?.0),
        _ => (None, text.split([' ', '\t', ';']).next().unwrap_or_default()),
    };
    if quote == Some('\'') {
        return Some(body.to_owned());
    }
    if body.contains(['`', '\\']) {
        return None;
    }
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, tail) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len())),
        };
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        out.push_str(variables.get(name).map_or("", String::as_str));
        if out.len() > MAX_VALUE {
            return None;
        }
        rest = tail;
    }
    Some(out + rest)
}
