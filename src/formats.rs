//! How lines are read, as the arguments say: by a format's name, by a format string, by the
//! configuration of the server that wrote them.

use crate::settings;
use std::{fmt, str::FromStr, sync::Arc};
use weblog_parse::{
    BadFormat, Escape, Format, Options, Program, Zone,
    conf::{self, Server},
};

mod server_conf;

pub use server_conf::ServerConf;

/// What `--format` says.
#[derive(Clone, Debug)]
pub enum FormatArg {
    /// A format that weblog knows.
    Named(Format),
    /// A format string, as in the server's configuration.
    Compiled(Arc<Program>),
}

impl FromStr for FormatArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(format) = Format::from_str(text) {
            return Ok(FormatArg::Named(format));
        }
        if text.contains(['%', '$']) {
            return compile(text).map(FormatArg::Compiled).map_err(|bad| bad.to_string());
        }
        match settings::format(text)? {
            Some(saved) => {
                compile(&saved).map(FormatArg::Compiled).map_err(|error| format!("{text}: {error}"))
            }
            None => Err(Format::from_str(text).expect_err("it was no name a moment ago").to_string()),
        }
    }
}

/// A format string that cannot be used. Displayed, it is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadString {
    sentence: String,
    /// The string and the byte in it, from 0, where something else was expected; what that is.
    pub place: Option<(String, BadFormat)>,
}

impl BadString {
    fn at(format: &str, bad: BadFormat) -> Self {
        BadString { sentence: explained(format, &bad), place: Some((format.to_owned(), bad)) }
    }
}

impl From<String> for BadString {
    fn from(sentence: String) -> Self {
        BadString { sentence, place: None }
    }
}

impl fmt::Display for BadString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// Compiles a format string of Apache httpd or nginx, or the whole directive that gives it.
pub fn compile(text: &str) -> Result<Arc<Program>, BadString> {
    let word = text.split_ascii_whitespace().next().unwrap_or_default();
    if ["log_format", "LogFormat", "CustomLog"].iter().any(|name| word.eq_ignore_ascii_case(name)) {
        return compile_directive(text, word);
    }
    let (escape, format) = match text.strip_prefix("escape=").and_then(|rest| rest.split_once(' ')) {
        Some(("json", format)) => (Escape::Json, format.trim_start()),
        Some(("none", format)) => (Escape::None, format.trim_start()),
        Some(("default", format)) => (Escape::Default, format.trim_start()),
        _ => (Escape::Default, text),
    };
    // A `$` means nothing to Apache httpd, and a `%` nothing to nginx but that percent sign.
    compile_as(server_of(format), format, escape)
}

fn compile_directive(text: &str, word: &str) -> Result<Arc<Program>, BadString> {
    let server = if word.eq_ignore_ascii_case("log_format") { Server::Nginx } else { Server::Apache };
    let options = conf::Options { server: Some(server), ..conf::Options::default() };
    let mut none = |_: &str, _: &std::path::Path| Ok(Vec::new());
    let end = if server == Server::Nginx && !text.contains(';') { ";" } else { "" };
    let ended = format!("{}{end}\n", text.trim_end());
    let conf = conf::read("--format".as_ref(), ended.as_bytes(), &options, &mut none)
        .map_err(|error| error.to_string())?;
    let logged = conf.logs.iter().filter_map(|log| log.format.as_ref());
    let format = conf.formats.iter().filter(|format| format.at.is_some()).chain(logged).next_back();
    let format = format.ok_or_else(|| format!("no format in this {word} directive"))?;
    compile_for(server, format)
}

/// Compiles a format of a configuration.
pub fn compile_for(server: Server, format: &conf::LogFormat) -> Result<Arc<Program>, BadString> {
    compile_as(server, &format.text, format.escape)
}

fn compile_as(server: Server, text: &str, escape: Escape) -> Result<Arc<Program>, BadString> {
    let compiled = match server {
        Server::Nginx => Program::nginx(text, escape),
        Server::Apache => Program::apache(text),
    };
    compiled.map(Arc::new).map_err(|bad| BadString::at(text, bad))
}

/// Whose language a format string is in.
pub fn server_of(format: &str) -> Server {
    let variable = |at: usize| {
        format[at + 1..].starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '{'))
    };
    let is_nginx = format.match_indices('$').any(|(at, _)| variable(at))
        && !format.match_indices('%').any(|(at, _)| {
            format[at + 1..]
                .starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '>' | '<' | '{'))
        });
    if is_nginx { Server::Nginx } else { Server::Apache }
}

/// What is wrong with a format, with the place in it.
fn explained(format: &str, bad: &BadFormat) -> String {
    let before = format.char_indices().take_while(|(at, _)| *at < bad.at).count();
    format!("column {}: expected {}", before + 1, bad.expected)
}

/// How lines are read: the same everywhere, but for the formats of files that a configuration knows.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    options: Options,
    conf: Option<Arc<ServerConf>>,
    /// The lines are rows of a file of rejects.
    rejects: bool,
}

impl Reading {
    /// As the arguments say.
    pub fn new(format: &FormatArg, conf: Option<&Arc<ServerConf>>, zone: Zone) -> Self {
        let (format, programs) = match format {
            FormatArg::Named(format) => (*format, Arc::default()),
            FormatArg::Compiled(program) => (Format::Compiled(0), Arc::from([Arc::clone(program)])),
        };
        // A format that was asked for by name is not looked up.
        let conf = conf.filter(|_| format == Format::Auto).cloned();
        Reading { options: Options { format, programs, zone }, conf, rejects: false }
    }

    /// How the lines of every source are read, as far as that does not depend on the source.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The same for lines that were rejected before, in the rows that `--rejects` wrote.
    pub fn of_rejects(self, rejects: bool) -> Self {
        Reading { rejects, ..self }
    }

    /// Whether the lines are in rows that `--rejects` wrote.
    pub fn is_of_rejects(&self) -> bool {
        self.rejects
    }

    /// The same, with another zone for times that carry none.
    pub fn in_zone(&self, zone: Zone) -> Self {
        Reading { options: Options { zone, ..self.options.clone() }, ..self.clone() }
    }

    /// The configuration by which the lines are read, if there is one.
    pub fn conf(&self) -> Option<&ServerConf> {
        self.conf.as_deref()
    }

    /// The compiled formats for the lines of a source, if they depend on it.
    pub fn programs_of(&self, source: &str) -> Option<Arc<[Arc<Program>]>> {
        self.conf.as_ref().map(|conf| conf.programs_of(source))
    }
}

impl fmt::Display for FormatArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatArg::Named(format) => f.write_str(format.name()),
            FormatArg::Compiled(program) => program.fmt(f),
        }
    }
}
