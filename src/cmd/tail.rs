//! `weblog tail`: the end of files, and with `-f` what comes after it, through rotation.

use crate::{
    exit::{Exit, say},
    formats::Reading,
    output::Output,
    stream::first_time,
};
use anyhow::{Context, Result, ensure};
use std::{
    ffi::OsString,
    fs::File,
    io::{Read, Seek, SeekFrom},
    os::fd::{AsFd, BorrowedFd},
    path::Path,
};
use weblog_io::{
    ByteReader, Expanded, Input, RunOptions, Sniffed, Stop, expand,
    follow::{self, Event, FollowOptions, Follower, Notice, StartAt, Until},
    last_lines::{Copied, LastLines, STREAM_LIMIT, last_lines},
    sniff,
};

/// Print the end of logs, and follow them through rotation
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog tail -n 100 access.log
  weblog tail -f access.log | weblog parse | weblog enrich
  weblog tail -f --from-start *access.log | weblog parse\n\n")]
pub struct Args {
    /// Files, globs, directories or `-`
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
        _ if text.starts_with('+') => Err("give a number of lines, or +1 for all".into()),
        _ => text.parse().map(StartLines::Last).map_err(|_| "give a number of lines, or +1 for all".into()),
    }
}

pub fn run(args: Args) -> Result<Exit> {
    let start = if args.from_start { StartLines::All } else { args.lines };
    let (inputs, mut exit) = inputs(&args);
    let end = if args.follow { follow(&args, start, inputs) } else { print(start, &inputs) }?;
    if end != Exit::Done {
        exit = end;
    }
    Ok(exit)
}

/// The files that are meant: those that patterns and directories hold now, and all others by their name,
/// whether they are there or not.
fn inputs(args: &Args) -> (Vec<OsString>, Exit) {
    if args.inputs.is_empty() {
        return (vec!["-".into()], Exit::Done);
    }
    let (mut names, mut exit) = (Vec::new(), Exit::Done);
    for name in &args.inputs {
        let path = Path::new(name);
        let is_pattern = !path.exists() && name.to_string_lossy().contains(['*', '?', '[']);
        if !is_pattern && !path.is_dir() {
            names.push(name.clone());
            continue;
        }
        let Expanded { input, directories } =
            expand(&[name], |path, head| first_time(path, head, &Reading::default()));
        names.extend(input.sources().iter().map(|source| OsString::from(&*source.name)));
        let empty = directories.iter().filter(|directory| directory.taken == 0);
        let problems = input.problems().iter().map(ToString::to_string);
        for problem in
            problems.chain(empty.map(|directory| format!("{}: no log in it", directory.path.display())))
        {
            say("tail", &problem);
            exit = Exit::Failed;
        }
    }
    (names, exit)
}

fn follow(args: &Args, start: StartLines, inputs: Vec<OsString>) -> Result<Exit> {
    let stop = Stop::new()?;
    stop.on_signals()?;
    let mut output = Output::open(None)?;
    let inputs = inputs.into_iter().map(|name| match name.to_str() {
        Some("-") => Ok(follow::Input::Open { name: "-".into(), file: stdin()? }),
        _ => {
            let is_compressed = File::open(&name).is_ok_and(|file| is_compressed(&file).unwrap_or(false));
            let shown = Path::new(&name).display();
            ensure!(!is_compressed, "{shown} is compressed and does not grow: leave out --follow");
            Ok(follow::Input::Path(name.into()))
        }
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
            Event::Lines { .. } => output.write_untrusted(&lines)?,
            Event::Notice(notice) => {
                let always = notice.is_warning() || matches!(notice, Notice::Waiting { .. });
                if args.verbose || (always && !args.quiet) {
                    say("tail", &notice.to_string());
                }
            }
            Event::Stopped => {
                output.write_untrusted(&lines)?;
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
        let name = name.to_string_lossy();
        let (mut input, last) = match end_of(start, &name) {
            Ok(end) => end,
            Err(error) => {
                say("tail", &format!("{error:#}"));
                exit = Exit::Failed;
                continue;
            }
        };
        let ended = match last {
            Some(count) => ring(&mut input, count, &name, &mut output)?,
            None => copy(&mut input, &mut output)?,
        };
        for problem in input.problems() {
            say("tail", &problem.to_string());
            exit = Exit::Failed;
        }
        // The lines of two files must not glue.
        if !ended && at + 1 < inputs.len() {
            output.write(b"\n")?;
        }
    }
    Ok(exit)
}

/// An input that stands where printing begins, or one to be read to its end for its last lines.
fn end_of(start: StartLines, name: &str) -> Result<(Input, Option<u64>)> {
    let mut file = match name {
        "-" => stdin()?,
        _ => File::open(name).with_context(|| format!("cannot open {name}"))?,
    };
    let metadata = file.metadata().with_context(|| format!("cannot look at {name}"))?;
    let mut last = None;
    if let StartLines::Last(count) = start {
        if metadata.is_file() && !is_compressed(&file)? {
            let start = last_lines(&file, count).with_context(|| format!("cannot read {name}"))?;
            file.seek(SeekFrom::Start(start))?;
        } else {
            last = Some(count);
        }
    }
    let mut input = Input::new();
    if last.is_none() && metadata.is_file() && !is_compressed(&file)? {
        // Only what is there now: the output may be the same file.
        let left = metadata.len().saturating_sub(file.stream_position()?);
        input.add_reader(name, Box::new(file.take(left)));
    } else {
        input.add_fd(name, file.into());
    }
    Ok((input, last))
}

/// Whether a regular file is compressed. Leaves it where it stands. Nothing else is looked into, since
/// what is read from a pipe is gone.
fn is_compressed(mut file: &File) -> Result<bool> {
    if !file.metadata()?.is_file() {
        return Ok(false);
    }
    let (mut head, at) = (Vec::new(), file.stream_position()?);
    file.take(16).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(at))?;
    Ok(matches!(sniff(&head, true), Sniffed::Compressed(_)))
}

/// Writes the last lines of what can only be read forward. Says whether its last line was ended.
fn ring(input: &mut Input, count: u64, name: &str, output: &mut Output) -> Result<bool> {
    let mut ring = LastLines::new(count, STREAM_LIMIT);
    read_all(input, output.watched(), |bytes| {
        ring.push(bytes);
        Ok(())
    })?;
    let mut lines = Vec::new();
    let Copied { ended, cut, .. } = ring.write_to(&mut lines)?;
    if cut > 0 {
        say("tail", &format!("{name}: the last {count} lines are too long to keep; {cut} bytes left out"));
    }
    output.write_untrusted(&lines)?;
    Ok(ended)
}

/// Writes all that follows. Says whether its last line was ended.
fn copy(input: &mut Input, output: &mut Output) -> Result<bool> {
    let mut ended = true;
    read_all(input, output.watched(), |bytes| {
        ended = bytes.ends_with(b"\n");
        output.write_untrusted(bytes)
    })?;
    Ok(ended)
}

fn read_all(
    input: &mut Input,
    watched: Option<BorrowedFd<'_>>,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let options = RunOptions { output: watched, ..RunOptions::default() };
    let mut reader = ByteReader::new(input, &options);
    let mut block = vec![0; 64 << 10];
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(()),
            len => each(&block[..len])?,
        }
    }
}
