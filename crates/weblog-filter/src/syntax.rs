//! The grammar: from the text of an expression to a tree of what was typed.
//!
//! ```text
//! any        = all { ("||" | "or") all }
//! all        = one { ("&&" | "and") one }
//! one        = ("!" | "not") one | "(" any ")" | "exists" "(" name ")" | ("since" | "until") value
//!            | "true" | "false" | "today" | "yesterday" | name [ test ]
//! test       = operator value | ["not"] "in" ( "[" value { "," value } "]" | value )
//!            | ["not"] ("contains" | "startswith" | "endswith" | "matches") value | "is" ["not"] "null"
//! ```
//!
//! A parser that is not meant gives nom's recoverable error; one that is meant and goes wrong gives a failure
//! that says what was expected. Places are kept as the length of what is left of the text.

use crate::error::BadExpression;
use nom::{
    Err, IResult, Parser,
    branch::alt,
    bytes::complete::{tag, tag_no_case, take_while, take_while1},
    character::complete::{char, multispace0, one_of},
    combinator::{cut, not, opt, peek, recognize, value},
    error::{ErrorKind, ParseError},
    multi::{separated_list0, separated_list1},
    sequence::{delimited, preceded, terminated},
};

/// The longest expression, in bytes.
const LONGEST: usize = 64 << 10;
/// How deep parentheses and negations may stand within each other.
const DEEPEST: usize = 64;

/// What was typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node<'a> {
    Constant(bool),
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    /// `since X`, or `until X`.
    Bound {
        since: bool,
        moment: Literal<'a>,
    },
    /// `today` or `yesterday`.
    During(Literal<'a>),
    /// `exists(x)`
    Exists(Word<'a>),
    /// `x` alone.
    Bare(Word<'a>),
    /// `x operator value`
    Test {
        field: Word<'a>,
        operator: Operator,
        negated: bool,
        values: Vec<Literal<'a>>,
    },
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    /// How much of the text is left where it begins.
    pub(crate) left: usize,
}

/// What stands on the right of an operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Literal<'a> {
    /// What stands between the quotes, escapes still in it, or the bare word.
    pub(crate) text: &'a str,
    pub(crate) left: usize,
    pub(crate) quoted: bool,
    /// `"text"i`: upper and lower case are the same.
    pub(crate) any_case: bool,
}

/// What a value is asked for; negations stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches { any_case: bool },
    In,
    Contains,
    StartsWith,
    EndsWith,
    IsNull,
}

type Parsed<'a, T> = IResult<&'a str, T, Fault>;

/// Something else was expected where so much of the text is left.
#[derive(Debug)]
pub(crate) struct Fault {
    left: usize,
    expected: &'static str,
}

impl<'a> ParseError<&'a str> for Fault {
    fn from_error_kind(input: &'a str, _: ErrorKind) -> Self {
        Fault { left: input.len(), expected: "" }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

fn fail<'a, T>(input: &'a str, expected: &'static str) -> Parsed<'a, T> {
    Err(Err::Failure(Fault { left: input.len(), expected }))
}

const TEST: &str = "a test, like status >= 500";
const VALUE: &str = "a value: a number, a word, or text in quotes";
const PATTERN: &str = "a pattern in quotes, like \"^/api/\"";

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Node<'_>, BadExpression> {
    if text.len() > LONGEST {
        return Err(BadExpression::new(text, 0, format!("an expression of at most {LONGEST} bytes")));
    }
    match whole(text) {
        Ok((_, node)) => Ok(node),
        Err(Err::Error(fault) | Err::Failure(fault)) => {
            Err(BadExpression::new(text, text.len() - fault.left, fault.expected))
        }
        Err(Err::Incomplete(_)) => Err(BadExpression::new(text, text.len(), TEST)),
    }
}

fn whole(text: &str) -> Parsed<'_, Node<'_>> {
    let (rest, node) = terminated(|input| any(input, 0), multispace0).parse(text)?;
    match rest.chars().next() {
        None => Ok((rest, node)),
        Some(')') => fail(rest, "the end, or a `(` before this `)`"),
        Some(_) => fail(rest, "`&&`, `||` or the end"),
    }
}

fn any(input: &str, depth: usize) -> Parsed<'_, Node<'_>> {
    let operator = preceded(multispace0, alt((tag("||"), keyword("or"))));
    let (rest, parts) = separated_list1(operator, |input| all(input, depth)).parse(input)?;
    Ok((rest, joined(parts, Node::Any)))
}

fn all(input: &str, depth: usize) -> Parsed<'_, Node<'_>> {
    let operator = preceded(multispace0, alt((tag("&&"), keyword("and"))));
    let (rest, parts) = separated_list1(operator, |input| one(input, depth)).parse(input)?;
    Ok((rest, joined(parts, Node::All)))
}

fn joined<'a>(mut parts: Vec<Node<'a>>, join: fn(Vec<Node<'a>>) -> Node<'a>) -> Node<'a> {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn one(input: &str, depth: usize) -> Parsed<'_, Node<'_>> {
    let (input, _) = multispace0(input)?;
    if depth > DEEPEST {
        return fail(input, "fewer parentheses and negations within each other");
    }
    let negation = preceded(alt((tag("!"), keyword("not"))), |input| one(input, depth + 1))
        .map(|node| Node::Not(Box::new(node)));
    let group = |input| group(input, depth);
    alt((group, negation, exists, bound, during, constant, comparison)).parse(input)
}

