//! Client hints: what browsers built on Chromium say in headers of their own since their agents
//! are frozen. A server has to log them, and most of them only come when it asks by `Accept-CH`.
//!
//! The headers are those of the WICG's User-Agent Client Hints; they are written as RFC 8941 has
//! it, and read here with patience for what logs make of quotes.

use std::borrow::Cow;

use super::{Agent, Device, device};

/// The hints that came with a request, as logged. An empty one, or `-`, says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints<'a> {
    /// `Sec-CH-UA`: brands and their main versions.
    pub ua: &'a str,
    /// `Sec-CH-UA-Full-Version-List`: brands and their whole versions. It goes before `ua`.
    pub full_versions: &'a str,
    /// `Sec-CH-UA-Platform`: the system.
    pub platform: &'a str,
    /// `Sec-CH-UA-Platform-Version`: its version.
    pub platform_version: &'a str,
    /// `Sec-CH-UA-Mobile`: `?1` on telephones.
    pub mobile: &'a str,
    /// `Sec-CH-UA-Model`: the model of the device, on Android.
    pub model: &'a str,
}

/// Which hint a field of a log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HintKind {
    /// `Sec-CH-UA`.
    Ua,
    /// `Sec-CH-UA-Full-Version-List`.
    FullVersions,
    /// `Sec-CH-UA-Platform`.
    Platform,
    /// `Sec-CH-UA-Platform-Version`.
    PlatformVersion,
    /// `Sec-CH-UA-Mobile`.
    Mobile,
    /// `Sec-CH-UA-Model`.
    Model,
}

impl<'a> Hints<'a> {
    /// Which hint a field of that name holds: the header's name in any case, with hyphens or
    /// underscores, alone (`Sec-CH-UA`), as nginx's variable (`http_sec_ch_ua`), or behind the
    /// name of what the headers stand in (`request_headers.sec-ch-ua`).
    pub fn field(name: &str) -> Option<HintKind> {
        const HEADER: &str = "sec-ch-ua";
        let name = name.as_bytes();
        let at = name.windows(HEADER.len()).position(|part| starts(part, HEADER))?;
        let before = name[..at].last();
        if before.is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        let rest = &name[at + HEADER.len()..];
        let kinds = [
            ("", HintKind::Ua),
            ("-full-version-list", HintKind::FullVersions),
            ("-platform", HintKind::Platform),
            ("-platform-version", HintKind::PlatformVersion),
            ("-mobile", HintKind::Mobile),
            ("-model", HintKind::Model),
        ];
        kinds.into_iter().find(|(end, _)| end.len() == rest.len() && starts(rest, end)).map(|(_, kind)| kind)
    }

    /// Sets the hint of that kind.
    pub fn set(&mut self, kind: HintKind, value: &'a str) {
        *match kind {
            HintKind::Ua => &mut self.ua,
            HintKind::FullVersions => &mut self.full_versions,
            HintKind::Platform => &mut self.platform,
            HintKind::PlatformVersion => &mut self.platform_version,
            HintKind::Mobile => &mut self.mobile,
            HintKind::Model => &mut self.model,
        } = value;
    }

    /// Whether no hint says anything.
    pub fn is_empty(&self) -> bool {
        let all =
            [self.ua, self.full_versions, self.platform, self.platform_version, self.mobile, self.model];
        all.into_iter().all(|hint| matches!(hint.trim_ascii(), "" | "-"))
    }
}

/// Whether a name starts with a header's, which is given in lower case and with hyphens.
fn starts(name: &[u8], header: &str) -> bool {
    let same = |(a, b): (&u8, u8)| a.eq_ignore_ascii_case(&b) || (*a == b'_' && b == b'-');
    name.len() >= header.len() && name.iter().zip(header.bytes()).all(same)
}

