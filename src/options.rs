//! The options that commands share. Each has one meaning everywhere.

use crate::formats::{FormatArg, Reading, ServerConf};
use clap::{Args, ValueEnum};
use std::sync::Arc;
use std::{
    ffi::OsString,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};
use weblog_filter::{Clock, When as Moment};
use weblog_parse::Zone;

/// What is read and how.
#[derive(Args, Clone, Debug)]
pub struct InputArgs {
    /// Files, globs, directories or `-`; compressed or not
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<OsString>,

    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub times: TimeArgs,
}

/// Which lines are read and how, for what takes them all.
#[derive(Args, Clone, Debug)]
pub struct LineArgs {
    /// Files, globs, directories or `-`; compressed or not
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<OsString>,

    #[command(flatten)]
    pub read: ReadArgs,
}

/// Which time is meant.
#[derive(Args, Clone, Copy, Debug)]
pub struct TimeArgs {
    /// Only from this time on: 2025-01-06, today, 2h (ago)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<Moment>,

    /// Only before this time
    #[arg(long, value_name = "WHEN")]
    pub until: Option<Moment>,
}

impl TimeArgs {
    /// The first moment that is meant and the first one behind, in microseconds since the epoch; none where
    /// all times are.
    pub fn bounds(self, clock: Clock) -> Option<(i64, i64)> {
        let start = |moment: Option<Moment>, open| moment.map_or(open, |moment| moment.start(clock));
        let is_given = self.since.is_some() || self.until.is_some();
        is_given.then(|| (start(self.since, i64::MIN), start(self.until, i64::MAX)))
    }
}

/// How lines are read.
#[derive(Args, Clone, Debug)]
pub struct ReadArgs {
    /// Log format: auto, a name, or a string like nginx's
    #[arg(
        short = 'F',
        long,
        value_name = "FMT",
        default_value = "auto",
        hide_default_value = true,
        env = "WEBLOG_FORMAT",
        hide_env = true
    )]
    pub format: FormatArg,

    /// Formats from nginx.conf or httpd.conf
    #[arg(long, value_name = "FILE", value_parser = ServerConf::load)]
    pub conf: Option<Arc<ServerConf>>,

    /// Zone of times that carry none, like Europe/Rome [UTC]
    #[arg(long, value_name = "ZONE", env = "WEBLOG_TZ", hide_env = true)]
    pub tz: Option<Zone>,

    /// Reject lines longer than this [1M]
    #[arg(long, value_name = "BYTES", value_parser = size, default_value = "1M", hide_default_value = true)]
    pub max_line: usize,

    /// The lines are rows that `--rejects` wrote; `parse --rejects-from` says so.
    #[arg(skip)]
    pub rejects: bool,
}

impl ReadArgs {
    /// How lines are read.
    pub fn reading(&self) -> Reading {
        Reading::new(&self.format, self.conf.as_ref(), self.tz.unwrap_or_default()).of_rejects(self.rejects)
    }

    /// What times that people give refer to.
    pub fn clock(&self) -> Clock {
        Clock { now: now(), zone: self.tz.unwrap_or_default() }
    }
}

/// What is written and where.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// Output: ndjson, csv, tsv or table
    #[arg(short, long, value_name = "TO", hide_possible_values = true)]
    pub to: Option<To>,

    /// Write only these fields, in this order
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = field)]
    pub fields: Option<Vec<String>>,

    /// Leave the header of csv or tsv out
    #[arg(long)]
    pub no_header: bool,

    /// Write to a file that appears when it is done
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Keep spreadsheets from running csv or tsv cells
    #[arg(long)]
    pub csv_safe: bool,

    /// Colour: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub color: When,
}

/// The books on every line.
#[derive(Args, Clone, Debug)]
pub struct AccountArgs {
    /// Keep rejected lines in a file, as NDJSON
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,

    /// Exit with 1 if a line was rejected
    #[arg(long)]
    pub strict: bool,

    /// Exit with 1 if more lines were rejected: N or P%
    #[arg(long, value_name = "N", conflicts_with = "strict")]
    pub max_rejects: Option<MaxRejects>,

    /// Write what became of every line, as JSON
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,

    /// Add the fields source and offset
    #[arg(long)]
    pub provenance: bool,
}

/// How many lines may be rejected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxRejects {
    /// So many.
    Lines(u64),
    /// So many of a hundred that were read.
    Percent(f64),
}

