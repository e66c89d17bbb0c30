//! Apache httpd: directives, sections, includes and variables.

mod hosts;
mod lines;
mod pipe;

use super::{
    Escape, Fault, Kind, LogFile, LogFormat, LogPath, Options, Place, Target, limits,
    path::Holders,
    sources::{Missing, Source, Sources},
    variables::substitute,
};
use hosts::{Declared, Defined, Host};
use lines::{Line, Lines, Word, words};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

/// Reads a main file and what it includes.
pub(super) fn read(
    sources: &mut Sources<'_>,
    main: Source,
    options: &Options,
) -> (Vec<LogFile>, Vec<Arc<LogFormat>>) {
    let directory = main.path.parent().unwrap_or(Path::new(""));
    let above = directory.parent().filter(|_| directory.ends_with("conf"));
    let root = options.root.as_deref().or(above).unwrap_or(directory).to_string_lossy().into_owned();
    let mut reader = Reader {
        sources,
        options,
        default_root: root.clone(),
        root,
        defined: HashMap::new(),
        unknown: HashSet::new(),
        sections: Vec::new(),
        hosts: vec![Host::default()],
        host: 0,
        formats: Vec::new(),
        declared: 0,
    };
    reader.file(&main);
    (hosts::resolve(reader.hosts, reader.sources), reader.formats)
}

struct Reader<'s, 'f> {
    sources: &'s mut Sources<'f>,
    options: &'s Options,
    /// What holds without `ServerRoot`.
    default_root: String,
    root: String,
    /// What `Define` says; none for names without a value.
    defined: HashMap<String, Option<String>>,
    /// The variables that were reported.
    unknown: HashSet<String>,
    sections: Vec<Section>,
    hosts: Vec<Host>,
    /// The host whose section is open, or the main server.
    host: usize,
    formats: Vec<Arc<LogFormat>>,
    declared: usize,
}

/// A section that is open.
struct Section {
    /// Its name in lower case.
    name: String,
    at: Place,
    content: Content,
    /// The host to which its end returns.
    host: usize,
}

/// What is done with the content of a section.
#[derive(Clone, PartialEq, Eq)]
enum Content {
    Taken,
    /// Taken, though the condition, as written, was not tested.
    Untested(Arc<str>),
    PassedOver,
    /// Code in another language: lines are no directives.
    Code,
}

impl Reader<'_, '_> {
    fn file(&mut self, source: &Source) {
        let outside = self.sections.len();
        for line in Lines::new(&source.bytes) {
            let start = line.text.iter().take_while(|b| b.is_ascii_whitespace()).count();
            match line.text.get(start) {
                None | Some(b'#') => {}
                Some(b'<') => self.section(&line, start, source, outside),
                Some(_) if self.is_passed_over() => {}
                Some(_) => self.line(&line, start, source),
            }
        }
        while self.sections.len() > outside {
            if let Some(section) = self.sections.last() {
                self.sources.fault(&section.at, Fault::NotClosed(format!("<{}>", section.name)));
            }
            self.leave();
        }
    }

    fn is_passed_over(&self) -> bool {
        self.sections.iter().any(|section| matches!(section.content, Content::PassedOver | Content::Code))
    }

    /// `<Name argument>` or `</Name>`.
    fn section(&mut self, line: &Line, start: usize, source: &Source, outside: usize) {
        let (number, column) = line.position(start);
        let at = source.place(number, column);
        let text = String::from_utf8_lossy(line.text[start + 1..].trim_ascii_end()).into_owned();
        let text = text.strip_suffix('>').unwrap_or(&text).trim();
        let (name, argument) = text.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((text, ""));
        let lower = name.to_ascii_lowercase();
        let is_code = self.sections.last().is_some_and(|section| section.content == Content::Code);
        match lower.strip_prefix('/') {
            Some(closed) => {
                let open = self.sections[outside..].iter().rposition(|section| section.name == closed);
                match open {
                    None if is_code => {}
                    None => self.sources.fault(&at, Fault::NotOpen(format!("<{name}>"))),
                    Some(open) => {
                        let missed = self.sections[outside + open + 1..].iter();
                        let missed: Vec<_> = missed.map(|s| (s.at.clone(), s.name.clone())).collect();
                        for (at, name) in missed {
                            self.sources.fault(&at, Fault::NotClosed(format!("<{name}>")));
                        }
                        while self.sections.len() > outside + open {
                            self.leave();
                        }
                    }
                }
            }
            None if is_code => {}
            None => self.enter(name, argument.trim(), at),
        }
    }

