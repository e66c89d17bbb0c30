//! The table of sites, asked by the labels of a host.

use super::RefererClass;
use foldhash::fast::FixedState;
use std::{collections::HashMap, sync::LazyLock};

type Hosts = HashMap<&'static str, RefererClass, FixedState>;

/// The table, parted by how its lines end.
#[derive(Debug, Default)]
struct Sites {
    /// Hosts with their subdomains, and names of apps.
    hosts: Hosts,
    /// Names in front of any country's domain: `google` of `google.*`.
    countries: Hosts,
    /// First labels in front of any domain: `webmail` of `webmail.**`.
    labels: Hosts,
}

static SITES: LazyLock<Sites> = LazyLock::new(|| {
    let mut sites = Sites::default();
    for (class, host) in lines() {
        if let Some(label) = host.strip_suffix(".**") {
            sites.labels.insert(label, class);
        } else if let Some(name) = host.strip_suffix(".*") {
            sites.countries.insert(name, class);
        } else {
            sites.hosts.insert(host, class);
        }
    }
    sites
});

/// The lines of the table; the file says how it is written.
pub(super) fn lines() -> impl Iterator<Item = (RefererClass, &'static str)> {
    let lines = include_str!("../../data/referers.tsv").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let (class, host) = line.split_once('\t').expect("a line of the table has a tab");
        let class = match class {
            "search" => RefererClass::Search,
            "social" => RefererClass::Social,
            "ai-assistant" => RefererClass::AiAssistant,
            "mail" => RefererClass::Mail,
            "other" => RefererClass::Other,
            _ => panic!("the table has no class {class}"),
        };
        (class, host)
    })
}

/// The class of a host in lower case.
pub(super) fn class(host: &str) -> RefererClass {
    let sites = &*SITES;
    let country = country_at(host);
    let mut suffix = Some(host);
    while let Some(labels) = suffix {
        let name = country.filter(|at| *at > host.len() - labels.len());
        let by_country = name.and_then(|at| sites.countries.get(&host[host.len() - labels.len()..at]));
        if let Some(class) = sites.hosts.get(labels).or(by_country) {
            return *class;
        }
        suffix = labels.split_once('.').map(|(_, parent)| parent);
    }
    let by_label = host.split_once('.').filter(|(_, domain)| domain.contains('.'));
    let by_label = by_label.and_then(|(label, _)| sites.labels.get(label));
    by_label.copied().unwrap_or(RefererClass::Other)
}

/// The class of an app.
pub(super) fn app(name: &str) -> RefererClass {
    SITES.hosts.get(name).copied().unwrap_or(RefererClass::Other)
}

/// Where the dot stands behind which only a country's domain comes: `.de`, `.com`, `.co.uk`.
fn country_at(host: &str) -> Option<usize> {
    let last = host.rfind('.')?;
    let top = &host[last + 1..];
    if !top.bytes().all(|byte| byte.is_ascii_lowercase()) || !(2..=3).contains(&top.len()) {
        return None;
    }
    let second = host[..last].rfind('.').filter(|at| {
        top.len() == 2 && matches!(&host[at + 1..last], "co" | "com" | "net" | "org" | "ne" | "or" | "go")
    });
    Some(second.unwrap_or(last))
}
