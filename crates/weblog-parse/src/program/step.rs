//! The steps of a program, and the fast way through them: forward, each field ended by the literal
//! behind it, without a second try. What does not go this way is for `slow`.

use super::{
    Escape, list, number,
    variable::{Shape, Variable},
};
use crate::{leaf, leaf::Leaf, time::Memo, zone::Zone};
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
    pub(super) until: Box<[u8]>,
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

impl Step {
    /// Whether a value may be missing altogether: only the default escaping writes `-` for one.
    pub(super) fn may_be_empty(&self) -> bool {
        self.escape != Escape::Default || matches!(self.variable.shape, Shape::Query)
    }

    /// Reads the field and the literal behind it.
    #[inline(always)]
    pub(super) fn field<'a>(&self, context: &mut Context<'_>, input: &'a [u8]) -> Leaf<'a, Slot<'a>> {
        if self.variable.shape.is_typed() {
            let (rest, slot) = match self.typed(context, input) {
                Ok(read) => read,
                Err(_) if self.may_be_empty() => (input, Slot::Null),
                Err(error) => return Err(error),
            };
            return match rest.strip_prefix(&*self.until) {
                Some(rest) => Ok((rest, slot)),
                None => fail(),
            };
        }
        let Some(len) = self.text_len(context.clean, input) else { return fail() };
        let (text, rest) = input.split_at(len);
        if self.is_word() && !self.is_one_word(context.clean, text) {
            return fail();
        }
        Ok((&rest[self.until.len()..], Slot::Bytes(text)))
    }

    /// Whether the field is one that blanks end. In quotes or brackets they do not.
    #[inline]
    pub(super) fn is_word(&self) -> bool {
        self.wrap.is_none() && !self.variable.shape.is_free()
    }

    #[inline]
    fn is_one_word(&self, clean: bool, text: &[u8]) -> bool {
        // What the first blank ended holds none.
        let one = clean && *self.until == *b" " || memchr2(b' ', b'\t', text).is_none();
        one && (!text.is_empty() || self.may_be_empty())
    }

    /// Length of the text up to the first place where `until` stands.
    #[inline]
    fn text_len(&self, clean: bool, input: &[u8]) -> Option<usize> {
        let Some(first) = self.until.first() else { return self.open_len(input) };
        if *first == b'"' {
            let at = if clean { memchr(b'"', input) } else { self.quote(input) };
            return at.filter(|at| input[*at..].starts_with(&self.until));
        }
        let mut from = 0;
        loop {
            let at = from + memchr(*first, &input[from..])?;
            if self.until.len() == 1 || input[at..].starts_with(&self.until) {
                return Some(at);
            }
            from = at + 1;
        }
    }

    /// Length of the text when no literal ends it.
    pub(super) fn open_len(&self, input: &[u8]) -> Option<usize> {
        match self.end {
            End::Slash => memchr(b'/', input),
            End::Line if self.is_word() => Some(memchr(b' ', input).unwrap_or(input.len())),
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
            Shape::Time(shape) => {
                let len = match shape.len(context.memo, context.zone, input) {
                    Some(len) => len,
                    None if input.starts_with(b"-") => return Ok((&input[1..], Slot::Null)),
                    None => return fail(),
                };
                Ok((&input[len..], Slot::Bytes(&input[..len])))
            }
            Shape::List | Shape::Times => {
                let len = list::len(input, self.until.first().copied());
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
