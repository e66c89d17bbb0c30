//! Which input is which, whatever its name: the hash of its head, and how far it was taken in.
//!
//! A log that has grown, was renamed or compressed has the same head. The commit log keeps, for each
//! head, how many bytes of the decompressed input the dataset holds, as `txn` actions of the commits
//! that brought them.
//!
//! A head that is known may be short, because the file was. When the file has grown, a longer head takes
//! its place, so that another file that begins alike is not taken for it; the short one is frozen at what
//! it held then, which both files have in common.
//!
//! A part of a known file is known too: a copy or a compressed file that is half written. The id of a head
//! holds the hashes of some of its beginnings, its marks, and a file whose last mark is one of a known
//! file, of which the dataset has more, has nothing new. What differs behind its last mark is not seen
//! before it has grown to the next one.
//!
//! Two runs may see a new file at different sizes, and so with different heads. So that they do not both
//! take it in, the commit that brings a new head also counts up a `txn` of its first line.

use crate::delta::{NEVER, Txn};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// The inputs that a dataset knows.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    /// Heads by their length and hash.
    heads: BTreeMap<usize, HashMap<String, Known>>,
    /// The longest head that has a mark.
    marks: HashMap<String, Known>,
    /// Hashes of the first lines of inputs, and how many new inputs had each, less one.
    firsts: HashMap<String, i64>,
}

/// A head in the log.
#[derive(Clone, Debug)]
struct Known {
    length: usize,
    id: String,
    /// That of its `txn`.
    version: i64,
}

/// One input, and how far it was taken in.
#[derive(Clone, Debug)]
pub struct Position {
    /// Bytes of the decompressed input that the dataset holds.
    pub offset: u64,
    id: String,
    /// The version of the `txn` of `id`.
    from: i64,
    /// A shorter head that was known.
    shorter: Option<Known>,
    /// For an input that is new: the id of its first line, with the version of its `txn`.
    first: Option<(String, i64)>,
}

impl Identities {
    /// Reads the `txn` actions of a commit log.
    pub fn of(txns: &HashMap<String, i64>) -> Self {
        let mut identities = Identities::default();
        for (id, version) in txns {
            if let Some(hash) = id.strip_prefix(FIRST) {
                identities.firsts.insert(hash.to_owned(), *version);
            }
            let mut parts = id.strip_prefix(PREFIX).into_iter().flat_map(|rest| rest.split(':'));
            let length = parts.next().and_then(|length| length.parse::<usize>().ok());
            let (Some(length), Some(hash)) = (length, parts.next()) else { continue };
            let known = Known { length, id: id.clone(), version: *version };
            for mark in parts.next().unwrap_or_default().as_bytes().chunks_exact(MARK_DIGITS) {
                let mark = String::from_utf8_lossy(mark).into_owned();
                let longest = identities.marks.entry(mark).or_insert_with(|| known.clone());
                if (longest.length, longest.held()) < (known.length, known.held()) {
                    *longest = known.clone();
                }
            }
            identities.heads.entry(length).or_default().insert(hash.to_owned(), known);
        }
        identities
    }

    /// How many inputs there are, and how many of their bytes, decompressed, the dataset holds.
    pub fn total(&self) -> (u64, u64) {
        // A head that a longer one took the place of is frozen.
        let known = self.heads.values().flat_map(HashMap::values).filter(|known| known.version >= 0);
        known.fold((0, 0), |(inputs, bytes), known| (inputs + 1, bytes + known.held()))
    }

    /// The input with this head, which is not empty.
    pub fn find(&self, head: &[u8]) -> Position {
        let whole = short_hash(head);
        let own = self.heads.get(&head.len()).and_then(|heads| heads.get(&whole));
        if let Some(known) = own {
            return known.position();
        }
        let marks = marks(head);
        if let Some(known) = marks.last().and_then(|mark| self.marks.get(mark))
            && known.length > head.len()
            && known.held() >= head.len() as u64
        {
            return known.position();
        }
        let shorter = self.longest_beginning(head);
        let first = shorter.is_none().then(|| {
            let hash = short_hash(head.split(|byte| *byte == b'\n').next().unwrap_or_default());
            (format!("{FIRST}{hash}"), self.firsts.get(&hash).copied().unwrap_or(NEVER))
        });
        Position {
            offset: shorter.as_ref().map_or(0, Known::held),
            id: format!("{PREFIX}{}:{whole}:{}", head.len(), marks.concat()),
            from: NEVER,
            shorter,
            first,
        }
    }

    /// The longest shorter head that is known and that this one begins with.
    fn longest_beginning(&self, head: &[u8]) -> Option<Known> {
        let mut beginnings = Beginnings::of(head);
        let known = self.heads.range(..head.len());
        known.filter_map(|(length, heads)| heads.get(&beginnings.hash(*length))).last().cloned()
    }
}

impl Known {
    /// Bytes that the dataset holds of what begins so.
    fn held(&self) -> u64 {
        if self.version < 0 { thawed(self.version) } else { self.version.unsigned_abs() }
    }

    fn position(&self) -> Position {
        let Known { id, version, .. } = self;
        Position { offset: self.held(), id: id.clone(), from: *version, shorter: None, first: None }
    }
}

