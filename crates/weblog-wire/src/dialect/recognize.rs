//! Which dialect an object speaks: told by its keys, and by what kind of value each one has.

use super::{
    flat,
    meaning::{Entry, Meaning, Table},
    nested,
    token::{Member, Raw},
};
use std::fmt;
use weblog_parse::{Field, Kind};

/// Who wrote an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// weblog itself; or an object of another kind, whose members pass as they are.
    Weblog,
    /// Caddy.
    Caddy,
    /// Traefik with `format: json`.
    Traefik,
    /// nginx with a JSON `log_format` of the administrator.
    Nginx,
    /// Envoy, or Istio.
    Envoy,
    /// HAProxy with a JSON `log-format` of the administrator.
    Haproxy,
    /// Anything with the names of the Elastic Common Schema or of OpenTelemetry.
    Ecs,
    /// Google Cloud's load balancers.
    Gcp,
    /// AWS WAF.
    Waf,
    /// AWS CloudFront.
    CloudFront,
    /// Kong.
    Kong,
    /// Some server, Apache httpd among them, with names that are in common use.
    Other,
}

impl Dialect {
    /// The word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Weblog => "ndjson",
            Dialect::Caddy => "caddy",
            Dialect::Traefik => "traefik_json",
            Dialect::Nginx => "nginx_json",
            Dialect::Envoy => "envoy_json",
            Dialect::Haproxy => "haproxy_json",
            Dialect::Ecs => "ecs_json",
            Dialect::Gcp => "gcp_json",
            Dialect::Waf => "waf_json",
            Dialect::CloudFront => "cloudfront_json",
            Dialect::Kong => "kong_json",
            Dialect::Other => "json",
        }
    }

    pub(super) fn table(self) -> &'static Table {
        match self {
            Dialect::Caddy => &nested::CADDY,
            Dialect::Traefik => &flat::TRAEFIK,
            Dialect::Nginx => &flat::NGINX,
            Dialect::Envoy => &flat::ENVOY,
            Dialect::Haproxy => &flat::HAPROXY,
            Dialect::Ecs => &nested::ECS,
            Dialect::Gcp => &nested::GCP,
            Dialect::Waf => &nested::WAF,
            Dialect::CloudFront => &flat::CLOUDFRONT,
            Dialect::Kong => &nested::KONG,
            Dialect::Weblog | Dialect::Other => &flat::ANY,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    /// An entry of an access log.
    Entry(Dialect),
    /// Something that carries a line: where among the members it does.
    Wrapper(usize),
    /// A message of the server itself.
    Message,
    /// Only names of the schema, or nothing of an access log. `core` tells whether its values may yet show
    /// that another program wrote an entry here.
    Plain { core: bool },
}