/// Reads a user agent, and the hints that came with it, which know better: the brand where the
/// agent only says Chrome, Windows 11, the true version of macOS and Android, and the device. A bot
/// stays what it is.
pub fn parse_with_hints<'a>(agent: &'a str, hints: &Hints<'a>) -> Agent<'a> {
    let mut told = super::parse(agent);
    if told.bot.is_some() || hints.is_empty() {
        return told;
    }
    let full = brand(hints.full_versions);
    if let Some(found) = full.or_else(|| brand(hints.ua)) {
        // A browser without a window says so here even when its agent does not.
        if found.name == HEADLESS {
            let bot = super::parse(HEADLESS);
            if bot.bot.is_some() {
                return bot;
            }
        }
        let same = told.browser == Some(found.name);
        if same || told.browser.is_none_or(|name| GENERIC.contains(&name)) && !is_wider(found.name, &told) {
            let version = found.version.filter(|_| full.is_some() || !same);
            told.browser_version = version.or(told.browser_version.filter(|_| same));
            told.browser = Some(found.name);
        }
    }
    add_system(&mut told, hints);
    add_device(&mut told, hints);
    told
}

const HEADLESS: &str = "HeadlessChrome";

/// What an agent says when it says nothing of its own.
const GENERIC: &[&str] = &["Chrome", "Chromium", "Android WebView", "Android Browser", "Safari"];

/// Whether a brand says less than the agent does: a WebView has the brand Chromium too.
fn is_wider(brand: &str, told: &Agent<'_>) -> bool {
    brand == "Chromium" && told.browser == Some("Android WebView")
}

/// A brand of the list, by the name that the browser has here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Brand<'a> {
    name: &'a str,
    version: Option<&'a str>,
    /// The browser's own brand goes before Chrome, and Chrome before Chromium.
    rank: u8,
}

/// The brand that says most.
fn brand(list: &str) -> Option<Brand<'_>> {
    // The real lists have three or four.
    brands(super::cut(list)).take(16).max_by_key(|brand| brand.rank)
}

/// The brands, without those that are made up so that nobody relies on the list's form.
fn brands(list: &str) -> impl Iterator<Item = Brand<'_>> {
    let mut rest = list.trim_ascii();
    // A log may have escaped the quotes around the strings: then those within are not told apart.
    let quote = if rest.starts_with("\\\"") { "\\\"" } else { "\"" };
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find(quote)? + quote.len()..];
            let name = string(&mut rest, quote)?;
            let mut version = None;
            while let Some(parameter) = rest.trim_start().strip_prefix(';') {
                let (key, behind) = parameter.split_once('=')?;
                rest = behind;
                let value = match rest.strip_prefix(quote) {
                    Some(inside) => {
                        rest = inside;
                        string(&mut rest, quote)?
                    }
                    None => {
                        let (value, behind) = rest.split_at(rest.find([';', ',']).unwrap_or(rest.len()));
                        rest = behind;
                        value
                    }
                };
                if key.trim() == "v" {
                    version = Some(value).filter(|value| value.starts_with(|c: char| c.is_ascii_digit()));
                }
            }
            // A brand with an escape in it is a made up one.
            if !is_made_up(name) {
                let (name, rank) = known(name);
                return Some(Brand { name, version, rank });
            }
        }
    })
}

/// The inside of a string whose opening quote was read, with its escapes.
fn string<'a>(rest: &mut &'a str, quote: &str) -> Option<&'a str> {
    let mut from = 0;
    loop {
        let end = from + rest[from..].find(quote)?;
        let escapes = rest[..end].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if quote.len() > 1 || escapes % 2 == 0 {
            let inside = &rest[..end];
            *rest = &rest[end + quote.len()..];
            return Some(inside);
        }
        from = end + quote.len();
    }
}

/// `Not A;Brand` in all its spellings, and what cannot be a name.
fn is_made_up(name: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    letters.eq(*b"notabrand")
        || name.contains('\\')
        || name.len() > 48
        || !name.starts_with(|c: char| c.is_alphanumeric())
        || name.contains(char::is_control)
}

