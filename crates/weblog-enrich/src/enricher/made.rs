//! What was told, as fields.

use crate::{
    address,
    agent::{self, Agent},
    fragment::{Fragment, Want},
    geo::Place,
    proxies::Client,
    referer::{Referer, RefererClass},
    request::{AssetClass, Campaign},
};
use weblog_parse::Field;

pub(super) fn client(want: Want, client: &Client<'_>) -> Fragment {
    let mut fragment = Fragment::of(want);
    // What a proxy says that is no address may be anything.
    fragment.text(Field::ClientAddr, client.address.map(|address| address.to_string()).as_deref());
    fragment.number(Field::ProxyHops, Some(client.hops));
    fragment.number(Field::ForwardedSuspect, client.suspect.then_some(true));
    fragment
}

pub(super) fn place(want: Want, logged: &str, place: &Place<'_>) -> Fragment {
    let mut fragment = Fragment::of(want);
    let kind = address::parse(logged.as_bytes()).and_then(address::kind);
    fragment.text(Field::AddrKind, kind);
    fragment.text(Field::Country, place.country);
    fragment.text(Field::CountryName, place.country_name);
    fragment.text(Field::Region, place.region);
    fragment.text(Field::City, place.city);
    fragment.number(Field::Latitude, place.latitude);
    fragment.number(Field::Longitude, place.longitude);
    fragment.text(Field::Timezone, place.timezone);
    fragment.number(Field::Asn, place.asn);
    fragment.text(Field::AsOrg, place.as_org);
    fragment.text(Field::Isp, place.isp);
    fragment.text(Field::ConnectionType, place.connection_type);
    fragment.text(Field::Anonymizer, place.anonymizer);
    fragment
}

pub(super) fn agent(want: Want, agent: &Agent<'_>) -> Fragment {
    let mut fragment = Fragment::of(want);
    fragment.text(Field::Browser, agent.browser);
    fragment.text(Field::BrowserVersion, agent.browser_version);
    fragment.text(Field::Os, agent.os);
    fragment.text(Field::OsVersion, agent.os_version.as_deref());
    fragment.text(Field::Device, agent.device.map(agent::Device::name));
    fragment.text(Field::Bot, agent.bot);
    fragment.text(Field::BotClass, agent.bot_class.map(agent::BotClass::name));
    fragment
}

pub(super) fn referer(want: Want, referer: &Referer<'_>) -> Fragment {
    let mut fragment = Fragment::of(want);
    fragment.text(Field::RefererHost, referer.host.as_deref());
    fragment.text(Field::RefererClass, referer.class.map(RefererClass::name));
    fragment
}

pub(super) fn campaign(want: Want, campaign: &Campaign<'_>) -> Fragment {
    let mut fragment = Fragment::of(want);
    fragment.text(Field::CampaignSource, campaign.source.as_deref());
    fragment.text(Field::CampaignMedium, campaign.medium.as_deref());
    fragment.text(Field::Campaign, campaign.name.as_deref());
    fragment.text(Field::CampaignTerm, campaign.term.as_deref());
    fragment.text(Field::CampaignContent, campaign.content.as_deref());
    fragment.text(Field::CampaignClick, campaign.click);
    fragment
}

pub(super) fn path(want: Want, route: &str, class: AssetClass, probe: Option<&str>) -> Fragment {
    let mut fragment = Fragment::of(want);
    fragment.text(Field::Route, Some(route));
    fragment.text(Field::AssetClass, Some(class.name()));
    fragment.text(Field::Probe, probe);
    fragment
}