    fn enter(&mut self, written: &str, argument: &str, at: Place) {
        let name = written.to_ascii_lowercase();
        let written = || format!("<{written} {argument}>").into();
        let mut host = self.host;
        let content = match name.as_str() {
            "ifdefine" => match self.is_defined(argument.trim_start_matches('!').trim()) {
                None => Content::Untested(written()),
                Some(defined) if defined != argument.starts_with('!') => Content::Taken,
                Some(_) => Content::PassedOver,
            },
            "perl" | "lua" => Content::Code,
            "macro" => Content::Untested(written()),
            _ if name.starts_with("if") || name == "else" || name == "elseif" => Content::Untested(written()),
            "virtualhost" if !self.is_passed_over() => {
                host = self.new_host(argument, &at).unwrap_or(host);
                Content::Taken
            }
            _ => Content::Taken,
        };
        // What is nested deeper than any server is configured cannot be kept; its end is then missing too.
        if self.sections.len() >= limits::BLOCKS || argument.len() > limits::WORD {
            return self.sources.fault(&at, Fault::TooDeep);
        }
        self.sections.push(Section { name, at, content, host: self.host });
        self.host = host;
    }

    fn leave(&mut self) {
        if let Some(section) = self.sections.pop() {
            self.host = section.host;
        }
    }

    /// Whether a name is defined; none when it may come from the command line.
    fn is_defined(&self, name: &str) -> Option<bool> {
        let known = self.defined.contains_key(name) || self.options.defines.contains(name);
        known.then_some(true)
    }

    fn new_host(&mut self, addresses: &str, at: &Place) -> Option<usize> {
        if self.hosts.len() >= limits::ENTRIES {
            self.sources.fault(at, Fault::TooMany("virtual hosts"));
            return None;
        }
        let mut host = Host::default();
        for word in words(addresses.as_bytes(), 0) {
            if let Some(address) = self.value(&word, at).filter(|_| self.sources.spend_name(at)) {
                host.site.listen.push(address);
            }
        }
        self.hosts.push(host);
        Some(self.hosts.len() - 1)
    }

    fn line(&mut self, line: &Line, start: usize, source: &Source) {
        let rest = &line.text[start..];
        let len = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let name = String::from_utf8_lossy(&rest[..len]).to_ascii_lowercase();
        let least = match name.as_str() {
            "undefine" | "define" | "include" | "includeoptional" | "serverroot" | "servername"
            | "serveralias" | "logformat" | "errorlogformat" | "transferlog" | "errorlog" => 1,
            "customlog" | "globallog" => 2,
            _ => return,
        };
        let (number, column) = line.position(start);
        let at = source.place(number, column);
        let words = words(&line.text, start + len);
        if let Some(word) = words.last()
            && let Some(quote) = word.open_quote
        {
            let (number, column) = line.position(word.at);
            self.sources.fault(&source.place(number, column), Fault::OpenQuote(quote));
        }
        let args: Option<Vec<String>> = words.iter().map(|word| self.value(word, &at)).collect();
        let Some(args) = args else { return };
        if args.len() < least {
            return self.sources.fault(&at, Fault::MissingArgument(name));
        }
        self.directive(&name, args, at);
    }

    fn directive(&mut self, name: &str, mut args: Vec<String>, at: Place) {
        let rest = args.split_off(1);
        let first = args.remove(0);
        match name {
            "define" if self.sources.spend_name(&at) => {
                self.defined.insert(first, rest.into_iter().next());
            }
            "undefine" => _ = self.defined.remove(&first),
            "include" => self.include(&first, Missing::IsProblem, &at),
            "includeoptional" => self.include(&first, Missing::IsFine, &at),
            "serverroot" if first.len() > limits::PATH => self.sources.fault(&at, Fault::TooLong),
            "serverroot" => self.root = joined(&self.default_root, &first),
            // The scheme and port of `ServerName https://a.example:443` are not the name.
            "servername" => {
                let host = first.split_once("://").map_or(first.as_str(), |(_, host)| host);
                let end =
                    host.rfind(':').filter(|colon| host[colon + 1..].bytes().all(|b| b.is_ascii_digit()));
                let name = host[..end.unwrap_or(host.len())].to_owned();
                if self.sources.spend_name(&at) {
                    self.hosts[self.host].server_name = Some(name);
                }
            }
            "serveralias" => {
                let kept = [first].into_iter().chain(rest).take_while(|_| self.sources.spend_name(&at));
                self.hosts[self.host].site.names.extend(kept);
            }
            "logformat" => self.format(first, rest.into_iter().next(), at),
            // `ErrorLogFormat connection` and `request` are lines of their own in the same log.
            "errorlogformat" if rest.is_empty() => {
                let format = LogFormat { name: None, text: first, escape: Escape::Default, at: Some(at) };
                let defined = self.defined_here(format);
                self.keep(defined, |host| &mut host.error_formats);
            }
            "customlog" | "globallog" | "transferlog" => {
                let mut rest = rest.into_iter().filter(|_| name != "transferlog");
                let (format, condition) = (rest.next(), rest.next().map(Arc::from));
                self.log(Kind::Access, &first, format, condition, name == "globallog", &at);
            }
            "errorlog" => self.log(Kind::Error, &first, None, None, false, &at),
            _ => {}
        }
    }

