//! Agents as they are seen in logs, written for this test: names of bots and forms of browsers are
//! facts, versions and hosts are made up.

use super::*;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/// Agents of known bots, the name, and the class.
const KNOWN: &[(&str, &str, BotClass)] = &[
    (
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Googlebot",
        BotClass::Search,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.0.0 Safari/537.36",
        "bingbot",
        BotClass::Search,
    ),
    ("Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "YandexBot", BotClass::Search),
    ("Mozilla/5.0 (compatible; YandexNews/4.0; +http://yandex.com/bots)", "YandexNews", BotClass::Search),
    (
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
        "Baiduspider",
        BotClass::Search,
    ),
    ("DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)", "DuckDuckBot", BotClass::Search),
    (
        "Mozilla/5.0 (compatible; SeznamBot/4.0; +http://napoveda.seznam.cz/seznambot-intro/)",
        "SeznamBot",
        BotClass::Search,
    ),
    (
        "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
        "PetalBot",
        BotClass::Search,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)",
        "GPTBot",
        BotClass::AiTraining,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "ClaudeBot",
        BotClass::AiTraining,
    ),
    ("CCBot/2.0 (https://commoncrawl.org/faq/)", "CCBot", BotClass::AiTraining),
    (
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
        "Bytespider",
        BotClass::AiTraining,
    ),
    (
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        "meta-externalagent",
        BotClass::AiTraining,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot",
        "OAI-SearchBot",
        BotClass::AiSearch,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
        "PerplexityBot",
        BotClass::AiSearch,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
        "ChatGPT-User",
        BotClass::AiUser,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
        "Claude-User",
        BotClass::AiUser,
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)",
        "Perplexity-User",
        BotClass::AiUser,
    ),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "AhrefsBot", BotClass::Seo),
    (
        "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
        "SemrushBot",
        BotClass::Seo,
    ),
    ("Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)", "MJ12bot", BotClass::Seo),
    (
        "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
        "DotBot",
        BotClass::Seo,
    ),
    (
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "facebookexternalhit",
        BotClass::SocialPreview,
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "iMessage Preview",
        BotClass::SocialPreview,
    ),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Slackbot", BotClass::SocialPreview),
    ("WhatsApp/2.23.20.0", "WhatsApp", BotClass::SocialPreview),
    (
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Discordbot",
        BotClass::SocialPreview,
    ),
    (
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "UptimeRobot",
        BotClass::Monitor,
    ),
    ("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "Pingdom", BotClass::Monitor),
    ("ELB-HealthChecker/2.0", "ELB-HealthChecker", BotClass::Monitor),
    ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)", "Feedly", BotClass::Feed),
    ("Mozilla/5.0 (compatible; Miniflux/2.1.0; +https://miniflux.app)", "Miniflux", BotClass::Feed),
    ("curl/8.5.0", "curl", BotClass::Library),
    ("Wget/1.21.4", "Wget", BotClass::Library),
    ("Go-http-client/2.0", "Go-http-client", BotClass::Library),
    ("python-requests/2.32.3", "python-requests", BotClass::Library),
    ("Java/17.0.2", "Java", BotClass::Library),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36",
        "HeadlessChrome",
        BotClass::Library,
    ),
    ("Mozilla/5.0 zgrab/0.x", "zgrab", BotClass::Scanner),
    (
        "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)",
        "CensysInspect",
        BotClass::Scanner,
    ),
    ("Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:map_codes)", "Nikto", BotClass::Scanner),
    (
        "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
        "archive.org_bot",
        BotClass::Archive,
    ),
    (
        "ia_archiver (+http://www.alexa.com/site/help/webmasters; crawler@alexa.com)",
        "ia_archiver",
        BotClass::Archive,
    ),
    ("Mozilla/5.0 (compatible; heritrix/3.4.0 +http://library.example/)", "heritrix", BotClass::Archive),
];

/// Agents of bots that no list can know, and the name that they are given.
const UNKNOWN: &[(&str, &str)] = &[
    ("FooBot", "FooBot"),
    ("foobot/0.1 (+https://foo.example/bot)", "foobot"),
    ("Mozilla/5.0 (compatible; Foo-Crawler/1.0; +https://foo.example)", "Foo-Crawler"),
    ("Mozilla/5.0 (compatible; UmbrellaAgent/1.0; see foo.example)", "UmbrellaAgent"),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; compatible; FooSearch/2.0) Chrome/99.0 Safari/537.36",
        "FooSearch",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0 foo-spider/2",
        "foo-spider",
    ),
    ("Foo Site Monitoring", "Foo Site Monitoring"),
    ("Foo/1.0 (somebody@foo.example)", "Foo"),
    ("Foo/1.0 (somebody at foo; webmaster(at)foo.example)", "Foo"),
    ("my_scraper v3", "my_scraper"),
    ("ExampleFetcher", "ExampleFetcher"),
    (
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36 (+https://www.foo.example/why)",
        "foo.example",
    ),
    ("Indexing Thing/2 (+https://foo.example/)", "Indexing Thing"),
];

