//! The progress bar: on a terminal's stderr, when the size of the input is known.

use crate::options::{Progress, RunArgs};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A bar over the bytes read.
pub struct Bar {
    /// Bytes read so far, before decompression.
    pub read: Arc<AtomicU64>,
    bar: ProgressBar,
}

impl Bar {
    /// A bar for an input of this many bytes; hidden where it would be in the way.
    pub fn new(args: &RunArgs, total: Option<u64>) -> Self {
        let shown = args.progress == Progress::Auto
            && !args.quiet
            && std::io::stderr().is_terminal()
            && !crate::output::is_terminal();
        let bar = match total {
            Some(total) if shown => {
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5))
            }
            _ => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Bar { read: Arc::default(), bar }
    }

    /// Shows how far the input is read.
    pub fn update(&self) {
        self.bar.set_position(self.read.load(Ordering::Relaxed));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
