//! One client's stay: who it is, and what it does next.

use crate::address::{self, Address, Origins};
use crate::agents::{
    Agent, Agents, CRAWLERS, Crawler, FEED_READERS, Family, MONITOR, NO_AGENT, PREVIEWERS, TOOLS,
};
use crate::hit::{Hit, Referer, Target};
use crate::random::{Random, Weighted};
use crate::rhythm;
use crate::site::{ENTRANCES, Site};
use crate::{robots, scanner, staff, visitor};

pub(crate) const MILLISECOND: u64 = 1_000;
pub(crate) const SECOND: u64 = 1_000_000;

/// What a client is, and with it which function makes its next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Visitor,
    Staff,
    Crawler,
    Previewer,
    FeedReader,
    Tool,
    Scanner,
    Probe,
    /// Asks every so many microseconds, for ever.
    Monitor(u64),
}

/// Of a hundred visits of bots, how many are of which kind.
const BOT_ROLES: [(u32, Role); 6] = [
    (34, Role::Crawler),
    (14, Role::Previewer),
    (20, Role::FeedReader),
    (16, Role::Tool),
    (4, Role::Scanner),
    (12, Role::Probe),
];

/// What all visits share.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) agents: Agents,
    origins: Origins,
    entrances: Weighted,
    bot_roles: Weighted,
}

impl World {
    pub(crate) fn new() -> Self {
        World {
            site: Site::new(),
            agents: Agents::new(),
            origins: Origins::new(),
            entrances: Weighted::new(ENTRANCES.iter().map(|(weight, _)| *weight)),
            bot_roles: Weighted::new(BOT_ROLES.iter().map(|(weight, _)| *weight)),
        }
    }

    /// Where somebody comes from.
    pub(crate) fn entrance(&self, random: &mut Random) -> Referer {
        match ENTRANCES[self.entrances.choose(random)].1 {
            "-" => Referer::None,
            link => Referer::Outside(link),
        }
    }
}

/// A client during its stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) role: Role,
    pub(crate) address: Address,
    pub(crate) agent: Agent,
    pub(crate) protocol: &'static str,
    pub(crate) referer: Referer,
    /// Pages, or requests of a program, that are still to come.
    pub(crate) left: u32,
    /// Requests made so far, or where a program stands in its list.
    pub(crate) step: u32,
    /// What a visitor does with pages.
    pub(crate) reading: visitor::Reading,
}

impl Visit {
    fn new(role: Role, address: Address, agent: Agent, left: u32) -> Self {
        let reading = visitor::Reading::nothing();
        Visit { role, address, agent, protocol: "HTTP/1.1", referer: Referer::None, left, step: 0, reading }
    }

    /// Somebody comes to the shop, one in 300 to work there.
    pub(crate) fn person(time: i64, world: &World, random: &mut Random) -> Self {
        let staff = random.chance(3_300);
        let address = if staff {
            address::private(random)
        } else {
            world.origins.visitor(rhythm::hour_of_day(time), random)
        };
        // Most people come back with the browser they had the last time.
        let habit = random.chance(700_000);
        let mut own = Random::new(u64::from(address.hash()));
        let (_, agent) = world.agents.browsers.choose(if habit { &mut own } else { random });
        if staff {
            let left = random.between(4, 25);
            return Visit::new(Role::Staff, address, agent, left);
        }
        let mut visit = Visit::new(Role::Visitor, address, agent, visitor::pages(random));
        visit.protocol = protocol(random);
        visitor::enter(&mut visit, world, random);
        visit
    }

    /// Somebody follows the link of the campaign that makes a spike.
    pub(crate) fn of_campaign(time: i64, world: &World, random: &mut Random) -> Self {
        let address = world.origins.visitor(rhythm::hour_of_day(time), random);
        let (_, agent) = world.agents.phones.choose(random);
        let left = random.below(2);
        let mut visit = Visit::new(Role::Visitor, address, agent, left);
        visit.protocol = protocol(random);
        visitor::enter_by_campaign(&mut visit);
        visit
    }

