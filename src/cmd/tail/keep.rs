//! What outlives the process: how far the lines were taken by whoever reads them.
//!
//! What is written to a pipe is not taken yet. The system tells how much of it waits to be read, so that the state
//! stays behind what the reader has. In a regular file a line is safe once it is written; the state says how long
//! the file was, and what a killed run wrote beyond that is not written again.

use super::is_far;
use anyhow::{Result, bail};
use std::{
    collections::VecDeque,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, absolute},
    time::{Duration, Instant},
};
use weblog_io::{
    Stop,
    follow::{Follower, Saved, state::StateFile},
};

/// How often it is looked how much of a pipe was read.
pub const LOOK: Duration = Duration::from_millis(50);
/// How often the state is made to outlive a crash of the machine.
const SYNC: Duration = Duration::from_secs(1);
/// How long the reader is given to take the last lines.
const PATIENCE: Duration = Duration::from_secs(10);
/// No more than this is written between two states.
const SURPLUS: u64 = 64 << 20;

/// States of all inputs, by name.
type States = Vec<(String, Saved)>;

/// The keeper of the state.
pub struct Keeper {
    state: StateFile,
    output: File,
    is_pipe: bool,
    is_file: bool,
    /// Bytes written by this process.
    written: u64,
    /// States of which not all was taken yet, and how many bytes must have been for each.
    waiting: VecDeque<(u64, States)>,
    synced: Instant,
    dirty: bool,
    /// What a killed run wrote without keeping a state of it.
    surplus: Vec<u8>,
}

impl Keeper {
    /// Opens the file of states for lines that go to standard output.
    pub fn open(path: &Path) -> Result<Self> {
        let state = StateFile::open(path)?;
        let output: File = rustix::io::dup(weblog_io::stdout())?.into();
        let metadata = output.metadata()?;
        let is_pipe = std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type());
        let mut surplus = Vec::new();
        if let Some(size) = state.written_to(&output)
            && (size..=size + SURPLUS).contains(&metadata.len())
        {
            // Standard output need not be readable; then what is beyond is written again.
            if let Ok(mut file) = File::open("/dev/stdout") {
                file.seek(SeekFrom::Start(size))?;
                file.take(metadata.len() - size).read_to_end(&mut surplus)?;
            }
        }
        Ok(Keeper {
            state,
            output,
            is_pipe,
            is_file: metadata.is_file(),
            written: 0,
            waiting: VecDeque::new(),
            synced: Instant::now(),
            dirty: false,
            surplus,
        })
    }

    /// What is known of a name.
    pub fn get(&self, name: &Path) -> Option<&Saved> {
        self.state.get(&key(name))
    }

    /// Keeps where following begins, before anything is written.
    pub fn begin(&mut self, follower: &mut Follower) -> Result<()> {
        follower.look();
        self.wrote(0, follower)
    }

    /// What of these lines is still to be written.
    pub fn rest<'a>(&mut self, lines: &'a [u8]) -> &'a [u8] {
        let common = lines.len().min(self.surplus.len());
        if common == 0 || lines[..common] != self.surplus[..common] {
            return lines;
        }
        self.surplus.drain(..common);
        &lines[common..]
    }

    /// So many bytes were written, which were the last of what the follower gave.
    pub fn wrote(&mut self, bytes: usize, follower: &Follower) -> Result<()> {
        self.written += bytes as u64;
        let states = follower.saved().into_iter().enumerate();
        let states = states.filter_map(|(at, saved)| Some((key(follower.name(at)), saved?)));
        self.waiting.push_back((self.written, states.collect()));
        self.look()
    }

    /// When to look again.
    pub fn deadline(&self) -> Option<Instant> {
        match (self.waiting.is_empty(), self.dirty) {
            (false, _) => Some(Instant::now() + LOOK),
            (true, true) => Some(self.synced + SYNC),
            (true, false) => None,
        }
    }

    /// Keeps the last state of which all was taken.
    pub fn look(&mut self) -> Result<()> {
        let unread = if self.is_pipe { rustix::io::ioctl_fionread(&self.output)? } else { 0 };
        let taken = self.written.saturating_sub(unread);
        let mut last = None;
        while self.waiting.front().is_some_and(|(end, _)| *end <= taken) {
            last = self.waiting.pop_front();
        }
        if let Some((_, states)) = last {
            let output = self.is_file.then_some((&self.output, self.surplus.len() as u64));
            self.state.save(states, output)?;
            self.dirty = true;
        }
        if self.dirty && self.synced.elapsed() >= SYNC {
            self.sync()?;
        }
        Ok(())
    }

    /// Ends the keeping: waits for the reader to take what is on its way, unless it is gone or told to stop again.
    pub fn close(mut self, follower: &Follower, is_read: bool) -> Result<()> {
        if is_read {
            self.wrote(0, follower)?;
            let since = Instant::now();
            let again = Stop::new()?;
            again.on_signals()?;
            while !self.waiting.is_empty() && !again.is_requested() && !is_closed() {
                if since.elapsed() > PATIENCE {
                    bail!("the reader of the output does not take the last lines; they will come again");
                }
                std::thread::sleep(Duration::from_millis(2));
                self.look()?;
            }
        } else {
            self.look()?;
        }
        self.sync()
    }

    fn sync(&mut self) -> Result<()> {
        if self.is_file && self.dirty {
            // The state must not be ahead of the lines.
            self.output.sync_data()?;
        }
        self.state.sync()?;
        (self.synced, self.dirty) = (Instant::now(), false);
        Ok(())
    }
}

fn is_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = weblog_io::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).is_ok_and(|ready| ready > 0)
}

/// The name under which a state is kept, whatever directory weblog is run in.
fn key(name: &Path) -> String {
    let absolute = if is_far(name.as_os_str()) {
        name.to_owned()
    } else {
        absolute(name).unwrap_or_else(|_| name.to_owned())
    };
    absolute.to_string_lossy().into_owned()
}
