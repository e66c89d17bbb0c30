//! What a line looks like, from a few of its bytes. It may be wrong about a line of another format;
//! it is right about every well-formed line of these formats.

use super::{Family, w3c::Header};
use crate::wrapper;
use memchr::{memchr, memchr_iter, memmem};

/// The format that a line looks like, for the order in which formats are tried. Rows of W3C are told
/// by their date and time, or by the `#Fields:` line before them where they begin with something else.
pub fn guess(line: &[u8]) -> Option<Family> {
    // No line of these formats looks as if something carried it.
    wrapper::unwrap(line).and_then(|outer| bare(outer.line)).or_else(|| bare(line))
}

fn bare(line: &[u8]) -> Option<Family> {
    if Header::is_header(line) {
        let cloudfront = memmem::find(line, b"x-edge-location").is_some();
        return Some(if cloudfront { Family::Cloudfront } else { Family::W3c });
    }
    let first = &line[..memchr(b' ', line).unwrap_or(line.len())];
    let second = line.get(first.len() + 1..).unwrap_or_default();
    match first {
        _ if begins(line, "0000-00-00\t00:00:00\t") => Some(Family::Cloudfront),
        _ if is_ltsv(line) => Some(Family::Ltsv),
        _ if begins(line, "0000-00-00 00:00:00") => Some(Family::W3c),
        _ if begins(line, "0000/00/00 00:00:00 [") => Some(Family::NginxError),
        [b'{' | b'[', ..] if is_uwsgi(line) => Some(Family::Uwsgi),
        [b'[', ..] => bracketed(line),
        _ if first.len() >= 13 && first[first.len() - 4] == b'.' && is_squid(first, second) => {
            Some(Family::Squid)
        }
        _ if first.iter().all(u8::is_ascii_alphanumeric) && begins(second, "0000-00-00T00:00:00") => {
            Some(Family::Alb)
        }
        b"tls" if begins(behind_word(second), "0000-00-00T00:00:00") => Some(Family::Nlb),
        _ if is_haproxy(line) => Some(Family::Haproxy),
        _ if begins(first, "0000-00-00T00:00:00") => Some(Family::Elb),
        _ if behind_word(second).starts_with(b"[")
            && !second.starts_with(b"[")
            && !second.starts_with(b"- ") =>
        {
            Some(Family::S3)
        }
        _ => tail(line),
    }
}

/// Whether a text begins with a shape, in which `0` stands for any digit.
fn begins(text: &[u8], shape: &str) -> bool {
    text.len() >= shape.len()
        && shape.bytes().zip(text).all(|(s, t)| if s == b'0' { t.is_ascii_digit() } else { s == *t })
}

fn behind_word(text: &[u8]) -> &[u8] {
    memchr(b' ', text).map_or(b"", |space| &text[space + 1..])
}

/// A label and a colon, and the same behind the first tab.
fn is_ltsv(line: &[u8]) -> bool {
    let is_labelled = |text: &[u8]| {
        let label = text.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b)).count();
        label > 0 && text.get(label) == Some(&b':')
    };
    is_labelled(line)
        && memchr(b'\t', line).is_some_and(|tab| {
            let rest = line[tab..].trim_ascii_start();
            rest.is_empty() || is_labelled(rest)
        })
}

fn is_uwsgi(line: &[u8]) -> bool {
    line.starts_with(b"[pid: ") || line.starts_with(b"{address space usage: ")
}

/// What begins with a bracket: a day of the week, a time of nginx's, or one of ISO 8601.
fn bracketed(line: &[u8]) -> Option<Family> {
    let inside = &line[1..];
    if begins(inside, "0000-00-00") {
        // Apache httpd's times can have this shape, too, and the request follows Envoy's.
        let envoy = memmem::find(&line[..line.len().min(64)], b"] \"").is_some();
        return Some(if envoy { Family::Envoy } else { Family::ApacheError });
    }
    let day =
        inside.get(..4).is_some_and(|day| day[..3].iter().all(u8::is_ascii_alphabetic) && day[3] == b' ');
    match memchr(b'/', &inside[..inside.len().min(3)]) {
        _ if day => Some(Family::ApacheError),
        Some(2) if memmem::find(&line[..line.len().min(64)], b"] [").is_some() => Some(Family::ApacheError),
        Some(2) if memmem::find(line, b" [Client ").is_some() => Some(Family::NginxProxyManager),
        _ => None,
    }
}

/// Seconds with three digits behind the point, blanks and the elapsed milliseconds.
fn is_squid(first: &[u8], second: &[u8]) -> bool {
    let (whole, fraction) = first.split_at(first.len() - 4);
    whole.iter().chain(&fraction[1..]).all(u8::is_ascii_digit)
        && second.trim_ascii_start().first().is_some_and(|b| b.is_ascii_digit() || *b == b'-')
}

/// `address:port [22/Jan/2019:03:56:14.123]`, behind the prefix of syslog or not.
fn is_haproxy(line: &[u8]) -> bool {
    let rest = behind_word(line);
    let time = rest.strip_prefix(b"[").unwrap_or_default();
    begins(time, "00/") && time.get(20) == Some(&b'.')
        // What HAProxy says about itself.
        || line.starts_with(b"Proxy ")
        || line.starts_with(b"Connect from ")
}

/// What begins like combined is told by its end.
fn tail(line: &[u8]) -> Option<Family> {
    let line = line.trim_ascii_end();
    let agent_end = memchr::memrchr(b'"', line)? + 1;
    let behind = &line[agent_end..];
    if behind.starts_with(b" ") && behind.ends_with(b"ms") && memchr_iter(b'"', line).count() >= 10 {
        return Some(Family::Traefik);
    }
    // Length, time, and the name of the upstream in brackets.
    let mut words = behind.trim_ascii_start().splitn(3, |b| *b == b' ');
    let number = |word: &[u8]| word.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-');
    let upstream = words.next().is_some_and(number)
        && words.next().is_some_and(number)
        && words.next().is_some_and(|rest| rest.starts_with(b"["));
    upstream.then_some(Family::IngressUpstreaminfo)
}