    /// A program comes.
    pub(crate) fn bot(world: &World, random: &mut Random) -> Self {
        let agents = &world.agents;
        let role = BOT_ROLES[world.bot_roles.choose(random)].1;
        let from = |family: &Family, list: &[Crawler], left, random: &mut Random| {
            let (index, agent) = family.choose(random);
            Visit::new(role, address::machine(list[index].2, random), agent, left)
        };
        match role {
            Role::Crawler => {
                let left = 4 + random.wait(26).min(200) as u32;
                from(&agents.crawlers, CRAWLERS, left, random)
            }
            Role::Previewer => from(&agents.previewers, PREVIEWERS, 1, random),
            Role::FeedReader => from(&agents.feed_readers, FEED_READERS, 0, random),
            Role::Tool => {
                let left = random.wait(4).min(60) as u32;
                from(&agents.tools, TOOLS, left, random)
            }
            Role::Scanner => {
                let (_, agent) = agents.scanners.choose(random);
                let left = random.between(12, 60);
                let mut visit = Visit::new(role, address::documentation(random), agent, left);
                visit.step = random.below(64);
                visit
            }
            _ => {
                let left = random.below(2);
                Visit::new(Role::Probe, address::documentation(random), NO_AGENT, left)
            }
        }
    }

    /// The program that asks every `interval` microseconds whether the site is up.
    pub(crate) fn monitor(interval: u64, world: &World, random: &mut Random) -> Self {
        Visit::new(Role::Monitor(interval), address::machine(MONITOR.2, random), world.agents.monitor, 1)
    }

    /// The next request, made at `time`, and how long until the one after it; none when this was the last.
    pub(crate) fn step(&mut self, time: i64, world: &World, random: &mut Random) -> (Hit, Option<u64>) {
        match self.role {
            Role::Visitor => visitor::step(self, time, world, random),
            Role::Staff => staff::step(self, time, random),
            Role::Crawler => robots::crawl(self, time, world, random),
            Role::Previewer => robots::preview(self, time, world, random),
            Role::FeedReader => robots::read_feed(self, time, random),
            Role::Tool => robots::call(self, time, random),
            Role::Scanner => scanner::scan(self, time, random),
            Role::Probe => scanner::probe(self, time, random),
            Role::Monitor(interval) => robots::watch(self, time, interval),
        }
    }

    /// A request of this client, so far a plain `GET` answered by 200.
    pub(crate) fn hit(&self, time: i64, target: Target, bytes: u32) -> Hit {
        Hit {
            time,
            address: self.address,
            user: "-",
            method: "GET",
            target,
            protocol: self.protocol,
            status: 200,
            bytes,
            referer: self.referer,
            agent: self.agent,
            bot: !matches!(self.role, Role::Visitor | Role::Staff),
        }
    }

    /// Counts down: `wait` if there is more to come.
    pub(crate) fn after(&mut self, wait: u64) -> Option<u64> {
        self.step += 1;
        self.left = self.left.checked_sub(1)?;
        Some(wait)
    }

    /// Does it hurry when there is much traffic? A monitor keeps its minute.
    pub(crate) fn is_hurried(&self) -> bool {
        !matches!(self.role, Role::Monitor(_))
    }

    /// The server failed to answer: a visitor has no page whose files to fetch, and tries on after a moment
    /// or leaves. Programs go on as they would have.
    pub(crate) fn refused(&mut self, wait: Option<u64>, random: &mut Random) -> Option<u64> {
        if !self.reading.forget_assets() {
            return wait;
        }
        self.after(2 * SECOND + random.wait(6 * SECOND))
    }

    /// Is the next request for a page, not for a file that belongs to one?
    pub(crate) fn asks_for_page(&self) -> bool {
        !self.reading.has_assets()
    }
}

fn protocol(random: &mut Random) -> &'static str {
    match random.below(100) {
        0..14 => "HTTP/1.1",
        14..20 => "HTTP/3.0",
        _ => "HTTP/2.0",
    }
}
