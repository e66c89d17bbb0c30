//! JSON access logs as servers and shippers write them, to records.
//!
//! Three things are told by the keys of an object:
//!
//! - An entry of another server ([`Dialect`]): its members become fields of the schema, typed and in the
//!   schema's units. A member that is not known passes under its own name. An object of which some member is
//!   known is opened, and its other members pass under the path with `_` (`request_tls_resumed`); any other
//!   object or array passes as JSON. Request headers that are not known stay together in one object, since
//!   clients make up names. Where a name is one of the schema's already, it passes as `original_…`.
//! - A wrapper: the files of Docker, the journal, Fluentd, Fluent Bit, Filebeat, Logstash, Vector,
//!   CloudWatch. The line in it is the entry, text or JSON again ([`Wrapped`]).
//! - Anything else, weblog's own NDJSON above all, is left to [`ndjson::read`].
//!
//! `-`, `null` and nothing are absent; so is an empty string, but for what a client may well send empty
//! (referer, user agent, forwarded_for). Spans of time are cut to whole microseconds.
//!
//! Inside, in the order in which a line meets the files: `own` knows weblog's own lines, `token` cuts
//! objects into members, `recognize` tells dialects by keys and `shapes` remembers it, `wrapper` peels,
//! `meaning`, `flat` and `nested` hold the tables, `entry` fills records by them with `headers`, `dotted` and `value`,
//! `quantity` reads times, `tls` names its numbers, `arena` holds what had to be decoded.

mod arena;
mod dotted;
mod entry;
mod flat;
mod headers;
mod meaning;
mod nested;
mod own;
mod quantity;
mod recognize;
mod shapes;
mod tls;
mod token;
mod value;
mod wrapper;

#[cfg(test)]
mod tests;

pub use arena::Arena;
pub use recognize::Dialect;
pub use wrapper::Wrapped;

use crate::ndjson;
use entry::Filler;
use recognize::Object;
use shapes::Shapes;
use token::{Cursor, Fault, Member, Raw};
use weblog_parse::{Reason, Record, Reject, Zone, wrapper::unwrap};

/// What a line of JSON was.
#[derive(Clone, Copy, Debug)]
pub enum Json<'a> {
    /// The record holds the entry.
    Record(Dialect),
    /// The object carries a line of text, and the record is empty: parse the line into it, then let the
    /// wrapper [add](Wrapped::add_to) what it says.
    Line(Wrapped<'a>),
}

/// How many wrappers are taken off one line.
const WRAPPERS: usize = 4;

/// Reads lines of JSON in any dialect. Keep one per thread: it remembers the keys of the last lines.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    clock: quantity::Clock,
    shapes: Shapes,
    /// Whether the last line was weblog's own, so that the next one is likely to be, too.
    own: bool,
}

/// Whether a line holds JSON: it begins with `{`, or does so behind a prefix of syslog or of a container
/// runtime.
#[inline]
pub fn is_json(line: &[u8]) -> bool {
    match line {
        [b'{', ..] => true,
        [.., b'}' | b' ' | b'\r'] => {
            let line = trim(line);
            line.starts_with(b"{") || unwrap(line).is_some_and(|inner| inner.line.starts_with(b"{"))
        }
        _ => trim(line).starts_with(b"{"),
    }
}

fn trim(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii()
}

impl Reader {
    /// A reader that takes times without a zone to be in this one.
    pub fn new(zone: Zone) -> Self {
        Reader { clock: quantity::Clock::new(zone), ..Reader::default() }
    }

