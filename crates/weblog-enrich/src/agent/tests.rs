use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

/// Browser, its version, system, its version, kind of device.
fn shown(agent: &str) -> String {
    let it = parse(agent);
    assert_eq!((it.bot, it.bot_class), (None, None), "{agent}");
    let device = it.device.map_or("-", Device::name);
    let or = |text: Option<&str>| text.unwrap_or("-").to_string();
    let browser = format!("{} {}", or(it.browser), or(it.browser_version));
    format!("{browser}, {} {}, {device}", or(it.os), or(it.os_version.as_deref()))
}

#[track_caller]
fn check(agents: &[(&str, &str)]) {
    for (agent, expected) in agents {
        assert_eq!(shown(agent), *expected, "{agent}");
    }
}

const WINDOWS: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0";
const IPHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

#[test]
fn browsers_on_desktops_are_told_apart_from_what_they_derive_from() {
    let windows = |rest: &str| shown(&format!("{WINDOWS} {rest}"));
    assert_eq!(windows("Safari/537.36"), "Chrome 140.0.0.0, Windows 10, desktop");
    assert_eq!(windows("Safari/537.36 Edg/140.1.2.3"), "Edge 140.1.2.3, Windows 10, desktop");
    assert_eq!(windows("Safari/537.36 OPR/120.0"), "Opera 120.0, Windows 10, desktop");
    assert_eq!(windows("YaBrowser/25.1.0 Safari/537.36"), "Yandex Browser 25.1.0, Windows 10, desktop");
    assert_eq!(windows("Safari/537.36 Vivaldi/7.0.1"), "Vivaldi 7.0.1, Windows 10, desktop");
    check(&[
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            "Safari 18.1, macOS 10.15.7, desktop",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox 140.0, Linux -, desktop",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            "Chrome 140.0.0.0, ChromeOS 14541.0.0, desktop",
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "Internet Explorer 11.0, Windows 7, desktop",
        ),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)", "Internet Explorer 8.0, Windows XP, desktop"),
        ("Opera/9.80 (X11; Linux x86_64) Presto/2.12.388 Version/12.16", "Opera 12.16, Linux -, desktop"),
    ]);
}

#[test]
fn browsers_on_telephones_and_tablets() {
    let iphone = |rest: &str| shown(&format!("{IPHONE} {rest}"));
    assert_eq!(iphone("Version/18.1 Mobile/15E148 Safari/604.1"), "Safari 18.1, iOS 18.1, mobile");
    assert_eq!(iphone("CriOS/140.0.1 Mobile/15E148 Safari/604.1"), "Chrome 140.0.1, iOS 18.1, mobile");
    assert_eq!(iphone("FxiOS/140.0 Mobile/15E148 Safari/605.1.15"), "Firefox 140.0, iOS 18.1, mobile");
    assert_eq!(
        iphone("Version/18.0 EdgiOS/140.0 Mobile/15E148 Safari/605.1.15"),
        "Edge 140.0, iOS 18.1, mobile"
    );
    assert_eq!(iphone("Mobile/15E148"), "iOS WebView -, iOS 18.1, mobile");
    assert_eq!(
        iphone("Mobile/15E148 [FBAN/FBIOS;FBAV/480.0.0.31;FBBV/1]"),
        "Facebook 480.0.0.31, iOS 18.1, mobile"
    );
    assert_eq!(
        iphone("Mobile/15E148 Instagram 340.0.3 (iPhone14,5; iOS 18_1)"),
        "Instagram 340.0.3, iOS 18.1, mobile"
    );
    check(&[
        (
            "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
            "Safari 17.4, iPadOS 17.7, tablet",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1",
            "Safari 12.1, iOS 12.5, tablet",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S000X) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            "Samsung Internet 27.0, Android 14, mobile",
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; Example) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            "Chrome 120.0.0.0, Android 13, tablet",
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; Example; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36",
            "Android WebView 120.0.0.0, Android 13, mobile",
        ),
        (
            "Mozilla/5.0 (Android 14; Tablet; rv:133.0) Gecko/133.0 Firefox/133.0",
            "Firefox 133.0, Android 14, tablet",
        ),
        ("Dalvik/2.1.0 (Linux; U; Android 9; Example Build/1)", "- -, Android 9, mobile"),
        (
            "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; id) Presto/2.12.423 Version/12.16",
            "Opera Mini 36.2, Android -, mobile",
        ),
    ]);
}

