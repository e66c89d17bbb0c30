//! `weblog enrich`: adds place, network, browser, system, device and bot to records.

use crate::{
    exit::{Exit, say},
    options::{AccountArgs, InputArgs, OutputArgs, RunArgs},
    stream::Stream,
};
use anyhow::Result;
use std::{path::PathBuf, sync::Arc};
use weblog_enrich::Sources;

/// Add place, network, browser, system, device and bot
#[derive(clap::Args)]
#[command(before_help = "Examples:
  tail -f access.log | weblog parse | weblog enrich
  weblog enrich --geo City.mmdb --geo ASN.mmdb access.log
  weblog enrich access.log | jq -r .country | sort | uniq -c\n\n")]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// Database of places or networks (mmdb); may be repeated
    #[arg(long, value_name = "FILE", env = "WEBLOG_GEO", hide_env = true, value_delimiter = ':')]
    geo: Vec<PathBuf>,

    /// Language of names of places [en]
    #[arg(
        long,
        value_name = "LANG",
        default_value = "en",
        hide_default_value = true,
        env = "WEBLOG_LANG",
        hide_env = true
    )]
    lang: String,

    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(args: Args) -> Result<Exit> {
    let Args { input, output, account, run, geo, lang } = &args;
    let sources = Arc::new(Sources::open(geo, lang)?);
    let enrich = Some(Arc::clone(&sources));
    let exit = Stream { command: "enrich", input, output, account, run, enrich }.run()?;
    match sources.fault() {
        Some(fault) => {
            say("enrich", &fault);
            Ok(Exit::Failed)
        }
        None => Ok(exit),
    }
}
