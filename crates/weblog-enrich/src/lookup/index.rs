//! Finds the row of a value.

use super::{on::Join, texts::Texts};
use crate::{
    address,
    cidr::{Map, Range},
};

/// The keys, arranged for one kind of join. The number of a key is that of its row.
#[derive(Debug)]
pub(super) enum Index {
    Exact(Texts),
    Cidr(Map),
    Prefix(Prefixes),
}

impl Index {
    pub(super) fn find(&self, value: &str) -> Option<u32> {
        match self {
            Index::Exact(keys) => keys.find(value),
            Index::Cidr(map) => map.find(address::parse(value.as_bytes())?),
            Index::Prefix(prefixes) => prefixes.find(value),
        }
    }
}

/// How to join on these keys: by address when nine of ten are addresses, networks or ranges; by prefix when
/// one ends in `*`, or all are paths and one of them (besides `/`) ends in `/`; else by the whole text.
pub(super) fn tell(keys: &Texts) -> Join {
    let (mut ranges, mut paths, mut directories, mut stars) = (0, 0, 0, 0);
    for key in keys.iter() {
        ranges += usize::from(Range::parse(key).is_ok());
        paths += usize::from(key.starts_with('/'));
        directories += usize::from(key.len() > 1 && key.ends_with('/'));
        stars += usize::from(key.ends_with('*'));
    }
    if ranges > 0 && ranges * 10 >= keys.len() * 9 {
        Join::Cidr
    } else if stars > 0 || (paths == keys.len() && directories > 0) {
        Join::Prefix
    } else {
        Join::Exact
    }
}

/// Keys in the order of their bytes, in which all that begin with a key stand right behind it.
#[derive(Debug)]
pub(super) struct Prefixes {
    keys: Texts,
    sorted: Vec<u32>,
    /// For each place in the order the place of the longest key that the one there begins with.
    parents: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Prefixes {
    pub(super) fn new(mut keys: Texts) -> Prefixes {
        keys.only_numbers();
        let mut sorted: Vec<u32> = (0..keys.len() as u32).collect();
        // A key with a star stands before the same without one, which says more.
        let order = |number: &u32| beginning(keys.get(*number));
        sorted.sort_unstable_by(|a, b| {
            let (a, b) = (order(a), order(b));
            a.0.cmp(b.0).then(b.1.cmp(&a.1))
        });
        let mut parents = Vec::with_capacity(sorted.len());
        let mut open: Vec<u32> = Vec::new();
        for (place, number) in (0..).zip(&sorted) {
            let text = order(number).0;
            while open.last().is_some_and(|at| !text.starts_with(order(&sorted[*at as usize]).0)) {
                open.pop();
            }
            parents.push(open.last().copied().unwrap_or(NONE));
            open.push(place);
        }
        Prefixes { keys, sorted, parents }
    }

    /// Every key that the value begins with is the last one that is not behind the value, or one that this
    /// one begins with.
    fn find(&self, value: &str) -> Option<u32> {
        let behind = self.sorted.partition_point(|number| beginning(self.keys.get(*number)).0 <= value);
        let mut place = behind.checked_sub(1)? as u32;
        while place != NONE {
            let number = self.sorted[place as usize];
            if holds(self.keys.get(number), value) {
                return Some(number);
            }
            place = self.parents[place as usize];
        }
        None
    }
}

/// What values have to begin with, and whether anything may follow.
fn beginning(key: &str) -> (&str, bool) {
    match key.strip_suffix('*') {
        Some(text) => (text, true),
        None => (key, false),
    }
}

/// Whether a key of a prefix join holds a value.
pub(super) fn holds(key: &str, value: &str) -> bool {
    let (text, star) = beginning(key);
    let Some(rest) = value.strip_prefix(text) else { return false };
    star || rest.is_empty()
        || (text.starts_with('/') && (text.ends_with('/') || rest.starts_with(['/', '?', '#'])))
}
