//! Logs of other machines, reached through ssh.

use super::{
    Args, StartLines,
    dress::{Dress, From},
};
use crate::output::Output;
use anyhow::{Context, Result, ensure};
use std::{ffi::OsStr, os::fd::AsFd};
use weblog_io::{
    Stop,
    follow::Until,
    remote::{MOST_READ, Options, Session, Target},
};

/// How ssh is called.
pub(super) fn ssh(args: &Args) -> Options {
    Options { identity: args.identity.clone(), ..Options::default() }
}

/// The machine and the file that an address names.
pub(super) fn target(name: &OsStr) -> Result<Target> {
    let shown = name.to_string_lossy();
    name.to_str().context("an address is not UTF-8")?.parse().with_context(|| shown.into_owned())
}

/// Prints the end of a file as it is now.
pub(super) fn print(
    args: &Args,
    start: StartLines,
    name: &OsStr,
    dress: &Dress,
    output: &mut Output,
) -> Result<()> {
    let stop = Stop::new()?;
    stop.on_signals()?;
    let until = Until { stop_fd: Some(stop.as_fd()), output: output.watched(), ..Until::default() };
    let target = target(name)?;
    let mut session = Session::connect(&target, &ssh(args), &until)?;
    let file = session.list(&target.path, &until)?.log.context("there is no such file")?;
    ensure!(file.is_file, "it is no regular file");
    let mut offset = match start {
        StartLines::All => 0,
        StartLines::Last(count) => {
            weblog_io::last_lines::last_lines_before(file.size, count, |bytes, at| {
                let mut read = Vec::new();
                let wanted = bytes.len();
                let got = session
                    .read(&target.path, at, wanted, &mut read, &until)
                    .map_err(std::io::Error::other)?;
                bytes[..got.bytes].copy_from_slice(&read);
                Ok(got.bytes)
            })?
        }
    };
    let mut lines = Vec::new();
    while offset < file.size {
        let wanted = MOST_READ.min(usize::try_from(file.size - offset).unwrap_or(MOST_READ));
        let got = session.read(&target.path, offset + lines.len() as u64, wanted, &mut lines, &until)?;
        ensure!(got.file.id == file.id, "it was rotated meanwhile");
        let end = match got.bytes {
            0 => lines.len(),
            _ => memchr::memrchr(b'\n', &lines).map_or(0, |newline| newline + 1),
        };
        output.write_untrusted(&dress.lines(&lines[..end], &From::far(&target, Some(offset))))?;
        lines.drain(..end);
        offset += end as u64;
        if got.bytes == 0 || offset + lines.len() as u64 >= file.size {
            break;
        }
    }
    output.write_untrusted(&dress.lines(&lines, &From::far(&target, Some(offset))))?;
    if !lines.is_empty() && !dress.ends_lines() {
        output.write(b"\n")?;
    }
    Ok(())
}