impl MaxRejects {
    /// Whether more lines were rejected than may be.
    pub fn is_exceeded(self, rejected: u64, read: u64) -> bool {
        match self {
            MaxRejects::Lines(most) => rejected > most,
            MaxRejects::Percent(most) => rejected as f64 * 100.0 > most * read as f64,
        }
    }
}

impl std::str::FromStr for MaxRejects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = match text.strip_suffix('%') {
            Some(percent) => {
                percent.parse().ok().filter(|p| (0.0..=100.0).contains(p)).map(MaxRejects::Percent)
            }
            None => text.parse().ok().map(MaxRejects::Lines),
        };
        parsed.ok_or_else(|| "give a number of lines like 10, or a share like 0.5%".into())
    }
}

/// How a command runs.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub pace: PaceArgs,

    /// Say nothing but errors
    #[arg(short, long)]
    pub quiet: bool,

    /// Say more
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// How much of the machine a command takes, and how it shows that it works.
#[derive(Args, Clone, Debug)]
pub struct PaceArgs {
    /// Threads [one per core]
    #[arg(short = 'j', long, value_name = "N", env = "WEBLOG_THREADS", hide_env = true, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,

    /// Progress bar: auto or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub progress: Progress,
}

impl RunArgs {
    /// Number of threads to use.
    pub fn threads(&self) -> usize {
        threads(self.pace.threads)
    }
}

/// Number of threads to use: those asked for, or one for each core.
pub fn threads(asked: Option<u16>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(cores, usize::from)
}

/// Microseconds since 1970.
pub fn now() -> i64 {
    micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// A span in microseconds.
pub fn micros(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// A table for people.
    Table,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl When {
    /// Whether to use colour on standard output.
    pub fn on(self) -> bool {
        let unwanted = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self {
            When::Auto => crate::output::is_terminal() && !unwanted(),
            When::Always => true,
            When::Never => false,
        }
    }
}

/// When to show a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// On a terminal.
    Auto,
    /// Never.
    Never,
}

/// The name of a field.
pub fn field(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("give names of fields with commas between them".into()),
        name => Ok(name.into()),
    }
}

/// A number of bytes, with `K`, `M` or `G` for powers of 1024.
pub fn size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let size =
        digits.parse::<usize>().ok().and_then(|number| number.checked_mul(unit)).filter(|size| *size > 0);
    size.ok_or_else(|| "give a number of bytes like 65536, 512K or 1M".into())
}

/// A share between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(pub f64);

impl std::str::FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(Share(share)),
            _ => Err("give a share between 0 and 1".into()),
        }
    }
}

/// An instant: RFC 3339, or `YYYY-MM-DD[ HH:MM[:SS]]` in UTC. Microseconds since the epoch.
pub fn instant(text: &str) -> Result<i64, String> {
    let padded = match text.len() {
        10 => format!("{text}T00:00:00"),
        16 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    match weblog_parse::time::shape(padded.as_bytes(), Zone::default()) {
        Some(weblog_parse::time::Shape::Full(logged)) => Ok(logged.instant.micros),
        _ => Err("give a time like 2025-01-06T08:00:00Z or 2025-01-06".into()),
    }
}

/// A span of time: `90s`, `15m`, `2h`, `7d`, `4w`.
pub fn span(text: &str) -> Result<std::time::Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let parse = || {
        let (at, unit) = text.char_indices().last()?;
        let (_, seconds) = units.iter().find(|(name, _)| *name == unit)?;
        text[..at]
            .parse::<u64>()
            .ok()?
            .checked_mul(*seconds)
            .filter(|total| (1..=3_000_000_000).contains(total))
    };
    parse().map(std::time::Duration::from_secs).ok_or_else(|| "give a span like 90s, 15m, 2h or 7d".into())
}

/// A span of time that may be short: `200ms`, `1.5s`, `90s`, `15m`, `2h`, `7d`, also 0.
pub fn fine_span(text: &str) -> Result<std::time::Duration, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0), ("w", 604_800.0)];
    let parse = || {
        if text == "0" {
            return Some(0.0);
        }
        let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = text.split_at(at);
        let (_, seconds) = units.iter().find(|(name, _)| *name == unit)?;
        Some(number.parse::<f64>().ok()? * seconds).filter(|span| (0.0..=3e9).contains(span))
    };
    let span = parse().ok_or("give a span like 200ms, 1.5s, 15m, 2h or 7d")?;
    Ok(std::time::Duration::from_secs_f64(span))
}
