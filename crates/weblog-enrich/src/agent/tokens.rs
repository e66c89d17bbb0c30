//! A list of tokens looked for in an agent in one pass.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Tokens in order of preference. ASCII case is ignored, and a token matches whole words only:
/// what stands before it is no letter or digit, what stands behind it is no letter. A token that
/// itself begins or ends otherwise (`Java/`) says so by that. `^` in front binds it to the start.
#[derive(Debug)]
pub(super) struct Tokens {
    automaton: AhoCorasick,
    /// For each token whether it is bound to the start of the agent.
    bound: Vec<bool>,
}

/// A token found in an agent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The token's place in the list.
    pub(super) place: usize,
    /// Where the text behind it begins.
    pub(super) end: usize,
}

impl Tokens {
    pub(super) fn new<'t>(tokens: impl Iterator<Item = &'t str> + Clone) -> Tokens {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(tokens.clone().map(|token| token.trim_start_matches('^')))
            .expect("a few hundred short tokens are well within the limits");
        Tokens { automaton, bound: tokens.map(|token| token.starts_with('^')).collect() }
    }

    /// Of the tokens that occur the one that stands first in the list.
    pub(super) fn find(&self, agent: &str) -> Option<Found> {
        let mut best: Option<Found> = None;
        for found in self.automaton.find_overlapping_iter(agent) {
            let place = found.pattern().as_usize();
            let better = best.is_none_or(|best| place < best.place);
            if better && self.fits(agent.as_bytes(), place, found.start(), found.end()) {
                best = Some(Found { place, end: found.end() });
            }
        }
        best
    }

    fn fits(&self, agent: &[u8], place: usize, start: usize, end: usize) -> bool {
        let is_letter = |byte: u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        let before = start.checked_sub(1).map(|at| agent[at]);
        let starts = !agent[start].is_ascii_alphanumeric()
            || !before.is_some_and(|byte| is_letter(byte) || byte.is_ascii_digit());
        let ends =
            !agent[end - 1].is_ascii_alphanumeric() || !agent.get(end).is_some_and(|byte| is_letter(*byte));
        starts && ends && (start == 0 || !self.bound[place])
    }
}

/// The version that follows a product's name: what begins with a digit behind `/`, `-`, `:` or
/// a space, or directly.
pub(super) fn version_behind(agent: &str, end: usize) -> Option<&str> {
    let rest = agent.get(end..)?;
    let rest = rest.strip_prefix(['/', ' ', '-', ':', '(']).unwrap_or(rest);
    let rest = rest.strip_prefix(['v', 'V']).unwrap_or(rest);
    let length =
        rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"._+~-".contains(byte)).count();
    let version = rest[..length].trim_end_matches(['.', '-', '+', '_', '~']);
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(version)
}
