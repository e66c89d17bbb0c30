//! Names of files made from what records say: `out/{host}/{time:%Y-%m-%d}.log`.
//!
//! What a record says is hostile. A value becomes one piece of a name, never a directory: all but letters,
//! digits, `.`, `_` and `-` of ASCII is written as `%hh`, and so is a dot at its beginning. Two values have the
//! same name only when both are long and their hashes meet.

use crate::{
    expression::{FieldName, Place},
    operand::{Scratch, text, time},
};
use std::fmt;
use weblog_parse::{Field, Name, Record, Value, Zone, time::civil_from_days};

/// The pattern of a file's name.
#[derive(Clone, Debug)]
pub struct PathPattern {
    pieces: Vec<Piece>,
    zone: Zone,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    /// A value, and the most bytes that it takes.
    Value(FieldName, usize),
    /// The time of the record, in this form.
    Time(String),
}

/// A pattern that cannot be used. Displayed, it is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPath(String);

impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadPath {}

/// The most bytes of the values in one name of a directory or file: the systems take 255 in all.
const LONGEST: usize = 200;
/// How a time is written when no form is given.
const DAY: &str = "%Y-%m-%d";
/// The value of a field that a record does not have, and of an empty one.
const ABSENT: &str = "_none";
const EMPTY: &str = "_empty";

impl PathPattern {
    /// Reads a pattern. `{{` and `}}` are braces. Dates are in `zone`.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub fn parse(pattern: &str, zone: Zone) -> Result<PathPattern, BadPath> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                literal.push_str(&rest[..1]);
                rest = &rest[2..];
                continue;
            }
            let inside = rest.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let Some((inside, behind)) = inside else {
                return Err(BadPath(
                    "a brace stands alone in the name: write {field}, or {{ for a brace".into(),
                ));
            };
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(piece(inside)?);
            rest = behind;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        share_length(&mut pieces);
        Ok(PathPattern { pieces, zone })
    }

    /// The fields that it names.
    pub fn fields(&self) -> Vec<FieldName> {
        let named = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Value(name, _) => Some(name.clone()),
            Piece::Time(_) => Some(FieldName::Known(Field::Time)),
        });
        named.collect()
    }

    /// Appends the name for a record. What it does not have is looked for in `more`.
    pub fn name(&self, record: &Record<'_>, more: Option<&Record<'_>>, out: &mut String) {
        let mut scratch = Scratch::default();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Value(field, most) => match value(record, field).or_else(|| value(more?, field)) {
                    Some(value) => safe(text(value, &mut scratch), *most, out),
                    None => out.push_str(ABSENT),
                },
                Piece::Time(form) => match record.get(Field::Time).and_then(time) {
                    Some(micros) => dated(micros, form, self.zone, out),
                    None => out.push_str(ABSENT),
                },
            }
        }
    }
}

fn value<'r>(record: &Record<'r>, field: &FieldName) -> Option<Value<'r>> {
    let wanted = match field {
        FieldName::Known(field) => return record.get(*field),
        FieldName::Other(name) => Name::Other(name),
    };
    record.fields().iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value)
}

/// What stands between braces: the name of a field, and for the time the form of the date.
fn piece(inside: &str) -> Result<Piece, BadPath> {
    let (name, form) = match inside.split_once(':') {
        Some((name, form)) => (name.trim(), Some(form)),
        None => (inside.trim(), None),
    };
    match (Place::named(name).name(), form) {
        _ if name.is_empty() => Err(BadPath("there is no name of a field between { and }".into())),
        (FieldName::Known(Field::Time), form) => {
            let form = form.unwrap_or(DAY);
            let known = |sign: &str| sign.starts_with(['Y', 'm', 'd', 'H', 'M']);
            if !form.split('%').skip(1).all(known) {
                return Err(BadPath(format!("{{time:{form}}}: the signs of a date are %Y %m %d %H %M")));
            }
            Ok(Piece::Time(form.to_owned()))
        }
        (_, Some(_)) => {
            Err(BadPath(format!("{{{inside}}}: only the time has a form, as in {{time:%Y-%m-%d}}")))
        }
        (name, None) => Ok(Piece::Value(name, LONGEST)),
    }
}

/// Divides the length of a name between the values in it.
fn share_length(pieces: &mut [Piece]) {
    let mut start = 0;
    for at in 0..=pieces.len() {
        let ends = match pieces.get(at) {
            Some(Piece::Literal(literal) | Piece::Time(literal)) => literal.contains('/'),
            Some(Piece::Value(..)) => false,
            None => true,
        };
        if !ends {
            continue;
        }
        let values = pieces[start..at].iter().filter(|piece| matches!(piece, Piece::Value(..))).count();
        for piece in &mut pieces[start..at] {
            if let Piece::Value(_, most) = piece {
                *most = (LONGEST / values).max(20);
            }
        }
        start = at;
    }
}

/// A value as a piece of a name.
fn safe(value: &[u8], most: usize, out: &mut String) {
    let start = out.len();
    for (at, byte) in value.iter().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || (*byte == b'.' && at > 0);
        match plain {
            true => out.push(char::from(*byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
        // What follows is known by its hash; the value may be long.
        if out.len() - start > most {
            let hash = format!("-{:016x}", hash(value));
            out.truncate(start + most.saturating_sub(hash.len()));
            return out.push_str(&hash);
        }
    }
    match &out[start..] {
        "" => out.push_str(EMPTY),
        // The names of what is absent and of what is empty are no values.
        ABSENT | EMPTY => out.replace_range(start..=start, "%5F"),
        _ => {}
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every version.
fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A time in a form like `%Y-%m-%d`.
fn dated(micros: i64, form: &str, zone: Zone, out: &mut String) {
    let local = zone.to_local(micros.div_euclid(1_000_000));
    let (year, month, day) = civil_from_days(local.div_euclid(86_400));
    let of_day = local.rem_euclid(86_400);
    for (at, part) in form.split('%').enumerate() {
        let mut rest = part.chars();
        match if at == 0 { None } else { rest.next() } {
            Some('Y') => out.push_str(&format!("{year:04}")),
            Some('m') => out.push_str(&format!("{month:02}")),
            Some('d') => out.push_str(&format!("{day:02}")),
            Some('H') => out.push_str(&format!("{:02}", of_day / 3_600)),
            Some('M') => out.push_str(&format!("{:02}", of_day / 60 % 60)),
            _ => rest = part.chars(),
        }
        out.push_str(rest.as_str());
    }
}

#[cfg(test)]
mod tests;
