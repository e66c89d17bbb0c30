//! Where each input of a dataset is to be read from.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};
use weblog_io::{FileId, Head, Input, WHOLE_HEAD, head};
use weblog_store::identity::{Beginnings, Identities, Position};

/// What is to be read now.
pub(super) struct Plan {
    /// For each input how far it was taken in; none for one that is not read now, and for a pipe, which
    /// has no identity.
    pub(super) positions: Vec<Option<Position>>,
    /// Inputs that begin as another one does, which may be the same log: they are read after it.
    pub(super) waiting: Vec<usize>,
    /// There is an input without an identity.
    pub(super) is_stream: bool,
}

/// Of each head so many bytes are kept, to find those that may begin alike.
const KEPT: usize = 1 << 10;

/// A file among the inputs. Its head is not kept: there may be thousands.
struct Begun {
    at: usize,
    /// The first bytes of the head.
    kept: Vec<u8>,
    length: usize,
    hash: String,
    is_compressed: bool,
    file: FileId,
    position: Position,
}

/// Looks at the heads of all inputs, or of those at these positions, and has them read from where the
/// dataset has them. The others are left out.
pub(super) fn plan(input: &mut Input, only: Option<&[usize]>, known: &Identities) -> Plan {
    let count = input.sources().len();
    let mut plan = Plan { positions: vec![None; count], waiting: Vec::new(), is_stream: false };
    let mut begun: Vec<Begun> = Vec::new();
    for at in 0..count {
        if only.is_some_and(|only| !only.contains(&at)) {
            input.leave_out(at);
            continue;
        }
        match path_of(input, at).map(|path| head(&path)) {
            // What is written into it from now on is for the next run.
            Some(Ok(Some(head))) if !has_line(&head) => {
                input.leave_unfinished_line(at, head.bytes.len() as u64);
            }
            Some(Ok(Some(head))) if head.bytes.is_empty() => input.start_at(at, 0, head.file),
            Some(Ok(Some(head))) => {
                begun.push(Begun::of(at, &head, known));
            }
            // It may be there when its turn comes, and would be read without being known.
            Some(Err(error)) if input.sources()[at].path.is_some() => input.cannot_open(at, error),
            Some(Ok(None) | Err(_)) | None => plan.is_stream = true,
        }
    }
    begun.sort_by(|a, b| a.kept.cmp(&b.kept));
    let mut rest = &begun[..];
    while let [first, ..] = rest {
        // In this order whatever begins with the first one follows it.
        let (group, others) =
            rest.split_at(rest.partition_point(|begun| begun.kept.starts_with(&first.kept)));
        rest = others;
        for (begun, other) in group.iter().zip(others_of(input, group)) {
            match other {
                Other::None => {
                    input.start_at(begun.at, begun.position.offset, begun.file);
                    plan.positions[begun.at] = Some(begun.position.clone());
                }
                Other::Holds => input.leave_out(begun.at),
                Other::BeginsAlike => {
                    input.leave_out(begun.at);
                    plan.waiting.push(begun.at);
                }
            }
        }
    }
    plan.waiting.sort_unstable();
    plan
}

impl Begun {
    fn of(at: usize, head: &Head, known: &Identities) -> Begun {
        let Head { bytes, is_compressed, file } = head;
        Begun {
            at,
            kept: bytes[..bytes.len().min(KEPT)].to_vec(),
            length: bytes.len(),
            hash: Beginnings::of(bytes).hash(bytes.len()),
            is_compressed: *is_compressed,
            file: *file,
            position: known.find(bytes),
        }
    }

    fn beginning(&self) -> Beginning {
        (self.length, self.hash.clone())
    }

    /// Of inputs with the same head the greatest is read first: it is most likely to be whole.
    fn rank(&self) -> impl Ord + use<> {
        (!self.is_compressed, self.file.size(), usize::MAX - self.at)
    }
}

/// The length of the beginning of a file, and its hash.
type Beginning = (usize, String);

/// What another input has of one. The same log may be there twice, while it is compressed or copied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    /// None of it.
    None,
    /// All of it.
    Holds,
    /// The same head at least.
    BeginsAlike,
}

/// What others of a group have of each one of it.
fn others_of(input: &Input, group: &[Begun]) -> Vec<Other> {
    if group.len() == 1 {
        return vec![Other::None];
    }
    let mut first: HashMap<Beginning, &Begun> = HashMap::new();
    for begun in group {
        let leader = first.entry(begun.beginning()).or_insert(begun);
        if begun.rank() > leader.rank() {
            *leader = begun;
        }
    }
    // A head that is not whole is all of its file.
    let mut lengths: Vec<usize> =
        first.keys().map(|(length, _)| *length).filter(|length| *length < WHOLE_HEAD).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut held: HashSet<Beginning> = HashSet::new();
    for leader in first.values().filter(|leader| lengths.first().is_some_and(|least| *least < leader.length))
    {
        let Some(Ok(Some(head))) = path_of(input, leader.at).map(|path| head(&path)) else { continue };
        let bytes = &head.bytes[..head.bytes.len().min(leader.length)];
        let mut beginnings = Beginnings::of(bytes);
        let shorter = lengths.iter().take_while(|length| **length < bytes.len());
        let found = shorter.map(|length| (*length, beginnings.hash(*length)));
        held.extend(found.filter(|beginning| first.contains_key(beginning)));
    }
    let other = |begun: &Begun| {
        let beginning = begun.beginning();
        match (first[&beginning].at == begun.at, begun.length < WHOLE_HEAD) {
            _ if held.contains(&beginning) => Other::Holds,
            (true, _) => Other::None,
            (false, true) => Other::Holds,
            (false, false) => Other::BeginsAlike,
        }
    };
    group.iter().map(other).collect()
}

/// Whether there is something to take in. What is compressed grows by more than a line, if at all.
fn has_line(head: &Head) -> bool {
    head.is_compressed
        || head.bytes.len() == WHOLE_HEAD
        || head.bytes.iter().any(|byte| b"\r\n".contains(byte))
}

/// The path of an input that may be a regular file. Standard input is one if it was not begun to be read.
fn path_of(input: &Input, at: usize) -> Option<PathBuf> {
    let source = &input.sources()[at];
    match &source.path {
        Some(path) => Some(path.clone()),
        None => (source.size.is_some() && weblog_io::stdin_is_at_start())
            .then(|| Path::new("/dev/stdin").to_owned()),
    }
}
