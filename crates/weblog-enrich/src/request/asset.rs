//! The kind of thing that a path asks for.

use foldhash::fast::FixedState;
use std::{collections::HashMap, sync::LazyLock};

/// The kind of thing asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssetClass {
    /// What a person reads: HTML, and paths without an ending.
    Page,
    /// What a program asks: by the first parts of the path, or by a method that no browser's link has.
    Api,
    /// A picture.
    Image,
    /// Sound and moving pictures.
    Media,
    /// Code for the browser.
    Script,
    /// A style sheet.
    Style,
    /// A font.
    Font,
    /// A news feed or calendar.
    Feed,
    /// A document, an archive or a program to keep.
    Download,
    /// Data and plain text: JSON, XML, CSV, and the source of programs.
    Data,
    /// What programs ask every site for: `robots.txt`, the icon, site maps, `/.well-known/`.
    WellKnown,
    /// A check whether the server is up.
    Health,
    /// Anything else: an ending that is not known, or no path at all.
    Other,
}

impl AssetClass {
    /// Every class, in the order of the documentation.
    pub const ALL: [AssetClass; 13] = [
        AssetClass::Page,
        AssetClass::Api,
        AssetClass::Image,
        AssetClass::Media,
        AssetClass::Script,
        AssetClass::Style,
        AssetClass::Font,
        AssetClass::Feed,
        AssetClass::Download,
        AssetClass::Data,
        AssetClass::WellKnown,
        AssetClass::Health,
        AssetClass::Other,
    ];

    /// The name of the class as the field `asset_class` has it.
    pub fn name(self) -> &'static str {
        match self {
            AssetClass::Page => "page",
            AssetClass::Api => "api",
            AssetClass::Image => "image",
            AssetClass::Media => "media",
            AssetClass::Script => "script",
            AssetClass::Style => "style",
            AssetClass::Font => "font",
            AssetClass::Feed => "feed",
            AssetClass::Download => "download",
            AssetClass::Data => "data",
            AssetClass::WellKnown => "wellknown",
            AssetClass::Health => "health",
            AssetClass::Other => "other",
        }
    }
}

/// The table by what tells the class: endings with their dot, last parts, whole paths, and paths
/// that begin so with a slash at the end.
static TABLE: LazyLock<HashMap<&'static str, AssetClass, FixedState>> = LazyLock::new(|| lines().collect());

/// The lines of the table; the file says how it is written.
pub(super) fn lines() -> impl Iterator<Item = (&'static str, AssetClass)> {
    let lines = include_str!("../../data/assets.tsv").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let (name, key) = line.split_once('\t').expect("a line of the table has a tab");
        let class = AssetClass::ALL.into_iter().find(|class| class.name() == name);
        (key, class.expect("the table has known classes only"))
    })
}

/// The longest key of the table, and room for a dot more.
const LONGEST: usize = 32;

/// The kind of thing that a request asks for, as far as method and path tell. Nothing is allocated.
pub fn asset_class(method: &str, path: &str) -> AssetClass {
    if !path.starts_with('/') || method == "CONNECT" {
        return AssetClass::Other;
    }
    let (first, second) = first_parts(path);
    let beginning = find(path).or_else(|| begins(first)).or_else(|| begins(second));
    if let Some(class @ (AssetClass::WellKnown | AssetClass::Health)) = beginning {
        return class;
    }
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    if is_site_map_or_icon(last) {
        return AssetClass::WellKnown;
    }
    let ending = find(last).or_else(|| by_ending(last));
    match ending {
        // A part with a dot that no file ends with can be a name; its place tells more.
        None | Some(AssetClass::Page | AssetClass::Data | AssetClass::Other) => {
            let is_api = beginning == Some(AssetClass::Api) || is_api(first, second) || is_call(method);
            if is_api { AssetClass::Api } else { ending.unwrap_or(AssetClass::Page) }
        }
        Some(class) => class,
    }
}

/// The path up to the end of its first part, and up to that of its second.
fn first_parts(path: &str) -> (&str, &str) {
    let after = |start: usize| path[start..].find('/').map_or(path.len(), |slash| start + slash);
    let first = after(1);
    let second = if first < path.len() { after(first + 1) } else { first };
    (&path[..first], &path[..second])
}

/// Interfaces that are told by a part of their own: `/v1`, or `/shop/api`.
fn is_api(first: &str, second: &str) -> bool {
    let version = first[1..].strip_prefix(['v', 'V']);
    version
        .is_some_and(|number| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
        || matches!(&second[first.len()..], "/api" | "/graphql" | "/rest" | "/wp-json" | "/xmlrpc.php")
}

/// Whether only programs send the method.
fn is_call(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "POST" | "OPTIONS" | "" | "-")
}

fn is_site_map_or_icon(last: &str) -> bool {
    let (map, icon) = (starts(last, "sitemap"), starts(last, "apple-touch-icon"));
    map && (ends(last, ".xml") || ends(last, ".xml.gz")) || icon && ends(last, ".png")
}

/// The class of an ending; `other` if it looks like one and is not known.
fn by_ending(last: &str) -> Option<AssetClass> {
    // What stands behind a semicolon is a parameter of the part.
    let last = last.split(';').next().unwrap_or(last);
    let dot = last.rfind('.')?;
    let ending = &last[dot + 1..];
    let is_ending = (1..=11).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_ending.then(|| find(&last[dot..]).unwrap_or(AssetClass::Other))
}

fn begins(part: &str) -> Option<AssetClass> {
    let mut key = [0; LONGEST];
    let end = part.len();
    key.get_mut(..end)?.copy_from_slice(part.as_bytes());
    *key.get_mut(end)? = b'/';
    lower(&mut key[..=end])
}

fn find(text: &str) -> Option<AssetClass> {
    let mut key = [0; LONGEST];
    key.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    lower(&mut key[..text.len()])
}

fn lower(key: &mut [u8]) -> Option<AssetClass> {
    key.make_ascii_lowercase();
    TABLE.get(str::from_utf8(key).ok()?).copied()
}

fn starts(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn ends(text: &str, end: &str) -> bool {
    let at = text.len().checked_sub(end.len());
    at.and_then(|at| text.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}
