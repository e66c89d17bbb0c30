//! Sections: which of their contents are taken, and for which host.

use super::{
    Host, Reader,
    lines::{Line, words},
};
use crate::conf::{Fault, Place, limits, sources::Source};
use std::sync::Arc;

/// A section that is open.
pub(super) struct Section {
    /// Its name in lower case.
    pub(super) name: String,
    pub(super) at: Place,
    content: Content,
    /// The host to which its end returns.
    host: usize,
}

/// What is done with the content of a section.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Content {
    Taken,
    /// Taken, though the condition, as written, was not tested.
    Untested(Arc<str>),
    PassedOver,
    /// Code in another language: lines are no directives.
    Code,
}

impl Reader<'_, '_> {
    pub(super) fn is_passed_over(&self) -> bool {
        self.sections.iter().any(|section| matches!(section.content, Content::PassedOver | Content::Code))
    }

    /// `<Name argument>` or `</Name>`. A file closes only what it opened: `outside` sections were before.
    pub(super) fn section(&mut self, line: &Line, start: usize, source: &Source, outside: usize) {
        let (number, column) = line.position(start);
        let at = source.place(number, column);
        let text = String::from_utf8_lossy(line.text[start + 1..].trim_ascii_end()).into_owned();
        let text = text.strip_suffix('>').unwrap_or(&text).trim();
        let (name, argument) = text.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((text, ""));
        let lower = name.to_ascii_lowercase();
        let code = self.sections.last().filter(|section| section.content == Content::Code);
        if code.is_some_and(|code| lower.strip_prefix('/') != Some(&code.name)) {
            return;
        }
        match lower.strip_prefix('/') {
            Some(closed) => {
                let open = self.sections[outside..].iter().rposition(|section| section.name == closed);
                match open {
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
            None => self.enter(name, argument.trim(), at),
        }
    }

    fn enter(&mut self, written: &str, argument: &str, at: Place) {
        // What is nested deeper than any server's cannot be kept, so its end will close nothing.
        if self.sections.len() >= limits::BLOCKS {
            return self.sources.fault(&at, Fault::TooDeep);
        }
        if argument.len() > limits::WORD {
            return self.sources.fault(&at, Fault::TooLong);
        }
        let name = written.to_ascii_lowercase();
        let written = || format!("<{written} {argument}>").into();
        let mut host = self.host;
        let content = match name.as_str() {
            "ifdefine" => self.if_defined(argument, written),
            "perl" | "lua" => Content::Code,
            "macro" => Content::Untested(written()),
            _ if name.starts_with("if") || name == "else" || name == "elseif" => Content::Untested(written()),
            "virtualhost" if !self.is_passed_over() => {
                host = self.new_host(argument, &at).unwrap_or(host);
                Content::Taken
            }
            _ => Content::Taken,
        };
        self.sections.push(Section { name, at, content, host: self.host });
        self.host = host;
    }

    pub(super) fn leave(&mut self) {
        if let Some(section) = self.sections.pop() {
            self.host = section.host;
        }
    }

    /// What becomes of `<IfDefine name>` and `<IfDefine !name>`. A name of which nothing is known may
    /// come from the command line.
    fn if_defined(&self, argument: &str, written: impl Fn() -> Arc<str>) -> Content {
        let name = argument.trim_start_matches('!').trim();
        let is_defined = self.defined.contains_key(name) || self.options.defines.contains(name);
        match (is_defined, argument.starts_with('!')) {
            (false, _) => Content::Untested(written()),
            (true, false) => Content::Taken,
            (true, true) => Content::PassedOver,
        }
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

    pub(super) fn untested(&self) -> Option<Arc<str>> {
        self.sections.iter().rev().find_map(|section| match &section.content {
            Content::Untested(written) => Some(Arc::clone(written)),
            _ => None,
        })
    }
}
