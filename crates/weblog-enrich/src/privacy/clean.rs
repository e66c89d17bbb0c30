//! Whole records without what must not be kept.

use super::{Anonymizer, REDACTED, RedactOptions, Redactor, holds_addresses};
use crate::enrichment::Enrichment;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
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
    /// What each field of the schema may hold.
    fields: Vec<Kept>,
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
            fields: Field::ALL.iter().map(|field| kept_of(Name::Known(*field))).collect(),
            arena: Arena::new(),
            scratch: Scratch::default(),
        })
    }

    /// Makes addresses unreadable, and takes out secrets. What cannot be made unreadable is taken out.
    pub fn clean<'r>(&'r mut self, record: &mut Record<'r>) {
        let Cleaner { enrichment, anonymizer, fields, arena, scratch, .. } = self;
        arena.clear();
        let arena: &'r Arena = arena;
        let time = record.get(Field::Time).and_then(micros);
        record.map(|name, value| {
            let is_taken = || enrichment.redactor.as_ref().is_some_and(|redactor| redactor.takes(name));
            match value {
                Value::Int(_) if matches!(name, Name::Other(_)) && is_taken() => {
                    return Some(Value::Str(REDACTED));
                }
                Value::Int(_) | Value::Time(_) => return Some(value),
                // What stands in objects and arrays has names of its own.
                Value::Json(json) if json.starts_with(['{', '[']) => {
                    let name = match name {
                        Name::Known(field) => field.name(),
                        Name::Other(name) => name,
                    };
                    let Ok(mut nested) = serde_json::from_str(json) else {
                        return Some(Value::Str(REDACTED));
                    };
                    let redactor = enrichment.redactor.as_ref();
                    let is_changed =
                        Nested { redactor, anonymizer, time }.clean(name, is_taken(), &mut nested);
                    let cleaned = || kept(arena, nested.to_string().as_bytes(), true);
                    return Some(if is_changed { cleaned() } else { value });
                }
                Value::Json(json) if !json.starts_with('"') && is_taken() => {
                    return Some(if json == "null" { value } else { Value::Str(REDACTED) });
                }
                _ => {}
            }
            let was = text(value, scratch);
            let mut cleaned = match &enrichment.redactor {
                Some(redactor) => redactor.text(said_by_client(name), was),
                None => Cow::Borrowed(was),
            };
            if let Some(anonymizer) = anonymizer {
                let kept = match name {
                    Name::Known(field) => fields[field as usize],
                    other => kept_of(other),
                };
                let anonymized = match kept {
                    Kept::Address => anonymizer.address(&cleaned, time)?,
                    Kept::Text => anonymizer.text(&cleaned, time),
                    Kept::All => Cow::Borrowed(&*cleaned),
                };
                if let Cow::Owned(text) = anonymized {
                    cleaned = Cow::Owned(text);
                }
            }
            match cleaned {
                same if same == was => Some(value),
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

/// Objects and arrays, whose members have names of their own.
struct Nested<'c> {
    redactor: Option<&'c Redactor>,
    anonymizer: &'c mut Option<Anonymizer>,
    time: Option<i64>,
}

impl Nested<'_> {
    /// Cleans what stands under a name; the elements of an array stand under that of the array. Whether something
    /// was changed.
    fn clean(&mut self, name: &str, is_taken: bool, value: &mut Json) -> bool {
        match value {
            Json::Object(members) => members.iter_mut().fold(false, |changed, (key, value)| {
                let is_taken = is_taken || self.redactor.is_some_and(|redactor| redactor.takes_member(key));
                self.clean(key, is_taken, value) | changed
            }),
            Json::Array(elements) => {
                elements.iter_mut().fold(false, |changed, value| self.clean(name, is_taken, value) | changed)
            }
            Json::Null => false,
            value if is_taken => {
                *value = REDACTED.into();
                true
            }
            Json::String(text) => {
                let cleaned = self.text(name, text);
                let is_changed = cleaned != *text;
                *text = cleaned;
                is_changed
            }
            _ => false,
        }
    }

    fn text(&mut self, name: &str, text: &str) -> String {
        let cleaned =
            self.redactor.map_or(Cow::Borrowed(text), |redactor| redactor.text(Name::Other(name), text));
        match self.anonymizer {
            Some(anonymizer) if holds_addresses(name) => {
                anonymizer.address(&cleaned, self.time).unwrap_or_default().into_owned()
            }
            Some(anonymizer) => anonymizer.text(&cleaned, self.time).into_owned(),
            None => cleaned.into_owned(),
        }
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
#[derive(Clone, Copy)]
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
        Name::Known(Field::ServerAddr | Field::UpstreamAddr | Field::Host | Field::Source) => Kept::All,
        Name::Known(Field::RefererHost | Field::Route) => Kept::Text,
        Name::Known(field) if holds_addresses(field.name()) => Kept::Address,
        Name::Known(field) if field < Field::ClientAddr => Kept::Text,
        Name::Known(field) if (Field::CampaignSource..=Field::CampaignContent).contains(&field) => Kept::Text,
        Name::Known(_) => Kept::All,
        Name::Other(name) if holds_addresses(name) => Kept::Address,
        Name::Other(_) => Kept::Text,
    }
}
