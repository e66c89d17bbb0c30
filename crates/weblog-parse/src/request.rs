//! METHOD TARGET PROTOCOL (RFC 9112 section 3), and what else stands in a request's quotes.

use crate::text::unescape;
use memchr::{memchr, memmem, memrchr};

/// The parts of a request line. What is not there is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// The first word.
    pub method: Option<&'a [u8]>,
    /// What stands between the method and the protocol.
    pub target: Option<&'a [u8]>,
    /// The path of the target, still encoded.
    pub path: Option<&'a [u8]>,
    /// What stands behind the `?` of the target.
    pub query: Option<&'a [u8]>,
    /// The last word, `HTTP/` and a version.
    pub protocol: Option<&'a [u8]>,
    /// The whole line, when the parts alone do not give it back.
    pub whole: Option<&'a [u8]>,
    /// What it is, when it is no HTTP request: `empty`, `tls`, `binary` or `junk`.
    pub kind: Option<&'static str>,
}

/// Splits a request as it stands in the log, its escapes still in it.
#[inline]
pub fn split(request: &[u8]) -> Request<'_> {
    split_as(request, unescape)
}

/// The same for a log with other escapes, which `decode` undoes.
#[inline]
pub(crate) fn split_as(request: &[u8], decode: fn(&[u8], &mut Vec<u8>)) -> Request<'_> {
    let foreign = |request| foreign(request, decode);
    let Some(first) = memchr(b' ', request) else { return foreign(request) };
    let last = memrchr(b' ', request).unwrap_or(first);
    let method = &request[..first];
    if !is_token(method) {
        return foreign(request);
    }
    if request[last + 1..].starts_with(b"HTTP/") && last > first {
        let raw = &request[first + 1..last];
        let target = raw.trim_ascii();
        if target.is_empty() {
            return foreign(request);
        }
        let (path, query) = path_and_query(method, target);
        let whole = (target.len() != raw.len()).then_some(request);
        let protocol = Some(&request[last + 1..]);
        return Request {
            method: Some(method),
            target: Some(target),
            path,
            query,
            protocol,
            whole,
            kind: None,
        };
    }
    // HTTP/0.9 has no protocol (RFC 1945 section 4.1).
    let target = request[first + 1..].trim_ascii();
    if !target.starts_with(b"/") {
        return foreign(request);
    }
    let (path, query) = path_and_query(method, target);
    Request {
        method: Some(method),
        target: Some(target),
        path,
        query,
        protocol: None,
        whole: Some(request),
        kind: None,
    }
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_token(word: &[u8]) -> bool {
    let special = |b: &u8| b"!#$%&'*+-.^_`|~".contains(b);
    !word.is_empty() && word.iter().all(|b| b.is_ascii_alphanumeric() || special(b))
}

/// The path and the query of a target: of the origin and the absolute form (RFC 9112 section 3.2);
/// the authority form of CONNECT and the asterisk have none.
#[inline]
pub fn path_and_query<'a>(method: &[u8], target: &'a [u8]) -> (Option<&'a [u8]>, Option<&'a [u8]>) {
    if target == b"*" || method == b"CONNECT" {
        return (None, None);
    }
    let (path, query) = match memchr(b'?', target) {
        Some(at) => (&target[..at], Some(&target[at + 1..])),
        None => (target, None),
    };
    if path.starts_with(b"/") {
        return (Some(path), query);
    }
    let Some(scheme) = memmem::find(path, b"://") else { return (Some(path), query) };
    let authority = &path[scheme + 3..];
    (Some(memchr(b'/', authority).map_or(b"/", |slash| &authority[slash..])), query)
}

/// What is no HTTP request: nothing, a TLS hello, another protocol, or any words.
#[cold]
fn foreign(request: &[u8], decode: fn(&[u8], &mut Vec<u8>)) -> Request<'_> {
    let mut bytes = Vec::new();
    decode(&request[..request.len().min(1024)], &mut bytes);
    let control = |b: &u8| *b < 0x20 || *b == 0x7f;
    let kind = match bytes.as_slice() {
        [] | b"-" => "empty",
        // A TLS handshake record, or a client hello in the frame of SSL 2 (RFC 5246 appendix E.2).
        [0x16, 3, ..] | [0x80..=0xff, _, 1, 3, ..] => "tls",
        all if all.starts_with(b"SSH-") || all.iter().any(control) => "binary",
        all if std::str::from_utf8(all).is_err_and(|e| e.error_len().is_some()) => "binary",
        _ => "junk",
    };
    let whole = (request != b"-").then_some(request);
    Request { whole, kind: Some(kind), ..Request::default() }
}
