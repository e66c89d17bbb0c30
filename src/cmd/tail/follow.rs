//! What comes after the end of files.

use super::{
    Args, StartLines,
    dress::{Dress, From},
    far::{ssh, target},
    is_far, is_log,
    keep::Keeper,
    print, stdin,
};
use crate::{
    exit::{Exit, is_closed_pipe},
    growing,
    output::Output,
    stream::is_many,
};
use anyhow::Result;
use std::{
    collections::HashMap,
    ffi::OsString,
    os::fd::AsFd,
    path::{Path, PathBuf},
};
use weblog_io::{
    Stop,
    follow::{self, Clock, Event, FollowOptions, Follower, Memory, StartAt, Until, is_rotated_form},
    remote::Target,
};

/// Follows the inputs until somebody ends it.
pub(super) fn follow(args: &Args, start: StartLines, inputs: Vec<OsString>, dress: &Dress) -> Result<Exit> {
    let stop = Stop::new()?;
    stop.on_signals()?;
    let mut keeper = args.state.as_deref().map(Keeper::open).transpose()?;
    let (rotated, inputs) = apart(inputs);
    // What an earlier run left finds its rotated files by itself.
    if matches!(start, StartLines::All) && keeper.is_none() && !rotated.is_empty() {
        print::print(args, start, &in_order(rotated), dress)?;
    }
    let mut inputs = inputs.into_iter().map(PathBuf::from).collect();
    growing::retain("tail", &mut inputs, &args.inputs)?;
    let mut output = Output::open(None)?;
    let mut far: HashMap<PathBuf, Target> = HashMap::new();
    let inputs: Vec<follow::Input> =
        inputs.into_iter().map(|path| input(args, path, keeper.as_ref(), &mut far)).collect::<Result<_>>()?;
    let start = match start {
        StartLines::All => StartAt::Beginning,
        StartLines::Last(count) => StartAt::LastLines(count),
    };
    let options = FollowOptions {
        start,
        poll: std::time::Duration::from_millis(args.poll),
        clock: Clock::new(|bytes| is_log(Path::new(""), bytes)),
        whole_lines: keeper.is_some(),
        ..FollowOptions::default()
    };
    let mut follower = Follower::new(inputs, options);
    let many: Vec<OsString> = args.inputs.iter().filter(|name| is_many(name)).cloned().collect();
    if !many.is_empty() {
        follower = follower.discover(move || growing::found(&many, is_log));
    }
    if let Some(keeper) = &mut keeper {
        keeper.begin(&mut follower)?;
    }
    let mut lines = Vec::new();
    loop {
        let deadline = keeper.as_ref().and_then(Keeper::deadline);
        let until =
            Until { stop_fd: Some(stop.as_fd()), output: output.watched(), deadline, ..Until::default() };
        match follower.next(&mut lines, &until)? {
            Event::Lines { input, file, offset } => {
                let (name, offset) = (follower.name(input), file.map(|_| offset));
                let shown = name.to_string_lossy();
                let from = match far.get(name) {
                    Some(target) => From::far(target, offset),
                    None => From::local(&shown, offset),
                };
                let dressed = dress.lines(&lines, &from);
                let rest = keeper.as_mut().map_or(&*dressed, |keeper| keeper.rest(&dressed));
                if let Err(error) = output.write_untrusted(rest) {
                    if let Some(keeper) = keeper.filter(|_| is_closed_pipe(&error)) {
                        keeper.close(&follower, false)?;
                    }
                    return Err(error);
                }
                if let Some(keeper) = &mut keeper {
                    keeper.wrote(rest.len(), &follower)?;
                }
            }
            Event::Notice(notice) => growing::tell("tail", &notice, args.verbose, args.quiet),
            Event::Deadline => keeper.as_mut().map_or(Ok(()), Keeper::look)?,
            end @ (Event::Stopped | Event::OutputClosed | Event::End) => {
                if let Some(keeper) = keeper {
                    keeper.close(&follower, end != Event::OutputClosed)?;
                }
                return Ok(Exit::Done);
            }
        }
    }
}

fn input(
    args: &Args,
    path: PathBuf,
    keeper: Option<&Keeper>,
    far: &mut HashMap<PathBuf, Target>,
) -> Result<follow::Input> {
    if path.as_os_str() == "-" {
        return Ok(follow::Input::Open { name: "-".into(), file: stdin()? });
    }
    if is_far(path.as_os_str()) {
        let target = target(path.as_os_str())?;
        far.insert(path.clone(), target.clone());
        let saved = keeper.and_then(|keeper| keeper.get(&path)).cloned();
        return Ok(follow::Input::Far { name: path, target, ssh: ssh(args), saved });
    }
    if let Some(saved) = keeper.and_then(|keeper| keeper.get(&path)) {
        return Ok(follow::Input::Known { path, memory: Memory::Saved(saved.clone()) });
    }
    Ok(follow::Input::Path(path))
}

/// The rotated forms of others among the inputs, and those others.
fn apart(inputs: Vec<OsString>) -> (Vec<OsString>, Vec<OsString>) {
    let names = inputs.clone();
    inputs
        .into_iter()
        .partition(|name| names.iter().any(|other| is_rotated_form(Path::new(name), Path::new(other))))
}

/// Oldest first.
fn in_order(mut names: Vec<OsString>) -> Vec<OsString> {
    names.sort_by_cached_key(|name| {
        let head = weblog_io::head(Path::new(name)).ok().flatten();
        head.and_then(|head| is_log(Path::new(name), &head.bytes))
    });
    names
}
