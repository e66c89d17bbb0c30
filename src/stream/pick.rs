//! What `filter` makes of a run over records.

use super::{Test, Wanted};
use weblog_filter::PathPattern;
use weblog_io::{InputLedger, Ledger};
use weblog_wire::{Column, visible::visible};

/// What is asked for.
pub struct Pick {
    /// Which records are meant.
    pub test: Test,
    /// What is made of them.
    pub emit: Emit,
    /// The names of the files that the output is divided into, and what is looked up for them.
    pub split: Option<(PathPattern, Option<Wanted>)>,
    /// Names that the expression and the names of files are made of.
    pub asked: Vec<Column>,
}

/// What is made of the records that are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    /// Records, in the form of the output.
    Records,
    /// The lines that they came from.
    Lines,
    /// How many there are.
    Count,
    /// Nothing: whether there is one.
    Nothing,
}

/// How many records are meant: of each input with its name when there are several, as grep counts.
pub(super) fn counted(ledger: &Ledger) -> String {
    match ledger.inputs.as_slice() {
        inputs @ [_, _, ..] => {
            let line = |input: &InputLedger| format!("{}:{}\n", visible(&input.source), input.counts.written);
            inputs.iter().map(line).collect()
        }
        _ => format!("{}\n", ledger.total.written),
    }
}
