//! `weblog explain`: which format is this, and why does this line not fit.
//!
//! - `look` reads the first lines of an input and keeps what it finds, with the fields in `seen`.
//! - `prose` and `json` tell it; `page` is how prose looks on a terminal, `about` the words for formats.
//! - `string` explains a format itself, `server` says what a server has to log for more fields.

use crate::{
    exit::{Exit, say},
    formats::{BadString, FormatArg, Reading, ServerConf, compile},
    options::When,
    output::{Output, terminal_width},
    stream::{first_time, report},
};
use anyhow::Result;
use clap::ValueEnum;
use look::{Look, Looking, look};
use page::Page;
use server::Plan;
use std::{ffi::OsString, io::IsTerminal, str::FromStr, sync::Arc};
use weblog_io::{Expanded, Input, RunOptions, SourceInfo, Stop, expand};
use weblog_parse::{Field, Format, Zone};

mod about;
mod json;
mod look;
mod page;
mod prose;
mod seen;
mod server;
mod string;

/// Tell which format a log has, and why a line does not fit
#[derive(clap::Args)]
#[command(before_help = "Examples:
  weblog explain access.log
  weblog explain --line 17 access.log
  weblog explain --for duration_us,vhost access.log
  weblog explain -F '%h %t \"%r\" %>s %b' < /dev/null\n\n")]
pub struct Args {
    /// Files, globs, directories or `-`; compressed or not
    #[arg(value_name = "INPUT")]
    inputs: Vec<OsString>,

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
    format: String,

    /// Formats from nginx.conf or httpd.conf
    #[arg(long, value_name = "FILE", value_parser = ServerConf::load)]
    conf: Option<Arc<ServerConf>>,

    /// Zone of times that carry none, like Europe/Rome [UTC]
    #[arg(long, value_name = "ZONE", env = "WEBLOG_TZ", hide_env = true)]
    tz: Option<Zone>,

    /// Look at so many lines of each input [1000]
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1000, hide_default_value = true, value_parser = clap::value_parser!(u64).range(1..))]
    lines: u64,

    /// Explain this one line of each input
    #[arg(long, value_name = "N", conflicts_with = "lines", value_parser = clap::value_parser!(u64).range(1..))]
    line: Option<u64>,

    /// Show what the server has to log for these fields
    #[arg(long = "for", value_name = "A,B,C", value_delimiter = ',', value_parser = wanted)]
    wanted: Vec<Field>,

    /// Output: table (prose, as it is without this), ndjson or json
    #[arg(
        short,
        long,
        value_name = "TO",
        default_value = "table",
        hide_default_value = true,
        hide_possible_values = true
    )]
    to: To,

    /// Exit with 1 if a line does not fit
    #[arg(long)]
    strict: bool,

    /// Colour: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    color: When,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    Table,
    Ndjson,
    Json,
}

const COMMAND: &str = "explain";

fn wanted(name: &str) -> Result<Field, String> {
    Field::from_name(name.trim().as_bytes())
        .ok_or_else(|| "`weblog schema` shows the fields that there are".into())
}

pub fn run(args: Args) -> Result<Exit> {
    let format = match asked_format(&args.format) {
        Ok(format) => format,
        Err(bad) => {
            string::say_what_is_wrong(&bad);
            return Ok(Exit::Failed);
        }
    };
    for problem in args.conf.iter().flat_map(|conf| conf.problems()) {
        say(COMMAND, &format!("--conf: {problem}"));
    }
    let mut explanation = Explanation::new(&args, &format)?;
    let alone = args.inputs.is_empty() && std::io::stdin().is_terminal();
    if alone && explanation.is_about_format() {
        explanation.tell_format()?;
        return explanation.end(Exit::Done);
    }
    if alone {
        say(COMMAND, "reading log lines from the terminal; Ctrl-D ends, --help shows examples");
    }
    let exit = explanation.tell_inputs()?;
    explanation.end(exit)
}

/// The format of `--format`. A string is compiled here, so that what is wrong with it can be shown.
fn asked_format(text: &str) -> Result<FormatArg, BadString> {
    let text = text.trim();
    if Format::from_str(text).is_err() && text.contains(['%', '$']) {
        return compile(text).map(FormatArg::Compiled);
    }
    Ok(FormatArg::from_str(text)?)
}

/// What is told, and how.
struct Explanation<'a> {
    args: &'a Args,
    format: &'a FormatArg,
    reading: Reading,
    output: Output,
    /// Objects that wait for the end of their array.
    objects: Vec<String>,
    begun: bool,
}

impl<'a> Explanation<'a> {
    fn new(args: &'a Args, format: &'a FormatArg) -> Result<Self> {
        let reading = Reading::new(format, args.conf.as_ref(), args.tz.unwrap_or_default());
        let output = Output::open(None)?;
        Ok(Explanation { args, format, reading, output, objects: Vec::new(), begun: false })
    }

