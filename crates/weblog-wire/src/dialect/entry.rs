//! Members by their meaning, into the fields of a record.

use super::{
    arena::Arena,
    meaning::{Entry, Meaning, Table},
    quantity::{Clock, micros},
    tls,
    token::{Cursor, Fault, Member, Raw, is_json},
    value::{address_and_port, is_plain, is_same, text, valid, whole},
};
use memchr::{memchr, memmem};
use std::num::NonZeroUsize;
use weblog_parse::{
    Field, Record, Value,
    request::{self, path_and_query},
    text::{bytes, lossless, percent_decode},
};

/// Fills a record with the members of one object.
pub(super) struct Filler<'a, 'r> {
    pub(super) line: &'a [u8],
    pub(super) arena: &'a Arena,
    pub(super) record: &'r mut Record<'a>,
    pub(super) clock: &'r mut Clock,
    /// Where in the record each field is.
    places: [Option<NonZeroUsize>; Field::ALL.len()],
    stem: Option<&'a [u8]>,
    date: Option<&'a [u8]>,
    time_of_day: Option<&'a [u8]>,
}

impl<'a, 'r> Filler<'a, 'r> {
    pub(super) fn new(
        line: &'a [u8],
        arena: &'a Arena,
        record: &'r mut Record<'a>,
        clock: &'r mut Clock,
    ) -> Self {
        Filler {
            line,
            arena,
            record,
            clock,
            places: [None; Field::ALL.len()],
            stem: None,
            date: None,
            time_of_day: None,
        }
    }

