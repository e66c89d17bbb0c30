//! Adds what is known beyond the log to records.

use crate::{
    agent::{self, Agent},
    fragment::{Fragment, Memo},
    geo::Place,
    sources::Sources,
};
use std::sync::Arc;
use weblog_parse::{Field, Name, Record, Value};
use weblog_wire::{
    columns::AGENT,
    text::{Scratch, text},
};

/// Adds what the sources know. Keep one per thread: it remembers every distinct address and agent,
/// so that most records cost a few lookups in tables.
#[derive(Debug)]
pub struct Enricher {
    sources: Arc<Sources>,
    parts: [Part; PARTS],
    /// What is known of the record at hand: parts and the numbers of their fragments, in the order of the schema.
    found: Vec<(usize, usize)>,
    scratch: Scratch,
}

/// What is told by one value of a record, and remembered.
#[derive(Debug, Default)]
struct Part {
    memo: Memo,
    /// The fields it can fill.
    fields: FieldSet,
}

const PLACE: usize = 0;
const SOFTWARE: usize = 1;
const PARTS: usize = 2;

/// A bit for each field of the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct FieldSet(u128);

impl FieldSet {
    fn of(fields: &[Field]) -> Self {
        FieldSet(fields.iter().fold(0, |bits, field| bits | 1 << *field as u8))
    }

    fn has(self, field: Field) -> bool {
        self.0 & 1 << field as u8 != 0
    }
}

/// The values that are looked into.
#[derive(Default)]
struct Given<'r> {
    address: Option<Value<'r>>,
    user_agent: Option<Value<'r>>,
    /// There is a field that may have been added by an enrichment.
    is_enriched: bool,
}

impl<'r> Given<'r> {
    #[inline]
    fn of(record: &Record<'r>) -> Self {
        let mut given = Given::default();
        for (name, value) in record.fields() {
            let Name::Known(field) = name else { continue };
            match field {
                // The client behind proxies comes after whoever connected.
                Field::RemoteAddr | Field::ClientAddr => given.address = Some(*value),
                Field::UserAgent => given.user_agent = Some(*value),
                _ => {}
            }
            given.is_enriched |= *field >= Field::ClientAddr;
        }
        given
    }
}

impl Enricher {
    /// An enricher over shared sources.
    pub fn new(sources: Arc<Sources>) -> Self {
        let part = |fields: &[Field]| Part { memo: Memo::default(), fields: FieldSet::of(fields) };
        let parts = [part(&sources.place_fields()), part(AGENT)];
        Enricher { sources, parts, found: Vec::new(), scratch: Scratch::default() }
    }

    /// Adds what is known of a record behind its other fields. What was added before gives way, but a country
    /// that is there already is not replaced by the embedded table's.
    #[inline]
    pub fn enrich<'r>(&'r mut self, record: &mut Record<'r>) {
        let is_changed = self.look(record);
        let this: &'r Enricher = self;
        for (name, value) in this.fields() {
            // What stands there still is to stay.
            if is_changed && record.fields().iter().any(|(other, _)| *other == name) {
                continue;
            }
            match name {
                Name::Known(field) => record.push(field, value),
                Name::Other(name) => record.push_other(name, value),
            }
        }
        if is_changed {
            record.put_behind(|name| matches!(name, Name::Known(field) if field >= Field::ClientAddr));
        }
    }

    /// The same as members of a JSON object, for a record that was written already: each with a comma before it.
    /// `false`, and nothing, if the record has fields that have to give way; then [`Enricher::enrich`] it.
    #[inline]
    pub fn members(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        let given = Given::of(record);
        if given.is_enriched || record.fields().is_empty() {
            return false;
        }
        self.find(&given);
        for (part, at) in &self.found {
            out.extend_from_slice(self.parts[*part].memo.get(*at).members().as_bytes());
        }
        true
    }

    /// Finds what is known of a record, and takes out of it what has to give way. Whether there may have been some.
    #[inline]
    fn look(&mut self, record: &mut Record<'_>) -> bool {
        let given = Given::of(record);
        self.find(&given);
        if given.is_enriched {
            self.forget(record);
        }
        given.is_enriched
    }

    #[inline]
    fn find(&mut self, given: &Given<'_>) {
        self.found.clear();
        let Enricher { sources, parts, found, scratch } = self;
        if let Some(address) = given.address {
            let make = |logged: &str| place_fragment(sources.place(logged));
            found.push((PLACE, find(&mut parts[PLACE].memo, address, scratch, make)));
        }
        if let Some(sent) = given.user_agent {
            let make = |sent: &str| agent_fragment(&agent::parse(sent));
            found.push((SOFTWARE, find(&mut parts[SOFTWARE].memo, sent, scratch, make)));
        }
    }

    /// What was found, in the order of the schema.
    #[inline]
    fn fields(&self) -> impl Iterator<Item = (Name<'_>, Value<'_>)> {
        self.found.iter().flat_map(|(part, at)| self.parts[*part].memo.get(*at).fields())
    }

    /// Takes out what an earlier enrichment added and this one adds anew.
    #[cold]
    fn forget(&self, record: &mut Record<'_>) {
        let keeps_country = self.sources.has_table();
        let anew = self.found.iter().fold(0, |bits, (part, _)| bits | self.parts[*part].fields.0);
        record.retain(|name| match name {
            Name::Known(Field::Country) if keeps_country => true,
            Name::Known(field) => !FieldSet(anew).has(field),
            Name::Other(_) => true,
        });
    }
}

/// The number of the fragment of a value. Plain bytes are their own text: only a new one is read as such.
#[inline]
fn find(
    memo: &mut Memo,
    value: Value<'_>,
    scratch: &mut Scratch,
    make: impl FnOnce(&str) -> Fragment,
) -> usize {
    match value {
        Value::Plain(plain) => memo.find(plain, || make(text(value, scratch))),
        other => {
            let text = text(other, scratch);
            memo.find(text.as_bytes(), || make(text))
        }
    }
}

fn place_fragment(place: Place<'_>) -> Fragment {
    let mut fragment = Fragment::default();
    fragment.text(Field::Country, place.country);
    fragment.text(Field::CountryName, place.country_name);
    fragment.text(Field::Region, place.region);
    fragment.text(Field::City, place.city);
    fragment.number(Field::Latitude, place.latitude);
    fragment.number(Field::Longitude, place.longitude);
    fragment.text(Field::Timezone, place.timezone);
    fragment.number(Field::Asn, place.asn);
    fragment.text(Field::AsOrg, place.as_org);
    fragment
}

fn agent_fragment(agent: &Agent<'_>) -> Fragment {
    let mut fragment = Fragment::default();
    fragment.text(Field::Browser, agent.browser);
    fragment.text(Field::BrowserVersion, agent.browser_version);
    fragment.text(Field::Os, agent.os);
    fragment.text(Field::OsVersion, agent.os_version.as_deref());
    fragment.text(Field::Device, agent.device.map(agent::Device::name));
    fragment.text(Field::Bot, agent.bot);
    fragment.text(Field::BotClass, agent.bot_class.map(agent::BotClass::name));
    fragment
}