pub(super) fn recognize(members: &[Member<'_>]) -> Object {
    let object = Keys(members);
    if let Some(dialect) = object.server() {
        return Object::Entry(dialect);
    }
    let (core, foreign) = object.evidence();
    if core && object.any(NGINX_NAMES) {
        return Object::Entry(Dialect::Nginx);
    }
    if core && foreign {
        return Object::Entry(Dialect::Other);
    }
    if let Some(at) = object.carrier() {
        return Object::Wrapper(at);
    }
    if !core && ["level", "ts", "msg"].iter().all(|key| object.has(key)) {
        return Object::Message;
    }
    Object::Plain { core }
}

/// Variables of nginx that nobody else has.
const NGINX_NAMES: &[&str] = &[
    "time_local",
    "time_iso8601",
    "msec",
    "body_bytes_sent",
    "request_time",
    "request_uri",
    "request_length",
    "http_user_agent",
    "http_referer",
    "http_x_forwarded_for",
    "upstream_response_time",
    "request_completion",
];

/// Keys that carry a line, and keys of which one must stand beside them.
const CARRIERS: &[(&str, &[&str])] = &[
    ("log", &["stream", "time", "date", "@timestamp", "timestamp", "kubernetes", "container_name", "docker"]),
    ("MESSAGE", &["__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "PRIORITY", "_PID", "__CURSOR"]),
    (
        "message",
        &[
            "@timestamp",
            "@version",
            "timestamp",
            "time",
            "date",
            "stream",
            "host",
            "kubernetes",
            "source_type",
            "file",
            "log",
            "container_name",
            "container_id",
            "ingestionTime",
            "logStreamName",
            "eventId",
            "_HOSTNAME",
        ],
    ),
    ("textPayload", &["timestamp", "insertId", "resource", "logName"]),
];

struct Keys<'m, 'a>(&'m [Member<'a>]);

impl Keys<'_, '_> {
    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|member| member.key == key.as_bytes())
    }

    fn any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    fn has_object(&self, key: &str) -> bool {
        self.0.iter().any(|member| member.key == key.as_bytes() && matches!(member.value, Raw::Object(_)))
    }

    /// The server whose own keys these are.
    fn server(&self) -> Option<Dialect> {
        if self.has_object("httpRequest") {
            return Some(if self.has("webaclId") { Dialect::Waf } else { Dialect::Gcp });
        }
        if self.has_object("request") {
            if self.has_object("latencies") {
                return Some(Dialect::Kong);
            }
            return self.has("status").then_some(Dialect::Caddy);
        }
        if self.has("DownstreamStatus") || (self.has("RequestMethod") && self.has("ClientHost")) {
            return Some(Dialect::Traefik);
        }
        if self.any(&["cs-method", "cs-uri-stem"]) {
            return Some(Dialect::CloudFront);
        }
        let envoy = ["response_flags", "upstream_cluster", "downstream_remote_address"];
        if self.has("response_code") && self.any(&envoy) {
            return Some(Dialect::Envoy);
        }
        let timers = self.any(&["Ta", "Tt"]) && self.any(&["Tc", "Tw", "Tr", "TR"]);
        if timers || (self.has("termination_state") && self.any(&["backend", "backend_name", "server_name"]))
        {
            return Some(Dialect::Haproxy);
        }
        self.is_ecs().then_some(Dialect::Ecs)
    }

    fn is_ecs(&self) -> bool {
        let dotted = |key: &[u8]| {
            [&b"http.re"[..], b"url.", b"user_agent.original"].iter().any(|start| key.starts_with(start))
        };
        let attributes = self.has_object("attributes") || self.has_object("Attributes");
        self.0.iter().any(|member| dotted(member.key))
            || (self.has_object("http") && (self.has_object("url") || self.has_object("source")))
            || (attributes && self.any(&["body", "Body", "Timestamp", "timeUnixNano", "severityText"]))
    }

    /// Whether enough is there for an entry of an access log, and whether another program named it.
    fn evidence(&self) -> (bool, bool) {
        let (mut kinds, mut foreign) = (0u8, false);
        for member in self.0 {
            let Some(Entry { meaning, .. }) = flat::NGINX.get(member.key).filter(|_| is_scalar(member.value))
            else {
                continue;
            };
            kinds |= match meaning {
                Meaning::Text(Field::Method) => 1,
                Meaning::Request | Meaning::Target | Meaning::Path => 2,
                Meaning::Int(Field::Status) => 4,
                Meaning::Text(Field::RemoteAddr) | Meaning::Client => 8,
                Meaning::Sent(Field::UserAgent | Field::Referer) => 16,
                _ => 0,
            };
            foreign |= match Field::from_name(member.key) {
                None => true,
                Some(field) => field.info().kind == Kind::Int && matches!(member.value, Raw::Quoted(_)),
            };
        }
        (kinds & 7 != 0 && kinds.count_ones() > 1, foreign)
    }

    fn carrier(&self) -> Option<usize> {
        CARRIERS.iter().find_map(|(key, beside)| {
            let at = self.0.iter().position(|member| member.key == key.as_bytes())?;
            let carries = match self.0[at].value {
                Raw::Quoted(_) => true,
                Raw::Array(_) => matches!(*key, "MESSAGE" | "message"),
                _ => false,
            };
            (carries && self.any(beside)).then_some(at)
        })
    }
}

fn is_scalar(value: Raw<'_>) -> bool {
    !matches!(value, Raw::Object(_) | Raw::Array(_))
}
