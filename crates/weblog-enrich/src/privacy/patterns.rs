//! Secrets that are told by their shape, wherever they stand.
//!
//! Every search begins at something rare (`@`, `://`, `eyJ`, digits) and looks no further than
//! the run of characters around it, and no run is looked at twice: time is linear for any text.

use super::{REDACTED, decoded::Decoded, edits::Edits, marks::Marks};
use memchr::{memchr_iter, memmem};
use std::ops::Range;

/// What a mark is the beginning of.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// A key: the mark and at least so many letters, digits, `_` and `-` behind it.
    Key(usize),
    /// A JSON web token: parts with dots between them.
    Jwt,
    /// A word of the Authorization header, with the secret behind it.
    Scheme,
}

/// Marks of secrets, and their shapes. Upper and lower case are one, since logs may change it.
const MARKS: &[(&str, Shape)] = &[
    ("eyj", Shape::Jwt),
    ("bearer", Shape::Scheme),
    ("basic", Shape::Scheme),
    // Amazon
    ("akia", Shape::Key(16)),
    ("asia", Shape::Key(16)),
    // GitHub, GitLab
    ("ghp_", Shape::Key(20)),
    ("gho_", Shape::Key(20)),
    ("ghu_", Shape::Key(20)),
    ("ghs_", Shape::Key(20)),
    ("ghr_", Shape::Key(20)),
    ("github_pat_", Shape::Key(20)),
    ("glpat-", Shape::Key(16)),
    // Slack
    ("xoxa-", Shape::Key(10)),
    ("xoxb-", Shape::Key(10)),
    ("xoxp-", Shape::Key(10)),
    ("xoxr-", Shape::Key(10)),
    ("xoxs-", Shape::Key(10)),
    ("xapp-", Shape::Key(10)),
    // Stripe
    ("sk_live_", Shape::Key(10)),
    ("sk_test_", Shape::Key(10)),
    ("rk_live_", Shape::Key(10)),
    ("rk_test_", Shape::Key(10)),
    ("whsec_", Shape::Key(16)),
    // Google
    ("aiza", Shape::Key(30)),
    ("ya29.", Shape::Key(20)),
    // npm, OpenAI, Anthropic
    ("npm_", Shape::Key(30)),
    ("sk-", Shape::Key(32)),
];

/// No secret with a mark is shorter, and no number of a card.
const SHORTEST: usize = 13;

/// The searcher for everything that has a shape.
#[derive(Debug)]
pub(super) struct Patterns {
    marks: Marks,
}

impl Patterns {
    pub(super) fn new() -> Patterns {
        Patterns { marks: Marks::new(MARKS.iter().map(|(mark, _)| *mark)) }
    }

    /// Whether a decoded text may hold one. Most hold none, and this is all they cost.
    pub(super) fn may_be_in(&self, text: &[u8]) -> bool {
        memchr::memchr(b'@', text).is_some()
            || text.len() >= SHORTEST && (may_hold_card(text) || self.marks.occur_in(text))
    }

    /// Finds what has the shape of a secret.
    pub(super) fn find(&self, text: &Decoded<'_>, edits: &mut Edits) {
        let bytes = &text.bytes[..];
        let mut hits = Vec::new();
        let user_info_ends = user_info(text, &mut hits);
        emails(bytes, &user_info_ends, &mut hits);
        cards(bytes, &mut hits);
        self.marked(bytes, &mut hits);
        for hit in hits {
            edits.redact(text.source(hit));
        }
    }

    fn marked(&self, bytes: &[u8], hits: &mut Vec<Range<usize>>) {
        let mut done = 0;
        // The end of a run that holds no token, whose other marks need no look.
        let mut no_token_until = 0;
        for found in self.marks.find(bytes) {
            let (start, end) = (found.start(), found.end());
            if start < done {
                continue;
            }
            let hit = match MARKS[found.pattern().as_usize()].1 {
                Shape::Jwt if end <= no_token_until => None,
                Shape::Jwt => jwt(bytes, start).map_err(|end| no_token_until = end).ok(),
                Shape::Key(least) => key(bytes, start, end, least),
                Shape::Scheme => credentials(bytes, start, end),
            };
            if let Some(hit) = hit {
                done = hit.end;
                hits.push(hit);
            }
        }
    }
}

