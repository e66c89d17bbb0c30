//! The end of files, and no more.

use super::{
    Args, StartLines,
    dress::{Dress, From},
    far, is_far, stdin,
};
use crate::{
    exit::{Exit, is_closed_pipe, say},
    growing::is_compressed,
    output::Output,
};
use anyhow::{Context, Result};
use std::{
    ffi::OsString,
    fs::File,
    io::{Read, Seek, SeekFrom},
    os::fd::BorrowedFd,
};
use weblog_io::{
    ByteReader, Input, RunOptions,
    last_lines::{Copied, LastLines, STREAM_LIMIT, last_lines},
};

/// Prints the end of each file. A file that cannot be read does not keep the others from it.
pub(super) fn print(args: &Args, start: StartLines, inputs: &[OsString], dress: &Dress) -> Result<Exit> {
    let mut output = Output::open(None)?;
    let mut exit = Exit::Done;
    for (at, name) in inputs.iter().enumerate() {
        if is_far(name) {
            if let Err(error) = far::print(args, start, name, dress, &mut output) {
                if is_closed_pipe(&error) {
                    return Err(error);
                }
                say("tail", &format!("{}: {error:#}", name.to_string_lossy()));
                exit = Exit::Failed;
            }
            continue;
        }
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
            Some(count) => ring(&mut input, count, &name, dress, &mut output)?,
            None => copy(&mut input, &name, dress, &mut output)?,
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

/// Writes the last lines of what can only be read forward. Says whether its last line was ended.
fn ring(input: &mut Input, count: u64, name: &str, dress: &Dress, output: &mut Output) -> Result<bool> {
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
    output.write_untrusted(&dress.lines(&lines, &From::local(name, None)))?;
    Ok(ended || dress.ends_lines())
}

/// Writes all that follows. Says whether its last line was ended.
fn copy(input: &mut Input, name: &str, dress: &Dress, output: &mut Output) -> Result<bool> {
    let mut held = Vec::new();
    let mut ended = true;
    read_all(input, output.watched(), |bytes| {
        ended = bytes.ends_with(b"\n");
        if dress.is_plain() {
            return output.write_untrusted(bytes);
        }
        held.extend_from_slice(bytes);
        let whole = memchr::memrchr(b'\n', &held).map_or(0, |newline| newline + 1);
        output.write_untrusted(&dress.lines(&held[..whole], &From::local(name, None)))?;
        held.drain(..whole);
        Ok(())
    })?;
    output.write_untrusted(&dress.lines(&held, &From::local(name, None)))?;
    Ok(ended || dress.ends_lines())
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
