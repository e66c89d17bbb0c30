//! Apache httpd: directives, sections, includes and variables.

mod hosts;
mod lines;
mod pipe;
mod sections;

use super::{
    Escape, Fault, Kind, LogFile, LogFormat, LogPath, Options, Place, Target, limits,
    path::Holders,
    sources::{Missing, Source, Sources},
    variables::substitute,
};
use hosts::{Declared, Defined, Host};
use lines::{Line, Lines, Word, words};
use sections::Section;
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
                if target.len() > limits::PATH {
                    return self.sources.fault(at, Fault::TooLong);
                }
                if self.sources.is_exhausted() {
                    return;
                }
                let path = self.absolute(target);
                if !self.sources.spend(path.len(), at) {
                    return;
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

    /// A word with its variables put in; none, and a problem, when it is too long.
    fn value(&mut self, word: &Word, at: &Place) -> Option<String> {
        if !word.text.contains("${") && word.text.len() <= limits::WORD {
            return Some(word.text.clone());
        }
        if self.sources.is_exhausted() {
            return None;
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
        // What became too long was work too.
        let spent = self.sources.spend(text.as_ref().map_or(limits::WORD, String::len), at);
        text.filter(|_| spent)
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
