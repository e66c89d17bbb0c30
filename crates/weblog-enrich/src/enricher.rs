//! Adds what is known beyond the log to records.

mod given;
mod join;
mod made;
mod part;

use crate::{
    address, agent,
    enrichment::Enrichment,
    fields::{FieldSet, Group},
    fragment::Fragment,
    geo::Geo,
    referer::{self, Own},
    request,
    route::{self, Learner},
    verify::{Answer, Verdict},
};
use given::Given;
use join::Join;
use part::Part;
use std::sync::{Arc, PoisonError, atomic::Ordering};
use weblog_parse::{Field, Name, Record, Value};
use weblog_wire::text::{Scratch, number, text};

/// Adds what the sources know. Keep one per thread: it remembers what it was asked, so that most records cost a
/// few lookups in tables.
#[derive(Debug)]
pub struct Enricher {
    enrichment: Arc<Enrichment>,
    geo: Arc<Geo>,
    parts: [Part; PARTS],
    /// For each table the rows that were found.
    joins: Vec<Join>,
    /// What is known of the record at hand: parts and the numbers of their fragments, in the order of the schema.
    found: Vec<(usize, usize)>,
    learner: Option<Learner>,
    rooms: Rooms,
}

/// Room for texts that have to be decoded or put together.
#[derive(Debug, Default)]
struct Rooms {
    a: Scratch,
    b: Scratch,
    c: Scratch,
    d: Scratch,
    key: Vec<u8>,
    regexes: String,
}

const CLIENT: usize = 0;
const PLACE: usize = 1;
const SOFTWARE: usize = 2;
const VERDICT: usize = 3;
const REFERER: usize = 4;
const CAMPAIGN: usize = 5;
const PATH: usize = 6;
const PROBE: usize = 7;
const PARTS: usize = 8;

/// The class of libraries.
const LIBRARY: &str = "library";

impl Enricher {
    /// An enricher over shared sources.
    pub fn new(enrichment: Arc<Enrichment>) -> Self {
        let most = enrichment.memory(PARTS);
        let joins = enrichment.tables().iter().map(|(field, table)| Join::new(field, table, most)).collect();
        Self::wanting(enrichment, FieldSet::ALL, joins)
    }

    /// One that adds only these fields, and nothing of tables.
    pub fn only(enrichment: Arc<Enrichment>, fields: &[Field]) -> Self {
        Self::wanting(enrichment, FieldSet::of(fields), Vec::new())
    }

    fn wanting(enrichment: Arc<Enrichment>, fields: FieldSet, joins: Vec<Join>) -> Self {
        let wanted = enrichment.wanted().only(fields);
        let most = enrichment.memory(PARTS);
        // A bot is known by its name, and by its network.
        let needed = match wanted.has(Field::BotVerified) {
            true => FieldSet::of(&[Field::Bot, Field::BotClass, Field::Asn]),
            false => FieldSet::NONE,
        };
        let part = |fields: FieldSet| Part::new(fields, wanted, needed, most);
        let mut parts = [
            // Whoever names proxies wants to know the client, and what is told by its address.
            Part::new(Group::Client.set(), Group::Client.set(), FieldSet::NONE, most),
            part(FieldSet::of(&enrichment.sources.place_fields())),
            part(Group::Software.set().and(FieldSet::of(&[Field::Bot, Field::BotClass]))),
            part(FieldSet::of(&[Field::BotVerified])),
            part(Group::Referer.set()),
            part(Group::Campaign.set()),
            part(Group::Request.set()),
            part(FieldSet::of(&[Field::Probe])),
        ];
        parts[CLIENT].is_on = !enrichment.trusted.is_empty();
        let geo = enrichment.sources.geo();
        let learner = enrichment.learner().map(|_| Learner::default());
        Enricher { enrichment, geo, parts, joins, found: Vec::new(), learner, rooms: Rooms::default() }
    }

    /// Takes over databases that were replaced since; to be called now and then.
    pub fn renew(&mut self) {
        if self.enrichment.sources.generation() != self.geo.generation() {
            self.geo = self.enrichment.sources.geo();
            self.parts[PLACE].memo.clear();
        }
    }

    /// What it asks.
    pub fn enrichment(&self) -> &Arc<Enrichment> {
        &self.enrichment
    }