/// Agents of people.
const PEOPLE: &[&str] = &[
    CHROME,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/605.1.15 (Ecosia ios@11.0.2.2268)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/480.0.0.31;FBBV/1]",
    "Mozilla/5.0 (iPad; CPU OS 12_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/16C50 Flipboard/4.2.32",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 11; CUBOT_X30 Build/RP1A.200720.011) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; CUBOT NOTE 20 Build/PPR1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 4.0.4; TREQ 3G Turbo Build/IMM76D) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0.1025.166 Safari/535.19",
    "Mozilla/5.0 (Linux; U; Android 2.3; de-de; Phone - Forum: http://phones.example Build/GRWK74) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1",
    "Mozilla/5.0 (Linux; Android 4.0.3; Tablet 101 Build/ICS@ROM_04.06.2012) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0.1025.166 Safari/535.19",
    "Mozilla/5.0 (Linux; Android 14; Roboto Phone) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; SLCC2)",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Mozilla/5.0 (compatible; msie 9.0; windows phone os 7.5; trident/5.0; iemobile/9.0)",
    "Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.2 (like Gecko)",
    "Mozilla/3.0 (compatible; NetPositive/2.2.1; BeOS)",
    "Mozilla/5.0 (compatible; IBrowse 3.0; AmigaOS4.0)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/4.0 (compatible; Polaris 6.2; BREW 3.1.5; U; en)/240X400 LG",
    "Mozilla/5.0 (compatible; Teleca Q7; Brew 3.1.5; U; en) 240X400 LG",
    "Mozilla/4.0 (compatible; SonyEricssonJ20/R7BA Browser/NetFront/3.5 Profile/MIDP-2.1 Configuration/CLDC-1.1)",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/191.273; U; en) Presto/2.12.423 Version/12.16",
    "Lynx/2.9.0 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.2",
    "ELinks/0.12 (textmode; Linux; 100x25-2)",
    "Dalvik/2.1.0 (Linux; U; Android 9; Example Build/PPR1)",
    "Nokia6280/2.0 (03.60) Profile/MIDP-2.0 Configuration/CLDC-1.1",
    "Roku4640X/DVP-7.70 (297.70E04154A)",
    "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.5359.211 Safari/537.36",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
];

#[test]
fn known_bots_have_their_name_and_class() {
    for (agent, name, class) in KNOWN {
        let bot = find(agent).unwrap_or_else(|| panic!("taken for people: {agent}"));
        assert_eq!((bot.name, bot.class), (*name, *class), "{agent}");
    }
    for class in BotClass::ALL {
        let is_there = KNOWN.iter().any(|(_, _, known)| *known == class);
        assert!(is_there || class == BotClass::Other, "{class:?} has no agent in this test");
        assert_eq!(BotClass::from_name(class.name()), Some(class));
    }
}

#[test]
fn bots_that_no_list_knows_give_themselves_away() {
    for (agent, name) in UNKNOWN {
        let bot = find(agent).unwrap_or_else(|| panic!("taken for people: {agent}"));
        assert_eq!((bot.name, bot.class), (*name, BotClass::Other), "{agent}");
    }
}

#[test]
fn people_are_not_taken_for_bots() {
    let taken: Vec<_> = PEOPLE.iter().filter_map(|agent| Some((find(agent)?.name, agent))).collect();
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn a_bot_behind_a_browsers_disguise_is_found() {
    for (_, name, class) in KNOWN.iter().filter(|(agent, ..)| agent.starts_with("Mozilla/")) {
        let token = entries().find(|entry| entry.name == *name && !entry.token.starts_with('^'));
        let Some(entry) = token else { continue };
        let agent = format!("{CHROME} {}/1.0", entry.token.trim_end_matches('/'));
        assert_eq!(find(&agent).map(|bot| bot.class), Some(*class), "{agent}");
    }
}

#[test]
fn every_kind_of_bot_is_worth_a_closer_look() {
    for kind in KINDS.iter().chain(KINDS_ALONE) {
        for kind in [kind.to_string(), kind.to_uppercase()] {
            assert!(Hints::of(&format!("Foo{kind}/1.0")).kind, "{kind}");
            assert!(Hints::of(&kind).kind, "{kind}");
        }
    }
    assert!(!Hints::of(CHROME).kind);
}
