//! From what was typed to what is evaluated: fields are looked up, and values brought into the form in
//! which they are compared.

use crate::{
    check::{Check, Range},
    error::BadExpression,
    expression::{FieldName, Place, Test},
    literal::Quantity,
    network::Network,
    operand::Number,
    syntax::{Literal, Node, Operator, Word},
    when::{Clock, EXPECTED, When},
};
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use std::{cell::Cell, ops::Bound};
use weblog_parse::{Field, Kind};

/// The longest pattern, in bytes.
const LONGEST_PATTERN: usize = 4 << 10;
/// The most memory that a compiled pattern takes, and as much again for each thread that uses it.
const PATTERN_MEMORY: usize = 2 << 20;
/// The most patterns of one expression.
const MOST_PATTERNS: usize = 256;

/// Compiles what was typed.
pub(crate) struct Compiler<'a> {
    pub(crate) text: &'a str,
    pub(crate) clock: Clock,
    /// The fields that are named, but for those that are only asked whether they exist.
    pub(crate) names: Vec<FieldName>,
    pub(crate) patterns: Cell<usize>,
}

type Result<T> = std::result::Result<T, BadExpression>;

impl Compiler<'_> {
    /// The tree for a tree of what was typed.
    pub(crate) fn node(&mut self, node: &Node<'_>) -> Result<Test> {
        let time = || Place::of(Field::Time);
        Ok(match node {
            Node::Constant(constant) => Test::Constant(*constant),
            Node::All(nodes) => Test::All(self.nodes(nodes)?),
            Node::Any(nodes) => Test::Any(self.nodes(nodes)?),
            Node::Not(node) => Test::Not(Box::new(self.node(node)?)),
            Node::Bound { since, moment } => {
                let start = self.when(moment)?.start(self.clock);
                let (from, to) = if *since { (start, i64::MAX) } else { (i64::MIN, start) };
                self.name(&time());
                Test::Field(time(), Check::Period(from, to))
            }
            Node::During(day) => {
                let (from, to) = self.when(day)?.period(self.clock);
                self.name(&time());
                Test::Field(time(), Check::Period(from, to))
            }
            Node::Exists(field) => Test::Field(Place::named(field.text), Check::Present),
            Node::Bare(field) => Test::Field(self.place(field), Check::True),
            Node::Test { field, operator, negated, values } => {
                let place = self.place(field);
                let test = self.test(&place, *operator, values)?;
                if *negated { Test::Not(Box::new(test)) } else { test }
            }
        })
    }

    fn nodes(&mut self, nodes: &[Node<'_>]) -> Result<Box<[Test]>> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    /// Where a field is found; notes its name.
    fn place(&mut self, field: &Word<'_>) -> Place {
        let place = Place::named(field.text);
        self.name(&place);
        place
    }

    fn name(&mut self, place: &Place) {
        let name = place.name();
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    fn test(&self, place: &Place, operator: Operator, values: &[Literal<'_>]) -> Result<Test> {
        let Some(first) = values.first() else {
            return Ok(Test::Not(Box::new(Test::Field(place.clone(), Check::Present))));
        };
        let check = match operator {
            Operator::Equal | Operator::In | Operator::IsNull => return self.one_of(place, values),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.ordered(place, operator, first)?
            }
            Operator::Matches { any_case } => {
                self.text_wanted(place, first)?;
                Check::Pattern(self.pattern(first, first.text, any_case || first.any_case)?)
            }
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
                self.part(place, operator, first)?
            }
        };
        Ok(Test::Field(place.clone(), check))
    }

    /// A part of the text.
    fn part(&self, place: &Place, operator: Operator, literal: &Literal<'_>) -> Result<Check> {
        self.text_wanted(place, literal)?;
        let meant = literal.meant();
        if literal.any_case {
            let escaped = regex::escape(&meant);
            let pattern = match operator {
                Operator::StartsWith => format!("^{escaped}"),
                Operator::EndsWith => format!("{escaped}$"),
                _ => escaped,
            };
            return Ok(Check::Pattern(self.pattern(literal, &pattern, true)?));
        }
        Ok(match operator {
            Operator::StartsWith => Check::StartsWith(bytes(meant)),
            Operator::EndsWith => Check::EndsWith(bytes(meant)),
            _ => Check::Contains(Box::new(Finder::new(&meant).into_owned())),
        })
    }

    /// Equal to one of the values.
    fn one_of(&self, place: &Place, values: &[Literal<'_>]) -> Result<Test> {
        let (mut tests, mut texts) = (Vec::new(), Vec::new());
        for literal in values {
            // The source of that name is standard input.
            if literal.is_null() || (literal.is_dash() && !place.is(Field::Source)) {
                tests.push(Test::Not(Box::new(Test::Field(place.clone(), Check::Present))));
                continue;
            }
            match self.equal(place, literal)? {
                Check::Equals(text) => texts.push(text),
                check => tests.push(Test::Field(place.clone(), check)),
            }
        }
        texts.sort_unstable();
        texts.dedup();
        match texts.len() {
            0 => {}
            1 => tests.extend(texts.pop().map(|text| Test::Field(place.clone(), Check::Equals(text)))),
            _ => tests.push(Test::Field(place.clone(), Check::OneOf(texts.into()))),
        }
        Ok(match tests.pop() {
            Some(only) if tests.is_empty() => only,
            last => {
                tests.extend(last);
                Test::Any(tests.into())
            }
        })
    }

    /// Equal to a value.
    fn equal(&self, place: &Place, literal: &Literal<'_>) -> Result<Check> {
        if literal.any_case {
            self.text_wanted(place, literal)?;
            let pattern = format!("^{}$", regex::escape(&literal.meant()));
            return Ok(Check::Pattern(self.pattern(literal, &pattern, true)?));
        }
        let text = || Check::Equals(bytes(literal.meant()));
        let network = || Network::parse(literal.text).map(Check::Network);
        match place.kind() {
            Some(Kind::Time) => self.during(literal),
            Some(Kind::Int | Kind::Float) => self.range(place, Operator::Equal, literal),
            Some(Kind::Bool) => match literal.text {
                "true" | "false" => Ok(text()),
                _ => Err(self.bad(literal, format!("true or false: that is what {} says", place.name()))),
            },
            Some(Kind::Text) => {
                let is_class = matches!(literal.quantity(), Some(Quantity::Class(_)));
                if is_class && place.is(Field::UpstreamStatus) {
                    return self.range(place, Operator::Equal, literal);
                }
                let is_address = !literal.quoted || place.is_address();
                Ok(network().filter(|_| is_address).unwrap_or_else(text))
            }
            None if literal.quoted => Ok(text()),
            None if literal.quantity().is_some() => self.range(place, Operator::Equal, literal),
            None => Ok(network().unwrap_or_else(text)),
        }
    }

    /// Before or behind a value.
    fn ordered(&self, place: &Place, operator: Operator, literal: &Literal<'_>) -> Result<Check> {
        if literal.is_null() || literal.is_dash() || literal.any_case {
            return Err(self.bad(literal, "a value that has an order"));
        }
        match place.kind() {
            Some(Kind::Time) => {
                let Check::Period(from, to) = self.during(literal)? else {
                    return Err(self.bad(literal, EXPECTED));
                };
                Ok(match operator {
                    Operator::Less => Check::Period(i64::MIN, from),
                    Operator::LessOrEqual => Check::Period(i64::MIN, to),
                    Operator::Greater => Check::Period(to, i64::MAX),
                    _ => Check::Period(from, i64::MAX),
                })
            }
            Some(Kind::Bool) => {
                Err(self.bad(literal, "`==` or `!=` before this: true and false have no order"))
            }
            Some(Kind::Int | Kind::Float) => self.range(place, operator, literal),
            _ if !literal.quoted && literal.quantity().is_some() => self.range(place, operator, literal),
            _ if !literal.quoted && Network::parse(literal.text).is_some() => {
                Err(self.bad(literal, "`in` or `==` before an address or a network"))
            }
            _ => {
                let text = bytes(literal.meant());
                Ok(match operator {
                    Operator::Less => Check::Between(Bound::Unbounded, Bound::Excluded(text)),
                    Operator::LessOrEqual => Check::Between(Bound::Unbounded, Bound::Included(text)),
                    Operator::Greater => Check::Between(Bound::Excluded(text), Bound::Unbounded),
                    _ => Check::Between(Bound::Included(text), Bound::Unbounded),
                })
            }
        }
    }

    /// A range of numbers.
    fn range(&self, place: &Place, operator: Operator, literal: &Literal<'_>) -> Result<Check> {
        let name = place.name();
        let unit = place.microseconds();
        let (low, high) = match (literal.quantity(), unit) {
            (Some(Quantity::Plain(number)), _) => (number, number),
            (Some(Quantity::Class(first)), None) => (Number::Whole(first), Number::Whole(first + 99)),
            (Some(Quantity::Span(span)), Some(unit)) => {
                let number = spanned(span, unit);
                (number, number)
            }
            (Some(Quantity::Size(number)), None) => (number, number),
            (Some(Quantity::Span(_)), None) => {
                let expected = match literal.text.strip_suffix('m') {
                    Some(number) => format!("a number, or {number}M for a size: {name} is no span of time"),
                    None => format!("a number: {name} is no span of time"),
                };
                return Err(self.bad(literal, expected));
            }
            (Some(_), Some(_)) => {
                return Err(self.bad(literal, format!("a span of time like 2s or 150ms for {name}")));
            }
            (None, _) => return Err(self.bad(literal, format!("a number, as {name} is one"))),
        };
        Ok(Check::Number(Range::of(operator, low, high)))
    }

    /// The period that a literal names.
    fn during(&self, literal: &Literal<'_>) -> Result<Check> {
        match self.when(literal)? {
            When::Back(1..) => {
                let expected = format!("a date or a time; for the last {0} write `since {0}`", literal.text);
                Err(self.bad(literal, expected))
            }
            when => {
                let (from, to) = when.period(self.clock);
                Ok(Check::Period(from, to))
            }
        }
    }

    fn when(&self, literal: &Literal<'_>) -> Result<When> {
        literal.text.parse().map_err(|_| self.bad(literal, EXPECTED))
    }

    /// Fails for a time, of which no pattern is asked.
    fn text_wanted(&self, place: &Place, literal: &Literal<'_>) -> Result<()> {
        if place.kind() == Some(Kind::Time) {
            return Err(self.bad(literal, "`==`, `<`, `>=` or `since` for a time"));
        }
        Ok(())
    }

    fn pattern(&self, literal: &Literal<'_>, pattern: &str, any_case: bool) -> Result<Regex> {
        if pattern.len() > LONGEST_PATTERN {
            return Err(self.bad(literal, format!("a pattern of at most {LONGEST_PATTERN} bytes")));
        }
        self.patterns.set(self.patterns.get() + 1);
        if self.patterns.get() > MOST_PATTERNS {
            return Err(
                self.bad(literal, format!("at most {MOST_PATTERNS} patterns; join them with | within one"))
            );
        }
        let mut builder = RegexBuilder::new(pattern);
        builder
            .case_insensitive(any_case)
            .size_limit(PATTERN_MEMORY)
            .dfa_size_limit(PATTERN_MEMORY)
            .nest_limit(64);
        builder.build().map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => self.bad(literal, "a smaller pattern"),
            error => {
                let said = error.to_string();
                let last = said.lines().last().unwrap_or_default();
                let what = last.strip_prefix("error: ").unwrap_or(last);
                self.bad(literal, format!("another pattern: {what}"))
            }
        })
    }

    fn bad(&self, literal: &Literal<'_>, expected: impl Into<String>) -> BadExpression {
        BadExpression::new(self.text, self.text.len() - literal.left, expected)
    }
}

