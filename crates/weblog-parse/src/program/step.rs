//! The steps of a program, and the fast way through them: forward, each field ended by the literal
//! behind it, without a second try. What does not go this way is for `slow`. The leaves are nom's over memchr or over
//! words of eight bytes.

use super::{
    Escape, list, number,
    variable::{Shape, Variable},
};
use crate::{
    leaf,
    leaf::Leaf,
    time::{self, Logged, Memo},
    zone::Zone,
};
use memchr::{memchr, memchr2};
use nom::Err;

/// One field, and what stands around it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) variable: Variable,
    /// The literal before the field, without the opening quote or bracket.
    pub(super) before: Box<[u8]>,
    /// Quotes or brackets that hold the field and nothing else.
    pub(super) wrap: Option<(u8, u8)>,
    /// What ends the field: the closing quote or bracket, the literal behind it and the opening of the
    /// next. Empty at the end of the line and before a field that nothing parts from this one.
    pub(super) until: Literal,
    pub(super) take: Take,
    /// Whether blanks end the field. In quotes or brackets they do not.
    pub(super) word: bool,
    /// Whether the value may be missing altogether: only the default escaping writes `-` for one.
    pub(super) empty: bool,
    pub(super) end: End,
    pub(super) escape: Escape,
}

/// What ends a field that has no literal behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The literal behind it.
    Literal,
    /// The end of the line.
    Line,
    /// A slash, which belongs to the next field.
    Slash,
    /// The next field's shape: this one tells its own end.
    Itself,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Slot<'a> {
    #[default]
    Null,
    Int(i64),
    Bytes(&'a [u8]),
    /// An instant in microseconds, and what else is known of it: a time that is whole by itself.
    Time(i64, Precision),
}

/// The digits of the fraction of a second and the minutes east of UTC, in one word: a slot of whole words
/// is copied without waiting for its smaller parts to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Precision(u64);

impl Precision {
    pub(super) fn new(digits: u8, utc_offset: Option<i32>) -> Self {
        let offset = utc_offset.map_or(0, |minutes| 1 << 40 | u64::from(minutes.cast_unsigned()));
        Precision(u64::from(digits) << 48 | offset)
    }

    pub(super) fn digits(self) -> u8 {
        (self.0 >> 48) as u8
    }

    pub(super) fn utc_offset(self) -> Option<i32> {
        (self.0 >> 40 & 1 == 1).then_some((self.0 as u32).cast_signed())
    }
}

impl Slot<'_> {
    /// A time, or none for an incomplete one.
    #[inline]
    pub(super) fn of_time(shape: time::Shape) -> Self {
        match shape {
            time::Shape::Full(Logged { instant, utc_offset }) => {
                Slot::Time(instant.micros, Precision::new(instant.digits, utc_offset))
            }
            time::Shape::Incomplete => Slot::Null,
        }
    }
}

/// What the reading of a line needs to know.
pub(super) struct Context<'m> {
    pub(super) memo: &'m mut Memo,
    pub(super) zone: Zone,
    /// Whether the line is printable ASCII without backslashes.
    pub(super) clean: bool,
}

fn fail<T>() -> Leaf<'static, T> {
    Err(Err::Error(()))
}

/// How the end of a field is found: told by its shape, so that a line costs one decision a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    /// By the shape itself.
    Typed,
    /// At the first quote that is not escaped.
    Quoted,
    /// At the first blank, where the literal must stand.
    Word,
    /// At the first place where the literal stands; blanks must not come before.
    Token,
    /// At the first place where the literal stands.
    Text,
    /// Without a literal behind it.
    Open,
}

/// A literal that is compared as one number where it is short.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) bytes: Box<[u8]>,
    word: u64,
    mask: u64,
}

impl Literal {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let (mut word, mut mask) = ([0; 8], [0; 8]);
        for (at, byte) in bytes.iter().take(8).enumerate() {
            (word[at], mask[at]) = (*byte, 0xff);
        }
        Literal { bytes: bytes.into(), word: u64::from_le_bytes(word), mask: u64::from_le_bytes(mask) }
    }

    /// Whether `input` begins with the literal.
    #[inline(always)]
    pub(super) fn begins(&self, input: &[u8]) -> bool {
        if self.bytes.len() > 8 {
            return input.starts_with(&self.bytes);
        }
        match input.first_chunk::<8>() {
            Some(chunk) => u64::from_le_bytes(*chunk) & self.mask == self.word,
            // Too few bytes for a call of memcmp to be worth it.
            None => {
                input.len() >= self.bytes.len()
                    && input.iter().zip(&self.bytes).all(|(byte, own)| byte == own)
            }
        }
    }
}

/// Where a byte stands first. Most fields are shorter than two words, and a call of memchr costs more
/// than these.
#[inline(always)]
pub(super) fn find(byte: u8, input: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let pattern = ONES * u64::from(byte);
    let mut rest = input;
    for words in 0..2 {
        let Some((chunk, more)) = rest.split_first_chunk::<8>() else { break };
        // The lowest bit set is that of the first byte that is equal.
        let differs = u64::from_le_bytes(*chunk) ^ pattern;
        let equal = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if equal != 0 {
            return Some(words * 8 + equal.trailing_zeros() as usize / 8);
        }
        rest = more;
    }
    let found = if rest.len() < 16 { rest.iter().position(|b| *b == byte) } else { memchr(byte, rest) };
    found.map(|at| input.len() - rest.len() + at)
}