#[test]
fn applications_that_show_pages_are_told_from_the_browser_within() {
    let iphone = |rest: &str| shown(&format!("{IPHONE} {rest}"));
    let webview = |rest: &str| {
        shown(&format!(
            "Mozilla/5.0 (Linux; Android 14; Example Build/1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 {rest}"
        ))
    };
    for (rest, expected) in [
        ("Mobile/15E148 [FBAN/MessengerForiOS;FBAV/480.0.0;FBBV/1]", "Facebook Messenger 480.0.0"),
        ("Mobile/15E148 MicroMessenger/8.0.50(0x1800322f) NetType/WIFI", "WeChat 8.0.50"),
        ("Mobile/15E148 Safari Line/14.1.0", "LINE 14.1.0"),
        ("Mobile/15E148 Snapchat/13.1.0.40 (like Safari/8619.1, panda)", "Snapchat 13.1.0.40"),
        ("Mobile/15E148 [Pinterest/iOS]", "Pinterest -"),
        ("Mobile/15E148 [LinkedInApp]/9.30.1", "LinkedIn 9.30.1"),
        ("Mobile/15E148 Twitter for iPhone/10.60", "Twitter -"),
        ("Mobile/15E148 musical_ly_37.0.0 JsSdk/2.0 AppVersion/37.0.0", "TikTok 37.0.0"),
        ("GSA/340.0.1 Mobile/15E148 Safari/604.1", "Google App 340.0.1"),
        ("Version/18.0 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15", "DuckDuckGo 7"),
        ("Version/18.0 Mobile/15E148 Safari/604.1 Ddg/18.0", "DuckDuckGo 18.0"),
        ("FxiOS/8.1 Mobile/15E148 Safari/604.1 Focus/8.1", "Firefox Focus 8.1"),
        ("OPT/5.0.1 Mobile/15E148", "Opera 5.0.1"),
        ("OPX/2.0 Mobile/15E148", "Opera GX 2.0"),
        ("Mobile/15E148 Telegram/11", "iOS WebView -"),
        ("Mobile/15E148 Reddit/Version 2024.45.0/Build 1/iOS Version 18.1", "Reddit 2024.45.0"),
    ] {
        assert_eq!(iphone(rest), format!("{expected}, iOS 18.1, mobile"), "{rest}");
    }
    for (rest, expected) in [
        ("", "Android WebView 130.0.0.0"),
        ("[FB_IAB/FB4A;FBAV/480.0.0.31;]", "Facebook 480.0.0.31"),
        ("Instagram 350.0.0.1 Android (34/14; 450dpi)", "Instagram 350.0.0.1"),
        ("trill_370000 BytedanceWebview/abc app_version/37.0.0", "TikTok 37.0.0"),
        ("Telegram-Android/11.2 (Example; Android 14; SDK 34; HIGH)", "Telegram 11.2"),
        ("TwitterAndroid", "Twitter -"),
        ("TeamsMobile-Android", "Microsoft Teams -"),
        ("GSA/15.1", "Google App 15.1"),
    ] {
        assert_eq!(webview(rest), format!("{expected}, Android 14, mobile"), "{rest}");
    }
    check(&[
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.40 Chrome/128.0 Electron/32.0 Safari/537.36",
            "Slack 4.40, Windows 10, desktop",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) discord/0.0.70 Chrome/128.0 Electron/32.0 Safari/537.36",
            "Discord 0.0.70, Linux -, desktop",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Example/1.2.3 Chrome/128.0 Electron/32.0 Safari/537.36",
            "Example 1.2.3, Windows 10, desktop",
        ),
        (
            "Mozilla/5.0 (Linux; Android 4.4.2; Example) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/30.0.0.0 Mobile Safari/537.36",
            "Android WebView 30.0.0.0, Android 4.4.2, mobile",
        ),
    ]);
}