/// The name that a brand's browser has here, and its rank.
fn known(brand: &str) -> (&str, u8) {
    let name = match brand {
        "Chromium" => return (brand, 0),
        "Google Chrome" => return ("Chrome", 1),
        "Android WebView" => return (brand, 1),
        "Microsoft Edge WebView2" => return ("Edge WebView2", 3),
        "Microsoft Edge" => "Edge",
        "YaBrowser" | "Yandex" => "Yandex Browser",
        "OperaMobile" | "Opera Mobile" => "Opera",
        "OperaMini" | "Opera Mini Android" => "Opera Mini",
        "HuaweiBrowser" => "Huawei Browser",
        "MiuiBrowser" => "MIUI Browser",
        "Naver Whale" => "Whale",
        "CocCoc" | "Coc Coc Browser" => "Coc Coc",
        "Oculus Browser" | "Quest Browser" => "Meta Quest Browser",
        "DuckDuckGo Browser" => "DuckDuckGo",
        "HeadlessChrome" => return (HEADLESS, 4),
        other => other,
    };
    (name, 2)
}

/// A string, or what stands there without quotes.
fn text(value: &str) -> Option<&str> {
    let value = super::cut(value).trim_ascii();
    let bare = value.strip_prefix("\\\"").and_then(|inside| inside.strip_suffix("\\\""));
    let bare = bare.or_else(|| value.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')));
    let bare = bare.unwrap_or(value);
    Some(bare).filter(|bare| !matches!(*bare, "" | "-") && !bare.contains(['"', '\\']))
}

fn add_system<'a>(told: &mut Agent<'a>, hints: &Hints<'a>) {
    let os = match text(hints.platform) {
        Some("Windows") => "Windows",
        // An iPad's pages for desktops are asked for as by a Mac, whatever the platform says then.
        Some("macOS" | "Mac OS X") if told.os != Some("iPadOS") => "macOS",
        Some("Android") if told.os != Some("HarmonyOS") => "Android",
        Some("iOS") if told.os == Some("macOS") || told.os == Some("iPadOS") => "iPadOS",
        Some("iOS") => "iOS",
        Some("iPadOS") => "iPadOS",
        Some("Chrome OS" | "Chromium OS" | "ChromeOS") => "ChromeOS",
        Some("Fuchsia") => "Fuchsia",
        // Many systems are Linux, and their agents say which one.
        Some("Linux") if matches!(told.os, None | Some("Unix" | "macOS" | "Windows")) => "Linux",
        _ => told.os.unwrap_or_default(),
    };
    if os.is_empty() {
        return;
    }
    let version = text(hints.platform_version).and_then(|version| match os {
        "Windows" => windows(version),
        "Linux" => None,
        "ChromeOS" => Some(version),
        _ => Some(without_zeros(version)),
    });
    let version = version.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    if told.os != Some(os) {
        told.os_version = None;
        told.os = Some(os);
    }
    if let Some(version) = version {
        told.os_version = Some(Cow::Borrowed(version));
    }
}

/// The Windows that has this version of its interfaces, by Microsoft's table for client hints.
fn windows(version: &str) -> Option<&'static str> {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next()??, parts.next().flatten()) {
        (13.., _) => Some("11"),
        (1..=10, _) => Some("10"),
        (0, Some(1)) => Some("7"),
        (0, Some(2)) => Some("8"),
        (0, Some(3)) => Some("8.1"),
        _ => None,
    }
}

/// `14.0.0` is what agents call 14.
fn without_zeros(mut version: &str) -> &str {
    while let Some(shorter) = version.strip_suffix(".0") {
        version = shorter;
    }
    version
}

fn add_device(told: &mut Agent<'_>, hints: &Hints<'_>) {
    let mobile = match text(hints.mobile) {
        Some("?1" | "1" | "true") => Some(true),
        Some("?0" | "0" | "false") => Some(false),
        _ => None,
    };
    let by_model = text(hints.model).and_then(device::of_model);
    let device = match (told.os, told.device, mobile) {
        (_, Some(Device::Tv), _) => return,
        (Some("iPadOS"), _, _) => Device::Tablet,
        (Some("Windows" | "macOS" | "ChromeOS"), _, _) => Device::Desktop,
        (Some("Android" | "HarmonyOS"), Some(Device::Other), _) => return,
        (Some("Android" | "HarmonyOS"), _, _) if by_model.is_some() => by_model.unwrap_or(Device::Mobile),
        (_, _, Some(true)) => Device::Mobile,
        (Some("Android"), _, Some(false)) => Device::Tablet,
        (Some("Linux"), _, Some(false)) => Device::Desktop,
        _ => return,
    };
    told.device = Some(device);
}

#[cfg(test)]
mod tests;