/// The length of the run of such bytes that a text begins with.
fn run(bytes: &[u8], is_part: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !is_part(*byte)).unwrap_or(bytes.len())
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// A token, or the end of the run that is none.
fn jwt(bytes: &[u8], start: usize) -> Result<Range<usize>, usize> {
    const SHORTEST_PART: usize = 8;
    let header = start + run(&bytes[start..], is_base64url);
    if header - start < SHORTEST_PART || bytes.get(header) != Some(&b'.') {
        return Err(header);
    }
    let payload = header + 1 + run(&bytes[header + 1..], is_base64url);
    if payload - header <= SHORTEST_PART {
        return Err(header);
    }
    Ok(start..payload + run(&bytes[payload..], |byte| is_base64url(byte) || byte == b'.'))
}

fn key(bytes: &[u8], start: usize, end: usize, least: usize) -> Option<Range<usize>> {
    if !begins_word(bytes, start) {
        return None;
    }
    let length = run(&bytes[end..], is_base64url);
    (length >= least).then_some(start..end + length)
}

/// What follows `Bearer` or `Basic`. A word behind it is no secret: `basic authentication`.
fn credentials(bytes: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let from = end + run(&bytes[end..], |byte| matches!(byte, b' ' | b'+'));
    if from == end || !begins_word(bytes, start) {
        return None;
    }
    let secret = &bytes[from..];
    let length = run(secret, |byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    let is_word = length < 20 && !secret[..length].iter().any(|byte| byte.is_ascii_digit() || *byte == b'=');
    (length >= 8 && !is_word).then_some(from..from + length)
}

fn begins_word(bytes: &[u8], start: usize) -> bool {
    start == 0 || !bytes[start - 1].is_ascii_alphanumeric()
}

/// User and password in an address: `https://user:password@host`. Gives where they end.
fn user_info(text: &Decoded<'_>, hits: &mut Vec<Range<usize>>) -> Vec<usize> {
    let bytes = &text.bytes[..];
    let mut ends = Vec::new();
    for scheme in memmem::find_iter(bytes, b"://") {
        let start = scheme + 3;
        let depth = (scheme..start).map(|at| text.depth(at)).max().unwrap_or(0);
        let mut at_sign = None;
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'/' | b'?' | b'#' | b'"' | b' ' if text.depth(at) <= depth => break,
                b'@' => at_sign = Some(at),
                _ => {}
            }
        }
        if let Some(end) = at_sign {
            hits.push(start..end);
            ends.push(end);
        }
    }
    ends.sort_unstable();
    ends
}

/// What stands behind the last dot of names of files, and is no domain: `logo@2x.png`.
const FILES: &[&str] = &[
    "avif", "cjs", "css", "eot", "gif", "htm", "html", "ico", "jpeg", "jpg", "js", "json", "jsx", "map",
    "mjs", "mp3", "mp4", "otf", "php", "png", "scss", "svg", "ts", "tsx", "ttf", "txt", "webp", "woff",
    "woff2", "xml",
];

fn emails(bytes: &[u8], user_info_ends: &[usize], hits: &mut Vec<Range<usize>>) {
    // Letters of any language may stand in an address; neither run holds an @.
    let is_local =
        |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"._%+-'!~*$".contains(&byte);
    let is_domain = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b".-".contains(&byte);
    for at in memchr_iter(b'@', bytes) {
        if user_info_ends.binary_search(&at).is_ok() {
            continue;
        }
        let local = bytes[..at].iter().rev().take_while(|byte| is_local(**byte)).count();
        let domain = &bytes[at + 1..at + 1 + run(&bytes[at + 1..], is_domain)];
        let domain = without_end(domain);
        let is_redacted = &bytes[at - local..at] == REDACTED.as_bytes();
        if local > 0 && is_mail_domain(domain) && !is_redacted {
            hits.push(at - local..at + 1 + domain.len());
        }
    }
}

/// A domain without the dots and hyphens behind it, as of a sentence.
fn without_end(domain: &[u8]) -> &[u8] {
    let last = domain.iter().rposition(|byte| !matches!(byte, b'.' | b'-'));
    &domain[..last.map_or(0, |last| last + 1)]
}

