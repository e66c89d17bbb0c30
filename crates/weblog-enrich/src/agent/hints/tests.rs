use super::*;
use proptest::prelude::*;

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";
const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

fn shown(agent: &str, hints: Hints<'_>) -> String {
    let it = parse_with_hints(agent, &hints);
    let or = |text: Option<&str>| text.unwrap_or("-").to_string();
    let device = it.device.map_or("-", Device::name);
    let (os, os_version) = (or(it.os), or(it.os_version.as_deref()));
    format!("{} {}, {os} {os_version}, {device}", or(it.browser), or(it.browser_version))
}

#[test]
fn the_brand_that_says_most_counts_in_any_order() {
    let with = |ua| shown(WINDOWS, Hints { ua, ..Hints::default() });
    for (list, expected) in [
        (r#""Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99""#, "Chrome 130.0.0.0"),
        (r#""Google Chrome";v="130", "Not/A)Brand";v="8", "Chromium";v="130""#, "Chrome 130.0.0.0"),
        (r#""Chromium";v="130", "Microsoft Edge";v="131", " Not A;Brand";v="99""#, "Edge 131"),
        (r#""Brave";v="130", "Chromium";v="130", "(Not(A:Brand";v="24""#, "Brave 130"),
        (r#""Chromium";v="130", "Not\"A\\Brand";v="99""#, "Chromium 130"),
        (r#""Example Browser";v="7", "Chromium";v="130""#, "Example Browser 7"),
        (r#"\"Chromium\";v=\"130\", \"Opera\";v=\"115\", \"Not;A=Brand\";v=\"99\""#, "Opera 115"),
        (r#""Chromium";v=130;x=?1, "Vivaldi" ; v="7""#, "Vivaldi 7"),
        ("", "Chrome 130.0.0.0"),
        ("-", "Chrome 130.0.0.0"),
        (r#""Chromium"#, "Chrome 130.0.0.0"),
        (r#""Not A;Brand";v="99""#, "Chrome 130.0.0.0"),
    ] {
        assert_eq!(with(list), format!("{expected}, Windows 10, desktop"), "{list}");
    }
}

#[test]
fn the_full_list_has_the_whole_version() {
    let hints = Hints {
        ua: r#""Chromium";v="130", "Google Chrome";v="130""#,
        full_versions: r#""Chromium";v="130.0.6723.92", "Google Chrome";v="130.0.6723.91""#,
        ..Hints::default()
    };
    assert_eq!(shown(WINDOWS, hints), "Chrome 130.0.6723.91, Windows 10, desktop");
}

#[test]
fn windows_11_is_told_from_10() {
    for (version, expected) in [
        ("\"15.0.0\"", "11"),
        ("\"13.0.0\"", "11"),
        ("14", "11"),
        ("\"10.0.0\"", "10"),
        ("\"1.0.0\"", "10"),
        ("\"0.3.0\"", "8.1"),
        ("\"0.2.0\"", "8"),
        ("\"0.1.0\"", "7"),
        ("\"\"", "10"),
        ("\"0\"", "10"),
        ("what", "10"),
        ("99999999999999999999", "10"),
    ] {
        let hints = Hints { platform: "\"Windows\"", platform_version: version, ..Hints::default() };
        assert_eq!(
            shown(WINDOWS, hints),
            format!("Chrome 130.0.0.0, Windows {expected}, desktop"),
            "{version}"
        );
    }
}

#[test]
fn frozen_systems_get_their_true_version() {
    let hints = Hints { platform: "\"macOS\"", platform_version: "\"15.1.0\"", ..Hints::default() };
    assert_eq!(shown(MAC, hints), "Chrome 130.0.0.0, macOS 15.1, desktop");
    let hints = Hints { platform: "\"Android\"", platform_version: "\"14.0.0\"", ..Hints::default() };
    assert_eq!(shown(ANDROID, hints), "Chrome 130.0.0.0, Android 14, mobile");
    // What the hint leaves out stays as the agent has it, if the system is the same.
    let hints = Hints { platform: "Android", ..Hints::default() };
    assert_eq!(shown(ANDROID, hints), "Chrome 130.0.0.0, Android 10, mobile");
    let hints = Hints { platform: "\"Linux\"", ..Hints::default() };
    assert_eq!(shown(MAC, hints), "Chrome 130.0.0.0, Linux -, desktop");
    let hints = Hints { platform: "\"iPadOS\"", platform_version: "\"18.1\"", ..Hints::default() };
    assert_eq!(shown(MAC, hints), "Chrome 130.0.0.0, iPadOS 18.1, tablet");
}

#[test]
fn the_device_follows_mobile_and_model() {
    let with = |mobile, model| {
        let it =
            parse_with_hints(ANDROID, &Hints { platform: "\"Android\"", mobile, model, ..Hints::default() });
        it.device.unwrap().name()
    };
    assert_eq!(with("?1", "\"Pixel 9\""), "mobile");
    assert_eq!(with("?0", "\"\""), "tablet");
    assert_eq!(with("", "\"SM-X910\""), "tablet");
    assert_eq!(with("?1", "\"Pixel Tablet\""), "tablet");
    assert_eq!(with("?0", "\"AFTKA\""), "tv");
    assert_eq!(with("?0", "\"BRAVIA 4K\""), "tv");
    assert_eq!(
        shown(WINDOWS, Hints { mobile: "?0", ..Hints::default() }),
        "Chrome 130.0.0.0, Windows 10, desktop"
    );
}

#[test]
fn what_the_agent_knows_better_stays() {
    let ua = r#""Android WebView";v="130", "Chromium";v="130""#;
    let facebook = format!("{ANDROID} [FB_IAB/FB4A;FBAV/480.0.0.31;]");
    assert!(shown(&facebook, Hints { ua, ..Hints::default() }).starts_with("Facebook 480.0.0.31, "));
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    assert!(shown(firefox, Hints { ua, ..Hints::default() }).starts_with("Firefox 133.0, "));
    let bot = "Mozilla/5.0 (compatible; FooBot/1.0; +https://foo.example/)";
    let hints = Hints { ua, platform: "\"Windows\"", ..Hints::default() };
    assert_eq!(parse_with_hints(bot, &hints), super::super::parse(bot));
}

#[test]
fn a_browser_without_a_window_is_told_by_its_brand() {
    let hints = Hints { ua: r#""HeadlessChrome";v="130", "Chromium";v="130""#, ..Hints::default() };
    assert_eq!(parse_with_hints(WINDOWS, &hints).bot, Some("HeadlessChrome"));
}

#[test]
fn fields_are_known_by_the_names_that_servers_give_them() {
    for name in ["http_sec_ch_ua", "sec_ch_ua", "Sec-CH-UA", "request_headers.Sec-Ch-Ua", "header_sec_ch_ua"]
    {
        assert_eq!(Hints::field(name), Some(HintKind::Ua), "{name}");
    }
    assert_eq!(Hints::field("http_sec_ch_ua_platform"), Some(HintKind::Platform));
    assert_eq!(Hints::field("Sec-CH-UA-Platform-Version"), Some(HintKind::PlatformVersion));
    assert_eq!(Hints::field("sec_ch_ua_full_version_list"), Some(HintKind::FullVersions));
    assert_eq!(Hints::field("sec_ch_ua_mobile"), Some(HintKind::Mobile));
    assert_eq!(Hints::field("sec-ch-ua-model"), Some(HintKind::Model));
    for name in ["", "user_agent", "sec_ch_ua_arch", "sec_ch_uas", "xsec_ch_ua", "sec_ch_ü", "üüüüüüüü"]
    {
        assert_eq!(Hints::field(name), None, "{name}");
    }
    let mut hints = Hints::default();
    assert!(hints.is_empty());
    hints.set(HintKind::Model, "\"x\"");
    assert_eq!((hints.model, hints.is_empty()), ("\"x\"", false));
}

proptest! {
    #[test]
    fn no_hint_makes_it_panic(
        parts in proptest::collection::vec(
            prop::sample::select(vec!["\"", "\\", "\\\"", ";", "v=", "=", ",", " ", "Chromium", "Not A;Brand", "é", "1", ".0", "?1", "-"]),
            0..30,
        )
    ) {
        let text = parts.concat();
        let hints = Hints { ua: &text, full_versions: &text, platform: &text, platform_version: &text, mobile: &text, model: &text };
        parse_with_hints(ANDROID, &hints);
        let hints = Hints { platform: "\"Windows\"", ..hints };
        parse_with_hints(&text, &hints);
        Hints::field(&text);
    }
}
