//! The format strings of nginx: `log_format` (ngx_http_log_module).
//!
//! `$name` and `${name}` are variables, everything else is literal, with the escapes of the configuration
//! file undone. `map`, `set`, `geo` and other modules can make any variable, so a name that is not known
//! here is a text under that name.

use super::{
    BadFormat, Builder, Escape, Program,
    time::TimeShape,
    variable::{Shape, Unit, Variable},
};
use crate::schema::Field;

pub(super) fn compile(format: &str, escape: Escape) -> Result<Program, BadFormat> {
    let mut builder = Builder::new(format, escape);
    let mut at = 0;
    while let Some(special) = format[at..].find(['$', '\\']) {
        builder = builder.literal(&format.as_bytes()[at..at + special]);
        at += special;
        let rest = &format[at..];
        let (literal, len): (&[u8], usize) = match rest.as_bytes() {
            [b'\\', b'"', ..] => (b"\"", 2),
            [b'\\', b'\'', ..] => (b"'", 2),
            [b'\\', b'\\', ..] => (b"\\", 2),
            [b'\\', b't', ..] => (b"\t", 2),
            [b'\\', b'r', ..] => (b"\r", 2),
            [b'\\', b'n', ..] => (b"\n", 2),
            [b'\\', ..] => (b"\\", 1),
            _ => {
                let (name, len) = name(format, at)?;
                builder = builder.variable(variable(name));
                at += len;
                continue;
            }
        };
        builder = builder.literal(literal);
        at += len;
    }
    builder.literal(&format.as_bytes()[at..]).build()
}

/// The name of the variable at `at`, where `$` stands, and the length of both.
fn name(format: &str, at: usize) -> Result<(&str, usize), BadFormat> {
    let rest = &format[at + 1..];
    let braced = rest.strip_prefix('{');
    let text = braced.unwrap_or(rest);
    let len = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let before = if braced.is_some() { 2 } else { 1 };
    if len == 0 {
        return Err(BadFormat::new(at + before, "the name of a variable behind `$`"));
    }
    if braced.is_some() && !text[len..].starts_with('}') {
        return Err(BadFormat::new(at + before + len, "`}` behind the name of a variable"));
    }
    Ok((&text[..len], before + len + usize::from(braced.is_some())))
}

/// What a variable is. Names are known in any case, as nginx looks them up.
fn variable(name: &str) -> Variable {
    let source = format!("${name}");
    let lower = name.to_ascii_lowercase();
    match KNOWN.iter().find(|(known, ..)| *known == lower) {
        None => Variable::other(&source, &lower, Shape::Text),
        Some((_, shape, None, _, own)) => {
            Variable::other(&source, if own.is_empty() { &lower } else { own }, shape.clone())
        }
        Some((_, shape, Some(field), rank, own)) => Variable::field(&source, *field, shape.clone())
            .or_else(*rank, if own.is_empty() { &lower } else { own }),
    }
}

/// Name, shape, field of the schema, rank among those that fill it, and own name where it differs.
type Known = (&'static str, Shape, Option<Field>, u8, &'static str);

