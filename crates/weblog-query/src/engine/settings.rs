//! How DuckDB is set up, and what it may reach.

use super::EngineOptions;
use crate::{
    quoting::{glob_escape, literal},
    source::{Source, Table},
};
use duckdb::Config;
use std::path::PathBuf;
use tempfile::TempDir;

/// The settings with which DuckDB opens: it never fetches or loads anything.
pub(super) fn config(options: &EngineOptions, spill: &TempDir) -> duckdb::Result<Config> {
    let threads = options.threads.max(1).to_string();
    let mut config = Config::default()
        .with("threads", &threads)?
        .with("async_threads", &threads)?
        .with("memory_limit", format!("{}KiB", options.memory / 1024))?
        .with("temp_directory", spill.path().to_string_lossy())?;
    for setting in [
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "allow_community_extensions",
        "allow_unsigned_extensions",
        "allow_persistent_secrets",
    ] {
        config = config.with(setting, "false")?;
    }
    Ok(config)
}

/// The statements that keep SQL to the files of the tables, and its settings as they are.
pub(super) fn lock(tables: &[Table]) -> String {
    let sources = || tables.iter().flat_map(|table| &table.sources);
    let files = sources().flat_map(|source| match source {
        Source::Parquet(files) => files.iter().map(PathBuf::as_path).collect(),
        Source::Attached(file) => vec![file.path()],
        Source::Dataset { .. } | Source::Scan(_) => Vec::new(),
    });
    // DuckDB looks at a name before and after it has taken it for a pattern.
    let mut paths: Vec<String> = files
        .flat_map(|file| [file.to_string_lossy().into_owned(), glob_escape(file)])
        .map(|name| literal(&name))
        .collect();
    paths.dedup();
    let directories = sources().filter_map(|source| match source {
        Source::Dataset { root, .. } => Some(literal(&root.to_string_lossy())),
        _ => None,
    });
    format!(
        "set allowed_paths = [{}]; set allowed_directories = [{}]; set enable_external_access = false; \
         set lock_configuration = true;",
        paths.join(", "),
        directories.collect::<Vec<_>>().join(", ")
    )
}
