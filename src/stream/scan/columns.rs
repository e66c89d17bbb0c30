//! Which columns raw logs have, as their first lines tell.

use crate::{
    formats::Reading,
    options::{AccountArgs, InputArgs},
    stream::reader::{Reader, first_columns},
};
use std::{collections::BTreeSet, path::Path};
use weblog_io::{Above, Input, RunOptions, Stop, head};
use weblog_parse::Field;
use weblog_wire::Column;

/// Lines of a file that are looked at to learn its columns.
const LOOKED_AT: usize = 100;

/// The fields and other columns that the records of the inputs begin with.
pub(super) fn columns(
    opened: &mut Input,
    input: &InputArgs,
    account: &AccountArgs,
    stop: &Stop,
) -> (BTreeSet<usize>, Vec<String>) {
    let (mut fields, mut others): (BTreeSet<usize>, Vec<String>) = Default::default();
    let mut add = |column: &Column| match column {
        Column::Known(field) => {
            fields.insert(*field as usize);
        }
        Column::Other(name) if !others.contains(name) => others.push(name.clone()),
        Column::Other(_) => {}
    };
    let paths: Vec<_> = opened.sources().iter().filter_map(|source| source.path.clone()).collect();
    for path in paths {
        // What cannot be opened is reported when its turn comes.
        if let Ok(Some(head)) = head(&path) {
            head_columns(&path, &head.bytes, &input.read.reading(), &mut add);
        }
    }
    if opened.sources().first().is_some_and(|source| source.path.is_none()) {
        let options =
            RunOptions { line_limit: input.read.max_line, stop: Some(stop.clone()), ..RunOptions::default() };
        if let Some(columns) = first_columns(opened, &options, input.read.reading()) {
            columns.iter().for_each(&mut add);
        }
    }
    for field in [Field::RequestKind, Field::Extra] {
        add(&Column::Known(field));
    }
    if account.provenance {
        add(&Column::Known(Field::Source));
        add(&Column::Known(Field::Offset));
    }
    (fields, others)
}

/// The columns of the records in the first bytes of a file.
fn head_columns(path: &Path, head: &[u8], reading: &Reading, add: &mut impl FnMut(&Column)) {
    let mut reader = Reader::new(reading.clone());
    let lines = head.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut lines = lines.take(LOOKED_AT).peekable();
    reader.begin(
        &path.to_string_lossy().into(),
        &Above { first: lines.peek().map(|line| (*line).into()), ..Above::default() },
    );
    for line in lines {
        if let Some(columns) = reader.columns_of(line) {
            columns.iter().for_each(&mut *add);
        }
    }
}