/// The variables of ngx_http_core_module, ngx_http_log_module, ngx_http_upstream_module and the other
/// modules of nginx that are no free text or fill a field of the schema, and those of ingress-nginx.
static KNOWN: &[Known] = {
    use Field::*;
    use Shape::{Decimal, Duration, Int, List, Text, Time as T, Times, User, Word};
    &[
        ("time_local", T(TimeShape::Clf), Some(Time), 0, "time"),
        ("time_iso8601", T(TimeShape::Iso), Some(Time), 0, "time"),
        ("msec", T(TimeShape::Seconds), Some(Time), 0, "time"),
        ("remote_addr", Word, Some(RemoteAddr), 0, ""),
        ("realip_remote_addr", Word, Some(RemoteAddr), 2, ""),
        ("proxy_protocol_addr", Word, None, 0, ""),
        ("proxy_protocol_server_addr", Word, None, 0, ""),
        ("remote_user", User, Some(RemoteUser), 0, ""),
        ("request", Text, Some(Request), 0, ""),
        ("request_method", Word, Some(Method), 0, ""),
        ("request_uri", User, Some(Target), 0, ""),
        ("uri", Text, Some(Path), 0, ""),
        ("document_uri", Text, Some(Path), 0, "uri"),
        ("args", Text, Some(Query), 0, ""),
        ("query_string", Text, Some(Query), 0, "args"),
        ("is_args", Word, None, 0, ""),
        ("server_protocol", Word, Some(Protocol), 0, ""),
        ("status", Shape::Status, Some(Status), 0, ""),
        ("body_bytes_sent", Int, Some(Bytes), 0, ""),
        ("bytes_sent", Int, Some(Bytes), 1, "response_bytes"),
        ("request_length", Int, Some(RequestBytes), 0, ""),
        ("request_time", Duration(Unit::Seconds), Some(DurationUs), 2, ""),
        ("http_referer", Text, Some(Referer), 0, ""),
        ("http_user_agent", Text, Some(UserAgent), 0, ""),
        ("http_x_forwarded_for", List, Some(ForwardedFor), 0, ""),
        ("proxy_add_x_forwarded_for", List, Some(ForwardedFor), 1, ""),
        ("http_x_request_id", Word, Some(RequestId), 2, ""),
        ("request_id", Word, Some(RequestId), 0, ""),
        ("req_id", Word, Some(RequestId), 0, ""),
        ("server_name", Word, Some(Vhost), 0, ""),
        ("host", Word, Some(Vhost), 2, "host_header"),
        ("http_host", Word, Some(Vhost), 3, ""),
        ("server_addr", Word, Some(ServerAddr), 0, ""),
        ("server_port", Int, Some(ServerPort), 0, ""),
        ("hostname", Word, Some(Host), 0, ""),
        ("scheme", Word, None, 0, ""),
        ("https", Word, None, 0, ""),
        ("http2", Word, None, 0, ""),
        ("http3", Word, None, 0, ""),
        ("ssl_protocol", Word, Some(TlsProtocol), 0, ""),
        ("ssl_cipher", Word, Some(TlsCipher), 0, ""),
        ("ssl_curve", Word, None, 0, ""),
        ("ssl_session_id", Word, None, 0, ""),
        ("ssl_session_reused", Word, None, 0, ""),
        ("ssl_server_name", Word, None, 0, ""),
        ("ssl_alpn_protocol", Word, None, 0, ""),
        ("ssl_client_serial", Word, None, 0, ""),
        ("ssl_client_fingerprint", Word, None, 0, ""),
        ("upstream_addr", List, Some(UpstreamAddr), 0, ""),
        ("upstream_status", List, Some(UpstreamStatus), 0, ""),
        ("upstream_response_time", Times, Some(UpstreamTimeUs), 0, ""),
        ("upstream_connect_time", Times, None, 0, ""),
        ("upstream_header_time", Times, None, 0, ""),
        ("upstream_queue_time", Times, None, 0, ""),
        ("upstream_first_byte_time", Times, None, 0, ""),
        ("upstream_session_time", Times, None, 0, ""),
        ("upstream_response_length", List, None, 0, ""),
        ("upstream_bytes_received", List, None, 0, ""),
        ("upstream_bytes_sent", List, None, 0, ""),
        ("upstream_cache_status", Word, Some(CacheStatus), 0, ""),
        ("proxy_host", Word, None, 0, ""),
        ("proxy_port", Int, None, 0, ""),
        ("remote_port", Int, None, 0, ""),
        ("realip_remote_port", Int, None, 0, ""),
        ("proxy_protocol_port", Int, None, 0, ""),
        ("proxy_protocol_server_port", Int, None, 0, ""),
        ("request_port", Int, None, 0, ""),
        ("connection", Int, None, 0, ""),
        ("connection_requests", Int, None, 0, ""),
        ("connection_time", Duration(Unit::Seconds), None, 0, "connection_time_us"),
        ("connections_active", Int, None, 0, ""),
        ("connections_reading", Int, None, 0, ""),
        ("connections_writing", Int, None, 0, ""),
        ("connections_waiting", Int, None, 0, ""),
        ("tcpinfo_rtt", Int, None, 0, ""),
        ("tcpinfo_rttvar", Int, None, 0, ""),
        ("tcpinfo_snd_cwnd", Int, None, 0, ""),
        ("tcpinfo_rcv_space", Int, None, 0, ""),
        ("pid", Int, None, 0, ""),
        ("pipe", Word, None, 0, ""),
        ("content_length", Int, None, 0, ""),
        ("limit_rate", Int, None, 0, ""),
        ("request_completion", Word, None, 0, ""),
        ("limit_req_status", Word, None, 0, ""),
        ("limit_conn_status", Word, None, 0, ""),
        ("gzip_ratio", Decimal, None, 0, ""),
        ("nginx_version", Word, None, 0, ""),
        ("geoip_country_code", Word, Some(Country), 0, ""),
        ("geoip_country_code3", Word, None, 0, ""),
        ("geoip_city_country_code", Word, Some(Country), 1, ""),
        ("geoip_country_name", Text, Some(CountryName), 0, ""),
        ("geoip_city_country_name", Text, Some(CountryName), 1, ""),
        ("geoip_region", Word, None, 0, ""),
        ("geoip_region_name", Text, Some(Region), 0, ""),
        ("geoip_city", Text, Some(City), 0, ""),
        ("geoip_latitude", Decimal, Some(Latitude), 0, ""),
        ("geoip_longitude", Decimal, Some(Longitude), 0, ""),
        ("geoip_org", Text, Some(AsOrg), 0, ""),
        ("proxy_upstream_name", Word, None, 0, ""),
        ("proxy_alternative_upstream_name", Word, None, 0, ""),
        ("namespace", Word, None, 0, ""),
        ("ingress_name", Word, None, 0, ""),
        ("service_name", Word, None, 0, ""),
        ("service_port", Word, None, 0, ""),
    ]
};
