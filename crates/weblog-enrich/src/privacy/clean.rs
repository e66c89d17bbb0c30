//! Whole records without what must not be kept.

use super::{Anonymizer, REDACTED, RedactOptions, Redactor, holds_addresses};
use crate::enrichment::Enrichment;
use serde::de::IgnoredAny;
use std::{borrow::Cow, sync::Arc};
use weblog_parse::{Field, Name, Record, Value};
use weblog_wire::{
    dialect::Arena,
    text::{Scratch, micros, text},
};

/// Cleans the records of one thread, when all that is known of them was looked up.
pub struct Cleaner {
    enrichment: Arc<Enrichment>,
    anonymizer: Option<Anonymizer>,
    /// A redactor that leaves all as it is.
    nothing: Redactor,
    arena: Arena,
    scratch: Scratch,
}

impl Cleaner {
    /// What cleans as an enrichment says; None if it leaves everything as it is.
    pub fn new(enrichment: &Arc<Enrichment>) -> Option<Self> {
        enrichment.is_private().then(|| Cleaner {
            enrichment: Arc::clone(enrichment),
            anonymizer: enrichment.anonymizer.clone(),
            nothing: Redactor::new(&RedactOptions { names: Vec::new(), default: false }),
            arena: Arena::new(),
            scratch: Scratch::default(),
        })
    }

    /// Makes addresses unreadable, and takes out secrets. What cannot be made unreadable is taken out.
    pub fn clean<'r>(&'r mut self, record: &mut Record<'r>) {
        let Cleaner { enrichment, anonymizer, nothing, arena, scratch } = self;
        let lines = enrichment.redactor.as_ref().unwrap_or(nothing);
        arena.clear();
        let arena: &'r Arena = arena;
        let time = record.get(Field::Time).and_then(micros);
        record.map(|name, value| {
            if matches!(value, Value::Int(_) | Value::Time(_)) {
                return Some(value);
            }
            // What stands in objects and arrays has names of its own.
            if let Value::Json(json) = value
                && json.starts_with(['{', '['])
            {
                let cleaned = lines.line(anonymizer.as_mut(), json.as_bytes(), time);
                return match cleaned == json.as_bytes() {
                    true => Some(value),
                    false => Some(kept(arena, &cleaned, true)),
                };
            }
            let was = text(value, scratch);
            let mut cleaned = match &enrichment.redactor {
                Some(redactor) => redactor.text(said_by_client(name), was),
                None => Cow::Borrowed(was),
            };
            if let Some(anonymizer) = anonymizer {
                let anonymized = match kept_of(name) {
                    Kept::Address => anonymizer.address(&cleaned, time)?,
                    Kept::Text => anonymizer.text(&cleaned, time),
                    Kept::All => Cow::Borrowed(&*cleaned),
                };
                if let Cow::Owned(text) = anonymized {
                    cleaned = Cow::Owned(text);
                }
            }
            match cleaned {
                Cow::Borrowed(same) if same.len() == was.len() => Some(value),
                cleaned => {
                    let is_json = matches!(value, Value::Json(json) if !json.starts_with('"'));
                    Some(kept(arena, cleaned.as_bytes(), is_json))
                }
            }
        });
    }

    /// A line that could not be read, without whatever looks like an address or a secret.
    pub fn line(&mut self, line: &[u8]) -> Vec<u8> {
        let redactor = self.enrichment.redactor.as_ref().unwrap_or(&self.nothing);
        redactor.line(self.anonymizer.as_mut(), line, None)
    }
}

/// A value for as long as the record.
fn kept<'a>(arena: &'a Arena, cleaned: &[u8], is_json: bool) -> Value<'a> {
    let kept = std::str::from_utf8(arena.keep(cleaned)).unwrap_or(REDACTED);
    match is_json && serde_json::from_str::<IgnoredAny>(kept).is_ok() {
        true => Value::Json(kept),
        false => Value::Str(kept),
    }
}

/// What is told from a text of the client may repeat a part of it, so it is treated as one more text of the client.
fn said_by_client(name: Name<'_>) -> Name<'_> {
    use Field::*;
    match name {
        Name::Known(
            Browser | BrowserVersion | Os | OsVersion | Bot | RefererHost | CampaignSource | CampaignMedium
            | Campaign | CampaignTerm | CampaignContent | Route,
        ) => Name::Known(Extra),
        name => name,
    }
}

/// What of a field may hold addresses of people.
enum Kept {
    /// The whole value is one, or a list of them.
    Address,
    /// There may be some in it.
    Text,
    /// None.
    All,
}

fn kept_of(name: Name<'_>) -> Kept {
    match name {
        Name::Known(
            Field::UserAgent
            | Field::ServerAddr
            | Field::UpstreamAddr
            | Field::Vhost
            | Field::Host
            | Field::Source,
        ) => Kept::All,
        Name::Known(Field::RefererHost | Field::Route) => Kept::Text,
        Name::Known(field) if holds_addresses(field.name()) => Kept::Address,
        Name::Known(field) if field < Field::ClientAddr => Kept::Text,
        Name::Known(field) if (Field::CampaignSource..=Field::CampaignContent).contains(&field) => Kept::Text,
        Name::Known(_) => Kept::All,
        Name::Other(name) if holds_addresses(name) => Kept::Address,
        Name::Other(_) => Kept::Text,
    }
}