    /// Adds all members of an object; `plan` says what each one means.
    pub(super) fn members(&mut self, members: &[Member<'a>], plan: &[Entry]) -> Result<(), Fault> {
        for weak in [false, true] {
            for (member, entry) in members.iter().zip(plan).filter(|(_, entry)| entry.weak == weak) {
                self.put("", member, entry.meaning)?;
            }
        }
        Ok(())
    }

    /// Adds what several members say together.
    pub(super) fn finish(&mut self) {
        if let Some(stem) = self.stem.filter(|_| !self.has(Field::Target)) {
            let mut scratch = Default::default();
            let query = self.record.get(Field::Query);
            let target = match query.and_then(|query| bytes(query, &mut scratch)) {
                Some(query) if !query.is_empty() => self.arena.concat(&[stem, b"?", query]),
                _ => stem,
            };
            self.push(Field::Target, text(target));
        }
        match (self.date, self.time_of_day) {
            (Some(date), Some(time)) => {
                let both = self.arena.concat(&[date, b" ", time]);
                if !self.time(both) {
                    self.pass("", b"date", Raw::Quoted(date));
                }
            }
            (Some(one), None) | (None, Some(one)) => {
                self.time(one);
            }
            (None, None) => {}
        }
    }

    /// Adds a member. One that does not say what it should, or says it again, passes under its own name.
    pub(super) fn put(&mut self, path: &str, member: &Member<'a>, meaning: Meaning) -> Result<(), Fault> {
        let done = match (meaning, member.value) {
            (Meaning::Pass, value) if path.is_empty() => {
                // What has no meaning at the top is no name of the schema.
                self.keep(self.joined(path, member.key), value);
                true
            }
            (Meaning::Pass, _) => false,
            (Meaning::Open(table), Raw::Object(object)) => {
                self.open(path, member.key, object, table)?;
                true
            }
            (Meaning::Open(table), _) => match table.get(b"") {
                Some(entry) => return self.put(path, member, entry.meaning),
                None => false,
            },
            (Meaning::Headers, Raw::Object(object)) => self.headers(path, member.key, object),
            (Meaning::Headers, Raw::Array(array)) => self.named_headers(array),
            (_, value) => match self.scalar(value) {
                Ok(Some(bytes)) => self.field(meaning, bytes, value),
                // What is known to be absent is not worth a null.
                Ok(None) => true,
                Err(()) => false,
            },
        };
        if !done {
            self.pass(path, member.key, member.value);
        }
        Ok(())
    }

    fn open(
        &mut self,
        path: &str,
        key: &'a [u8],
        object: &'a [u8],
        table: &'static Table,
    ) -> Result<(), Fault> {
        let path = self.joined(path, key);
        let passes: &[bool] = if table.has_weak() { &[false, true] } else { &[true] };
        for weak in passes {
            let mut cursor = Cursor::inside(object);
            while let Some(member) = cursor.member().map_err(|fault| inside(self.line, object, fault))? {
                let entry = meaning_in(table, member.key);
                if entry.weak == *weak || passes.len() == 1 {
                    self.put(path, &member, entry.meaning)?;
                }
            }
        }
        Ok(())
    }

    /// The bytes of a text or a number; none when there is none. Several texts are joined like header fields.
    pub(super) fn scalar(&self, value: Raw<'a>) -> Result<Option<&'a [u8]>, ()> {
        match value {
            Raw::Absent => Ok(None),
            Raw::Quoted(b"-") => Ok(None),
            Raw::Quoted(inside) => Ok(Some(self.arena.decoded(inside))),
            Raw::Bare(bare) => Ok(Some(bare)),
            Raw::Object(_) => Err(()),
            Raw::Array(array) => self.list(array),
        }
    }

    fn list(&self, array: &'a [u8]) -> Result<Option<&'a [u8]>, ()> {
        let mut cursor = Cursor::inside(array);
        let (mut only, mut joined) = (None, Vec::new());
        while let Some(item) = cursor.item().map_err(drop)? {
            let (Raw::Absent | Raw::Quoted(_) | Raw::Bare(_)) = item else { return Err(()) };
            let Some(item) = self.scalar(item)? else { continue };
            if let Some(first) = only.replace(item) {
                if joined.is_empty() {
                    joined.extend_from_slice(first);
                }
                joined.extend_from_slice(b", ");
                joined.extend_from_slice(item);
            }
        }
        Ok(if joined.is_empty() { only } else { Some(self.arena.slice(&joined)) })
    }

    /// Adds a value by its meaning, unless it is no such value or the field has one.
    pub(super) fn field(&mut self, meaning: Meaning, bytes: &'a [u8], raw: Raw<'a>) -> bool {
        if bytes.is_empty() && !matches!(meaning, Meaning::Sent(_) | Meaning::Encoded(_) | Meaning::Request) {
            return true;
        }
        match meaning {
            Meaning::Pass | Meaning::Open(_) | Meaning::Headers => false,
            Meaning::Text(field) | Meaning::Sent(field) => self.push(field, text(bytes)),
            Meaning::Encoded(field) => {
                let value = text(self.percent_decoded(bytes));
                self.push(field, value)
            }
            Meaning::Int(field) => match whole(bytes) {
                Some(number) => self.push(field, Value::Int(number)),
                None => false,
            },
            Meaning::Json(field) => match (raw, std::str::from_utf8(bytes)) {
                (_, Ok(number)) if is_json(bytes) => self.push(field, Value::Json(number)),
                _ => false,
            },
            Meaning::Time => self.time(bytes),
            Meaning::Date => self.date.replace(bytes).is_none(),
            Meaning::TimeOfDay => self.time_of_day.replace(bytes).is_none(),
            Meaning::Duration(field, unit) => match micros(bytes, unit) {
                Some(Some(micros)) => self.push(field, Value::Int(micros)),
                Some(None) => true,
                None => false,
            },
            Meaning::Request => self.request(bytes),
            Meaning::Target => self.target(bytes),
            Meaning::Path => self.push(Field::Path, text(bytes)),
            Meaning::Stem => {
                let value = self.encoded_path(bytes);
                let new = self.push(Field::Path, value);
                self.stem = self.stem.or(Some(bytes).filter(|_| new));
                new
            }
            Meaning::Query => {
                let query = bytes.strip_prefix(b"?").unwrap_or(bytes);
                query.is_empty() || self.push(Field::Query, text(query))
            }
            Meaning::Protocol => {
                let version = bytes.first().is_some_and(u8::is_ascii_digit);
                let protocol = if version { self.arena.concat(&[b"HTTP/", bytes]) } else { bytes };
                self.push(Field::Protocol, text(protocol))
            }
            Meaning::Tls => self.push(Field::TlsProtocol, text(tls::protocol(bytes))),
            Meaning::Cipher => self.push(Field::TlsCipher, text(tls::cipher(bytes))),
            Meaning::Client => self.address(Field::RemoteAddr, bytes),
            Meaning::Server => self.address(Field::ServerAddr, bytes),
            Meaning::Upstream => self.upstream(bytes),
        }
    }

    fn has(&self, field: Field) -> bool {
        self.places[field as usize].is_some()
    }

    /// Adds a field. One that is there stays, and is the same or another value.
    #[inline]
    fn push(&mut self, field: Field, value: Value<'a>) -> bool {
        if let Some(behind) = self.places[field as usize] {
            return is_same(self.record.fields()[behind.get() - 1].1, value);
        }
        self.record.push(field, value);
        self.places[field as usize] = NonZeroUsize::new(self.record.fields().len());
        true
    }

    fn time(&mut self, bytes: &[u8]) -> bool {
        let Some(logged) = self.clock.read(bytes) else { return false };
        // Two clocks of one entry rarely agree to the microsecond; the first is the entry's own.
        let new = self.push(Field::Time, Value::Time(logged.instant));
        if let Some(minutes) = logged.utc_offset.filter(|_| new) {
            self.push(Field::UtcOffset, Value::Int(i64::from(minutes)));
        }
        new
    }

    fn request(&mut self, line: &'a [u8]) -> bool {
        if line.starts_with(b"/") && memchr(b' ', line).is_none() {
            return self.target(line);
        }
        if [Field::Method, Field::Target, Field::Request, Field::RequestKind].iter().any(|f| self.has(*f)) {
            return false;
        }
        let parts = request::split(line);
        let fields = [
            (Field::Method, parts.method),
            (Field::Target, parts.target),
            (Field::Query, parts.query),
            (Field::Protocol, parts.protocol),
            (Field::Request, parts.whole),
            (Field::RequestKind, parts.kind.map(str::as_bytes)),
        ];
        for (field, part) in fields {
            if let Some(part) = part {
                self.push(field, text(part));
            }
        }
        if let Some(path) = parts.path {
            let path = self.encoded_path(path);
            self.push(Field::Path, path);
        }
        true
    }

    fn target(&mut self, target: &'a [u8]) -> bool {
        if !self.push(Field::Target, text(target)) {
            return false;
        }
        let method =
            if self.record.get(Field::Method) == Some(Value::Plain(b"CONNECT")) { "CONNECT" } else { "" };
        let (path, query) = path_and_query(method.as_bytes(), target);
        if let Some(path) = path.filter(|_| !self.has(Field::Path)) {
            let path = self.encoded_path(path);
            self.push(Field::Path, path);
        }
        if let Some(query) = query {
            self.push(Field::Query, text(query));
        }
        true
    }

    /// The value of a path with percent-encoding in it and no other.
    fn encoded_path(&self, path: &'a [u8]) -> Value<'a> {
        match (memchr(b'%', path), memchr(b'\\', path)) {
            (None, _) => text(path),
            (_, None) => Value::Path(path),
            // A backslash is none of a server's escape here.
            _ => text(self.percent_decoded(path)),
        }
    }

    fn percent_decoded(&self, bytes: &'a [u8]) -> &'a [u8] {
        if memchr(b'%', bytes).is_none() {
            return bytes;
        }
        let mut decoded = Vec::with_capacity(bytes.len());
        percent_decode(bytes, &mut decoded);
        self.arena.slice(&decoded)
    }

    /// An address with a port or without.
    fn address(&mut self, field: Field, bytes: &'a [u8]) -> bool {
        let (address, port) = address_and_port(bytes);
        if !self.push(field, text(address)) {
            return false;
        }
        match (port, field) {
            (None, _) => {}
            (Some(port), Field::ServerAddr) => {
                self.push(Field::ServerPort, Value::Int(port));
            }
            (Some(port), _) => self.record.push_other("remote_port", Value::Int(port)),
        }
        true
    }

    fn upstream(&mut self, list: &'a [u8]) -> bool {
        let new = self.push(Field::UpstreamAddr, text(list));
        if new && !self.has(Field::UpstreamAttempts) {
            // nginx puts `, ` between two tries, ` : ` between two groups of them.
            let tries = 1 + memmem::find_iter(list, b", ").count() + memmem::find_iter(list, b" : ").count();
            self.push(Field::UpstreamAttempts, Value::Int(tries as i64));
        }
        new
    }

    /// Adds a member as it stands, under its own name; `original_…` where that is the schema's.
    pub(super) fn pass(&mut self, path: &str, key: &'a [u8], value: Raw<'a>) {
        let name = self.joined(path, key);
        let name = match Field::from_name(name.as_bytes()) {
            Some(_) => self.joined("original", name.as_bytes()),
            None => name,
        };
        self.keep(name, value);
    }

    fn keep(&mut self, name: &'a str, value: Raw<'a>) {
        let value = match value {
            Raw::Absent => Value::Json("null"),
            Raw::Quoted(inside) => text(self.arena.decoded(inside)),
            Raw::Bare(bare) => match std::str::from_utf8(bare) {
                Ok(number) if is_json(bare) => Value::Json(number),
                _ => text(bare),
            },
            Raw::Object(nested) | Raw::Array(nested) => valid(nested).map_or(text(nested), Value::Json),
        };
        self.record.push_other(name, value);
    }

    /// A name under a path: `request_tls`. Escaped, as [`weblog_parse::Name::Other`] wants it.
    pub(super) fn joined(&self, path: &str, key: &'a [u8]) -> &'a str {
        let plain = std::str::from_utf8(key).ok().filter(|_| is_plain(key));
        match plain {
            Some(plain) if path.is_empty() => plain,
            Some(plain) => self.arena.join(&[path, "_", plain]),
            None => {
                let (mut text, mut escaped) = (String::new(), Vec::new());
                lossless(self.arena.decoded(key), &mut text);
                crate::ndjson::escape(&text, &mut escaped);
                let escaped = String::from_utf8_lossy(&escaped);
                self.arena.join(&[path, if path.is_empty() { "" } else { "_" }, &escaped])
            }
        }
    }
}

/// A fault in an object as a fault in the line that holds it.
pub(super) fn inside(line: &[u8], object: &[u8], (at, expected): Fault) -> Fault {
    ((object.as_ptr().addr() - line.as_ptr().addr()) + at, expected)
}

/// What a key means in an object that was opened; names of the schema mean nothing there.
pub(super) fn meaning_in(table: &'static Table, key: &[u8]) -> Entry {
    table.get(key).unwrap_or(Entry { meaning: Meaning::Pass, weak: true })
}
