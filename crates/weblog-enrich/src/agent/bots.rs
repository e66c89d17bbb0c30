//! Who is no person: bots and tools, by name where known, else by what gives them away.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::tokens::{Tokens, version_behind};

/// What a bot is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BotClass {
    /// Builds an index that people search.
    Search,
    /// Fetches text for training, or on behalf of an assistant's user.
    Ai,
    /// Measures links and rankings.
    Seo,
    /// Shows a preview of a link.
    Social,
    /// Asks whether the site is up.
    Monitor,
    /// Fetches news feeds.
    Feed,
    /// Keeps copies.
    Archive,
    /// Looks for weaknesses, or lists the hosts of the internet.
    Scanner,
    /// A library or program that a script uses.
    Tool,
    /// A bot that is not known by name.
    Other,
}

impl BotClass {
    /// The name of the class as the field `bot_class` has it.
    pub fn name(self) -> &'static str {
        match self {
            BotClass::Search => "search",
            BotClass::Ai => "ai",
            BotClass::Seo => "seo",
            BotClass::Social => "social",
            BotClass::Monitor => "monitor",
            BotClass::Feed => "feed",
            BotClass::Archive => "archive",
            BotClass::Scanner => "scanner",
            BotClass::Tool => "tool",
            BotClass::Other => "other",
        }
    }

    /// The class of that name.
    pub fn from_name(name: &str) -> Option<BotClass> {
        CLASSES.into_iter().find(|class| class.name() == name)
    }
}

/// Every class, in the order of the documentation.
const CLASSES: [BotClass; 10] = [
    BotClass::Search,
    BotClass::Ai,
    BotClass::Seo,
    BotClass::Social,
    BotClass::Monitor,
    BotClass::Feed,
    BotClass::Archive,
    BotClass::Scanner,
    BotClass::Tool,
    BotClass::Other,
];

/// A bot, and the version it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bot<'a> {
    pub(super) name: &'a str,
    pub(super) class: BotClass,
    pub(super) version: Option<&'a str>,
}

pub(super) fn find(agent: &str) -> Option<Bot<'_>> {
    known(agent).or_else(|| unknown(agent))
}

/// How many bots and tools are known by name.
pub(super) fn known_count() -> usize {
    entries().count()
}

/// A line of the list: what to look for, and what it is.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) token: &'static str,
    pub(super) name: &'static str,
    pub(super) class: BotClass,
}

/// The list, in order; the file says how it is written.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    let lines = include_str!("../../data/bots.tsv").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        let class = columns.next().and_then(BotClass::from_name).expect("a line begins with a class");
        let token = columns.next().expect("a token follows the class");
        let name = columns.next().unwrap_or(token.trim_start_matches('^'));
        Entry { token, name, class }
    })
}

fn known(agent: &str) -> Option<Bot<'_>> {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| entries().collect());
    static TOKENS: LazyLock<Tokens> = LazyLock::new(|| Tokens::new(ENTRIES.iter().map(|entry| entry.token)));
    let found = TOKENS.find(agent)?;
    let entry = &ENTRIES[found.place];
    Some(Bot { name: entry.name, class: entry.class, version: version_behind(agent, found.end) })
}

/// A bot that the list does not know, told by the word it uses for itself (`FooBot/1.0`), by
/// the address of its home page (`+http://…`), or by the form `(compatible; Foo/1.0; …)`, which
/// browsers gave up long ago.
fn unknown(agent: &str) -> Option<Bot<'_>> {
    let name = own_word(agent).or_else(|| compatible(agent)).or_else(|| home_page(agent))?;
    let behind = name.as_ptr() as usize - agent.as_ptr() as usize + name.len();
    Some(Bot { name, class: BotClass::Other, version: version_behind(agent, behind) })
}

/// What bots call themselves, at the end of a word or followed by a hyphen or digit.
const KINDS: &[&str] =
    &["bot", "crawler", "spider", "scraper", "crawl", "fetcher", "robot", "scanner", "archiver"];
/// Words that also occur in browsers' agents, and so count only where there is no browser.
const KINDS_ALONE: &[&str] = &[
    "checker",
    "validator",
    "monitor",
    "httpclient",
    "downloader",
    "harvester",
    "parser",
    "analyzer",
    "preview",
];

