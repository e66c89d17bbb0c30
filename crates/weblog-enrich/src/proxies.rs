//! The client behind proxies, out of `X-Forwarded-For` or `Forwarded` (RFC 7239).
//!
//! Everybody can send these headers. Each proxy adds at the right end whom it heard, so an entry is as good as
//! who wrote it: the last one is the word of the peer, that before it the word of the last one, and so on.
//! [`Trusted`] walks from the right as long as it knows the speaker for one of its own, and the first one that
//! it does not know is the client. What stands left of that is hearsay, which never changes the answer, but
//! can show that somebody tried.
//!
//! This is what nginx does with `real_ip_recursive on` and Apache httpd with mod_remoteip and
//! `RemoteIPInternalProxy`, with these differences:
//!
//! - Where a trusted proxy says `unknown`, hides the client (`_a1b2`, RFC 7239 section 6.3), or writes what is
//!   no address, those two take the proxy for the client. Here the client has no address then.
//! - `RemoteIPTrustedProxy` of Apache believes no private address that a proxy outside names. Here it is
//!   believed, and is suspect.
//! - nginx knows only `X-Forwarded-For` and takes blanks for separators; only a comma is one here.
//! - Where all are trusted, the leftmost one is the client, as with both. At most 32 entries are believed.
//!
//! `entries` cuts the headers from the right, `node` reads one entry, [`Ranges`] are the published addresses
//! of proxies, and `trust` reads what the user trusts.

mod entries;
mod node;
mod ranges;
mod trust;

use crate::cidr::Map;
use entries::Entries;
use node::Node;
use std::net::IpAddr;

pub use ranges::{BadLine, Ranges};
pub use trust::{Header, TrustError};

/// Whom to believe.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    map: Map,
    /// The header that each trusted range speaks in; the map gives places in here.
    headers: Vec<Header>,
    /// The header of peers behind a Unix socket, if they are trusted.
    unix: Option<Header>,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client<'a> {
    /// The client's address, IPv4 also where it was written as mapped into IPv6. None when the peer has none,
    /// or when a trusted proxy does not know or hides whom it heard.
    pub address: Option<IpAddr>,
    /// What stood there for the client, without quotes, brackets and port. Empty when nothing did.
    pub text: &'a str,
    /// How many entries of the header were believed, the client's included; 0 when the peer is the client.
    pub hops: u32,
    /// Something about the header looks forged: see [`Trusted::client`].
    pub suspect: bool,
}

/// So many entries are believed, and so many looked at for forgery.
const MOST: u32 = 32;

