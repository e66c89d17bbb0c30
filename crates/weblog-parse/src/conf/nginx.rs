//! nginx: blocks, includes, and what of the outer levels holds in the inner ones.

mod words;

use super::{
    Escape, Fault, Kind, LogFile, LogFormat, LogPath, Options, Place, Site, Target, limits,
    path::Holders,
    sources::{Missing, Source, Sources},
};
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
}

/// A block that is open.
struct Frame {
    level: Level,
    at: Place,
    site: Site,
    access: Declared,
    error: Declared,
}

/// The logs of one kind at one level.
#[derive(Default)]
struct Declared {
    /// Whether the level has a directive of its own, which replaces what is inherited.
    own: bool,
    /// The logs that stand here or in locations of it, as indexes.
    logs: Vec<usize>,
    /// The servers that have no directive of their own and inherit from here.
    heirs: Vec<Arc<Site>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Outside every block.
    Main,
    Http,
    Server,
    /// `location`, `if`, `limit_except`.
    Location,
}

impl Frame {
    fn new(level: Level, at: Place) -> Self {
        Frame { level, at, site: Site::default(), access: Declared::default(), error: Declared::default() }
    }

    fn declared(&mut self, kind: Kind) -> &mut Declared {
        match kind {
            Kind::Access => &mut self.access,
            Kind::Error => &mut self.error,
        }
    }
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
            ("access_log", ["off", ..]) => self.frame(Kind::Access).declared(Kind::Access).own = true,
            ("access_log", [path, args @ ..]) => {
                let name = args.first().unwrap_or(&"combined");
                let condition = args.iter().find(|arg| arg.starts_with("if="));
                let index = self.logs.len();
                self.log(Kind::Access, path, condition.map(|text| Arc::from(*text)), at);
                if self.logs.len() > index {
                    self.wanted.push((index, (*name).to_owned()));
                }
            }
            ("error_log", [path, ..]) => self.log(Kind::Error, path, None, at),
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

    fn log(&mut self, kind: Kind, path: &str, condition: Option<Arc<str>>, at: Place) {
        if self.logs.len() >= limits::ENTRIES {
            return self.sources.fault(&at, Fault::TooMany("logs"));
        }
        if path.len() > limits::PATH {
            return self.sources.fault(&at, Fault::TooLong);
        }
        let target = match path {
            _ if path.starts_with("syslog:") => Target::Syslog(path.into()),
            "stderr" => Target::Other(path.into()),
            _ if path.starts_with("memory:") => Target::Other(path.into()),
            // A variable may hold an absolute path.
            _ if path.starts_with('$') => Target::File(LogPath::new(path, Holders::Variables)),
            _ => {
                let text = self.prefix.as_ref().map_or(path.to_owned(), |prefix| joined(prefix, path));
                Target::File(LogPath::new(&text, Holders::Variables))
            }
        };
        let index = self.logs.len();
        let servers = [].into();
        self.logs.push(LogFile { target, kind, format: None, servers, condition, section: None, at });
        self.frame(kind).declared(kind).logs.push(index);
    }

    /// The innermost block that keeps logs: that of a location are its server's. Standing directly in
    /// the block, a directive replaces what the block would inherit.
    fn frame(&mut self, kind: Kind) -> &mut Frame {
        let last = self.frames.len() - 1;
        let at = self.frames.iter().rposition(|frame| frame.level != Level::Location).unwrap_or(0);
        let frame = &mut self.frames[at];
        if at == last {
            frame.declared(kind).own = true;
        }
        frame
    }

    fn site(&mut self, part: fn(&mut Site) -> &mut Vec<String>, words: &[&str], at: &Place) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.level == Level::Server) {
            let kept = words.iter().take_while(|_| self.sources.spend_name(at));
            part(&mut frame.site).extend(kept.map(|word| (*word).to_owned()));
        }
    }

    fn close(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        let site = Arc::new(std::mem::take(&mut frame.site));
        for kind in [Kind::Access, Kind::Error] {
            let declared = std::mem::take(frame.declared(kind));
            let servers: Arc<[_]> = match frame.level {
                Level::Server => [Arc::clone(&site)].into(),
                _ => declared.heirs.into(),
            };
            for index in declared.logs {
                self.logs[index].servers = Arc::clone(&servers);
            }
            match (frame.level, kind) {
                (Level::Server, _) if !declared.own => self.inherit(kind, &site),
                (Level::Http, Kind::Access)
                    if !declared.own && (!servers.is_empty() || !self.has_access()) =>
                {
                    self.default_log(&servers, &frame.at);
                }
                _ => {}
            }
        }
    }

    fn has_access(&self) -> bool {
        self.logs.iter().any(|log| log.kind == Kind::Access)
    }

    /// A server without logs of a kind has those of the next level that has some.
    fn inherit(&mut self, kind: Kind, site: &Arc<Site>) {
        let from = self.frames.iter_mut().rev().find_map(|frame| {
            let is_last = frame.level == Level::Main || (frame.level == Level::Http && kind == Kind::Access);
            let declared = frame.declared(kind);
            (is_last || declared.own).then_some(declared)
        });
        if let Some(declared) = from {
            declared.heirs.push(Arc::clone(site));
        }
    }

    /// What nginx writes when nothing says otherwise.
    fn default_log(&mut self, servers: &Arc<[Arc<Site>]>, at: &Place) {
        self.wanted.push((self.logs.len(), "combined".into()));
        let path =
            self.prefix.as_ref().map_or("logs/access.log".into(), |prefix| joined(prefix, "logs/access.log"));
        self.logs.push(LogFile {
            target: Target::File(LogPath::new(&path, Holders::Variables)),
            kind: Kind::Access,
            format: None,
            servers: Arc::clone(servers),
            condition: None,
            section: None,
            at: at.clone(),
        });
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
