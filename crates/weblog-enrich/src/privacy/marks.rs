//! A quick look for words that secrets begin with, which most texts do not get past.

use aho_corasick::{AhoCorasick, AhoCorasickKind, FindOverlappingIter, MatchKind};

/// Marks looked for all at once, in upper or lower case.
#[derive(Debug)]
pub(super) struct Marks {
    automaton: AhoCorasick,
    /// The three letters that some mark begins with, and those that begin one letter behind: at
    /// the place of the first two a bit for each third. Of a letter only the five bits count that
    /// do not tell case.
    triples: Box<[u32; 1 << 10]>,
    longest: usize,
}

/// Places looked at before anything is decided, every second one.
const STEP: usize = 16;

impl Marks {
    /// Marks of at least three bytes.
    pub(super) fn new(marks: impl Iterator<Item = &'static str> + Clone) -> Marks {
        let mut triples = Box::new([0; 1 << 10]);
        let mut add = |first, second, thirds| triples[pair(first, second)] |= thirds;
        for mark in marks.clone().map(str::as_bytes) {
            add(mark[0], mark[1], bit(mark[2]));
            // Anything may follow a mark of three letters.
            add(mark[1], mark[2], mark.get(3).map_or(u32::MAX, |fourth| bit(*fourth)));
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(marks.clone())
            .expect("a few dozen short marks are well within the limits");
        Marks { automaton, triples, longest: marks.map(str::len).max().unwrap_or(0) }
    }

    /// Whether one occurs that does not end the text. Only every second place is looked at: a
    /// mark has one of its two triples there.
    pub(super) fn occur_in(&self, text: &[u8]) -> bool {
        let mut at = 0;
        while let Some(block) = text.get(at..at + STEP + 2) {
            let block: &[u8; STEP + 2] = block.try_into().expect("the slice has this length");
            let hits = (0..STEP)
                .step_by(2)
                .fold(0, |hits, at| hits | self.hit(block[at], block[at + 1], block[at + 2]));
            if hits & 1 != 0 && self.is_near(text, at, at + STEP) {
                return true;
            }
            at += STEP;
        }
        let rest = &text[at..];
        rest.windows(3).step_by(2).any(|three| self.hit(three[0], three[1], three[2]) & 1 != 0)
            && self.is_near(text, at, text.len())
    }

    /// Whether a mark begins with this triple, or has it behind its first letter: the lowest bit.
    #[inline]
    fn hit(&self, first: u8, second: u8, third: u8) -> u32 {
        self.triples[pair(first, second)] >> (third & 31)
    }

    fn is_near(&self, text: &[u8], start: usize, end: usize) -> bool {
        let around = start.saturating_sub(1)..text.len().min(end + self.longest);
        self.automaton.is_match(&text[around])
    }

    /// Every occurrence, also of marks in marks.
    pub(super) fn find<'m>(&'m self, text: &'m [u8]) -> FindOverlappingIter<'m, 'm> {
        self.automaton.find_overlapping_iter(text)
    }
}

#[inline]
fn pair(first: u8, second: u8) -> usize {
    usize::from(first & 31) << 5 | usize::from(second & 31)
}

fn bit(third: u8) -> u32 {
    1 << (third & 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_seen_at_any_place_and_in_any_case() {
        let marks = Marks::new(["eyj", "sk-", "bearer"].into_iter());
        for place in 0..60 {
            for mark in ["eyJ", "EYJ", "sk-", "Bearer", "BEARER"] {
                let text = format!("{}{mark}h{}", ".".repeat(place), "+".repeat(place % 7));
                assert!(marks.occur_in(text.as_bytes()), "{text}");
            }
        }
        assert!(!marks.occur_in(b"search for years, key, skin; bear er"));
        assert!(!marks.occur_in(b"ey"));
    }
}
