//! What each directive of Apache httpd means: its shape, and the field of the schema or the name of its own.

use super::{Directive, Request};
use crate::{
    program::variable::{Shape, Unit, Variable, snake_case},
    schema::Field,
};

/// The variable that a directive stands for; the error says what was expected instead.
pub(super) fn variable(directive: Directive<'_>) -> Result<Variable, String> {
    use Field::*;
    let source = directive.source;
    let argument = directive.argument.unwrap_or_default();
    let field = |field, shape| Ok(Variable::field(source, field, shape));
    let other = |name: &str, shape| Ok(Variable::other(source, name, shape));
    let or_else = |field, shape, rank, own| Ok(Variable::field(source, field, shape).or_else(rank, own));
    let named = |letter| match argument {
        "" => Err(format!("a name in braces, like `%{{NAME}}{letter}`")),
        name => Ok(name),
    };
    match (directive.name, argument.to_ascii_lowercase().as_str()) {
        ("a", "c") => or_else(RemoteAddr, Shape::Word, 2, "peer_addr"),
        ("a", _) => or_else(RemoteAddr, Shape::Word, 1, "remote_ip"),
        ("A", _) => field(ServerAddr, Shape::Word),
        ("b" | "B", _) => field(Bytes, Shape::Int),
        ("C", _) => other(&format!("cookie_{}", named("C")?), Shape::Text),
        ("D", _) => field(DurationUs, Shape::Duration(Unit::Micros)),
        ("e", _) => Ok(environment(source, named("e")?)),
        ("f", _) => other("filename", Shape::Text),
        ("F", _) => other("flushed", Shape::Word),
        ("h", "c") => or_else(RemoteAddr, Shape::Word, 2, "peer_host"),
        ("h", _) => field(RemoteAddr, Shape::Word),
        ("H", _) => or_else(Protocol, Shape::Word, 0, "server_protocol"),
        ("i", _) => Ok(request_header(source, named("i")?)),
        ("I", _) => field(RequestBytes, Shape::Int),
        ("k", _) => other("keepalive_requests", Shape::Int),
        ("l", _) => field(RemoteLogname, Shape::Word),
        ("L", "c") => other("connection_log_id", Shape::Word),
        ("L", _) => or_else(RequestId, Shape::Word, 1, "log_id"),
        ("m", _) => or_else(Method, Shape::Word, 0, "request_method"),
        ("n", "ratio") => other("gzip_ratio", Shape::Word),
        ("n", _) => other(&format!("note_{}", named("n")?), Shape::Text),
        ("o", _) => other(&format!("sent_http_{}", named("o")?), Shape::Text),
        ("O", _) => or_else(Bytes, Shape::Int, 1, "response_bytes"),
        ("p", "remote") => other("remote_port", Shape::Int),
        ("p", "local") => or_else(ServerPort, Shape::Int, 1, "local_port"),
        ("p", _) => field(ServerPort, Shape::Int),
        ("P", "tid") => other("tid", Shape::Int),
        ("P", "hextid") => other("tid", Shape::Hex),
        ("P", _) => other("pid", Shape::Int),
        ("q", _) => or_else(Query, Shape::Query, 0, "args"),
        ("r", _) => field(Field::Request, Shape::Text),
        ("R", _) => other("handler", Shape::Word),
        ("s", _) => {
            let rank = u8::from(directive.request != self::Request::Final);
            or_else(Status, Shape::Status, rank, "original_status")
        }
        ("S", _) => other("total_bytes", Shape::Int),
        ("T", unit) => {
            // The finest unit gets the field.
            let (unit, rank) = match unit {
                "us" => (Unit::Micros, 0),
                "ms" => (Unit::Millis, 1),
                _ => (Unit::Seconds, 3),
            };
            or_else(DurationUs, Shape::Duration(unit), rank, "duration_us")
        }
        ("u", _) => field(RemoteUser, Shape::User),
        ("U", _) => or_else(Path, Shape::Text, 0, "uri"),
        ("v", _) => or_else(Vhost, Shape::Word, 0, "server_name"),
        ("V", _) => or_else(Vhost, Shape::Word, 1, "requested_vhost"),
        ("X", _) => other("connection_status", Shape::Char),
        ("x" | "c", _) => Ok(tls(source, named(directive.name)?)),
        ("^ti", _) => other(&format!("trailer_{}", named("^ti")?), Shape::Text),
        ("^to", _) => other(&format!("sent_trailer_{}", named("^to")?), Shape::Text),
        ("^FB", _) => other("first_byte_us", Shape::Duration(Unit::Micros)),
        ("^FU", _) => other("upload_us", Shape::Duration(Unit::Micros)),
        ("^JS", _) => {
            Err("another directive: `%^JS` writes a whole JSON object (mod_log_json), which needs no format"
                .into())
        }
        (name, _) => Err(format!("a directive of mod_log_config; `%{name}` is none")),
    }
}

/// Whether `%{…}T` knows this unit.
pub(super) fn is_unit(unit: &str) -> bool {
    unit.is_empty() || ["s", "ms", "us"].iter().any(|known| unit.eq_ignore_ascii_case(known))
}

fn request_header(source: &str, name: &str) -> Variable {
    let own = format!("http_{}", snake_case(name));
    let field = |field, shape| Variable::field(source, field, shape);
    match own.as_str() {
        "http_referer" => field(Field::Referer, Shape::Text),
        "http_user_agent" => field(Field::UserAgent, Shape::Text),
        "http_x_forwarded_for" => field(Field::ForwardedFor, Shape::List),
        "http_host" => field(Field::Vhost, Shape::Word).or_else(3, &own),
        "http_x_request_id" => field(Field::RequestId, Shape::Word).or_else(2, &own),
        _ => Variable::other(source, &own, Shape::Text),
    }
}

fn environment(source: &str, name: &str) -> Variable {
    let field = |field, shape| Variable::field(source, field, shape);
    match name {
        "UNIQUE_ID" => field(Field::RequestId, Shape::Word),
        "cache-status" => field(Field::CacheStatus, Shape::Text),
        "MM_COUNTRY_CODE" | "GEOIP_COUNTRY_CODE" => field(Field::Country, Shape::Word),
        "BALANCER_WORKER_NAME" => field(Field::UpstreamAddr, Shape::List),
        "SSL_PROTOCOL" | "SSL_CIPHER" => tls(source, name),
        _ => Variable::other(source, &format!("env_{name}"), Shape::Text),
    }
}

/// A variable of mod_ssl, or its old name behind `c`.
fn tls(source: &str, name: &str) -> Variable {
    match name {
        "SSL_PROTOCOL" | "version" => Variable::field(source, Field::TlsProtocol, Shape::Word),
        "SSL_CIPHER" | "cipher" => Variable::field(source, Field::TlsCipher, Shape::Word),
        "SSL_TLS_SNI" => Variable::other(source, "ssl_server_name", Shape::Word),
        "HTTPS" | "REQUEST_SCHEME" => Variable::other(source, name, Shape::Word),
        "subjectdn" => Variable::other(source, "ssl_client_s_dn", Shape::Text),
        "issuerdn" => Variable::other(source, "ssl_client_i_dn", Shape::Text),
        _ => Variable::other(source, name, Shape::Text),
    }
}
