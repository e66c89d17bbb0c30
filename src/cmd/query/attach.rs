//! `--attach`: files beside the logs, as tables to join with.

use super::is_name;
use anyhow::{Result, bail, ensure};
use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
};
use weblog_io::Input;
use weblog_query::{Attached, Source, Table};

/// The tables of `--attach NAME=FILE`; a file alone gives its name, up to the first dot.
pub(super) fn attach(arguments: &[OsString], tables: &mut Vec<Table>, files: &mut Input) -> Result<()> {
    for argument in arguments {
        let (name, path) = named(argument)?;
        let is_taken = tables.iter().any(|table| table.name.eq_ignore_ascii_case(&name));
        ensure!(!is_taken, "there is a table `{name}` already: give another name, --attach NAME=FILE");
        let file = Attached::open(path)?;
        files.add_path(path);
        tables.push(Table { name, sources: vec![Source::Attached(file)] });
    }
    Ok(())
}

fn named(argument: &OsStr) -> Result<(String, &Path)> {
    let bytes = argument.as_bytes();
    if let Some(at) = bytes.iter().position(|byte| *byte == b'=') {
        let (name, path) = (OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(&bytes[at + 1..]));
        if is_name(name) && fs::symlink_metadata(argument).is_err() {
            return Ok((name.to_string_lossy().into_owned(), Path::new(path)));
        }
    }
    let path = Path::new(argument);
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = file.split('.').next().unwrap_or_default();
    if !is_name(OsStr::new(stem)) {
        bail!("`{}` gives no name for a table: --attach NAME=FILE", path.display());
    }
    Ok((stem.to_owned(), path))
}