    /// Adds what is known of a record behind its other fields. What was added before gives way, but a country
    /// that is there already is not replaced by the embedded table's.
    #[inline]
    pub fn enrich<'r>(&'r mut self, record: &mut Record<'r>) {
        let given = Given::of(record);
        self.find(&given);
        self.join(record);
        if given.is_enriched || !self.joins.is_empty() {
            self.forget(record);
        }
        let this: &'r Enricher = self;
        let is_changed = given.is_enriched;
        let replaces = this.joins.iter().any(|join| join.replaces);
        for (name, value) in this.fields() {
            // What stands there still is to stay.
            if is_changed && record.fields().iter().any(|(other, _)| *other == name) {
                continue;
            }
            if replaces {
                // The last one counts, and tables come last.
                record.retain(|other| other != name);
            }
            match name {
                Name::Known(field) => record.push(field, value),
                Name::Other(name) => record.push_other(name, value),
            }
        }
        if given.is_enriched || replaces {
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
        let is_joined = || record.fields().iter().any(|(name, _)| self.joins_name(*name));
        if self.joins.iter().any(|join| join.replaces) || (!self.joins.is_empty() && is_joined()) {
            return false;
        }
        self.find(&given);
        self.join(record);
        for fragment in self.fragments() {
            out.extend_from_slice(fragment.members().as_bytes());
        }
        true
    }

    /// What was found, in the order of the schema.
    #[inline]
    fn fields(&self) -> impl Iterator<Item = (Name<'_>, Value<'_>)> {
        self.fragments().flat_map(Fragment::fields)
    }

    #[inline]
    fn fragments(&self) -> impl Iterator<Item = &Fragment> {
        let told = self.found.iter().map(|(part, at)| self.parts[*part].memo.get(*at));
        told.chain(self.joins.iter().filter_map(|join| Some(join.memo.get(join.found?))))
    }

    /// Whether a table adds a field of this name.
    fn joins_name(&self, name: Name<'_>) -> bool {
        let name = match name {
            Name::Known(field) => field.name(),
            Name::Other(name) => name,
        };
        self.joins.iter().any(|join| join.has(name))
    }

    /// Finds the rows of tables that belong to a record.
    #[inline]
    fn join(&mut self, record: &Record<'_>) {
        let Enricher { enrichment, parts, joins, found, rooms, .. } = self;
        for (join, (_, table)) in joins.iter_mut().zip(enrichment.tables()) {
            // What is added anew counts, not what was there.
            let added = found.iter().flat_map(|(part, at)| parts[*part].memo.get(*at).fields());
            let value = added.chain(record.fields().iter().copied()).find(|(name, _)| join.is_on(name));
            join.find(table, value.map(|(_, value)| text(value, &mut rooms.a)));
        }
    }

    /// Takes out what an earlier enrichment added and this one adds anew.
    #[cold]
    fn forget(&self, record: &mut Record<'_>) {
        let keeps_country = self.enrichment.sources.has_table();
        let anew = self.found.iter().fold(FieldSet::NONE, |all, (part, _)| all.and(self.parts[*part].fields));
        record.retain(|name| match name {
            Name::Known(Field::Country) if keeps_country => true,
            Name::Known(field) => !anew.has(field) && !self.joins_name(name),
            Name::Other(_) => !self.joins_name(name),
        });
    }