fn own_word(agent: &str) -> Option<&str> {
    static ANY: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(KINDS.iter().chain(KINDS_ALONE))
            .expect("a few short words are well within the limits")
    });
    if !ANY.is_match(agent) {
        return None;
    }
    let alone = !agent.starts_with("Mozilla/");
    let word = words(agent).find(|word| {
        let is_one_of = |kinds: &[&str]| kinds.iter().any(|kind| is_kind(word, kind));
        // CUBOT is a maker of telephones.
        word.len() < 64
            && !starts_with_ignoring_case(word, "cubot")
            && (is_one_of(KINDS) || alone && is_one_of(KINDS_ALONE))
    })?;
    // "Link Validator" says more than "Validator".
    let is_bare = KINDS.iter().chain(KINDS_ALONE).any(|kind| word.eq_ignore_ascii_case(kind));
    Some(if is_bare { leading_name(agent).unwrap_or(word) } else { word })
}

/// What stands before the version or the comment, if that is short and not a browser's.
fn leading_name(agent: &str) -> Option<&str> {
    let end = agent.find(['/', '(', ';', ',', '+']).unwrap_or(agent.len());
    let name = agent[..end].trim();
    (is_name(name) && name.len() <= 32 && name != "Mozilla").then_some(name)
}

/// The words of an agent outside of web and mail addresses.
fn words(agent: &str) -> impl Iterator<Item = &str> {
    let outside = |part: &&str| !part.contains("://") && !part.contains('@') && !part.contains("www.");
    let parts = agent.split([' ', ';', '(', ')', ',', '[', ']', '"', '\'', '<', '>']).filter(outside);
    // What follows a product's slash is its version, or another word (`.../bot`).
    parts.flat_map(|part| part.split('/')).filter(|word| !word.is_empty())
}

fn is_kind(word: &str, kind: &str) -> bool {
    let (word, kind) = (word.as_bytes(), kind.as_bytes());
    (kind.len()..=word.len()).any(|end| {
        let goes_on = word.get(end).is_some_and(u8::is_ascii_alphabetic);
        !goes_on && word[end - kind.len()..end].eq_ignore_ascii_case(kind)
    })
}

fn starts_with_ignoring_case(word: &str, start: &str) -> bool {
    word.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// What stands behind `compatible;`, unless it is one of the browsers that wrote so.
fn compatible(agent: &str) -> Option<&str> {
    const BROWSERS: &[&str] = &[
        "MSIE",
        "Konqueror",
        "iCab",
        "OmniWeb",
        "Opera",
        "Windows",
        "Win",
        "Linux",
        "Mac",
        "Macintosh",
        "X11",
        "ABrowse",
        "NetFront",
        "Netscape",
        "IE",
        "AvantGo",
        "America",
        "AOL",
        "Trident",
        "Mozilla",
        "U",
    ];
    let at = agent.find("(compatible;")? + "(compatible;".len();
    let product = agent[at..].trim_start();
    let first_word = product.split(['/', ';', ')', ' ', ',']).next()?;
    if BROWSERS.contains(&first_word) {
        return None;
    }
    let name = product.split(['/', ';', ')', ',']).next()?.trim_end();
    let name = if name.len() <= 32 { name } else { first_word };
    is_name(name).then_some(name)
}

/// The product that gives a home page as bots do; browsers' agents have no addresses.
fn home_page(agent: &str) -> Option<&str> {
    let address = agent.find("http://").or_else(|| agent.find("https://"))?;
    let plus = agent[..address].ends_with('+');
    // Some add-ons of the Internet Explorer of old wrote their address into its agent.
    if agent.contains("MSIE ") && !plus {
        return None;
    }
    let name = leading_name(agent).or_else(|| {
        // Behind a browser's disguise the bot's own product stands last before the address.
        words(&agent[..address]).filter(|word| is_name(word)).last()
    });
    name.filter(|name| *name != "compatible")
}

fn is_name(word: &str) -> bool {
    (2..64).contains(&word.len()) && word.starts_with(|first: char| first.is_alphabetic())
}
