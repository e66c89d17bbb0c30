//! Memory stays flat whatever comes in. A process of its own, because it looks at its peak memory.
#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]
#![cfg(target_os = "linux")]

use std::convert::Infallible;
use std::io::{self, Read, Write};

use weblog_io::{ChunkKind, Flow, Input, LINE_LIMIT, RunOptions, run};

const SIZE: u64 = 100 << 20;

fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// Runs over one endless line and returns how many bytes, pieces, first and last pieces there were.
fn pieces(reader: Box<dyn Read + Send>, threads: usize) -> (u64, u64, u64, u64) {
    let mut input = Input::new();
    input.add_reader("test", reader);
    let options = RunOptions { threads, ..RunOptions::default() };
    let (mut bytes, mut pieces, mut firsts, mut lasts) = (0, 0, 0, 0);
    run(
        &mut input,
        &options,
        |_| (),
        |(), chunk, result: &mut Option<(ChunkKind, usize)>| {
            *result = Some((chunk.kind, chunk.bytes().len()))
        },
        |result| {
            let Some((ChunkKind::TooLong { first, last }, length)) = *result else { panic!("{result:?}") };
            assert!(length <= LINE_LIMIT);
            bytes += length as u64;
            pieces += 1;
            firsts += u64::from(first);
            lasts += u64::from(last);
            Ok::<_, Infallible>(Flow::Continue)
        },
    )
    .unwrap();
    assert!(input.problems().is_empty(), "{:?}", input.problems());
    (bytes, pieces, firsts, lasts)
}

#[test]
fn a_line_of_100_mib_and_bombs_of_it_come_in_pieces_under_flat_memory() {
    let expected = (SIZE, SIZE / LINE_LIMIT as u64, 1, 1);
    for threads in [1, 3] {
        assert_eq!(pieces(Box::new(io::repeat(b'a').take(SIZE)), threads), expected);
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    for _ in 0..SIZE >> 16 {
        gzip.write_all(&[b'a'; 1 << 16]).unwrap();
        zstd.write_all(&[b'a'; 1 << 16]).unwrap();
    }
    for bomb in [gzip.finish().unwrap(), zstd.finish().unwrap()] {
        assert_eq!(pieces(Box::new(io::Cursor::new(bomb)), 1), expected);
    }
    println!("peak {} KiB", peak() >> 10);
    assert!(peak() < 40 << 20, "{} MiB", peak() >> 20);
}