    fn include(&mut self, pattern: &str, missing: Missing, at: &Place) {
        for source in self.sources.include(&self.absolute(pattern), missing, at) {
            self.sources.open(&source);
            self.file(&source);
            self.sources.close();
        }
    }

    fn format(&mut self, text: String, name: Option<String>, at: Place) {
        let format = LogFormat { name, text, escape: Escape::Default, at: Some(at) };
        let defined = self.defined_here(format);
        let Some(name) = defined.format.name.clone() else {
            self.keep(defined, |host| &mut host.nameless);
            return;
        };
        let format = Arc::clone(&defined.format);
        if self.keep(defined, |host| host.formats.entry(name.to_ascii_lowercase()).or_default()) {
            self.formats.push(format);
        }
    }

    fn defined_here(&self, format: LogFormat) -> Defined {
        Defined { format: Arc::new(format), conditional: self.untested().is_some() }
    }

    fn keep(&mut self, defined: Defined, list: impl FnOnce(&mut Host) -> &mut Vec<Defined>) -> bool {
        let kept = self.count("formats", defined.format.at.as_ref());
        if kept {
            list(&mut self.hosts[self.host]).push(defined);
        }
        kept
    }

    fn log(
        &mut self,
        kind: Kind,
        target: &str,
        format: Option<String>,
        condition: Option<Arc<str>>,
        global: bool,
        at: &Place,
    ) {
        let section = self.untested();
        let is_macro = self.sections.iter().any(|section| section.name == "macro");
        let targets = match target {
            _ if target.starts_with('|') => pipe::targets(target),
            "syslog" => vec![Target::Syslog(target.into())],
            _ if target.starts_with("syslog:") => vec![Target::Syslog(target.into())],
            _ => {
                let holders = if is_macro { Holders::Variables } else { Holders::Braces };
                let path = self.absolute(target);
                if target.len() > limits::PATH || !self.sources.spend(path.len(), at) {
                    return self.sources.fault(at, Fault::TooLong);
                }
                vec![Target::File(LogPath::new(&path, holders))]
            }
        };
        for target in targets {
            let (format, condition, section) = (format.clone(), condition.clone(), section.clone());
            if self.count("logs", Some(at)) {
                let log = Declared { kind, target, format, global, condition, section, at: at.clone() };
                self.hosts[self.host].logs.push(log);
            }
        }
    }

    /// Counts logs and formats, whose number is bounded together.
    fn count(&mut self, what: &'static str, at: Option<&Place>) -> bool {
        self.declared += 1;
        if let Some(at) = at.filter(|_| self.declared == limits::ENTRIES) {
            self.sources.fault(at, Fault::TooMany(what));
        }
        self.declared < limits::ENTRIES
    }

    fn untested(&self) -> Option<Arc<str>> {
        self.sections.iter().rev().find_map(|section| match &section.content {
            Content::Untested(written) => Some(Arc::clone(written)),
            _ => None,
        })
    }

    /// A word with its variables put in; none, and a problem, when it is too long.
    fn value(&mut self, word: &Word, at: &Place) -> Option<String> {
        if !word.text.contains("${") && word.text.len() <= limits::WORD {
            return Some(word.text.clone());
        }
        let (defined, options) = (&self.defined, self.options);
        let lookup = |name: &str| match defined.get(name) {
            Some(value) => Some(value.as_deref().unwrap_or_default()),
            None => options.variables.get(name).map(String::as_str),
        };
        let mut unknown = Vec::new();
        let text = substitute(&word.text, limits::WORD, lookup, |name| unknown.push(name.to_owned()));
        for name in unknown {
            if self.unknown.len() < limits::PROBLEMS && self.unknown.insert(name.clone()) {
                self.sources.fault(at, Fault::UnknownVariable(name));
            }
        }
        if text.is_none() {
            self.sources.fault(at, Fault::TooLong);
        }
        text.filter(|text| self.sources.spend(text.len(), at))
    }

    /// A path against the server's root, unless it begins with a variable that may hold a whole path.
    fn absolute(&self, path: &str) -> String {
        match path.starts_with("${") {
            true => path.to_owned(),
            false => joined(&self.root, path),
        }
    }
}

fn joined(directory: &str, path: &str) -> String {
    Path::new(directory).join(path).to_string_lossy().into_owned()
}
