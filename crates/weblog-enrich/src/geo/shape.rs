//! What a record of an address database says, whatever its layout.
//!
//! Three layouts are in use, and databases mix them: MaxMind's nested one (GeoIP2, GeoLite2,
//! DB-IP), the flat one of ip-location-db and of DB-IP's CSV names, and IPinfo's flat one with a
//! country that is a name in newer editions and a code in older ones. One walk over the record
//! knows the keys of all of them; [`Field::child`] and [`flag`] are the whole table. The keys are
//! those that the vendors document for their databases.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Place;

/// A record read into a place, and what is still needed to translate its names.
#[derive(Debug, Default)]
pub(super) struct Shaped<'a> {
    pub(super) place: Place<'a>,
    /// Which names the record has in several languages.
    pub(super) translated: Translated,
    /// Whether it has a key that says whether the client hides, be it yes or no.
    pub(super) has_flags: bool,
    anonymizer: Option<Anonymizer>,
    /// The value of a flat `country`, a code or a name.
    country_text: Option<&'a str>,
    /// The value of a flat `name`: an organisation's if there is the number of its system too.
    name: Option<&'a str>,
}

/// Behind what a client can hide, the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Eq, Ord)]
enum Anonymizer {
    Anonymous,
    Hosting,
    Proxy,
    Vpn,
    Tor,
}

impl Anonymizer {
    fn name(self) -> &'static str {
        match self {
            Anonymizer::Anonymous => "anonymous",
            Anonymizer::Hosting => "hosting",
            Anonymizer::Proxy => "proxy",
            Anonymizer::Vpn => "vpn",
            Anonymizer::Tor => "tor",
        }
    }
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Translated {
    pub(super) country: bool,
    pub(super) region: bool,
    pub(super) city: bool,
}

/// Where in a record the walk is, and so what a value found there means.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Field {
    Record,
    Traits,
    Country,
    CountryCode,
    CountryName,
    CountryNames,
    Region,
    RegionNames,
    City,
    CityNames,
    Location,
    Coordinates,
    Latitude,
    Longitude,
    Timezone,
    Asn,
    AsOrg,
    Name,
    Isp,
    ConnectionType,
    Anonymity,
    Flag(Anonymizer),
}

impl Field {
    /// What the value under a key of this map means; None for what is not of interest, such as
    /// `registered_country` (where a network is registered is not where its users are).
    fn child(self, key: &str) -> Option<Field> {
        Some(match (self, key) {
            (Field::Record, "country") => Field::Country,
            (Field::Record, "country_code") | (Field::Country, "iso_code") => Field::CountryCode,
            (Field::Record, "country_name") | (Field::CountryNames, "en") => Field::CountryName,
            (Field::Country, "names") => Field::CountryNames,
            (Field::Record, "subdivisions" | "region" | "state1") | (Field::RegionNames, "en") => {
                Field::Region
            }
            (Field::Region, "names") => Field::RegionNames,
            (Field::Record, "city") | (Field::CityNames, "en") => Field::City,
            (Field::City, "names") => Field::CityNames,
            (Field::Record, "location") => Field::Location,
            (Field::Record, "loc") => Field::Coordinates,
            (Field::Record | Field::Location, "latitude" | "lat") => Field::Latitude,
            (Field::Record | Field::Location, "longitude" | "lng" | "lon") => Field::Longitude,
            (Field::Record | Field::Location, "timezone" | "time_zone") => Field::Timezone,
            (Field::Record, "traits") => Field::Traits,
            (Field::Record | Field::Traits, "autonomous_system_number" | "asn" | "as_number") => Field::Asn,
            (Field::Record | Field::Traits, "autonomous_system_organization" | "as_name" | "as_org") => {
                Field::AsOrg
            }
            (Field::Record, "name") => Field::Name,
            (Field::Record | Field::Traits, "isp") => Field::Isp,
            (Field::Record | Field::Traits, "connection_type") => Field::ConnectionType,
            (Field::Record, "anonymizer" | "privacy") => Field::Anonymity,
            (Field::Record | Field::Traits | Field::Anonymity, key) => Field::Flag(flag(key)?),
            _ => return None,
        })
    }
}

/// What a flag means: MaxMind's names, then IPinfo's. `is_anonymous_proxy` is not among them, which
/// MaxMind has given up in favour of the others.
fn flag(key: &str) -> Option<Anonymizer> {
    Some(match key {
        "is_tor_exit_node" | "is_tor" | "tor" => Anonymizer::Tor,
        "is_anonymous_vpn" | "is_vpn" | "vpn" => Anonymizer::Vpn,
        "is_public_proxy" | "is_residential_proxy" | "is_web_proxy" => Anonymizer::Proxy,
        "is_proxy" | "proxy" => Anonymizer::Proxy,
        "is_hosting_provider" | "is_hosting" | "hosting" => Anonymizer::Hosting,
        "is_anonymous" | "is_relay" | "relay" => Anonymizer::Anonymous,
        _ => return None,
    })
}