fn bytes(text: String) -> Box<[u8]> {
    text.into_bytes().into()
}

/// A span in units of so many microseconds; in nanoseconds for a unit of 0.
fn spanned(micros: i64, unit: i64) -> Number {
    match unit {
        0 => Number::Whole(micros.saturating_mul(1_000)),
        unit if micros % unit == 0 => Number::Whole(micros / unit),
        unit => Number::Fraction(micros as f64 / unit as f64),
    }
}

impl Range {
    /// The numbers that stand so to one of the numbers from `low` to `high`.
    fn of(operator: Operator, low: Number, high: Number) -> Range {
        let (from, to) = (least(low), most(high));
        let (bottom, top) = (float(low), float(high));
        let (whole, fractions) = match operator {
            Operator::Less => (i64::MIN..=below(low), (Bound::Unbounded, Bound::Excluded(bottom))),
            Operator::LessOrEqual => (i64::MIN..=to, (Bound::Unbounded, Bound::Included(top))),
            Operator::Greater => (above(high)..=i64::MAX, (Bound::Excluded(top), Bound::Unbounded)),
            Operator::GreaterOrEqual => (from..=i64::MAX, (Bound::Included(bottom), Bound::Unbounded)),
            _ => (from..=to, (Bound::Included(bottom), Bound::Included(top))),
        };
        Range { whole, fractions }
    }
}

fn float(number: Number) -> f64 {
    match number {
        Number::Whole(whole) => whole as f64,
        Number::Fraction(fraction) => fraction,
    }
}

/// The least whole number that is not below.
fn least(number: Number) -> i64 {
    match number {
        Number::Whole(whole) => whole,
        Number::Fraction(fraction) => fraction.ceil() as i64,
    }
}

/// The greatest whole number that is not above.
fn most(number: Number) -> i64 {
    match number {
        Number::Whole(whole) => whole,
        Number::Fraction(fraction) => fraction.floor() as i64,
    }
}

/// The greatest whole number below.
fn below(number: Number) -> i64 {
    match number {
        Number::Whole(whole) => whole.saturating_sub(1),
        Number::Fraction(fraction) => (fraction.ceil() as i64).saturating_sub(1),
    }
}

/// The least whole number above.
fn above(number: Number) -> i64 {
    match number {
        Number::Whole(whole) => whole.saturating_add(1),
        Number::Fraction(fraction) => (fraction.floor() as i64).saturating_add(1),
    }
}