fn group(input: &str, depth: usize) -> Parsed<'_, Node<'_>> {
    let (rest, node) = delimited(char('('), |input| any(input, depth + 1), multispace0).parse(input)?;
    match rest.strip_prefix(')') {
        Some(rest) => Ok((rest, node)),
        None => fail(rest, "`&&`, `||` or `)`"),
    }
}

fn exists(input: &str) -> Parsed<'_, Node<'_>> {
    let (rest, _) = (keyword("exists"), multispace0, char('('), multispace0).parse(input)?;
    let Ok((rest, field)) = name(rest) else { return fail(rest, "the name of a field") };
    let (rest, _) = multispace0(rest)?;
    match rest.strip_prefix(')') {
        Some(rest) => Ok((rest, Node::Exists(field))),
        None => fail(rest, "`)` behind the name of one field"),
    }
}

/// `since 2h`, unless a field is called `since`.
fn bound(input: &str) -> Parsed<'_, Node<'_>> {
    let word = alt((value(true, keyword("since")), value(false, keyword("until"))));
    let (rest, (since, _, _)) = (word, not(operator), multispace0).parse(input)?;
    let (rest, moment) =
        wanted(literal, rest, "a time like 2025-01-06, today, or a span back from now like 2h")?;
    Ok((rest, Node::Bound { since, moment }))
}

fn during(input: &str) -> Parsed<'_, Node<'_>> {
    let left = input.len();
    let word = alt((keyword("today"), keyword("yesterday")));
    let (rest, text) = terminated(word, not(operator)).parse(input)?;
    Ok((rest, Node::During(Literal { text, left, quoted: false, any_case: false })))
}

fn constant(input: &str) -> Parsed<'_, Node<'_>> {
    let word = alt((value(true, keyword("true")), value(false, keyword("false"))));
    terminated(word, not(operator)).map(Node::Constant).parse(input)
}

fn comparison(input: &str) -> Parsed<'_, Node<'_>> {
    let Ok((rest, field)) = name(input) else {
        let is_value = input.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '\'' | '-'));
        let expected = match is_value {
            true => "the name of a field before a value, like status in [500, 503]",
            false => TEST,
        };
        return fail(input, expected);
    };
    let (rest, operator) = opt(operator).parse(rest)?;
    let Some((operator, negated)) = operator else { return Ok((rest, Node::Bare(field))) };
    let (rest, _) = multispace0(rest)?;
    let (rest, values) = match operator {
        Operator::IsNull => (rest, Vec::new()),
        Operator::In => list(rest)?,
        Operator::Matches { .. } => one_of_list(wanted(pattern, rest, PATTERN)?),
        _ => one_of_list(wanted(literal, rest, VALUE)?),
    };
    Ok((rest, Node::Test { field, operator, negated, values }))
}

fn one_of_list<'a>((rest, one): (&'a str, Literal<'a>)) -> (&'a str, Vec<Literal<'a>>) {
    (rest, vec![one])
}

/// What must stand here; `expected` says what that is where nothing like it does.
fn wanted<'a, T>(
    parser: fn(&'a str) -> Parsed<'a, T>,
    input: &'a str,
    expected: &'static str,
) -> Parsed<'a, T> {
    match parser(input) {
        Err(Err::Error(_)) => fail(input, expected),
        other => other,
    }
}

/// `[a, b]`, `(a, b)`, or one value.
fn list(input: &str) -> Parsed<'_, Vec<Literal<'_>>> {
    let close = match input.chars().next() {
        Some('[') => ']',
        Some('(') => ')',
        _ => {
            return wanted(literal, input, "a list like [DE, FR], a network, or a value").map(one_of_list);
        }
    };
    let comma = delimited(multispace0, char(','), multispace0);
    let values = separated_list0(comma, literal);
    let end = (multispace0, opt(char(',')), multispace0);
    let (rest, values) = delimited((one_of("[("), multispace0), values, end).parse(input)?;
    match rest.strip_prefix(close) {
        Some(_) if values.is_empty() => fail(rest, VALUE),
        Some(rest) => Ok((rest, values)),
        None if values.is_empty() => fail(rest, VALUE),
        None if close == ']' => fail(rest, "`,` and another value, or `]`"),
        None => fail(rest, "`,` and another value, or `)`"),
    }
}

