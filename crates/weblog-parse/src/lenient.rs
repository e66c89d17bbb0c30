//! The formats with everything that servers, shippers and attackers do to them.
//!
//! Every malformation that these formats can carry has its place here: runs of blanks, names with
//! blanks, lists of addresses, times in other shapes, bare quotes, a `-` without quotes, wrappers,
//! two lines in one. What still does not fit is rejected with the column where it stopped fitting.

use crate::{
    format::Format,
    line::{Line, begins_with_vhost, is_address, tail},
    reject::{Reason, Reject},
    time::{self, Logged, Shape},
    wrapper,
    zone::Zone,
};
use memchr::{memchr, memchr_iter, memrchr};

pub(crate) mod foreign;
mod quotes;

use quotes::{Quoted, closing_before_status, is_balanced, status_follows, strict};

/// The parts of a line; `None` for a line that is no entry.
pub(crate) fn parse(line: &[u8], format: Format, zone: Zone) -> Result<Option<Line<'_>>, Reject> {
    let (line, outer) = strip(line);
    if is_no_entry(line) {
        return Ok(None);
    }
    let parsed = match wrapper::unwrap(line) {
        Some(inner) => entry(inner.line, format, zone)
            .map(|parts| Line { prefix: Some(inner.prefix), host: inner.host, ..parts })
            .map_err(|reject| shifted(reject, line.len() - inner.line.len())),
        None => entry(line, format, zone),
    };
    match parsed {
        Ok(parts) => Ok(Some(parts)),
        Err(reject) => Err(shifted(foreign::explain(line).unwrap_or(reject), outer)),
    }
}

fn shifted(reject: Reject, by: usize) -> Reject {
    Reject { column: reject.column + by, ..reject }
}

/// Takes off what is not part of any line: a byte order mark, the NULs of a hole in a truncated
/// file, blanks, and the colours of a terminal. Gives the line and how many bytes went before it.
pub(crate) fn strip(line: &[u8]) -> (&[u8], usize) {
    let mut rest = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    loop {
        rest = match rest {
            [0 | b' ' | b'\t' | b'\r', more @ ..] => more,
            [0x1b, b'[', more @ ..] => match memchr(b'm', &more[..more.len().min(16)]) {
                Some(end) => &more[end + 1..],
                None => break,
            },
            _ => break,
        };
    }
    let before = line.len() - rest.len();
    loop {
        rest = match (rest, rest.len() - rest.len().min(16)) {
            ([more @ .., 0 | b' ' | b'\t' | b'\r'], _) => more,
            ([.., b'm'], near) => match rest[near..].windows(2).rposition(|two| two == b"\x1b[") {
                Some(at) => &rest[..near + at],
                None => return (rest, before),
            },
            _ => return (rest, before),
        };
    }
}

/// Whether a line is blank, a comment or header, or a banner.
pub(crate) fn is_no_entry(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    line.is_empty() || line.starts_with(b"#") || is_banner(line) || wrapper::is_journal_member(line)
}

/// `==> access.log <==`, which `tail` writes between files.
fn is_banner(line: &[u8]) -> bool {
    line.starts_with(b"==> ") && line.ends_with(b" <==")
}

fn entry(line: &[u8], format: Format, zone: Zone) -> Result<Line<'_>, Reject> {
    let head = head(line, zone)?;
    let names = names(&line[..head.names_end], format)?;
    let mut cursor = Cursor { line, at: head.end };
    cursor.blanks(Reason::BadRequest, "a blank and the request in quotes")?;
    let request = cursor.request()?;
    cursor.blanks(Reason::MissingField, "a blank and the status")?;
    let status = cursor.status()?;
    cursor.blanks(Reason::MissingField, "a blank and the size of the response")?;
    let bytes = cursor.bytes()?;
    let parts = Line { time: head.time, request, status, bytes, ..names };
    cursor.rest(parts, format)
}

/// Where the time stands: the end of what is before it and of itself.
struct Head {
    names_end: usize,
    end: usize,
    time: Option<Logged>,
}

/// Finds the time: the first pair of brackets that holds one, or `-` in the fourth place.
fn head(line: &[u8], zone: Zone) -> Result<Head, Reject> {
    let mut wrong = None;
    for open in memchr_iter(b'[', line) {
        // No time is longer, and a line may be all brackets.
        let Some(len) = memchr(b']', &line[open..line.len().min(open + 80)]) else { continue };
        let (text, end) = (&line[open + 1..open + len], open + len + 1);
        let found = |time| Ok(Head { names_end: open, end, time });
        if open > 0 && !is_blank(line[open - 1]) {
            continue;
        }
        match time::shape(text, zone) {
            Some(Shape::Full(time)) => return found(Some(time)),
            Some(Shape::Incomplete) => return found(None),
            None if text == b"-" => return found(None),
            None if wrong.is_none() && open > 0 && memchr(b'"', &line[..open]).is_none() => {
                wrong = Some(open + 1)
            }
            None => {}
        }
    }
    if let Some((names_end, end)) = dash_for_time(line) {
        return Ok(Head { names_end, end, time: None });
    }
    Err(match wrong {
        Some(at) => Reject::at(at, Reason::BadTime, "a time like 22/Jan/2019:03:56:14 +0330"),
        None => foreign::no_time(line),
    })
}

