//! `weblog man`: the manual, which the binary carries along.

use crate::{
    exit::Exit,
    output::{Output, is_terminal},
};
use anyhow::{Result, anyhow};
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Show a page of the manual
#[derive(clap::Args)]
#[command(
    alias = "help",
    before_help = "Examples:
  weblog man
  weblog man parse
  weblog man schema > weblog-schema.7\n\n"
)]
pub struct Args {
    /// A command, `formats`, `questions`, `interop` or `schema`; the overview when there is none
    page: Option<String>,
}

/// Every page by the name that one asks for it.
pub const PAGES: &[(&str, &str)] = &[
    ("weblog", include_str!("../../man/weblog.1")),
    ("demo", include_str!("../../man/weblog-demo.1")),
    ("tail", include_str!("../../man/weblog-tail.1")),
    ("parse", include_str!("../../man/weblog-parse.1")),
    ("explain", include_str!("../../man/weblog-explain.1")),
    ("filter", include_str!("../../man/weblog-filter.1")),
    ("enrich", include_str!("../../man/weblog-enrich.1")),
    ("merge", include_str!("../../man/weblog-merge.1")),
    ("replay", include_str!("../../man/weblog-replay.1")),
    ("to-parquet", include_str!("../../man/weblog-to-parquet.1")),
    ("rollup", include_str!("../../man/weblog-rollup.1")),
    #[cfg(feature = "query")]
    ("query", include_str!("../../man/weblog-query.1")),
    ("compact", include_str!("../../man/weblog-compact.1")),
    ("retain", include_str!("../../man/weblog-retain.1")),
    ("vacuum", include_str!("../../man/weblog-vacuum.1")),
    ("dataset", include_str!("../../man/weblog-dataset.1")),
    ("generate", include_str!("../../man/weblog-generate.1")),
    ("completions", include_str!("../../man/weblog-completions.1")),
    ("man", include_str!("../../man/weblog-man.1")),
    ("formats", include_str!("../../man/weblog-formats.7")),
    ("interop", include_str!("../../man/weblog-interop.7")),
    #[cfg(feature = "query")]
    ("questions", include_str!("../../man/weblog-questions.7")),
    ("schema", include_str!("../../man/weblog-schema.7")),
];

pub fn run(args: Args) -> Result<Exit> {
    let name = args.page.as_deref().unwrap_or("weblog");
    let page = PAGES.iter().find(|(known, _)| *known == name || Some(*known) == name.strip_prefix("weblog-"));
    let Some((_, text)) = page else {
        let names: Vec<_> = PAGES.iter().map(|(name, _)| *name).collect();
        return Err(anyhow!("there is no page `{name}`: the pages are {}", names.join(", ")));
    };
    if is_terminal() && show(text).is_some() {
        return Ok(Exit::Done);
    }
    Output::open(None)?.write(text.as_bytes())?;
    Ok(Exit::Done)
}

/// Lets `man` show the page; none when there is no `man`.
fn show(text: &str) -> Option<()> {
    let mut man = Command::new("man").args(["-l", "-"]).stdin(Stdio::piped()).spawn().ok()?;
    // A pager that is left early closes the pipe; that is no error.
    let _ = man.stdin.take()?.write_all(text.as_bytes());
    man.wait().ok()?.success().then_some(())
}
