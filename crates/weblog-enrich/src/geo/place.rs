//! What databases say of an address, in one form for all of them.

/// Where an address is, and whose network it belongs to. The texts are those of the database.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Place<'a> {
    /// The country as ISO 3166-1 alpha-2 code, in capitals.
    pub country: Option<&'a str>,
    /// The country's name.
    pub country_name: Option<&'a str>,
    /// The name of the country's first subdivision (state, province, land).
    pub region: Option<&'a str>,
    /// The city's name.
    pub city: Option<&'a str>,
    /// Degrees north; there is never a latitude without a longitude.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// IANA name of the time zone.
    pub timezone: Option<&'a str>,
    /// The number of the autonomous system that announces the address.
    pub asn: Option<u32>,
    /// The organisation behind the autonomous system.
    pub as_org: Option<&'a str>,
    /// The name of the internet service provider.
    pub isp: Option<&'a str>,
    /// How the network is connected: `cable_dsl`, `cellular`, `corporate`, `satellite`, `dialup`;
    /// another word of a vendor stands here as the database has it.
    pub connection_type: Option<&'a str>,
    /// Behind what the client hides, the strongest that is said of the address: `tor`, `vpn`,
    /// `proxy`, `hosting`, or `anonymous` when it is not said how.
    pub anonymizer: Option<&'static str>,
}

impl<'a> Place<'a> {
    /// Takes over what is missing here from another database's answer.
    ///
    /// What belongs together stays together: the name of a country or of an organisation is
    /// taken only for the same country or number, and the coordinates as a pair.
    pub(super) fn fill_from(&mut self, other: Place<'a>) {
        if self.country.is_none() || other.country.is_none() || self.country == other.country {
            self.country = self.country.or(other.country);
            self.country_name = self.country_name.or(other.country_name);
        }
        if self.asn.is_none() || other.asn.is_none() || self.asn == other.asn {
            self.asn = self.asn.or(other.asn);
            self.as_org = self.as_org.or(other.as_org);
        }
        self.region = self.region.or(other.region);
        self.city = self.city.or(other.city);
        self.timezone = self.timezone.or(other.timezone);
        if self.latitude.is_none() {
            (self.latitude, self.longitude) = (other.latitude, other.longitude);
        }
        self.isp = self.isp.or(other.isp);
        self.connection_type = self.connection_type.or(other.connection_type);
        self.anonymizer = self.anonymizer.or(other.anonymizer);
    }

    pub(super) fn says_where(&self) -> bool {
        self.country.is_some()
            || self.country_name.is_some()
            || self.region.is_some()
            || self.city.is_some()
            || self.latitude.is_some()
            || self.timezone.is_some()
    }

    pub(super) fn says_whose(&self) -> bool {
        self.asn.is_some() || self.as_org.is_some()
    }
}
