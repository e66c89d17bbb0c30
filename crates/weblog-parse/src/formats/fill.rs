//! From the parts of a line to the fields of a record.

use super::part::address_and_port;
use crate::{
    line::{fill_request, host_and_port},
    parser::is_clean,
    record::{Name, Record, Value},
    request::{self, Request, path_and_query},
    schema::{Field, Kind},
    time::Logged,
};
use memchr::memchr;

/// Adds fields to a record: a part that is `-` is null and adds none.
pub(super) struct Fill<'r, 'a> {
    record: &'r mut Record<'a>,
    /// Whether the line is printable ASCII without backslashes.
    clean: bool,
    /// Whether a backslash begins one of the servers' escapes.
    escapes: bool,
}

impl<'r, 'a> Fill<'r, 'a> {
    /// For a format whose text has the servers' escapes in it.
    #[inline]
    pub(super) fn escaped(record: &'r mut Record<'a>, line: &[u8]) -> Self {
        Fill { record, clean: is_clean(line), escapes: true }
    }

    /// For a format in which a backslash is a backslash.
    #[inline]
    pub(super) fn verbatim(record: &'r mut Record<'a>, line: &[u8]) -> Self {
        Fill { record, clean: is_clean(line), escapes: false }
    }

    /// The value of a text.
    #[inline]
    pub(super) fn value(&self, text: &'a [u8]) -> Value<'a> {
        if self.clean && memchr(b'"', text).is_none() {
            Value::Plain(text)
        } else if self.escapes {
            Value::Escaped(text)
        } else {
            Value::Text(text)
        }
    }

    /// A value as it is.
    #[inline]
    pub(super) fn raw(&mut self, name: Name<'a>, value: Value<'a>) {
        match name {
            Name::Known(field) => self.record.push(field, value),
            Name::Other(name) => self.record.push_other(name, value),
        }
    }

    #[inline]
    pub(super) fn text(&mut self, field: Field, text: &'a [u8]) {
        if text != b"-" {
            self.record.push(field, self.value(text));
        }
    }

    #[inline]
    pub(super) fn other(&mut self, name: &'a str, text: &'a [u8]) {
        if text != b"-" {
            self.record.push_other(name, self.value(text));
        }
    }

    #[inline]
    pub(super) fn int(&mut self, field: Field, number: Option<i64>) {
        if let Some(number) = number {
            self.record.push(field, Value::Int(number));
        }
    }

    #[inline]
    pub(super) fn other_int(&mut self, name: &'a str, number: Option<i64>) {
        if let Some(number) = number {
            self.record.push_other(name, Value::Int(number));
        }
    }

    #[inline]
    pub(super) fn time(&mut self, time: Option<Logged>) {
        let Some(time) = time else { return };
        self.record.push(Field::Time, Value::Time(time.instant));
        self.int(Field::UtcOffset, time.utc_offset.map(i64::from));
    }

    /// A request line.
    #[inline]
    pub(super) fn request(&mut self, request: &'a [u8]) {
        self.split_request(request::split(request));
    }

    /// A request whose parts stand in several places of the line. `-` is null.
    pub(super) fn request_parts(&mut self, method: &'a [u8], target: &'a [u8], protocol: &'a [u8]) {
        let given = |part: &'a [u8]| (part != b"-" && !part.is_empty()).then_some(part);
        let (path, query) = match given(target) {
            Some(target) => path_and_query(method, target),
            None => (None, None),
        };
        self.split_request(Request {
            method: given(method),
            target: given(target),
            path,
            query,
            protocol: given(protocol),
            ..Request::default()
        });
    }

    #[inline]
    fn split_request(&mut self, request: Request<'a>) {
        let quoted = [request.method, request.target, request.protocol, request.whole];
        let quoted = quoted.iter().flatten().any(|part| memchr(b'"', part).is_some());
        let (plain, escapes) = (self.clean && !quoted, self.escapes);
        let text = |text| match (plain, escapes) {
            (true, _) => Value::Plain(text),
            (false, true) => Value::Escaped(text),
            (false, false) => Value::Text(text),
        };
        let path =
            |path: &'a [u8]| if memchr(b'%', path).is_some() { encoded(escapes, path) } else { text(path) };
        fill_request(request, self.record, text, path);
    }

    /// A path in a place of its own.
    pub(super) fn path(&mut self, path: &'a [u8]) {
        if path == b"-" {
            return;
        }
        let is_encoded = memchr(b'%', path).is_some();
        let value = if is_encoded { encoded(self.escapes, path) } else { self.value(path) };
        self.record.push(Field::Path, value);
    }

    /// `host:port` of the request.
    #[inline]
    pub(super) fn vhost(&mut self, host: &'a [u8]) {
        let (name, port) = host_and_port(host);
        self.text(Field::Vhost, name);
        self.int(Field::ServerPort, port.map(i64::from));
    }

    /// What the format does not name; whether there is any.
    pub(super) fn extra(&mut self, rest: &'a [u8]) -> bool {
        let rest = rest.trim_ascii();
        if !rest.is_empty() {
            self.record.push(Field::Extra, Value::Text(rest));
        }
        !rest.is_empty()
    }

    /// The address of `address:port`; the port is for later, as it has no field of the schema.
    #[inline]
    pub(super) fn client(&mut self, client: &'a [u8]) -> Option<i64> {
        let (address, port) = address_and_port(client);
        self.text(Field::RemoteAddr, address);
        port
    }
}

/// The host and port of a request whose target is a URL.
pub(super) fn host_of_request(request: &[u8]) -> &[u8] {
    let Some(at) = memchr::memmem::find(request, b"://") else { return b"-" };
    let authority = &request[at + 3..];
    let end = authority.iter().position(|b| b"/? ".contains(b)).unwrap_or(authority.len());
    match &authority[..end] {
        b"" => b"-",
        host if host.ends_with(b"-") => b"-",
        host => host,
    }
}

/// Fields for `fields()`: those of the schema, then the others with their kinds.
pub(super) fn listed(known: &[Field], others: &[(&'static str, Kind)]) -> Vec<(Name<'static>, Kind)> {
    let known = known.iter().map(|field| (Name::Known(*field), field.info().kind));
    known.chain(others.iter().map(|(name, kind)| (Name::Other(name), *kind))).collect()
}

/// A path with percent-encoding in it.
fn encoded(escapes: bool, path: &[u8]) -> Value<'_> {
    if escapes { Value::Path(path) } else { Value::TextPath(path) }
}
