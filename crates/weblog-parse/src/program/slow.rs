//! The slow way through a program: it tries again where the fast way gives up.
//!
//! A line is read in up to four passes, each more lenient: first exactly as the format says, but with
//! later places for the end of a text; then with runs of blanks, a bare `-` for what stands in quotes or
//! brackets, users with blanks, and times in other shapes; then with quotes that nobody escaped; at last
//! with quotes left open behind the last field. The first reading of the first pass is the fast one, so
//! the two agree. Every pass has a budget that grows with the length of the line alone, so that no line
//! can make it search for long. When all fail, the furthest place that the first two reached is reported.

use super::{
    Escape, Program,
    emit::Around,
    explain::{Failure, Missing, glued, second_line},
    step::{Context, Slot},
    variable::Shape,
};
use crate::{
    lenient::{Cursor, strip},
    record::Record,
    reject::Reject,
    time,
    wrapper::{self, Unwrapped},
};
use memchr::{memchr, memchr_iter, memchr2};

/// Blanks in runs, bare dashes, users with blanks.
const LENIENT: u8 = 1;
/// Quotes that nobody escaped.
const QUOTES: u8 = 2;
/// Quotes left open at the end.
const OPEN: u8 = 3;

/// Steps of work for each byte of a line, and for any line.
const WORK: (usize, usize) = (16, 10_000);

/// A line or what is inside its wrapper.
struct Variant<'a> {
    line: &'a [u8],
    offset: usize,
    outer: Option<Unwrapped<'a>>,
}

impl Program {
    /// Reads a line that the fast way did not take.
    #[cold]
    pub(super) fn parse_slowly<'a>(
        &self,
        context: &mut Context<'_>,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<bool, Reject> {
        let variants = self.variants(line);
        let mut matcher = Matcher::new(self, context);
        let mut furthest: Option<(usize, Failure)> = None;
        for mode in 0..=OPEN {
            for (number, variant) in variants.iter().enumerate() {
                matcher.begin(mode, variant.line);
                if matcher.step(0, 0) {
                    let (slots, extra) = (std::mem::take(&mut matcher.slots), matcher.extra);
                    if mode == OPEN
                        && let Some(at) = second_line(variant.line)
                    {
                        return Err(glued(variant.offset + at));
                    }
                    let outer = variant.outer;
                    let (prefix, host) = (outer.map(|o| o.prefix), outer.and_then(|o| o.host));
                    let around = Around { prefix, host, extra };
                    self.emit(matcher.context, &slots, around, record);
                    return Ok(!extra.is_empty());
                }
                let failure = matcher.failure;
                let place = |(number, failure): &(usize, Failure)| variants[*number].offset + failure.at;
                if mode <= LENIENT && furthest.is_none_or(|best| place(&(number, failure)) > place(&best)) {
                    furthest = Some((number, failure));
                }
            }
        }
        let (number, failure) = furthest.expect("there is always a variant, and it failed");
        let variant = &variants[number];
        Err(self.reject(line, variant.line, variant.offset, failure))
    }

    /// The readings of a line in the order in which they are tried: as it is, without what is not part of
    /// it, and without its wrapper. What begins with something that is no text is never taken as it is
    /// before the others.
    fn variants<'a>(&self, line: &'a [u8]) -> Vec<Variant<'a>> {
        let (stripped, before) = strip(line);
        let mut variants = vec![Variant { line, offset: 0, outer: None }];
        if stripped.len() < line.len() {
            variants.push(Variant { line: stripped, offset: before, outer: None });
        }
        if let Some(outer) = wrapper::unwrap(stripped) {
            let offset = before + (outer.line.as_ptr() as usize - stripped.as_ptr() as usize);
            variants.push(Variant { line: outer.line, offset, outer: Some(outer) });
        }
        if self.is_soiled(line) {
            variants.rotate_left(1);
        }
        variants
    }

    /// Whether a line begins or ends with what no server writes there.
    pub(super) fn is_soiled(&self, line: &[u8]) -> bool {
        let begins = matches!(line.first(), Some(0 | b' ' | b'\t' | b'\r' | 0x1b | 0xef));
        let begins = begins && line.first() != self.prefix.bytes.first();
        let colour = || line.ends_with(b"m") && line[line.len().saturating_sub(16)..].contains(&0x1b);
        begins || line.ends_with(b"\0") || colour()
    }
}

/// A search for a reading of one line.
struct Matcher<'p, 'a, 'c, 'm> {
    program: &'p Program,
    context: &'c mut Context<'m>,
    line: &'a [u8],
    mode: u8,
    work: usize,
    slots: Vec<Slot<'a>>,
    extra: &'a [u8],
    failure: Failure,
}

