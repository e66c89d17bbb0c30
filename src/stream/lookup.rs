//! What is looked up of a record only because somebody names it: the record itself stays as it came.

use std::sync::Arc;
use weblog_enrich::{Enricher, Enrichment};
use weblog_parse::{Field, Record};

/// Where something is looked up, and by which fields.
#[derive(Clone)]
pub struct Wanted {
    enrichment: Arc<Enrichment>,
    fields: Vec<Field>,
    by: Vec<Field>,
}

impl Wanted {
    /// What is needed to look up the fields that are named; none when no field that can be looked up is.
    pub fn new(enrichment: &Arc<Enrichment>, is_named: impl Fn(&[Field]) -> bool) -> Option<Wanted> {
        let mut fields = enrichment.fields();
        fields.retain(|field| is_named(&[*field]));
        let mut by: Vec<Field> =
            fields.iter().flat_map(|field| enrichment.told_by(*field)).copied().collect();
        by.sort_unstable();
        by.dedup();
        (!fields.is_empty()).then(|| Wanted { enrichment: Arc::clone(enrichment), fields, by })
    }
}

/// Looks up, for one thread.
pub(super) struct Lookup {
    enricher: Enricher,
    by: Vec<Field>,
    spare: Record<'static>,
}

impl Lookup {
    pub(super) fn new(Wanted { enrichment, fields, by }: Wanted) -> Self {
        Lookup { enricher: Enricher::only(enrichment, &fields), by, spare: Record::new() }
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
