//! Who is no person: bots and libraries, by name where known, else by what gives them away.

use std::sync::LazyLock;

use super::tokens::{Tokens, version_behind};

/// What a bot is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BotClass {
    /// Builds an index that people search.
    Search,
    /// Fetches text to train models with.
    AiTraining,
    /// Builds the index that an assistant answers from.
    AiSearch,
    /// Fetches a page because the user of an assistant asks for it.
    AiUser,
    /// Measures links, rankings and mentions.
    Seo,
    /// Shows a preview of a link.
    SocialPreview,
    /// Asks whether the site is up, and whether it is as it should be.
    Monitor,
    /// Fetches news feeds.
    Feed,
    /// A library or program that a script uses.
    Library,
    /// Looks for weaknesses, or lists the hosts of the internet.
    Scanner,
    /// Keeps copies.
    Archive,
    /// A bot that is not known by name, or that does nothing of this.
    Other,
}

impl BotClass {
    /// Every class, in the order of the documentation.
    pub const ALL: [BotClass; 12] = [
        BotClass::Search,
        BotClass::AiTraining,
        BotClass::AiSearch,
        BotClass::AiUser,
        BotClass::Seo,
        BotClass::SocialPreview,
        BotClass::Monitor,
        BotClass::Feed,
        BotClass::Library,
        BotClass::Scanner,
        BotClass::Archive,
        BotClass::Other,
    ];

    /// The name of the class as the field `bot_class` has it.
    pub fn name(self) -> &'static str {
        match self {
            BotClass::Search => "search",
            BotClass::AiTraining => "ai-training",
            BotClass::AiSearch => "ai-search",
            BotClass::AiUser => "ai-user",
            BotClass::Seo => "seo",
            BotClass::SocialPreview => "social-preview",
            BotClass::Monitor => "monitor",
            BotClass::Feed => "feed",
            BotClass::Library => "library",
            BotClass::Scanner => "scanner",
            BotClass::Archive => "archive",
            BotClass::Other => "other",
        }
    }

    /// The class of that name.
    pub fn from_name(name: &str) -> Option<BotClass> {
        BotClass::ALL.into_iter().find(|class| class.name() == name)
    }
}

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

/// How many bots and libraries are known by name.
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
/// the form `(compatible; Foo/1.0; …)`, which browsers gave up long ago, by the address of its
/// home page (`+http://…`), or by that of whom to write to.
fn unknown(agent: &str) -> Option<Bot<'_>> {
    let hints = Hints::of(agent);
    let name = None
        .or_else(|| hints.kind.then(|| own_word(agent)).flatten())
        .or_else(|| hints.compatible.then(|| compatible(agent)).flatten())
        .or_else(|| hints.link.then(|| home_page(agent)).flatten())
        .or_else(|| hints.mail.then(|| contact(agent)).flatten())?;
    let behind = name.as_ptr() as usize - agent.as_ptr() as usize + name.len();
    Some(Bot { name, class: BotClass::Other, version: version_behind(agent, behind) })
}

/// What is worth a closer look: nearly no browser's agent has any of it.
#[derive(Debug, Default)]
struct Hints {
    kind: bool,
    compatible: bool,
    link: bool,
    mail: bool,
}

impl Hints {
    /// Looks at every byte once and never branches on one: the words of agents are too many and
    /// too mixed for a processor to foresee, and a wrong guess costs more than all of this.
    fn of(agent: &str) -> Hints {
        const fn last_three(text: &[u8; 3]) -> u32 {
            fold(fold(fold(0, text[0]), text[1]), text[2])
        }
        let mut hints = Hints::default();
        let mut before = 0;
        for byte in agent.bytes().chain([b' ']) {
            let tail = KIND_TAILS[tail_slot(before)];
            hints.kind |= (tail == before) & !byte.is_ascii_alphabetic();
            before = fold(before, byte);
            hints.link |= before == const { last_three(b"://") };
            hints.compatible |= before == const { last_three(b"le;") };
            hints.mail |= byte == b'@';
            hints.mail |= (before == const { last_three(b"(at") }) | (before == const { last_three(b"[at") });
        }
        hints
    }
}

/// The last three bytes, the case of letters left out.
const fn fold(before: u32, byte: u8) -> u32 {
    (before << 8 | byte as u32 | 0x20) & 0xff_ffff
}

/// The last three letters of every kind, each in its slot; a build fails if two share one.
static KIND_TAILS: [u32; 256] = {
    let mut slots = [0; 256];
    let (mut list, mut at) = (KINDS, 0);
    let mut lists = 0;
    while lists < 2 {
        while at < list.len() {
            let kind = list[at].as_bytes();
            let end = kind.len();
            let tail = fold(fold(fold(0, kind[end - 3]), kind[end - 2]), kind[end - 1]);
            assert!(slots[tail_slot(tail)] == 0 || slots[tail_slot(tail)] == tail);
            slots[tail_slot(tail)] = tail;
            at += 1;
        }
        (list, at) = (KINDS_ALONE, 0);
        lists += 1;
    }
    slots
};

const fn tail_slot(tail: u32) -> usize {
    (tail.wrapping_mul(TAIL_MULTIPLIER) >> 24) as usize
}

/// Found by trying: it gives every tail a slot of its own.
const TAIL_MULTIPLIER: u32 = 0x2265_b1f5;

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
    "monitoring",
    "uptime",
    "scan",
    "scanning",
    "indexer",
];

