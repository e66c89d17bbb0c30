//! The parts of a path, and what the form of each one tells.

use std::borrow::Cow;

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// The part as it was sent.
    pub(super) sent: &'a str,
    /// What stands for it, if it is, or holds, something of which there are many.
    pub(super) folded: Option<Cow<'static, str>>,
}

impl Part<'_> {
    /// The part as a route has it.
    pub(super) fn text(&self) -> &str {
        self.folded.as_deref().unwrap_or(self.sent)
    }
}

/// Longer parts are no names that somebody gave to a place.
const LONGEST: usize = 48;

/// The parts of a path as a route has them. What stands behind a `;` in a part is left out.
pub(super) fn parts(path: &str) -> impl Iterator<Item = Part<'_>> {
    let mut date = Date::No;
    let names = path.split('/').map(|part| part.split(';').next().unwrap_or(part));
    let mut names = names.filter(|part| !part.is_empty()).peekable();
    std::iter::from_fn(move || {
        let sent = names.next()?;
        date = date.after(sent, names.peek().copied());
        let folded = date.placeholder().map(Cow::Borrowed).or_else(|| folded(sent));
        Some(Part { sent, folded })
    })
}

/// Whether the part is one of a date that is spread over several: `2019/01/22`, `2019/Jan`.
#[derive(Debug, Clone, Copy)]
enum Date {
    No,
    Year,
    Month,
    Day,
}

impl Date {
    /// What the next part is. A year is one only if a month follows.
    fn after(self, part: &str, next: Option<&str>) -> Date {
        match self {
            Date::Year => Date::Month,
            Date::Month if is_number_to(part, 31) => Date::Day,
            _ if is_year(part) && next.is_some_and(is_month) => Date::Year,
            _ => Date::No,
        }
    }

    fn placeholder(self) -> Option<&'static str> {
        match self {
            Date::No => None,
            Date::Year => Some("{year}"),
            Date::Month => Some("{month}"),
            Date::Day => Some("{day}"),
        }
    }
}

fn is_year(part: &str) -> bool {
    part.len() == 4 && (part.starts_with("19") || part.starts_with("20")) && is_digits(part)
}

fn is_month(part: &str) -> bool {
    const MONTHS: &str = "jan feb mar apr may jun jul aug sep oct nov dec ";
    is_number_to(part, 12)
        || part.is_ascii() && part.len() == 3 && MONTHS.contains(part.to_ascii_lowercase().as_str())
}

fn is_number_to(part: &str, most: u8) -> bool {
    (1..=2).contains(&part.len())
        && is_digits(part)
        && part.parse().is_ok_and(|n: u8| (1..=most).contains(&n))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands for a part by its form; None if it stands for itself.
fn folded(part: &str) -> Option<Cow<'static, str>> {
    // Most names are letters alone, and need no second look.
    if part.len() <= LONGEST && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.') {
        return None;
    }
    if is_email(part) {
        return Some(Cow::Borrowed("{email}"));
    }
    match ending(part) {
        Some(ending) => file(&part[..part.len() - ending.len() - 1], ending).map(Cow::Owned),
        None => placeholder(part).or_else(|| is_title(part).then_some("{slug}")).map(Cow::Borrowed),
    }
}

/// What ends a file's name. A number does not: `2.0` is a version.
pub(super) fn ending(part: &str) -> Option<&str> {
    let (stem, ending) = part.rsplit_once('.')?;
    let is_ending = (1..=6).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    (is_ending && !stem.is_empty()).then_some(ending)
}

/// A file whose name holds something variable: `app.3f2a9c.js`, `60844.jpg`, `a-title-like-this.html`.
fn file(stem: &str, ending: &str) -> Option<String> {
    if let Some(placeholder) = placeholder(stem) {
        return Some(format!("{placeholder}.{ending}"));
    }
    // A bundler's hash behind the name: `index-19fbef86.js`. The name itself stays.
    if let Some((name, hash)) = stem.rsplit_once(['-', '_'])
        && !is_title(name)
        && is_build_hash(hash)
    {
        let separator = &stem[name.len()..=name.len()];
        return Some(format!("{name}{separator}{{hash}}.{ending}"));
    }
    if stem.contains('.') && stem.split('.').any(|piece| in_dots(piece).is_some()) {
        let pieces: Vec<&str> = stem.split('.').map(|piece| in_dots(piece).unwrap_or(piece)).collect();
        return Some(format!("{}.{ending}", pieces.join(".")));
    }
    is_title(stem).then(|| format!("{{slug}}.{ending}"))
}

