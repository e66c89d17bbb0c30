//! Which browser, and which version of it.

use std::sync::LazyLock;

use super::tokens::{Tokens, version_behind};

/// The token to look for, and the browser's name. Of several in one agent the earlier line
/// counts: nearly every agent also names the browsers that its own is derived from.
static BROWSERS: &[(&str, &str)] = &[
    // Applications that show pages inside themselves.
    ("FBAV", "Facebook"),
    ("FBAN", "Facebook"),
    ("FB_IAB", "Facebook"),
    ("Instagram", "Instagram"),
    ("Barcelona", "Threads"),
    ("MicroMessenger", "WeChat"),
    ("musical_ly", "TikTok"),
    ("BytedanceWebview", "TikTok"),
    ("TikTok", "TikTok"),
    ("Snapchat", "Snapchat"),
    ("[Pinterest", "Pinterest"),
    ("LinkedInApp", "LinkedIn"),
    ("Twitter for", "Twitter"),
    ("Line/", "LINE"),
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(inapp", "Naver"),
    ("DingTalk", "DingTalk"),
    ("Weibo", "Weibo"),
    ("baiduboxapp", "Baidu App"),
    ("GSA/", "Google App"),
    ("Teams/", "Microsoft Teams"),
    ("Slack/", "Slack"),
    ("Slack_SSB", "Slack"),
    // Browsers by themselves.
    ("EdgA", "Edge"),
    ("EdgiOS", "Edge"),
    ("Edg", "Edge"),
    ("Edge", "Edge"),
    ("Opera Mini", "Opera Mini"),
    ("OPiOS", "Opera Mini"),
    ("OPR", "Opera"),
    ("OPT/", "Opera"),
    ("OPX/", "Opera GX"),
    ("SamsungBrowser", "Samsung Internet"),
    ("YaBrowser", "Yandex Browser"),
    ("YaApp_Android", "Yandex App"),
    ("Vivaldi", "Vivaldi"),
    ("Brave", "Brave"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("Ddg", "DuckDuckGo"),
    ("UCBrowser", "UC Browser"),
    ("UCWEB", "UC Browser"),
    ("UBrowser", "UC Browser"),
    ("MiuiBrowser", "MIUI Browser"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("HeyTapBrowser", "HeyTap Browser"),
    ("OppoBrowser", "HeyTap Browser"),
    ("VivoBrowser", "vivo Browser"),
    ("MQQBrowser", "QQ Browser"),
    ("QQBrowser", "QQ Browser"),
    ("TheWorld", "TheWorld"),
    ("MetaSr", "Sogou Explorer"),
    ("SE 2.X", "Sogou Explorer"),
    ("360SE", "360 Browser"),
    ("360EE", "360 Browser"),
    ("QIHU", "360 Browser"),
    ("LBBROWSER", "Liebao"),
    ("2345Explorer", "2345 Explorer"),
    ("BIDUBrowser", "Baidu Browser"),
    ("baidubrowser", "Baidu Browser"),
    ("Quark", "Quark"),
    ("Whale", "Whale"),
    ("coc_coc_browser", "Coc Coc"),
    ("Silk", "Silk"),
    ("Puffin", "Puffin"),
    ("Maxthon", "Maxthon"),
    ("MxBrowser", "Maxthon"),
    ("PhoenixBrowser", "Phoenix Browser"),
    ("Ecosia", "Ecosia"),
    ("Sleipnir", "Sleipnir"),
    ("Lunascape", "Lunascape"),
    ("Dragon/", "Comodo Dragon"),
    ("Comodo_Dragon", "Comodo Dragon"),
    ("IceDragon", "Comodo IceDragon"),
    ("Iron/", "Iron"),
    ("Avast/", "Avast Secure Browser"),
    ("AVG/", "AVG Secure Browser"),
    ("CCleaner", "CCleaner Browser"),
    ("Norton/", "Norton Secure Browser"),
    ("RockMelt", "RockMelt"),
    ("Flock", "Flock"),
    ("OculusBrowser", "Meta Quest Browser"),
    ("PlayStation", "PlayStation"),
    ("Nintendo", "Nintendo Browser"),
    ("NetFront", "NetFront"),
    ("Obigo", "Obigo"),
    ("NokiaBrowser", "Nokia Browser"),
    ("BrowserNG", "Nokia Browser"),
    ("SEMC-Browser", "SEMC Browser"),
    ("UP.Browser", "Openwave"),
    ("MAUI WAP Browser", "MAUI"),
    ("WAP Browser", "MAUI"),
    ("Dolfin", "Dolfin"),
    ("Kindle/", "Kindle"),
    ("Electron", "Electron"),
    // Derived from Firefox, then Firefox.
    ("Focus/", "Firefox Focus"),
    ("Klar/", "Firefox Focus"),
    ("FxiOS", "Firefox"),
    ("Thunderbird", "Thunderbird"),
    ("SeaMonkey", "SeaMonkey"),
    ("PaleMoon", "Pale Moon"),
    ("Waterfox", "Waterfox"),
    ("LibreWolf", "LibreWolf"),
    ("Basilisk", "Basilisk"),
    ("Iceweasel", "Iceweasel"),
    ("IceCat", "IceCat"),
    ("Swiftfox", "Swiftfox"),
    ("Camino", "Camino"),
    ("K-Meleon", "K-Meleon"),
    ("Galeon", "Galeon"),
    ("Minefield", "Firefox"),
    ("Firebird", "Firefox"),
    ("Firefox", "Firefox"),
    // Derived from WebKit and KHTML.
    ("CriOS", "Chrome"),
    ("Epiphany", "GNOME Web"),
    ("Falkon", "Falkon"),
    ("QupZilla", "QupZilla"),
    ("Konqueror", "Konqueror"),
    ("rekonq", "rekonq"),
    ("Midori", "Midori"),
    ("Arora", "Arora"),
    ("OmniWeb", "OmniWeb"),
    ("Iris", "Iris"),
    ("Vision Pro", "Safari"),
    ("MobileSafari", "Safari"),
    ("Chromium", "Chromium"),
    ("; wv)", "Android WebView"),
    ("Chrome", "Chrome"),
    ("CrMo", "Chrome"),
    // Old and small ones.
    ("Opera", "Opera"),
    ("IEMobile", "Internet Explorer"),
    ("MSIE", "Internet Explorer"),
    ("Trident", "Internet Explorer"),
    ("Outlook-iOS", "Outlook"),
    ("Microsoft Outlook", "Outlook"),
    ("BlackBerry", "BlackBerry Browser"),
    ("BB10", "BlackBerry Browser"),
    ("webOS/", "webOS Browser"),
    ("Netscape", "Netscape"),
    ("Navigator/", "Netscape"),
    ("iCab", "iCab"),
    ("NetSurf", "NetSurf"),
    ("Dillo", "Dillo"),
    ("Lynx", "Lynx"),
    ("ELinks", "ELinks"),
    ("Links (", "Links"),
    ("^Links", "Links"),
    ("w3m", "w3m"),
    ("Ladybird", "Ladybird"),
    ("Servo/", "Servo"),
];

/// The name and version of the browser, if the agent is one's.
pub(super) fn find(agent: &str) -> Option<(&'static str, Option<&str>)> {
    static TOKENS: LazyLock<Tokens> = LazyLock::new(|| Tokens::new(BROWSERS.iter().map(|entry| entry.0)));
    let Some(found) = TOKENS.find(agent) else { return webkit(agent).or_else(|| gecko(agent)) };
    let (token, name) = BROWSERS[found.place];
    let version = match (token, name) {
        // These give their version apart from their name, or none.
        ("Trident", _) => behind(agent, "rv:"),
        ("Opera", _) => behind(agent, "Version/").or_else(|| version_behind(agent, found.end)),
        (_, "Pinterest" | "Ecosia") => None,
        ("FBAN" | "FB_IAB", _) => behind(agent, "FBAV/"),
        ("BB10" | "BlackBerry", _) => behind(agent, "Version/").or_else(|| version_behind(agent, found.end)),
        (_, "PlayStation") => None,
        ("; wv)", _) => behind(agent, "Chrome/"),
        ("Vision Pro", _) => behind(agent, "Version/"),
        _ => version_behind(agent, found.end),
    };
    Some((name, version))
}

/// Safari, and what comes with a system and names nothing but the engine.
fn webkit(agent: &str) -> Option<(&'static str, Option<&str>)> {
    if !agent.contains("AppleWebKit/") && !agent.contains("Safari/") {
        return None;
    }
    let apple =
        ["Macintosh", "iPhone", "iPad", "iPod", "Windows"].iter().any(|system| agent.contains(system));
    let name = match (apple, agent.contains("Android")) {
        (_, true) => "Android Browser",
        (true, _) if agent.contains("Safari/") => "Safari",
        (true, _) if agent.contains("Mobile/") => "iOS WebView",
        _ => return None,
    };
    Some((name, behind(agent, "Version/")))
}

/// Mozilla of before Firefox, and Firefox hidden behind its engine.
fn gecko(agent: &str) -> Option<(&'static str, Option<&str>)> {
    (agent.contains(" Gecko/") && agent.contains("rv:")).then(|| ("Mozilla", behind(agent, "rv:")))
}

fn behind<'a>(agent: &'a str, token: &str) -> Option<&'a str> {
    version_behind(agent, agent.find(token)? + token.len())
}
