//! The entries of a forwarding header, from the right.

use super::node::{self, Node};

/// What is left of a header; entries are taken off its right end.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    rest: Option<&'a str>,
    /// Whether it is the header of RFC 7239, whose entries have names and quotes.
    elements: bool,
}

/// An element of `Forwarded` is not looked through further than this.
const LONGEST: usize = 2048;

impl<'a> Entries<'a> {
    /// Of `X-Forwarded-For`.
    #[inline]
    pub(super) fn forwarded_for(list: &'a str) -> Self {
        Entries { rest: Some(list), elements: false }
    }

    /// Of `Forwarded`.
    #[inline]
    pub(super) fn forwarded(list: &'a str) -> Self {
        Entries { rest: Some(list), elements: true }
    }

    /// Takes the last entry off, unless it is empty: such are no entries (RFC 9110 section 5.6.1).
    #[inline]
    fn take(&mut self) -> Option<&'a str> {
        loop {
            let list = self.rest?;
            let comma = if self.elements { last_comma(list) } else { list.rfind(',') };
            let entry = match comma {
                Some(comma) => {
                    self.rest = Some(&list[..comma]);
                    list[comma + 1..].trim_ascii()
                }
                None => {
                    self.rest = None;
                    list.trim_ascii()
                }
            };
            if !entry.is_empty() {
                return Some(entry);
            }
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Node<'a>;

    #[inline]
    fn next(&mut self) -> Option<Node<'a>> {
        let entry = self.take()?;
        Some(if self.elements { element(entry) } else { node::read(entry) })
    }
}

/// The last comma that is not inside quotes, seen from the right: so what somebody puts on the left, a quote
/// without its pair say, cannot reach over the comma behind it.
fn last_comma(list: &str) -> Option<usize> {
    let bytes = list.as_bytes();
    let behind = list.rfind(',').map_or(list, |comma| &list[comma..]);
    if !behind.as_bytes().contains(&b'"') {
        return bytes.len().checked_sub(behind.len()).filter(|_| behind.starts_with(','));
    }
    let mut quoted = false;
    for at in (bytes.len().saturating_sub(LONGEST)..bytes.len()).rev() {
        match bytes[at] {
            b',' if !quoted => return Some(at),
            b'"' => {
                let escapes =
                    bytes[..at].iter().rev().take(LONGEST).take_while(|byte| **byte == b'\\').count();
                if !quoted || escapes % 2 == 0 {
                    quoted = !quoted;
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads `for` out of an element: `for=192.0.2.60;proto=http;by=203.0.113.43`. Without it nobody is named, and
/// twice it is no element.
fn element(text: &str) -> Node<'_> {
    if text.len() > LONGEST {
        return Node::Unreadable(text);
    }
    let (mut named, mut rest) = (None, Some(text));
    while let Some(pairs) = rest {
        let end = pair_end(pairs);
        rest = pairs.get(end + 1..);
        let pair = pairs[..end].trim_ascii();
        let Some((name, value)) = pair.split_once('=') else {
            if pair.is_empty() {
                continue;
            }
            return Node::Unreadable(text);
        };
        if name.trim_ascii().eq_ignore_ascii_case("for") && named.replace(value).is_some() {
            return Node::Unreadable(text);
        }
    }
    match named {
        Some(value) => node::read(value),
        None => Node::Hidden(""),
    }
}

/// Where the first pair ends: at a semicolon that is not inside quotes.
fn pair_end(pairs: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in pairs.bytes().enumerate() {
        match byte {
            b';' if !quoted => return at,
            b'"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = byte == b'\\' && quoted && !escaped;
    }
    pairs.len()
}