    /// Finds what is known of a record.
    #[inline]
    fn find(&mut self, given: &Given<'_>) {
        let Enricher { enrichment, geo, parts, found, learner, rooms, .. } = self;
        let [client, place, software, verdict, referer, campaign, path, probe] = parts;
        found.clear();

        let mut address = given.client_addr.or(given.remote_addr);
        if client.is_on
            && let Some(peer) = given.remote_addr
        {
            let peer = text(peer, &mut rooms.a);
            let forwarded_for = given.forwarded_for.map(|value| text(value, &mut rooms.b));
            let forwarded = given.forwarded.map(|value| text(value, &mut rooms.c));
            key_of(&mut rooms.key, [peer, forwarded_for.unwrap_or_default(), forwarded.unwrap_or_default()]);
            let at = client.memo.find(&rooms.key, || {
                made::client(client.want, &enrichment.trusted.client(peer, forwarded_for, forwarded))
            });
            found.push((CLIENT, at));
            address = client.memo.get(at).get(Field::ClientAddr);
        }
        if place.is_on
            && let Some(address) = address
        {
            let at = place.look_up(address, &mut rooms.a, |want, logged| {
                made::place(want, logged, &enrichment.sources.place_in(geo, logged))
            });
            found.push((PLACE, at));
        }
        if software.is_on
            && let Some(sent) = given.user_agent
        {
            let at = if given.hints.is_empty() {
                software.look_up(sent, &mut rooms.a, |want, sent| match &enrichment.regexes {
                    Some(regexes) => made::agent(want, &regexes.parse(sent, &mut rooms.regexes)),
                    None => made::agent(want, &agent::parse(sent)),
                })
            } else {
                given.hints.look_up(software, text(sent, &mut rooms.a), &mut rooms.b, &mut rooms.key)
            };
            found.push((SOFTWARE, at));
            if verdict.is_on
                && let Some(bot) = software.memo.get(at).get(Field::Bot)
                // A library is whoever uses it.
                && software.memo.get(at).get(Field::BotClass).is_none_or(|class| text(class, &mut rooms.c) != LIBRARY)
                && let Some(address) = address
                && let Some(address) = address::parse(text(address, &mut rooms.a).as_bytes())
            {
                let asn = found.iter().find(|(part, _)| *part == PLACE);
                let asn = asn.and_then(|(_, at)| place.memo.get(*at).get(Field::Asn)).and_then(number);
                let asn = asn.and_then(|asn| asn.try_into().ok());
                let told = verify(enrichment, text(bot, &mut rooms.b), address, asn);
                let make = || Fragment::of(verdict.want).with(Field::BotVerified, told.name());
                found.push((VERDICT, verdict.memo.find(told.name().as_bytes(), make)));
            }
        }

        let vhost = given.vhost.map(|value| text(value, &mut rooms.a));
        let own = Own { vhost, sites: &enrichment.sites };
        if referer.is_on
            && let Some(sent) = given.referer
        {
            let make = |want, sent: &str| made::referer(want, &referer::parse(sent, own));
            let at = if let Some(vhost) = vhost {
                let sent = text(sent, &mut rooms.b);
                key_of(&mut rooms.key, [sent, vhost]);
                referer.memo.find(&rooms.key, || make(referer.want, sent))
            } else {
                referer.look_up(sent, &mut rooms.b, make)
            };
            found.push((REFERER, at));
        }
        let query = given.query.map(|value| text(value, &mut rooms.b)).unwrap_or_default();
        if campaign.is_on && !query.is_empty() {
            let told = request::campaign(query);
            if told != request::Campaign::default() {
                let at = campaign.memo.find(query.as_bytes(), || made::campaign(campaign.want, &told));
                found.push((CAMPAIGN, at));
            }
        }
        let Some(asked) = given.path.filter(|_| path.is_on || learner.is_some()) else {
            return;
        };
        let asked = text(asked, &mut rooms.c);
        let method = given.method.map(|value| text(value, &mut rooms.d)).unwrap_or_default();
        if path.is_on {
            key_of(&mut rooms.key, [method, asked]);
            let at = path.memo.find(&rooms.key, || {
                let route = match &enrichment.routes {
                    Some(routes) => routes.route(asked).into(),
                    None => route::shape(asked),
                };
                let of_path = request::Request { method, path: asked, ..request::Request::default() };
                let probe = request::probe(of_path, Own::default());
                made::path(path.want, &route, request::asset_class(method, asked), probe)
            });
            found.push((PATH, at));
            // A query is rarely the same twice, and a target of another host is seen in its first bytes.
            let is_usual = |target: &Value<'_>| match target {
                Value::Json(json) => json.starts_with("\"/"),
                target => matches!(target, Value::Plain([b'/', ..])),
            };
            let target = given.target.filter(|target| !is_usual(target));
            let is_told = path.memo.get(at).get(Field::Probe).is_some();
            if probe.is_on && !is_told && (!query.is_empty() || target.is_some()) {
                let mut room = Scratch::default();
                let target = target.map(|value| text(value, &mut room)).unwrap_or_default();
                if let Some(label) = request::probe(request::Request { method, target, path: "", query }, own)
                {
                    let make = || Fragment::of(probe.want).with(Field::Probe, label);
                    found.push((PROBE, probe.memo.find(label.as_bytes(), make)));
                }
            }
        }
        if let Some(learner) = learner
            && given.is_done
            && enrichment.may_be_kept(asked)
            // A scanner may be answered, too.
            && request::probe(request::Request { method, path: asked, ..request::Request::default() }, own).is_none()
        {
            learner.see(asked);
        }
    }
}

/// What its enricher learnt is not lost with a thread.
impl Drop for Enricher {
    fn drop(&mut self) {
        for (join, matched) in self.joins.iter().zip(self.enrichment.matched()) {
            matched.fetch_add(join.matched, Ordering::Relaxed);
        }
        if let (Some(own), Some(all)) = (self.learner.take(), self.enrichment.learner()) {
            all.lock().unwrap_or_else(PoisonError::into_inner).merge(own);
        }
    }
}

/// Whether a bot is who it says it is.
fn verify(enrichment: &Enrichment, bot: &str, address: std::net::IpAddr, asn: Option<u32>) -> Verdict {
    let told = enrichment.ranges.verdict(bot, address, asn).unwrap_or(Verdict::Claimed);
    if told != Verdict::Verified
        && let (Some(rdns), Some(hosts)) = (&enrichment.rdns, enrichment.ranges.hosts(bot))
        && let Answer::Known(asked @ (Verdict::Verified | Verdict::Impostor)) = rdns.ask(address, hosts)
    {
        return asked;
    }
    told
}

/// Texts with newlines between them, which none of them has.
fn key_of<const N: usize>(key: &mut Vec<u8>, texts: [&str; N]) {
    key.clear();
    for text in texts {
        key.extend_from_slice(text.as_bytes());
        key.push(b'\n');
    }
}
