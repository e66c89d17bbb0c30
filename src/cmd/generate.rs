//! `weblog generate`: made-up traffic to try things on.

use crate::{
    exit::Exit,
    options::{Share, instant, span},
    output::Output,
};
use anyhow::Result;
use clap::ValueEnum;
use std::{
    path::PathBuf,
    thread::sleep,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use weblog_generate::{Format, Generator, Options, Spike};

/// Make up realistic traffic; the same seed gives the same lines
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog generate --lines 200000 > access.log
  weblog generate --rate 50 | weblog parse | weblog enrich
  weblog generate --lines 1000000 --span 7d --spike 20 -o week.log\n\n")]
pub struct Args {
    /// Number of lines [1000; with --rate no end]
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<u64>,

    /// Write N lines a second, with the time of now
    #[arg(long, value_name = "N", value_parser = rate, conflicts_with_all = ["start", "span"])]
    rate: Option<f64>,

    /// Seed of chance [1]
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    seed: u64,

    /// common, combined, vhost_combined or nginx_main [combined]
    #[arg(
        short = 'F',
        long,
        value_name = "FMT",
        default_value = "combined",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: LogFormat,

    /// Time of the first line [2025-01-06]
    #[arg(long, value_name = "WHEN", value_parser = instant)]
    start: Option<i64>,

    /// Time that the lines spread over, like 7d [a line a second]
    #[arg(long, value_name = "SPAN", value_parser = span)]
    span: Option<Duration>,

    /// Share of bots and tools [0.25]
    #[arg(long, value_name = "SHARE", default_value = "0.25", hide_default_value = true)]
    bots: Share,

    /// Share of additional server errors [0.01]
    #[arg(long, value_name = "SHARE", default_value = "0.01", hide_default_value = true)]
    errors: Share,

    /// Share of malformed lines [0.001]
    #[arg(long, value_name = "SHARE", default_value = "0.001", hide_default_value = true)]
    malformed: Share,

    /// A spike: so many times the usual traffic, for a while
    #[arg(long, value_name = "FACTOR", value_parser = rate)]
    spike: Option<f64>,

    /// Write to a file that appears when it is done
    #[arg(short, long, value_name = "FILE", conflicts_with = "rate")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum LogFormat {
    Common,
    Combined,
    VhostCombined,
    NginxMain,
}

const SECOND: i64 = 1_000_000;
/// The rhythm of the day is levelled over this time of a live stream.
const LIVE_SPAN: i64 = 3_600 * SECOND;

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 1e7 => Ok(rate),
        _ => Err("give a number above 0".into()),
    }
}

pub fn run(args: Args) -> Result<Exit> {
    let generator = Generator::new(options(&args));
    let output = Output::open(args.output.as_deref())?;
    match args.rate {
        Some(_) => live(generator, output, args.lines.unwrap_or(u64::MAX)),
        None => at_once(generator, output, args.lines.unwrap_or(1000)),
    }
}

fn options(args: &Args) -> Options {
    let usual = Options::default();
    let lines = args.lines.unwrap_or(1000).max(1);
    let (start, lines_per_second, span) = match (args.rate, args.span) {
        (Some(rate), _) => (now(), rate, Some(LIVE_SPAN)),
        (None, Some(span)) => {
            let per_second = lines as f64 / span.as_secs_f64().max(0.001);
            (args.start.unwrap_or(usual.start), per_second, Some(span.as_micros() as i64))
        }
        (None, None) => (args.start.unwrap_or(usual.start), 1.0, Some(lines as i64 * SECOND)),
    };
    // In a log of known length the spike comes late and takes a twentieth of it; in a live stream
    // it comes after a minute and lasts one.
    let spike = args.spike.map(|factor| match (args.rate, span) {
        (None, Some(span)) => Spike { at: start + span * 3 / 5, length: (span / 20).max(SECOND), factor },
        _ => Spike { at: start + 60 * SECOND, length: 60 * SECOND, factor },
    });
    let format = match args.format {
        LogFormat::Common => Format::Common,
        LogFormat::Combined => Format::Combined,
        LogFormat::VhostCombined => Format::VhostCombined,
        LogFormat::NginxMain => Format::NginxMain,
    };
    let (bots, errors, malformed) = (args.bots.0, args.errors.0, args.malformed.0);
    Options { seed: args.seed, format, start, lines_per_second, span, bots, errors, malformed, spike }
}

fn at_once(mut generator: Generator, mut output: Output, lines: u64) -> Result<Exit> {
    let mut batch = Vec::with_capacity(1 << 17);
    for _ in 0..lines {
        generator.line(&mut batch);
        if batch.len() > 1 << 16 {
            output.write_untrusted(&batch)?;
            batch.clear();
        }
    }
    output.write_untrusted(&batch)?;
    output.finish()?;
    Ok(Exit::Done)
}

/// Writes each line when its time has come.
fn live(mut generator: Generator, mut output: Output, lines: u64) -> Result<Exit> {
    let mut batch = Vec::new();
    for _ in 0..lines {
        batch.clear();
        let time = generator.line(&mut batch);
        let early = time - now();
        if early > 0 {
            sleep(Duration::from_micros(early as u64));
        }
        output.write_untrusted(&batch)?;
    }
    Ok(Exit::Done)
}

/// Microseconds since the epoch.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}