/// A line of nulls may have a bare `-` for its time: `- - - - "-" - -`, or seven of them.
fn dash_for_time(line: &[u8]) -> Option<(usize, usize)> {
    let mut words = words(line).skip(3);
    let (time, request) = (words.next()?, words.next()?);
    let at = time.as_ptr() as usize - line.as_ptr() as usize;
    (time == b"-" && (request == b"-" || request.starts_with(b"\""))).then_some((at, at + 1))
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| is_blank(*b)).filter(|word| !word.is_empty())
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Virtual host, client, identd's user and user: what stands before the time. A user may hold
/// blanks. A list of addresses may stand in the client's place or before it, when the server logs
/// X-Forwarded-For.
fn names(text: &[u8], format: Format) -> Result<Line<'_>, Reject> {
    let mut line = Line::default();
    let (list, text, before) = match strict(text) {
        Some(Quoted { inside, rest }) => (Some(inside), rest, text.len() - rest.len()),
        None => (None, text, 0),
    };
    let missing = |what| Reject::at(before + text.len(), Reason::MissingField, what);
    let position = |word: &[u8]| word.as_ptr() as usize - text.as_ptr() as usize;
    let all: Vec<&[u8]> = words(text).collect();
    let mut at = 0;
    let has_vhost = match format {
        Format::Auto => all.len() >= 4 && !is_listed(&all, 0) && begins_with_vhost(all[0], all[1]),
        _ => format.has_vhost(),
    };
    if has_vhost {
        line.vhost = Some(all.first().ok_or_else(|| missing("a virtual host and a client"))?);
        at = 1;
    }
    let first = at;
    while is_listed(&all, at) {
        at += 1;
    }
    let last = *all.get(at).ok_or_else(|| missing("an address or a host name"))?;
    (line.forwarded_for, line.remote_addr) = (list, last);
    if at > first {
        line.forwarded_for = Some(&text[position(all[first])..position(last) + last.len()]);
        line.remote_addr = all[first].strip_suffix(b",").unwrap_or(all[first]);
        if all.len() >= at + 4 && is_address(all[at + 1]) {
            line.remote_addr = all[at + 1];
            at += 1;
        }
    }
    line.logname = all.get(at + 1).ok_or_else(|| missing("`-` or the user that identd names"))?;
    let user = *all.get(at + 2).ok_or_else(|| missing("`-` or the authenticated user"))?;
    line.user = text[position(user)..].trim_ascii_end();
    Ok(line)
}

/// Whether the word at `at` is an address with another one behind it in a list.
fn is_listed(words: &[&[u8]], at: usize) -> bool {
    words.get(at).is_some_and(|word| word.ends_with(b",")) && at + 1 < words.len()
}

fn glued(at: usize) -> Reject {
    Reject::at(at, Reason::Glued, "the rest of the line, not the time of a second one")
}

fn truncated(line: &[u8], expected: &'static str) -> Reject {
    Reject::at(line.len(), Reason::Truncated, expected)
}

/// Referer and user agent.
type Agent<'a> = (&'a [u8], &'a [u8]);

