//! What the error logs of Apache httpd and nginx share: records of a kind of their own.

use super::fill::Fill;
use crate::{
    record::{Name, Value},
    schema::Kind,
};

/// The fields that no access log has, in order.
pub(super) const OTHERS: [(&str, Kind); 10] = [
    ("kind", Kind::Text),
    ("level", Kind::Text),
    ("module", Kind::Text),
    ("code", Kind::Text),
    ("pid", Kind::Int),
    ("tid", Kind::Int),
    ("connection", Kind::Int),
    ("client_port", Kind::Int),
    ("os_error", Kind::Text),
    ("message", Kind::Text),
];

/// The values of those fields.
#[derive(Clone, Copy, Default)]
pub(super) struct Error<'a> {
    pub(super) level: Option<&'a [u8]>,
    pub(super) module: Option<&'a [u8]>,
    pub(super) code: Option<&'a [u8]>,
    pub(super) pid: Option<i64>,
    pub(super) tid: Option<i64>,
    pub(super) connection: Option<i64>,
    pub(super) client_port: Option<i64>,
    pub(super) os_error: Option<&'a [u8]>,
    pub(super) message: &'a [u8],
}

impl<'a> Error<'a> {
    /// Adds them behind the fields of the schema.
    pub(super) fn end(&self, fill: &mut Fill<'_, 'a>) {
        fill.raw(Name::Other("kind"), Value::Plain(b"error"));
        let text = [("level", self.level), ("module", self.module), ("code", self.code)];
        text.into_iter().for_each(|(name, text)| fill.other(name, text.unwrap_or(b"-")));
        fill.other_int("pid", self.pid);
        fill.other_int("tid", self.tid);
        fill.other_int("connection", self.connection);
        fill.other_int("client_port", self.client_port);
        fill.other("os_error", self.os_error.unwrap_or(b"-"));
        fill.other("message", self.message);
    }
}
