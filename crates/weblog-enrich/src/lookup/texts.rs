//! Many texts, each distinct one kept once, one behind the other.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Distinct texts with numbers from 0 in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<u32>,
    known: HashTable<u32>,
    state: RandomState,
}

/// There is no room for more than 4 GiB.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full;

impl Texts {
    /// The number of a text, and whether it is new.
    pub(super) fn add(&mut self, text: &str) -> Result<(u32, bool), Full> {
        let hash = self.state.hash_one(text);
        if let Some(number) = self.known.find(hash, |number| at(&self.text, &self.ends, *number) == text) {
            return Ok((*number, false));
        }
        let number = self.push(text)?;
        let (all, ends, state) = (&self.text, &self.ends, &self.state);
        self.known.insert_unique(hash, number, |number| state.hash_one(at(all, ends, *number)));
        Ok((number, true))
    }

    /// Adds a text that is known to be new and is not looked for.
    pub(super) fn push(&mut self, text: &str) -> Result<u32, Full> {
        let end = u32::try_from(self.text.len() + text.len()).map_err(|_| Full)?;
        self.text.push_str(text);
        self.ends.push(end);
        Ok(self.ends.len() as u32 - 1)
    }

    #[inline]
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        let hash = self.state.hash_one(text);
        self.known.find(hash, |number| at(&self.text, &self.ends, *number) == text).copied()
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> &str {
        at(&self.text, &self.ends, number)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|number| self.get(number))
    }

    /// Gives back what only [`Texts::add`] and [`Texts::find`] need.
    pub(super) fn only_numbers(&mut self) {
        self.known = HashTable::new();
    }

    /// Gives back what is held for more texts.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

#[inline]
fn at<'t>(text: &'t str, ends: &[u32], number: u32) -> &'t str {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start as usize..ends[number] as usize]
}
