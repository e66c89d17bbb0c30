//! Piped logs: the files that `rotatelogs` and `cronolog` write.

use super::lines::words;
use crate::conf::{LogPath, Target, path::Holders};

/// Where the program of a piped log writes: `|command`, `||command` (without a shell), `|$command`
/// (with one). A program that is not known is a target of its own.
pub(super) fn targets(pipe: &str) -> Vec<Target> {
    let command = pipe.trim_start_matches('|').trim_start_matches('$').trim();
    let all = words(command.as_bytes(), 0);
    let all: Vec<&str> = all.iter().map(|word| word.text.as_str()).collect();
    // The program may stand behind others: `nice rotatelogs`, `grep -v x | rotatelogs`.
    let files = all.iter().enumerate().find_map(|(at, word)| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
        match name.strip_suffix(".exe").unwrap_or(name) {
            "rotatelogs" | "rotatelogs2" => rotatelogs(&all[at + 1..]),
            "cronolog" => cronolog(&all[at + 1..]),
            _ => None,
        }
    });
    match files {
        Some(files) => files.into_iter().map(Target::File).collect(),
        None => vec![Target::Program(command.into())],
    }
}

/// `rotatelogs [-l -f -t -v -e -c -D] [-L link] [-p program] [-n files] file time|size`. Without a date in
/// its name the file gets the period's start in seconds at its end, unless one file is truncated (`-t`)
/// or a number of them is used in turn (`-n`).
fn rotatelogs(args: &[&str]) -> Option<Vec<LogPath>> {
    let (mut plain, mut link) = (false, None);
    let mut args = args.iter();
    let file = loop {
        let arg = *args.next()?;
        match arg.strip_prefix('-') {
            None => break arg,
            Some("L") => link = Some(*args.next()?),
            Some("p") => _ = args.next()?,
            Some("n") => {
                plain = true;
                args.next()?;
            }
            Some(flags) => plain |= flags.contains('t'),
        }
    };
    let path = match file.contains('%') || plain {
        true => LogPath::new(file, Holders::Dates),
        false => LogPath::with_epoch(file),
    };
    Some([path].into_iter().chain(link.map(fixed)).collect())
}

/// `cronolog [OPTION]… template`, with `-S`, `-H`, `-l` for links to the current file.
fn cronolog(args: &[&str]) -> Option<Vec<LogPath>> {
    let mut links = Vec::new();
    let mut args = args.iter();
    let template = loop {
        let arg = *args.next()?;
        match arg {
            "-S" | "-H" | "-l" => links.push(fixed(args.next()?)),
            "-P" | "-p" | "-d" | "-x" | "-z" => _ = args.next()?,
            _ => match arg.strip_prefix("--").and_then(|long| long.split_once('=')) {
                Some(("symlink" | "hardlink" | "link", path)) => links.push(fixed(path)),
                _ if arg.starts_with('-') => {}
                _ => break arg,
            },
        }
    };
    Some([LogPath::new(template, Holders::Dates)].into_iter().chain(links).collect())
}

fn fixed(path: &str) -> LogPath {
    LogPath::new(path, Holders::Braces)
}
