//! Files that turn up while others are followed.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often it is asked, at most.
const EVERY: Duration = Duration::from_secs(1);
/// No more than one part of this many of the time goes into the asking.
const SHARE: u32 = 20;

/// Asks for files again and again.
#[derive(Default)]
pub(super) struct Discovery {
    find: Option<Box<dyn FnMut() -> Vec<PathBuf>>>,
    /// When to ask again.
    due: Option<Instant>,
}

impl Discovery {
    pub(super) fn new(find: impl FnMut() -> Vec<PathBuf> + 'static) -> Self {
        Self { find: Some(Box::new(find)), due: None }
    }

    /// What is there now, if it is time to ask.
    pub(super) fn take(&mut self, now: Instant) -> Vec<PathBuf> {
        let Some(find) = &mut self.find else { return Vec::new() };
        if self.due.is_some_and(|due| now < due) {
            return Vec::new();
        }
        let found = find();
        self.due = Some(now + EVERY.max(now.elapsed() * SHARE));
        found
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Discovery").field("due", &self.due).finish()
    }
}
