//! `weblog tail`: the end of files, and with `-f` what comes after it, through rotation.

use crate::{
    exit::{Exit, say},
    output::Output,
};
use anyhow::{Context, Result};
use std::{
    ffi::OsString,
    fs::File,
    io::{Read, Seek, Write},
    os::fd::AsFd,
    path::{Path, PathBuf},
};
use weblog_io::{
    ByteReader, Input, RunOptions, Sniffed, Stop,
    follow::{self, Event, FollowOptions, Follower, StartAt, Until},
    last_lines::{Copied, LastLines, STREAM_LIMIT, copy_last_lines},
    sniff,
};

/// Print the end of logs, and follow them through rotation
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog tail -n 100 access.log
  weblog tail -f access.log | weblog parse | weblog enrich
  weblog tail -f --from-start /var/log/nginx/*access.log | weblog parse\n\n")]
pub struct Args {
    /// Files or `-`; compressed or not unless followed
    #[arg(value_name = "INPUT")]
    inputs: Vec<OsString>,

    /// Follow by name through rotation and truncation
    #[arg(short, long, short_alias = 'F')]
    follow: bool,

    /// Begin with the last N lines [10]
    #[arg(short = 'n', long, value_name = "N", value_parser = count, default_value = "10", hide_default_value = true)]
    lines: StartLines,

    /// Begin with the first line
    #[arg(long, conflicts_with = "lines")]
    from_start: bool,

    /// Look at files this often, in milliseconds [200]
    #[arg(long, value_name = "MS", default_value = "200", hide_default_value = true, requires = "follow", value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    poll: u64,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    /// Tell of rotations and of files that come and go
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

/// How much of a file is wanted at first; `+1` is all of it, as in other tails.
#[derive(Clone, Copy)]
enum StartLines {
    Last(u64),
    All,
}

fn count(text: &str) -> Result<StartLines, String> {
    match text {
        "+1" => Ok(StartLines::All),
        _ => text.parse().map(StartLines::Last).map_err(|_| "give a number of lines, or +1 for all".into()),
    }
}

pub fn run(args: Args) -> Result<Exit> {
    let start = if args.from_start { StartLines::All } else { args.lines };
    let inputs = if args.inputs.is_empty() { vec!["-".into()] } else { args.inputs.clone() };
    if args.follow { follow(&args, start, inputs) } else { print(start, &inputs) }
}

fn follow(args: &Args, start: StartLines, inputs: Vec<OsString>) -> Result<Exit> {
    let stop = Stop::new()?;
    stop.on_signals()?;
    let mut output = Output::open(None)?;
    let inputs = inputs.into_iter().map(|name| match name.to_str() {
        Some("-") => Ok(follow::Input::Open { name: "-".into(), file: stdin()? }),
        _ => Ok(follow::Input::Path(name.into())),
    });
    let start = match start {
        StartLines::All => StartAt::Beginning,
        StartLines::Last(count) => StartAt::LastLines(count),
    };
    let poll = std::time::Duration::from_millis(args.poll);
    let options = FollowOptions { start, poll, ..FollowOptions::default() };
    let mut follower = Follower::new(inputs.collect::<Result<_>>()?, options);
    let until = Until { stop: None, stop_fd: Some(stop.as_fd()), output: output.watched() };
    let mut lines = Vec::new();
    loop {
        match follower.next(&mut lines, &until)? {
            Event::Lines { .. } => output.write(&lines)?,
            Event::Notice(notice) if args.verbose || (notice.is_warning() && !args.quiet) => {
                say("tail", &notice.to_string());
            }
            Event::Notice(_) => {}
            Event::Stopped => {
                output.write(&lines)?;
                return Ok(Exit::Done);
            }
            Event::OutputClosed | Event::End => return Ok(Exit::Done),
        }
    }
}

fn stdin() -> Result<File> {
    Ok(rustix::io::dup(rustix::stdio::stdin()).context("standard input is closed")?.into())
}

/// Prints the end of each file. A file that cannot be read does not keep the others from it.
fn print(start: StartLines, inputs: &[OsString]) -> Result<Exit> {
    let mut output = Output::open(None)?;
    let mut exit = Exit::Done;
    for (at, name) in inputs.iter().enumerate() {
        let path = Path::new(name);
        let opened = if name == "-" { stdin() } else { open(path) };
        let copied = match opened.and_then(|file| Ok((compressed(&file)?, file))) {
            Ok((true, _)) => unpacked(start, path, &mut output)?,
            Ok((false, file)) => plain(start, path, file, &mut output)?,
            Err(error) => {
                say("tail", &format!("{error:#}"));
                exit = Exit::Failed;
                continue;
            }
        };
        if copied.cut > 0 {
            say("tail", &format!("{}: {} bytes of the last lines left out", path.display(), copied.cut));
            exit = Exit::Failed;
        }
        if !copied.ended && at + 1 < inputs.len() {
            output.write(b"\n")?;
        }
    }
    Ok(exit)
}

fn open(path: &Path) -> Result<File> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let is_directory = file.metadata().is_ok_and(|metadata| metadata.is_dir());
    anyhow::ensure!(!is_directory, "{} is a directory: name the files in it", path.display());
    Ok(file)
}

/// Whether a regular file is compressed. Leaves it at its beginning.
fn compressed(file: &File) -> Result<bool> {
    if !file.metadata()?.is_file() {
        return Ok(false);
    }
    let (mut head, mut file) = (Vec::new(), file);
    let at = file.stream_position()?;
    file.take(16).read_to_end(&mut head)?;
    file.seek(std::io::SeekFrom::Start(at))?;
    Ok(matches!(sniff(&head, true), Sniffed::Compressed(_)))
}

fn plain(start: StartLines, path: &Path, file: File, output: &mut Output) -> Result<Copied> {
    let count = match start {
        StartLines::All => u64::MAX,
        StartLines::Last(count) => count,
    };
    if matches!(start, StartLines::All) {
        let mut input = Input::new();
        input.add_fd(&path.to_string_lossy(), file.into());
        return all(input, output);
    }
    copy_last_lines(file, count, output).with_context(|| path.display().to_string())
}

fn unpacked(start: StartLines, path: &Path, output: &mut Output) -> Result<Copied> {
    let mut input = Input::new();
    input.add_path(PathBuf::from(path));
    let StartLines::Last(count) = start else { return all(input, output) };
    let options = RunOptions { output: output.watched(), ..RunOptions::default() };
    let mut ring = LastLines::new(count, STREAM_LIMIT);
    let mut block = vec![0; 64 << 10];
    let mut reader = ByteReader::new(&mut input, &options);
    loop {
        match reader.read(&mut block)? {
            0 => break,
            len => ring.push(&block[..len]),
        }
    }
    let copied = ring.write_to(output)?;
    checked(&input, copied)
}

/// Copies everything.
fn all(mut input: Input, output: &mut Output) -> Result<Copied> {
    let options = RunOptions { output: output.watched(), ..RunOptions::default() };
    let mut copied = Copied { bytes: 0, ended: true, cut: 0 };
    let mut block = vec![0; 64 << 10];
    let mut reader = ByteReader::new(&mut input, &options);
    loop {
        match reader.read(&mut block)? {
            0 => break,
            len => {
                output.write(&block[..len])?;
                copied.bytes += len as u64;
                copied.ended = block[len - 1] == b'\n';
            }
        }
    }
    checked(&input, copied)
}

/// What was copied, unless the input broke off.
fn checked(input: &Input, copied: Copied) -> Result<Copied> {
    match input.problems().first() {
        Some(problem) => Err(anyhow::anyhow!("{problem}")),
        None => Ok(copied),
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.write_some(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
