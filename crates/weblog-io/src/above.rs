//! The lines that say what the lines below them are.

use std::sync::Arc;

use memchr::{memchr, memmem};

/// What stands above a chunk in its source: a row of CSV or of a W3C log means nothing without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Above {
    /// The first line of the source, without its delimiter. It is given with the first chunk as well.
    pub first: Option<Arc<[u8]>>,
    /// The last line that begins with `#Fields:`, which names the fields of the W3C extended log file
    /// format and may come again and again.
    pub fields: Option<Arc<[u8]>>,
}

const FIELDS: &[u8] = b"#Fields:";
/// Of a longer line no more is kept: a header is not that long.
const LONGEST: usize = 64 << 10;

/// Finds these lines in the bytes of a source, which may come in any pieces.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    pub(crate) above: Above,
    at: At,
}

/// Where in a line the next byte is.
#[derive(Debug, Default)]
enum At {
    #[default]
    Start,
    /// Behind this beginning of a line that may be wanted.
    Wanted(Vec<u8>),
    Unwanted,
}

impl Finder {
    /// Looks through the next bytes of the source.
    pub(crate) fn pass(&mut self, mut bytes: &[u8], delimiter: u8) {
        while let Some(next) = bytes.first() {
            match &mut self.at {
                At::Start if self.above.first.is_none() || *next == b'#' => self.at = At::Wanted(Vec::new()),
                At::Start => self.at = At::Unwanted,
                At::Wanted(line) => {
                    let end = memchr(delimiter, bytes);
                    let more = &bytes[..end.unwrap_or(bytes.len())];
                    line.extend_from_slice(&more[..more.len().min(LONGEST.saturating_sub(line.len()))]);
                    let Some(end) = end else { return };
                    self.end_line(delimiter);
                    bytes = &bytes[end + 1..];
                }
                At::Unwanted => match memmem::find(bytes, &[delimiter, b'#']) {
                    Some(end) => {
                        self.at = At::Start;
                        bytes = &bytes[end + 1..];
                    }
                    None => {
                        if bytes.ends_with(&[delimiter]) {
                            self.at = At::Start;
                        }
                        return;
                    }
                },
            }
        }
    }

    fn end_line(&mut self, delimiter: u8) {
        let At::Wanted(line) = std::mem::take(&mut self.at) else { return };
        let line = if delimiter == b'\n' { line.strip_suffix(b"\r").unwrap_or(&line) } else { &line };
        if self.above.first.is_none() {
            self.above.first = Some(line.into());
        }
        if line.starts_with(FIELDS) && self.above.fields.as_deref() != Some(line) {
            self.above.fields = Some(line.into());
        }
    }

    /// The first line, though it may not have come to its end.
    pub(crate) fn end(&mut self, delimiter: u8) {
        if self.above.first.is_none() && matches!(self.at, At::Wanted(_)) {
            self.end_line(delimiter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &[u8], piece: usize) -> (Option<String>, Option<String>) {
        let mut finder = Finder::default();
        text.chunks(piece).for_each(|bytes| finder.pass(bytes, b'\n'));
        finder.end(b'\n');
        let text = |line: Option<Arc<[u8]>>| line.map(|line| String::from_utf8_lossy(&line).into_owned());
        (text(finder.above.first), text(finder.above.fields))
    }

    #[test]
    fn the_first_line_and_the_last_fields_are_found_in_pieces_of_any_size() {
        let log =
            b"#Version: 1.0\r\n#Fields: a b\r\n1 2\n#Fields: b #Fields: c\nx #Fields: no\n#Date: 1\n2 3\n";
        for piece in 1..log.len() {
            let wanted = (Some("#Version: 1.0".into()), Some("#Fields: b #Fields: c".into()));
            assert_eq!(found(log, piece), wanted, "in pieces of {piece}");
        }
    }

    #[test]
    fn fields_whose_line_is_not_ended_are_not_yet_there() {
        assert_eq!(
            found(b"#Fields: a\n#Fields: a b", 4),
            (Some("#Fields: a".into()), Some("#Fields: a".into()))
        );
    }

    #[test]
    fn a_first_line_without_an_end_is_the_first_line_and_takes_no_more_room_than_a_header() {
        let long = vec![b'x'; 3 * LONGEST];
        assert_eq!(found(&long, 1000).0.map(|line| line.len()), Some(LONGEST));
        assert_eq!(found(b"", 1), (None, None));
    }

    proptest! {
        #[test]
        fn it_is_what_a_look_at_every_line_finds(text in "(#Fields:|#|a|\n|\r){0,60}", piece in 1_usize..20) {
            let lines: Vec<&str> = text.split('\n').collect();
            let strip = |line: &str| line.strip_suffix('\r').unwrap_or(line).to_owned();
            let ended = &lines[..lines.len() - 1];
            let first = lines.first().filter(|_| !text.is_empty()).map(|line| strip(line));
            let fields = ended.iter().rfind(|line| line.starts_with("#Fields:")).map(|line| strip(line));
            prop_assert_eq!(found(text.as_bytes(), piece).0, first);
            let found = found(text.as_bytes(), piece).1;
            // An unfinished only line is taken as the first, and then as what it says.
            if ended.is_empty() && lines[0].starts_with("#Fields:") {
                prop_assert_eq!(found, Some(strip(lines[0])));
            } else {
                prop_assert_eq!(found, fields);
            }
        }
    }
}
