//! What stands before a line when something carried it: syslog, a container runtime, a terminal.

use memchr::memmem;

/// A line without its wrapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwrapped<'a> {
    /// The wrapper as it stood.
    pub prefix: &'a [u8],
    /// The machine that syslog names.
    pub host: Option<&'a [u8]>,
    /// The line itself.
    pub line: &'a [u8],
}

/// What carried a line, by the prefix that it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The log files of the Container Runtime Interface.
    Container,
    /// `docker compose logs`.
    Compose,
    /// Syslog, or the journal in its form.
    Syslog,
}

impl Carrier {
    /// Tells the carrier by the [prefix](Unwrapped::prefix) of a line.
    pub fn of(prefix: &[u8]) -> Option<Carrier> {
        let line = [prefix, b"x"].concat();
        let told = [
            (Carrier::Container, container(&line)),
            (Carrier::Compose, compose(&line)),
            (Carrier::Syslog, syslog(&line)),
        ];
        told.into_iter().find(|(_, unwrapped)| unwrapped.is_some()).map(|(carrier, _)| carrier)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Carrier::Container => "CRI",
            Carrier::Compose => "docker compose",
            Carrier::Syslog => "syslog",
        }
    }
}

/// Takes the wrapper off a line that has one.
pub fn unwrap(line: &[u8]) -> Option<Unwrapped<'_>> {
    container(line).or_else(|| compose(line)).or_else(|| syslog(line)).or_else(|| journal(line))
}

/// `2019-01-22T00:26:14.000000000Z stdout F `: the log files of the Container Runtime Interface.
fn container(line: &[u8]) -> Option<Unwrapped<'_>> {
    let mut words = line.splitn(4, |b| *b == b' ');
    let (time, stream, tag, rest) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let known = is_iso(time) && matches!(stream, b"stdout" | b"stderr") && matches!(tag, b"F" | b"P");
    known.then(|| split_at(line, line.len() - rest.len(), None))
}

/// `web_1  | `: what `docker compose logs` puts before a line.
fn compose(line: &[u8]) -> Option<Unwrapped<'_>> {
    let bar = memmem::find(&line[..line.len().min(80)], b" | ")?;
    let name = line[..bar].trim_ascii_end();
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_.-".contains(b);
    (!name.is_empty() && name.iter().all(is_name)).then(|| split_at(line, bar + 3, None))
}

/// `<134>Dec 16 10:00:00 host nginx[12]: ` (RFC 3164) or the same with an RFC 3339 time, as rsyslog
/// and journalctl write it.
fn syslog(line: &[u8]) -> Option<Unwrapped<'_>> {
    let start = match line {
        [b'<', rest @ ..] => rest.iter().take(4).position(|b| *b == b'>')? + 2,
        _ => 0,
    };
    let rest = line.get(start..)?;
    if start > 0 && rest.starts_with(b"1 ") {
        return syslog_5424(line, start + 2);
    }
    let time = if is_iso(rest) { rest.iter().position(|b| *b == b' ')? } else { bsd_time(rest)? };
    let mut words = rest[time..].trim_ascii_start().splitn(3, |b| *b == b' ');
    let (host, tag, message) = (words.next()?, words.next()?, words.next()?);
    let known = !host.is_empty() && tag.len() > 1 && tag.ends_with(b":");
    known.then(|| split_at(line, line.len() - message.len(), Some(host)))
}

/// `1 2026-01-22T00:26:14Z host nginx 12 - [id key="value"] ` behind the priority (RFC 5424 section 6).
fn syslog_5424(line: &[u8], start: usize) -> Option<Unwrapped<'_>> {
    let mut words = line[start..].splitn(6, |b| *b == b' ');
    let (time, host) = (words.next()?, words.next()?);
    if time != b"-" && !is_iso(time) {
        return None;
    }
    let data = words.nth(3)?;
    let message = match data {
        [b'-', rest @ ..] => rest,
        [b'[', ..] => behind_data(data)?,
        _ => return None,
    };
    let message = message.strip_prefix(b" ")?;
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    let host = (host != b"-").then_some(host);
    Some(split_at(line, line.len() - message.len(), host))
}

/// What follows the structured data: elements in brackets, with values in quotes that may hold brackets.
fn behind_data(data: &[u8]) -> Option<&[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in data.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted && data.get(at + 1) != Some(&b'[') => return Some(&data[at + 1..]),
            _ => {}
        }
    }
    None
}

/// `MESSAGE=`, the member of the journal's export format that holds the line.
fn journal(line: &[u8]) -> Option<Unwrapped<'_>> {
    let message = b"MESSAGE=";
    line.starts_with(message).then(|| split_at(line, message.len(), None))
}

/// Whether a line is another member of the journal's export format (systemd.journal-fields(7)).
pub(crate) fn is_journal_member(line: &[u8]) -> bool {
    let Some(equals) = memchr::memchr(b'=', &line[..line.len().min(64)]) else { return false };
    let name = &line[..equals];
    let usual = [&b"PRIORITY"[..], b"SYSLOG_", b"CODE_", b"MESSAGE_ID", b"TID", b"INVOCATION_ID", b"UNIT"];
    let known = name.starts_with(b"_") || usual.iter().any(|usual| name.starts_with(usual));
    known && name.len() > 1 && name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
}

/// Length of `Dec 16 10:00:00`.
fn bsd_time(text: &[u8]) -> Option<usize> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let time = text.get(..15)?;
    let shape = time[3] == b' ' && time[6] == b' ' && time[9] == b':' && time[12] == b':';
    let month = MONTHS.chunks(3).any(|month| month == &time[..3]);
    (shape && month && time[13].is_ascii_digit()).then_some(15)
}

/// Whether text begins with `2019-01-22T00:26:14`.
fn is_iso(text: &[u8]) -> bool {
    let shape = b"0000-00-00T00:00:00";
    text.len() >= shape.len()
        && shape.iter().zip(text).all(|(s, t)| if *s == b'0' { t.is_ascii_digit() } else { s == t })
}

fn split_at<'a>(line: &'a [u8], at: usize, host: Option<&'a [u8]>) -> Unwrapped<'a> {
    let (prefix, line) = line.split_at(at);
    Unwrapped { prefix, host, line: line.trim_ascii_start() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_tells_what_carried_the_line() {
        for (prefix, carrier) in [
            ("2019-01-22T00:26:14.000000000Z stdout F ", Carrier::Container),
            ("web_1  | ", Carrier::Compose),
            ("<134>Dec 16 10:00:00 host nginx[12]: ", Carrier::Syslog),
            ("2019-01-22T00:26:14Z host nginx: ", Carrier::Syslog),
        ] {
            assert_eq!(Carrier::of(prefix.as_bytes()), Some(carrier), "{prefix}");
            let line = format!("{prefix}a line");
            assert_eq!(unwrap(line.as_bytes()).unwrap().prefix, prefix.as_bytes());
        }
        assert_eq!(Carrier::of(b"something else"), None);
    }
}
