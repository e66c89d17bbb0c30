//! What to write into a server's configuration so that its log has more fields.
//!
//! The advice starts from the format that a log has now. Referer and agent, the virtual host and
//! X-Forwarded-For come where the formats with a name have them, so that [`Format::Auto`] still reads the
//! lines; everything else is added at the end, as `label=value`. What a server writes for a field says
//! the [schema](crate::schema). Sources: the manuals of ngx_http_log_module, ngx_http_upstream_module,
//! mod_log_config, mod_logio, mod_ssl, mod_unique_id and mod_proxy_balancer.

use crate::{
    conf::Server,
    format::Format,
    program::{BadFormat, Escape, Program},
    record::Name,
    schema::{Field, Kind},
};

/// The format that a log has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base<'f> {
    /// A format with a name; those that are not `common` and its descendants count as `combined`.
    Named(Format),
    /// A format string of the server's.
    Text(&'f str, Escape),
}

/// A format with the fields that were wanted, as far as the server can log them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Whose language it is in.
    pub server: Server,
    /// The format string, without quotes around it.
    pub format: String,
    /// How the server escapes values in it.
    pub escape: Escape,
    /// The format by which weblog knows the lines without being told, if there is one.
    pub known_as: Option<Format>,
    /// The wanted fields that the format has and the one before did not have.
    pub added: Vec<Field>,
    /// What has to be there for a field, each a phrase.
    pub needs: Vec<(Field, &'static str)>,
    /// The wanted fields that the server cannot log, and why.
    pub impossible: Vec<(Field, &'static str)>,
}

/// Adds fields to a format.
///
/// # Errors
/// When the base is a format string that cannot be compiled.
pub fn advise(server: Server, base: Base<'_>, wanted: &[Field]) -> Result<Advice, BadFormat> {
    let (mut format, escape, mut known_as) = match base {
        Base::Named(named) => {
            let known = extended(named, wanted);
            (spelled(server, known), Escape::Default, Some(known))
        }
        Base::Text(text, escape) => (text.to_owned(), escape, None),
    };
    let before = match base {
        Base::Named(named) => fields_of(server, &spelled(server, extended(named, &[])), escape)?,
        Base::Text(text, escape) => fields_of(server, text, escape)?,
    };
    let (mut added, mut needs, mut impossible) = (Vec::new(), Vec::new(), Vec::new());
    for field in wanted.iter().copied().filter(|field| !before.contains(field)) {
        if !fields_of(server, &format, escape)?.contains(&field) {
            match variable(server, field) {
                Ok(variable) => {
                    format = with(&format, escape, field, variable);
                    known_as = None;
                }
                Err(why) => {
                    impossible.push((field, why));
                    continue;
                }
            }
        }
        if !added.contains(&field) {
            added.push(field);
            needs.extend(need(server, field).map(|need| (field, need)));
        }
    }
    Ok(Advice { server, format, escape, known_as, added, needs, impossible })
}

impl Advice {
    /// The directive that defines the format under a name. A long one of nginx's stands on several lines.
    pub fn directive(&self, name: &str) -> String {
        match self.server {
            Server::Apache => format!("LogFormat \"{}\" {name}", quoted(&self.format, '"')),
            Server::Nginx => {
                let escape = match self.escape {
                    Escape::Default => "",
                    Escape::Json => " escape=json",
                    Escape::None => " escape=none",
                };
                let begin = format!("log_format {name}{escape} ");
                let between = format!("\n{}", " ".repeat(begin.len()));
                let pieces: Vec<_> =
                    pieces(&self.format).iter().map(|piece| format!("'{}'", quoted(piece, '\''))).collect();
                format!("{begin}{};", pieces.join(&between))
            }
        }
    }
}

/// The named format to start from: one that has what is wanted, where there is one.
fn extended(named: Format, wanted: &[Field]) -> Format {
    let wants = |fields: &[Field]| fields.iter().any(|field| wanted.contains(field));
    let named = if named.is_common() { named } else { Format::Combined };
    let list = named == Format::NginxMain || wants(&[Field::ForwardedFor]);
    let vhost = named.has_vhost() || wants(&[Field::Vhost]);
    let agent = named.has_agent() || list || wants(&[Field::Referer, Field::UserAgent]);
    match (vhost, agent) {
        (true, true) => Format::VhostCombined,
        (true, false) => Format::VhostCommon,
        (false, true) if list => Format::NginxMain,
        (false, true) => Format::Combined,
        (false, false) => Format::Common,
    }
}

/// A format with a name in the language of a server.
fn spelled(server: Server, format: Format) -> String {
    let [vhost, common, agent, list] = match server {
        Server::Nginx => [
            "$server_name:$server_port ",
            "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent",
            " \"$http_referer\" \"$http_user_agent\"",
            " \"$http_x_forwarded_for\"",
        ],
        Server::Apache => [
            "%v:%p ",
            "%h %l %u %t \"%r\" %>s %b",
            " \"%{Referer}i\" \"%{User-Agent}i\"",
            " \"%{X-Forwarded-For}i\"",
        ],
    };
    let part = |wanted: bool, text: &'static str| if wanted { text } else { "" };
    let list = part(format == Format::NginxMain, list);
    [part(format.has_vhost(), vhost), common, part(format.has_agent(), agent), list].concat()
}

/// The fields of the schema that a format has.
fn fields_of(server: Server, format: &str, escape: Escape) -> Result<Vec<Field>, BadFormat> {
    let program = match server {
        Server::Nginx => Program::nginx(format, escape),
        Server::Apache => Program::apache(format),
    };
    let known = |(name, _): &(Name<'_>, Kind)| match name {
        Name::Known(field) => Some(*field),
        Name::Other(_) => None,
    };
    Ok(program?.fields().iter().filter_map(known).collect())
}

/// What the server writes for a field, or why there is nothing.
fn variable(server: Server, field: Field) -> Result<&'static str, &'static str> {
    let info = field.info();
    match (field, server) {
        (Field::Source | Field::Offset, _) => Err("`--provenance` adds it while the log is read"),
        (Field::Extra, _) => Err("it is the tail of a line that no format names"),
        (Field::UtcOffset, _) => Err("it comes with the time of the request"),
        (Field::Request | Field::RequestKind, _) => Err("it comes with a request line that is none"),
        (field, _) if field >= Field::ClientAddr => Err("`weblog enrich` adds it to any log"),
        // The log's own id stays empty where no error was logged.
        (Field::RequestId, Server::Apache) => Ok("%{UNIQUE_ID}e"),
        (Field::UpstreamAddr, Server::Apache) => Ok("%{BALANCER_WORKER_NAME}e"),
        (Field::UpstreamAttempts, Server::Nginx) => Ok("$upstream_addr"),
        (Field::Target, Server::Apache) => Ok("%r"),
        (_, Server::Nginx) if info.nginx.is_empty() => Err("nginx has no variable for it"),
        (_, Server::Apache) if info.apache.is_empty() => Err("Apache httpd has no directive for it"),
        (_, Server::Nginx) => Ok(info.nginx),
        (_, Server::Apache) => Ok(info.apache),
    }
}

/// What has to be there so that the server has something to write.
fn need(server: Server, field: Field) -> Option<&'static str> {
    Some(match (server, field) {
        (Server::Apache, Field::RequestBytes | Field::ResponseBytes) => "mod_logio",
        (Server::Apache, Field::TlsProtocol | Field::TlsCipher) => "mod_ssl",
        (Server::Apache, Field::RequestId) => "mod_unique_id",
        (Server::Apache, Field::UpstreamAddr) => "mod_proxy_balancer",
        (Server::Apache, Field::CacheStatus) => "mod_cache",
        (Server::Apache, Field::RemoteLogname) => "mod_ident",
        (Server::Nginx, Field::TlsProtocol | Field::TlsCipher) => "a server that listens with ssl",
        _ => return None,
    })
}

