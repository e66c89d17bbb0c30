//! Which operating system, and what kind of device it runs on.

use std::borrow::Cow;

use super::Device;
use super::tokens::version_behind;

/// The name and version of an operating system.
pub(super) type System<'a> = (&'static str, Option<Cow<'a, str>>);

/// The tokens of systems in the order in which they are tried, for the rarer ones.
static OTHERS: &[(&str, &str)] = &[
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("KAIOS", "KaiOS"),
    ("Tizen", "Tizen"),
    ("Web0S", "webOS"),
    ("webOS", "webOS"),
    ("hpwOS", "webOS"),
    ("PlayStation", "PlayStation"),
    ("PLAYSTATION", "PlayStation"),
    ("Nintendo", "Nintendo"),
    ("BB10", "BlackBerry"),
    ("BlackBerry", "BlackBerry"),
    ("PlayBook", "BlackBerry"),
    ("SymbianOS", "Symbian"),
    ("SymbOS", "Symbian"),
    ("Symbian", "Symbian"),
    ("Series60", "Symbian"),
    ("MeeGo", "MeeGo"),
    ("Bada", "Bada"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("NetBSD", "NetBSD"),
    ("DragonFly", "DragonFly"),
    ("SunOS", "Solaris"),
    ("AIX", "AIX"),
    ("HP-UX", "HP-UX"),
    ("IRIX", "IRIX"),
    ("Haiku", "Haiku"),
    ("BeOS", "BeOS"),
    ("OS/2", "OS/2"),
    ("AmigaOS", "AmigaOS"),
    ("Roku", "Roku OS"),
    ("Linux", "Linux"),
    ("Ubuntu", "Linux"),
    ("Fedora", "Linux"),
    ("Debian", "Linux"),
    ("X11", "Unix"),
];

pub(super) fn find(agent: &str) -> Option<System<'_>> {
    windows(agent)
        .or_else(|| apple(agent))
        .or_else(|| android(agent))
        .or_else(|| chromeos(agent))
        .or_else(|| other(agent))
}

fn windows(agent: &str) -> Option<System<'_>> {
    if agent.contains("Xbox") {
        return Some(("Xbox", None));
    }
    if let Some(version) = behind(agent, "Windows Phone").map(|rest| rest.trim_start_matches(" OS")) {
        return Some(("Windows Phone", version_behind(version, 0).map(Cow::Borrowed)));
    }
    let Some(rest) = behind(agent, "Windows ").or_else(|| behind(agent, "Win")) else {
        return agent.contains("Windows").then_some(("Windows", None));
    };
    // Windows 11 says NT 10.0 as Windows 10 does.
    static VERSIONS: &[(&str, &str)] = &[
        ("NT 10", "10"),
        ("NT 11", "11"),
        ("NT 6.4", "10"),
        ("NT 6.3", "8.1"),
        ("NT 6.2", "8"),
        ("NT 6.1", "7"),
        ("NT 6.0", "Vista"),
        ("NT 5.2", "XP"),
        ("NT 5.1", "XP"),
        ("XP", "XP"),
        ("NT 5.0", "2000"),
        ("2000", "2000"),
        ("NT 4", "NT 4.0"),
        ("NT", "NT"),
        ("ME", "ME"),
        ("98; Win 9x 4.90", "ME"),
        ("98", "98"),
        ("95", "95"),
        ("CE", "CE"),
        ("10", "10"),
        ("11", "11"),
        ("7", "7"),
        ("8", "8"),
    ];
    let version = VERSIONS.iter().find(|(token, _)| rest.starts_with(token)).map(|(_, version)| *version);
    if version.is_none() && !agent.contains("Windows") && !agent.contains("Win64") && !agent.contains("Win32")
    {
        return None;
    }
    Some(("Windows", version.map(Cow::Borrowed)))
}

fn apple(agent: &str) -> Option<System<'_>> {
    let mobile = ["iPhone", "iPad", "iPod"].iter().any(|device| agent.contains(device));
    if agent.contains("AppleTV") || agent.contains("Apple TV") || agent.contains("tvOS") {
        return Some(("tvOS", ["tvOS ", "tvOS/", "CPU OS "].iter().find_map(|token| dotted(agent, token))));
    }
    if mobile || agent.contains("like Mac OS X") || agent.contains("; iOS ") {
        // "CPU iPhone OS 17_5 like Mac OS X", "CPU OS 17_5 like Mac OS X", or "iOS 17.5" of applications.
        let version = ["iPhone OS ", "CPU OS ", "iPadOS ", "iOS ", "iOS/", "iPhone OS/"]
            .iter()
            .find_map(|token| dotted(agent, token));
        let major = version.as_deref().and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        let ipados = agent.contains("iPad") && major.is_some_and(|major| major >= 13);
        return Some((if ipados { "iPadOS" } else { "iOS" }, version));
    }
    if agent.contains("Mac OS X")
        || agent.contains("Macintosh")
        || agent.contains("macOS")
        || agent.contains("Mac_PowerPC")
    {
        return Some((
            "macOS",
            ["Mac OS X ", "Mac OS X/", "macOS ", "macOS/"].iter().find_map(|token| dotted(agent, token)),
        ));
    }
    // Darwin is beneath iOS and macOS alike; only an Intel processor tells them apart.
    (agent.contains("Darwin/") && agent.contains("x86_64")).then_some(("macOS", None))
}

