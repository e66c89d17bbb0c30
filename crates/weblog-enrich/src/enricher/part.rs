//! What is told by one value of a record, and remembered.

use crate::{
    fields::FieldSet,
    fragment::{Fragment, Memo, Want},
};
use weblog_parse::Value;
use weblog_wire::text::{Scratch, text};

/// What is told by one value, or by some that belong together.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) memo: Memo,
    /// The fields it can fill and that are shown.
    pub(super) fields: FieldSet,
    /// Those that somebody wants.
    pub(super) want: Want,
    /// Whether there are any.
    pub(super) is_on: bool,
}

impl Part {
    /// A part that fills these fields, as far as they are `shown`, or `needed` by another part.
    pub(super) fn new(fields: FieldSet, shown: FieldSet, needed: FieldSet, most: usize) -> Self {
        Part {
            memo: Memo::new(most),
            fields: fields.only(shown),
            want: Want { shown, needed },
            is_on: fields.has_any(shown.and(needed)),
        }
    }

    /// The number of the fragment of a value. Plain bytes are their own text: only a new one is read as such.
    #[inline]
    pub(super) fn look_up(
        &mut self,
        value: Value<'_>,
        room: &mut Scratch,
        make: impl FnOnce(Want, &str) -> Fragment,
    ) -> usize {
        let Part { memo, want, .. } = self;
        match value {
            Value::Plain(plain) => memo.find(plain, || make(*want, text(value, room))),
            other => {
                let text = text(other, room);
                memo.find(text.as_bytes(), || make(*want, text))
            }
        }
    }
}
