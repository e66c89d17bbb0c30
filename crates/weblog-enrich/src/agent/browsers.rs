//! Which browser, and which version of it.

use std::sync::LazyLock;

use super::system::blackberry;
use super::tokens::{Tokens, version_behind};

/// The token to look for, and the browser's name. Of several in one agent the earlier line
/// counts: nearly every agent also names the browsers that its own is derived from.
static BROWSERS: &[(&str, &str)] = &[
    // Applications that show pages inside themselves.
    ("FBAN/Messenger*", "Facebook Messenger"),
    ("FB_IAB/Messenger*", "Facebook Messenger"),
    ("Orca-Android", "Facebook Messenger"),
    ("FBAV", "Facebook"),
    ("FBAN", "Facebook"),
    ("FB_IAB", "Facebook"),
    ("Instagram", "Instagram"),
    ("Barcelona", "Threads"),
    ("MicroMessenger", "WeChat"),
    ("musical_ly", "TikTok"),
    ("BytedanceWebview", "TikTok"),
    ("TikTok", "TikTok"),
    ("trill_*", "TikTok"),
    ("aweme", "Douyin"),
    ("Snapchat", "Snapchat"),
    ("[Pinterest", "Pinterest"),
    ("Pinterest for", "Pinterest"),
    ("LinkedInApp", "LinkedIn"),
    ("Twitter for", "Twitter"),
    ("TwitterAndroid", "Twitter"),
    ("^Twitter/", "Twitter"),
    ("Telegram-Android", "Telegram"),
    ("^Telegram/", "Telegram"),
    ("Discord/", "Discord"),
    ("Reddit/", "Reddit"),
    ("WhatsApp/", "WhatsApp"),
    ("Viber", "Viber"),
    ("Zalo", "Zalo"),
    ("AlipayClient", "Alipay"),
    ("AliApp(TB", "Taobao"),
    ("QQ/", "QQ"),
    ("Line/", "LINE"),
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(inapp", "Naver"),
    ("DingTalk", "DingTalk"),
    ("Weibo", "Weibo"),
    ("baiduboxapp", "Baidu App"),
    ("GSA/", "Google App"),
    ("BingSapphire", "Bing"),
    ("BingWeb", "Bing"),
    ("Teams/", "Microsoft Teams"),
    ("TeamsMobile*", "Microsoft Teams"),
    ("Valve Steam", "Steam"),
    ("Spotify", "Spotify"),
    ("Slack/", "Slack"),
    ("Slack_SSB", "Slack"),
    // Browsers by themselves.
    ("EdgA", "Edge"),
    ("EdgiOS", "Edge"),
    ("Edg", "Edge"),
    ("Edge", "Edge"),
    ("UCBrowser", "UC Browser"),
    ("UCWEB", "UC Browser"),
    ("UBrowser", "UC Browser"),
    ("Opera Mini", "Opera Mini"),
    ("OPiOS", "Opera Mini"),
    ("OPR", "Opera"),
    ("OPT/", "Opera"),
    ("OPX/", "Opera GX"),
    ("OculusBrowser", "Meta Quest Browser"),
    ("SamsungBrowser", "Samsung Internet"),
    ("YaBrowser", "Yandex Browser"),
    ("YaApp_Android", "Yandex App"),
    ("YaApp_iOS", "Yandex App"),
    ("YaSearchApp", "Yandex App"),
    ("Vivaldi", "Vivaldi"),
    ("Brave", "Brave"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("Ddg", "DuckDuckGo"),
    ("MiuiBrowser", "MIUI Browser"),
    ("MintBrowser", "Mint Browser"),
    ("Mint Browser", "Mint Browser"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("ArkWeb", "ArkWeb"),
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
    ("FlyFlow", "Baidu Browser"),
    ("baidubrowser", "Baidu Browser"),
    ("Quark", "Quark"),
    ("Whale", "Whale"),
    ("coc_coc_browser", "Coc Coc"),
    ("Silk", "Silk"),
    ("AlohaBrowser", "Aloha"),
    ("SznProhlizec", "Seznam"),
    ("Atom/", "Atom"),
    ("MRCHROME", "Amigo"),
    ("Crosswalk", "Crosswalk"),
    ("Otter", "Otter"),
    ("Dolphin*", "Dolphin"),
    ("Skyfire", "Skyfire"),
    ("Coast/", "Opera Coast"),
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
    ("UC Browser*", "UC Browser"),
    ("HbbTV", "HbbTV"),
    ("^Opera/", "Opera"),
    ("PlayStation", "PlayStation"),
    ("Nintendo", "Nintendo Browser"),
    ("NetFront", "NetFront"),
    ("Obigo", "Obigo"),
    ("ObigoInternetBrowser", "Obigo"),
    ("Teleca*", "Obigo"),
    ("S40OviBrowser", "Ovi Browser"),
    ("SailfishBrowser", "Sailfish Browser"),
    ("wOSBrowser", "webOS Browser"),
    ("NokiaBrowser", "Nokia Browser"),
    ("BrowserNG", "Nokia Browser"),
    ("SEMC-Browser", "SEMC Browser"),
    ("UP.Browser", "Openwave"),
    ("MAUI WAP Browser", "MAUI"),
    ("WAP Browser", "MAUI"),
    ("Dolfin", "Dolfin"),
    ("Kindle/", "Kindle"),
    ("Electron", "Electron"),
    ("AdobeAIR", "Adobe AIR"),
    ("^Roku/", "Roku"),
    // Derived from Firefox, then Firefox.
    ("Focus/", "Firefox Focus"),
    ("Klar/", "Firefox Focus"),
    ("FxiOS", "Firefox"),
    ("Thunderbird", "Thunderbird"),
    ("Postbox", "Postbox"),
    ("Conkeror", "Conkeror"),
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
    ("luakit", "luakit"),
    ("qutebrowser", "qutebrowser"),
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
    ("Outlook-Express", "Outlook Express"),
    ("BlackBerry", "BlackBerry Browser"),
    ("BB10", "BlackBerry Browser"),
    ("PlayBook", "BlackBerry Browser"),
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
pub(super) fn find(agent: &str) -> Option<(&str, Option<&str>)> {
    static TOKENS: LazyLock<Tokens> = LazyLock::new(|| Tokens::new(BROWSERS.iter().map(|entry| entry.0)));
    let Some(found) = TOKENS.find(agent) else { return webkit(agent).or_else(|| gecko(agent)) };
    let (token, name) = BROWSERS[found.place];
    // Before Android 5 the WebView had no token of its own.
    if token == "Chrome" && agent[..found.end].ends_with("Version/4.0 Chrome") && agent.contains("Android") {
        return Some((WEBVIEW, version_behind(agent, found.end)));
    }
    let version = match (token, name) {
        // These give their version apart from their name, or none.
        ("Trident", _) => behind(agent, "rv:"),
        ("MSIE", _) => internet_explorer(agent).or_else(|| version_behind(agent, found.end)),
        ("Opera" | "^Opera/", _) => behind(agent, "Version/").or_else(|| version_behind(agent, found.end)),
        ("[Pinterest", _) | (_, "PlayStation" | "Ecosia") => None,
        ("FBAN" | "FB_IAB", _) | (_, "Facebook Messenger") => behind(agent, "FBAV/"),
        ("BB10" | "BlackBerry" | "PlayBook", _) => blackberry(agent, found.end),
        (_, "TikTok") => behind(agent, "app_version/").or_else(|| behind(agent, "AppVersion/")),
        ("Reddit/", _) => behind(agent, "Reddit/Version ").or_else(|| version_behind(agent, found.end)),
        ("; wv)", _) => behind(agent, "Chrome/"),
        ("Vision Pro", _) => behind(agent, "Version/"),
        ("Electron", _) => return Some(electron(agent).unwrap_or((name, version_behind(agent, found.end)))),
        _ => version_behind(agent, found.end),
    };
    Some((name, version))
}

const WEBVIEW: &str = "Android WebView";

/// The version of an Internet Explorer that shows a page as an older one would: its engine's
/// version, plus four.
fn internet_explorer(agent: &str) -> Option<&'static str> {
    let engine = behind(agent, "Trident/")?;
    [("4.", "8.0"), ("5.", "9.0"), ("6.", "10.0"), ("7.", "11.0")]
        .into_iter()
        .find_map(|(start, version)| engine.starts_with(start).then_some(version))
}

/// The application that is built on Electron: it stands before Chrome.
fn electron(agent: &str) -> Option<(&str, Option<&str>)> {
    let before = agent[..agent.find(" Chrome/")?].rsplit(')').next()?.trim_start();
    let (name, version) = before.split_once('/')?;
    is_name(name).then(|| (name, version_behind(version, 0)))
}

/// Safari, and what comes with a system and names nothing but the engine.
fn webkit(agent: &str) -> Option<(&'static str, Option<&str>)> {
    if !agent.contains("AppleWebKit/") && !agent.contains(") Safari/") {
        return None;
    }
    let apple =
        ["Macintosh", "iPhone", "iPad", "iPod", "Windows"].iter().any(|system| agent.contains(system));
    let name = match (apple, agent.contains("Android")) {
        (_, true) => "Android Browser",
        (true, _) if agent.contains("Safari/") => "Safari",
        (true, _) if agent.contains("Mobile") => "iOS WebView",
        // An application on iOS, or one whose agent was cut off.
        (true, _) if agent.contains("like Mac OS X") => "iOS WebView",
        // On Linux it is none of Apple's, but nobody says whose.
        (false, _) if agent.contains("Safari/") => "WebKit",
        _ => return None,
    };
    Some((name, behind(agent, "Version/")))
}

/// Mozilla of before Firefox, and Firefox hidden behind its engine.
fn gecko(agent: &str) -> Option<(&'static str, Option<&str>)> {
    (agent.contains(" Gecko/") && agent.contains("rv:")).then(|| ("Mozilla", behind(agent, "rv:")))
}

/// An application that says its name and version first, as those built on a system's own library
/// do: `Name/1.2 CFNetwork/3826 Darwin/24`, `Name/1.2 (iPhone; iOS 18.1; Scale/3.00)`.
pub(super) fn application(agent: &str) -> Option<(&str, Option<&str>)> {
    let end = agent.find(['/', '('])?;
    let (name, rest) = agent.split_at(end);
    let (name, version) = match rest.starts_with('/') {
        true => (name, version_behind(rest, 0)),
        false => {
            name.trim_end().rsplit_once(' ').map(|(name, version)| (name, version_behind(version, 0)))?
        }
    };
    let name = name.strip_suffix("-iPad").or_else(|| name.strip_suffix("-iPhone")).unwrap_or(name);
    // Mozilla says nothing, and Dalvik is the system itself.
    let is_none = matches!(name, "Mozilla" | "Dalvik") || name.contains("CFNetwork");
    (is_name(name) && !is_none).then_some((name, Some(version?)))
}

fn is_name(name: &str) -> bool {
    let is_of_name =
        |byte: u8| byte.is_ascii_alphanumeric() || b" ._-+!%".contains(&byte) || !byte.is_ascii();
    (2..=32).contains(&name.len()) && name.starts_with(char::is_alphabetic) && name.bytes().all(is_of_name)
}

fn behind<'a>(agent: &'a str, token: &str) -> Option<&'a str> {
    version_behind(agent, agent.find(token)? + token.len())
}
