//! What the enrichment of a run asks: the databases given, or the embedded table of countries.

use crate::{
    address, country_table,
    geo::{Geo, GeoError, Place},
};
use std::path::Path;
use weblog_parse::Field;
use weblog_wire::columns::{AGENT, PLACE};

/// The databases of a run. Threads share one.
#[derive(Debug)]
pub struct Sources {
    geo: Geo,
    /// No database can carry a country, so the embedded table does.
    table: bool,
}

impl Sources {
    /// Opens databases of places and networks, with names in a language where they have it.
    ///
    /// # Errors
    /// When a file cannot be read, is no database, or one without places and networks.
    pub fn open<P: AsRef<Path>>(paths: &[P], language: &str) -> Result<Self, GeoError> {
        let geo = Geo::open(paths, language)?;
        let table = !geo.databases().iter().any(|database| database.has_places());
        Ok(Sources { geo, table })
    }

    /// The fields that these sources can fill.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = self.place_fields();
        fields.extend_from_slice(AGENT);
        fields
    }

    pub(crate) fn place_fields(&self) -> Vec<Field> {
        let mut fields = if self.table { vec![Field::Country] } else { PLACE.to_vec() };
        if self.geo.databases().iter().any(|database| database.has_networks()) {
            fields.extend([Field::Asn, Field::AsOrg]);
        }
        fields
    }

    /// Whether the country comes from the embedded table.
    pub(crate) fn has_table(&self) -> bool {
        self.table
    }

    /// What is known of an address as logged.
    pub(crate) fn place(&self, logged: &str) -> Place<'_> {
        let Some(address) = address::parse(logged.as_bytes()) else { return Place::default() };
        let mut place = self.geo.place(address);
        if self.table {
            place.country = country_table::country(address);
        }
        place
    }

    /// One sentence on the lookups that a damaged database could not answer.
    pub fn fault(&self) -> Option<String> {
        let errors = self.geo.lookup_errors()?;
        let lookups = if errors.count == 1 { "lookup" } else { "lookups" };
        Some(format!("{} {lookups} failed; the first: {}", errors.count, errors.first))
    }
}