    /// Whether there is something to tell without a log.
    fn is_about_format(&self) -> bool {
        !matches!(self.format, FormatArg::Named(Format::Auto)) || !self.args.wanted.is_empty()
    }

    fn tell_inputs(&mut self) -> Result<Exit> {
        let stop = Stop::new()?;
        stop.on_signals()?;
        let reading = self.reading.clone();
        let Expanded { input: all, directories } =
            expand(&self.args.inputs, |path, head| first_time(path, head, &reading));
        all.problems().iter().for_each(|problem| say(COMMAND, &problem.to_string()));
        let mut exit = if all.problems().is_empty() { Exit::Done } else { Exit::Failed };
        let output = self.output.watched();
        for source in all.sources() {
            let options = RunOptions { output, stop: Some(stop.clone()), ..RunOptions::default() };
            let Args { lines, line, .. } = *self.args;
            let looking = Looking { reading: &reading, lines, line, options };
            let (look, input) = look(alone(source), &looking)?;
            input.problems().iter().for_each(|problem| say(COMMAND, &problem.to_string()));
            if !input.problems().is_empty() {
                exit = Exit::Failed;
            }
            if look.lines == 0 && !input.problems().is_empty() {
                continue;
            }
            if look.lines == 0 && self.args.inputs.is_empty() && self.is_about_format() {
                self.tell_format()?;
                continue;
            }
            exit = exit.max(self.tell(&look)?);
        }
        let failed = report(COMMAND, &all, all.problems().len(), &directories, false);
        Ok(if failed { Exit::Failed } else { exit })
    }

    /// Tells what was found in an input.
    fn tell(&mut self, look: &Look) -> Result<Exit> {
        if let Some(line) = self.args.line.filter(|_| look.one.is_none() && look.troubles.is_empty()) {
            let name = if look.source == "-" { "standard input" } else { &look.source };
            say(COMMAND, &format!("there is no line {line}: {name} has {}", page::lines(look.lines)));
            return Ok(Exit::Failed);
        }
        let zone = self.reading.options().zone;
        let wanted = &self.args.wanted;
        let plan = if wanted.is_empty() { None } else { Some(Plan::of_log(look, wanted)?) };
        if self.args.to != To::Table {
            self.object(json::object(look, zone, &server::missing(look), plan.as_ref()))?;
        } else {
            let mut page = self.page();
            match (&look.one, &plan) {
                (Some(one), _) => prose::tell_one(look, one, &mut page),
                (None, Some(plan)) => {
                    prose::tell_briefly(look, &mut page);
                    server::tell(plan, &mut page);
                }
                (None, None) => prose::tell(look, zone, &mut page),
            }
            self.write(&page)?;
        }
        Ok(if self.args.strict && look.rejected() > 0 { Exit::Unmet } else { Exit::Done })
    }

    /// Tells about the format itself.
    fn tell_format(&mut self) -> Result<()> {
        let (format, program) = match self.format {
            FormatArg::Named(Format::Auto) => (Format::Combined, None),
            FormatArg::Named(format) => (*format, None),
            FormatArg::Compiled(program) => (Format::Compiled(0), Some(&**program)),
        };
        let wanted = &self.args.wanted;
        let plan = if wanted.is_empty() { None } else { Some(Plan::of_format(format, program, wanted)?) };
        match (self.args.to, plan) {
            (To::Table, Some(plan)) => {
                let mut page = self.page();
                server::tell(&plan, &mut page);
                self.write(&page)
            }
            (To::Table, None) => {
                let mut page = self.page();
                string::tell(self.format, &mut page);
                self.write(&page)
            }
            (_, Some(plan)) => {
                let mut object = json::Object::new();
                object.raw("servers", &json::servers(&plan));
                self.object(object.end())
            }
            (_, None) => self.object(string::object(self.format)),
        }
    }

    fn page(&self) -> Page {
        Page::new(terminal_width(), self.args.color.on())
    }

    /// Writes a page, with an empty line between it and the one before.
    fn write(&mut self, page: &Page) -> Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            self.output.write(b"\n")?;
        }
        self.output.write(page.text.trim_start_matches('\n').as_bytes())
    }

    fn object(&mut self, object: String) -> Result<()> {
        if self.args.to == To::Ndjson {
            return self.output.write_untrusted(format!("{object}\n").as_bytes());
        }
        self.objects.push(object);
        Ok(())
    }

    fn end(mut self, exit: Exit) -> Result<Exit> {
        if self.args.to == To::Json {
            let array = format!("[{}]\n", self.objects.join(",\n"));
            self.output.write_untrusted(array.as_bytes())?;
        }
        Ok(exit)
    }
}

/// An input of this one source.
fn alone(source: &SourceInfo) -> Input {
    let mut input = Input::new();
    match &source.path {
        Some(path) => input.add_path(path.clone()),
        None => input.add_stdin(),
    }
    input
}