#[test]
fn applications_that_come_without_a_browser_have_their_own_name() {
    check(&[
        ("Example/12 CFNetwork/978.0.7 Darwin/18.5.0", "Example 12, iOS 12, mobile"),
        ("Example/12 CFNetwork/672.0.2 Darwin/14.0.0", "Example 12, iOS 7, mobile"),
        ("Example/12 CFNetwork/1240.0.4 Darwin/20.6.0 (x86_64)", "Example 12, macOS 11, desktop"),
        ("Example/12 CFNetwork/3860.100 Darwin/25.0.0 (x86_64)", "Example 12, macOS 26, desktop"),
        ("Example/12 CFNetwork/438.12 Darwin/9.7.0 (i386) (Macmini2,1)", "Example 12, macOS 10.5, desktop"),
        // The processor does not tell a new Mac from a telephone.
        ("Example/12 CFNetwork/1498 Darwin/23.0.0", "Example 12, - -, other"),
        ("Example App/5.2.1 (iPhone; iOS 18.1; Scale/3.00)", "Example App 5.2.1, iOS 18.1, mobile"),
        ("Example 2.15 (iPhone; iPhone OS 7.0; en_US)", "Example 2.15, iOS 7.0, mobile"),
        ("Example-iPad/3.1 CFNetwork/548.1.4 Darwin/11.0.0", "Example 3.1, iOS -, tablet"),
        ("Nokia0000/1.0 (2.39) SymbianOS/8.0 Series60/2.6 Profile/MIDP-2.0", "- -, Symbian 8.0, mobile"),
    ]);
}

#[test]
fn systems_that_are_not_the_common_ones() {
    let chrome = |system: &str, rest: &str| {
        shown(&format!("Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {rest}"))
    };
    assert_eq!(
        chrome("Phone; OpenHarmony 5.0", "Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6 Mobile"),
        "ArkWeb 4.1.6, HarmonyOS 5.0, mobile"
    );
    assert_eq!(
        chrome("Macintosh; Intel Mac OS X 10_15_7", "CriOS/130 Version/11.1.1 Safari/605.1.15"),
        "Chrome 130, iPadOS -, tablet"
    );
    assert_eq!(chrome("X11; Linux aarch64", "Version/16.0 Safari/605.1.15"), "WebKit 16.0, Linux -, desktop");
    assert_eq!(
        chrome(
            "X11; Linux x86_64; Quest 3",
            "OculusBrowser/33.0 SamsungBrowser/4.0 Chrome/124.0 VR Safari/537.36"
        ),
        "Meta Quest Browser 33.0, Android -, other"
    );
    check(&[
        (
            "Mozilla/5.0 (Mobile; Example; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
            "Firefox 48.0, KaiOS 2.5, mobile",
        ),
        ("Mozilla/5.0 (Mobile; rv:26.0) Gecko/26.0 Firefox/26.0", "Firefox 26.0, Firefox OS -, mobile"),
        (
            "Mozilla/5.0 (Linux; U; en-us; KFAPWI Build/1) AppleWebKit/535.19 (KHTML, like Gecko) Silk/3.13 Safari/535.19 Silk-Accelerated=true",
            "Silk 3.13, Android -, tablet",
        ),
        (
            "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Example) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0 Mobile Safari/537.36 Edge/15.15063",
            "Edge 15.15063, Windows Phone 10.0, mobile",
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox 140.0, Ubuntu -, desktop",
        ),
        (
            "Mozilla/5.0 (X11; U; Linux i686; rv:1.9.0.8) Gecko/2009033100 Ubuntu/9.04 (jaunty) Firefox/3.0.8",
            "Firefox 3.0.8, Ubuntu 9.04, desktop",
        ),
        (
            "BlackBerry9000/4.6.0.167 Profile/MIDP-2.0",
            "BlackBerry Browser 4.6.0.167, BlackBerry 4.6.0.167, mobile",
        ),
        ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT)", "Internet Explorer 6.0, Windows NT, desktop"),
        ("Mozilla/5.0 (Windows; U; Win 9x 4.90; rv:1.7) Gecko/2004", "Mozilla 1.7, Windows ME, desktop"),
    ]);
}

#[test]
fn an_internet_explorer_that_plays_an_older_one_is_told_by_its_engine() {
    check(&[
        (
            "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/7.0)",
            "Internet Explorer 11.0, Windows 7, desktop",
        ),
        ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1)", "Internet Explorer 7.0, Windows XP, desktop"),
    ]);
}

#[test]
fn televisions_and_consoles() {
    check(&[
        (
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.5) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/5.0 Chrome/85.0 TV Safari/537.36",
            "Samsung Internet 5.0, Tizen 6.5, tv",
        ),
        (
            "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36",
            "Chrome 87.0.4280.88, webOS -, tv",
        ),
        (
            "Mozilla/5.0 (Linux; Android 9; AFTKA Build/1) AppleWebKit/537.36 (KHTML, like Gecko) Silk/112.2 like Chrome/112.0 Safari/537.36",
            "Silk 112.2, Android 9, tv",
        ),
        (
            "Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15",
            "PlayStation -, PlayStation 5, other",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/48.0 Safari/537.36 Edge/20.02",
            "Edge 20.02, Xbox -, other",
        ),
    ]);
}

