//! From the fields of a line to a record.

use super::{
    Escape, Program, list, number,
    plan::{Emit, How, Target},
    step::{Context, Slot, find},
    strftime::{self, Parts},
    time::TimeShape,
    variable::Shape,
};
use crate::{
    line::fill_request,
    record::{Instant, Record, Value},
    request,
    schema::Field,
    text::{json_unescape, unescape},
    time::Logged,
};
use memchr::{memchr, memchr2};

/// What a line has beside the fields of its format.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around<'a> {
    pub(super) prefix: Option<&'a [u8]>,
    pub(super) host: Option<&'a [u8]>,
    pub(super) extra: &'a [u8],
}

/// What is known of the bytes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clean {
    /// Nothing.
    No,
    /// They are printable ASCII without backslashes.
    Yes,
    /// And no quote is among them, since one ended them.
    Quoted,
}

#[inline(always)]
fn plainness(clean: bool, emit: &Emit) -> Clean {
    match (clean, emit.quoted) {
        (false, _) => Clean::No,
        (true, false) => Clean::Yes,
        (true, true) => Clean::Quoted,
    }
}

impl Program {
    /// Adds the values of a line to an empty record.
    #[inline]
    pub(super) fn emit<'a>(
        &self,
        context: &mut Context<'_>,
        slots: &[Slot<'a>],
        around: Around<'a>,
        record: &mut Record<'a>,
    ) {
        for emit in &self.emits {
            let slot = match emit.only {
                Some(only) => slots[usize::from(only)],
                None => self.first(emit, slots),
            };
            match (emit.how, slot) {
                (How::Value, Slot::Int(number)) => push(record, emit, Value::Int(number)),
                (How::Value, Slot::Bytes(bytes)) => {
                    if let Some(value) = self.text(plainness(context.clean, emit), bytes) {
                        push(record, emit, value);
                    }
                }
                (How::Request, slot) => self.request(plainness(context.clean, emit), slot, record),
                (How::Time, _) => self.time(context, emit, slots, record),
                (How::Rest, _) => rest(around, record),
                (_, Slot::Bytes(bytes)) => {
                    self.derived(plainness(context.clean, emit), emit, bytes, slots, record)
                }
                _ => {}
            }
        }
        if let Some(prefix) = around.prefix {
            record.push_other("prefix", Value::Text(prefix));
        }
    }

