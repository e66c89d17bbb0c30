//! Looking up names against a name server of our own on the loopback.

use super::*;
use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE,
    rdata::{A, AAAA, PTR, RData},
};
use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

/// What the server knows: 192.0.2.x is answered for by the last number.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Server {
    /// A server that ends with the test program. One that is deaf never answers.
    fn start(deaf: bool) -> Server {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (address, asked) = (socket.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = asked.clone();
        thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                count.fetch_add(1, Ordering::Relaxed);
                if !deaf {
                    let query = Packet::parse(&buffer[..length]).unwrap();
                    let forged = Packet::new_reply(query.id().wrapping_add(1)).build_bytes_vec().unwrap();
                    socket.send_to(&forged, from).unwrap();
                    socket.send_to(&reply(&query), from).unwrap();
                }
            }
        });
        Server { address, asked }
    }

    fn options(&self) -> RdnsOptions {
        RdnsOptions {
            timeout: Duration::from_millis(1500),
            per_second: 10_000,
            private: true,
            ..RdnsOptions::new(vec![self.address])
        }
    }
}

fn reply(query: &Packet<'_>) -> Vec<u8> {
    let question = &query.questions[0];
    let name = question.qname.to_string();
    let mut reply = Packet::new_reply(query.id());
    reply.set_flags(PacketFlag::RESPONSE | PacketFlag::RECURSION_AVAILABLE);
    reply.questions.push(question.clone());
    let mut answer = |data| {
        reply.answers.push(ResourceRecord::new(question.qname.clone(), CLASS::IN, 60, data));
    };
    let a = |last: u8| RData::A(A { address: u32::from_be_bytes([192, 0, 2, last]) });
    let v6: std::net::Ipv6Addr = "2001:db8::5".parse().unwrap();
    match (name.as_str(), question.qtype) {
        ("1.2.0.192.in-addr.arpa", _) => answer(RData::PTR(PTR(Name::new_unchecked("one.bots.example.com")))),
        // The second of two names leads back.
        ("2.2.0.192.in-addr.arpa", _) => {
            answer(RData::PTR(PTR(Name::new_unchecked("two.bots.example.com.attacker.example"))));
            answer(RData::PTR(PTR(Name::new_unchecked("Two.Bots.example.com"))));
        }
        // A name that leads to another address.
        ("3.2.0.192.in-addr.arpa", _) => answer(RData::PTR(PTR(Name::new_unchecked("one.bots.example.com")))),
        ("4.2.0.192.in-addr.arpa", _) => *reply.rcode_mut() = RCODE::ServerFailure,
        ("6.2.0.192.in-addr.arpa", _) => {
            answer(RData::PTR(PTR(Name::new_unchecked("host.elsewhere.example"))))
        }
        ("one.bots.example.com", QTYPE::TYPE(TYPE::A)) => {
            answer(a(77));
            answer(a(1));
        }
        ("Two.Bots.example.com", QTYPE::TYPE(TYPE::A)) => answer(a(2)),
        ("five.bots.example.com", QTYPE::TYPE(TYPE::AAAA)) => {
            answer(RData::AAAA(AAAA { address: v6.to_bits() }))
        }
        (six, _) if six.starts_with("5.0.0.0.") && six.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa") => {
            answer(RData::PTR(PTR(Name::new_unchecked("five.bots.example.com"))));
        }
        _ => *reply.rcode_mut() = RCODE::NameError,
    }
    reply.build_bytes_vec().unwrap()
}

fn hosts(all: bool) -> Arc<Hosts> {
    Arc::new(Hosts { suffixes: vec!["bots.example.com".to_string()], all })
}

/// What is known of an address when it is known.
fn verdict(rdns: &Rdns, text: &str, hosts: &Arc<Hosts>) -> Verdict {
    let start = Instant::now();
    loop {
        match rdns.ask(address(text), hosts) {
            Answer::Known(verdict) => return verdict,
            Answer::Pending => thread::sleep(Duration::from_millis(2)),
        }
        assert!(start.elapsed() < Duration::from_secs(30), "no answer for {text}");
    }
}

#[test]
fn a_name_counts_only_if_it_leads_back_to_the_address() {
    let rdns = Rdns::new(Server::start(false).options()).unwrap();
    for (from, expected) in [
        ("192.0.2.1", Verdict::Verified),
        ("192.0.2.2", Verdict::Verified),
        ("::ffff:192.0.2.2", Verdict::Verified),
        ("2001:db8::5", Verdict::Verified),
        ("192.0.2.3", Verdict::Impostor),
        ("192.0.2.4", Verdict::Claimed),
        ("192.0.2.6", Verdict::Impostor),
        ("192.0.2.9", Verdict::Impostor),
    ] {
        assert_eq!(verdict(&rdns, from, &hosts(true)), expected, "{from}");
    }
}