/// What follows the name of a field, and whether it is negated.
fn operator(input: &str) -> Parsed<'_, (Operator, bool)> {
    use Operator::*;
    let any_case = Matches { any_case: true };
    let matches = Matches { any_case: false };
    let symbol = alt((
        value((any_case, true), tag("!~*")),
        value((any_case, false), tag("=~*")),
        value((any_case, false), tag("~*")),
        value((matches, true), tag("!~")),
        value((matches, false), tag("=~")),
        value((matches, false), tag("~")),
        value((Equal, false), tag("==")),
        value((Equal, true), tag("!=")),
        value((Equal, true), tag("<>")),
        value((LessOrEqual, false), tag("<=")),
        value((GreaterOrEqual, false), tag(">=")),
        value((Equal, false), tag("=")),
        value((Less, false), tag("<")),
        value((Greater, false), tag(">")),
    ));
    let null =
        preceded(keyword("is"), (opt(preceded(multispace0, keyword("not"))), multispace0, keyword("null")))
            .map(|(not, _, _)| (IsNull, not.is_some()));
    let word = alt((
        value(In, keyword("in")),
        value(Contains, keyword("contains")),
        value(StartsWith, alt((keyword("startswith"), keyword("starts_with")))),
        value(EndsWith, alt((keyword("endswith"), keyword("ends_with")))),
        value(matches, keyword("matches")),
    ));
    let worded =
        (opt(terminated(keyword("not"), multispace0)), word).map(|(not, word)| (word, not.is_some()));
    preceded(multispace0, alt((symbol, null, worded))).parse(input)
}

/// A word of the language, in any case.
fn keyword<'a>(word: &'static str) -> impl Parser<&'a str, Output = &'a str, Error = Fault> {
    terminated(tag_no_case(word), not(peek(one_name_character)))
}

fn one_name_character(input: &str) -> Parsed<'_, &str> {
    let end = input.chars().next().filter(|c| is_of_name(*c)).map_or(0, char::len_utf8);
    if end == 0 {
        Err(Err::Error(Fault::from_error_kind(input, ErrorKind::Char)))
    } else {
        Ok((&input[end..], &input[..end]))
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')
}

/// The name of a field: a word, or anything in backquotes.
fn name(input: &str) -> Parsed<'_, Word<'_>> {
    let left = input.len();
    let first = |c: char| c.is_alphabetic() || matches!(c, '_' | '@');
    let word = recognize((take_while1(first), take_while(is_of_name)));
    let quoted = delimited(char('`'), take_while1(|c| c != '`'), cut(char('`')));
    alt((quoted, word)).map(|text| Word { text, left }).parse(input)
}

/// A value: text in quotes, with an `i` behind it where the case does not matter, or a bare word.
fn literal(input: &str) -> Parsed<'_, Literal<'_>> {
    alt((quoted, moment, bare)).parse(input)
}

/// What stands behind `~`: bare words are taken only where no sign in them could mean something.
fn pattern(input: &str) -> Parsed<'_, Literal<'_>> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let (rest, literal) = alt((quoted, bare)).parse(input)?;
    match literal.quoted || literal.text.chars().all(is_plain) {
        true => Ok((rest, literal)),
        false => fail(input, PATTERN),
    }
}

fn quoted(input: &str) -> Parsed<'_, Literal<'_>> {
    let quote = match input.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => *quote,
        _ => return Err(Err::Error(Fault::from_error_kind(input, ErrorKind::Char))),
    };
    let mut escaped = false;
    let end = input.bytes().skip(1).position(|byte| {
        let ends = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    // A quote that is not closed may be an error only where a value was wanted, which it always is here.
    let Some(end) = end else { return fail(&input[input.len()..], "the quote that closes the text") };
    let (text, rest) = (&input[1..=end], &input[end + 2..]);
    let (rest, any_case) = opt(keyword("i")).parse(rest)?;
    Ok((rest, Literal { text, left: input.len(), quoted: true, any_case: any_case.is_some() }))
}

/// A date and a time of day with a blank between them.
fn moment(input: &str) -> Parsed<'_, Literal<'_>> {
    let digits = take_while1(|c: char| c.is_ascii_digit());
    let date = take_while1(|c: char| c.is_ascii_digit() || c == '-');
    let time = (
        digits,
        char(':'),
        take_while1(|c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '+' | '-')),
    );
    let (rest, text) = recognize((date, char(' '), time)).parse(input)?;
    Ok((rest, Literal { text, left: input.len(), quoted: false, any_case: false }))
}

fn bare(input: &str) -> Parsed<'_, Literal<'_>> {
    let is_bare = |c: char| !c.is_whitespace() && !"()[],\"'`&|!<>=~".contains(c);
    let (rest, text) = take_while1(is_bare).parse(input)?;
    Ok((rest, Literal { text, left: input.len(), quoted: false, any_case: false }))
}
