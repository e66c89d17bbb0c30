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

    #[command(flatten)]
    geo: GeoArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    run: RunArgs,
}

/// Where places and networks are looked up.
#[derive(clap::Args, Clone, Debug)]
pub struct GeoArgs {
    /// Database of places or networks (mmdb); may be repeated
    #[arg(long, value_name = "FILE")]
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
}

impl GeoArgs {
    /// Opens the databases: those given, else those that `WEBLOG_GEO` names, else the table of countries
    /// that is built in.
    pub fn sources(&self) -> Result<Arc<Sources>> {
        Ok(Arc::new(match self.geo.as_slice() {
            [] => Sources::open(&usual_databases(), &self.lang)?,
            given => Sources::open(given, &self.lang)?,
        }))
    }
}

pub fn run(args: Args) -> Result<Exit> {
    let Args { input, output, account, run, geo } = &args;
    let sources = geo.sources()?;
    let enrich = Some(Arc::clone(&sources));
    let exit = Stream { command: "enrich", input, output, account, run, enrich, pick: None }.run()?;
    Ok(exit.max(tell_fault("enrich", sources.fault())))
}

/// Says that lookups met damage, if they did, and how that ends the run.
pub fn tell_fault(command: &str, fault: Option<String>) -> Exit {
    let Some(fault) = fault else { return Exit::Done };
    say(command, &fault);
    Exit::Failed
}

/// The databases that `WEBLOG_GEO` names, with colons between them.
fn usual_databases() -> Vec<PathBuf> {
    let named = std::env::var_os("WEBLOG_GEO").unwrap_or_default();
    std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect()
}
