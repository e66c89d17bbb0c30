//! Forward-confirmed host names, looked up beside the stream of records and never in its way.

use std::{
    collections::HashMap,
    fs, io,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use foldhash::fast::RandomState;

use super::{
    Hosts, Verdict,
    dns::{self, Resolver},
};
use crate::address::is_public;

/// Whom [`Rdns`] asks, and within which bounds.
#[derive(Debug, Clone)]
pub struct RdnsOptions {
    /// The recursive name servers.
    pub servers: Vec<SocketAddr>,
    /// How long to wait for one answer.
    pub timeout: Duration,
    /// How often to ask all servers before an address counts as one that nothing is known of.
    pub attempts: u32,
    /// The most questions a second to name servers, by all threads together.
    pub per_second: u32,
    /// Lookups under way at the same time, each with a thread of its own.
    pub threads: usize,
    /// Addresses that wait; when there are more, later ones are asked for when they come again.
    pub queue: usize,
    /// Addresses to remember.
    pub remembered: usize,
    /// How long an answer is good.
    pub life: Duration,
    /// How long it is good that there was no answer.
    pub life_of_failure: Duration,
    /// Whether addresses of private networks are asked for.
    pub private: bool,
}

impl RdnsOptions {
    /// The name servers of the system, and moderate bounds.
    ///
    /// # Errors
    /// When `/etc/resolv.conf` cannot be read or names no server.
    pub fn system() -> io::Result<RdnsOptions> {
        let servers = dns::servers(&fs::read_to_string(Path::new("/etc/resolv.conf"))?);
        if servers.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "/etc/resolv.conf names no name server"));
        }
        Ok(RdnsOptions::new(servers))
    }

    /// These name servers, and moderate bounds.
    pub fn new(servers: Vec<SocketAddr>) -> RdnsOptions {
        RdnsOptions {
            servers,
            timeout: Duration::from_secs(2),
            attempts: 2,
            per_second: 100,
            threads: 4,
            queue: 1024,
            remembered: 1 << 16,
            life: Duration::from_secs(3600),
            life_of_failure: Duration::from_secs(300),
            private: false,
        }
    }
}

/// What is known of an address by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What the name servers say. [`Verdict::Claimed`] if they say nothing.
    Known(Verdict),
    /// They have not answered yet.
    Pending,
}

/// Looks up host names in threads of its own. Threads can share one.
#[derive(Debug)]
pub struct Rdns {
    shared: Arc<Shared>,
    queue: SyncSender<Question>,
}

/// An address, and the domains in which its name should be.
type Question = (IpAddr, Arc<Hosts>);

#[derive(Debug)]
struct Shared {
    options: RdnsOptions,
    known: Mutex<HashMap<Question, Known, RandomState>>,
    /// When the next question may be asked.
    next: Mutex<Instant>,
    ended: AtomicBool,
}

#[derive(Debug)]
struct Known {
    /// None while the question waits or is under way.
    verdict: Option<Verdict>,
    until: Instant,
}

impl Rdns {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(options: RdnsOptions) -> io::Result<Rdns> {
        let (queue, waiting) = sync_channel(options.queue);
        let waiting = Arc::new(Mutex::new(waiting));
        let shared = Arc::new(Shared {
            options,
            known: Mutex::default(),
            next: Mutex::new(Instant::now()),
            ended: AtomicBool::new(false),
        });
        for _ in 0..shared.options.threads.max(1) {
            let (shared, waiting) = (shared.clone(), waiting.clone());
            thread::Builder::new().name("rdns".to_string()).spawn(move || work(&shared, &waiting))?;
        }
        Ok(Rdns { shared, queue })
    }

    /// What is known of an address; if nothing is, it will be looked up. This never waits for a
    /// name server.
    ///
    /// [`Verdict::Verified`] means a name in one of the domains that leads back to the address,
    /// [`Verdict::Impostor`] that there is none although all bots have one.
    pub fn ask(&self, address: IpAddr, hosts: &Arc<Hosts>) -> Answer {
        let address = address.to_canonical();
        if !is_public(address) && !self.shared.options.private {
            return Answer::Known(Verdict::Claimed);
        }
        let question = (address, hosts.clone());
        let now = Instant::now();
        let mut known = lock(&self.shared.known);
        if let Some(known) = known.get(&question).filter(|known| now < known.until) {
            return known.verdict.map_or(Answer::Pending, Answer::Known);
        }
        if self.queue.try_send(question.clone()).is_ok() {
            let until = now + self.shared.options.life;
            self.shared.remember(&mut known, question, Known { verdict: None, until });
        }
        Answer::Pending
    }

    /// How many addresses are remembered, those that wait included.
    pub fn remembered(&self) -> usize {
        lock(&self.shared.known).len()
    }
}

/// Ends the threads, and waits for none of them: one may be waiting for a name server.
impl Drop for Rdns {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    /// Remembers, within bounds: what is out of date goes first, and if that is not enough, all.
    fn remember(&self, known: &mut HashMap<Question, Known, RandomState>, question: Question, answer: Known) {
        if known.len() >= self.options.remembered && !known.contains_key(&question) {
            let now = Instant::now();
            known.retain(|_, known| now < known.until);
            if known.len() >= self.options.remembered {
                known.clear();
            }
        }
        known.insert(question, answer);
    }

    /// Waits until the next question may be asked.
    fn wait_for_turn(&self) {
        let step = Duration::from_secs(1) / self.options.per_second.max(1);
        let now = Instant::now();
        let mut next = lock(&self.next);
        let turn = now.max(*next);
        *next = turn + step;
        drop(next);
        thread::sleep(turn - now);
    }
}

fn work(shared: &Shared, waiting: &Mutex<Receiver<Question>>) {
    let RdnsOptions { servers, timeout, attempts, life, life_of_failure, .. } = shared.options.clone();
    let resolver = Resolver { servers, timeout, attempts };
    loop {
        let question = lock(waiting).recv();
        let Ok((address, hosts)) = question else { return };
        if shared.ended.load(Ordering::Relaxed) {
            return;
        }
        let verdict = resolver.confirm(address, &hosts, &|| shared.wait_for_turn());
        let life = if verdict == Verdict::Claimed { life_of_failure } else { life };
        let answer = Known { verdict: Some(verdict), until: Instant::now() + life };
        shared.remember(&mut lock(&shared.known), (address, hosts), answer);
    }
}

/// What is behind these locks is whole at every moment, so a thread that ended badly spoils none.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
