//! Dialects whose objects hold objects.

use super::{
    meaning::{
        Meaning::{
            self, Cipher, Client, Duration, Headers, Int, Json, Open, Protocol, Query, Sent, Stem, Target,
            Text, Time, Tls, Upstream,
        },
        Table,
    },
    quantity::Unit::{Millis, Nanos, Seconds},
};
use weblog_parse::Field as F;

const fn keys(keys: &'static [(&'static str, Meaning)]) -> Table {
    Table::new(keys, &[], None)
}

/// Caddy's access logs; spans are seconds.
pub(super) static CADDY: Table = Table::new(
    &[
        ("ts", Time),
        ("request", Open(&CADDY_REQUEST)),
        ("user_id", Text(F::RemoteUser)),
        ("duration", Duration(F::DurationUs, Seconds)),
        ("size", Int(F::Bytes)),
        ("status", Int(F::Status)),
    ],
    &[("timestamp", Time), ("time", Time)],
    None,
);

static CADDY_REQUEST: Table = keys(&[
    ("remote_ip", Text(F::RemoteAddr)),
    ("client_ip", Text(F::ClientAddr)),
    ("proto", Protocol),
    ("method", Text(F::Method)),
    ("host", Text(F::Vhost)),
    ("uri", Target),
    ("headers", Headers),
    ("tls", Open(&CADDY_TLS)),
    ("remote_addr", Client),
]);

static CADDY_TLS: Table = keys(&[("version", Tls), ("cipher_suite", Cipher)]);

/// Kong's log plugins; spans are milliseconds.
pub(super) static KONG: Table = Table::new(
    &[
        ("client_ip", Text(F::RemoteAddr)),
        ("started_at", Time),
        ("request", Open(&KONG_REQUEST)),
        ("response", Open(&KONG_RESPONSE)),
        ("latencies", Open(&KONG_LATENCIES)),
        ("upstream_status", Text(F::UpstreamStatus)),
    ],
    &[],
    None,
);

static KONG_REQUEST: Table = Table::new(
    &[
        ("id", Text(F::RequestId)),
        ("method", Text(F::Method)),
        ("uri", Target),
        ("size", Int(F::RequestBytes)),
        ("headers", Headers),
        ("tls", Open(&CADDY_TLS)),
    ],
    &[],
    None,
);
static KONG_RESPONSE: Table = keys(&[("status", Int(F::Status)), ("size", Int(F::ResponseBytes))]);
static KONG_LATENCIES: Table =
    keys(&[("request", Duration(F::DurationUs, Millis)), ("proxy", Duration(F::UpstreamTimeUs, Millis))]);

/// Google Cloud's load balancers.
pub(super) static GCP: Table = Table::new(
    &[("timestamp", Time), ("httpRequest", Open(&GCP_REQUEST))],
    &[("receiveTimestamp", Time)],
    None,
);

static GCP_REQUEST: Table = keys(&[
    ("requestMethod", Text(F::Method)),
    ("requestUrl", Target),
    ("requestSize", Int(F::RequestBytes)),
    ("status", Int(F::Status)),
    ("responseSize", Int(F::ResponseBytes)),
    ("userAgent", Sent(F::UserAgent)),
    ("remoteIp", Text(F::RemoteAddr)),
    ("serverIp", Upstream),
    ("referer", Sent(F::Referer)),
    ("latency", Duration(F::DurationUs, Seconds)),
    ("protocol", Protocol),
]);

/// AWS WAF.
pub(super) static WAF: Table = keys(&[("timestamp", Time), ("httpRequest", Open(&WAF_REQUEST))]);

static WAF_REQUEST: Table = keys(&[
    ("clientIp", Text(F::RemoteAddr)),
    ("country", Text(F::Country)),
    ("headers", Headers),
    ("uri", Stem),
    ("args", Query),
    ("httpVersion", Protocol),
    ("httpMethod", Text(F::Method)),
    ("requestId", Text(F::RequestId)),
]);

/// The Elastic Common Schema and the conventions of OpenTelemetry, with dots in the keys; spans of ECS are
/// nanoseconds, those of OpenTelemetry seconds.
pub(super) static ECS: Table = Table::new(
    &[
        ("@timestamp", Time),
        ("Timestamp", Time),
        ("source.address", Text(F::RemoteAddr)),
        ("client.address", Text(F::RemoteAddr)),
        ("user.name", Text(F::RemoteUser)),
        ("http.request.method", Text(F::Method)),
        ("url.original", Target),
        ("http.version", Protocol),
        ("network.protocol.version", Protocol),
        ("http.response.status_code", Int(F::Status)),
        ("http.response.body.bytes", Int(F::Bytes)),
        ("http.response.body.size", Int(F::Bytes)),
        ("http.response.bytes", Int(F::ResponseBytes)),
        ("http.response.size", Int(F::ResponseBytes)),
        ("http.request.bytes", Int(F::RequestBytes)),
        ("http.request.size", Int(F::RequestBytes)),
        ("http.request.referrer", Sent(F::Referer)),
        ("http.request.header.referer", Sent(F::Referer)),
        ("http.request.header.x-forwarded-for", Sent(F::ForwardedFor)),
        ("http.request.header.x-request-id", Text(F::RequestId)),
        ("http.request.id", Text(F::RequestId)),
        ("user_agent.original", Sent(F::UserAgent)),
        ("url.domain", Text(F::Vhost)),
        ("server.address", Text(F::Vhost)),
        ("server.port", Int(F::ServerPort)),
        ("server.ip", Text(F::ServerAddr)),
        ("network.local.address", Text(F::ServerAddr)),
        ("event.duration", Duration(F::DurationUs, Nanos)),
        ("http.server.request.duration", Duration(F::DurationUs, Seconds)),
        ("destination.address", Upstream),
        ("tls.version", Tls),
        ("tls.protocol.version", Tls),
        ("tls.cipher", Text(F::TlsCipher)),
        ("host.name", Text(F::Host)),
        ("log.file.path", Text(F::Source)),
        ("log.offset", Int(F::Offset)),
        ("source.geo.country_iso_code", Text(F::Country)),
        ("geo.country.iso_code", Text(F::Country)),
        ("source.geo.country_name", Text(F::CountryName)),
        ("source.geo.region_name", Text(F::Region)),
        ("source.geo.city_name", Text(F::City)),
        ("geo.locality.name", Text(F::City)),
        ("source.as.number", Json(F::Asn)),
        ("source.as.organization.name", Text(F::AsOrg)),
        ("user_agent.name", Text(F::Browser)),
        ("user_agent.version", Text(F::BrowserVersion)),
        ("user_agent.os.name", Text(F::Os)),
        ("user_agent.os.version", Text(F::OsVersion)),
        ("apache.access.user.identity", Text(F::RemoteLogname)),
        ("network.forwarded_ip", Sent(F::ForwardedFor)),
        ("http.route", Text(F::Route)),
    ],
    &[
        ("source.ip", Text(F::RemoteAddr)),
        ("client.ip", Text(F::RemoteAddr)),
        ("network.peer.address", Text(F::RemoteAddr)),
        ("url.path", Stem),
        ("url.query", Query),
        ("source.domain", Text(F::RemoteAddr)),
        ("time", Time),
        ("timestamp", Time),
    ],
    None,
);
