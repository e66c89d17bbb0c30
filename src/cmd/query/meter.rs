//! The progress of a query: a line on a terminal's stderr that is gone before the answer.

use crate::{
    options::{Progress as Wish, RunArgs},
    output::{is_dumb, is_file, is_terminal, is_utf8},
    stream::scan::LogScan,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::IsTerminal,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use weblog_query::Progress;

/// Who has the answer at once needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
const BEAT: Duration = Duration::from_millis(200);
/// Into so many parts DuckDB's share is divided.
const PARTS: u64 = 1_000;

/// A line that shows how far a query is, until it is cleared or dropped.
pub(super) struct Meter {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Meter {
    /// Begins to watch. Nothing is shown in front of a pipe, where somebody else may write to the terminal.
    pub(super) fn start(args: &RunArgs, to_file: bool, engine: Progress, scans: &[Arc<LogScan>]) -> Meter {
        let shown = args.pace.progress == Wish::Auto
            && !args.quiet
            && std::io::stderr().is_terminal()
            && !is_dumb()
            && (to_file || is_terminal() || is_file());
        if !shown {
            return Meter { running: None };
        }
        let (scans, begun) = (scans.to_vec(), Instant::now());
        let (end, ended) = channel::<()>();
        let thread = std::thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5))
                .with_elapsed(begun.elapsed());
            loop {
                show(&line, &engine, &scans);
                if ended.recv_timeout(BEAT) != Err(RecvTimeoutError::Timeout) {
                    return line.finish_and_clear();
                }
            }
        });
        Meter { running: Some((end, thread)) }
    }

    /// Takes the line away, for good.
    pub(super) fn clear(&mut self) {
        if let Some((end, thread)) = self.running.take() {
            drop(end);
            let _ = thread.join();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Bytes of logs where there are logs, what DuckDB thinks where there are none, or how long it takes.
fn show(line: &ProgressBar, engine: &Progress, scans: &[Arc<LogScan>]) {
    let progress: Vec<(u64, Option<u64>)> = scans.iter().map(|scan| scan.progress()).collect();
    let read: u64 = progress.iter().map(|(read, _)| read).sum();
    let total: Option<u64> = progress.iter().map(|(_, total)| *total).sum();
    let (length, position, template) = match (total, engine.share()) {
        (Some(total), _) if !scans.is_empty() => {
            (Some(total), read.min(total), "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left")
        }
        (None, _) => (None, read, "{spinner} {bytes} read, {bytes_per_sec}, {elapsed}"),
        (_, Some(share)) => {
            (Some(PARTS), (share * PARTS as f64) as u64, "{wide_bar} {percent}% {elapsed}, {eta} left")
        }
        (_, None) => (None, 0, "{spinner} {elapsed}"),
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let (bar, spinner) =
        if is_utf8() { ("█▉▊▋▌▍▎▏ ", "⠋⠙⠸⠴⠦⠇ ") } else { ("=> ", "-\\|/ ") };
    line.set_style(style.progress_chars(bar).tick_chars(spinner));
    match length {
        Some(length) => line.set_length(length),
        None => line.unset_length(),
    }
    line.set_position(position);
    line.tick();
}
