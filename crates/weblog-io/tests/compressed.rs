//! Every compression format: concatenated, cut short, damaged, with something behind it.
#![allow(clippy::unwrap_used, reason = "a failure in a test is a panic")]

use std::convert::Infallible;
use std::io::{self, Read, Write};

use weblog_io::{Flow, Input, InputError, RunOptions, run};

const FORMATS: [&str; 4] = ["gzip", "zstd", "bzip2", "xz"];

fn compress(format: &str, bytes: &[u8]) -> Vec<u8> {
    match format {
        "gzip" => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
        "zstd" => zstd::encode_all(bytes, 1).unwrap(),
        "bzip2" => {
            let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
        _ => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
    }
}

/// Lines that do not compress too well, so that the compressed bytes are many.
fn lines(count: u32) -> Vec<u8> {
    let mut state = 1u32;
    let mut bytes = Vec::new();
    for n in 0..count {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writeln!(bytes, "192.0.2.{} GET /{state:x}/{n}", state >> 24).unwrap();
    }
    bytes
}

/// Gives one byte at a time.
struct Slow(io::Cursor<Vec<u8>>);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(&mut out[..1])
    }
}

fn read_all(mut input: Input, chunk_size: usize) -> (Vec<u8>, Option<(io::ErrorKind, String)>) {
    let mut bytes = Vec::new();
    let options = RunOptions { chunk_size: Some(chunk_size), ..RunOptions::default() };
    run(
        &mut input,
        &options,
        |_| (),
        |(), chunk, result: &mut Vec<u8>| {
            result.clear();
            result.extend_from_slice(chunk.bytes());
        },
        |result| {
            bytes.extend_from_slice(result);
            Ok::<_, Infallible>(Flow::Continue)
        },
    )
    .unwrap();
    assert!(input.problems().len() <= 1);
    let problem = input.problems().first().map(|problem| match problem {
        InputError::Read { offset, error, .. } => {
            assert_eq!(*offset, bytes.len() as u64, "the error is behind all that was delivered");
            (error.kind(), error.to_string())
        }
        other => panic!("{other}"),
    });
    (bytes, problem)
}

fn read(compressed: &[u8]) -> (Vec<u8>, Option<(io::ErrorKind, String)>) {
    let mut input = Input::new();
    input.add_reader("test", Box::new(io::Cursor::new(compressed.to_vec())));
    read_all(input, 4096)
}

/// What an independent reader of the same library can get out of damaged or truncated bytes.
fn decodable(format: &str, compressed: &[u8]) -> usize {
    let mut reader: Box<dyn Read + '_> = match format {
        "gzip" => Box::new(flate2::read::MultiGzDecoder::new(compressed)),
        "zstd" => Box::new(zstd::Decoder::new(compressed).unwrap()),
        "bzip2" => Box::new(bzip2::read::MultiBzDecoder::new(compressed)),
        _ => Box::new(lzma_rust2::XzReader::new(compressed, true)),
    };
    let mut count = 0;
    while matches!(reader.read(&mut [0]), Ok(1)) {
        count += 1;
    }
    count
}

#[test]
fn concatenated_members_are_one_stream() {
    for format in FORMATS {
        let (one, two) = (lines(3000), lines(7));
        let file = [compress(format, &one), compress(format, b""), compress(format, &two)].concat();
        let whole = [one, two].concat();
        assert_eq!(read(&file), (whole.clone(), None), "{format}");
        let mut input = Input::new();
        input.add_reader("test", Box::new(Slow(io::Cursor::new(file))));
        assert_eq!(read_all(input, 100), (whole, None), "{format} byte by byte");
    }
}

#[test]
fn a_hundred_thousand_tiny_members_are_one_stream() {
    for format in ["gzip", "zstd"] {
        let file = compress(format, b"x\n").repeat(100_000);
        assert_eq!(read(&file), (b"x\n".repeat(100_000), None), "{format}");
    }
}

#[test]
fn a_zstd_stream_may_start_with_and_contain_skippable_frames() {
    let skippable = [&[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let frame = compress("zstd", b"a line\n");
    let file = [&skippable[..], &frame, &skippable, &frame].concat();
    assert_eq!(read(&file), (b"a line\na line\n".to_vec(), None));
}

#[test]
fn a_truncated_source_gives_what_it_held_then_an_error() {
    for format in FORMATS {
        let (one, two) = (lines(120), lines(80));
        let first = compress(format, &one);
        let file = [first.clone(), compress(format, &two)].concat();
        let whole = [one, two].concat();
        for length in 2..file.len() {
            // Text as far as anyone can tell.
            if format == "bzip2" && length <= 4 {
                continue;
            }
            let (bytes, problem) = read(&file[..length]);
            assert!(whole.starts_with(&bytes), "{format} cut to {length}");
            let least = decodable(format, &file[..length]);
            assert!(bytes.len() >= least, "{format} cut to {length}: {} of {least}", bytes.len());
            if length == first.len() {
                assert_eq!(problem, None, "{format} cut between members");
            } else {
                let (kind, text) = problem.unwrap_or_else(|| panic!("{format} cut to {length}"));
                assert_eq!(
                    (kind, text),
                    (io::ErrorKind::UnexpectedEof, format!("the {format} data ends early"))
                );
            }
        }
    }
}

#[test]
fn what_follows_the_last_member_is_an_error_after_everything_is_delivered() {
    for format in FORMATS {
        let file = [compress(format, b"a\nb\n"), b"garbage".to_vec()].concat();
        let (bytes, problem) = read(&file);
        assert_eq!(bytes, b"a\nb\n", "{format}");
        let (kind, text) = problem.expect(format);
        assert_eq!(kind, io::ErrorKind::InvalidData);
        assert_eq!(text, format!("after the {format} data comes something that is not {format}"));
    }
}

#[test]
fn zero_bytes_after_the_last_member_are_padding_in_gzip_and_xz() {
    for format in ["gzip", "xz"] {
        let file = [compress(format, b"a\n"), vec![0; 1000]].concat();
        assert_eq!(read(&file), (b"a\n".to_vec(), None));
    }
}

#[test]
fn a_flipped_bit_is_an_error_after_what_came_before_it() {
    for format in FORMATS {
        let one = lines(200);
        let file = [compress(format, &one), compress(format, &lines(200))].concat();
        let second = compress(format, &one).len();
        for at in (0..file.len()).step_by(7) {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            let (bytes, _) = read(&damaged);
            if at >= second {
                assert!(bytes.starts_with(&one), "{format} damaged at {at}");
            }
        }
    }
}

#[test]
fn blocks_before_a_damaged_zstd_block_are_delivered() {
    let content = lines(60_000);
    let mut file = compress("zstd", &content);
    let at = file.len() - 100;
    file[at] ^= 0xff;
    let (bytes, problem) = read(&file);
    assert!(problem.is_some());
    assert!(bytes.len() > content.len() - (256 << 10), "{} of {}", bytes.len(), content.len());
    assert!(content.starts_with(&bytes));
}

#[test]
fn a_window_beyond_the_limit_is_refused_and_says_so() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.set_parameter(zstd::zstd_safe::CParameter::WindowLog(28)).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&lines(10)).unwrap();
    let (bytes, problem) = read(&encoder.finish().unwrap());
    assert_eq!(bytes, b"");
    assert!(problem.expect("an error").1.contains("zstd"));
}