/// Whether this has a top-level domain, under endings of files that may have come behind it:
/// `alice@example.com.json` is an address, `logo@2x.png` and `vue@3.2.1.js` are none.
fn is_mail_domain(domain: &[u8]) -> bool {
    let mut kept = domain;
    loop {
        let Some(dot) = memchr::memrchr(b'.', kept) else { return false };
        let top = &kept[dot + 1..];
        if FILES.iter().any(|file| top.eq_ignore_ascii_case(file.as_bytes())) {
            kept = &kept[..dot];
            continue;
        }
        let is_version = kept.len() < domain.len() && domain[0].is_ascii_digit();
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        return dot > 0 && top.len() >= 2 && top[..2].iter().all(is_letter) && !is_version;
    }
}

/// Whether a text has digits enough for a card: it looks at every sixth byte and the one behind,
/// one of which is a digit wherever so many stand with single signs between groups of them.
fn may_hold_card(text: &[u8]) -> bool {
    if text.iter().filter(|byte| byte.is_ascii_digit()).count() < SHORTEST {
        return false;
    }
    let mut at = 0;
    while at + SHORTEST <= text.len() {
        if text[at + 5].is_ascii_digit() || text[at + 6].is_ascii_digit() {
            let middle = if text[at + 5].is_ascii_digit() { at + 5 } else { at + 6 };
            let is_part = |byte: &u8| byte.is_ascii_digit() || is_separator(*byte);
            let after = text[middle..].iter().take(SHORTEST).take_while(|byte| is_part(byte)).count();
            let before = text[..middle].iter().rev().take(SHORTEST).take_while(|byte| is_part(byte)).count();
            if before + after >= SHORTEST {
                return true;
            }
        }
        at += 6;
    }
    false
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'+')
}

/// Numbers of payment cards: digits in one run, or in the groups that cards are printed with.
fn cards(bytes: &[u8], hits: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let mut end = at + run(&bytes[at..], |byte| byte.is_ascii_digit());
        let hit = match end - at {
            13..=19 if !is_fraction(bytes, at) && is_card(&bytes[at..end]) => Some(end),
            4 => grouped(bytes, at),
            _ => None,
        };
        if let Some(hit) = hit {
            hits.push(at..hit);
            end = hit;
        }
        at = end;
    }
}

/// Whether digits stand behind a point with a digit before it.
fn is_fraction(bytes: &[u8], at: usize) -> bool {
    at >= 2 && bytes[at - 1] == b'.' && bytes[at - 2].is_ascii_digit()
}

/// The end of the longest number of a card in groups, the first of them of four digits.
fn grouped(bytes: &[u8], start: usize) -> Option<usize> {
    let separator = *bytes.get(start + 4).filter(|byte| is_separator(**byte))?;
    let mut digits = Vec::with_capacity(19);
    digits.extend_from_slice(&bytes[start..start + 4]);
    let (mut at, mut best) = (start + 4, None);
    while bytes.get(at) == Some(&separator) {
        let group = &bytes[at + 1..];
        let length = run(&group[..group.len().min(7)], |byte| byte.is_ascii_digit());
        if !(3..=6).contains(&length) || digits.len() + length > 19 {
            break;
        }
        digits.extend_from_slice(&group[..length]);
        at += 1 + length;
        if is_card(&digits) {
            best = Some(at);
        }
    }
    best
}

/// Whether digits are the number of a card: what its brand begins with, its length, and the
/// check digit of Luhn (ISO/IEC 7812).
fn is_card(digits: &[u8]) -> bool {
    let number =
        |count: usize| digits.iter().take(count).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let is_brand = match digits.len() {
        13 => number(1) == 4,
        14 => matches!(number(2), 36 | 38 | 39) || matches!(number(3), 300..=305),
        15 => matches!(number(2), 34 | 37),
        16 => matches!(number(1), 3..=6) || matches!(number(4), 2200..=2204 | 2221..=2720),
        17 | 18 => matches!(number(1), 5 | 6),
        19 => matches!(number(1), 4..=6),
        _ => false,
    };
    let luhn = |(place, digit): (usize, &u8)| match (place % 2, u32::from(digit - b'0')) {
        (0, digit) => digit,
        (_, digit) => digit * 2 / 10 + digit * 2 % 10,
    };
    is_brand && digits.iter().rev().enumerate().map(luhn).sum::<u32>().is_multiple_of(10)
}
