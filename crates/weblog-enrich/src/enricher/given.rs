//! The values of a record that are looked into.

use super::part::Part;
use crate::agent::{HintKind, Hints, parse_with_hints};
use weblog_parse::{Field, Name, Record, Value};
use weblog_wire::text::{Scratch, number, text};

/// The values of a record that tell something.
#[derive(Default)]
pub(super) struct Given<'r> {
    pub(super) remote_addr: Option<Value<'r>>,
    pub(super) client_addr: Option<Value<'r>>,
    pub(super) forwarded_for: Option<Value<'r>>,
    /// RFC 7239's header.
    pub(super) forwarded: Option<Value<'r>>,
    pub(super) user_agent: Option<Value<'r>>,
    pub(super) hints: GivenHints<'r>,
    pub(super) referer: Option<Value<'r>>,
    pub(super) vhost: Option<Value<'r>>,
    pub(super) method: Option<Value<'r>>,
    pub(super) target: Option<Value<'r>>,
    pub(super) path: Option<Value<'r>>,
    pub(super) query: Option<Value<'r>>,
    /// The request was answered with what was asked for.
    pub(super) is_done: bool,
    /// There is a field that may have been added by an enrichment.
    pub(super) is_enriched: bool,
}

impl<'r> Given<'r> {
    #[inline]
    pub(super) fn of(record: &Record<'r>) -> Self {
        let mut given = Given::default();
        for (name, value) in record.fields() {
            let slot = match name {
                Name::Known(Field::RemoteAddr) => &mut given.remote_addr,
                Name::Known(Field::Method) => &mut given.method,
                Name::Known(Field::Target) => &mut given.target,
                Name::Known(Field::Path) => &mut given.path,
                Name::Known(Field::Query) => &mut given.query,
                Name::Known(Field::Referer) => &mut given.referer,
                Name::Known(Field::UserAgent) => &mut given.user_agent,
                Name::Known(Field::Vhost) => &mut given.vhost,
                Name::Known(Field::ForwardedFor) => &mut given.forwarded_for,
                Name::Known(Field::ClientAddr) => {
                    given.is_enriched = true;
                    &mut given.client_addr
                }
                Name::Known(Field::Status) => {
                    given.is_done = number(*value).is_some_and(|status| matches!(status, 200..=399));
                    continue;
                }
                Name::Known(field) => {
                    given.is_enriched |= *field > Field::ClientAddr;
                    continue;
                }
                Name::Other("forwarded" | "http_forwarded") => &mut given.forwarded,
                Name::Other(name) => {
                    given.hints.take(name, *value);
                    continue;
                }
            };
            *slot = Some(*value);
        }
        given
    }
}

/// Client hints that were logged.
#[derive(Default)]
pub(super) struct GivenHints<'r> {
    all: Vec<(HintKind, Value<'r>)>,
}

impl<'r> GivenHints<'r> {
    fn take(&mut self, name: &str, value: Value<'r>) {
        // All their names have a `ch` before the end, or are long; few others do.
        if let Some(kind) = Hints::field(name) {
            self.all.push((kind, value));
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The number of the fragment of an agent with these hints.
    pub(super) fn look_up(
        &self,
        part: &mut Part,
        agent: &str,
        room: &mut Scratch,
        key: &mut Vec<u8>,
    ) -> usize {
        let texts: Vec<(HintKind, String)> =
            self.all.iter().map(|(kind, value)| (*kind, text(*value, room).to_owned())).collect();
        key.clear();
        key.extend_from_slice(agent.as_bytes());
        let mut hints = Hints::default();
        for (kind, text) in &texts {
            hints.set(*kind, text);
            key.extend_from_slice(&[b'\n', *kind as u8]);
            key.extend_from_slice(text.as_bytes());
        }
        part.memo.find(key, || super::made::agent(part.want, &parse_with_hints(agent, &hints)))
    }
}
