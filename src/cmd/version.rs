//! `weblog --version`.

use crate::{exit::Exit, output::Output};
use anyhow::Result;
use weblog_enrich::country_table;

pub fn run(verbose: bool) -> Result<Exit> {
    let mut text = format!("weblog {}\n", env!("CARGO_PKG_VERSION"));
    if verbose {
        let about = country_table::about();
        let (v4, v6, countries) = (about.ipv4_ranges, about.ipv6_ranges, about.countries);
        let ranges = format!("{countries} countries, {v4} IPv4 and {v6} IPv6 ranges");
        text.push_str(&format!("embedded country table: {}, of {}: {ranges}\n", about.source, about.date));
    }
    Output::open(None)?.write(text.as_bytes())?;
    Ok(Exit::Done)
}
