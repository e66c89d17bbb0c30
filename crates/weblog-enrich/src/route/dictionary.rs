//! The routes of a site, as a text file keeps them.

use super::{
    LONGEST, MOST_PARTS,
    error::{RouteError, SyntaxError},
    tree::{Found, Tree},
};
use std::{collections::BTreeMap, fs, io::Read, path::Path};

/// The routes of a site: a template a line, each with a comment behind `#` if it has one, sorted.
///
/// A person may edit the file: lines may come in any order, be empty, or be comments as a whole
/// (which are not kept when the file is written anew). Of lines that say the same the first counts.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    /// Templates and comments, in the order of their bytes.
    templates: Vec<(Box<str>, Box<str>)>,
    tree: Tree,
}

/// The most templates of a dictionary, and the most bytes of its file.
const MOST: usize = 100_000;
const MOST_BYTES: u64 = 64 << 20;
/// The longest comment that is kept, in bytes.
const LONGEST_COMMENT: usize = 128;

impl Dictionary {
    /// A dictionary out of templates that are well formed.
    pub(super) fn new(templates: BTreeMap<Box<str>, Box<str>>) -> Dictionary {
        let templates: Vec<_> = templates.into_iter().collect();
        let tree = Tree::new(templates.iter().map(|(template, _)| &**template));
        Dictionary { templates, tree }
    }

    /// Reads a dictionary from a file.
    ///
    /// # Errors
    /// When the file cannot be read, or a line is no template.
    pub fn open(path: &Path) -> Result<Dictionary, RouteError> {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(RouteError::Read)?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(RouteError::Read)?;
        Ok(Dictionary::parse(&bytes)?)
    }

    /// Reads a dictionary from the bytes of its file.
    ///
    /// # Errors
    /// When a line is no template, with its place.
    pub fn parse(bytes: &[u8]) -> Result<Dictionary, SyntaxError> {
        let mut templates = BTreeMap::new();
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let wrong = |(column, expected)| SyntaxError { line: at + 1, column: column + 1, expected };
            if let Some((template, comment)) = line_of(line).map_err(wrong)? {
                templates.entry(template.into()).or_insert_with(|| comment.into());
            }
            if templates.len() > MOST {
                return Err(wrong((0, "no more than 100,000 routes")));
            }
        }
        Ok(Dictionary::new(templates))
    }

    /// The file of the dictionary.
    pub fn write(&self) -> Vec<u8> {
        let mut text = String::from("# Routes of weblog, one a line; what stands behind # is a comment.\n");
        for (template, comment) in &self.templates {
            text.push_str(template);
            if !comment.is_empty() {
                text.push_str("\t# ");
                text.push_str(comment);
            }
            text.push('\n');
        }
        text.into_bytes()
    }

    /// The route of a path, decoded once: the template that fits, in each part a name before what
    /// has its form (`{id}`) and this before what stands for anything (`{slug}`); else the longest
    /// way that the dictionary knows with `/*` behind it. What is no path gives `*`. So there are
    /// never more routes than there are parts in all templates.
    pub fn route(&self, path: &str) -> &str {
        if !path.starts_with('/') && !path.is_empty() {
            return "*";
        }
        match self.tree.find(path) {
            Found::Template(number) => &self.templates[number as usize].0,
            Found::Below(place) => self.tree.below(place),
        }
    }

    /// Whether a template fits the whole of a path.
    pub(super) fn knows(&self, path: &str) -> bool {
        matches!(self.tree.find(path), Found::Template(_))
    }

    /// The templates and their comments, in the order of their bytes.
    pub fn templates(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.templates.iter().map(|(template, comment)| (&**template, &**comment))
    }
}

type Wrong = (usize, &'static str);

/// The template of a line and its comment.
fn line_of(line: &[u8]) -> Result<Option<(&str, &str)>, Wrong> {
    let (before, comment) = match line.iter().position(|byte| *byte == b'#') {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, &line[line.len()..]),
    };
    let template = before.trim_ascii_end();
    if template.is_empty() {
        return Ok(None);
    }
    let comment =
        str::from_utf8(comment.trim_ascii()).map_err(|_| (before.len() + 1, "a comment in UTF-8"))?;
    let is_kept = comment.len() <= LONGEST_COMMENT && !comment.contains(char::is_control);
    Ok(Some((well_formed(template)?, if is_kept { comment } else { "" })))
}

fn well_formed(template: &[u8]) -> Result<&str, Wrong> {
    if let Some(at) = template.iter().position(|byte| !byte.is_ascii_graphic()) {
        return Err((at, "no spaces, control characters or characters outside of ASCII"));
    }
    let text = str::from_utf8(template).map_err(|_| (0, "a template in ASCII"))?;
    let parts = text.strip_prefix('/').ok_or((0, "a slash"))?;
    if text.len() > LONGEST {
        return Err((LONGEST, "a template of at most 256 bytes"));
    }
    let mut at = 1;
    let mut list = parts.split('/').enumerate().peekable();
    while let Some((number, part)) = list.next() {
        let is_last = list.peek().is_none();
        if part.is_empty() && !(is_last && number == 0) {
            return Err((at, "the name of a part or a placeholder"));
        }
        if number >= MOST_PARTS && part != "*" {
            return Err((at, "at most eight parts"));
        }
        match part.find('*') {
            Some(_) if part == "*" && is_last => {}
            Some(star) => return Err((at + star, "a star only as the last part, on its own")),
            None => placeholders(part).map_err(|(column, expected)| (at + column, expected))?,
        }
        at += part.len() + 1;
    }
    Ok(text)
}

/// Braces hold a name of small letters, digits and underscores.
fn placeholders(part: &str) -> Result<(), Wrong> {
    let mut rest = 0;
    while let Some(brace) = part[rest..].find(['{', '}']) {
        let open = rest + brace;
        let name = part[open..].strip_prefix('{').ok_or((open, "an opening brace first"))?;
        let length = name.bytes().take_while(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')).count();
        if length == 0 || !name[length..].starts_with('}') {
            return Err((open + 1 + length, "a placeholder's name of small letters, and a closing brace"));
        }
        rest = open + length + 2;
    }
    Ok(())
}