#[track_caller]
fn bot(agent: &str) -> (&str, &'static str) {
    let it = parse(agent);
    assert_eq!(it.device, Some(Device::Bot), "{agent}");
    assert_eq!(it.os, None);
    (it.bot.unwrap(), it.bot_class.unwrap().name())
}

#[test]
fn bots_are_known_by_name_and_what_they_are_for() {
    for (agent, expected) in [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ("Googlebot", "search")),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            ("Googlebot", "search"),
        ),
        ("Googlebot-Image/1.0", ("Googlebot-Image", "search")),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            ("GPTBot", "ai-training"),
        ),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", ("AhrefsBot", "seo")),
        ("TelegramBot (like TwitterBot)", ("TelegramBot", "social-preview")),
        ("kube-probe/1.28", ("kube-probe", "monitor")),
        ("Tiny Tiny RSS/1.11 (http://tt-rss.org/)", ("Tiny Tiny RSS", "feed")),
        (
            "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
            ("archive.org_bot", "archive"),
        ),
        ("Mozilla/5.0 zgrab/0.x", ("zgrab", "scanner")),
        ("python-requests/2.31.0", ("python-requests", "library")),
    ] {
        assert_eq!(bot(agent), expected, "{agent}");
    }
}

#[test]
fn a_bot_that_nobody_knows_is_told_by_its_form() {
    for (agent, name) in [
        ("FooBot/1.0", "FooBot"),
        ("Mozilla/5.0 (compatible; FooCrawler/3.1; +https://foo.example/about)", "FooCrawler"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/100.0 Safari/537.36 foo-spider",
            "foo-spider",
        ),
        ("Mozilla/5.0 (compatible; Explorer9; somebody@foo.example)", "Explorer9"),
        ("Indexing Thing/2 (+https://foo.example/)", "Indexing Thing"),
        ("Foo Link Validator", "Foo Link Validator"),
    ] {
        assert_eq!(bot(agent), (name, "other"), "{agent}");
    }
}

#[test]
fn a_library_is_its_own_browser() {
    let curl = parse("curl/8.5.0");
    assert_eq!((curl.browser, curl.browser_version, curl.bot), (Some("curl"), Some("8.5.0"), Some("curl")));
    let google = parse("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
    assert_eq!((google.browser, google.browser_version), (None, None));
}

#[test]
fn people_are_no_bots_whatever_their_telephone_is_called() {
    for model in ["CUBOT", "CUBOT_X18_Plus", "Cubot Note 20", "Robotics One"] {
        let agent = format!(
            "Mozilla/5.0 (Linux; Android 10; {model} Build/1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Mobile Safari/537.36"
        );
        assert_eq!(parse(&agent).bot, None, "{agent}");
        assert_eq!(parse(&agent.replace(model, "FooBot")).bot, Some("FooBot"));
    }
    let old = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0; EmbeddedWB 14.52 from: http://embedded.example/; .NET CLR 2.0)";
    assert_eq!(parse(old).bot, None);
}

#[test]
fn no_agent_says_nothing() {
    for agent in ["", "-", " ", " - "] {
        assert_eq!(parse(agent), Agent::default());
    }
    assert_eq!(parse("Mozilla/5.0").device, Some(Device::Other));
}

#[test]
fn the_list_of_bots_has_no_line_that_can_never_count() {
    assert!(known_bots() >= 200);
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for bots::Entry { token, name, class } in bots::entries() {
        if !seen.insert(token.to_ascii_lowercase()) {
            faults.push(format!("{token} is there twice"));
        }
        let found = parse(token.trim_start_matches('^'));
        if (found.bot, found.bot_class) != (Some(name), Some(class)) {
            faults.push(format!("{token} is hidden by the line of {:?}", found.bot));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(agent in "\\PC{0,200}") {
        parse(&agent);
    }

    #[test]
    fn no_mixture_of_what_agents_are_made_of_makes_it_panic(
        parts in proptest::collection::vec(
            prop::sample::select(vec!["Mozilla/5.0", " (", "compatible; ", "bot", "http://", "Windows NT", "Android", "é", "/", "1.0", ")", "iPhone OS ", "Version/", "CrOS "]),
            0..20,
        )
    ) {
        parse(&parts.concat());
    }

    #[test]
    fn a_long_agent_is_read_to_a_point(tail in "[a-zé]{3000}") {
        let agent = format!("curl/8.5.0 {tail}");
        prop_assert_eq!(parse(&agent).bot, Some("curl"));
    }
}
