//! nginx: blocks, includes, and what of the outer levels holds in the inner ones.

mod levels;
mod words;

use super::{
    Escape, Fault, Kind, LogFile, LogFormat, LogPath, Options, Place, Target, limits,
    path::Holders,
    sources::{Missing, Source, Sources},
};
use levels::{Frame, Level};
use std::{collections::HashMap, path::Path, sync::Arc};
use words::{Item, Word, Words};

/// The format that every nginx has.
const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                        \"$http_referer\" \"$http_user_agent\"";

/// Reads a main file and what it includes.
pub(super) fn read(
    sources: &mut Sources<'_>,
    main: Source,
    options: &Options,
) -> (Vec<LogFile>, Vec<Arc<LogFormat>>) {
    let directory = main.path.parent().unwrap_or(Path::new("")).to_owned();
    let above = directory.parent().filter(|_| directory.ends_with("conf"));
    let prefix = options.root.as_deref().or(above).map(Path::to_owned);
    let outer = Frame::new(Level::Main, main.place(1, 1));
    let mut reader = Reader {
        sources,
        directory: directory.to_string_lossy().into_owned(),
        prefix: prefix.map(|path| path.to_string_lossy().into_owned()),
        frames: vec![outer],
        logs: Vec::new(),
        formats: Vec::new(),
        wanted: Vec::new(),
        has_access: false,
    };
    reader.file(&main);
    reader.close();
    reader.resolve();
    (reader.logs, reader.formats)
}

struct Reader<'s, 'f> {
    sources: &'s mut Sources<'f>,
    /// The directory of the main file, to which includes are relative.
    directory: String,
    /// The directory to which logs are relative, if it is known.
    prefix: Option<String>,
    frames: Vec<Frame>,
    logs: Vec<LogFile>,
    formats: Vec<Arc<LogFormat>>,
    /// The format name of each access log.
    wanted: Vec<(usize, String)>,
    has_access: bool,
}

impl Reader<'_, '_> {
    fn file(&mut self, source: &Source) {
        let outside = self.frames.len();
        let mut words = Words::new(&source.bytes);
        // How many blocks are open that say nothing about logs.
        let mut other = 0_usize;
        while let Some(item) = words.next() {
            self.report(&mut words, source);
            match item {
                Item::Directive(_) if other > 0 => {}
                Item::Directive(line) => self.directive(&line, source),
                Item::Block(line) if line[0].text.ends_with("_by_lua_block") => words.pass_over_lua(),
                Item::Block(line) if other > 0 || !self.enter(&line, source) => other += 1,
                Item::Block(_) => {}
                Item::End(..) if other > 0 => other -= 1,
                Item::End(..) if self.frames.len() > outside => self.close(),
                Item::End(line, column) => {
                    self.sources.fault(&source.place(line, column), Fault::Unexpected('}'));
                }
            }
        }
        self.report(&mut words, source);
        while self.frames.len() > outside {
            let at = self.frames.last().map(|frame| frame.at.clone());
            self.sources.fault(&at.unwrap_or(source.place(1, 1)), Fault::NotClosed("{".into()));
            self.close();
        }
    }

    fn report(&mut self, words: &mut Words<'_>, source: &Source) {
        for (line, column, fault) in words.faults.drain(..) {
            self.sources.fault(&source.place(line, column), fault);
        }
    }

    /// Opens a block; false for one that says nothing about logs.
    fn enter(&mut self, line: &[Word], source: &Source) -> bool {
        let at = source.place(line[0].line, line[0].column);
        let level = match line[0].text.as_str() {
            "http" => Level::Http,
            "server" => Level::Server,
            "location" | "if" | "limit_except" => Level::Location,
            _ => return false,
        };
        if self.frames.len() >= limits::BLOCKS {
            self.sources.fault(&at, Fault::TooDeep);
            return false;
        }
        if level == Level::Server && !self.sources.spend_name(&at) {
            return false;
        }
        self.frames.push(Frame::new(level, at));
        true
    }

    fn directive(&mut self, line: &[Word], source: &Source) {
        let at = source.place(line[0].line, line[0].column);
        let args: Vec<&str> = line[1..].iter().map(|word| word.text.as_str()).collect();
        match (line[0].text.as_str(), &args[..]) {
            ("include" | "access_log" | "error_log" | "log_format", []) | ("log_format", [_]) => {
                self.sources.fault(&at, Fault::MissingArgument(line[0].text.clone()))
            }
            ("include", [pattern, ..]) => self.include(pattern, &at),
            ("log_format", [name, strings @ ..]) => self.format(name, strings, at),
            // Being there is enough to replace what is inherited.
            ("access_log", ["off", ..]) => _ = self.frame(Kind::Access),
            ("access_log", [path, args @ ..]) => {
                let name = args.first().unwrap_or(&"combined");
                let condition = args.iter().find(|arg| arg.starts_with("if="));
                self.log(Kind::Access, path, Some(name), condition.copied(), at);
            }
            ("error_log", [path, ..]) => self.log(Kind::Error, path, None, None, at),
            ("server_name", names) => self.site(|site| &mut site.names, names, &at),
            ("listen", [address, ..]) => self.site(|site| &mut site.listen, &[address], &at),
            _ => {}
        }
    }

