//! Whether a bot is who it says it is, told by where it comes from.
//!
//! Anybody can call himself Googlebot. [`Ranges`] knows the networks, autonomous systems and host
//! names from which operators say that their bots come, and gives a [`Verdict`] without asking
//! anybody; [`Rdns`] asks the name server, as most operators advise.

mod dns;
mod file;
mod networks;
mod published;
mod ranges;
mod rdns;

pub use file::RangesError;
pub use ranges::{Hosts, Ranges};
pub use rdns::{Answer, Rdns, RdnsOptions};

/// What an address says of the bot that claims to come from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The address is one of the operator's.
    Verified,
    /// Nothing is known that could tell.
    Claimed,
    /// The operator says where its bots come from, and this is somewhere else.
    Impostor,
}

impl Verdict {
    /// The name of the verdict as the field `bot_verified` has it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::Claimed => "claimed",
            Verdict::Impostor => "impostor",
        }
    }
}

#[cfg(test)]
mod tests;
