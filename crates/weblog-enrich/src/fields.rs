//! The fields that are added, by what tells them.

use weblog_parse::Field;

/// A bit for each field of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FieldSet(u128);

impl FieldSet {
    pub(crate) const NONE: FieldSet = FieldSet(0);
    pub(crate) const ALL: FieldSet = FieldSet(u128::MAX);

    pub(crate) const fn of(fields: &[Field]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < fields.len() {
            bits |= 1 << fields[at] as u8;
            at += 1;
        }
        FieldSet(bits)
    }

    #[inline]
    pub(crate) const fn has(self, field: Field) -> bool {
        self.0 & 1 << field as u8 != 0
    }

    #[inline]
    pub(crate) const fn has_any(self, other: FieldSet) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn only(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & other.0)
    }

    pub(crate) const fn and(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 | other.0)
    }
}

/// Fields that are added together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The client behind proxies.
    Client,
    /// Where the client is.
    Place,
    /// Whose network it comes from.
    Network,
    /// Browser, system and device.
    Software,
    /// Bots, and whether they are who they say they are.
    Bot,
    /// Where the visit came from.
    Referer,
    /// The campaign that brought it.
    Campaign,
    /// What was asked for.
    Request,
}

impl Group {
    /// All groups, in the order of the schema.
    pub const ALL: [Group; 8] = {
        use Group::*;
        [Client, Place, Network, Software, Bot, Referer, Campaign, Request]
    };

    /// The name of the group.
    pub fn name(self) -> &'static str {
        match self {
            Group::Client => "client",
            Group::Place => "place",
            Group::Network => "network",
            Group::Software => "software",
            Group::Bot => "bot",
            Group::Referer => "referer",
            Group::Campaign => "campaign",
            Group::Request => "request",
        }
    }

    /// Its fields, in the order of the schema.
    pub const fn fields(self) -> &'static [Field] {
        use Field::*;
        match self {
            Group::Client => &[ClientAddr, ProxyHops, ForwardedSuspect],
            Group::Place => &[AddrKind, Country, CountryName, Region, City, Latitude, Longitude, Timezone],
            Group::Network => &[Asn, AsOrg, Isp, ConnectionType, Anonymizer],
            Group::Software => &[Browser, BrowserVersion, Os, OsVersion, Device],
            Group::Bot => &[Bot, BotClass, BotVerified],
            Group::Referer => &[RefererHost, RefererClass],
            Group::Campaign => {
                &[CampaignSource, CampaignMedium, Campaign, CampaignTerm, CampaignContent, CampaignClick]
            }
            Group::Request => &[Route, AssetClass, Probe],
        }
    }

    /// The group of a field that is added.
    pub fn of(field: Field) -> Option<Group> {
        Group::ALL.into_iter().find(|group| group.fields().contains(&field))
    }

    /// The fields of a record that tell what is added.
    pub(crate) const fn told_by(self) -> &'static [Field] {
        use Field::*;
        match self {
            Group::Client | Group::Place | Group::Network => &[RemoteAddr, ForwardedFor, ClientAddr],
            Group::Software => &[UserAgent],
            Group::Bot => &[RemoteAddr, UserAgent, ForwardedFor, ClientAddr],
            Group::Referer => &[Referer, Vhost],
            Group::Campaign => &[Query],
            Group::Request => &[Method, Target, Path, Query, Vhost],
        }
    }

    pub(crate) const fn set(self) -> FieldSet {
        FieldSet::of(self.fields())
    }
}