impl Trusted {
    /// Finds the client: `peer` is who connected, `remote_addr` in a log; the headers are as logged, several
    /// of one name joined with commas. `-` and an empty header are none.
    ///
    /// Of two headers the one named with the peer's range counts, else `X-Forwarded-For` if there is one.
    ///
    /// The answer is suspect when, left of the client (or, if the peer is not trusted, anywhere in the header),
    ///
    /// - an entry is no address, and neither `unknown` nor a hidden name,
    /// - an entry is the address of a trusted proxy, or
    /// - there are more than 32 entries;
    ///
    /// also when an address of a private network stands left of a public one, when a trusted proxy
    /// wrote something unreadable, and when both headers are there, none was named, and they tell of
    /// different clients. A server that has put the client in the place of the peer itself (nginx's realip)
    /// logs an untrusted peer who is in the list; then only what stands left of it is looked at.
    ///
    /// It is a hint: careless proxies of companies write private addresses, too.
    #[inline]
    pub fn client<'a>(
        &self,
        peer: &'a str,
        forwarded_for: Option<&'a str>,
        forwarded: Option<&'a str>,
    ) -> Client<'a> {
        let by_comma = present(forwarded_for).map(Entries::forwarded_for);
        let by_element = present(forwarded).map(Entries::forwarded);
        let peer = node::read(peer);
        let list = match self.header(peer) {
            None => return self.untrusted(peer, by_comma.or(by_element)),
            Some(Header::ForwardedFor) => by_comma,
            Some(Header::Forwarded) => by_element,
            Some(Header::Any) => match (by_comma, by_element) {
                (Some(list), Some(other)) => {
                    let client = self.walk(peer, list);
                    let agree = client.address == self.walk(peer, other).address;
                    return Client { suspect: client.suspect || !agree, ..client };
                }
                (list, other) => list.or(other),
            },
        };
        match list {
            Some(list) => self.walk(peer, list),
            None => found(peer, 0, false),
        }
    }

    /// Whether an address is one that is trusted.
    #[inline]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.map.find(address).is_some()
    }

    /// Whether nobody is trusted, so that the peer always is the client.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty() && self.unix.is_none()
    }

    /// The header to read from this peer, if the peer is trusted.
    #[inline]
    fn header(&self, peer: Node<'_>) -> Option<Header> {
        match peer {
            Node::Address(address, _) => self.map.find(address).map(|at| self.headers[at as usize]),
            Node::Unix(_) => self.unix,
            Node::Hidden(_) | Node::Unreadable(_) => None,
        }
    }

    /// The list of a trusted peer.
    fn walk<'a>(&self, peer: Node<'a>, mut list: Entries<'a>) -> Client<'a> {
        let mut look = Look { trusted: self, public: is_public(peer), suspect: false };
        let mut client = peer;
        let mut hops = 0;
        while let Some(entry) = list.next() {
            if hops == MOST {
                // All that were believed are proxies, and somebody else stands before them.
                return Client { address: None, text: entry.text(), hops, suspect: true };
            }
            hops += 1;
            client = entry;
            look.at_hop(entry);
            if !self.is_proxy(entry) {
                look.at_hearsay(list);
                break;
            }
        }
        found(client, hops, look.suspect)
    }

    /// The list of a peer that is not trusted is a claim.
    fn untrusted<'a>(&self, peer: Node<'a>, list: Option<Entries<'a>>) -> Client<'a> {
        let mut look = Look { trusted: self, public: is_public(peer), suspect: false };
        if let Some(list) = list {
            look.at_hearsay(self.behind(peer, list.clone()).unwrap_or(list));
        }
        found(peer, 0, look.suspect)
    }

    /// What stands left of the peer, if it is the client that this list gives.
    fn behind<'a>(&self, peer: Node<'a>, mut list: Entries<'a>) -> Option<Entries<'a>> {
        let client = list.by_ref().take(MOST as usize).find(|entry| !self.is_proxy(*entry))?;
        let same = matches!((client, peer), (Node::Address(a, _), Node::Address(b, _)) if a == b);
        same.then_some(list)
    }

    #[inline]
    fn is_proxy(&self, entry: Node<'_>) -> bool {
        matches!(entry, Node::Address(address, _) if self.contains(address))
    }
}

/// Looks for forgery from the right to the left.
struct Look<'t> {
    trusted: &'t Trusted,
    /// Whether a public address has been seen.
    public: bool,
    suspect: bool,
}

impl Look<'_> {
    fn at_hop(&mut self, entry: Node<'_>) {
        match entry {
            Node::Address(address, _) if is_local(address) => self.suspect |= self.public,
            Node::Address(..) => self.public = true,
            Node::Hidden(_) => {}
            Node::Unreadable(_) | Node::Unix(_) => self.suspect = true,
        }
    }

    fn at_hearsay(&mut self, list: Entries<'_>) {
        for (number, entry) in (0..).zip(list) {
            self.at_hop(entry);
            self.suspect |= number == MOST || self.trusted.is_proxy(entry);
            if self.suspect {
                return;
            }
        }
    }
}

fn found(node: Node<'_>, hops: u32, suspect: bool) -> Client<'_> {
    let address = if let Node::Address(address, _) = node { Some(address) } else { None };
    Client { address, text: node.text(), hops, suspect }
}

fn present(header: Option<&str>) -> Option<&str> {
    header.map(str::trim_ascii).filter(|text| !matches!(*text, "" | "-"))
}

fn is_public(node: Node<'_>) -> bool {
    matches!(node, Node::Address(address, _) if !is_local(address))
}

/// Whether an address belongs to a network of one's own. Those for documentation do not.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_link_local()
                || matches!(first, 0 | 127)
                // Shared between customers of a provider, RFC 6598.
                || (first == 100 && second & 0b1100_0000 == 64)
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests;
