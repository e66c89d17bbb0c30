//! Files that stand beside the logs: lists to join with, and databases.

use crate::{
    error::QueryError,
    quoting::{glob_escape, identifier, literal},
    source::{Source, Table},
};
use duckdb::Connection;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// A file of one of the forms that DuckDB reads by itself.
#[derive(Clone, Debug)]
pub struct Attached {
    path: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv(Packing),
    Json(Packing),
    Parquet,
    Database,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

/// How much of a file is looked at to see what it is. What CSV there is has no bracket before that.
const HEAD: usize = 4096;

impl Attached {
    /// Looks at a file: CSV of any separator, JSON (an array, or values one after the other), both also
    /// with gzip or zstd, Parquet, or a database of DuckDB.
    ///
    /// # Errors
    /// What is no regular file, or of a form that cannot be read here.
    pub fn open(path: &Path) -> Result<Self, QueryError> {
        let shown = path.display();
        let failed = |error: std::io::Error| QueryError::Attach(format!("cannot read {shown}: {error}"));
        let refused = |why: &str| Err(QueryError::Attach(format!("{shown} {why}")));
        let file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return refused("is no regular file");
        }
        if path.to_str().is_none() {
            return refused("has a name that is not UTF-8");
        }
        let mut head = Vec::with_capacity(HEAD);
        file.take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
        let named_json = {
            let name = path.to_string_lossy().to_ascii_lowercase();
            let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
            [".json", ".ndjson", ".jsonl"].iter().any(|end| name.ends_with(end))
        };
        let text = |is_json: bool, packing| if is_json { Form::Json(packing) } else { Form::Csv(packing) };
        let form = match head.as_slice() {
            [] => return refused("is empty"),
            head if head.starts_with(b"PAR1") => Form::Parquet,
            head if head.get(8..12) == Some(b"DUCK") => Form::Database,
            head if head.starts_with(b"SQLite format 3\0") => {
                return refused(
                    "is a database of SQLite, which cannot be attached: write the table to a CSV file, as with sqlite3 -csv -header",
                );
            }
            [0x1f, 0x8b, ..] => text(named_json, Packing::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => text(named_json, Packing::Zstd),
            head if head.starts_with(b"BZh") || head.starts_with(b"\xfd7zXZ\0") => {
                return refused("is compressed with bzip2 or xz: gzip and zstd can be attached");
            }
            head => {
                let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
                text(named_json || matches!(first, Some(b'{' | b'[')), Packing::None)
            }
        };
        Ok(Attached { path: path.to_owned(), form })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this is a database, with tables of its own.
    pub(crate) fn is_database(&self) -> bool {
        self.form == Form::Database
    }

    /// What stands behind `from`.
    pub(crate) fn call(&self) -> String {
        let file = literal(&glob_escape(&self.path));
        match self.form {
            Form::Csv(packing) => format!("read_csv({file}, compression = '{}')", packing.name()),
            Form::Json(packing) => format!("read_json({file}, compression = '{}')", packing.name()),
            Form::Parquet | Form::Database => format!("read_parquet({file})"),
        }
    }
}

/// Opens the databases among the tables, to read them; once DuckDB is locked no others can be.
pub(crate) fn databases(connection: &Connection, tables: &[Table]) -> Result<(), QueryError> {
    for table in tables {
        for source in &table.sources {
            let Source::Attached(file) = source else { continue };
            if file.is_database() {
                let (path, name) = (literal(&file.path().to_string_lossy()), identifier(&table.name));
                let attached = connection.execute_batch(&format!("attach {path} as {name} (read_only)"));
                attached.map_err(|error| {
                    let said = QueryError::from(error).without_place().to_string();
                    let said = said.lines().next().unwrap_or_default();
                    QueryError::Attach(format!("cannot attach {}: {said}", file.path().display()))
                })?;
            }
        }
    }
    Ok(())
}

impl Packing {
    fn name(self) -> &'static str {
        match self {
            Packing::None => "none",
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        }
    }
}
