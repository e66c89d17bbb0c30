//! How a run ends: exit codes, and the one sentence on stderr.

use anyhow::Error;
use std::{
    io::{self, Write},
    process::ExitCode,
};
use weblog_wire::visible::visible;

/// The end of a command that ran. Of several parts the worst one tells: the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, also when the reader of the output went away: 0.
    Done,
    /// Done, but what was asked for is not the case: 1.
    Unmet,
    /// Not all could be done; what is wrong has been said: 2.
    Failed,
}

/// The exit code of a command. Says what went wrong, unless it was that nobody reads on.
pub fn code(name: &str, result: Result<Exit, Error>) -> ExitCode {
    match result {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Unmet) => ExitCode::from(1),
        Ok(Exit::Failed) => ExitCode::from(2),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(name, &sentence(&error));
            ExitCode::from(2)
        }
    }
}

/// The error and its causes, without a cause that the one before has quoted already.
pub fn sentence(error: &Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        _ if said.contains(&cause) => said,
        _ => format!("{said}: {cause}"),
    })
}

/// Whether the reader of the output went away.
pub fn is_closed_pipe(error: &Error) -> bool {
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(closed))
}

/// One sentence on stderr, `weblog <command>: …`, safe for a terminal whatever it quotes.
pub fn say(name: &str, sentence: &str) {
    let prefix = if name.is_empty() { "weblog".to_owned() } else { format!("weblog {name}") };
    // When even stderr is gone there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{prefix}: {}", visible(sentence));
}

/// A line that goes on with what [`say`] said.
pub fn say_more(line: &str) {
    let _ = writeln!(io::stderr(), "{}", visible(line));
}
