//! What kind of device an agent runs on.

use std::sync::LazyLock;

use super::Device;
use super::tokens::Tokens;

/// What says of which kind a device is. Of several in one agent the earlier line counts.
static SIGNS: &[(&str, Device)] = &[
    ("TV ", Device::Tv),
    ("TV;", Device::Tv),
    ("TV)", Device::Tv),
    ("TV/", Device::Tv),
    ("TV-", Device::Tv),
    ("TV_", Device::Tv),
    ("TV,", Device::Tv),
    ("SmartTV", Device::Tv),
    ("SmartHub", Device::Tv),
    ("HbbTV", Device::Tv),
    ("AppleTV", Device::Tv),
    ("tvOS", Device::Tv),
    ("GoogleTV", Device::Tv),
    ("AndroidTV", Device::Tv),
    ("WebTV", Device::Tv),
    ("BRAVIA", Device::Tv),
    ("; AFT*", Device::Tv),
    ("AmazonWebAppPlatform", Device::Tv),
    ("Roku", Device::Tv),
    ("NetCast", Device::Tv),
    ("NETTV", Device::Tv),
    ("Web0S", Device::Tv),
    ("Large Screen", Device::Tv),
    ("CrKey", Device::Tv),
    ("VIDAA", Device::Tv),
    ("Viera", Device::Tv),
    ("InettvBrowser", Device::Tv),
    ("DTV", Device::Tv),
    ("OpenTV", Device::Tv),
    ("Chromecast", Device::Tv),
    ("MiTV*", Device::Tv),
    ("MIBOX*", Device::Tv),
    ("iPad", Device::Tablet),
    ("Tablet", Device::Tablet),
    ("PlayBook", Device::Tablet),
    ("Kindle", Device::Tablet),
    ("; KF*", Device::Tablet),
    ("SM-T", Device::Tablet),
    ("SM-X", Device::Tablet),
    ("TouchPad", Device::Tablet),
    ("Nexus 7", Device::Tablet),
    ("Nexus 9", Device::Tablet),
    ("Nexus 10", Device::Tablet),
    ("Mobile*", Device::Mobile),
    ("iPhone", Device::Mobile),
    ("iPod", Device::Mobile),
    ("Opera Mini", Device::Mobile),
    ("Opera Mobi", Device::Mobile),
    ("MIDP", Device::Mobile),
    ("J2ME", Device::Mobile),
    ("Phone", Device::Mobile),
    ("UCWEB", Device::Mobile),
    ("IEMobile", Device::Mobile),
];

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| Tokens::new(SIGNS.iter().map(|sign| sign.0)));

/// The kind of device, from what the agent says and the system that it has.
pub(super) fn find(agent: &str, system: Option<&str>) -> Device {
    let sign = TOKENS.find(agent).map(|found| SIGNS[found.place].1);
    match (system, sign) {
        (_, Some(Device::Tv)) => Device::Tv,
        (Some("PlayStation" | "Nintendo" | "Xbox" | "watchOS"), _) => Device::Other,
        (Some("iPadOS"), _) => Device::Tablet,
        // A headset.
        (Some("Android"), _) if agent.contains("OculusBrowser") => Device::Other,
        // "Tablet PC" is an ability of Windows, not a device.
        (Some("Windows" | "macOS" | "ChromeOS"), _) => Device::Desktop,
        (_, Some(sign)) => sign,
        // Browsers on Android telephones say Mobile, those on tablets do not; applications say neither.
        (Some("Android"), None) if agent.starts_with("Mozilla/") => Device::Tablet,
        (Some("Roku OS" | "tvOS"), None) => Device::Tv,
        (Some(system), None) if HELD.contains(&system) => Device::Mobile,
        (Some(_), None) => Device::Desktop,
        (None, None) => Device::Other,
    }
}

/// The kind of device that a model on Android is, if its name says so.
pub(super) fn of_model(model: &str) -> Option<Device> {
    // Amazon's names of models: in agents they are told by what stands before them.
    match model.as_bytes() {
        [b'A', b'F', b'T', ..] => Some(Device::Tv),
        [b'K', b'F', ..] => Some(Device::Tablet),
        _ => TOKENS.find(model).map(|found| SIGNS[found.place].1).filter(|kind| *kind != Device::Mobile),
    }
}

/// The systems of telephones.
const HELD: &[&str] = &[
    "Android",
    "iOS",
    "BlackBerry",
    "Symbian",
    "Series 40",
    "KaiOS",
    "Firefox OS",
    "HarmonyOS",
    "Windows Phone",
    "Windows Mobile",
    "Sailfish",
    "Bada",
    "Brew",
    "MeeGo",
    "Maemo",
];