/// A place in a line.
pub(crate) struct Cursor<'a> {
    pub(crate) line: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    fn rest_of_line(&self) -> &'a [u8] {
        &self.line[self.at..]
    }

    fn reject<T>(&self, reason: Reason, expected: &'static str) -> Result<T, Reject> {
        let reason = if self.at >= self.line.len() { Reason::Truncated } else { reason };
        Err(Reject::at(self.at, reason, expected))
    }

    /// One or more blanks.
    fn blanks(&mut self, reason: Reason, expected: &'static str) -> Result<(), Reject> {
        let len = self.rest_of_line().iter().take_while(|b| is_blank(**b)).count();
        self.at += len;
        if len == 0 || self.at >= self.line.len() { self.reject(reason, expected) } else { Ok(()) }
    }

    fn request(&mut self) -> Result<&'a [u8], Reject> {
        let rest = self.rest_of_line();
        if let [b'-', blank, ..] = rest
            && is_blank(*blank)
        {
            self.at += 1;
            return Ok(b"-");
        }
        if !rest.starts_with(b"\"") {
            return self.reject(Reason::BadRequest, "the request in quotes");
        }
        let strict = strict(rest);
        let inside = match (&strict, self.second_line()) {
            (Some(quoted), _) if status_follows(quoted.rest) => quoted.inside,
            (_, Some(at)) => return Err(glued(at)),
            (_, None) => match (closing_before_status(rest), strict) {
                (Some(inside), _) => inside,
                // What is wrong with the status or the size is for their readers to say.
                (None, Some(quoted)) => quoted.inside,
                (None, None) => return Err(truncated(self.line, "the closing quote of the request")),
            },
        };
        self.at += inside.len() + 2;
        Ok(inside)
    }

    fn status(&mut self) -> Result<Option<u16>, Reject> {
        let word = self.word();
        let status = match word {
            b"-" => None,
            [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9'] => {
                Some(word.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0')))
            }
            _ => return self.reject(Reason::BadStatus, "a status of three digits, or `-`"),
        };
        self.at += word.len();
        Ok(status)
    }

    fn bytes(&mut self) -> Result<Option<i64>, Reject> {
        let word = self.word();
        let bytes = match word {
            b"-" => None,
            _ if word.iter().all(u8::is_ascii_digit) => match std::str::from_utf8(word).map(str::parse) {
                Ok(Ok(bytes)) => Some(bytes),
                _ => return self.reject(Reason::BadBytes, "a size of at most 63 bits"),
            },
            _ => return self.reject(Reason::BadBytes, "the size of the response: digits, or `-`"),
        };
        self.at += word.len();
        Ok(bytes)
    }

    fn word(&self) -> &'a [u8] {
        words(self.rest_of_line()).next().unwrap_or_default()
    }

    /// Referer, user agent and what follows, as far as the line and the format have them.
    fn rest(mut self, parts: Line<'a>, format: Format) -> Result<Line<'a>, Reject> {
        if format != Format::Auto && !format.has_agent() {
            return self.extra(parts);
        }
        let after_bytes = self.at;
        match self.agent() {
            Ok(Some(agent)) => {
                let forwarded_for = parts.forwarded_for;
                let parts = self.extra(Line { agent: Some(agent), ..parts })?;
                let named = matches!(format, Format::Auto | Format::NginxMain);
                let (list, extra) = if named { tail(parts.extra) } else { (None, parts.extra) };
                Ok(Line { forwarded_for: forwarded_for.or(list), extra, ..parts })
            }
            Ok(None) if format == Format::Auto => {
                self.at = after_bytes;
                self.extra(parts)
            }
            Ok(None) => self.reject(Reason::MissingField, "the referer and the user agent in quotes"),
            Err(reject) => Err(reject),
        }
    }

    /// The rest of the line as it is.
    fn extra(&self, parts: Line<'a>) -> Result<Line<'a>, Reject> {
        match self.second_line() {
            Some(at) => Err(glued(at)),
            None => Ok(Line { extra: self.rest_of_line().trim_ascii(), ..parts }),
        }
    }

    /// Referer and user agent; `None` when the line has no such pair.
    fn agent(&mut self) -> Result<Option<Agent<'a>>, Reject> {
        let Some(referer) = self.quoted_or_dash(true)? else { return Ok(None) };
        let Some(agent) = self.quoted_or_dash(false)? else { return Ok(None) };
        Ok(Some((referer, agent)))
    }

    /// A quoted field or a bare `-`, with the blanks before it.
    fn quoted_or_dash(&mut self, another_follows: bool) -> Result<Option<&'a [u8]>, Reject> {
        let blanks = self.rest_of_line().iter().take_while(|b| is_blank(**b)).count();
        let rest = &self.rest_of_line()[blanks..];
        if blanks == 0 || rest.is_empty() {
            return Ok(None);
        }
        if rest[0] == b'-' && rest.get(1).is_none_or(|b| is_blank(*b)) {
            self.at += blanks + 1;
            return Ok(Some(b"-"));
        }
        if rest[0] != b'"' {
            return Ok(None);
        }
        let open = self.at + blanks;
        let inside = match strict(rest) {
            Some(Quoted { inside, rest }) if another_follows || is_balanced(rest) => inside,
            strict => {
                if let Some(at) = (Cursor { line: self.line, at: open }).second_line() {
                    return Err(glued(at));
                }
                let end = if another_follows {
                    memchr::memmem::find(&rest[1..], b"\" \"").map(|at| at + 1)
                } else {
                    memrchr(b'"', rest)
                        .filter(|end| *end > 0 && rest.get(end + 1).is_none_or(|b| is_blank(*b)))
                };
                match (end, strict) {
                    (Some(end), _) => &rest[1..end],
                    (None, Some(quoted)) => quoted.inside,
                    (None, None) => {
                        return Err(truncated(self.line, "the closing quote"));
                    }
                }
            }
        };
        self.at = open + inside.len() + 2;
        Ok(Some(inside))
    }

    /// Where the time of a second line stands behind this place, in the servers' own shape.
    pub(crate) fn second_line(&self) -> Option<usize> {
        let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
        memchr_iter(b'[', self.rest_of_line()).map(|at| self.at + at).find(|at| {
            self.line.get(at + 1..at + 16).is_some_and(|t| {
                t[2] == b'/' && t[6] == b'/' && t[11] == b':' && digits(&t[..2]) && digits(&t[7..11])
            })
        })
    }
}