#[test]
fn where_not_every_bot_has_a_name_nobody_is_an_impostor_for_lack_of_one() {
    let rdns = Rdns::new(Server::start(false).options()).unwrap();
    for (from, expected) in
        [("192.0.2.1", Verdict::Verified), ("192.0.2.3", Verdict::Claimed), ("192.0.2.9", Verdict::Claimed)]
    {
        assert_eq!(verdict(&rdns, from, &hosts(false)), expected, "{from}");
    }
}

#[test]
fn an_address_is_asked_for_once_in_the_life_of_its_answer() {
    let server = Server::start(false);
    let options = RdnsOptions { life: Duration::from_millis(400), ..server.options() };
    let rdns = Rdns::new(options).unwrap();
    let hosts = hosts(true);
    for _ in 0..10 {
        assert_eq!(verdict(&rdns, "192.0.2.1", &hosts), Verdict::Verified);
    }
    assert_eq!(server.asked.load(Ordering::Relaxed), 2);
    thread::sleep(Duration::from_millis(450));
    assert_eq!(rdns.ask(address("192.0.2.1"), &hosts), Answer::Pending);
    assert_eq!(verdict(&rdns, "192.0.2.1", &hosts), Verdict::Verified);
    assert_eq!(server.asked.load(Ordering::Relaxed), 4);
}

#[test]
fn a_server_that_never_answers_leaves_the_claim_after_the_time_out() {
    let server = Server::start(true);
    let rdns = Rdns::new(RdnsOptions { timeout: Duration::from_millis(60), ..server.options() }).unwrap();
    let start = Instant::now();
    assert_eq!(rdns.ask(address("192.0.2.1"), &hosts(true)), Answer::Pending);
    assert_eq!(verdict(&rdns, "192.0.2.1", &hosts(true)), Verdict::Claimed);
    assert!(start.elapsed() >= Duration::from_millis(120), "both attempts wait");
    assert_eq!(server.asked.load(Ordering::Relaxed), 2);
}

#[test]
fn a_flood_of_addresses_neither_waits_nor_grows_and_ends_at_once() {
    let server = Server::start(true);
    let rdns = Rdns::new(RdnsOptions { queue: 100, remembered: 50, ..server.options() }).unwrap();
    let hosts = hosts(true);
    let start = Instant::now();
    for number in 0..100_000u32 {
        let from = IpAddr::V4(Ipv4Addr::from(0x0100_0000 + number));
        assert_eq!(rdns.ask(from, &hosts), Answer::Pending);
        assert!(rdns.remembered() <= 50);
    }
    // One question that waited for its answer would take longer than all of these together.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let dropping = Instant::now();
    drop(rdns);
    assert!(dropping.elapsed() < Duration::from_millis(500));
}

#[test]
fn questions_keep_within_the_budget() {
    let server = Server::start(false);
    let rdns = Rdns::new(RdnsOptions { per_second: 20, ..server.options() }).unwrap();
    let hosts = hosts(true);
    let start = Instant::now();
    for last in 10..20 {
        rdns.ask(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), &hosts);
    }
    for last in 10..20 {
        assert_eq!(verdict(&rdns, &format!("192.0.2.{last}"), &hosts), Verdict::Impostor);
    }
    assert!(start.elapsed() >= Duration::from_millis(450), "{:?}", start.elapsed());
}

#[test]
fn private_addresses_are_not_asked_for() {
    let server = Server::start(false);
    let rdns = Rdns::new(RdnsOptions { private: false, ..server.options() }).unwrap();
    assert_eq!(rdns.ask(address("10.0.0.1"), &hosts(true)), Answer::Known(Verdict::Claimed));
    assert_eq!(server.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn name_servers_are_read_as_the_system_writes_them() {
    let text = "# made up\nsearch example.com\nnameserver 192.0.2.53\n nameserver 2001:db8::53 # second\nnameserver x\n";
    let expected: Vec<SocketAddr> =
        vec!["192.0.2.53:53".parse().unwrap(), "[2001:db8::53]:53".parse().unwrap()];
    assert_eq!(dns::servers(text), expected);
    assert!(dns::servers("options rotate").is_empty());
}
