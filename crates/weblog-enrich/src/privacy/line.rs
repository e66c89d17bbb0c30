//! Raw lines: what was rejected may hold anything anywhere.

use super::{Anonymizer, Redactor, decoded::Decoded, edits::Edits};

impl Redactor {
    /// A raw line without secrets and addresses, for files of rejected lines and for evidence.
    ///
    /// It takes out rather too much. Addresses are replaced wherever they stand, of servers too;
    /// so are the first two words of the line where they are host names. A secret value ends at
    /// `&` or a quote, and at a blank only if the line has no quotes at all; those of members of
    /// JSON and of headers go too. `time_us` is usually unknown of such a line, and then a
    /// rotating key gives `REDACTED`. Without an anonymizer addresses stay.
    pub fn line(&self, anonymizer: Option<&mut Anonymizer>, line: &[u8], time_us: Option<i64>) -> Vec<u8> {
        let text = Decoded::new(line);
        let mut edits = Edits::default();
        if !self.names.is_empty() {
            self.names.find(&text, false, &mut edits);
            self.names.find_members(&text, false, &mut edits);
        }
        if let Some(patterns) = &self.patterns {
            patterns.find(&text, &mut edits);
        }
        if let Some(anonymizer) = anonymizer {
            anonymizer.find(&text, time_us, &mut edits);
            host_names(anonymizer, &text, time_us, &mut edits);
        }
        edits.apply(line).unwrap_or_else(|| line.to_vec())
    }
}

/// The client's name is the first word of a line, or the second behind a virtual host.
fn host_names(anonymizer: &mut Anonymizer, text: &Decoded<'_>, time_us: Option<i64>, edits: &mut Edits) {
    let bytes = &text.bytes[..];
    let mut at = 0;
    for word in bytes.split(|byte| *byte == b' ').take(2) {
        let (start, end) = (at, at + word.len());
        at = end + 1;
        let is_name = word.contains(&b'.')
            && word.iter().any(u8::is_ascii_alphabetic)
            && !is_time(word)
            && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
        let Some(name) = str::from_utf8(word).ok().filter(|_| is_name) else { continue };
        let name = name.split(':').next().unwrap_or(name);
        edits.replace(text.source(start..end), anonymizer.name(name, time_us));
    }
}

/// Whether a word is a time as `2019-01-22T00:26:14.5Z`, which other formats begin with.
fn is_time(word: &[u8]) -> bool {
    let shape = b"0000-00-00T";
    word.len() > shape.len()
        && shape.iter().zip(word).all(|(shape, byte)| match shape {
            b'0' => byte.is_ascii_digit(),
            other => other == byte,
        })
}
