//! The names of columns: IIS's ("W3C logging" of its documentation), CloudFront's ("Standard log
//! file fields"), and the `cs(Header)` forms that every writer has.

use crate::names::intern;
use crate::{
    record::Name,
    schema::{Field, Kind},
};

/// How a cell is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Text,
    /// Text in which `+` is a blank, unless it is quoted.
    Plus,
    /// Percent-encoded once more than the client sent it.
    Encoded,
    Path,
    Query,
    /// A whole target; `alone` when no column has its path or its query.
    Target {
        alone: bool,
    },
    /// `host` or `host:port`; `alone` when no column has the server's address or port.
    Host {
        alone: bool,
    },
    Int,
    Bytes,
    Status,
    Millis,
    Seconds,
}

/// One column: where it stands in a row, and what it is in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) at: usize,
    pub(super) name: Name<'static>,
    pub(super) reading: Reading,
}

impl Column {
    /// The fields that the column fills, in order.
    pub(super) fn fields(&self) -> Vec<(Name<'static>, Kind)> {
        let known = |fields: &[Field]| fields.iter().map(|f| (Name::Known(*f), f.info().kind)).collect();
        match self.reading {
            Reading::Target { alone: true } => known(&[Field::Target, Field::Path, Field::Query]),
            Reading::Host { alone: true } => known(&[Field::Vhost, Field::ServerPort]),
            _ => {
                let kind = match self.reading {
                    Reading::Int | Reading::Bytes | Reading::Status | Reading::Millis | Reading::Seconds => {
                        Kind::Int
                    }
                    _ => Kind::Text,
                };
                vec![(self.name, kind)]
            }
        }
    }
}

type Plan = (Option<(usize, usize)>, Vec<Column>);

/// Where date and time stand, and the other columns in the order of the record.
pub(super) fn plan(names: &[&str]) -> Option<Plan> {
    let names: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let has = |name: &str| names.iter().position(|known| known == name);
    let time = has("date").zip(has("time"));
    let is_time = |at| time.is_some_and(|(date, time)| at == date || at == time);
    let cloudfront = has("x-edge-location").is_some();
    let mut columns: Vec<Column> = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate().filter(|(at, _)| !is_time(*at)) {
        let (mut name, mut reading) = known(name, cloudfront).or_else(|| unknown(name, cloudfront))?;
        if columns.iter().any(|column| column.name == name) {
            // A second column of one name keeps its place in the row in its own.
            name = Name::Other(intern(&format!("column_{}", at + 1))?);
            reading = if cloudfront { Reading::Encoded } else { Reading::Text };
        }
        columns.push(Column { at, name, reading });
    }
    let is_alone = |others: [Field; 2]| !columns.iter().any(|c| others.map(Name::Known).contains(&c.name));
    let target = is_alone([Field::Path, Field::Query]);
    let host = is_alone([Field::ServerAddr, Field::ServerPort]);
    for column in &mut columns {
        match &mut column.reading {
            Reading::Target { alone } => *alone = target,
            Reading::Host { alone } => *alone = host,
            _ => {}
        }
    }
    columns.sort_by_key(|column| match column.name {
        Name::Known(field) => field as usize,
        Name::Other(_) => usize::MAX,
    });
    Some((time, columns))
}

fn known(name: &str, cloudfront: bool) -> Option<(Name<'static>, Reading)> {
    use Field::*;
    let header = if cloudfront { Reading::Encoded } else { Reading::Plus };
    let plain = if cloudfront { Reading::Encoded } else { Reading::Text };
    let time = if cloudfront { Reading::Seconds } else { Reading::Millis };
    let (field, reading) = match name {
        "c-ip" => (RemoteAddr, Reading::Text),
        "cs-username" => (RemoteUser, plain),
        "cs-method" => (Method, Reading::Text),
        "cs-uri" => (Target, Reading::Target { alone: true }),
        "cs-uri-stem" | "cs-uri-path" => (Path, Reading::Path),
        "cs-uri-query" => (Query, Reading::Query),
        "cs-version" | "cs-protocol-version" => (Protocol, Reading::Text),
        "sc-status" => (Status, Reading::Status),
        "sc-bytes" => (Bytes, Reading::Bytes),
        "cs-bytes" => (RequestBytes, Reading::Bytes),
        "time-taken" => (DurationUs, time),
        "cs(referer)" | "cs(referrer)" => (Referer, plain),
        "cs(user-agent)" => (UserAgent, header),
        "x-host-header" | "cs-host" => (Vhost, Reading::Host { alone: true }),
        // In CloudFront's logs this is the name of the distribution.
        "cs(host)" if !cloudfront => (Vhost, Reading::Host { alone: true }),
        "s-ip" => (ServerAddr, Reading::Text),
        "s-port" => (ServerPort, Reading::Int),
        "x-forwarded-for" | "cs(x-forwarded-for)" => (ForwardedFor, header),
        "x-edge-request-id" | "cs(x-request-id)" => (RequestId, Reading::Text),
        "x-edge-result-type" | "s-action" => (CacheStatus, Reading::Text),
        "ssl-protocol" => (TlsProtocol, Reading::Text),
        "ssl-cipher" => (TlsCipher, Reading::Text),
        _ => return other(name, cloudfront),
    };
    Some((Name::Known(field), reading))
}

fn other(name: &str, cloudfront: bool) -> Option<(Name<'static>, Reading)> {
    let (name, reading) = match name {
        "c-port" => ("client_port", Reading::Int),
        "sc-substatus" => ("sc_substatus", Reading::Int),
        "sc-win32-status" => ("sc_win32_status", Reading::Int),
        "time-to-first-byte" if cloudfront => ("time_to_first_byte_us", Reading::Seconds),
        "sc-content-len" => ("sc_content_len", Reading::Int),
        "sc-range-start" => ("sc_range_start", Reading::Int),
        "sc-range-end" => ("sc_range_end", Reading::Int),
        // One without the other is no instant.
        "time" => ("time_of_day", Reading::Text),
        _ => return None,
    };
    Some((Name::Other(name), reading))
}

/// Any other column under its own name in lower snake_case.
fn unknown(name: &str, cloudfront: bool) -> Option<(Name<'static>, Reading)> {
    let snake = snake(name);
    let reading = match name.starts_with("cs(") || name.starts_with("sc(") {
        _ if cloudfront => Reading::Encoded,
        true => Reading::Plus,
        false => Reading::Text,
    };
    match Field::from_name(snake.as_bytes()).map(|field| (field, field.info().kind)) {
        // What the end of a row, its carrier or the run fills is no column's.
        Some((Field::Host | Field::Source | Field::Offset | Field::Extra, _)) => {
            Some((Name::Other(intern(&format!("x_{snake}"))?), reading))
        }
        Some((field, Kind::Text)) => Some((Name::Known(field), reading)),
        Some((field, Kind::Int)) => Some((Name::Known(field), Reading::Int)),
        Some(_) => Some((Name::Other(intern(&format!("x_{snake}"))?), reading)),
        None => Some((Name::Other(intern(&snake)?), reading)),
    }
}

fn snake(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut snake = String::with_capacity(name.len());
    for c in name.chars().map(letter) {
        if c != '_' || !(snake.is_empty() || snake.ends_with('_')) {
            snake.push(c);
        }
    }
    let trimmed = snake.trim_end_matches('_');
    if trimmed.is_empty() { "unnamed".to_owned() } else { trimmed.to_owned() }
}
