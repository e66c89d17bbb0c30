//! Lines of other logs, told by what they begin with, so that a reject can say what it met.

use crate::reject::{Reason, Reject};
use memchr::memmem;

/// What a rejected line is, when it is a line of another kind of log.
pub(crate) fn explain(line: &[u8]) -> Option<Reject> {
    let other = |expected| Some(Reject::at(0, Reason::OtherFormat, expected));
    if is_error_log(line) {
        return Some(Reject::at(0, Reason::ErrorLog, "an access log; this is a line of an error log"));
    }
    if words_begin(line, &["0000-00-00", "00:00:00"]) {
        return other("common or combined; this looks like W3C extended format (IIS)");
    }
    let first = line.split(|b| *b == b' ').next().unwrap_or_default();
    if matches!(first, b"http" | b"https" | b"h2" | b"ws" | b"wss" | b"grpcs")
        && words_begin(&line[(first.len() + 1).min(line.len())..], &["0000-00-00T00:00:00"])
    {
        return other("common or combined; this looks like an AWS application load balancer log");
    }
    if words_begin(line, &["0000-00-00T00:00:00"]) {
        return other(
            "common or combined; this looks like an AWS load balancer log or another ISO-dated one",
        );
    }
    if first.len() == 64 && first.iter().all(u8::is_ascii_hexdigit) {
        return other("common or combined; this looks like an AWS S3 server access log");
    }
    if memmem::find(line, b" haproxy[").is_some() {
        return other("common or combined; this looks like an HAProxy log");
    }
    None
}

/// Why a line without a time is no access log line.
pub(super) fn no_time(line: &[u8]) -> Reject {
    let at = line.iter().position(|b| *b == b'[').unwrap_or(0);
    let begin = &line[..line.len().min(256)];
    let control = begin.iter().any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\r' | 0x1b));
    if control || std::str::from_utf8(begin).is_err_and(|error| error.error_len().is_some()) {
        return Reject::at(at, Reason::NotAccessLog, "text; this is binary data");
    }
    Reject::at(at, Reason::NotAccessLog, "an access log line with a time in brackets")
}

/// nginx: `2019/01/22 00:26:14 [error]`; Apache httpd: `[Wed Oct 11 14:32:52.1 2000] [core:error]`.
fn is_error_log(line: &[u8]) -> bool {
    let nginx = words_begin(line, &["0000/00/00", "00:00:00", "["]);
    let day = [&b"[Mon "[..], b"[Tue ", b"[Wed ", b"[Thu ", b"[Fri ", b"[Sat ", b"[Sun "];
    nginx || day.iter().any(|day| line.starts_with(day))
}

/// Whether the words of a line begin with these shapes, in which `0` stands for any digit.
fn words_begin(line: &[u8], shapes: &[&str]) -> bool {
    let mut words = line.split(|b| *b == b' ');
    shapes.iter().all(|shape| {
        let word = words.next().unwrap_or_default();
        word.len() >= shape.len()
            && shape.bytes().zip(word).all(|(s, w)| if s == b'0' { w.is_ascii_digit() } else { s == *w })
    })
}
