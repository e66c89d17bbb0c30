//! Reads agents, one a line, from standard input and writes bot, class and agent of each; with
//! `--time`, writes what one costs instead. It is how recall, false alarms and speed are measured
//! against lists of agents that are no part of this project.

use std::{hint::black_box, io::Read, time::Instant};
use weblog_enrich::agent;

#[allow(clippy::print_stdout, reason = "it is a program")]
fn main() -> std::io::Result<()> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let input = String::from_utf8_lossy(&input);
    let agents: Vec<&str> = input.lines().collect();
    if std::env::args().any(|argument| argument == "--time") {
        for (what, bots_only) in [("bot", true), ("all of the agent", false)] {
            // The first rounds build the tables and warm the caches; the fastest one counts,
            // since the others tell of what else the machine did.
            let rounds = (0..200).map(|_| round(&agents, bots_only)).min().unwrap_or_default();
            println!("{what}: {} ns each of {}", rounds / agents.len().max(1) as u128, agents.len());
        }
        return Ok(());
    }
    for agent in agents {
        let it = agent::parse(agent);
        println!("{}\t{}\t{agent}", it.bot.unwrap_or(""), it.bot_class.map_or("", |class| class.name()));
    }
    Ok(())
}

/// Nanoseconds that all agents take.
fn round(agents: &[&str], bots_only: bool) -> u128 {
    let start = Instant::now();
    for agent in agents {
        if bots_only {
            black_box(agent::bot(agent));
        } else {
            black_box(agent::parse(agent));
        }
    }
    start.elapsed().as_nanos()
}
