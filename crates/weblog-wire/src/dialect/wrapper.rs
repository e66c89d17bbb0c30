//! Objects that carry a line: what container runtimes, the journal and shippers make of it.

use super::{
    arena::Arena,
    entry::Filler,
    meaning::{
        Entry,
        Meaning::{Int, Open, Text},
        Table,
    },
    quantity::Clock,
    token::{Cursor, Fault, Member, Raw},
    value::text,
};
use std::collections::HashSet;
use weblog_parse::{Field, Name, Record, Value, time::Logged, wrapper::Unwrapped};

/// What wrappers say of the line that they carry.
pub(super) static WRAPPER: Table = Table::new(
    &[
        ("host", Open(&HOST)),
        ("hostname", Text(Field::Host)),
        ("_HOSTNAME", Text(Field::Host)),
        ("log", Open(&LOG)),
        ("file", Open(&FILE)),
        ("path", Text(Field::Source)),
        ("filePath", Text(Field::Source)),
        ("filename", Text(Field::Source)),
        ("file_name", Text(Field::Source)),
        ("source", Text(Field::Source)),
        ("offset", Int(Field::Offset)),
        ("kubernetes", Open(&KUBERNETES)),
        ("beat", Open(&HOST)),
    ],
    &[],
    Some(&NOTHING),
);

static HOST: Table = Table::new(
    &[("", Text(Field::Host)), ("name", Text(Field::Host))],
    &[("hostname", Text(Field::Host))],
    None,
);
static LOG: Table = Table::new(&[("file", Open(&FILE)), ("offset", Int(Field::Offset))], &[], None);
static FILE: Table = Table::new(&[("", Text(Field::Source)), ("path", Text(Field::Source))], &[], None);
static KUBERNETES: Table =
    Table::new(&[], &[("host", Text(Field::Host)), ("node_name", Text(Field::Host))], None);
static NOTHING: Table = Table::new(&[], &[], None);

/// The keys that give the instant at which the line was taken up.
const TIMES: &[&[u8]] = &[b"time", b"@timestamp", b"timestamp", b"date", b"__REALTIME_TIMESTAMP"];

/// A line that was carried, and what its carriers say of it.
#[derive(Clone, Copy, Debug)]
pub struct Wrapped<'a> {
    /// The line, without its newline.
    pub line: &'a [u8],
    said: &'a [(Name<'a>, Value<'a>)],
    time: Option<Logged>,
}

impl<'a> Wrapped<'a> {
    /// A line that nothing carries.
    pub(super) fn bare(line: &'a [u8]) -> Self {
        Wrapped { line, said: &[], time: None }
    }

    pub(super) fn with(self, line: &'a [u8]) -> Self {
        Wrapped { line, ..self }
    }

    /// Adds to the record of the line what its carriers say and it does not say itself: the machine, the
    /// file, the offset, everything else under the carrier's own keys, and the carrier's time when the line
    /// has none.
    pub fn add_to(&self, record: &mut Record<'a>) {
        if self.said.is_empty() && self.time.is_none() {
            return;
        }
        let names = record.fields().iter().filter_map(|(name, _)| other(name));
        let mut names: HashSet<&str> = names.collect();
        for (name, value) in self.said {
            match name {
                Name::Known(field) if record.get(*field).is_none() => record.push(*field, *value),
                Name::Other(name) if names.insert(name) => record.push_other(name, *value),
                _ => {}
            }
        }
        if let Some(logged) = self.time.filter(|_| record.get(Field::Time).is_none()) {
            record.push(Field::Time, Value::Time(logged.instant));
            if let Some(minutes) = logged.utc_offset {
                record.push(Field::UtcOffset, Value::Int(i64::from(minutes)));
            }
        }
        record.canonical();
    }

    /// Takes off one more carrier, an object whose member `at` holds the line. `None` when that holds none.
    pub(super) fn unwrap(
        self,
        members: &[Member<'a>],
        plan: &[Entry],
        at: usize,
        arena: &'a Arena,
        clock: &mut Clock,
    ) -> Result<Option<Self>, Fault> {
        let Some(line) = carried(members[at].value, arena) else { return Ok(None) };
        let mut time = None;
        let mut record = Record::new();
        let mut filler = Filler::new(self.line, arena, &mut record, clock);
        for (index, (member, entry)) in members.iter().zip(plan).enumerate() {
            if index == at {
                continue;
            }
            if !TIMES.contains(&member.key) {
                filler.put("", member, entry.meaning)?;
                continue;
            }
            let logged = scalar(member.value).and_then(|text| filler.clock.read(text));
            // The entry's own time has the name, and this one is known by it.
            if logged.is_none() || member.key != b"time" {
                filler.pass("", member.key, member.value);
            }
            time = time.or(logged);
        }
        Ok(Some(self.inner(line, record.fields(), time, arena)))
    }

    /// Takes off a prefix of syslog or of a container runtime.
    pub(super) fn strip(self, unwrapped: Unwrapped<'a>, arena: &'a Arena) -> Self {
        let prefix = (Name::Other("prefix"), text(unwrapped.prefix));
        let host = unwrapped.host.map(|host| (Name::Known(Field::Host), text(host)));
        let said: Vec<_> = host.into_iter().chain([prefix]).collect();
        self.inner(unwrapped.line, &said, None, arena)
    }

    /// What an inner carrier says counts more than what an outer one says.
    fn inner(
        self,
        line: &'a [u8],
        said: &[(Name<'a>, Value<'a>)],
        time: Option<Logged>,
        arena: &'a Arena,
    ) -> Self {
        let said = [said, self.said].concat();
        Wrapped { line, said: arena.slice(&said), time: time.or(self.time) }
    }
}

fn other<'a>(name: &Name<'a>) -> Option<&'a str> {
    match name {
        Name::Known(_) => None,
        Name::Other(name) => Some(name),
    }
}

fn scalar<'a>(value: Raw<'a>) -> Option<&'a [u8]> {
    match value {
        Raw::Quoted(text) | Raw::Bare(text) => Some(text),
        _ => None,
    }
}

/// The line in a string, or in the array of bytes that journalctl makes of what is not UTF-8.
fn carried<'a>(value: Raw<'a>, arena: &'a Arena) -> Option<&'a [u8]> {
    let line = match value {
        Raw::Quoted(inside) => arena.decoded(inside),
        Raw::Array(array) => {
            let mut bytes = Vec::new();
            let mut cursor = Cursor::inside(array);
            while let Some(item) = cursor.item().ok()? {
                let Raw::Bare(number) = item else { return None };
                bytes.push(std::str::from_utf8(number).ok()?.parse().ok()?);
            }
            arena.slice(&bytes)
        }
        _ => return None,
    };
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}
