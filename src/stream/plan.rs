//! Where each input of a dataset is to be read from.

use super::reader::Headers;
use std::path::Path;
use weblog_io::{Head, Input, head};
use weblog_store::identity::{Identities, Position};

/// What is to be read now.
pub(super) struct Plan {
    /// For each input how far it was taken in; none for a pipe, which has no identity.
    pub(super) positions: Vec<Option<Position>>,
    /// Inputs that begin as another one does, which may be the same log: they are read after it.
    pub(super) waiting: Vec<usize>,
}

/// Looks at the heads of all inputs, or of those at these positions, and has them read from where the
/// dataset has them. The others are left out.
pub(super) fn plan(input: &mut Input, only: Option<&[usize]>, known: &Identities, headers: &Headers) -> Plan {
    let count = input.sources().len();
    let mut plan = Plan { positions: vec![None; count], waiting: Vec::new() };
    let mut heads: Vec<(usize, Head)> = Vec::new();
    for at in 0..count {
        if only.is_some_and(|only| !only.contains(&at)) {
            input.leave_out(at);
            continue;
        }
        // What cannot be opened is reported when its turn comes.
        let path = path_of(input, at);
        if let Some(head) = path.and_then(|path| head(&path).ok().flatten()) {
            heads.push((at, head));
        }
    }
    // The same log may be there twice, while it is compressed or copied. The longer one is read first.
    for (at, head) in &heads {
        let is_same = |(other_at, other): &&(usize, Head)| {
            let begins = other.bytes.starts_with(&head.bytes) && !head.bytes.is_empty();
            let rank = |at: usize, head: &Head| {
                (head.bytes.len(), !head.is_compressed, head.file.size(), usize::MAX - at)
            };
            other_at != at && begins && rank(*other_at, other) > rank(*at, head)
        };
        if heads.iter().any(|other| is_same(&other)) {
            plan.waiting.push(*at);
            input.leave_out(*at);
        } else if head.bytes.is_empty() {
            input.start_at(*at, 0, head.file);
        } else {
            let position = known.find(&head.bytes);
            if position.offset > 0 {
                headers.know(*at, &head.bytes);
            }
            input.start_at(*at, position.offset, head.file);
            plan.positions[*at] = Some(position);
        }
    }
    plan
}

/// The path of an input that may be a regular file. Standard input is one if it was not begun to be read.
fn path_of(input: &Input, at: usize) -> Option<std::path::PathBuf> {
    let source = &input.sources()[at];
    match &source.path {
        Some(path) => Some(path.clone()),
        None => (source.size.is_some() && weblog_io::stdin_is_at_start())
            .then(|| Path::new("/dev/stdin").to_owned()),
    }
}
