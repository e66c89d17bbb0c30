//! What became of the lines of a merge.

use super::sink::Sink;
use crate::exit::say;
use std::{fmt::Write, path::Path, sync::Arc};
use weblog_io::{Counts, Ledger};
use weblog_window::{LineReader, Lines, Survey};

/// The books of a merge.
#[derive(Default)]
pub struct Books {
    inputs: Vec<(Arc<str>, Counts)>,
    lines: Lines,
    streams: usize,
    late: u64,
    on_disk: u64,
    ledger: Ledger,
}

impl Books {
    /// Enters a file.
    pub fn enter_file(&mut self, path: &Path, survey: &Survey) {
        self.enter(path.to_string_lossy().into(), survey.lines, survey.bytes_read);
    }

    /// Enters a stream.
    pub fn enter_stream(&mut self, reader: &LineReader) {
        self.streams += 1;
        self.enter(Arc::clone(reader.source()), reader.lines, reader.bytes_read());
    }

    /// Whether a stream was entered.
    pub fn has_streams(&self) -> bool {
        self.streams > 0
    }

    fn enter(&mut self, source: Arc<str>, lines: Lines, bytes_read: u64) {
        let Lines { read, undated, early, late, cut, broken_off } = lines;
        let counts =
            Counts { read, written: read - broken_off, pending: broken_off, bytes_read, ..Counts::default() };
        self.inputs.push((source, counts));
        self.lines.read += read;
        self.lines.undated += undated;
        self.lines.early += early - late;
        self.lines.cut += cut;
    }

    /// Notes that all lines of a file are in another one as well.
    pub fn copy(&mut self, at: usize, survey: &Survey) {
        let counts = &mut self.inputs[at].1;
        counts.duplicate += counts.written;
        counts.written = 0;
        self.lines.undated -= survey.lines.undated;
        self.lines.early -= survey.lines.early - survey.lines.late;
    }

    /// Closes the books.
    pub fn finish(&mut self, sink: &Sink, on_disk: u64) {
        self.late = sink.late;
        self.on_disk = on_disk;
        for (source, counts) in &self.inputs {
            self.ledger.add(source, *counts);
        }
        // Copies of single lines are told only when the lines have met, whoever brought them.
        self.ledger.total.duplicate += sink.duplicate;
        self.ledger.total.written = self.ledger.total.written.saturating_sub(sink.duplicate);
    }

    /// The ledger as one JSON object.
    pub fn as_json(&self) -> Vec<u8> {
        let inputs: Vec<String> = self
            .ledger
            .inputs
            .iter()
            .map(|input| {
                let source = serde_json::Value::from(&*input.source);
                format!("{{\"source\":{source},{}}}", counts(&input.counts))
            })
            .collect();
        let Lines { undated, early, .. } = self.lines;
        let mut json = String::new();
        let _ = writeln!(
            json,
            "{{{},\"late\":{},\"early\":{early},\"undated\":{undated},\"inputs\":[{}]}}",
            counts(&self.ledger.total),
            self.late,
            inputs.join(",")
        );
        json.into_bytes()
    }

    /// The sentences at the end: what is not as it should be, and with `verbose` all of it.
    pub fn summarize(&self, verbose: bool, late_file: Option<&Path>) {
        let Lines { undated, early, cut, .. } = self.lines;
        let lines = |count: u64| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
        if self.late > 0 {
            let late = lines(self.late);
            let sentence = match late_file {
                Some(file) => format!("{late} came too late and went to {}", file.display()),
                None => format!("{late} came too late to be put in order (--lateness waits longer)"),
            };
            say("merge", &sentence);
        }
        if undated > 0 {
            say("merge", &format!("{} without a time, left behind the line above", lines(undated)));
        }
        if cut > 0 {
            say("merge", &format!("a line longer than --max-line was cut {cut} times"));
        }
        if verbose {
            let Counts { read, written, duplicate, pending, bytes_read, .. } = self.ledger.total;
            let disk = match self.on_disk {
                0 => String::new(),
                bytes => format!(" by way of {bytes} bytes in a temporary file"),
            };
            say(
                "merge",
                &format!(
                    "{read} lines read ({bytes_read} bytes): {written} written, {duplicate} duplicate, {pending} pending; {early} were out of order and put right{disk}"
                ),
            );
        }
    }
}

fn counts(counts: &Counts) -> String {
    let Counts { read, written, rejected, filtered, duplicate, skipped, pending, bytes_read, .. } = counts;
    format!(
        "\"read\":{read},\"written\":{written},\"rejected\":{rejected},\"filtered\":{filtered},\"duplicate\":{duplicate},\"skipped\":{skipped},\"pending\":{pending},\"bytes_read\":{bytes_read}"
    )
}