/// The marks of a head: hashes of beginnings, each of which has twice as much behind the first line, which
/// may be a header, as the one before.
fn marks(head: &[u8]) -> Vec<String> {
    let Some(line) = head.iter().position(|byte| *byte == b'\n') else { return Vec::new() };
    let lengths = std::iter::successors(Some(256), |length| Some(length * 2)).map(|length| line + 1 + length);
    let mut beginnings = Beginnings::of(head);
    let mark = |length| {
        let mut mark = beginnings.hash(length);
        mark.truncate(MARK_DIGITS);
        mark
    };
    lengths.take_while(|length| *length <= head.len()).map(mark).collect()
}

/// The hashes of the beginnings of a head, in the order of their length: the head is read once.
#[derive(Debug)]
pub struct Beginnings<'a> {
    head: &'a [u8],
    hashed: usize,
    sha: Sha256,
}

impl<'a> Beginnings<'a> {
    /// Of a head.
    pub fn of(head: &'a [u8]) -> Self {
        Beginnings { head, hashed: 0, sha: Sha256::new() }
    }

    /// The hash of the first bytes, which are not more than the head has nor fewer than those before.
    pub fn hash(&mut self, length: usize) -> String {
        self.sha.update(&self.head[self.hashed..length]);
        self.hashed = length;
        hex(&self.sha.clone().finalize())
    }
}

impl Position {
    /// What a commit has to say when it takes the input in up to this byte. `now` are the versions of
    /// other inputs' `txn` actions that this run has made itself since it read the log.
    pub fn taken_to(&self, offset: u64, now: &HashMap<String, i64>) -> Vec<Txn> {
        let version = i64::try_from(offset).unwrap_or(i64::MAX);
        let own = Txn { app_id: self.id.clone(), from: self.from, version };
        let shorter = self.shorter.as_ref().map(|Known { length, id, version: from }| {
            let from = now.get(id).copied().unwrap_or(*from);
            // Frozen with a number that no file has, so that whoever read the old one sees the change; and
            // at no more than what all files with this head have in common.
            let held = i64::try_from(*length).unwrap_or(i64::MAX).min(from);
            let version = if from < 0 { from } else { FROZEN - held };
            Txn { app_id: id.clone(), from, version }
        });
        let first = self.first.as_ref().map(|(id, from)| {
            let from = now.get(id).copied().unwrap_or(*from);
            Txn { app_id: id.clone(), from, version: from + 1 }
        });
        shorter.into_iter().chain(first).chain([own]).collect()
    }

    /// The same input after a commit up to this byte.
    pub fn moved_to(self, offset: u64) -> Position {
        let from = i64::try_from(offset).unwrap_or(i64::MAX);
        Position { offset, id: self.id, from, shorter: None, first: None }
    }
}

const PREFIX: &str = "weblog-input:";
const FIRST: &str = "weblog-first-line:";
/// Digits of a mark.
const MARK_DIGITS: usize = 16;
/// A `txn` with this number or a smaller one is frozen: at how far below it is.
const FROZEN: i64 = -2;

fn thawed(version: i64) -> u64 {
    FROZEN.saturating_sub(version).max(0).unsigned_abs()
}

pub(crate) fn short_hash(head: &[u8]) -> String {
    Beginnings::of(head).hash(head.len())
}

/// Half of a SHA-256, in hexadecimal digits.
fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    digest[..16].iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
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
            let txns = position.taken_to(end, &HashMap::new());
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
    fn two_runs_that_saw_a_new_file_at_different_sizes_do_not_both_commit() {
        let mut log = Log::default();
        let (a, b) = (log.find(b"one\n"), log.find(b"one\ntwo\n"));
        assert!(log.commit(&a, 8));
        assert!(!log.commit(&b, 8));
        assert_eq!(log.find(b"one\ntwo\n").offset, 8);
    }

    #[test]
    fn a_head_that_was_taken_in_with_more_than_it_has_is_frozen_at_its_length() {
        let mut log = Log::default();
        assert!(log.commit(&log.find(b"header\n"), 5_000));
        assert!(log.commit(&log.find(b"header\nfirst\n"), 6_000));
        assert_eq!(log.find(b"header\nother\n").offset, 7);
        assert_eq!(log.find(b"header\nfirst\n").offset, 6_000);
    }

    #[test]
    fn a_part_of_a_known_file_has_nothing_new_and_one_that_differs_is_another() {
        let text = |n: usize| (0..n).map(|n| format!("line {n}\n")).collect::<String>().into_bytes();
        let mut log = Log::default();
        assert!(log.commit(&log.find(&text(1_000)), 9_000));
        for part in [40, 400, 999] {
            assert_eq!(log.find(&text(part)).offset, 9_000, "{part}");
        }
        let mut other = text(400);
        other.extend(b"another line\n".repeat(400));
        assert_eq!(log.find(&other).offset, 0);
        // A header, and too little behind it to tell.
        assert_eq!(log.find(&text(1_000)[..200]).offset, 0);
    }

    #[test]
    fn one_run_takes_in_several_new_files_with_one_first_line() {
        let log = Log::default();
        let (a, b) = (log.find(b"one\na\n"), log.find(b"one\nb\n"));
        let now = a.taken_to(6, &HashMap::new()).into_iter().map(|txn| (txn.app_id, txn.version)).collect();
        assert!(b.taken_to(6, &now).iter().any(|txn| (txn.from, txn.version) == (0, 1)));
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