    /// The first source that holds a value.
    fn first<'a>(&self, emit: &Emit, slots: &[Slot<'a>]) -> Slot<'a> {
        let slots = emit.sources.iter().map(|at| slots[usize::from(*at)]);
        let is_value = |slot: &Slot<'_>| match slot {
            Slot::Null => false,
            Slot::Int(_) | Slot::Time(..) => true,
            Slot::Bytes(bytes) => !self.is_dash(bytes),
        };
        slots.clone().find(is_value).or(slots.clone().next()).unwrap_or_default()
    }

    fn is_dash(&self, bytes: &[u8]) -> bool {
        self.escape == Escape::Default && bytes == b"-"
    }

    /// Text as a value; `-` is none where the server writes it for what is missing.
    #[inline(always)]
    fn text<'a>(&self, clean: Clean, bytes: &'a [u8]) -> Option<Value<'a>> {
        match bytes {
            [b'-'] if self.escape == Escape::Default => None,
            // Apache httpd writes two quotes for an empty user.
            [b'"', b'"'] if self.escape == Escape::Default => Some(Value::Plain(b"")),
            _ => Some(self.escaped(clean, bytes)),
        }
    }

    #[inline(always)]
    fn escaped<'a>(&self, clean: Clean, bytes: &'a [u8]) -> Value<'a> {
        match self.escape {
            _ if clean == Clean::Quoted || (clean == Clean::Yes && find(b'"', bytes).is_none()) => {
                Value::Plain(bytes)
            }
            Escape::Default => Value::Escaped(bytes),
            Escape::Json => Value::JsonEscaped(bytes),
            Escape::None => Value::Text(bytes),
        }
    }

    fn path<'a>(&self, clean: Clean, bytes: &'a [u8]) -> Value<'a> {
        match self.escape {
            _ if clean == Clean::Quoted && memchr(b'%', bytes).is_none() => Value::Plain(bytes),
            _ if clean == Clean::Yes && memchr2(b'%', b'"', bytes).is_none() => Value::Plain(bytes),
            Escape::Default => Value::Path(bytes),
            Escape::Json => Value::JsonPath(bytes),
            Escape::None => Value::TextPath(bytes),
        }
    }

    #[inline]
    fn request<'a>(&self, clean: Clean, slot: Slot<'a>, record: &mut Record<'a>) {
        let line: &[u8] = if let Slot::Bytes(bytes) = slot { bytes } else { b"-" };
        let decode: fn(&[u8], &mut Vec<u8>) = match self.escape {
            Escape::Default => unescape,
            Escape::Json => json_unescape,
            Escape::None => |bytes, out| out.extend_from_slice(bytes),
        };
        let parts = request::split_as(line, decode);
        fill_request(parts, record, |bytes| self.escaped(clean, bytes), |bytes| self.path(clean, bytes));
    }

    fn uri<'a>(&self, clean: Clean, uri: &'a [u8], method: Slot<'_>, record: &mut Record<'a>) {
        if self.is_dash(uri) || uri.is_empty() {
            return;
        }
        let method = if let Slot::Bytes(bytes) = method { bytes } else { b"" };
        record.push(Field::Target, self.escaped(clean, uri));
        let (path, query) = request::path_and_query(method, uri);
        if let Some(path) = path {
            record.push(Field::Path, self.path(clean, path));
        }
        if let Some(query) = query {
            record.push(Field::Query, self.escaped(clean, query));
        }
    }

    /// What is made of a part of the text, or counted in it.
    fn derived<'a>(
        &self,
        clean: Clean,
        emit: &Emit,
        bytes: &'a [u8],
        slots: &[Slot<'a>],
        record: &mut Record<'a>,
    ) {
        let question = || memchr(b'?', bytes);
        let number = |text| match number::int(text) {
            Ok(([], Slot::Int(number))) => Some(number),
            _ => None,
        };
        // Nearly always one upstream server was tried.
        let single = || find(b' ', bytes).is_none();
        let value = match emit.how {
            How::Char => Some(self.escaped(clean, bytes)),
            How::Decimal => std::str::from_utf8(bytes).ok().filter(|t| is_json_number(t)).map(Value::Json),
            How::Uri(method) => {
                let method = method.map_or(Slot::Null, |at| slots[usize::from(at)]);
                return self.uri(clean, bytes, method, record);
            }
            How::BeforeQuery => self.text(clean, &bytes[..question().unwrap_or(bytes.len())]),
            How::Query => question().map(|at| self.escaped(clean, &bytes[at + 1..])),
            How::Sum => list::sum(bytes).map(Value::Int),
            How::Several if single() => None,
            How::Several => list::items(bytes).nth(1).map(|_| self.escaped(clean, bytes)),
            How::Attempts if bytes.is_empty() || bytes == b"-" => None,
            How::Attempts if single() => Some(Value::Int(1)),
            How::Attempts => Some(Value::Int(list::items(bytes).count() as i64)),
            How::Last if single() => number(bytes).map(Value::Int),
            How::Last => list::items(bytes).last().and_then(number).map(Value::Int),
            _ => None,
        };
        if let Some(value) = value {
            push(record, emit, value);
        }
    }

    /// The finest of the times of a line, and the offset of the one that has it.
    #[inline]
    fn time<'a>(&self, context: &mut Context<'_>, emit: &Emit, slots: &[Slot<'a>], record: &mut Record<'a>) {
        let Some(logged) = self.logged(context, &emit.sources, slots) else { return };
        push(record, emit, Value::Time(logged.instant));
        if let (Some(minutes), Target::Known(_)) = (logged.utc_offset, &emit.target) {
            record.push(Field::UtcOffset, Value::Int(i64::from(minutes)));
        }
    }

    #[inline]
    fn logged(&self, context: &mut Context<'_>, sources: &[u8], slots: &[Slot<'_>]) -> Option<Logged> {
        let mut best: Option<Logged> = None;
        let mut parts: Option<Parts> = None;
        let mut offset = None;
        for at in sources {
            match slots[usize::from(*at)] {
                Slot::Time(micros, precision) => {
                    let (digits, utc_offset) = (precision.digits(), precision.utc_offset());
                    let instant = Instant { micros, digits };
                    offset = offset.or(utc_offset);
                    if best.is_none_or(|best| digits > best.instant.digits) {
                        best = Some(Logged { instant, utc_offset });
                    }
                }
                Slot::Bytes(text) => {
                    let Shape::Time(TimeShape::Format(tokens)) = &self.steps[usize::from(*at)].variable.shape
                    else {
                        continue;
                    };
                    if let Some((read, _)) = strftime::read(tokens, text) {
                        parts.get_or_insert_default().merge(&read);
                    }
                }
                _ => {}
            }
        }
        if let Some(parts) = &parts {
            best = with_parts(best, parts, context);
            offset = offset.or(parts.offset());
        }
        best.map(|best| Logged { utc_offset: best.utc_offset.or(offset), ..best })
    }
}

/// The time that parts make, or another one with their fraction.
fn with_parts(best: Option<Logged>, parts: &Parts, context: &Context<'_>) -> Option<Logged> {
    let whole = match parts.finish(context.zone) {
        Some(crate::time::Shape::Full(logged)) => Some(logged),
        _ => None,
    };
    let (Some(mut best), fraction) = (best, parts.fraction()) else { return whole };
    match (whole, fraction) {
        (Some(whole), _) if whole.instant.digits > best.instant.digits => Some(whole),
        (_, Some((micros, digits))) if digits > best.instant.digits => {
            best.instant.micros += micros - best.instant.micros.rem_euclid(1_000_000);
            best.instant.digits = digits;
            Some(best)
        }
        _ => Some(best),
    }
}

/// A number that JSON takes as it stands: no zeros before it (RFC 8259 section 6).
fn is_json_number(text: &str) -> bool {
    let digits = text.trim_start_matches('-').as_bytes();
    digits.first().is_some_and(u8::is_ascii_digit)
        && (digits[0] != b'0' || digits.get(1).is_none_or(|b| *b == b'.'))
}

#[inline(always)]
fn push<'a>(record: &mut Record<'a>, emit: &Emit, value: Value<'a>) {
    match emit.target {
        Target::Known(field) => record.push(field, value),
        Target::Other(name) => record.push_other(name, value),
    }
}

fn rest<'a>(around: Around<'a>, record: &mut Record<'a>) {
    if let Some(host) = around.host.filter(|_| record.get(Field::Host).is_none()) {
        record.push(Field::Host, Value::Text(host));
    }
    if !around.extra.is_empty() {
        record.push(Field::Extra, Value::Text(around.extra));
    }
}
