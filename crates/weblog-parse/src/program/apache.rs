//! The format strings of Apache httpd: `LogFormat` and `CustomLog` (mod_log_config, mod_logio, mod_ssl).
//!
//! After `%` stand, in any order, `!` and a list of statuses, `<`, `>` and an argument in braces; then a
//! letter, or `^` and two. A directive whose status list does not match is written as `-`, so every
//! field may be that.

use super::{BadFormat, Builder, Escape, Program, strftime, time::TimeShape, variable::Variable};
use crate::schema::Field;

mod directive;

/// A directive as it stands in a format.
#[derive(Clone, Copy, Debug)]
struct Directive<'f> {
    source: &'f str,
    argument: Option<&'f str>,
    request: Request,
    /// A letter, or `^` and two.
    name: &'f str,
}

/// Which request a directive looks at when there was an internal redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    /// What is usual for the directive.
    Usual,
    /// `<`
    Original,
    /// `>`
    Final,
}

pub(super) fn compile(format: &str) -> Result<Program, BadFormat> {
    let mut builder = Builder::new(format, Escape::Default);
    let mut at = 0;
    while let Some(special) = format[at..].find(['%', '\\']) {
        builder = builder.literal(&format.as_bytes()[at..at + special]);
        at += special;
        let rest = &format[at..];
        let (bytes, len): (&[u8], usize) = match rest.as_bytes() {
            [b'%', b'%', ..] => (b"%", 2),
            [b'\\', b'"', ..] => (b"\"", 2),
            [b'\\', b'\\', ..] => (b"\\", 2),
            [b'\\', b'n', ..] => (b"\n", 2),
            [b'\\', b'r', ..] => (b"\r", 2),
            [b'\\', b't', ..] => (b"\t", 2),
            [b'\\', ..] => (b"\\", 1),
            _ => {
                let directive = directive(format, at)?;
                builder = add(builder, directive, at)?;
                at += directive.source.len();
                continue;
            }
        };
        builder = builder.literal(bytes);
        at += len;
    }
    builder.literal(&format.as_bytes()[at..]).build()
}

/// The directive at `start`, where `%` stands.
fn directive(format: &str, start: usize) -> Result<Directive<'_>, BadFormat> {
    let bytes = format.as_bytes();
    let mut at = start + 1;
    let (mut argument, mut request) = (None, Request::Usual);
    loop {
        match bytes.get(at) {
            Some(b'!' | b',' | b'0'..=b'9') => at += 1,
            Some(b'<') => (request, at) = (Request::Original, at + 1),
            Some(b'>') => (request, at) = (Request::Final, at + 1),
            Some(b'{') => {
                let Some(len) = format[at..].find('}') else {
                    return Err(BadFormat::new(format.len(), "`}` behind the argument of a directive"));
                };
                argument = Some(&format[at + 1..at + len]);
                at += len + 1;
            }
            Some(b'^') => {
                let name =
                    format.get(at..at + 3).ok_or_else(|| BadFormat::new(at + 1, "two letters behind `^`"))?;
                return Ok(Directive { source: &format[start..at + 3], argument, request, name });
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                let name = &format[at..=at];
                return Ok(Directive { source: &format[start..=at], argument, request, name });
            }
            _ => {
                return Err(BadFormat::new(
                    at,
                    "the letter of a directive behind `%` (a percent sign is `%%`)",
                ));
            }
        }
    }
}

fn add(builder: Builder, directive: Directive<'_>, at: usize) -> Result<Builder, BadFormat> {
    match (directive.name, directive.argument) {
        ("t", argument) => time(builder, directive, argument.unwrap_or_default(), at),
        // mod_log_config writes the argument itself when it is no unit.
        ("T", Some(unit)) if !directive::is_unit(unit) => Ok(builder.literal(unit.as_bytes())),
        _ => {
            let variable = directive::variable(directive).map_err(|what| BadFormat::new(at, what))?;
            Ok(builder.variable(requested(variable, directive)))
        }
    }
}

/// Names a value after the request that it was asked of.
fn requested(variable: Variable, directive: Directive<'_>) -> Variable {
    let Variable { rank, ref own, .. } = variable;
    let usual = if matches!(directive.name, "D" | "F" | "L" | "r" | "R" | "s" | "T" | "U") {
        Request::Original
    } else {
        Request::Final
    };
    // The final status is the one that counts; see `directive`.
    if directive.request == Request::Usual || directive.name == "s" {
        return variable;
    }
    let is_usual = directive.request == usual;
    if is_usual && variable.claim.is_none() {
        return variable;
    }
    let prefix = if directive.request == Request::Final { "final" } else { "original" };
    let own = format!("{prefix}_{own}");
    variable.or_else(rank + if is_usual { 3 } else { 6 }, &own)
}

/// `%t` and `%{…}t`: when the request came in or, with `end`, when its line was written.
fn time(builder: Builder, directive: Directive<'_>, format: &str, at: usize) -> Result<Builder, BadFormat> {
    let end = format == "end" || format.starts_with("end:");
    let format = match format {
        "begin" | "end" => "",
        _ => format.strip_prefix("begin:").or(format.strip_prefix("end:")).unwrap_or(format),
    };
    let fraction = |digits| TimeShape::Format([strftime::Token::Fraction(digits)].into());
    let shape = match format {
        "" => TimeShape::Clf,
        "sec" => TimeShape::Seconds,
        "msec" => TimeShape::Millis,
        "usec" => TimeShape::Micros,
        "msec_frac" => fraction(3),
        "usec_frac" => fraction(6),
        _ => {
            let inside = at + directive.source.find(format).unwrap_or(0);
            TimeShape::Format(strftime::compile(format).map_err(|what| BadFormat::new(inside, what))?)
        }
    };
    let brackets = shape == TimeShape::Clf;
    let own = if end { "end_time" } else { "time" };
    let time = Variable::field(directive.source, Field::Time, super::variable::Shape::Time(shape));
    let time = time.or_else(0, own);
    Ok(match brackets {
        true => builder.literal(b"[").variable(time).literal(b"]"),
        false => builder.variable(time),
    })
}
