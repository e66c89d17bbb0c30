//! The `ssh` process, and the way to the far shell and back.

use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::answer::{Answer, Scanner};
use super::error::RemoteError;
use super::target::Target;
use crate::follow::Until;

/// How much is read at once.
const PIECE: usize = 256 << 10;
/// How much of what ssh says on standard error is kept, from its end.
const SAID: usize = 4 << 10;
/// How long ssh is given to say why the connection ended, after it did.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How to reach a far machine. What is not said here is in the user's configuration of ssh.
#[derive(Debug, Clone)]
pub struct Options {
    /// A private key (`-i`).
    pub identity: Option<PathBuf>,
    /// How long connecting may take (`ConnectTimeout`). Logging in has three times [`Options::alive`] more.
    /// Default: 15 s.
    pub connect_timeout: Duration,
    /// How often the connection gives a sign of life (`ServerAliveInterval`). When none came for three times as
    /// long it is given up. Default: 5 s; ssh counts in whole seconds from 1 on.
    pub alive: Duration,
    /// The program. Default: `ssh`, from the path.
    pub program: PathBuf,
    /// More arguments for it, before all others (`-F`, `-J`, `-o`): what stands first wins.
    pub arguments: Vec<OsString>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            identity: None,
            connect_timeout: Duration::from_secs(15),
            alive: Duration::from_secs(5),
            program: "ssh".into(),
            arguments: Vec::new(),
        }
    }
}

impl Options {
    /// How long nothing may come.
    pub(super) fn silence(&self) -> Duration {
        self.alive * 3
    }

    fn command(&self, target: &Target) -> Command {
        let seconds = |time: Duration| time.as_secs().max(1);
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).args(["-T", "-x", "-a"]);
        for option in [
            "BatchMode=yes".to_owned(),
            // Ports that the user's configuration forwards belong to the user's own logins.
            "ClearAllForwardings=yes".to_owned(),
            // A shared connection of the user's is used; ours, which may be killed, is none to share.
            "ControlMaster=no".to_owned(),
            format!("ConnectTimeout={}", seconds(self.connect_timeout)),
            format!("ServerAliveInterval={}", seconds(self.alive)),
            "ServerAliveCountMax=2".to_owned(),
        ] {
            command.arg("-o").arg(option);
        }
        if let Some(identity) = &self.identity {
            command.arg("-i").arg(identity);
        }
        if let Some(port) = target.port {
            command.arg("-p").arg(port.to_string());
        }
        if let Some(user) = &target.user {
            command.arg("-l").arg(user);
        }
        command.arg("--").arg(&target.host).arg("sh");
        // Ctrl-C is ours: ssh would end by it before we have asked for the last lines.
        command.process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// What an answer may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long nothing may come.
    pub(super) silence: Duration,
    /// How long it may take in all.
    pub(super) whole: Option<Duration>,
    pub(super) bytes: usize,
}

/// A running `ssh`.
#[derive(Debug)]
pub(super) struct Channel {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    /// None when it was closed.
    stderr: Option<ChildStderr>,
    /// The end of what came on standard error.
    said: Vec<u8>,
    /// The answer.
    pub(super) bytes: Vec<u8>,
    connected: bool,
    is_over: bool,
}

impl Channel {
    pub(super) fn start(target: &Target, options: &Options) -> Result<Channel, RemoteError> {
        let mut child = options
            .command(target)
            .spawn()
            .map_err(|error| RemoteError::Start { program: options.program.clone(), error })?;
        let stdin = child.stdin.take().expect("it is a pipe");
        let stdout = child.stdout.take().expect("it is a pipe");
        let stderr = child.stderr.take();
        let (said, bytes) = (Vec::new(), Vec::new());
        let channel = Channel { child, stdin, stdout, stderr, said, bytes, connected: false, is_over: false };
        // From here on dropping it ends the process.
        rustix::io::ioctl_fionbio(&channel.stdin, true)?;
        rustix::io::ioctl_fionbio(&channel.stdout, true)?;
        channel.stderr.as_ref().map_or(Ok(()), |stderr| rustix::io::ioctl_fionbio(stderr, true))?;
        #[cfg(target_os = "linux")]
        // A wider pipe means fewer wake-ups. Where it is not allowed, the usual one does.
        let _ = rustix::pipe::fcntl_setpipe_size(&channel.stdout, 1 << 20);
        Ok(channel)
    }

    /// Sends a script and waits for all of its answer, which is in `bytes` then. After an error there is no process.
    pub(super) fn ask(
        &mut self,
        script: &[u8],
        nonce: &str,
        limits: Limits,
        until: &Until<'_>,
    ) -> Result<Answer, RemoteError> {
        if self.is_over {
            return Err(RemoteError::Gone { said: String::new() });
        }
        self.bytes.clear();
        let answer = self.exchange(script, Scanner::new(nonce), limits, until);
        match &answer {
            Ok(_) => self.connected = true,
            Err(_) => self.end(),
        }
        answer
    }