    fn include(&mut self, pattern: &str, at: &Place) {
        let is_pattern = pattern.contains(['*', '?', '[']);
        let missing = if is_pattern { Missing::IsFine } else { Missing::IsProblem };
        for source in self.sources.include(&joined(&self.directory, pattern), missing, at) {
            self.sources.open(&source);
            self.file(&source);
            self.sources.close();
        }
    }

    fn format(&mut self, name: &str, strings: &[&str], at: Place) {
        let (escape, strings) = match strings[0].strip_prefix("escape=") {
            Some("default") => (Escape::Default, &strings[1..]),
            Some("json") => (Escape::Json, &strings[1..]),
            Some("none") => (Escape::None, &strings[1..]),
            Some(_) => {
                self.sources.fault(&at, Fault::BadArgument(strings[0].into()));
                (Escape::Default, &strings[1..])
            }
            None => (Escape::Default, strings),
        };
        if strings.is_empty() {
            return self.sources.fault(&at, Fault::MissingArgument("log_format".into()));
        }
        if self.formats.len() >= limits::ENTRIES {
            return self.sources.fault(&at, Fault::TooMany("formats"));
        }
        let format = LogFormat { name: Some(name.into()), text: strings.concat(), escape, at: Some(at) };
        self.formats.push(Arc::new(format));
    }

    fn log(&mut self, kind: Kind, path: &str, format: Option<&str>, condition: Option<&str>, at: Place) {
        if let Some(index) = self.push(kind, path, format, condition, at) {
            self.frame(kind).declared(kind).logs.push(index);
        }
    }

    /// Adds a log that no server writes yet, and gives its index.
    fn push(
        &mut self,
        kind: Kind,
        path: &str,
        format: Option<&str>,
        condition: Option<&str>,
        at: Place,
    ) -> Option<usize> {
        let fault = match () {
            () if self.logs.len() >= limits::ENTRIES => Some(Fault::TooMany("logs")),
            () if path.len() > limits::PATH => Some(Fault::TooLong),
            () => None,
        };
        if let Some(fault) = fault {
            self.sources.fault(&at, fault);
            return None;
        }
        let index = self.logs.len();
        self.has_access |= kind == Kind::Access;
        self.wanted.extend(format.map(|name| (index, name.to_owned())));
        let (target, condition, servers) = (self.target(path), condition.map(Arc::from), [].into());
        self.logs.push(LogFile { target, kind, format: None, servers, condition, section: None, at });
        Some(index)
    }

    fn target(&self, path: &str) -> Target {
        if path.starts_with("syslog:") {
            return Target::Syslog(path.into());
        }
        if path == "stderr" || path.starts_with("memory:") {
            return Target::Other(path.into());
        }
        // A variable may hold an absolute path.
        let path = match &self.prefix {
            Some(prefix) if !path.starts_with('$') => &joined(prefix, path),
            _ => path,
        };
        Target::File(LogPath::new(path, Holders::Variables))
    }

    /// Gives every access log its format. nginx compares names without regard to case.
    fn resolve(&mut self) {
        let combined = LogFormat {
            name: Some("combined".into()),
            text: COMBINED.into(),
            escape: Escape::Default,
            at: None,
        };
        let mut by_name = HashMap::from([("combined".to_owned(), Arc::new(combined))]);
        for format in &self.formats {
            let name = format.name.as_deref().unwrap_or_default();
            let known = by_name.entry(name.to_ascii_lowercase()).or_insert_with(|| Arc::clone(format));
            if let Some(at) = format.at.as_ref().filter(|_| !Arc::ptr_eq(known, format)) {
                self.sources.fault(at, Fault::DuplicateFormat(name.into()));
            }
        }
        for (index, name) in std::mem::take(&mut self.wanted) {
            let Some(log) = self.logs.get_mut(index) else { continue };
            log.format = by_name.get(&name.to_ascii_lowercase()).cloned();
            if log.format.is_none() {
                self.sources.fault(&log.at, Fault::UnknownFormat(name));
            }
        }
    }
}

fn joined(directory: &str, path: &str) -> String {
    Path::new(directory).join(path).to_string_lossy().into_owned()
}
