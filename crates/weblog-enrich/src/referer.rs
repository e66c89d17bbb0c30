//! Where a visit came from: the host of a referer, and what kind of site that is.
//!
//! The kinds come from a table of hosts, `data/referers.tsv`, that is one line each to extend.
//! Search words are not looked for: search engines no longer send them.

mod sites;

use std::borrow::Cow;

/// The sites that are one's own, so that a visit from there is none from outside.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own<'a> {
    /// The virtual host that served the request, as logged: with or without a port. `*.` or `.` in
    /// front stands for its subdomains.
    pub vhost: Option<&'a str>,
    /// Domains given by the user, in lower case; each stands for its subdomains too.
    pub sites: &'a [String],
}

/// Where a visit came from. Both are None exactly if the referer names no host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referer<'a> {
    /// The host in lower case, without port and user; an international one as it was sent. An
    /// IPv6 address has no brackets. Of an app its name.
    pub host: Option<Cow<'a, str>>,
    /// The kind of site.
    pub class: Option<RefererClass>,
}

/// The kind of site that a visit came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefererClass {
    /// The site itself, or another one of the same owner.
    Internal,
    /// A search engine.
    Search,
    /// A network, messenger or forum where people share links.
    Social,
    /// An assistant that names its sources.
    AiAssistant,
    /// Mail that is read in a browser or app.
    Mail,
    /// Any other site.
    Other,
}

impl RefererClass {
    /// The name of the class as the field `referer_class` has it.
    pub fn name(self) -> &'static str {
        match self {
            RefererClass::Internal => "internal",
            RefererClass::Search => "search",
            RefererClass::Social => "social",
            RefererClass::AiAssistant => "ai-assistant",
            RefererClass::Mail => "mail",
            RefererClass::Other => "other",
        }
    }
}

/// Reads a referer. Only `http`, `https`, `android-app` and `ios-app` addresses name a host that a
/// visit can come from; everything else (`-`, addresses without a scheme, files, markup) names none.
pub fn parse<'a>(referer: &'a str, own: Own<'_>) -> Referer<'a> {
    let Some((is_app, authority)) = authority(referer) else { return Referer::default() };
    let host = if is_app { app(authority) } else { host(authority) };
    let Some(host) = host else { return Referer::default() };
    let class = if is_app {
        sites::app(&host)
    } else if own.has(&host) {
        RefererClass::Internal
    } else {
        sites::class(&host)
    };
    Referer { host: Some(host), class: Some(class) }
}

impl Own<'_> {
    /// Whether a host, in lower case and without port, is one's own. `www.` does not matter.
    pub fn has(&self, host: &str) -> bool {
        let bare = without_www(host);
        let is_within = |domain: &str| is_within(bare, without_www(domain));
        self.sites.iter().any(|site| is_within(site)) || self.vhost.is_some_and(|vhost| is_vhost(bare, vhost))
    }

    /// Whether anything is known of one's own sites.
    pub fn is_known(&self) -> bool {
        !self.sites.is_empty() || self.vhost.is_some_and(|vhost| !matches!(vhost, "" | "-" | "_"))
    }
}

fn is_vhost(bare: &str, vhost: &str) -> bool {
    let domain = vhost.strip_prefix('*').unwrap_or(vhost);
    if let Some(domain) = domain.strip_prefix('.') {
        return is_within(bare, without_port(domain));
    }
    let vhost = without_port(vhost);
    let vhost =
        if vhost.get(..4).is_some_and(|www| www.eq_ignore_ascii_case("www.")) { &vhost[4..] } else { vhost };
    !bare.is_empty() && bare.eq_ignore_ascii_case(vhost.trim_end_matches('.'))
}

fn is_within(host: &str, domain: &str) -> bool {
    let Some(before) = host.len().checked_sub(domain.len()) else { return false };
    !domain.is_empty()
        && host.is_char_boundary(before)
        && host[before..].eq_ignore_ascii_case(domain)
        && (before == 0 || host[..before].ends_with('.'))
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn without_port(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        return address;
    }
    match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    }
}

/// What stands between the scheme and the path, and whether it is the name of an app.
fn authority(referer: &str) -> Option<(bool, &str)> {
    let referer = referer.trim_ascii();
    let colon = referer.bytes().take(12).position(|byte| byte == b':')?;
    let scheme = referer.get(..colon)?;
    let is_app = scheme.eq_ignore_ascii_case("android-app") || scheme.eq_ignore_ascii_case("ios-app");
    if !is_app && !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let rest = referer[colon + 1..].strip_prefix("//")?;
    let end = rest.bytes().take(LONGEST_AUTHORITY + 1).position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    match end {
        Some(end) => rest.get(..end),
        None => Some(rest).filter(|rest| rest.len() <= LONGEST_AUTHORITY),
    }
    .map(|authority| (is_app, authority))
}

/// The longest host is 253 bytes; user and port may come on top.
const LONGEST_AUTHORITY: usize = 512;

/// The host of an authority, or of a target of the form `http://host/`. None if it can be none.
pub(crate) fn host(authority: &str) -> Option<Cow<'_, str>> {
    let named = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some((address, port)) = named.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let is_address = address.parse::<std::net::Ipv6Addr>().is_ok();
        return (is_address && is_port(port)).then(|| lower(address));
    }
    let (name, port) = named.find(':').map_or((named, ""), |colon| named.split_at(colon));
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || !byte.is_ascii())
    };
    let is_host = name.len() <= 253 && name.split('.').all(is_label);
    (is_host && is_port(port)).then(|| lower(name))
}

/// The host of a target of the form `http://host/…`.
pub(crate) fn host_of_target(target: &str) -> Option<Cow<'_, str>> {
    authority(target).filter(|(is_app, _)| !is_app).and_then(|(_, authority)| host(authority))
}

fn is_port(port: &str) -> bool {
    port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()))
}

/// Names of Android apps have capitals that matter to nobody.
fn app(authority: &str) -> Option<Cow<'_, str>> {
    let is_name =
        authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    (is_name && (1..=253).contains(&authority.len())).then(|| lower(authority))
}

fn lower(host: &str) -> Cow<'_, str> {
    match host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(host.to_ascii_lowercase()),
        false => Cow::Borrowed(host),
    }
}

#[cfg(test)]
mod tests;