impl Step {
    pub(super) fn new(
        variable: Variable,
        before: &[u8],
        wrap: Option<(u8, u8)>,
        until: &[u8],
        end: End,
        escape: Escape,
    ) -> Self {
        let word = wrap.is_none() && !variable.shape.is_free();
        let empty = escape != Escape::Default || variable.shape == Shape::Query;
        let take = match until.first() {
            _ if variable.shape.is_typed() => Take::Typed,
            None => Take::Open,
            Some(b'"') => Take::Quoted,
            Some(b' ') if word => Take::Word,
            Some(_) if word => Take::Token,
            Some(_) => Take::Text,
        };
        Step {
            variable,
            before: before.into(),
            wrap,
            until: Literal::new(until),
            take,
            word,
            empty,
            end,
            escape,
        }
    }

    /// Reads the field that begins `input`, and gives its length with the literal behind it.
    #[inline(always)]
    pub(super) fn field<'a>(&self, context: &mut Context<'_>, input: &'a [u8]) -> Option<(Slot<'a>, usize)> {
        let len = match self.take {
            Take::Typed => {
                let (slot, len) = match self.typed(context, input) {
                    Ok((rest, slot)) => (slot, input.len() - rest.len()),
                    Err(_) if self.empty => (Slot::Null, 0),
                    Err(_) => return None,
                };
                return self.until.begins(&input[len..]).then(|| (slot, len + self.until.bytes.len()));
            }
            // Nothing is what most often stands in quotes.
            Take::Quoted if input.starts_with(b"-\"") => 1,
            Take::Quoted if context.clean => memchr(b'"', input)?,
            Take::Quoted => self.quote(input)?,
            Take::Word => find(b' ', input)?,
            Take::Open => self.open_len(input)?,
            Take::Token | Take::Text => self.text_len(input)?,
        };
        let (text, rest) = input.split_at(len);
        if !self.until.begins(rest) {
            return None;
        }
        if self.word {
            let blank = (self.take != Take::Word && find(b' ', text).is_some())
                || (!context.clean && memchr(b'\t', text).is_some());
            if blank || (text.is_empty() && !self.empty) {
                return None;
            }
        }
        Some((Slot::Bytes(text), len + self.until.bytes.len()))
    }

    /// Length of the text up to the first place where `until` stands.
    #[inline]
    fn text_len(&self, input: &[u8]) -> Option<usize> {
        let first = *self.until.bytes.first()?;
        let mut from = 0;
        loop {
            let at = from + find(first, &input[from..])?;
            if self.until.begins(&input[at..]) {
                return Some(at);
            }
            from = at + 1;
        }
    }

    /// Length of the text when no literal ends it.
    pub(super) fn open_len(&self, input: &[u8]) -> Option<usize> {
        match self.end {
            End::Slash => memchr(b'/', input),
            End::Line if self.word => Some(memchr(b' ', input).unwrap_or(input.len())),
            _ => Some(input.len()),
        }
    }

    /// Where the first quote stands that no backslash escapes.
    pub(super) fn quote(&self, input: &[u8]) -> Option<usize> {
        if self.escape == Escape::None {
            return memchr(b'"', input);
        }
        let mut from = 0;
        while let Some(at) = memchr2(b'"', b'\\', input.get(from..)?) {
            let at = from + at;
            if input[at] == b'"' {
                return Some(at);
            }
            from = at + 2;
        }
        None
    }

    /// Reads a field that tells by itself where it ends.
    #[inline(always)]
    pub(super) fn typed<'a>(&self, context: &mut Context<'_>, input: &'a [u8]) -> Leaf<'a, Slot<'a>> {
        match &self.variable.shape {
            Shape::Status => {
                let (rest, status) = leaf::status(input)?;
                Ok((rest, status.map_or(Slot::Null, |status| Slot::Int(i64::from(status)))))
            }
            Shape::Int => number::int(input),
            Shape::Hex => number::hex(input),
            Shape::Decimal => number::decimal(input),
            Shape::Duration(unit) => number::duration(*unit, input),
            Shape::Time(shape) => match shape.read(context.memo, context.zone, input) {
                Some((slot, len)) => Ok((&input[len..], slot)),
                None if input.starts_with(b"-") => Ok((&input[1..], Slot::Null)),
                None => fail(),
            },
            Shape::List | Shape::Times => {
                let len = list::len(input, self.until.bytes.first().copied());
                let text = &input[..len];
                if len == 0 || (self.variable.shape == Shape::Times && !list::is_of_seconds(text)) {
                    return fail();
                }
                Ok((&input[len..], Slot::Bytes(text)))
            }
            Shape::Char => match input {
                [_, rest @ ..] => Ok((rest, Slot::Bytes(&input[..1]))),
                [] => fail(),
            },
            _ => fail(),
        }
    }
}
