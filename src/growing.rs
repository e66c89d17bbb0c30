//! Logs that grow: which files are followed, and what is said of them meanwhile.

use crate::{exit::say, stream::is_many};
use anyhow::{Result, bail};
use std::{
    ffi::OsString,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};
use weblog_io::{Sniffed, expand, follow::Notice, sniff};

/// The logs that patterns and directories stand for now, but for compressed ones.
pub fn found(arguments: &[OsString], is_log: impl FnMut(&Path, &[u8]) -> Option<i64>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        expand(arguments, is_log).input.sources().iter().filter_map(|source| source.path.clone()).collect();
    paths.retain(|path| !is_compressed_file(path));
    paths
}

/// Leaves out what cannot grow, a compressed file. If one of the `arguments` names it, that is a mistake; one in a
/// directory is told of.
pub fn retain(command: &str, paths: &mut Vec<PathBuf>, arguments: &[OsString]) -> Result<()> {
    let compressed: Vec<PathBuf> = paths.extract_if(.., |path| is_compressed_file(path)).collect();
    for path in compressed {
        let problem = format!("{} is compressed and does not grow: leave out --follow", path.display());
        if arguments.iter().any(|name| *name == path && !is_many(name)) {
            bail!(problem);
        }
        say(command, &problem);
    }
    Ok(())
}

/// Says what somebody who follows logs should know: what went wrong and what is waited for, or all of it.
pub fn tell(command: &str, notice: &Notice, verbose: bool, quiet: bool) {
    let always = notice.is_warning() || matches!(notice, Notice::Waiting { .. } | Notice::Reached { .. });
    if verbose || (always && !quiet) {
        say(command, &notice.to_string());
    }
}

fn is_compressed_file(path: &Path) -> bool {
    // A pipe is not opened: that waits for a writer.
    path.is_file() && File::open(path).is_ok_and(|file| is_compressed(&file).unwrap_or(false))
}

/// Whether a regular file is compressed. Leaves it where it stands. Nothing else is looked into, since
/// what is read from a pipe is gone.
pub fn is_compressed(mut file: &File) -> Result<bool> {
    if !file.metadata()?.is_file() {
        return Ok(false);
    }
    let (mut head, at) = (Vec::new(), file.stream_position()?);
    file.take(16).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(at))?;
    Ok(matches!(sniff(&head, true), Sniffed::Compressed(_)))
}