fn android(agent: &str) -> Option<System<'_>> {
    let rest = behind(agent, "Android").or_else(|| behind(agent, "Adr "))?;
    // HarmonyOS calls itself Android too.
    if agent.contains("HarmonyOS") {
        return None;
    }
    Some(("Android", version_behind(rest, 0).map(Cow::Borrowed)))
}

fn chromeos(agent: &str) -> Option<System<'_>> {
    let rest = behind(agent, "CrOS ")?;
    let version = rest.split([' ', ')']).nth(1).and_then(|version| version_behind(version, 0));
    Some(("ChromeOS", version.map(Cow::Borrowed)))
}

fn other(agent: &str) -> Option<System<'_>> {
    let (token, name) = OTHERS.iter().find(|(token, _)| agent.contains(token))?;
    let version = match *name {
        "Linux" | "Unix" | "Nintendo" => None,
        // "PlayStation; PlayStation 5/6.00": the generation is the version.
        "PlayStation" => agent.rfind(token).and_then(|at| version_behind(agent, at + token.len())),
        _ => behind(agent, token).and_then(|rest| version_behind(rest, 0)),
    };
    Some((name, version.map(Cow::Borrowed)))
}

/// A version behind a token, with dots where Apple writes underscores.
fn dotted<'a>(agent: &'a str, token: &str) -> Option<Cow<'a, str>> {
    let version = version_behind(behind(agent, token)?, 0)?;
    Some(if version.contains('_') { Cow::Owned(version.replace('_', ".")) } else { Cow::Borrowed(version) })
}

fn behind<'a>(agent: &'a str, token: &str) -> Option<&'a str> {
    Some(&agent[agent.find(token)? + token.len()..])
}

/// What says that the device is a television, or hangs on one.
static TV: &[&str] = &[
    "SMART-TV",
    "SmartTV",
    "Smart-TV",
    "Smart TV",
    "SmartHub",
    "HbbTV",
    "AppleTV",
    "Apple TV",
    "tvOS",
    "GoogleTV",
    "Google TV",
    "Android TV",
    "AndroidTV",
    "BRAVIA",
    "; AFT",
    "AmazonWebAppPlatform",
    "Roku",
    "NetCast",
    "NETTV",
    "Web0S",
    "webOS.TV",
    "CrKey",
    "VIDAA",
    "Viera",
    "InettvBrowser",
    "DTV",
    "OpenTV",
    "Chromecast",
    "MiTV",
    "MIBOX",
];

static TABLET: &[&str] = &[
    "iPad", "Tablet", "PlayBook", "Kindle", "; KF", "SM-T", "SM-X", "TouchPad", "Nexus 7", "Nexus 9",
    "Nexus 10",
];

static MOBILE: &[&str] = &[
    "Mobile",
    "iPhone",
    "iPod",
    "Windows Phone",
    "Opera Mini",
    "Opera Mobi",
    "MIDP",
    "J2ME",
    "Phone",
    "UCWEB",
    "IEMobile",
];

pub(super) fn device(agent: &str, system: Option<&str>) -> Device {
    let has = |tokens: &[&str]| tokens.iter().any(|token| agent.contains(token));
    if has(TV) {
        return Device::Tv;
    }
    match system {
        Some("PlayStation" | "Nintendo" | "Xbox") => Device::Other,
        Some("iPadOS") => Device::Tablet,
        // A headset.
        Some("Android") if agent.contains("OculusBrowser") => Device::Other,
        // "Tablet PC" is an ability of Windows, not a device.
        Some("Windows" | "macOS" | "ChromeOS") => Device::Desktop,
        _ if has(TABLET) => Device::Tablet,
        _ if has(MOBILE) => Device::Mobile,
        // Browsers on Android telephones say Mobile, those on tablets do not; applications say neither.
        Some("Android") if agent.starts_with("Mozilla/") => Device::Tablet,
        Some(
            "Android" | "iOS" | "BlackBerry" | "Symbian" | "KaiOS" | "HarmonyOS" | "Windows Phone" | "Bada"
            | "MeeGo",
        ) => Device::Mobile,
        Some("Roku OS" | "tvOS") => Device::Tv,
        Some(_) => Device::Desktop,
        None => Device::Other,
    }
}
