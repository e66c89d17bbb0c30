//! Which input is which, whatever its name: the hash of its head, and how far it was taken in.
//!
//! A log that has grown, was renamed or compressed has the same head. The commit log keeps, for each
//! head, how many bytes of the decompressed input the dataset holds, as `txn` actions of the commits
//! that brought them.
//!
//! A head that is known may be short, because the file was. When the file has grown, a longer head takes
//! its place, so that another file that begins alike is not taken for it; the short one is frozen at what
//! it held then, which both files have in common.

use crate::delta::{NEVER, Txn};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// The inputs that a dataset knows.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    /// Heads by their length, and for each hash the version of its `txn`.
    heads: BTreeMap<usize, HashMap<String, i64>>,
}

/// One input, and how far it was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Bytes of the decompressed input that the dataset holds.
    pub offset: u64,
    id: String,
    /// The version of the `txn` of `id`.
    from: i64,
    /// A shorter head that was known, with the version of its `txn`.
    shorter: Option<(String, i64)>,
}

impl Identities {
    /// Reads the `txn` actions of a commit log.
    pub fn of(txns: &HashMap<String, i64>) -> Self {
        let mut heads: BTreeMap<usize, HashMap<String, i64>> = BTreeMap::new();
        for (id, version) in txns {
            let parts = id.strip_prefix(PREFIX).and_then(|rest| rest.split_once(':'));
            if let Some((length, hash)) = parts.and_then(|(length, hash)| Some((length.parse().ok()?, hash)))
            {
                heads.entry(length).or_default().insert(hash.to_owned(), *version);
            }
        }
        Identities { heads }
    }

    /// The input with this head, which is not empty.
    pub fn find(&self, head: &[u8]) -> Position {
        let whole = short_hash(head);
        if let Some(version) = self.heads.get(&head.len()).and_then(|heads| heads.get(&whole))
            && *version >= 0
        {
            let id = id(head.len(), &whole);
            return Position { offset: version.unsigned_abs(), id, from: *version, shorter: None };
        }
        let from = self.heads.get(&head.len()).and_then(|heads| heads.get(&whole)).copied();
        let shorter = self.heads.range(..head.len()).rev().find_map(|(length, heads)| {
            let hash = short_hash(&head[..*length]);
            heads.get(&hash).map(|version| (id(*length, &hash), *version))
        });
        let held = from.or(shorter.as_ref().map(|(_, version)| *version));
        Position {
            offset: held
                .map_or(0, |version| if version < 0 { thawed(version) } else { version.unsigned_abs() }),
            id: id(head.len(), &whole),
            from: from.unwrap_or(NEVER),
            shorter: shorter.filter(|_| from.is_none()),
        }
    }
}

impl Position {
    /// What a commit has to say when it takes the input in up to this byte.
    pub fn taken_to(&self, offset: u64) -> Vec<Txn> {
        let version = i64::try_from(offset).unwrap_or(i64::MAX);
        let own = Txn { app_id: self.id.clone(), from: self.from, version };
        let shorter = self.shorter.as_ref().map(|(id, from)| {
            // Frozen with a number that no file has, so that whoever read the old one sees the change.
            let version = if *from < 0 { *from } else { FROZEN - *from };
            Txn { app_id: id.clone(), from: *from, version }
        });
        shorter.into_iter().chain([own]).collect()
    }

    /// The same input after a commit up to this byte.
    pub fn moved_to(self, offset: u64) -> Position {
        let from = i64::try_from(offset).unwrap_or(i64::MAX);
        Position { offset, id: self.id, from, shorter: None }
    }
}

const PREFIX: &str = "weblog-input:";
/// A `txn` with this number or a smaller one is frozen: at how far below it is.
const FROZEN: i64 = -2;

fn thawed(version: i64) -> u64 {
    FROZEN.saturating_sub(version).max(0).unsigned_abs()
}

fn id(length: usize, hash: &str) -> String {
    format!("{PREFIX}{length}:{hash}")
}

/// Half of a SHA-256, in hexadecimal digits.
pub(crate) fn short_hash(head: &[u8]) -> String {
    Sha256::digest(head)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Log(HashMap<String, i64>);

    impl Log {
        fn find(&self, head: &[u8]) -> Position {
            Identities::of(&self.0).find(head)
        }

        /// Takes a file in as a commit does. False if another commit came between.
        fn commit(&mut self, position: &Position, end: u64) -> bool {
            let txns = position.taken_to(end);
            let fresh = txns.iter().all(|txn| self.0.get(&txn.app_id).copied().unwrap_or(NEVER) == txn.from);
            if fresh {
                self.0.extend(txns.into_iter().map(|txn| (txn.app_id, txn.version)));
            }
            fresh
        }
    }

    #[test]
    fn a_file_that_grew_goes_on_where_it_was_left() {
        let mut log = Log::default();
        let first = log.find(b"one\n");
        assert_eq!(first.offset, 0);
        assert!(log.commit(&first, 4));
        assert_eq!(log.find(b"one\n").offset, 4);
        let grown = log.find(b"one\ntwo\n");
        assert_eq!(grown.offset, 4);
        assert!(log.commit(&grown, 8));
        assert_eq!(log.find(b"one\ntwo\nthree\n").offset, 8);
    }

    #[test]
    fn a_file_that_only_begins_alike_loses_no_more_than_what_both_have() {
        let mut log = Log::default();
        assert!(log.commit(&log.find(b"one\n"), 4));
        assert!(log.commit(&log.find(b"one\ntwo\n"), 8));
        assert!(log.commit(&log.find(b"one\ntwo\n"), 5_000));
        let other = log.find(b"one\nother\n");
        assert_eq!(other.offset, 4);
        assert!(log.commit(&other, 10));
        assert_eq!(log.find(b"one\nother\n").offset, 10);
        assert_eq!(log.find(b"one\ntwo\n").offset, 5_000);
    }

    #[test]
    fn two_runs_that_saw_the_file_at_different_sizes_do_not_both_commit() {
        let mut log = Log::default();
        assert!(log.commit(&log.find(b"one\n"), 4));
        let (a, b) = (log.find(b"one\ntwo\n"), log.find(b"one\ntwo\nthree\n"));
        assert!(log.commit(&a, 8));
        assert!(!log.commit(&b, 14));
        assert_eq!(log.find(b"one\ntwo\nthree\n").offset, 8);
    }

    #[test]
    fn the_short_file_itself_is_still_known_once_its_head_is_frozen() {
        let mut log = Log::default();
        assert!(log.commit(&log.find(b"one\n"), 4));
        assert!(log.commit(&log.find(b"one\ntwo\n"), 8));
        let short = log.find(b"one\n");
        assert_eq!(short.offset, 4);
        assert!(log.commit(&short, 4));
        assert_eq!(log.find(b"one\n").offset, 4);
    }
}