/// The placeholder of a piece between dots. Short numbers are versions.
fn in_dots(piece: &str) -> Option<&'static str> {
    if is_digits(piece) {
        return (piece.len() >= 5).then_some("{id}");
    }
    (is_build_hash(piece) || is_hex(piece, 6)).then_some("{hash}")
}

/// A hash as bundlers put it into names: hex, or eight and more characters of all kinds.
fn is_build_hash(text: &str) -> bool {
    is_hex(text, 8) || (8..=24).contains(&text.len()) && is_of_all_kinds(text)
}

fn is_of_all_kinds(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Hexadecimal of at least this length with both digits and letters, in one case.
fn is_hex(text: &str, least: usize) -> bool {
    let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let upper = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    text.len() >= least
        && (lower || upper)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The placeholder of a part that is variable as a whole, by its form.
fn placeholder(part: &str) -> Option<&'static str> {
    if is_digits(part) {
        return Some("{id}");
    }
    if !part.bytes().all(is_plain) || part.len() > LONGEST && !is_hex(part, 8) {
        return Some("{slug}");
    }
    if is_uuid(part) || is_ulid(part) || part.len() == 24 && is_hex(part, 24) || is_ipv4(part) {
        return Some("{id}");
    }
    if is_hex(part, 8) || part.len() >= 16 && is_random(part) {
        return Some("{hash}");
    }
    is_date(part).then_some("{date}")
}

/// What can stand in the name that somebody gave to a place. Braces and stars would read as
/// placeholders, and a list or an assignment has as many values as what it is made of.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'{' | b'}' | b'*' | b'#' | b'%' | b'\\' | b'"' | b',' | b'|' | b'=' | b'<' | b'>' | b'`'
        )
}

/// Letters and digits that no word is made of: all kinds at once, or many changes between them.
fn is_random(part: &str) -> bool {
    let is_code = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let pairs = part.as_bytes().windows(2);
    let changes = pairs.filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    is_code && (changes >= 6 || changes >= 2 && is_of_all_kinds(part))
}

fn is_uuid(part: &str) -> bool {
    part.len() == 36
        && part.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// <https://github.com/ulid/spec>: 26 characters of Crockford's base 32, the first at most 7.
fn is_ulid(part: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() && !b"ILOU".contains(&byte);
    part.len() == 26 && matches!(part.as_bytes()[0], b'0'..=b'7') && part.bytes().all(is_digit)
}

fn is_ipv4(part: &str) -> bool {
    part.len() >= 7 && part.as_bytes()[0].is_ascii_digit() && part.parse::<std::net::Ipv4Addr>().is_ok()
}

/// `2019-01-22`, `2019-01`, `22.01.2019`, also with a time behind `T`. Eight digits are a number.
fn is_date(part: &str) -> bool {
    let day = part.split_once('T').map_or(part, |(day, _)| day);
    let Some(separator) = day.bytes().find(|byte| matches!(byte, b'-' | b'_' | b'.')) else { return false };
    let mut numbers = day.split(char::from(separator));
    let (Some(first), Some(second), third, None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return false;
    };
    let is_in_order =
        is_year(first) && is_number_to(second, 12) && third.is_none_or(|third| is_number_to(third, 31));
    // `1.2` is a version, and so is `19.04`.
    let is_reversed = is_number_to(first, 31) && is_number_to(second, 12) && third.is_some_and(is_year);
    is_in_order && (separator != b'.' || third.is_some()) || is_reversed
}

/// Endings of files that no domain has.
const FILES: &[&str] =
    &["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "js", "mjs", "css", "map", "html", "json"];

fn is_email(part: &str) -> bool {
    let Some((user, domain)) = part.split_once('@') else { return false };
    let Some((_, end)) = domain.rsplit_once('.') else { return false };
    // `logo@2x.png` and `vue@3.2.1` are none.
    let is_domain = end.bytes().all(|byte| byte.is_ascii_alphabetic()) && !FILES.contains(&end);
    !user.is_empty() && is_domain && !domain.contains('@')
}

/// Titles and names made of numbers: three hyphens or more, or a number of five digits or more.
fn is_title(part: &str) -> bool {
    let separators = part.bytes().filter(|byte| matches!(byte, b'-' | b'+')).count();
    let underscores = part.bytes().filter(|byte| *byte == b'_').count();
    if separators >= 3 || separators + underscores >= 5 {
        return true;
    }
    let mut digits = 0;
    part.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= 5
    })
}
