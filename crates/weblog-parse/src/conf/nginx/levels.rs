//! The levels of nginx's configuration: what holds in which server.

use super::Reader;
use crate::conf::{Kind, Place, Site};
use std::sync::Arc;

/// A block that is open.
pub(super) struct Frame {
    pub(super) level: Level,
    pub(super) at: Place,
    pub(super) site: Site,
    access: Declared,
    error: Declared,
}

/// The logs of one kind at one level.
#[derive(Default)]
pub(super) struct Declared {
    /// Whether the level has a directive of its own, which replaces what is inherited.
    pub(super) own: bool,
    /// The logs that stand here or in locations of it, as indexes.
    pub(super) logs: Vec<usize>,
    /// The servers that have no directive of their own and inherit from here.
    heirs: Vec<Arc<Site>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Outside every block.
    Main,
    Http,
    Server,
    /// `location`, `if`, `limit_except`.
    Location,
}

impl Frame {
    pub(super) fn new(level: Level, at: Place) -> Self {
        Frame { level, at, site: Site::default(), access: Declared::default(), error: Declared::default() }
    }

    pub(super) fn declared(&mut self, kind: Kind) -> &mut Declared {
        match kind {
            Kind::Access => &mut self.access,
            Kind::Error => &mut self.error,
        }
    }
}

impl Reader<'_, '_> {
    /// The innermost block that keeps logs: that of a location are its server's. Standing directly in
    /// the block, a directive replaces what the block would inherit.
    pub(super) fn frame(&mut self, kind: Kind) -> &mut Frame {
        let last = self.frames.len() - 1;
        let at = self.frames.iter().rposition(|frame| frame.level != Level::Location).unwrap_or(0);
        let frame = &mut self.frames[at];
        if at == last {
            frame.declared(kind).own = true;
        }
        frame
    }

    pub(super) fn site(&mut self, part: fn(&mut Site) -> &mut Vec<String>, words: &[&str], at: &Place) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.level == Level::Server) {
            let kept = words.iter().take_while(|_| self.sources.spend_name(at));
            part(&mut frame.site).extend(kept.map(|word| (*word).to_owned()));
        }
    }

    pub(super) fn close(&mut self) {
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
                (Level::Http, Kind::Access) if !declared.own && (!servers.is_empty() || !self.has_access) => {
                    self.default_log(&servers, &frame.at);
                }
                _ => {}
            }
        }
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
        if let Some(index) = self.push(Kind::Access, "logs/access.log", Some("combined"), None, at.clone()) {
            self.logs[index].servers = Arc::clone(servers);
        }
    }
}
