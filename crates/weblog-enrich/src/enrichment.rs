//! Everything that an enrichment asks, and what of it is wanted.

use crate::{
    agent::uap::Regexes,
    fields::{FieldSet, Group},
    lookup::Table,
    privacy::{Anonymizer, Redactor},
    proxies::Trusted,
    route::{Dictionary, Learner},
    sources::Sources,
    verify::{Ranges, Rdns},
};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use weblog_parse::{Field, Name};

/// What the enrichment of a run asks. Threads share one; [`Enrichment::new`] has what needs no file but those of
/// the databases, and the rest is set before the threads begin.
#[derive(Debug)]
pub struct Enrichment {
    /// Databases of places and networks.
    pub sources: Sources,
    /// The proxies whose word on the client counts.
    pub trusted: Trusted,
    /// Expressions that tell browser and system in the place of weblog's own rules.
    pub regexes: Option<Regexes>,
    /// Where bots come from.
    pub ranges: Ranges,
    /// Asks name servers whether a bot is who it says it is.
    pub rdns: Option<Rdns>,
    /// Domains of one's own, in lower case.
    pub sites: Vec<String>,
    /// The routes of the site, in the place of the mere form of paths.
    pub routes: Option<Dictionary>,
    /// What becomes of addresses when everything is looked up.
    pub anonymizer: Option<Anonymizer>,
    /// What takes secrets out of all texts.
    pub redactor: Option<Redactor>,
    /// What the routes of later runs are made of, if that is wanted.
    learner: Option<Mutex<Learner>>,
    /// Tables of the user's own, each with the field it is joined on.
    tables: Vec<(String, Table)>,
    /// How many records had a row of each.
    matched: Vec<AtomicU64>,
    wanted: FieldSet,
    threads: usize,
}

/// What all threads together may remember, in bytes, about.
const MEMORY: usize = 64 << 20;

impl Enrichment {
    /// The enrichment with nothing but databases.
    pub fn new(sources: Sources) -> Self {
        Enrichment {
            sources,
            trusted: Trusted::default(),
            regexes: None,
            ranges: Ranges::embedded().clone(),
            rdns: None,
            sites: Vec::new(),
            routes: None,
            anonymizer: None,
            redactor: None,
            learner: None,
            tables: Vec::new(),
            matched: Vec::new(),
            wanted: FieldSet::ALL,
            threads: 1,
        }
    }

    /// Adds only these fields.
    pub fn only(&mut self, fields: &[Field]) {
        self.wanted = FieldSet::of(fields);
    }

    /// So many threads share what may be remembered.
    pub fn share(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    /// What one thread may remember of one kind of text, of which there are so many besides the tables: in bytes, about.
    pub(crate) fn memory(&self, kinds: usize) -> usize {
        MEMORY / self.threads / (kinds + self.tables.len())
    }

    /// The fields that can be added, in the order of the schema.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = self.sources.place_fields();
        for group in [Group::Software, Group::Bot, Group::Referer, Group::Campaign, Group::Request] {
            fields.extend_from_slice(group.fields());
        }
        fields.retain(|field| self.wanted.has(*field));
        if !self.trusted.is_empty() {
            fields.extend_from_slice(Group::Client.fields());
        }
        fields.sort_unstable();
        fields
    }

    /// The fields of a record that tell one that is added.
    pub fn told_by(&self, field: Field) -> &'static [Field] {
        Group::of(field).map_or(&[], Group::told_by)
    }

    /// Joins a table on a field, by its name: of the record, or one that is added.
    pub fn join(&mut self, field: &str, table: Table) {
        self.tables.push((field.to_owned(), table));
        self.matched.push(AtomicU64::new(0));
    }

    /// The places of the tables of which no record had a row, when all threads are done.
    pub fn unmatched(&self) -> impl Iterator<Item = usize> {
        let counts = self.matched.iter().enumerate();
        counts.filter(|(_, count)| count.load(Ordering::Relaxed) == 0).map(|(at, _)| at)
    }

    /// The names of the fields that tables add.
    pub fn joined(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().flat_map(|(_, table)| table.columns()).map(|(name, _)| name)
    }

    /// Learns the routes of later runs from this one.
    pub fn learn_routes(&mut self) {
        self.learner = Some(Mutex::default());
    }

    /// The routes of later runs: those that are known, and what was learnt from all threads, which must be done.
    pub fn learnt_routes(&self, most: usize) -> Option<Dictionary> {
        let learner = self.learner.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(learner.into_dictionary(self.routes.as_ref().unwrap_or(&Dictionary::default()), most))
    }

    /// Whether what is written must be cleaned.
    pub fn is_private(&self) -> bool {
        self.anonymizer.is_some() || self.redactor.is_some()
    }

    /// Whether a path holds nothing that must not be kept.
    pub(crate) fn may_be_kept(&self, path: &str) -> bool {
        let holds_secret = |redactor: &Redactor| redactor.text(Name::Known(Field::Path), path) != path;
        let holds_address = |anonymizer: &Anonymizer| anonymizer.clone().text(path, Some(0)) != path;
        !self.redactor.as_ref().is_some_and(holds_secret)
            && !self.anonymizer.as_ref().is_some_and(holds_address)
    }

    pub(crate) fn wanted(&self) -> FieldSet {
        self.wanted
    }

    pub(crate) fn tables(&self) -> &[(String, Table)] {
        &self.tables
    }

    pub(crate) fn matched(&self) -> &[AtomicU64] {
        &self.matched
    }

    pub(crate) fn learner(&self) -> Option<&Mutex<Learner>> {
        self.learner.as_ref()
    }
}