    fn exchange(
        &mut self,
        mut script: &[u8],
        mut scanner: Scanner<'_>,
        limits: Limits,
        until: &Until<'_>,
    ) -> Result<Answer, RemoteError> {
        let begin = Instant::now();
        let mut heard = begin;
        loop {
            let silent = (heard + limits.silence, limits.silence);
            let whole = limits.whole.map_or(silent, |whole| (begin + whole, whole));
            let (deadline, allowed) = silent.min(whole);
            let now = Instant::now();
            if now >= deadline {
                return Err(RemoteError::Silent { after: allowed });
            }
            let ready = self.wait(deadline - now, !script.is_empty(), until)?;
            if ready.stderr {
                self.listen();
            }
            if ready.stdin {
                match rustix::io::write(&self.stdin, script) {
                    Ok(written) => script = &script[written..],
                    Err(Errno::INTR | Errno::AGAIN) => {}
                    // It has ended: what it said last comes below.
                    Err(_) => script = &[],
                }
            }
            if ready.stdout {
                self.bytes.reserve(PIECE);
                match rustix::io::read(&self.stdout, spare_capacity(&mut self.bytes)) {
                    Ok(0) => return Err(self.lost()),
                    Ok(_) => heard = Instant::now(),
                    Err(Errno::INTR | Errno::AGAIN) => continue,
                    Err(_) => return Err(self.lost()),
                }
                if let Some(answer) = scanner.look(&self.bytes)? {
                    return Ok(answer);
                }
                if self.bytes.len() > limits.bytes {
                    return Err(RemoteError::Protocol { what: "it is too long" });
                }
            }
        }
    }

    fn wait(&self, timeout: Duration, writing: bool, until: &Until<'_>) -> Result<Ready, RemoteError> {
        let is_stopped = || until.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        if is_stopped() {
            return Err(RemoteError::Stopped);
        }
        let fds: [(Option<BorrowedFd<'_>>, PollFlags); 5] = [
            (Some(self.stdout.as_fd()), PollFlags::IN),
            (self.stderr.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (writing.then_some(self.stdin.as_fd()), PollFlags::OUT),
            (until.stop_fd, PollFlags::IN),
            // No flags: that its reader has gone is told anyway.
            (until.output, PollFlags::empty()),
        ];
        // In the place of an absent descriptor stands one that is there; its answer is not looked at.
        let mut polled = fds.map(|(fd, flags)| match fd {
            Some(fd) => PollFd::from_borrowed_fd(fd, flags),
            None => PollFd::from_borrowed_fd(self.stdout.as_fd(), PollFlags::empty()),
        });
        let timeout = Timespec { tv_sec: timeout.as_secs() as _, tv_nsec: timeout.subsec_nanos().into() };
        match poll(&mut polled, Some(&timeout)) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Ready::default()),
            Err(errno) => return Err(errno.into()),
        }
        let happened = |at: usize| fds[at].0.is_some() && !polled[at].revents().is_empty();
        if happened(3) || is_stopped() {
            return Err(RemoteError::Stopped);
        }
        if happened(4) && polled[4].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
            return Err(RemoteError::OutputClosed);
        }
        Ok(Ready { stdout: happened(0), stderr: happened(1), stdin: happened(2) })
    }

    /// Takes what there is on standard error, so that ssh never waits for a reader, and keeps the end of it.
    fn listen(&mut self) {
        let mut piece = [0; 4 << 10];
        while let Some(stderr) = &self.stderr {
            match rustix::io::read(stderr, &mut piece) {
                Ok(read) if read > 0 => {
                    self.said.extend_from_slice(&piece[..read]);
                    self.said.drain(..self.said.len().saturating_sub(SAID));
                    // A flood is read on after the answer had its turn.
                    if read == piece.len() {
                        return;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Ok(_) | Err(_) => self.stderr = None,
            }
        }
    }

    /// Why the far shell's output ended: ssh's last words, and its status.
    fn lost(&mut self) -> RemoteError {
        let deadline = Instant::now() + LAST_WORDS;
        let status = loop {
            self.listen();
            match self.child.try_wait() {
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
                Ok(status) => break status,
                Err(_) => break None,
            }
        };
        self.listen();
        match self.connected {
            true => RemoteError::Gone { said: super::error::last_lines(&self.said) },
            false => RemoteError::connect(&self.said, &self.bytes, status.and_then(|status| status.code())),
        }
    }

    /// What ssh and the far login said so far on standard error.
    pub(super) fn said(&mut self) -> String {
        self.listen();
        super::error::last_lines(&self.said)
    }

    /// Kills the process and takes its status, so that it is no zombie.
    fn end(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.end();
    }
}

/// What can be read from or written to.
#[derive(Debug, Default)]
struct Ready {
    stdout: bool,
    stderr: bool,
    stdin: bool,
}
