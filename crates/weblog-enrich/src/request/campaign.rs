//! The campaign that a link belongs to, out of the parameters that advertisers put on it.

use super::cut;
use std::borrow::Cow;
use weblog_parse::text::{lossless, percent_decode};

/// What a link says of the campaign that it belongs to. None is what it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Campaign<'a> {
    /// Who sent the visitor: `newsletter`, `google`.
    pub source: Option<Cow<'a, str>>,
    /// The kind of link: `email`, `cpc`.
    pub medium: Option<Cow<'a, str>>,
    /// The campaign's name.
    pub name: Option<Cow<'a, str>>,
    /// The keyword that was paid for.
    pub term: Option<Cow<'a, str>>,
    /// Which of several links or pictures it was.
    pub content: Option<Cow<'a, str>>,
    /// The parameter that carries the number of a click, such as `gclid`; never the number itself,
    /// which stands for a person.
    pub click: Option<&'static str>,
}

/// Parameters that number a click, by the networks that set them: Google (six), Meta, Microsoft,
/// TikTok, X, LinkedIn, Yandex (two), Pinterest, Snapchat, Reddit, Mailchimp, HubSpot, Marketo,
/// Instagram, Adobe, Quora, Outbrain, Taboola, Impact, and Awin.
const CLICKS: &[&str] = &[
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "gclsrc",
    "gad_source",
    "fbclid",
    "msclkid",
    "ttclid",
    "twclid",
    "li_fat_id",
    "yclid",
    "ysclid",
    "epik",
    "ScCid",
    "rdt_cid",
    "mc_cid",
    "_hsenc",
    "mkt_tok",
    "igshid",
    "ef_id",
    "qclid",
    "obclid",
    "tblci",
    "irclickid",
    "awc",
];

/// The longest value, in bytes after decoding.
const LONGEST: usize = 256;
/// How many bytes and parameters of a query are looked at.
const BOUND: usize = 8192;
const MOST: usize = 256;

/// Reads the campaign parameters of a query: `utm_…` and Matomo's `mtm_…`, `pk_…`, `piwik_…` and
/// `matomo_…`. Of those that come twice the first that is not empty counts. Values are decoded
/// once, with `+` as a space, and cut at 256 bytes. A query without any costs one look at each name.
pub fn campaign(query: &str) -> Campaign<'_> {
    let mut campaign = Campaign::default();
    for parameter in cut(query, BOUND).split('&').take(MOST) {
        // Links that were escaped for HTML twice.
        let parameter = parameter.strip_prefix("amp;").unwrap_or(parameter);
        let Some((name, value)) = parameter.split_once('=').filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        if let Some(field) = field(&mut campaign, name) {
            if field.is_none() {
                *field = Some(decoded(value));
            }
        } else if campaign.click.is_none() {
            campaign.click = CLICKS.iter().find(|click| **click == name).copied();
        }
    }
    campaign
}

/// The field that a parameter fills.
fn field<'c, 'a>(campaign: &'c mut Campaign<'a>, parameter: &str) -> Option<&'c mut Option<Cow<'a, str>>> {
    let (family, key) = parameter.split_once('_')?;
    if !matches!(family, "utm" | "mtm" | "pk" | "piwik" | "matomo") {
        return None;
    }
    match key {
        "source" => Some(&mut campaign.source),
        "medium" => Some(&mut campaign.medium),
        "campaign" => Some(&mut campaign.name),
        "term" | "kwd" | "keyword" => Some(&mut campaign.term),
        "content" => Some(&mut campaign.content),
        _ => None,
    }
}

fn decoded(value: &str) -> Cow<'_, str> {
    // Every decoded byte takes three at most.
    let value = cut(value, 3 * LONGEST);
    if !value.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(cut(value, LONGEST));
    }
    let spaced = value.replace('+', " ");
    let mut bytes = Vec::with_capacity(spaced.len());
    percent_decode(spaced.as_bytes(), &mut bytes);
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut text = String::new();
        lossless(error.as_bytes(), &mut text);
        text
    });
    Cow::Owned(cut(&text, LONGEST).to_owned())
}
