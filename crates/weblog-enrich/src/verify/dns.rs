//! A client for the two questions that confirm a host name: whose is this address, and which
//! addresses has that name. It asks the recursive servers of the system over UDP (RFC 1035).

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, RCODE, TYPE, rdata::RData};

use super::{Hosts, Verdict};

/// Whom to ask, and how patiently.
#[derive(Debug)]
pub(super) struct Resolver {
    pub(super) servers: Vec<SocketAddr>,
    pub(super) timeout: Duration,
    pub(super) attempts: u32,
}

/// No server gave an answer that can be used.
#[derive(Debug)]
pub(super) struct NoAnswer;

/// Names of an address that are looked at: some addresses have hundreds.
const MOST_NAMES: usize = 4;

impl Resolver {
    /// Whether the address has a name in one of the domains that leads back to it. `before` is
    /// called before every question to a server.
    pub(super) fn confirm(&self, address: IpAddr, hosts: &Hosts, before: &dyn Fn()) -> Verdict {
        self.try_confirm(address, hosts, before).unwrap_or(Verdict::Claimed)
    }

    fn try_confirm(&self, address: IpAddr, hosts: &Hosts, before: &dyn Fn()) -> Result<Verdict, NoAnswer> {
        let names = self.ask(&reverse_name(address), TYPE::PTR, before, |data| match data {
            RData::PTR(name) => host_name(&name.0).filter(|name| hosts.contains(name)),
            _ => None,
        })?;
        let kind = if address.is_ipv4() { TYPE::A } else { TYPE::AAAA };
        for name in names.into_iter().take(MOST_NAMES) {
            let addresses = self.ask(&name, kind, before, |data| match data {
                RData::A(record) => Some(IpAddr::V4(Ipv4Addr::from(record.address))),
                RData::AAAA(record) => Some(IpAddr::V6(Ipv6Addr::from(record.address))),
                _ => None,
            })?;
            if addresses.contains(&address) {
                return Ok(Verdict::Verified);
            }
        }
        Ok(if hosts.all { Verdict::Impostor } else { Verdict::Claimed })
    }

    /// The answers of this kind; none if there is no such name.
    fn ask<T>(
        &self,
        name: &str,
        kind: TYPE,
        before: &dyn Fn(),
        mut pick: impl FnMut(&RData<'_>) -> Option<T>,
    ) -> Result<Vec<T>, NoAnswer> {
        for server in (0..self.attempts).flat_map(|_| &self.servers) {
            before();
            if let Some(answers) = self.ask_one(*server, name, kind, &mut pick) {
                return Ok(answers);
            }
        }
        Err(NoAnswer)
    }

    fn ask_one<T>(
        &self,
        server: SocketAddr,
        name: &str,
        kind: TYPE,
        pick: &mut impl FnMut(&RData<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        // A new socket has a new port, and connected it hears this server only: with the number
        // of the question that is what a forger has to guess.
        let any: IpAddr =
            if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect(server).ok()?;
        let id = RandomState::new().build_hasher().finish() as u16;
        let mut query = Packet::new_query(id);
        query.set_flags(PacketFlag::RECURSION_DESIRED);
        let question = Name::new(name).ok()?;
        query.questions.push(Question::new(question.clone(), QTYPE::TYPE(kind), CLASS::IN.into(), false));
        socket.send(&query.build_bytes_vec().ok()?).ok()?;
        let end = Instant::now() + self.timeout;
        let mut buffer = [0; 4096];
        loop {
            let left = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            socket.set_read_timeout(Some(left)).ok()?;
            let length = socket.recv(&mut buffer).ok()?;
            let Ok(reply) = Packet::parse(&buffer[..length]) else { continue };
            let is_ours = reply.id() == id
                && reply.has_flags(PacketFlag::RESPONSE)
                && reply.questions.first().is_some_and(|asked| {
                    asked.qname.to_string().eq_ignore_ascii_case(name) && asked.qtype == QTYPE::TYPE(kind)
                });
            if !is_ours {
                continue;
            }
            return match reply.rcode() {
                // What is cut off may be the very name.
                RCODE::NoError if reply.has_flags(PacketFlag::TRUNCATION) => None,
                RCODE::NoError => {
                    Some(reply.answers.iter().filter_map(|answer| pick(&answer.rdata)).collect())
                }
                RCODE::NameError => Some(Vec::new()),
                _ => None,
            };
        }
    }
}

/// A name as text, if it is one of a host: labels may hold any bytes, dots among them.
fn host_name(name: &Name<'_>) -> Option<String> {
    let is_host =
        |label: &[u8]| label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
    name.as_bytes().all(is_host).then(|| name.to_string())
}

/// The name under which the names of an address are kept.
pub(super) fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let number = address.to_bits();
            let digits = (0..32).map(|at| format!("{:x}.", number >> (4 * at) & 0xf));
            digits.chain(["ip6.arpa".to_string()]).collect()
        }
    }
}

/// The servers that `resolv.conf(5)` names.
pub(super) fn servers(resolv_conf: &str) -> Vec<SocketAddr> {
    let addresses = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        address.parse::<IpAddr>().ok()
    });
    addresses.take(3).map(|address| SocketAddr::new(address, 53)).collect()
}