impl<'p, 'a, 'c, 'm> Matcher<'p, 'a, 'c, 'm> {
    fn new(program: &'p Program, context: &'c mut Context<'m>) -> Self {
        let slots = vec![Slot::Null; program.steps.len()];
        let failure = Failure { at: 0, step: 0, missing: Missing::Literal };
        Matcher { program, context, line: b"", mode: 0, work: 0, slots, extra: b"", failure }
    }

    fn begin(&mut self, mode: u8, line: &'a [u8]) {
        (self.mode, self.line) = (mode, line);
        self.work = line.len() * WORK.0 + WORK.1;
        self.failure = Failure { at: 0, step: 0, missing: Missing::Literal };
    }

    /// Notes a failure and gives `false`.
    fn fail(&mut self, at: usize, step: usize, missing: Missing) -> bool {
        if at > self.failure.at || self.failure == (Failure { at: 0, step: 0, missing: Missing::Literal }) {
            self.failure = Failure { at, step, missing };
        }
        false
    }

    /// Uses up some of the budget.
    fn spend(&mut self, work: usize) -> bool {
        self.work = self.work.saturating_sub(work + 1);
        self.work > 0
    }

    /// Where a literal that begins at `at` ends, or where it stops fitting.
    fn literal(&mut self, mut at: usize, literal: &[u8]) -> Result<usize, usize> {
        for byte in literal {
            let rest = &self.line[at..];
            if *byte == b' ' && self.mode >= LENIENT {
                let len = rest.iter().take_while(|b| is_blank(**b)).count();
                self.spend(len);
                // A run of blanks may already be at its end: the format has two of them.
                let again = at > 0 && is_blank(self.line[at - 1]);
                if len == 0 && !again {
                    return Err(at);
                }
                at += len;
            } else if rest.first() == Some(byte) {
                at += 1;
            } else {
                return Err(at);
            }
        }
        Ok(at)
    }

    /// Whether the line fits from here, where the literal before this step begins.
    fn step(&mut self, number: usize, at: usize) -> bool {
        let program = self.program;
        let Some(step) = program.steps.get(number) else { return self.end(at) };
        let at = match self.literal(at, &step.before) {
            Ok(at) => at,
            Err(at) => return self.fail(at, number, Missing::Literal),
        };
        let Some((open, close)) = step.wrap else { return self.field(number, at, None) };
        let rest = &self.line[at..];
        if rest.first() == Some(&open) {
            return self.field(number, at + 1, Some(close));
        }
        let dash = rest.first() == Some(&b'-') && rest.get(1).is_none_or(|b| is_blank(*b));
        if dash && self.mode >= LENIENT {
            self.slots[number] = Slot::Null;
            return self.step(number + 1, at + 1);
        }
        self.fail(at, number, Missing::Open(open))
    }

    /// The field itself, in quotes or brackets or not, and all behind it.
    fn field(&mut self, number: usize, at: usize, close: Option<u8>) -> bool {
        let step = &self.program.steps[number];
        if !step.variable.shape.is_typed() {
            return self.text(number, at, close);
        }
        let cost = if matches!(step.variable.shape, Shape::Time(_)) { 64 } else { 16 };
        if !self.spend(cost) {
            return false;
        }
        let input = &self.line[at..];
        let read = match step.typed(self.context, input) {
            Ok((rest, slot)) => Some((self.line.len() - rest.len(), slot)),
            Err(_) if step.empty => Some((at, Slot::Null)),
            Err(_) => None,
        };
        if let Some((end, slot)) = read {
            self.slots[number] = slot;
            if self.behind(number, end, close) {
                return true;
            }
        }
        let again = matches!(step.variable.shape, Shape::List | Shape::Time(_)) && self.mode >= LENIENT;
        let failure = self.failure;
        if again && self.text(number, at, close) {
            return true;
        }
        // Where the text of another shape ends is not where this one stopped fitting.
        self.failure = failure;
        if read.is_none() { self.fail(at, number, Missing::Field) } else { false }
    }

    /// What stands behind a field: its closing quote or bracket, and the next step.
    fn behind(&mut self, number: usize, end: usize, close: Option<u8>) -> bool {
        match close {
            None => self.step(number + 1, end),
            Some(close) if self.line.get(end) == Some(&close) => self.step(number + 1, end + 1),
            Some(close) => self.fail(end, number, Missing::Close(close)),
        }
    }

