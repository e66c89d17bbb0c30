//! The templates of a dictionary by their parts.

use foldhash::fast::FixedState;
use std::collections::HashMap;

use super::{
    MOST_PARTS,
    segment::{Part, ending, parts},
};

/// Templates by their parts. A node is a place in the site; there is always the first one, `/`.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Children by their part as a template has it.
    children: HashMap<Box<str>, u32, FixedState>,
    /// The first child in the order of the file that is a placeholder for any part.
    any: Option<u32>,
    /// The same for files, by their ending: `{slug}.html`.
    files: HashMap<Box<str>, u32, FixedState>,
    /// The number of the template that ends here.
    template: Option<u32>,
    /// That of the one that goes on with a star.
    star: Option<u32>,
    /// The way here, and a star: the route of what is not known below.
    below: Box<str>,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The template of this number.
    Template(u32),
    /// None: this is the deepest place that is known.
    Below(u32),
}

impl Default for Tree {
    fn default() -> Tree {
        Tree { nodes: vec![Node { below: "/*".into(), ..Node::default() }] }
    }
}

impl Tree {
    /// A tree of templates, which are well formed and in order.
    pub(super) fn new<'t>(templates: impl Iterator<Item = &'t str>) -> Tree {
        let mut tree = Tree::default();
        for (number, template) in templates.enumerate() {
            tree.insert(template, number as u32);
        }
        tree
    }

    fn insert(&mut self, template: &str, number: u32) {
        let mut at = 0;
        for part in template.split('/').filter(|part| !part.is_empty()) {
            if part == "*" {
                self.nodes[at].star.get_or_insert(number);
                return;
            }
            at = self.child(at, part);
        }
        self.nodes[at].template.get_or_insert(number);
    }

    fn child(&mut self, at: usize, part: &str) -> usize {
        if let Some(child) = self.nodes[at].children.get(part) {
            return *child as usize;
        }
        let child = self.nodes.len();
        let below = format!("{}/{part}/*", self.nodes[at].below.trim_end_matches("/*"));
        self.nodes.push(Node { below: below.into(), ..Node::default() });
        self.nodes[at].children.insert(part.into(), child as u32);
        match for_any(part) {
            Some("") => _ = self.nodes[at].any.get_or_insert(child as u32),
            Some(ending) => _ = self.nodes[at].files.entry(ending.into()).or_insert(child as u32),
            None => {}
        }
        child
    }

    /// What a path leads to: in each place a name before what has its form, and this before
    /// a placeholder for any part.
    pub(super) fn find(&self, path: &str) -> Found {
        let mut list: [Option<Part<'_>>; MOST_PARTS] = Default::default();
        let mut rest = parts(path);
        let mut count = 0;
        for (slot, part) in list.iter_mut().zip(rest.by_ref()) {
            *slot = Some(part);
            count += 1;
        }
        let is_whole = count < MOST_PARTS || rest.next().is_none();
        let mut search = Search { tree: self, is_whole, steps: 0, deepest: (0, 0), star: None };
        match (search.walk(0, &list[..count], 0), search.star) {
            (Some(template), _) => Found::Template(template),
            (None, Some((depth, template))) if depth >= search.deepest.0 => Found::Template(template),
            _ => Found::Below(search.deepest.1),
        }
    }

    /// The route of what is not known below a place.
    pub(super) fn below(&self, at: u32) -> &str {
        &self.nodes[at as usize].below
    }
}

/// Placeholders that stand for what has a form of its own only. `{slug}`, and whatever name a
/// person gives, stands for anything.
const FORMS: &[&str] = &["{id}", "{hash}", "{date}", "{year}", "{month}", "{day}", "{email}"];

/// Whether a part of a template stands for any part (`""`), or for any file of an ending.
fn for_any(part: &str) -> Option<&str> {
    let name = part.strip_prefix('{')?;
    let end = name.find('}')?;
    let (placeholder, rest) = part.split_at(end + 2);
    let is_any = !FORMS.contains(&placeholder);
    is_any.then(|| {
        if rest.is_empty() { Some("") } else { rest.strip_prefix('.').filter(|rest| !rest.contains('{')) }
    })?
}

/// Steps of a search: more than a dictionary needs that was not made to be slow.
const MOST_STEPS: usize = 128;

#[derive(Debug)]
struct Search<'t> {
    tree: &'t Tree,
    /// The path has no more parts than were looked at.
    is_whole: bool,
    steps: usize,
    /// The deepest place on the way, and its depth.
    deepest: (usize, u32),
    /// The template with a star that goes furthest, and its depth.
    star: Option<(usize, u32)>,
}

impl Search<'_> {
    fn walk(&mut self, at: u32, parts: &[Option<Part<'_>>], depth: usize) -> Option<u32> {
        let node = &self.tree.nodes[at as usize];
        self.steps += 1;
        if depth > self.deepest.0 {
            self.deepest = (depth, at);
        }
        if let Some(star) = node.star
            && self.star.is_none_or(|(deepest, _)| depth > deepest)
        {
            self.star = Some((depth, star));
        }
        let Some((Some(part), rest)) = parts.split_first() else {
            return node.template.filter(|_| self.is_whole);
        };
        let same = node.children.get(part.sent).or_else(|| node.children.get(part.text()));
        let file = ending(part.sent).and_then(|ending| node.files.get(ending));
        let mut ways = [same.copied(), file.copied(), node.any];
        for later in 1..ways.len() {
            if ways[..later].contains(&ways[later]) {
                ways[later] = None;
            }
        }
        ways.into_iter().flatten().find_map(|child| {
            let goes_on = self.steps < MOST_STEPS;
            goes_on.then(|| self.walk(child, rest, depth + 1))?
        })
    }
}