/// The format with one more field.
fn with(format: &str, escape: Escape, field: Field, variable: &str) -> String {
    let label = match field {
        Field::DurationUs => "rt",
        Field::UpstreamTimeUs => "urt",
        field => field.name(),
    };
    // An object of JSON stays one.
    if let (true, Some(inside)) = (escape == Escape::Json, format.trim_end().strip_suffix('}')) {
        let comma = if inside.trim_end().ends_with('{') { "" } else { "," };
        return format!("{inside}{comma}\"{label}\":\"{variable}\"}}");
    }
    // Text may hold blanks, and what nginx knows of upstream servers is a list with blanks in it.
    let quoted = field.info().kind == Kind::Text || field == Field::UpstreamTimeUs;
    // The time brings brackets of its own, or blanks that only they hold together.
    match (field, quoted) {
        (Field::Time, _) if variable.starts_with('$') => format!("{format} [{variable}]"),
        (Field::Time, _) => format!("{format} {variable}"),
        (_, true) => format!("{format} {label}=\"{variable}\""),
        (_, false) => format!("{format} {label}={variable}"),
    }
}

/// A format for between quotes: those that stand alone are escaped.
fn quoted(format: &str, quote: char) -> String {
    let mut out = String::with_capacity(format.len() + 8);
    let mut escaped = false;
    for c in format.chars() {
        if c == quote && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// A format in pieces that fit a line, cut behind blanks.
fn pieces(format: &str) -> Vec<&str> {
    const ROOM: usize = 58;
    let (mut pieces, mut begin, mut blank) = (Vec::new(), 0, None);
    for (at, c) in format.char_indices() {
        if at - begin >= ROOM
            && let Some(end) = blank.take()
        {
            pieces.push(&format[begin..end]);
            begin = end;
        }
        if c == ' ' {
            blank = Some(at + 1);
        }
    }
    pieces.push(&format[begin..]);
    pieces
}

#[cfg(test)]
mod tests;