fn own_word(agent: &str) -> Option<&str> {
    let alone = !agent.starts_with("Mozilla/");
    let word = words(agent).find(|word| {
        // CUBOT is a maker of telephones.
        word.len() < 64
            && !starts_with_ignoring_case(word, "cubot")
            && (has_kind(word, KINDS) || alone && has_kind(word, KINDS_ALONE))
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

/// Whether one of the kinds stands at the end of the word, or of letters in it.
fn has_kind(word: &str, kinds: &[&str]) -> bool {
    let word = word.as_bytes();
    let mut ends =
        (3..=word.len()).filter(|end| !word.get(*end).is_some_and(|next| next.is_ascii_alphabetic()));
    ends.any(|end| {
        let tail = word[end - 3..end].iter().fold(0, |before, byte| fold(before, *byte));
        let ends_in = |kind: &&str| {
            let start = end.checked_sub(kind.len());
            start.is_some_and(|start| word[start..end].eq_ignore_ascii_case(kind.as_bytes()))
        };
        KIND_TAILS[tail_slot(tail)] == tail && kinds.iter().any(ends_in)
    })
}

fn starts_with_ignoring_case(word: &str, start: &str) -> bool {
    word.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// What stands behind `compatible;`, unless it is one of the browsers that wrote so.
fn compatible(agent: &str) -> Option<&str> {
    let at = agent.find("compatible;")? + "compatible;".len();
    let product = agent[at..].trim_start();
    let first_word = product.split(['/', ';', ')', ' ', ',']).next()?;
    // A long name may go on, as in `SonyEricssonJ20`; a short one would hide others.
    let is_browser = |browser: &str| {
        let same = first_word.eq_ignore_ascii_case(browser);
        same || browser.len() > 3 && starts_with_ignoring_case(first_word, browser)
    };
    if BROWSERS_OF_OLD.iter().any(|browser| is_browser(browser)) {
        return None;
    }
    let name = product.split(['/', ';', ')', ',']).next()?.trim_end();
    let name = if name.len() <= 32 { name } else { first_word };
    is_name(name).then_some(name)
}

/// What browsers, telephones and emulators of them wrote behind `compatible;`.
const BROWSERS_OF_OLD: &[&str] = &[
    "MSIE",
    "Konqueror",
    "iCab",
    "OmniWeb",
    "Opera",
    "Win",
    "Windows",
    "Linux",
    "Mac",
    "Macintosh",
    "X11",
    "ABrowse",
    "NetFront",
    "NetPositive",
    "Netscape",
    "IE",
    "AvantGo",
    "America",
    "AOL",
    "Trident",
    "Mozilla",
    "U",
    "Amiga",
    "IBrowse",
    "Voyager",
    "AWeb",
    "Polaris",
    "Teleca",
    "Obigo",
    "OSS",
    "Go.Web",
    "HandHTTP",
    "SonyEricsson",
    "Nokia",
    "YOSPACE",
    "ms-office",
    "MSOffice",
];

/// The product that gives a home page as bots do; browsers' agents have no addresses.
fn home_page(agent: &str) -> Option<&str> {
    let address = agent.find("http://").or_else(|| agent.find("https://"))?;
    let plus = agent[..address].ends_with('+');
    // Some add-ons of the Internet Explorer of old wrote their address into its agent.
    // Some firmware of telephones did, too.
    if !plus && (agent.contains("MSIE ") || agent.contains("Build/")) {
        return None;
    }
    let name = leading_name(agent).or_else(|| {
        // Behind a browser's disguise the bot's own product stands last before the address.
        words(&agent[..address]).filter(|word| is_name(word)).last()
    });
    let name = name.map(|name| name.trim_end_matches("https:").trim_end_matches("http:").trim_end());
    name.filter(|name| is_name(name) && !IN_BROWSERS.contains(name)).or_else(|| host(&agent[address..]))
}

/// Words that stand before an address in agents which have nothing but it to tell them by.
const IN_BROWSERS: &[&str] =
    &["compatible", "Safari", "Chrome", "Firefox", "Gecko", "Mobile", "KHTML", "WOW64", "Silk", "x64"];

/// The host of a web address.
fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let end = rest.find(|byte: char| !byte.is_ascii_alphanumeric() && !"-.".contains(byte));
    Some(&rest[..end.unwrap_or(rest.len())]).filter(|host| is_name(host))
}

/// The product of somebody who can be written to; browsers' agents name nobody.
fn contact(agent: &str) -> Option<&str> {
    // Applications write the address of whoever holds the telephone.
    if agent.contains("Android") {
        return None;
    }
    let mail = agent.split([' ', ';', ',']).find(|word| is_mail(word))?;
    let before = mail.as_ptr() as usize - agent.as_ptr() as usize;
    let own = leading_name(agent).or_else(|| words(&agent[..before]).filter(|word| is_name(word)).last());
    let own = own.filter(|name| !starts_with_ignoring_case(name, "compatible"));
    own.or_else(|| Some(mail.trim_matches(|outer: char| !outer.is_ascii_alphanumeric())))
}

/// Whether a word is or holds the address of a mailbox, also if `@` is written otherwise.
fn is_mail(word: &str) -> bool {
    let mut halves = ["@", "(at)", "[at]"].iter().filter_map(|at| word.split_once(at));
    halves.any(|(user, host)| {
        let end = host.find(|byte: char| !byte.is_ascii_alphanumeric() && !"-.".contains(byte));
        let domain = host[..end.unwrap_or(host.len())].trim_end_matches('.').rsplit_once('.');
        // `ios@11.0.2` is a version.
        let is_domain = |(name, top): (&str, &str)| {
            !name.is_empty() && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        user.ends_with(|last: char| last.is_ascii_alphanumeric()) && domain.is_some_and(is_domain)
    })
}

fn is_name(word: &str) -> bool {
    (2..64).contains(&word.len()) && word.starts_with(|first: char| first.is_alphabetic())
}

#[cfg(test)]
mod tests;
