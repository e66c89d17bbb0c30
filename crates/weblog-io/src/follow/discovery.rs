//! Files that turn up while others are followed.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often it is asked.
const EVERY: Duration = Duration::from_secs(1);

/// Asks for files again and again.
#[derive(Default)]
pub(super) struct Discovery {
    find: Option<Box<dyn FnMut() -> Vec<PathBuf>>>,
    asked: Option<Instant>,
}

impl Discovery {
    pub(super) fn new(find: impl FnMut() -> Vec<PathBuf> + 'static) -> Self {
        Self { find: Some(Box::new(find)), asked: None }
    }

    /// What is there now, if it is time to ask.
    pub(super) fn take(&mut self, now: Instant) -> Vec<PathBuf> {
        let Some(find) = &mut self.find else { return Vec::new() };
        if self.asked.is_some_and(|asked| now - asked < EVERY) {
            return Vec::new();
        }
        self.asked = Some(now);
        find()
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Discovery").field("asked", &self.asked).finish()
    }
}
