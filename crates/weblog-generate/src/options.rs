//! What a caller can ask for.

/// The shape of the lines.
///
/// `Common` and `VhostCombined` are written as Apache httpd writes them, `Combined` and `NginxMain` as nginx
/// does: the two differ in how bytes are escaped, in `-` or `0` for no body, and in what an empty request
/// and a client that left look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The NCSA common log format, `%h %l %u %t "%r" %>s %b`.
    Common,
    /// Common with referer and agent; nginx's built-in `combined`.
    Combined,
    /// Combined with `server:port` before it, Apache's `vhost_combined` with `%b`.
    VhostCombined,
    /// Combined with the quoted `X-Forwarded-For` after it, the `main` of nginx's packages.
    NginxMain,
}

impl Format {
    /// Is it nginx that writes these lines? Else it is Apache httpd.
    pub(crate) fn is_nginx(self) -> bool {
        matches!(self, Format::Combined | Format::NginxMain)
    }
}

/// A campaign link goes around: for a while the traffic multiplies, and what is added are visitors that all
/// enter by one landing page with `utm_` parameters, most of them on phones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    /// When it begins, in microseconds since 1970.
    pub at: i64,
    /// How long it lasts, in microseconds.
    pub length: i64,
    /// How many times the usual number of requests arrives; 1 is no spike, at most 1000.
    pub factor: f64,
}

/// What traffic to make. Numbers out of range are brought to the nearest one that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The same seed with the same options gives the same bytes.
    pub seed: u64,
    /// The shape of the lines. It does not change what happens, only how it is written.
    pub format: Format,
    /// The instant at which the log begins, in microseconds since 1970; years 1970 to 9000.
    pub start: i64,
    /// Lines per second of event time, as a mean over the span, or over whole weeks when no span is
    /// given; 0.001 to 10 million. Nights are quieter than evenings.
    pub lines_per_second: f64,
    /// How long the log is going to be, in microseconds, if the caller knows: the rhythm of day and week
    /// is then levelled so that the span as a whole has the mean asked for. The generator does not stop at
    /// its end.
    pub span: Option<i64>,
    /// The share of lines that no person caused, 0 to 1: crawlers, feed readers, tools, scanners, a monitor.
    pub bots: f64,
    /// The share of lines answered by 5xx, beyond the few that always occur, 0 to 1. Half of them are
    /// spread evenly, half come in one bad stretch at a random place in every three hours.
    pub errors: f64,
    /// The share of lines that are damaged, 0 to 1.
    pub malformed: f64,
    /// A burst of one campaign.
    pub spike: Option<Spike>,
}

impl Default for Options {
    /// Seed 1, combined, from Monday 2025-01-06 00:00 UTC at one line per second, a quarter bots, 1 % errors,
    /// 0.1 % malformed, no spike.
    fn default() -> Self {
        Options {
            seed: 1,
            format: Format::Combined,
            start: 1_736_121_600_000_000,
            lines_per_second: 1.0,
            span: None,
            bots: 0.25,
            errors: 0.01,
            malformed: 0.001,
            spike: None,
        }
    }
}

/// What has been written so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines in all, each with its newline, the damaged ones too.
    pub lines: u64,
    /// Damaged lines among them. One in eight of these is a blank line.
    pub malformed: u64,
    /// Requests that no person caused.
    pub bots: u64,
    /// Requests answered by 5xx.
    pub server_errors: u64,
}
