use super::*;
use proptest::prelude::*;

/// The last lines by the book: split after each newline and take the end.
fn reference(bytes: &[u8], count: u64) -> &[u8] {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    let skip = lines.len().saturating_sub(count as usize);
    let start: usize = lines[..skip].iter().map(|line| line.len()).sum();
    &bytes[start..]
}

fn file_of(bytes: &[u8]) -> File {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(bytes, 0).unwrap();
    file
}

fn of_file(bytes: &[u8], count: u64) -> Vec<u8> {
    let mut out = Vec::new();
    copy_last_lines(file_of(bytes), count, &mut out).unwrap();
    out
}

fn of_stream(bytes: &[u8], count: u64, step: usize) -> Vec<u8> {
    let mut ring = LastLines::new(count, STREAM_LIMIT);
    bytes.chunks(step).for_each(|chunk| ring.push(chunk));
    let mut out = Vec::new();
    ring.write_to(&mut out).unwrap();
    out
}

proptest! {
    #[test]
    fn a_file_and_a_stream_give_the_same_last_lines_as_splitting_does(
        lines in proptest::collection::vec("[ab]{0,5}", 0..40), tail in "[ab]{0,3}", count in 0u64..45, step in 1usize..9,
    ) {
        let mut bytes = lines.join("\n").into_bytes();
        if !lines.is_empty() { bytes.push(b'\n'); }
        bytes.extend_from_slice(tail.as_bytes());
        prop_assert_eq!(of_file(&bytes, count), reference(&bytes, count));
        prop_assert_eq!(of_stream(&bytes, count, step), reference(&bytes, count));
    }
}

#[test]
fn lines_that_span_blocks_are_found_at_every_alignment() {
    for length in [BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
        let mut bytes = vec![b'x'; length];
        bytes.extend_from_slice(b"\nlast\n");
        for count in 0..4 {
            assert_eq!(of_file(&bytes, count), reference(&bytes, count), "{length} {count}");
            assert_eq!(of_stream(&bytes, count, 4096), reference(&bytes, count), "{length} {count}");
        }
    }
}

#[test]
fn a_file_that_begins_with_a_huge_hole_is_not_scanned_through_it() {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(b"one\ntwo\n", 1 << 40).unwrap();
    let started = std::time::Instant::now();
    assert_eq!(last_lines(&file, 1).unwrap(), (1 << 40) + 4);
    assert_eq!(last_lines(&file, 10).unwrap(), 1 << 40);
    assert!(started.elapsed() < std::time::Duration::from_secs(1));
}

#[test]
fn a_stream_without_newlines_is_cut_to_the_limit_and_the_cut_is_counted() {
    let mut ring = LastLines::new(10, 4 * BLOCK);
    for _ in 0..100 {
        ring.push(&[b'x'; BLOCK]);
        assert!(ring.bytes <= 4 * BLOCK);
    }
    let mut out = Vec::new();
    let copied = ring.write_to(&mut out).unwrap();
    assert_eq!((copied.bytes, copied.cut), (4 * BLOCK as u64, 96 * BLOCK as u64));
    assert!(!copied.ended);
}

#[test]
fn a_line_whose_head_was_cut_is_dropped_and_counted_and_whole_ones_are_kept() {
    let mut ring = LastLines::new(10, 2 * BLOCK);
    ring.push(&vec![b'x'; 5 * BLOCK]);
    ring.push(b"\nwhole\n");
    let mut out = Vec::new();
    let copied = ring.write_to(&mut out).unwrap();
    assert_eq!(out, b"whole\n");
    assert_eq!(copied.cut, 5 * BLOCK as u64 + 1);
}

#[test]
fn what_was_cut_is_forgotten_when_enough_lines_follow() {
    let mut ring = LastLines::new(2, 2 * BLOCK);
    ring.push(&vec![b'x'; 5 * BLOCK]);
    ring.push(b"\na\nb\nc\n");
    let mut out = Vec::new();
    assert_eq!(ring.write_to(&mut out).unwrap().cut, 0);
    assert_eq!(out, b"b\nc\n");
}

#[test]
fn an_unterminated_last_line_is_reported_so_that_two_files_never_glue() {
    let mut out = Vec::new();
    assert!(!copy_last_lines(file_of(b"a\nb"), 1, &mut out).unwrap().ended);
    assert!(copy_last_lines(file_of(b"a\nb\n"), 1, &mut out).unwrap().ended);
    assert!(copy_last_lines(file_of(b""), 1, &mut out).unwrap().ended);
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let (read, write) = rustix::pipe::pipe().unwrap();
    let writer = std::thread::spawn(move || File::from(write).write_all(b"1\n2\n3\n"));
    let mut out = Vec::new();
    copy_last_lines(File::from(read), 2, &mut out).unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(out, b"2\n3\n");
}