    /// A text, of which every place where it can end is tried.
    fn text(&mut self, number: usize, start: usize, close: Option<u8>) -> bool {
        let program = self.program;
        let step = &program.steps[number];
        let shape = &step.variable.shape;
        let line = self.line;
        let rest = &line[start..];
        let blanks = close.is_some() || shape.is_free() || (*shape == Shape::User && self.mode >= LENIENT);
        let blanks = blanks || matches!(shape, Shape::Time(_) | Shape::List);
        let limit = match blanks {
            true => line.len(),
            false => start + memchr2(b' ', b'\t', rest).unwrap_or(rest.len()),
        };
        if !self.spend((limit - start) / 8) {
            return false;
        }
        if close.is_none() && step.until.bytes.is_empty() {
            let open = step.open_len(&line[start..limit]).map(|len| start + len);
            return match open {
                Some(end) if self.candidate(number, start, end, None) => self.step(number + 1, end),
                Some(_) => self.fail(start, number, Missing::Field),
                None => self.fail(limit, number + 1, Missing::Literal),
            };
        }
        let escapes = step.escape != Escape::None;
        let first_only = close == Some(b'"') && self.mode < QUOTES;
        let first = close.unwrap_or(step.until.bytes[0]);
        let mut from = start;
        let mut met = false;
        loop {
            let area = line.get(from..(limit + 1).min(line.len())).unwrap_or_default();
            let found = match first {
                b'"' if escapes && self.mode < QUOTES => step.quote(area),
                b' ' if self.mode >= LENIENT => memchr2(b' ', b'\t', area),
                _ => memchr(first, area),
            };
            let Some(end) = found.map(|at| from + at) else { break };
            if !self.spend(1 + (end - from) / 8) {
                return false;
            }
            from = end + 1;
            let behind = end + usize::from(close.is_some());
            let fits = self.fits(number + 1, behind);
            if fits && self.candidate(number, start, end, close) {
                met = true;
                if self.step(number + 1, behind) {
                    return true;
                }
            }
            if first_only {
                if !met {
                    // Says what is missing behind the quote.
                    return if fits { false } else { self.step(number + 1, behind) };
                }
                break;
            }
        }
        if met {
            return false;
        }
        if step.word && limit == start && !step.empty {
            return self.fail(start, number, Missing::Field);
        }
        match close {
            Some(close) => self.fail(limit, number, Missing::Close(close)),
            None => self.fail(limit, number + 1, Missing::Literal),
        }
    }

    /// Whether the literal and the opening quote before a step stand here.
    fn fits(&mut self, number: usize, at: usize) -> bool {
        let program = self.program;
        let Some(step) = program.steps.get(number) else {
            return self.literal(at, &program.tail).is_ok();
        };
        let Ok(at) = self.literal(at, &step.before) else { return false };
        let open = |open: u8| {
            let byte = self.line.get(at);
            byte == Some(&open) || (self.mode >= LENIENT && byte == Some(&b'-'))
        };
        step.wrap.is_none_or(|(byte, _)| open(byte))
    }

    /// Takes a text for a field, if the field can have it.
    fn candidate(&mut self, number: usize, start: usize, end: usize, close: Option<u8>) -> bool {
        let step = &self.program.steps[number];
        let text = &self.line[start..end];
        let takes = match &step.variable.shape {
            // No time is longer.
            Shape::Time(_) => {
                let shape = (text.len() <= 80).then(|| time::shape(text, self.context.zone)).flatten();
                self.slots[number] = shape.map_or(Slot::Null, Slot::of_time);
                return shape.is_some() || text == b"-";
            }
            Shape::Word | Shape::User => close.is_some() || !text.is_empty() || step.empty,
            _ => true,
        };
        let user = step.variable.shape == Shape::User && self.mode >= LENIENT;
        let text = if user { text.trim_ascii_end() } else { text };
        self.slots[number] = Slot::Bytes(text);
        takes
    }

    /// The literal behind the last field, and what the format does not name.
    fn end(&mut self, at: usize) -> bool {
        let program = self.program;
        let count = program.steps.len();
        let at = match self.literal(at, &program.tail) {
            Ok(at) => at,
            Err(at) => return self.fail(at, count, Missing::Literal),
        };
        let rest = &self.line[at..];
        if !rest.is_empty() && !is_blank(rest[0]) && !program.tail.ends_with(b" ") {
            return self.fail(at, count, Missing::End);
        }
        if !self.spend(rest.len()) {
            return false;
        }
        let balanced = memchr_iter(b'"', rest).count().is_multiple_of(2);
        let another = Cursor { line: self.line, at }.second_line().is_some();
        self.extra = rest.trim_ascii();
        self.mode >= OPEN || (balanced && !another)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
