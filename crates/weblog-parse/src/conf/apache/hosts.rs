//! The main server and the virtual hosts, and which logs with which formats each of them has.

use crate::conf::{Escape, Fault, Kind, LogFile, LogFormat, Place, Site, Target, limits, sources::Sources};
use std::{collections::HashMap, sync::Arc};

/// What httpd writes when nothing says otherwise; it also has the nickname `CLF`.
const COMMON: &str = "%h %l %u %t \"%r\" %>s %b";

/// The main server or a virtual host.
#[derive(Default)]
pub(super) struct Host {
    /// The last `ServerName` counts.
    pub(super) server_name: Option<String>,
    /// Its addresses and other names.
    pub(super) site: Site,
    pub(super) logs: Vec<Declared>,
    /// By nickname in lower case: httpd compares without regard to case.
    pub(super) formats: HashMap<String, Vec<Defined>>,
    /// Those of `LogFormat` without a nickname, for `TransferLog`.
    pub(super) nameless: Vec<Defined>,
    /// Those of `ErrorLogFormat`.
    pub(super) error_formats: Vec<Defined>,
}

impl Host {
    fn take_site(&mut self) -> Site {
        let mut site = std::mem::take(&mut self.site);
        site.names.splice(0..0, self.server_name.take());
        site
    }
}

/// A format, and whether its section's condition was not tested.
#[derive(Clone)]
pub(super) struct Defined {
    pub(super) format: Arc<LogFormat>,
    pub(super) conditional: bool,
}

/// A log as it is declared.
pub(super) struct Declared {
    pub(super) kind: Kind,
    pub(super) target: Target,
    /// A nickname or a format string; none for the host's default.
    pub(super) format: Option<String>,
    /// `GlobalLog`: every virtual host writes to it.
    pub(super) global: bool,
    pub(super) condition: Option<Arc<str>>,
    pub(super) section: Option<Arc<str>>,
    pub(super) at: Place,
}

/// The logs of all hosts, the main server being the first host. A virtual host without an access log or
/// an error log of its own writes to the main server's.
pub(super) fn resolve(mut hosts: Vec<Host>, sources: &mut Sources<'_>) -> Vec<LogFile> {
    let all: Arc<[_]> = hosts.iter_mut().map(|host| Arc::new(host.take_site())).collect();
    let inherit = |kind| {
        let has = |host: &Host| host.logs.iter().any(|log| log.kind == kind);
        let heirs = hosts.iter().enumerate().filter(|(at, host)| *at == 0 || !has(host));
        heirs.map(|(at, _)| Arc::clone(&all[at])).collect::<Arc<[_]>>()
    };
    let (access, error) = (inherit(Kind::Access), inherit(Kind::Error));
    let mut logs = Vec::new();
    for (at, host) in hosts.iter().enumerate() {
        let own = [Arc::clone(&all[at])].into();
        for log in &host.logs {
            let servers = match (at, log.kind) {
                _ if log.global => &all,
                (0, Kind::Access) => &access,
                (0, Kind::Error) => &error,
                _ => &own,
            };
            for format in formats(log, host, &hosts[0], sources) {
                if logs.len() >= limits::ENTRIES {
                    sources.fault(&log.at, Fault::TooMany("logs"));
                    return logs;
                }
                logs.push(LogFile {
                    target: log.target.clone(),
                    kind: log.kind,
                    format,
                    servers: Arc::clone(servers),
                    condition: log.condition.clone(),
                    section: log.section.clone(),
                    at: log.at.clone(),
                });
            }
        }
    }
    logs
}

/// The formats that a log may have: at least one, which may be unknown.
fn formats(
    log: &Declared,
    host: &Host,
    main: &Host,
    sources: &mut Sources<'_>,
) -> Vec<Option<Arc<LogFormat>>> {
    let found = match (&log.format, log.kind) {
        (None, Kind::Error) => possible(&host.error_formats, &main.error_formats),
        (None, Kind::Access) => {
            let default = possible(&host.nameless, &main.nameless);
            // `LogFormat nickname` alone makes that one the default.
            let named = default.into_iter().flat_map(|format| match of_name(&format.text, host, main) {
                named if named.is_empty() => vec![format],
                named => named,
            });
            let named: Vec<_> = named.take(limits::ALTERNATIVES).collect();
            if named.is_empty() { vec![common()] } else { named }
        }
        (Some(text), _) => match of_name(text, host, main) {
            named if !named.is_empty() => named,
            _ if text.contains('%') => {
                let (text, at) = (text.clone(), Some(log.at.clone()));
                vec![Arc::new(LogFormat { name: None, text, escape: Escape::Default, at })]
            }
            // httpd takes it as a format and writes the word itself, which no one means.
            _ => {
                sources.fault(&log.at, Fault::UnknownFormat(text.clone()));
                Vec::new()
            }
        },
    };
    if found.is_empty() { vec![None] } else { found.into_iter().map(Some).collect() }
}

fn of_name(name: &str, host: &Host, main: &Host) -> Vec<Arc<LogFormat>> {
    let name = name.to_ascii_lowercase();
    let of = |host: &'_ Host| host.formats.get(&name).map_or(Vec::new(), |defined| last(defined));
    let found = possible(&of(host), &of(main));
    if found.is_empty() && name == "clf" { vec![common()] } else { found }
}

/// The last definitions, as many as can matter.
fn last(defined: &[Defined]) -> Vec<Defined> {
    defined[defined.len().saturating_sub(8 * limits::ALTERNATIVES)..].to_vec()
}

/// The definitions that may be in force: the last one, and those before it as long as the ones after
/// stand in sections that may not be read. The host's own come after the main server's.
fn possible(host: &[Defined], main: &[Defined]) -> Vec<Arc<LogFormat>> {
    let mut found: Vec<Arc<LogFormat>> = Vec::new();
    for defined in host.iter().rev().chain(main.iter().rev()).take(8 * limits::ALTERNATIVES) {
        if !found.iter().any(|format| format.text == defined.format.text) {
            found.push(Arc::clone(&defined.format));
        }
        if !defined.conditional || found.len() >= limits::ALTERNATIVES {
            break;
        }
    }
    found
}

fn common() -> Arc<LogFormat> {
    let name = Some("CLF".into());
    Arc::new(LogFormat { name, text: COMMON.into(), escape: Escape::Default, at: None })
}
