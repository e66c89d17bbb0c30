//! The same lines come out however the input is read, cut and spread over threads.
#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use std::convert::Infallible;
use std::io::{self, Read};

use proptest::prelude::*;
use weblog_io::{Chunk, ChunkKind, Ended, Flow, Input, RunOptions, run};

/// Gives its bytes in reads of the given lengths, over and over.
struct Split {
    bytes: Vec<u8>,
    at: usize,
    lengths: Vec<usize>,
    turn: usize,
}

impl Read for Split {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let wanted = self.lengths[self.turn % self.lengths.len()];
        self.turn += 1;
        let n = wanted.min(out.len()).min(self.bytes.len() - self.at);
        out[..n].copy_from_slice(&self.bytes[self.at..][..n]);
        self.at += n;
        Ok(n)
    }
}

/// What a chunk holds, line by line or piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Line(usize, u64, Vec<u8>),
    Piece(usize, u64, Vec<u8>, bool, bool),
}

fn items(chunk: &Chunk, out: &mut Vec<Item>) {
    match chunk.kind {
        ChunkKind::Lines => {
            out.extend(chunk.lines().map(|(at, line)| Item::Line(chunk.source_index, at, line.to_vec())));
        }
        ChunkKind::TooLong { first, last } => {
            let bytes = chunk.bytes().to_vec();
            out.push(Item::Piece(chunk.source_index, chunk.offset, bytes, first, last));
        }
        ChunkKind::CutOff => panic!("no source here breaks off"),
    }
}

/// The same by the plainest means.
fn expected(sources: &[Vec<u8>], limit: usize) -> Vec<Item> {
    let mut out = Vec::new();
    for (index, bytes) in sources.iter().enumerate() {
        let head = &bytes[..bytes.len().min(limit + 1)];
        let delimiter = if !head.contains(&b'\n') && head.contains(&b'\r') { b'\r' } else { b'\n' };
        let mut offset = 0;
        for line in bytes.split_inclusive(|byte| *byte == delimiter) {
            let content = line.strip_suffix(&[delimiter]);
            let length = content.map_or(line.len(), <[u8]>::len);
            if length > limit {
                let mut at = 0;
                while at < line.len() {
                    let left = line.len() - at;
                    let last = left - usize::from(content.is_some()) <= limit;
                    let n = if last { left } else { limit };
                    let piece = line[at..at + n].to_vec();
                    out.push(Item::Piece(index, offset + at as u64, piece, at == 0, last));
                    at += n;
                }
            } else {
                let content = match content {
                    Some(content) if delimiter == b'\n' => content.strip_suffix(b"\r").unwrap_or(content),
                    Some(content) => content,
                    None => line,
                };
                out.push(Item::Line(index, offset, content.to_vec()));
            }
            offset += line.len() as u64;
        }
    }
    out
}

fn source() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![8 => Just(b'a'), 2 => Just(b'b'), 2 => Just(b'\n'), 1 => Just(b'\r')];
    prop_oneof![
        3 => prop::collection::vec(byte, 0..400),
        1 => prop::collection::vec(prop_oneof![9 => Just(b'a'), 1 => Just(b'\r')], 0..400),
        1 => prop::collection::vec(Just(b'a'), 0..100),
    ]
}

fn input(sources: &[Vec<u8>], lengths: &[usize]) -> Input {
    let mut input = Input::new();
    for bytes in sources {
        let split = Split { bytes: bytes.clone(), at: 0, lengths: lengths.to_vec(), turn: 0 };
        input.add_reader("test", Box::new(split));
    }
    input
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn the_lines_do_not_depend_on_threads_chunk_size_or_reads(
        sources in prop::collection::vec(source(), 1..4),
        lengths in prop::collection::vec(1..60usize, 1..6),
        threads in 1..5usize,
        chunk_size in 1..200usize,
        limit in prop_oneof![1..30usize, Just(1000)],
        peek in any::<bool>(),
    ) {
        let mut input = input(&sources, &lengths);
        let options = RunOptions { threads, chunk_size: Some(chunk_size), line_limit: limit, ..RunOptions::default() };
        if peek {
            input.peek(&options, |_| false);
        }
        let mut found = Vec::new();
        let mut bytes = vec![Vec::new(); sources.len()];
        let end = run(
            &mut input,
            &options,
            |_| (),
            |(), chunk, result: &mut Option<Chunk>| *result = Some(chunk.clone()),
            |result| {
                let chunk = result.take().expect("the worker put one there");
                items(&chunk, &mut found);
                bytes[chunk.source_index].extend_from_slice(chunk.bytes());
                Ok::<_, Infallible>(Flow::Continue)
            },
        ).unwrap();
        prop_assert_eq!(end.ended, Ended::Input);
        prop_assert_eq!(end.unfinished, 0);
        prop_assert_eq!(&bytes, &sources);
        prop_assert_eq!(found, expected(&sources, limit));
        for (info, source) in input.sources().iter().zip(&sources) {
            prop_assert!(info.complete);
            prop_assert_eq!(info.bytes_read, source.len() as u64);
            prop_assert_eq!(info.bytes_decoded, source.len() as u64);
        }
    }

    #[test]
    fn a_peek_sees_the_lines_of_the_first_source_that_is_not_empty(
        sources in prop::collection::vec(source(), 1..4),
        lengths in prop::collection::vec(1..60usize, 1..6),
        stop_after in 1..40usize,
    ) {
        let mut input = input(&sources, &lengths);
        let mut seen = Vec::new();
        input.peek(&RunOptions::default(), |line| {
            seen.push(line.to_vec());
            seen.len() == stop_after
        });
        let first = sources.iter().find(|source| !source.is_empty()).cloned().unwrap_or_default();
        let lines = expected(&[first], 1000).into_iter().map(|item| match item {
            Item::Line(_, _, line) => line,
            Item::Piece(..) => unreachable!("no line is that long"),
        });
        prop_assert_eq!(seen, lines.take(stop_after).collect::<Vec<_>>());
    }
}
