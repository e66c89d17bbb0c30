//! `weblog replay`: a recorded stream again.

use super::merge::stdin_as_file;
use crate::{
    clock::Clock,
    exit::{Exit, is_closed_pipe, say},
    formats::Reading,
    options::{LineArgs, fine_span, micros},
    output::Output,
    stream::{first_time, greet, report},
};
use anyhow::{Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    os::fd::{AsFd, BorrowedFd},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use weblog_io::{Expanded, Input, Stop, expand};
use weblog_parse::Zone;
use weblog_window::{Block, LineClock, LineReader, Pace, notation};

/// Write a recorded log again, at its own or another pace
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog replay --speed 600x access.log
  weblog replay --into 5s --rewrite-time access.log.1.gz | weblog parse
  weblog replay --speed 100000x --max-gap 1h access.log | weblog enrich\n\n")]
pub struct Args {
    #[command(flatten)]
    input: LineArgs,

    /// So many times as fast as it was recorded, like 10x or 0.5x [1x]
    #[arg(long, value_name = "FACTOR", value_parser = speed, default_value = "1x", hide_default_value = true)]
    speed: f64,

    /// As fast as it takes to be over in this time, like 5m
    #[arg(long, value_name = "SPAN", value_parser = fine_span, conflicts_with = "speed")]
    into: Option<Duration>,

    /// Take silences in the recording for no longer than this
    #[arg(long, value_name = "SPAN", value_parser = fine_span)]
    max_gap: Option<Duration>,

    /// Put the time of writing in the place of the recorded one
    #[arg(long)]
    rewrite_time: bool,

    /// Begin again at the end, for ever or N times in all
    #[arg(long = "loop", value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    repeat: Option<u64>,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Due lines are gathered up to so many bytes before they are written.
const GATHERED: usize = 256 << 10;
const READ_SIZE: usize = 128 << 10;

fn speed(text: &str) -> Result<f64, String> {
    match text.strip_suffix('x').unwrap_or(text).parse() {
        Ok(speed) if (1e-6..=1e9).contains(&speed) => Ok(speed),
        _ => Err("give a factor above 0, like 10x or 0.5x".into()),
    }
}

pub fn run(args: Args) -> Result<Exit> {
    let stop = Stop::new()?;
    stop.on_signals()?;
    let reading = args.input.read.reading();
    let Expanded { input, directories } =
        expand(&args.input.inputs, |path, head| first_time(path, head, &reading));
    greet("replay", &args.input.inputs, &args.input.read, args.quiet);
    let mut failed = report("replay", &input, 0, &directories, false);
    let inputs: Vec<_> =
        input.sources().iter().map(|source| source.path.clone().or_else(stdin_as_file)).collect();
    if args.into.is_some() || args.repeat.is_some() {
        let is_file =
            |path: &Option<PathBuf>| path.as_ref().is_some_and(|path| !path.exists() || path.is_file());
        let flag = if args.into.is_some() { "--into" } else { "--loop" };
        ensure!(inputs.iter().all(is_file), "{flag} reads its input more than once: give files, not a pipe");
    }
    let output = Output::open(None)?;
    let max_gap = args.max_gap.map(micros);
    let mut player = Player {
        args: &args,
        reading: &reading,
        stop: &stop,
        watched: output.watched().filter(|fd| has_a_reader(*fd)),
        output,
        pace: Pace::new(args.speed, max_gap),
        begun: Instant::now(),
        begun_at: 0,
        gathered: Vec::new(),
        kept: 0,
    };
    if let Some(into) = args.into {
        let mut pace = Pace::new(1.0, max_gap);
        let end = player.each(&inputs, |_, block| {
            block.as_they_stand().filter(|entry| entry.time > i64::MIN).for_each(|entry| {
                pace.due(entry.time);
            });
            Ok(true)
        })?;
        if end == End::Stopped {
            return Ok(Exit::Done);
        }
        let speed = pace.passed() as f64 / into.as_micros().max(1) as f64;
        player.pace = Pace::new(speed.max(1e-9), max_gap);
    }
    player.begin();
    let mut pass = 0;
    let end = loop {
        pass += 1;
        let end = player.each(&inputs, |player, block| player.play(block)).and_then(|end| {
            player.flush()?;
            Ok(end)
        });
        match end {
            Ok(End::All) if args.repeat.is_some_and(|times| times == 0 || pass < times) => {
                // A recording of no length would be written again and again without a pause.
                if player.pace.passed() == 0 && args.repeat == Some(0) {
                    break Ok(End::All);
                }
                player.pace.again();
            }
            end => break end,
        }
    };
    match end {
        Ok(End::Failed) => failed = true,
        Ok(_) => {}
        Err(error) if is_closed_pipe(&error) => return Ok(Exit::Done),
        Err(error) => return Err(error),
    }
    if player.kept > 0 && !args.quiet {
        let kept = player.kept;
        let lines = if kept == 1 { "1 line is".to_owned() } else { format!("{kept} lines are") };
        say("replay", &format!("{lines} as recorded: no time was found to rewrite"));
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// How a pass over the inputs ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    All,
    /// Something could not be read; it was said.
    Failed,
    Stopped,
}

/// Writes lines when they are due.
struct Player<'a> {
    args: &'a Args,
    reading: &'a Reading,
    stop: &'a Stop,
    output: Output,
    watched: Option<BorrowedFd<'static>>,
    pace: Pace,
    begun: Instant,
    /// The same moment, in microseconds since the epoch.
    begun_at: i64,
    gathered: Vec<u8>,
    /// Lines whose time was not found.
    kept: u64,
}

impl Player<'_> {
    fn begin(&mut self) {
        self.begun = Instant::now();
        self.begun_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros);
    }

    /// Gives all blocks of the inputs to `take`, which says whether to go on.
    fn each(
        &mut self,
        inputs: &[Option<PathBuf>],
        mut take: impl FnMut(&mut Self, &Block) -> Result<bool>,
    ) -> Result<End> {
        let mut end = End::All;
        let mut clock = Clock::new(self.reading, &Arc::default(), &[]);
        for path in inputs {
            let mut input = Input::new();
            match path {
                Some(path) => input.add_path(path),
                None => input.add_stdin(),
            }
            let mut reader =
                LineReader::new(input, self.stop.clone(), self.watched, self.args.input.read.max_line);
            let mut block = Block::default();
            while self.fill(&mut reader, &mut block, &mut clock)? {
                if !take(self, &block)? {
                    return Ok(End::Stopped);
                }
            }
            if reader.is_interrupted() {
                return Ok(End::Stopped);
            }
            for problem in reader.problems() {
                say("replay", &problem.to_string());
                end = End::Failed;
            }
        }
        Ok(end)
    }

    /// Reads on, which may take its time: what is due by now is written first.
    fn fill(
        &mut self,
        reader: &mut LineReader,
        block: &mut Block,
        clock: &mut dyn LineClock,
    ) -> Result<bool> {
        self.flush()?;
        Ok(reader.fill(block, READ_SIZE, false, clock))
    }

    /// Writes the lines of a block, each when it is due. False when there is a reason to end.
    fn play(&mut self, block: &Block) -> Result<bool> {
        for entry in block.as_they_stand() {
            let due = match entry.time {
                // Lines above the first one with a time.
                i64::MIN => self.pace.now(),
                time => self.pace.due(time),
            };
            if due > micros(self.begun.elapsed()) {
                self.flush()?;
                if !self.wait_until(due)? {
                    return Ok(false);
                }
            }
            let lines = block.lines(entry);
            if self.args.rewrite_time {
                let (at, zone) = (self.begun_at.saturating_add(due), self.reading.options().zone);
                for line in lines.split_inclusive(|byte| *byte == b'\n') {
                    self.rewrite(line, entry.time, at, zone);
                }
            } else {
                self.gathered.extend_from_slice(lines);
            }
            if self.gathered.len() >= GATHERED {
                self.flush()?;
                if self.stop.is_requested() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Gathers a line with another time in the place of its own.
    fn rewrite(&mut self, line: &[u8], time: i64, at: i64, zone: Zone) {
        let Some((range, notation)) = notation::find(line, time, zone) else {
            self.kept += u64::from(!line.trim_ascii().is_empty() && line[0] != b'#');
            return self.gathered.extend_from_slice(line);
        };
        self.gathered.extend_from_slice(&line[..range.start]);
        notation.write(at, &mut self.gathered);
        self.gathered.extend_from_slice(&line[range.end..]);
    }

    fn flush(&mut self) -> Result<()> {
        if !self.gathered.is_empty() {
            self.output.write_untrusted(&self.gathered)?;
            self.gathered.clear();
        }
        Ok(())
    }

    /// Sleeps until so many microseconds after the begin; false when there is a reason to end before.
    fn wait_until(&self, due: i64) -> Result<bool> {
        loop {
            let left = due - micros(self.begun.elapsed());
            if left <= 0 {
                return Ok(true);
            }
            let timeout = Timespec { tv_sec: left / 1_000_000, tv_nsec: left % 1_000_000 * 1_000 };
            let stop = PollFd::from_borrowed_fd(self.stop.as_fd(), PollFlags::IN);
            let mut fds = vec![stop];
            fds.extend(self.watched.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::empty())));
            match poll(&mut fds, Some(&timeout)) {
                // A signal that is meant for us shows in the descriptor.
                Err(rustix::io::Errno::INTR) | Ok(0) => {}
                Ok(_) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether something is a pipe or the like, whose reader may go away.
fn has_a_reader(fd: BorrowedFd<'_>) -> bool {
    use rustix::fs::{FileType, fstat};
    fstat(fd)
        .is_ok_and(|stat| matches!(FileType::from_raw_mode(stat.st_mode), FileType::Fifo | FileType::Socket))
}
