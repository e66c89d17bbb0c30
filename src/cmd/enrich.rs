//! `weblog enrich`: adds place, network, software, bot, referer, campaign and route to records.

use crate::{
    enriching::EnrichArgs,
    exit::Exit,
    options::{AccountArgs, InputArgs, OutputArgs, RunArgs},
    stream::Stream,
};
use anyhow::Result;
use std::sync::Arc;

/// Add place, network, software, bot, referer and route
#[derive(clap::Args)]
#[command(before_help = "Examples:
  tail -f access.log | weblog parse | weblog enrich
  weblog enrich --geo City.mmdb --geo ASN.mmdb access.log
  weblog enrich --anonymize truncate --redact access.log\n\n")]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    enrich: EnrichArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(args: Args) -> Result<Exit> {
    let Args { input, output, account, run, enrich: options } = &args;
    let enrichment = options.enrichment("enrich", run)?;
    let enrich = Some(Arc::clone(&enrichment));
    let exit = Stream { command: "enrich", input, output, account, run, enrich, pick: None }.run()?;
    Ok(exit.max(options.finish("enrich", &enrichment, run.quiet)?))
}
