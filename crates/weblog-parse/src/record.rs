//! One request, borrowed from the bytes it was read from.

use crate::schema::Field;

/// The name of a field: one of the schema's, or another that is kept as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// A field of the schema.
    Known(Field),
    /// Any other field: the characters between the quotes of its JSON key, still escaped.
    Other(&'a str),
}

/// An instant with the precision it was logged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub micros: i64,
    /// Digits of the fraction of a second that the log has: 0, 3 or 6.
    pub digits: u8,
}

impl Instant {
    /// An instant of the years 0000 to 9999 in UTC, the ones that RFC 3339 can write; none for others.
    pub fn dated(micros: i64, digits: u8) -> Option<Self> {
        const YEARS: std::ops::RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_300_799_999_999;
        YEARS.contains(&micros).then_some(Instant { micros, digits })
    }
}

/// A value, kept as the bytes it was until someone needs it decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Printable ASCII without `"` and `\`: needs no escape in any output.
    Plain(&'a [u8]),
    /// Bytes as they are.
    Text(&'a [u8]),
    /// Bytes with the servers' escapes (`\xHH`, `\"`, `\\`, `\n`, …) still in them.
    Escaped(&'a [u8]),
    /// A path: the servers' escapes and, under them, percent-encoding still in it.
    Path(&'a [u8]),
    /// Bytes in which `+` stands for a blank, as IIS writes the headers of a request.
    Plus(&'a [u8]),
    /// Bytes with JSON's escapes (RFC 8259 section 7) still in them, which need not be UTF-8.
    JsonEscaped(&'a [u8]),
    /// A path: JSON's escapes and, under them, percent-encoding still in it.
    JsonPath(&'a [u8]),
    /// A path: percent-encoding still in it, and no other escapes.
    TextPath(&'a [u8]),
    /// A whole number.
    Int(i64),
    /// An instant.
    Time(Instant),
    /// Text in the form in which weblog writes it, see [`text`](crate::text).
    Str(&'a str),
    /// A valid JSON value, as it stands.
    Json(&'a str),
}

/// An ordered list of fields and their values. Absent fields are not in the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record<'a> {
    fields: Vec<(Name<'a>, Value<'a>)>,
}

impl<'a> Record<'a> {
    /// An empty record.
    pub fn new() -> Self {
        Record { fields: Vec::with_capacity(32) }
    }

    /// The fields in the order in which they were added.
    #[inline]
    pub fn fields(&self) -> &[(Name<'a>, Value<'a>)] {
        &self.fields
    }

    /// Adds a field of the schema at the end.
    #[inline]
    pub fn push(&mut self, field: Field, value: Value<'a>) {
        self.fields.push((Name::Known(field), value));
    }

    /// Adds a field under another name at the end.
    #[inline]
    pub fn push_other(&mut self, name: &'a str, value: Value<'a>) {
        self.fields.push((Name::Other(name), value));
    }

    /// The value of a field of the schema.
    #[inline]
    pub fn get(&self, field: Field) -> Option<Value<'a>> {
        self.fields.iter().find(|(name, _)| *name == Name::Known(field)).map(|(_, value)| *value)
    }

    /// Forgets all fields.
    pub fn clear(&mut self) {
        self.fields.clear();
    }

    /// Gives every field another value, or none.
    pub fn map(&mut self, mut change: impl FnMut(Name<'a>, Value<'a>) -> Option<Value<'a>>) {
        self.fields.retain_mut(|(name, value)| change(*name, *value).map(|new| *value = new).is_some());
    }

    /// Forgets the fields that `keep` turns down.
    pub fn retain(&mut self, mut keep: impl FnMut(Name<'a>) -> bool) {
        self.fields.retain(|(name, _)| keep(*name));
    }

    /// Brings the fields into schema order, the unknown ones behind in the order in which they
    /// stand. Of several values for one field of the schema the last one stays.
    pub fn canonical(&mut self) {
        if self.fields.is_sorted_by(|a, b| rank(&a.0) < rank(&b.0) || rank(&b.0) == UNKNOWN) {
            return;
        }
        self.fields.sort_by_key(|(name, _)| rank(name));
        // A stable sort leaves the last value of a field behind the others.
        self.fields.dedup_by(|later, kept| {
            let same = rank(&kept.0) != UNKNOWN && kept.0 == later.0;
            if same {
                *kept = *later;
            }
            same
        });
    }

    /// Brings the fields for which `is_added` holds behind all others, in schema order.
    pub fn put_behind(&mut self, is_added: impl Fn(Name<'a>) -> bool) {
        self.fields.sort_by_key(|(name, _)| is_added(*name).then_some(rank(name)));
    }

    /// The same record emptied, for another line: keeps the allocation.
    pub fn recycle<'b>(mut self) -> Record<'b> {
        self.fields.clear();
        // Collecting an empty mapped vector in place keeps its buffer and changes its lifetime.
        Record { fields: self.fields.into_iter().map(|_| (Name::Other(""), Value::Int(0))).collect() }
    }
}

const UNKNOWN: u16 = u16::MAX;

fn rank(name: &Name<'_>) -> u16 {
    match name {
        Name::Known(field) => *field as u16,
        Name::Other(_) => UNKNOWN,
    }
}
