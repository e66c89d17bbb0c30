//! What lies at the paths of a query: datasets, Parquet files or raw logs, told by content.

use super::is_name;
use crate::as_of::{AsOf, snapshot};
use anyhow::{Context, Result, bail, ensure};
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{IsTerminal, Read},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};
use weblog_filter::Clock;
use weblog_query::{Source, StoredFile};
use weblog_store::delta::DataFile;

/// All tables of a query.
#[derive(Default)]
pub(super) struct Places {
    pub(super) tables: Vec<Place>,
    /// Which state of datasets is meant, if not the newest.
    as_of: Option<(AsOf, Clock)>,
}

/// What one table is made of.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) datasets: Vec<Source>,
    pub(super) parquet: Vec<PathBuf>,
    pub(super) logs: Vec<OsString>,
}

/// The name of the table that has no other.
const LOGS: &str = "logs";

impl Places {
    /// Looks at all paths; standard input when there are none, it may be taken, and it is no terminal.
    pub(super) fn find(
        paths: &[OsString],
        from: &[OsString],
        takes_stdin: bool,
        as_of: Option<(AsOf, Clock)>,
    ) -> Result<Places> {
        let mut places = Places { as_of, ..Places::default() };
        for path in from.iter().chain(paths) {
            let (name, path) = named(path);
            places.add(&name, path)?;
        }
        if takes_stdin && from.is_empty() && paths.is_empty() && !std::io::stdin().is_terminal() {
            places.table(LOGS).logs.push("-".into());
        }
        let has_past = as_of.is_none() || places.tables.iter().any(|table| !table.datasets.is_empty());
        ensure!(has_past, "--as-of is for datasets, and none is among the places");
        Ok(places)
    }

    fn table(&mut self, name: &str) -> &mut Place {
        let at = self.tables.iter().position(|table| table.name.eq_ignore_ascii_case(name));
        let at = at.unwrap_or_else(|| {
            let name = name.to_owned();
            self.tables.push(Place { name, datasets: Vec::new(), parquet: Vec::new(), logs: Vec::new() });
            self.tables.len() - 1
        });
        &mut self.tables[at]
    }

    fn add(&mut self, name: &str, argument: &OsStr) -> Result<()> {
        let path = Path::new(argument);
        let as_of = self.as_of;
        let table = self.table(name);
        if argument == "-" {
            table.logs.push(argument.into());
        } else if fs::symlink_metadata(path).is_err()
            && argument.as_bytes().iter().any(|b| b"*?[".contains(b))
        {
            let matches = weblog_io::expand(&[argument], |_, _| Some(0)).input;
            ensure!(!matches.sources().is_empty(), "no file matches {}", path.display());
            for path in matches.sources().iter().filter_map(|source| source.path.as_deref()) {
                table.add_file(path);
            }
        } else if fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.is_dir() {
            table.add_directory(path, as_of)?;
        } else {
            table.add_file(path);
        }
        Ok(())
    }
}

/// A path, and the name of the table that it belongs to.
fn named(argument: &OsStr) -> (String, &OsStr) {
    let bytes = argument.as_bytes();
    match bytes.iter().position(|b| *b == b'=') {
        Some(at) if is_name(OsStr::from_bytes(&bytes[..at])) && fs::symlink_metadata(argument).is_err() => {
            (String::from_utf8_lossy(&bytes[..at]).into_owned(), OsStr::from_bytes(&bytes[at + 1..]))
        }
        _ => (LOGS.into(), argument),
    }
}

impl Place {
    fn add_file(&mut self, path: &Path) {
        match is_parquet(path) {
            true => self.parquet.push(path.to_owned()),
            false => self.logs.push(path.into()),
        }
    }

    fn add_directory(&mut self, path: &Path, as_of: Option<(AsOf, Clock)>) -> Result<()> {
        // A run that is about to make the first commit may have moved files to their places.
        if path.join("_delta_log").is_dir() || path.join("_weblog_tmp").is_dir() {
            let Some(snapshot) = snapshot(path, as_of)? else {
                bail!("{} is a dataset without a commit: there is nothing in it yet", path.display())
            };
            self.datasets.push(Source::Dataset {
                root: path.to_owned(),
                files: snapshot.files().map(|file| stored(path, file)).collect(),
                schema: snapshot.schema().clone(),
                partitions: snapshot.partition_columns().to_vec(),
            });
            return Ok(());
        }
        let mut parquet = Vec::new();
        parquet_below(path, 0, &mut parquet).with_context(|| format!("cannot list {}", path.display()))?;
        match parquet.is_empty() {
            true => self.logs.push(path.into()),
            false => {
                parquet.sort();
                self.parquet.append(&mut parquet);
            }
        }
        Ok(())
    }
}

/// A file of a dataset, as the engine takes it.
fn stored(root: &Path, file: &DataFile) -> StoredFile {
    StoredFile {
        path: root.join(&file.path),
        partition: file.partition.clone(),
        rows: file.rows,
        stats: file.stats.clone(),
    }
}

/// Directories inside of each other that are looked into.
const DEEPEST: usize = 32;

/// The Parquet files below a directory. What begins with a dot or an underscore is not looked at, as it is
/// the custom for such trees.
fn parquet_below(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        if name.as_bytes().starts_with(b".") || name.as_bytes().starts_with(b"_") {
            continue;
        }
        let path = entry.path();
        if kind.is_dir() && depth < DEEPEST {
            parquet_below(&path, depth + 1, found)?;
        } else if kind.is_file() && is_parquet(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a regular file begins as Parquet files do.
fn is_parquet(path: &Path) -> bool {
    let mut magic = [0; 4];
    let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_file && File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && &magic == b"PAR1"
}
