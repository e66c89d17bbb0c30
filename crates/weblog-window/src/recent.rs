//! Which lines were there a moment ago.

use std::collections::HashSet;

/// So many lines are remembered at least, and twice as many at most.
const REMEMBERED: usize = 1 << 18;

/// Remembers the identities of the last lines. Copies of a line have the same time, so they meet within few
/// lines of a merge, and memory stays bounded.
#[derive(Debug, Default)]
pub struct Recent {
    now: HashSet<u128>,
    before: HashSet<u128>,
}

impl Recent {
    /// Notes a line. Whether it was noted before.
    pub fn is_known(&mut self, identity: u128) -> bool {
        if self.before.contains(&identity) || !self.now.insert(identity) {
            return true;
        }
        if self.now.len() >= REMEMBERED {
            self.before = std::mem::take(&mut self.now);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_the_second_time_and_forgotten_after_many_others() {
        let mut recent = Recent::default();
        assert!(!recent.is_known(1) && recent.is_known(1));
        (2..REMEMBERED as u128 + 10).for_each(|id| assert!(!recent.is_known(id)));
        assert!(recent.is_known(1), "the last quarter of a million is remembered");
        (0..3 * REMEMBERED as u128).for_each(|id| {
            recent.is_known(id + 1_000_000_000);
        });
        assert!(!recent.is_known(1) && recent.now.len() + recent.before.len() <= 2 * REMEMBERED);
    }
}