    /// Reads a line for which [`is_json`] holds into an empty record.
    ///
    /// # Errors
    /// A [`Reason::BadJson`] with the column where the line stops being one JSON object; for an object in a
    /// wrapper the column counts in the line that was carried. A [`Reason::ErrorLog`] for a message of the
    /// server itself.
    #[inline]
    pub fn read<'a>(
        &mut self,
        line: &'a [u8],
        arena: &'a Arena,
        record: &mut Record<'a>,
    ) -> Result<Json<'a>, Reject> {
        let timed = own::begins_with_time(line);
        if (timed || self.own) && ndjson::read(line, record).is_ok() && own::is_own(record, timed) {
            return Ok(Json::Record(Dialect::Weblog));
        }
        record.clear();
        self.unwrap(line, arena, record)
    }

    fn unwrap<'a>(
        &mut self,
        line: &'a [u8],
        arena: &'a Arena,
        record: &mut Record<'a>,
    ) -> Result<Json<'a>, Reject> {
        let (mut wrapped, mut wrappers) = (Wrapped::bare(line), 0);
        loop {
            let json = trim(wrapped.line);
            if !json.starts_with(b"{") {
                match unwrap(json) {
                    Some(inner) if inner.line.starts_with(b"{") => wrapped = wrapped.strip(inner, arena),
                    _ => break,
                }
                continue;
            }
            // A column is a place in the line as it came, or as it was carried.
            let before = json.as_ptr().addr() - wrapped.line.as_ptr().addr();
            let step = self.object(wrapped.with(json), arena, record);
            match step.map_err(|reject| Reject { column: reject.column + before, ..reject })? {
                Step::Entry(dialect) => {
                    wrapped.add_to(record);
                    return Ok(Json::Record(dialect));
                }
                // One more is no line that anybody could read.
                Step::Inner(_) if wrappers == WRAPPERS => break,
                Step::Inner(inner) => wrapped = inner,
            }
            wrappers += 1;
        }
        Ok(Json::Line(wrapped))
    }

    /// Reads one object, or takes it off what it carries.
    fn object<'a>(
        &mut self,
        wrapped: Wrapped<'a>,
        arena: &'a Arena,
        record: &mut Record<'a>,
    ) -> Result<Step<'a>, Reject> {
        let line = wrapped.line;
        let mut members = arena.list(32);
        let mut cursor = Cursor::inside(line);
        while let Some(member) = cursor.member().map_err(bad)? {
            members.push(member);
        }
        let behind = line[cursor.at()..].trim_ascii_start();
        if !behind.is_empty() {
            return Err(bad((line.len() - behind.len(), "the end of the line behind the object")));
        }
        let shape = self.shapes.of(&members);
        self.own = false;
        let dialect = match shape.object {
            Object::Entry(dialect) => dialect,
            Object::Plain { core: true } if own::is_foreign(&members) => Dialect::Other,
            Object::Message => {
                return Err(Reject::at(
                    0,
                    Reason::ErrorLog,
                    "an access log entry, not a message of the server",
                ));
            }
            Object::Wrapper(at) => {
                match wrapped.unwrap(&members, &shape.plan, at, arena, &mut self.clock).map_err(bad)? {
                    Some(inner) => return Ok(Step::Inner(inner)),
                    None => Dialect::Weblog,
                }
            }
            Object::Plain { .. } => Dialect::Weblog,
        };
        let plan = &shape.plan;
        let mut filler = Filler::new(line, arena, record, &mut self.clock);
        match dialect {
            Dialect::Weblog => {
                self.own = true;
                plain(line, &members, filler)?;
                return Ok(Step::Entry(dialect));
            }
            Dialect::Ecs => dotted::fill(&mut filler, &members, dialect.table()),
            _ => filler.members(&members, plan),
        }
        .map_err(bad)?;
        filler.finish();
        record.canonical();
        Ok(Step::Entry(dialect))
    }
}

enum Step<'a> {
    Entry(Dialect),
    Inner(Wrapped<'a>),
}

fn bad((at, expected): Fault) -> Reject {
    Reject::at(at, Reason::BadJson, expected)
}

/// An object of weblog, or of nobody known: its members as they stand. What only the tolerant reader can
/// read is typed by the schema.
fn plain<'a>(line: &'a [u8], members: &[Member<'a>], mut filler: Filler<'a, '_>) -> Result<(), Reject> {
    if ndjson::read(line, filler.record).is_ok() {
        return Ok(());
    }
    filler.record.clear();
    for member in members {
        let meaning = meaning::of_schema(member.key).unwrap_or(meaning::Meaning::Pass);
        let absent = member.value == Raw::Absent;
        if !absent || matches!(meaning, meaning::Meaning::Pass) {
            filler.put("", member, meaning).map_err(bad)?;
        }
    }
    filler.record.canonical();
    Ok(())
}
