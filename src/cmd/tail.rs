//! `weblog tail`: the end of files, and with `-f` what comes after it, through rotation.
//!
//! [`print`] shows the end of files and no more. [`follow`] goes on, with [`keep`] for what outlives the process
//! and [`dress`] for what is put around the lines. [`far`] is about logs of other machines.

mod dress;
mod far;
mod follow;
mod keep;
mod print;

use crate::{
    exit::{Exit, say},
    formats::Reading,
    output::is_terminal,
    stream::{first_time, is_many},
};
use anyhow::{Context, Result};
use dress::{Charset, Dress, Tag};
use std::{
    ffi::{OsStr, OsString},
    fs::File,
    path::{Path, PathBuf},
};
use weblog_io::{Expanded, expand};

/// Print the end of logs, and follow them through rotation
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog tail -n 100 access.log
  weblog tail -f access.log | weblog parse | weblog enrich
  weblog tail -f ssh://web1/~/access.log ssh://web2/~/access.log | weblog parse\n\n")]
pub struct Args {
    /// Files, globs, directories, `-` or ssh://[USER@]HOST[:PORT]/FILE
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

    /// Remember in a file how far it came, and go on there
    #[arg(long, value_name = "FILE", requires = "follow")]
    state: Option<PathBuf>,

    /// Key for ssh, which has its own configuration
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,

    /// Say where each line is from: json, prefix or none
    #[arg(long, value_name = "FORM", hide_possible_values = true)]
    tag: Option<Tag>,

    /// What the text is encoded in, like latin-1 [utf-8]
    #[arg(long, value_name = "NAME")]
    encoding: Option<Charset>,

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
    // Lines of other machines say where they are from, unless somebody wants them as they are.
    let tag = match (inputs.iter().any(|name| is_far(name)), is_terminal()) {
        (false, _) => Tag::None,
        (true, true) => Tag::Prefix,
        (true, false) => Tag::Json,
    };
    let dress = Dress::new(args.tag.unwrap_or(tag), args.encoding);
    let end = if args.follow {
        follow::follow(&args, start, inputs, &dress)
    } else {
        print::print(&args, start, &inputs, &dress)
    }?;
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
        if !is_many(name) {
            names.push(name.clone());
            continue;
        }
        let Expanded { input, directories } = expand(&[name], is_log);
        names.extend(input.sources().iter().map(|source| OsString::from(&*source.name)));
        let empty = directories.iter().filter(|directory| directory.taken == 0);
        let problems = input.problems().iter().map(ToString::to_string);
        for problem in
            problems.chain(empty.map(|directory| format!("{}: no log in it", directory.path.display())))
        {
            say("tail", &problem);
            // What is not there yet may come.
            if !args.follow {
                exit = Exit::Failed;
            }
        }
    }
    (names, exit)
}

/// Whether an argument is of another machine.
fn is_far(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("ssh://")
}

fn is_log(path: &Path, head: &[u8]) -> Option<i64> {
    first_time(path, head, &Reading::default())
}

fn stdin() -> Result<File> {
    Ok(rustix::io::dup(rustix::stdio::stdin()).context("standard input is closed")?.into())
}
