//! What a user agent says of itself: browser, system, device, or bot.
//!
//! Agents lie and are copied; nothing here is proof of anything. What can be told is told by
//! tables of tokens that are each one line to extend: `data/bots.tsv`, `agent/browsers.rs`,
//! `agent/system.rs` and `agent/device.rs`. Where client hints are logged, they know better
//! ([`parse_with_hints`]); and whoever needs the names of uap-core has them from its own file
//! ([`uap`]).

mod bots;
mod browsers;
mod device;
mod hints;
mod system;
mod tokens;
pub mod uap;

use std::borrow::Cow;

pub use bots::BotClass;
pub use hints::{HintKind, Hints, parse_with_hints};

/// What an agent says of itself. None is what it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent<'a> {
    /// The name of the browser, of the application that shows pages inside itself, or of the library.
    pub browser: Option<&'a str>,
    /// Its version, as written.
    pub browser_version: Option<&'a str>,
    /// The operating system's name, or that of the Linux distribution where the agent has it.
    pub os: Option<&'a str>,
    /// Its version, with dots. Windows 11 calls itself 10, and macOS stopped at 10.15.7.
    pub os_version: Option<Cow<'a, str>>,
    /// The kind of device.
    pub device: Option<Device>,
    /// The name of the bot or library; None for people.
    pub bot: Option<&'a str>,
    /// What the bot is for; there is one exactly if there is a bot.
    pub bot_class: Option<BotClass>,
}

/// The kind of device that an agent runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// A desktop or portable computer.
    Desktop,
    /// A telephone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A television, or a box that hangs on one.
    Tv,
    /// No device that a person holds: a bot or a library.
    Bot,
    /// A game console, and what cannot be told.
    Other,
}

impl Device {
    /// The name of the kind as the field `device` has it.
    pub fn name(self) -> &'static str {
        match self {
            Device::Desktop => "desktop",
            Device::Mobile => "mobile",
            Device::Tablet => "tablet",
            Device::Tv => "tv",
            Device::Bot => "bot",
            Device::Other => "other",
        }
    }
}

/// The longest part of an agent that is looked at, in bytes.
const LONGEST: usize = 2048;

/// Reads a user agent. An empty one, or `-`, says nothing.
///
/// A bot has neither browser nor system, since what it says of them is disguise; a library is
/// its own browser.
pub fn parse(agent: &str) -> Agent<'_> {
    let agent = cut(agent).trim_ascii();
    if matches!(agent, "" | "-") {
        return Agent::default();
    }
    if let Some(bot) = bots::find(agent) {
        let is_library = bot.class == BotClass::Library;
        return Agent {
            browser: is_library.then_some(bot.name),
            browser_version: bot.version.filter(|_| is_library),
            device: Some(Device::Bot),
            bot: Some(bot.name),
            bot_class: Some(bot.class),
            ..Agent::default()
        };
    }
    let (os, os_version) = system::find(agent).unzip();
    let is_application = || os.is_some_and(|os| APPLICATIONS.contains(&os)) || agent.contains("CFNetwork/");
    let browser =
        browsers::find(agent).or_else(|| if is_application() { browsers::application(agent) } else { None });
    let (browser, browser_version) = browser.unzip();
    Agent {
        browser,
        browser_version: browser_version.flatten(),
        os,
        os_version: os_version.flatten(),
        device: Some(device::find(agent, os)),
        bot: None,
        bot_class: None,
    }
}

/// Systems whose applications say their own name first; on older telephones it is the model's.
const APPLICATIONS: &[&str] = &["iOS", "iPadOS", "tvOS", "watchOS", "macOS", "Android", "Windows", "Linux"];

/// The name and class of the bot that an agent claims to be; None for people.
pub fn bot(agent: &str) -> Option<(&str, BotClass)> {
    bots::find(cut(agent).trim_ascii()).map(|bot| (bot.name, bot.class))
}

fn cut(agent: &str) -> &str {
    let end = (0..=LONGEST.min(agent.len())).rev().find(|&end| agent.is_char_boundary(end));
    &agent[..end.unwrap_or(0)]
}

/// How many bots and libraries are known by name.
pub fn known_bots() -> usize {
    bots::known_count()
}

/// The names of bots and libraries that the list knows; some come twice.
#[cfg(test)]
pub(crate) fn bot_names() -> impl Iterator<Item = &'static str> {
    bots::entries().map(|entry| entry.name)
}

#[cfg(test)]
mod tests;
