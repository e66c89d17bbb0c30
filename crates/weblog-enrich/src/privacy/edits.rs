//! What is to be replaced in a text.

use super::REDACTED;
use std::ops::Range;

/// Places in a text and what comes there: a text of its own, or [`REDACTED`].
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, Option<String>)>);

impl Edits {
    /// Replaces a place by [`REDACTED`].
    pub(super) fn redact(&mut self, place: Range<usize>) {
        if !place.is_empty() {
            self.0.push((place, None));
        }
    }

    /// Replaces a place by a text, or by [`REDACTED`] if there is none.
    pub(super) fn replace(&mut self, place: Range<usize>, new: Option<String>) {
        self.0.push((place, new));
    }

    /// The text with all of it done; None if nothing changes. Places that overlap become one.
    pub(super) fn apply(mut self, text: &[u8]) -> Option<Vec<u8>> {
        self.0.sort_by_key(|(place, _)| (place.start, place.end));
        let mut merged: Vec<(Range<usize>, Option<String>)> = Vec::with_capacity(self.0.len());
        for (place, new) in self.0 {
            match merged.last_mut() {
                Some((last, what)) if place.start < last.end => {
                    if *last != place || *what != new {
                        *last = last.start..last.end.max(place.end);
                        *what = None;
                    }
                }
                _ => merged.push((place, new)),
            }
        }
        merged.retain(|(place, new)| new.as_deref().unwrap_or(REDACTED).as_bytes() != &text[place.clone()]);
        if merged.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(text.len());
        let mut done = 0;
        for (place, new) in merged {
            out.extend_from_slice(&text[done..place.start]);
            out.extend_from_slice(new.as_deref().unwrap_or(REDACTED).as_bytes());
            done = place.end;
        }
        out.extend_from_slice(&text[done..]);
        Some(out)
    }
}
