//! What is looked up of a record only because somebody names it: the record itself stays as it came.

use std::sync::Arc;
use weblog_enrich::{Enricher, Sources};
use weblog_parse::{Field, Record};
use weblog_wire::columns::AGENT;

/// Where something is looked up, and by which fields.
#[derive(Clone)]
pub struct Wanted {
    sources: Arc<Sources>,
    by: Vec<Field>,
}

impl Wanted {
    /// What is needed to look up the fields that are named; none when no field that can be looked up is.
    pub fn new(sources: &Arc<Sources>, is_named: impl Fn(&[Field]) -> bool) -> Option<Wanted> {
        let fields = sources.fields();
        let (agent, place): (Vec<Field>, Vec<Field>) =
            fields.into_iter().partition(|field| AGENT.contains(field));
        let mut by = Vec::new();
        if is_named(&place) {
            by.extend([Field::RemoteAddr, Field::ClientAddr]);
        }
        if is_named(&agent) {
            by.push(Field::UserAgent);
        }
        (!by.is_empty()).then(|| Wanted { sources: Arc::clone(sources), by })
    }
}

/// Looks up, for one thread.
pub(super) struct Lookup {
    enricher: Enricher,
    by: Vec<Field>,
    spare: Record<'static>,
}

impl Lookup {
    pub(super) fn new(Wanted { sources, by }: Wanted) -> Self {
        Lookup { enricher: Enricher::new(sources), by, spare: Record::new() }
    }

    /// Calls `tell` with a record of what is known beyond this one.
    pub(super) fn more<T>(&mut self, record: &Record<'_>, tell: impl FnOnce(&Record<'_>) -> T) -> T {
        let mut more = std::mem::take(&mut self.spare).recycle();
        for field in &self.by {
            if let Some(value) = record.get(*field) {
                more.push(*field, value);
            }
        }
        self.enricher.enrich(&mut more);
        let told = tell(&more);
        self.spare = more.recycle();
        told
    }
}
