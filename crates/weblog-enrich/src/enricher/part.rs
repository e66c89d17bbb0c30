//! What is told by one value of a record, and remembered.

use crate::{
    fields::FieldSet,
    fragment::{Fragment, Memo},
};
use weblog_parse::Value;
use weblog_wire::text::{Scratch, text};

/// What is told by one value, or by some that belong together.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) memo: Memo,
    /// The fields it can fill.
    pub(super) fields: FieldSet,
    /// Those that somebody wants.
    pub(super) wanted: FieldSet,
    /// Whether there are any.
    pub(super) is_on: bool,
}

impl Part {
    pub(super) fn new(fields: FieldSet, wanted: FieldSet, most: usize) -> Self {
        Part { memo: Memo::new(most), fields, wanted, is_on: wanted.has_any(fields) }
    }

    /// The number of the fragment of a value. Plain bytes are their own text: only a new one is read as such.
    #[inline]
    pub(super) fn look_up(
        &mut self,
        value: Value<'_>,
        room: &mut Scratch,
        make: impl FnOnce(FieldSet, &str) -> Fragment,
    ) -> usize {
        let Part { memo, wanted, .. } = self;
        match value {
            Value::Plain(plain) => memo.find(plain, || make(*wanted, text(value, room))),
            other => {
                let text = text(other, room);
                memo.find(text.as_bytes(), || make(*wanted, text))
            }
        }
    }
}
