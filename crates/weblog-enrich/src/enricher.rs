//! Adds place, network and agent to records.

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
/// so that most records cost two lookups in a table.
#[derive(Debug)]
pub struct Enricher {
    sources: Arc<Sources>,
    place_fields: Vec<Field>,
    places: Memo,
    agents: Memo,
    scratch: Scratch,
}

impl Enricher {
    /// An enricher over shared sources.
    pub fn new(sources: Arc<Sources>) -> Self {
        let place_fields = sources.place_fields();
        let scratch = Scratch::default();
        Enricher { sources, place_fields, places: Memo::default(), agents: Memo::default(), scratch }
    }

    /// Adds what is known of the client's address and of its agent, in schema order. What was added
    /// before gives way, but a country that is there already is not replaced by the embedded table's.
    #[inline]
    pub fn enrich<'r>(&'r mut self, record: &mut Record<'r>) {
        let mut is_enriched = false;
        let (mut address, mut user_agent) = (None, None);
        for (name, value) in record.fields() {
            match name {
                Name::Known(Field::RemoteAddr) => address = Some(*value),
                Name::Known(Field::ClientAddr) => address = Some(*value),
                Name::Known(Field::UserAgent) => user_agent = Some(*value),
                Name::Known(field) => is_enriched |= *field >= Field::Country,
                Name::Other(_) => {}
            }
        }
        let place = address.map(|value| self.place(value));
        let agent = user_agent.map(|value| self.agent(value));
        let this: &'r Enricher = self;
        let keeps_country = is_enriched && this.sources.has_table() && record.get(Field::Country).is_some();
        if is_enriched {
            this.forget(place.is_some(), keeps_country, agent.is_some(), record);
        }
        let place = place.map(|at| this.places.get(at));
        let agent = agent.map(|at| this.agents.get(at));
        for (field, value) in place.into_iter().chain(agent).flat_map(Fragment::fields) {
            if !(keeps_country && field == Field::Country) {
                record.push(field, value);
            }
        }
        record.canonical();
    }

    /// Takes out what an earlier enrichment added and this one adds anew.
    #[cold]
    fn forget(&self, place: bool, keeps_country: bool, agent: bool, record: &mut Record<'_>) {
        record.retain(|name| match name {
            Name::Known(Field::Country) if keeps_country => true,
            Name::Known(field) if place && self.place_fields.contains(&field) => false,
            Name::Known(field) if agent && AGENT.contains(&field) => false,
            _ => true,
        });
    }

    #[inline]
    fn place(&mut self, value: Value<'_>) -> usize {
        let (sources, scratch) = (&self.sources, &mut self.scratch);
        find(&mut self.places, value, scratch, |logged| place_fragment(sources.place(logged)))
    }

    #[inline]
    fn agent(&mut self, value: Value<'_>) -> usize {
        find(&mut self.agents, value, &mut self.scratch, |sent| agent_fragment(&agent::parse(sent)))
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
