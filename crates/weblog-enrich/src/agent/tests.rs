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
            ("GPTBot", "ai"),
        ),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", ("AhrefsBot", "seo")),
        ("TelegramBot (like TwitterBot)", ("TelegramBot", "social")),
        ("kube-probe/1.28", ("kube-probe", "monitor")),
        ("Tiny Tiny RSS/1.11 (http://tt-rss.org/)", ("Tiny Tiny RSS", "feed")),
        (
            "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
            ("archive.org_bot", "archive"),
        ),
        ("Mozilla/5.0 zgrab/0.x", ("zgrab", "scanner")),
        ("python-requests/2.31.0", ("python-requests", "tool")),
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
fn a_tool_is_its_own_browser() {
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
