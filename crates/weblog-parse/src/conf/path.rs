//! The path of a log, in which variables and dates stand for what the server puts there.

use memchr::{memchr, memchr2, memmem};
use std::sync::Arc;

/// The path of a log as the configuration has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPath {
    text: Arc<str>,
    whole: Arc<[Piece]>,
    base: Arc<[Piece]>,
}

/// What stands for something else in a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holders {
    /// `$name` and `${name}`: nginx, and the parameters of httpd's macros.
    Variables,
    /// `${name}`: variables of httpd that are not defined.
    Braces,
    /// `${name}` and the conversions of strftime: rotatelogs, cronolog.
    Dates,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    /// One digit or more.
    Digits,
    /// Anything, also nothing.
    Any,
}

impl LogPath {
    pub(super) fn new(text: &str, holders: Holders) -> Self {
        LogPath::with_pieces(text, |part| pieces(part, holders))
    }

    /// The same with a dot and digits at its end: what rotatelogs appends to a name without a date.
    pub(super) fn with_epoch(text: &str) -> Self {
        let dated = |part: &str| {
            let mut pieces = pieces(part.strip_suffix(".%s").unwrap_or(part), Holders::Braces);
            push_text(&mut pieces, b".");
            push(&mut pieces, Piece::Digits);
            pieces
        };
        LogPath::with_pieces(&format!("{text}.%s"), dated)
    }

    fn with_pieces(text: &str, pieces: impl Fn(&str) -> Vec<Piece>) -> Self {
        let name = text.rsplit('/').next().unwrap_or_default();
        LogPath { text: text.into(), whole: pieces(text).into(), base: pieces(name).into() }
    }

    /// The path as written, made absolute as far as its server's rules tell.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the path names one file: no variable and no date is in it.
    pub fn is_fixed(&self) -> bool {
        self.whole.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Whether a path is this one.
    pub fn matches(&self, path: &[u8]) -> bool {
        matches(&self.whole, path)
    }

    /// Whether a file name is the last part of this one.
    pub(super) fn matches_name(&self, name: &[u8]) -> bool {
        matches(&self.base, name)
    }

    /// Whether the last part is told by more than punctuation and variables.
    pub(super) fn has_name(&self) -> bool {
        self.base.iter().any(|piece| match piece {
            Piece::Text(text) => text.iter().any(u8::is_ascii_alphanumeric),
            Piece::Digits => true,
            Piece::Any => false,
        })
    }

    /// Whether the last part is the same for every variable and date.
    pub(super) fn has_fixed_name(&self) -> bool {
        self.base.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }
}

fn pieces(text: &str, holders: Holders) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text.as_bytes();
    while let Some(at) = memchr2(b'$', b'%', rest) {
        let (before, holder) = rest.split_at(at);
        push_text(&mut pieces, before);
        let found = match holder[0] {
            b'$' => variable(holder, holders),
            _ if holders == Holders::Dates => date(holder),
            _ => None,
        };
        let (piece, len) = found.unwrap_or_else(|| (Piece::Text(holder[..1].to_vec()), 1));
        match piece {
            Piece::Text(text) => push_text(&mut pieces, &text),
            holder => push(&mut pieces, holder),
        }
        rest = &holder[len..];
    }
    push_text(&mut pieces, rest);
    pieces
}

/// A longer name of a variable is text.
const MAX_NAME: usize = 256;

fn variable(text: &[u8], holders: Holders) -> Option<(Piece, usize)> {
    let len = match text.get(1)? {
        b'{' => memchr(b'}', &text[..text.len().min(MAX_NAME)])? + 1,
        _ if holders == Holders::Variables => {
            let is_name = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
            1 + text[1..].iter().take_while(is_name).count()
        }
        _ => 1,
    };
    (len > 1).then_some((Piece::Any, len))
}

/// A conversion of strftime, with the flags and modifiers of the C libraries.
fn date(text: &[u8]) -> Option<(Piece, usize)> {
    let flags = text[1..].iter().take_while(|b| b"-_0^#EO".contains(b)).count();
    let piece = match text.get(1 + flags)? {
        b'%' => Piece::Text(b"%".to_vec()),
        b'Y' | b'm' | b'd' | b'H' | b'M' | b'S' | b'j' | b'I' | b'U' | b'V' | b'W' | b'G' | b'g' | b'y'
        | b's' | b'C' | b'u' | b'w' => Piece::Digits,
        b if b.is_ascii_alphabetic() => Piece::Any,
        _ => return None,
    };
    Some((piece, flags + 2))
}

fn push_text(pieces: &mut Vec<Piece>, text: &[u8]) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(before)) => before.extend_from_slice(text),
        _ => pieces.push(Piece::Text(text.to_vec())),
    }
}

/// Adds a placeholder. Of two that touch one remains, so that there is one way to read a path.
fn push(pieces: &mut Vec<Piece>, holder: Piece) {
    match pieces.last_mut() {
        Some(Piece::Digits) if holder == Piece::Digits => {}
        Some(last @ (Piece::Digits | Piece::Any)) => *last = Piece::Any,
        _ => pieces.push(holder),
    }
}

/// Takes for every placeholder the shortest that fits, never trying another, so that time is linear.
fn matches(pieces: &[Piece], text: &[u8]) -> bool {
    let mut rest = text;
    let mut floating = false;
    for (at, piece) in pieces.iter().enumerate() {
        let len = match piece {
            Piece::Any => Some(0),
            Piece::Digits => match rest.iter().take_while(|b| b.is_ascii_digit()).count() {
                0 => None,
                digits => Some(digits),
            },
            Piece::Text(part) if !floating => rest.starts_with(part).then_some(part.len()),
            Piece::Text(part) if at + 1 == pieces.len() => rest.ends_with(part).then_some(rest.len()),
            Piece::Text(part) => memmem::find(rest, part).map(|start| start + part.len()),
        };
        let Some(len) = len else { return false };
        rest = &rest[len..];
        floating = *piece == Piece::Any;
    }
    floating || rest.is_empty()
}
