//! Copies its inputs to standard output, or only counts their lines; how the crate is used, and the
//! yardstick for what cutting costs.
//!
//!     lines THREADS copy|count|cut [INPUT]...

use std::io::{ErrorKind, Write, stdout};
use std::process::ExitCode;

use weblog_io::{Chunk, Flow, RunOptions, Stop, expand, run};

/// What a worker makes of a chunk.
#[derive(Default)]
struct Result {
    text: Vec<u8>,
    lines: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [threads, what, inputs @ ..] = &arguments[..] else { return ExitCode::from(2) };
    let (Ok(threads), Ok(stop)) = (threads.parse(), Stop::new()) else { return ExitCode::from(2) };
    if stop.on_signals().is_err() {
        return ExitCode::from(2);
    }
    let mut input = expand(inputs, |_, head| std::str::from_utf8(head).is_ok().then_some(())).input;
    let output = Some(weblog_io::stdout());
    let options = RunOptions { threads, output, stop: Some(stop), ..RunOptions::default() };
    let work = |(): &mut (), chunk: &Chunk, result: &mut Result| {
        result.text.clear();
        match &what[..] {
            "copy" => result.text.extend_from_slice(chunk.bytes()),
            "count" => result.lines = chunk.lines().count(),
            _ => result.lines = 1,
        }
    };
    let mut lines = 0;
    let end = run(
        &mut input,
        &options,
        |_| (),
        work,
        |result| {
            lines += result.lines;
            match stdout().write_all(&result.text).and_then(|()| stdout().flush()) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Flow::Stop),
                written => written.map(|()| Flow::Continue),
            }
        },
    );
    let mut errors = std::io::stderr().lock();
    for problem in input.problems() {
        let _ = writeln!(errors, "lines: {problem}");
    }
    let _ = writeln!(errors, "lines: {lines}, {end:?}");
    if end.is_ok() && input.problems().is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
