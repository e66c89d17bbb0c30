//! What a scanner was after.

use super::cut;
use crate::referer::{Own, host_of_target};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::{borrow::Cow, sync::LazyLock};
use weblog_parse::text::percent_decode;

/// The parts of a request that a probe shows in. What the log does not have is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The method, as sent.
    pub method: &'a str,
    /// The target, as sent.
    pub target: &'a str,
    /// The path, decoded once.
    pub path: &'a str,
    /// The query, as sent.
    pub query: &'a str,
}

/// How many bytes of path and query are looked at.
const BOUND: usize = 4096;

/// Names what a scanner was after, or None for what need not come from one: `rce`, `injection`,
/// `traversal`, `dotfiles`, `wordpress`, `backups`, `config`, `admin`, `device`, or `proxy` for
/// a request that is meant for another server.
///
/// A target that names another host is a proxy's only if own sites are known.
pub fn probe(request: Request<'_>, own: Own<'_>) -> Option<&'static str> {
    if request.method == "CONNECT" {
        return Some("proxy");
    }
    if request.target.contains("://") && own.is_known() {
        let host = host_of_target(request.target);
        if host.is_some_and(|host| !own.has(&host)) {
            return Some("proxy");
        }
    }
    let texts = &*TEXTS;
    let in_path = texts.find(cut(request.path, BOUND).as_bytes(), Place::Path);
    let in_query = match request.query {
        "" => None,
        query => texts.find(&decoded(cut(query, BOUND).as_bytes()), Place::Query),
    };
    let first = in_path.into_iter().chain(in_query).min()?;
    Some(texts.texts[first].label)
}

/// A query decoded twice, with `+` as a space: what is hidden twice is hidden from somebody.
fn decoded(query: &[u8]) -> Cow<'_, [u8]> {
    if !query.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(query);
    }
    let spaced: Vec<u8> = query.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let mut once = Vec::with_capacity(spaced.len());
    percent_decode(&spaced, &mut once);
    if !once.contains(&b'%') {
        return Cow::Owned(once);
    }
    let mut twice = spaced;
    twice.clear();
    percent_decode(&once, &mut twice);
    Cow::Owned(twice)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Any,
}

/// A line of the table.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) label: &'static str,
    pub(super) place: Place,
    pub(super) text: &'static str,
    starts: bool,
    ends: bool,
}

#[derive(Debug)]
struct Texts {
    automaton: AhoCorasick,
    texts: Vec<Text>,
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let texts: Vec<Text> = lines().collect();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(texts.iter().map(|text| text.text))
        .expect("a few hundred short texts are well within the limits");
    Texts { automaton, texts }
});

/// The lines of the table; the file says how it is written.
pub(super) fn lines() -> impl Iterator<Item = Text> {
    let lines = include_str!("../../data/probes.tsv").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with("# ") && *line != "#").map(|line| {
        let mut columns = line.splitn(3, '\t');
        let mut column = || columns.next().expect("a line of the table has three columns");
        let (label, place, text) = (column(), column(), column());
        let place = match place {
            "path" => Place::Path,
            "query" => Place::Query,
            "any" => Place::Any,
            _ => panic!("the table has no place {place}"),
        };
        let (starts, text) = text.strip_prefix('^').map_or((false, text), |text| (true, text));
        let (ends, text) = text.strip_suffix('$').map_or((false, text), |text| (true, text));
        Text { label, place, text, starts, ends }
    })
}

impl Texts {
    /// Of the texts that occur the one that stands first in the table.
    fn find(&self, hay: &[u8], place: Place) -> Option<usize> {
        let fits = |found: &aho_corasick::Match| {
            let text = &self.texts[found.pattern().as_usize()];
            (text.place == Place::Any || text.place == place)
                && (!text.starts || found.start() == 0)
                && (!text.ends || found.end() == hay.len())
        };
        let found = self.automaton.find_overlapping_iter(hay).filter(fits);
        found.map(|found| found.pattern().as_usize()).min()
    }
}
