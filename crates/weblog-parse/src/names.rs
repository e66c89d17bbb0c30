//! Names of columns that this program does not know, kept for as long as it runs.
//!
//! A record borrows the names of its fields, and may outlive the header that brought them. Every
//! name is kept once; how many there may be is bounded, as they come from what may be hostile.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// More distinct names than the logs of one run ever have; a run of a fuzzer has more.
#[allow(unexpected_cfgs, reason = "cargo-fuzz sets it")]
const MOST_NAMES: usize = if cfg!(fuzzing) { 1 << 20 } else { 2_000 };
const LONGEST: usize = 100;

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The name for as long as the program runs; none when it is too long or there are too many.
pub(crate) fn intern(name: &str) -> Option<&'static str> {
    // A set is whole even when a thread died while it held the lock.
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= MOST_NAMES || name.len() > LONGEST {
        return None;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    Some(kept)
}
