//! Which operating system, and which version of it.

use std::{borrow::Cow, sync::LazyLock};

use super::tokens::{Tokens, version_behind};

/// The name and version of an operating system.
pub(super) type System<'a> = (&'static str, Option<Cow<'a, str>>);

/// The token to look for, and the system's name. Of several in one agent the earlier line counts.
static SYSTEMS: &[(&str, &str)] = &[
    ("Xbox", "Xbox"),
    ("Windows Phone", "Windows Phone"),
    ("XBLWP7", "Windows Phone"),
    ("Windows Mobile", "Windows Mobile"),
    ("CitrixChromeApp", "ChromeOS"),
    ("CrOS", "ChromeOS"),
    ("Windows NT", "Windows"),
    ("Windows*", "Windows"),
    ("WinNT", "Windows"),
    ("Win32NT", "Windows"),
    ("Win", "Windows"),
    ("AppleTV", "tvOS"),
    ("Apple TV", "tvOS"),
    ("tvOS", "tvOS"),
    ("watchOS", "watchOS"),
    ("iPad", "iPadOS"),
    ("iPhone", "iOS"),
    ("iPod", "iOS"),
    ("iOS", "iOS"),
    ("like Mac OS X", "iOS"),
    // These are on iPhones and iPads only; an iPad that asks for desktop pages says Macintosh.
    ("CriOS", "iPadOS"),
    ("FxiOS", "iPadOS"),
    ("EdgiOS", "iPadOS"),
    ("OPiOS", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("macOS", "macOS"),
    ("MacOS X", "macOS"),
    ("Mac_PowerPC", "macOS"),
    ("OS X", "macOS"),
    // HarmonyOS calls itself Android too.
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android*", "Android"),
    ("Adr", "Android"),
    // Amazon's tablets, and what its browser says there when it asks for desktop pages.
    ("; KF*", "Android"),
    ("Silk-Accelerated", "Android"),
    ("OculusBrowser", "Android"),
    ("KAIOS", "KaiOS"),
    ("Tizen", "Tizen"),
    ("Web0S", "webOS"),
    ("webOS*", "webOS"),
    ("hpwOS", "webOS"),
    ("PlayStation", "PlayStation"),
    ("Nintendo", "Nintendo"),
    ("BB10", "BlackBerry"),
    ("BlackBerry", "BlackBerry"),
    ("PlayBook", "BlackBerry"),
    ("SymbianOS", "Symbian"),
    ("SymbOS", "Symbian"),
    ("Symbian", "Symbian"),
    ("Series60", "Symbian"),
    ("Series 60", "Symbian"),
    ("S60", "Symbian"),
    ("Series40", "Series 40"),
    ("Sailfish", "Sailfish"),
    ("Maemo", "Maemo"),
    ("MeeGo", "MeeGo"),
    ("Bada", "Bada"),
    ("BREW", "Brew"),
    ("Fuchsia", "Fuchsia"),
    ("SerenityOS", "SerenityOS"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("NetBSD", "NetBSD"),
    ("DragonFly", "DragonFly"),
    ("SunOS", "Solaris"),
    ("AIX", "AIX"),
    ("HP-UX", "HP-UX"),
    ("IRIX*", "IRIX"),
    ("Haiku", "Haiku"),
    ("BeOS", "BeOS"),
    ("OS/2", "OS/2"),
    ("AmigaOS", "AmigaOS"),
    ("WebTV", "WebTV"),
    ("Roku", "Roku OS"),
    ("Darwin/", "Darwin"),
    ("(Mobile; rv:", "Firefox OS"),
    ("(Mobile; nnnn; rv:", "Firefox OS"),
    ("(Tablet; rv:", "Firefox OS"),
    // Distributions that their browsers name.
    ("Ubuntu", "Ubuntu"),
    ("Kubuntu", "Ubuntu"),
    ("Fedora", "Fedora"),
    ("Red Hat", "Red Hat"),
    ("CentOS", "CentOS"),
    ("Debian", "Debian"),
    ("SUSE", "SUSE"),
    ("Gentoo", "Gentoo"),
    ("Mandriva", "Mandriva"),
    ("Mageia", "Mageia"),
    ("Slackware", "Slackware"),
    ("Linux Mint", "Linux Mint"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

/// The name and version of the system, if the agent has one.
pub(super) fn find(agent: &str) -> Option<System<'_>> {
    static TOKENS: LazyLock<Tokens> = LazyLock::new(|| Tokens::new(SYSTEMS.iter().map(|entry| entry.0)));
    let found = TOKENS.find(agent)?;
    let (token, name) = SYSTEMS[found.place];
    let behind = || version_behind(agent, found.end).map(Cow::Borrowed);
    let version = match name {
        "Windows" if token == "Windows*" && agent.contains("Win 9x 4.90") => Some(Cow::Borrowed("ME")),
        "Windows" if token == "Windows NT" => windows(&agent[found.end - "NT".len()..]).map(Cow::Borrowed),
        "Windows" => windows(&agent[found.end..]).map(Cow::Borrowed),
        "Windows Phone" => version_behind(agent[found.end..].trim_start_matches(" OS"), 0).map(Cow::Borrowed),
        "tvOS" => ["tvOS ", "tvOS/", "CPU OS "].iter().find_map(|token| dotted(agent, token)),
        "iPadOS" | "iOS" => return Some(ios(agent, token, name)),
        "macOS" => ["Mac OS X ", "Mac OS X/", "macOS ", "macOS/", "OS X "]
            .iter()
            .find_map(|token| dotted(agent, token)),
        "Darwin" => return darwin(agent, found.end),
        "Android" if token != "Android*" => None,
        "BlackBerry" => blackberry(agent, found.end).map(Cow::Borrowed),
        "ChromeOS" => chromeos(&agent[found.end..]).map(Cow::Borrowed),
        "Linux" | "Unix" | "Nintendo" | "Xbox" | "Firefox OS" => None,
        // "PlayStation; PlayStation 5/6.00": the generation is the version.
        "PlayStation" => generation(agent).map(Cow::Borrowed),
        _ => behind(),
    };
    Some((name, version))
}

/// The version of Windows behind its name. Windows 11 says NT 10.0 as Windows 10 does.
fn windows(rest: &str) -> Option<&'static str> {
    static VERSIONS: &[(&str, &str)] = &[
        ("10", "10"),
        ("11", "11"),
        ("6.4", "10"),
        ("6.3", "8.1"),
        ("6.2", "8"),
        ("6.1", "7"),
        ("6.0", "Vista"),
        ("5.2", "XP"),
        ("5.1", "XP"),
        ("XP", "XP"),
        ("5.0", "2000"),
        ("2000", "2000"),
        ("4.0", "NT 4.0"),
        ("4", "NT 4.0"),
        ("Vista", "Vista"),
        ("NT", "NT"),
        ("ME", "ME"),
        ("98; Win 9x 4.90", "ME"),
        ("9x 4.90", "ME"),
        ("98", "98"),
        ("95", "95"),
        ("3.1", "3.1"),
        ("CE", "CE"),
        ("7", "7"),
        ("8.1", "8.1"),
        ("8", "8"),
    ];
    let rest = rest.trim_start_matches([' ', '/', '-']);
    let number = rest.strip_prefix("NT").map_or(rest, |number| number.trim_start());
    // "NT" without a number that is known stays NT.
    let start = |text: &str| VERSIONS.iter().find(|(token, _)| text.starts_with(token));
    start(number).or_else(|| start(rest)).map(|(_, version)| *version)
}

/// "CPU iPhone OS 17_5 like Mac OS X", "CPU OS 17_5 like Mac OS X", or "iOS 17.5" of applications.
fn ios<'a>(agent: &'a str, token: &str, name: &'static str) -> System<'a> {
    // Chrome and others on an iPad that plays the desktop: the version there is not its own.
    if name == "iPadOS" && token != "iPad" {
        return (name, None);
    }
    let version =
        ["iPhone OS ", "CPU OS ", "iPadOS ", "iOS ", "iOS/", "iPhone OS/", "CPU iPhone ", "iPh OS "]
            .iter()
            .find_map(|token| dotted(agent, token));
    let major = version.as_deref().and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    let ipados = name == "iPadOS" && major.is_some_and(|major| major >= 13);
    (if ipados { "iPadOS" } else { "iOS" }, version)
}

/// Darwin is beneath macOS and iOS alike. Only Macs name an Intel processor, and until Darwin 19,
/// which was the last before their own processors, all of them did. Their versions follow that of
/// Darwin.
fn darwin(agent: &str, end: usize) -> Option<System<'_>> {
    let major: u32 = version_behind(agent, end)?.split('.').next()?.parse().ok()?;
    let mac = ["x86_64", "i386", "(Mac", "Power"].iter().any(|sign| agent.contains(sign));
    match (mac, major) {
        (true, 25..) => Some(("macOS", Some(Cow::Owned((major + 1).to_string())))),
        (true, 20..25) => Some(("macOS", Some(Cow::Owned((major - 9).to_string())))),
        (true, 5..20) => Some(("macOS", Some(Cow::Owned(format!("10.{}", major - 4))))),
        (false, 15..20) => Some(("iOS", Some(Cow::Owned((major - 6).to_string())))),
        // Some of these were beneath two versions of iOS, which their CFNetwork tells apart.
        (false, 9..15) => {
            let versions = [("485", "4"), ("548", "5"), ("609", "6"), ("672", "7"), ("711", "8")];
            let library =
                agent.find("CFNetwork/").and_then(|at| version_behind(agent, at + "CFNetwork".len()))?;
            let version = versions.iter().find(|(number, _)| library.split('.').next() == Some(number));
            Some(("iOS", version.map(|(_, version)| Cow::Borrowed(*version))))
        }
        _ => None,
    }
}

/// "CrOS x86_64 14541.0.0": the version stands behind the processor.
fn chromeos(rest: &str) -> Option<&str> {
    version_behind(rest.trim_start().split([' ', ')']).nth(1)?, 0)
}

/// "BlackBerry9000/4.6.0.167": the model stands first. Newer ones say it as "Version/7.1".
pub(super) fn blackberry(agent: &str, end: usize) -> Option<&str> {
    let newer = agent.find("Version/").map(|at| at + "Version".len());
    let behind_model = || agent[end..].find(['/', ' ', ';', ')']).map(|at| end + at);
    let at = newer.or_else(behind_model).filter(|at| agent[*at..].starts_with('/'))?;
    version_behind(agent, at)
}

fn generation(agent: &str) -> Option<&str> {
    let lower = |at: usize| agent[at..].get(.."PlayStation".len());
    let last = agent
        .rmatch_indices(['P', 'p'])
        .map(|(at, _)| at)
        .find(|at| lower(*at).is_some_and(|word| word.eq_ignore_ascii_case("PlayStation")))?;
    version_behind(agent, last + "PlayStation".len())
}

/// A version behind a token, with dots where Apple writes underscores.
fn dotted<'a>(agent: &'a str, token: &str) -> Option<Cow<'a, str>> {
    let version = version_behind(agent, agent.find(token)? + token.len())?;
    Some(if version.contains('_') { Cow::Owned(version.replace('_', ".")) } else { Cow::Borrowed(version) })
}