impl<'a> Shaped<'a> {
    fn text(&mut self, field: Field, text: &'a str) {
        if let Field::Flag(anonymizer) = field {
            return self.flag(anonymizer, matches!(text, "true" | "True" | "1" | "yes"));
        }
        if matches!(text, "" | "-") {
            return;
        }
        let place = &mut self.place;
        match field {
            Field::Country => self.country_text = Some(text),
            Field::CountryCode if is_country_code(text) => place.country = Some(text),
            Field::CountryName => place.country_name = Some(text),
            Field::Region => place.region = Some(text),
            Field::City => place.city = Some(text),
            Field::Timezone => place.timezone = Some(text),
            Field::AsOrg => place.as_org = Some(text),
            Field::Name => self.name = Some(text),
            Field::Isp => place.isp = Some(text),
            Field::ConnectionType => place.connection_type = Some(connection_type(text)),
            Field::Asn => {
                let digits = text.strip_prefix("AS").unwrap_or(text);
                place.asn = digits.parse().ok().filter(|&number| number != 0);
            }
            Field::Coordinates => {
                if let Some((latitude, longitude)) = text.split_once(',') {
                    self.text(Field::Latitude, latitude.trim());
                    self.text(Field::Longitude, longitude.trim());
                }
            }
            Field::Latitude | Field::Longitude => {
                if let Ok(number) = text.parse() {
                    self.number(field, number);
                }
            }
            _ => {}
        }
    }

    fn number(&mut self, field: Field, number: f64) {
        match field {
            Field::Latitude if number.abs() <= 90.0 => self.place.latitude = Some(number),
            Field::Longitude if number.abs() <= 180.0 => self.place.longitude = Some(number),
            Field::Asn if number >= 1.0 && number <= f64::from(u32::MAX) => {
                self.place.asn = Some(number as u32);
            }
            Field::Flag(anonymizer) => self.flag(anonymizer, number != 0.0),
            _ => {}
        }
    }

    fn flag(&mut self, anonymizer: Anonymizer, is_set: bool) {
        self.has_flags = true;
        if is_set {
            self.anonymizer = self.anonymizer.max(Some(anonymizer));
        }
    }

    fn names(&mut self, field: Field) {
        match field {
            Field::CountryNames => self.translated.country = true,
            Field::RegionNames => self.translated.region = true,
            Field::CityNames => self.translated.city = true,
            _ => {}
        }
    }

    /// Settles what can be told only when the whole record is known.
    fn settle(&mut self) {
        if let Some(text) = self.country_text {
            if is_country_code(text) {
                self.place.country = self.place.country.or(Some(text));
            } else {
                self.place.country_name = self.place.country_name.or(Some(text));
            }
        }
        if self.place.latitude.is_none() || self.place.longitude.is_none() {
            (self.place.latitude, self.place.longitude) = (None, None);
        }
        if self.place.asn.is_some() {
            self.place.as_org = self.place.as_org.or(self.name);
        }
        self.place.anonymizer = self.anonymizer.map(Anonymizer::name);
    }
}

/// The vendors' words in lower case with underscores.
fn connection_type(text: &str) -> &str {
    match text {
        "Cable/DSL" => "cable_dsl",
        "Cellular" => "cellular",
        "Corporate" => "corporate",
        "Satellite" => "satellite",
        "Dialup" => "dialup",
        other => other,
    }
}

/// `ZZ` is what some databases write for "unknown".
fn is_country_code(text: &str) -> bool {
    text.len() == 2 && text != "ZZ" && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

impl<'de> Deserialize<'de> for Shaped<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut shaped = Shaped::default();
        Walk { shaped: &mut shaped, field: Field::Record }.deserialize(deserializer)?;
        shaped.settle();
        Ok(shaped)
    }
}

/// The walk over one value: texts and numbers are kept, maps are walked into, of a list the
/// first entry counts. A value of another kind than its key promises is passed over.
struct Walk<'w, 'a> {
    shaped: &'w mut Shaped<'a>,
    field: Field,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a value of an address record")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.shaped.text(self.field, text);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.shaped.number(self.field, number);
        Ok(())
    }

    fn visit_f32<E>(self, number: f32) -> Result<(), E> {
        // By way of its decimal form, so that 52.52 does not become 52.52000045776367.
        self.shaped.number(self.field, number.to_string().parse().unwrap_or_else(|_| f64::from(number)));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.shaped.number(self.field, number as f64);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.shaped.number(self.field, number as f64);
        Ok(())
    }

    fn visit_u128<E>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, is_set: bool) -> Result<(), E> {
        if let Field::Flag(anonymizer) = self.field {
            self.shaped.flag(anonymizer, is_set);
        }
        Ok(())
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        self.shaped.names(self.field);
        while let Some(key) = map.next_key::<&str>()? {
            match self.field.child(key) {
                Some(field) => map.next_value_seed(Walk { shaped: self.shaped, field })?,
                None => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        // Of the subdivisions the first is the largest; no other field is a list.
        if list.next_element_seed(Walk { shaped: self.shaped, field: self.field })?.is_some() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }
}
