//! What operators say of where their bots come from.

use std::{
    collections::HashMap,
    fs,
    net::IpAddr,
    path::Path,
    sync::{Arc, LazyLock},
    time::{SystemTime, UNIX_EPOCH},
};

use foldhash::fast::RandomState;

use super::{
    Verdict,
    file::{self, RangesError},
    networks::Networks,
    published,
};
use crate::address::is_public;

/// What operators say of where their bots come from. Threads can share one.
#[derive(Debug, Clone)]
pub struct Ranges {
    /// The day of which this is, in days since 1970; of several the oldest.
    pub(super) day: u64,
    pub(super) operators: Vec<Operator>,
    /// The operator of each bot, by the bot's name.
    pub(super) bots: HashMap<Box<str>, usize, RandomState>,
}

/// One operator, or one of its groups of bots that come from the same places.
#[derive(Debug, Clone, Default)]
pub(super) struct Operator {
    pub(super) name: String,
    pub(super) networks: Networks,
    /// Whether the bots come from these networks only.
    pub(super) networks_all: bool,
    pub(super) asns: Vec<u32>,
    /// Whether the bots come from these systems only.
    pub(super) asns_all: bool,
    /// Whether nobody but the operator has addresses there, so that a system is as good as a network.
    pub(super) asns_own: bool,
    pub(super) hosts: Option<Arc<Hosts>>,
}

/// The host names of an operator's bots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hosts {
    /// The domains in which the names are, in lower case and without dots around.
    pub suffixes: Vec<String>,
    /// Whether every address of the bots has such a name, so that one without is an impostor's.
    pub all: bool,
}

impl Hosts {
    /// Whether a host name is in one of the domains.
    pub fn contains(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.').as_bytes();
        self.suffixes.iter().any(|suffix| {
            let Some(before) = name.len().checked_sub(suffix.len()) else { return false };
            name[before..].eq_ignore_ascii_case(suffix.as_bytes())
                && (before == 0 || name[before - 1] == b'.')
        })
    }
}

impl Ranges {
    /// Those inside the program.
    pub fn embedded() -> &'static Ranges {
        static EMBEDDED: LazyLock<Ranges> = LazyLock::new(|| {
            let text = include_str!("../../data/bot-ranges.txt");
            file::parse("bot-ranges.txt", text).expect("a test reads the embedded file")
        });
        &EMBEDDED
    }

    /// Reads a file that says everything anew; `data/bot-ranges.txt` tells how it is written.
    ///
    /// # Errors
    /// When the file cannot be read or a line of it not understood.
    pub fn open(path: &Path) -> Result<Ranges, RangesError> {
        file::parse(&path.display().to_string(), &read(path)?)
    }

    /// Takes the networks of one bot, or of all bots of an operator, from a file that the operator
    /// publishes: JSON with `prefixes`, a list of objects with `ipv4Prefix` or `ipv6Prefix`, as
    /// Google began it. Such lists are complete. A name that is known neither as an operator's nor
    /// as a bot's is taken for a bot's.
    ///
    /// # Errors
    /// When the file cannot be read, is not such JSON, or has no network.
    pub fn read_published(&mut self, name: &str, path: &Path) -> Result<(), RangesError> {
        let published = published::parse(&path.display().to_string(), &read(path)?)?;
        let is_operator = |operator: &&mut Operator| operator.name == name;
        let mut of_operator: Vec<&mut Operator> = self.operators.iter_mut().filter(is_operator).collect();
        for operator in &mut of_operator {
            (operator.networks, operator.networks_all) = (published.networks.clone(), true);
        }
        if of_operator.is_empty() {
            let of_bot = self.operator(name).cloned().unwrap_or_default();
            let (name_of, networks) = (name.to_string(), published.networks);
            self.bots.insert(name.into(), self.operators.len());
            self.operators.push(Operator { name: name_of, networks, networks_all: true, ..of_bot });
        }
        self.day = self.day.min(published.day.unwrap_or(self.day));
        Ok(())
    }

    /// How old the oldest part of this is, in whole days.
    pub fn age_days(&self, now: SystemTime) -> u64 {
        let today = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
        today.saturating_sub(self.day)
    }

    /// What an address, and the autonomous system that it is in, if that is known, say of who
    /// calls himself by this bot's name. None if no operator says where that bot comes from, which
    /// is as much as [`Verdict::Claimed`] for all that users see.
    ///
    /// An address of a private network tells nothing: the log was written behind a proxy.
    pub fn verdict(&self, bot: &str, address: IpAddr, asn: Option<u32>) -> Option<Verdict> {
        let operator = self.operator(bot)?;
        let address = address.to_canonical();
        Some(if is_public(address) { operator.verdict(address, asn) } else { Verdict::Claimed })
    }

    /// The host names of a bot, for [`Rdns::ask`](super::Rdns::ask).
    pub fn hosts(&self, bot: &str) -> Option<&Arc<Hosts>> {
        self.operator(bot)?.hosts.as_ref()
    }

    /// Every bot that somebody vouches for.
    pub fn bots(&self) -> impl Iterator<Item = &str> {
        self.bots.keys().map(|name| &**name)
    }

    fn operator(&self, bot: &str) -> Option<&Operator> {
        self.bots.get(bot).map(|at| &self.operators[*at])
    }
}

impl Operator {
    fn verdict(&self, address: IpAddr, asn: Option<u32>) -> Verdict {
        if self.networks.contains(address) {
            return Verdict::Verified;
        }
        if self.networks_all {
            return Verdict::Impostor;
        }
        match asn.map(|asn| self.asns.contains(&asn)) {
            Some(true) if self.asns_own => Verdict::Verified,
            Some(false) if self.asns_all => Verdict::Impostor,
            _ => Verdict::Claimed,
        }
    }
}

/// The longest file that is read, in bytes: the lists of operators have some hundred kilobytes.
const LONGEST: u64 = 16 << 20;

fn read(path: &Path) -> Result<String, RangesError> {
    let fault = |error| RangesError::Read { path: path.display().to_string(), error };
    let metadata = fs::metadata(path).map_err(fault)?;
    if metadata.len() > LONGEST {
        return Err(fault(std::io::Error::other("longer than 16 MB")));
    }
    fs::read_to_string(path).map_err(fault)
}
