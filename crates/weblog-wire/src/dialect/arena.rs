//! Memory for what has to be decoded while a record borrows from it.

use super::token::decode;
use bumpalo::{
    Bump,
    collections::{String, Vec},
};
use memchr::memchr;

/// Holds what is not in the line as it should be in the record: strings with escapes, lines that were
/// wrapped, names that were joined. Keep one per thread, and [`clear`](Arena::clear) it between lines.
#[derive(Debug, Default)]
pub struct Arena(Bump);

impl Arena {
    /// An empty arena.
    pub fn new() -> Self {
        Arena::default()
    }

    /// Forgets what it holds and keeps its memory.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// A copy of these bytes.
    pub fn keep(&self, bytes: &[u8]) -> &[u8] {
        self.0.alloc_slice_copy(bytes)
    }

    /// The characters of a JSON string, its escapes undone.
    #[inline]
    pub(super) fn decoded<'a>(&'a self, inside: &'a [u8]) -> &'a [u8] {
        if memchr(b'\\', inside).is_none() { inside } else { self.decode(inside) }
    }

    fn decode<'a>(&'a self, inside: &[u8]) -> &'a [u8] {
        let mut out = Vec::with_capacity_in(inside.len(), &self.0);
        decode(inside, |bytes| out.extend_from_slice_copy(bytes));
        out.into_bump_slice()
    }

    pub(super) fn concat<'a>(&'a self, parts: &[&[u8]]) -> &'a [u8] {
        let mut out = self.list(parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| out.extend_from_slice_copy(part));
        out.into_bump_slice()
    }

    pub(super) fn join<'a>(&'a self, parts: &[&str]) -> &'a str {
        let mut out = String::with_capacity_in(parts.iter().map(|part| part.len()).sum(), &self.0);
        parts.iter().for_each(|part| out.push_str(part));
        out.into_bump_str()
    }

    pub(super) fn slice<'a, T: Copy>(&'a self, items: &[T]) -> &'a [T] {
        self.0.alloc_slice_copy(items)
    }

    pub(super) fn list<T>(&self, capacity: usize) -> Vec<'_, T> {
        Vec::with_capacity_in(capacity, &self.0)
    }
}
