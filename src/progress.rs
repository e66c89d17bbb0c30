//! The progress bar: on a terminal's stderr, when the size of the input is known.

use crate::options::{Progress, RunArgs};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_millis(700);

/// A bar over the bytes read.
pub struct Bar {
    /// Bytes read so far, before decompression.
    pub read: Arc<AtomicU64>,
    bar: ProgressBar,
    /// Since when a bar that will be shown waits: who has the answer at once needs none.
    waits: Option<Instant>,
}

impl Bar {
    /// A bar for an input of this many bytes. It is shown where the output goes to a file; in front of a
    /// pipe it would stand between the lines of whoever reads it.
    pub fn new(args: &RunArgs, total: Option<u64>, to_file: bool) -> Self {
        let shown = args.pace.progress == Progress::Auto
            && !args.quiet
            && std::io::stderr().is_terminal()
            && (to_file || crate::output::is_file());
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let waits = (shown && total.is_some()).then(Instant::now);
        Bar { read: Arc::default(), bar, waits }
    }

    /// Shows how far the input is read.
    pub fn update(&mut self) {
        if self.waits.is_some_and(|begun| begun.elapsed() > PATIENCE) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
            self.waits = None;
        }
        self.bar.set_position(self.read.load(Ordering::Relaxed));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
