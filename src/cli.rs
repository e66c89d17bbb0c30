//! What can be typed: the commands, and how help looks.

use crate::{cmd, exit::Exit};
use anyhow::{Context, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// A Unix toolkit for web-server access logs.
#[derive(Parser)]
#[command(
    name = "weblog",
    disable_version_flag = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    help_template = "{about}\n\n{usage-heading} {usage}\n\nCommands:\n{subcommands}\n\nOptions:\n{options}{after-help}",
    after_help = "Examples:\n  weblog demo\n  weblog parse access.log | head -3\n  \
        tail -f access.log | weblog parse | weblog enrich\n\n`weblog COMMAND --help` shows more; `weblog man COMMAND` tells all."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Print the version; with -v what it was built from
    #[arg(short = 'V', long)]
    version: bool,

    /// With --version: more
    #[arg(short, long, hide = true)]
    verbose: bool,
}

/// The commands, in the order in which one needs them.
#[derive(Subcommand)]
enum Command {
    Demo(cmd::demo::Args),
    Tail(cmd::tail::Args),
    Parse(cmd::parse::Args),
    Explain(cmd::explain::Args),
    Filter(cmd::filter::Args),
    Enrich(cmd::enrich::Args),
    Merge(cmd::merge::Args),
    Replay(cmd::replay::Args),
    ToParquet(cmd::to_parquet::Args),
    Rollup(cmd::rollup::Args),
    #[cfg(feature = "query")]
    Query(cmd::query::Args),
    Compact(cmd::compact::Args),
    Retain(cmd::retain::Args),
    Vacuum(cmd::vacuum::Args),
    Dataset(cmd::dataset::Args),
    Generate(cmd::generate::Args),
    Schema(cmd::schema::Args),
    Completions(cmd::completions::Args),
    Man(cmd::man::Args),
}

/// The whole command line, for completions.
pub fn command() -> clap::Command {
    let template = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";
    Cli::command().mut_subcommands(|command| command.help_template(template).max_term_width(100))
}

/// The same with help that fits a screen: what others explain is left to them.
fn short() -> clap::Command {
    let command = command()
        .mut_subcommand("enrich", |enrich| {
            hide(enrich, OF_PARSE)
                .after_help("And those of `weblog parse` on inputs, rejects and forms of output.")
        })
        .mut_subcommand("to-parquet", |to_parquet| {
            hide(to_parquet, OF_ENRICH)
                .after_help("And those of `weblog enrich` on what is added and what is not kept.")
        })
        .mut_subcommand("rollup", |rollup| {
            hide(rollup, OF_ENRICH)
                .after_help("And those of `weblog enrich` on what is added and what is not kept.")
        });
    #[cfg(feature = "query")]
    let command = command.mut_subcommand("query", |query| {
        let hidden = hide(query, &["max_line", "max_rejects", "ledger", "provenance", "lang"]);
        hidden.after_help("And those of `weblog enrich` on inputs, rejects and the ledger.")
    });
    command
}

fn hide(command: clap::Command, names: &[&'static str]) -> clap::Command {
    names.iter().fold(command, |command, name| command.mut_arg(*name, |argument| argument.hide(true)))
}

/// Options that `enrich` shares with `parse`.
const OF_PARSE: &[&str] = &[
    "conf",
    "tz",
    "max_line",
    "since",
    "until",
    "no_header",
    "csv_safe",
    "color",
    "rejects",
    "strict",
    "max_rejects",
    "ledger",
    "provenance",
    "progress",
];
/// Options that `to-parquet` shares with `enrich`.
const OF_ENRICH: &[&str] = &[
    "max_line",
    "progress",
    "add",
    "lookup",
    "on",
    "take",
    "trusted_proxy",
    "proxy_ranges",
    "site",
    "routes",
    "ua_regexes",
    "bot_ranges",
    "rdns",
    "anonymize",
    "anonymize_key",
    "redact",
];

/// Reads the arguments and runs the command. Gives its name for its last sentence.
pub fn run() -> (&'static str, Result<Exit>) {
    let cli = match short().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return ("", usage(&error)),
    };
    if cli.version {
        return ("", cmd::version::run(cli.verbose));
    }
    match cli.command {
        None => ("", help()),
        Some(Command::Demo(args)) => ("demo", cmd::demo::run(args)),
        Some(Command::Tail(args)) => ("tail", cmd::tail::run(args)),
        Some(Command::Parse(args)) => ("parse", cmd::parse::run(args)),
        Some(Command::Explain(args)) => ("explain", cmd::explain::run(args)),
        Some(Command::Filter(args)) => ("filter", cmd::filter::run(args)),
        Some(Command::Enrich(args)) => ("enrich", cmd::enrich::run(args)),
        Some(Command::Merge(args)) => ("merge", cmd::merge::run(args)),
        Some(Command::Replay(args)) => ("replay", cmd::replay::run(args)),
        Some(Command::ToParquet(args)) => ("to-parquet", cmd::to_parquet::run(args)),
        Some(Command::Rollup(args)) => ("rollup", cmd::rollup::run(args)),
        #[cfg(feature = "query")]
        Some(Command::Query(args)) => ("query", cmd::query::run(args)),
        Some(Command::Compact(args)) => ("compact", cmd::compact::run(args)),
        Some(Command::Retain(args)) => ("retain", cmd::retain::run(args)),
        Some(Command::Vacuum(args)) => ("vacuum", cmd::vacuum::run(args)),
        Some(Command::Dataset(args)) => ("dataset", cmd::dataset::run(args)),
        Some(Command::Generate(args)) => ("generate", cmd::generate::run(args)),
        Some(Command::Schema(args)) => ("schema", cmd::schema::run(args)),
        Some(Command::Completions(args)) => ("completions", cmd::completions::run(args)),
        Some(Command::Man(args)) => ("man", cmd::man::run(args)),
    }
}

/// `weblog` alone shows its help, and that nothing was done.
fn help() -> Result<Exit> {
    use std::io::Write;
    let help = command().render_help();
    write!(std::io::stderr(), "{help}")?;
    Ok(Exit::Failed)
}

/// Shows help, or says what is wrong with the arguments in the voice of all other sentences.
fn usage(error: &clap::Error) -> Result<Exit> {
    if !error.use_stderr() {
        error.print().context("cannot write to standard output")?;
        return Ok(Exit::Done);
    }
    let names: Vec<_> = command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let typed = std::env::args().nth(1).filter(|typed| names.contains(typed)).unwrap_or_default();
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    crate::exit::say(&typed, first);
    for line in rest.trim_end().lines() {
        crate::exit::say_more(line);
    }
    Ok(Exit::Failed)
}
