//! Decompression as a step function over buffers: no reads, so the caller alone decides when to
//! wait for input. Members that follow each other are one stream. All that can be decoded comes out
//! before an error does.

use std::io;

use zstd::stream::raw::{self as zstd_raw, Operation};

use crate::sniff::{Compression, Sniffed, sniff};

/// The largest Zstandard window that is accepted, as a power of two: 128 MiB, the limit of the
/// zstd tool without `--long`.
const ZSTD_WINDOW_LOG: u32 = 27;
/// The most memory that an .xz block may ask for; `xz -9` needs 65 MiB to decompress.
const XZ_MEMORY_KIB: u32 = 130 << 10;
/// The first bytes of a Zstandard frame from which its decoder can tell what it needs next.
const ZSTD_FRAME_START: usize = 5;

/// Decompresses one source.
pub(crate) struct Decoder {
    format: Compression,
    codec: Codec,
    /// At the end of a member: the end of the source may come here, or another member.
    between: bool,
}

enum Codec {
    Gzip(Box<flate2::Decompress>),
    Bzip2(bzip2::Decompress),
    Xz(Box<lzma_rust2::XzStream>),
    Zstd {
        decoder: zstd_raw::Decoder<'static>,
        /// How many bytes the decoder wants next. Given no more than this it decodes at most one
        /// block in a call, so an error in a block takes none of the blocks before it away.
        wanted: usize,
    },
}

/// What one step did.
pub(crate) struct Step {
    pub(crate) consumed: usize,
    pub(crate) produced: usize,
    pub(crate) next: io::Result<Next>,
}

/// How to go on after a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Call again with the rest of the input.
    Continue,
    /// Call again with more input than is at hand.
    Input,
    /// The source is at its end.
    End,
}

impl Decoder {
    pub(crate) fn new(format: Compression) -> io::Result<Decoder> {
        Ok(Decoder { format, codec: Codec::new(format)?, between: false })
    }

    /// The format of the members.
    pub(crate) fn format(&self) -> Compression {
        self.format
    }

    /// Decodes from `input` into `output`, which must not be empty. `ended` says that the source has
    /// no bytes beyond `input`.
    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8], ended: bool) -> Step {
        if self.between {
            return self.next_member(input, ended);
        }
        let (consumed, produced, finished) = self.codec.step(input, output, ended);
        let next = match finished {
            Err(error) => Err(self.describe(error)),
            Ok(true) => {
                self.between = true;
                Ok(Next::Continue)
            }
            Ok(false) if consumed > 0 || produced > 0 => Ok(Next::Continue),
            Ok(false) if ended => Err(self.ends_early()),
            Ok(false) => Ok(Next::Input),
        };
        Step { consumed, produced, next }
    }

    /// Looks at what follows a member.
    fn next_member(&mut self, input: &[u8], ended: bool) -> Step {
        // The .xz format allows for padding, and gzip ignores what tapes and block devices leave.
        let may_pad = matches!(self.format, Compression::Gzip | Compression::Xz);
        let consumed = if may_pad { input.iter().take_while(|byte| **byte == 0).count() } else { 0 };
        let rest = &input[consumed..];
        let next = match sniff(rest, false) {
            _ if rest.is_empty() => Ok(if ended { Next::End } else { Next::Input }),
            Sniffed::Compressed(format) if format == self.format => {
                self.between = false;
                Codec::new(format).map(|codec| {
                    self.codec = codec;
                    Next::Continue
                })
            }
            Sniffed::NeedMore if ended => Err(self.ends_early()),
            Sniffed::NeedMore => Ok(Next::Input),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("after the {0} data comes something that is not {0}", self.format),
            )),
        };
        Step { consumed, produced: 0, next }
    }

    fn ends_early(&self) -> io::Error {
        io::Error::new(io::ErrorKind::UnexpectedEof, format!("the {} data ends early", self.format))
    }

    fn describe(&self, error: io::Error) -> io::Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.ends_early(),
            io::ErrorKind::OutOfMemory => io::Error::new(
                error.kind(),
                format!("the {} data needs too much memory: {error}", self.format),
            ),
            _ => io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the {} data is damaged: {error}", self.format),
            ),
        }
    }
}

impl Codec {
    fn new(format: Compression) -> io::Result<Codec> {
        Ok(match format {
            Compression::Gzip => Codec::Gzip(Box::new(flate2::Decompress::new_gzip(15))),
            Compression::Bzip2 => Codec::Bzip2(bzip2::Decompress::new(false)),
            Compression::Xz => Codec::Xz(Box::new(lzma_rust2::XzStream::new_mem_limit(false, XZ_MEMORY_KIB))),
            Compression::Zstd => {
                let mut decoder = zstd_raw::Decoder::new()?;
                decoder.set_parameter(zstd_raw::DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
                Codec::Zstd { decoder, wanted: ZSTD_FRAME_START }
            }
        })
    }

    /// Returns the bytes consumed and produced, which count even beside an error, and whether a member
    /// ended.
    fn step(&mut self, input: &[u8], output: &mut [u8], ended: bool) -> (usize, usize, io::Result<bool>) {
        match self {
            Codec::Gzip(decoder) => {
                let before = (decoder.total_in(), decoder.total_out());
                let result = decoder.decompress(input, output, flate2::FlushDecompress::None);
                let finished = match result {
                    Ok(flate2::Status::StreamEnd) => Ok(true),
                    Ok(_) => Ok(false),
                    Err(error) => Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        error.message().unwrap_or("not a valid gzip member").to_owned(),
                    )),
                };
                (since(before.0, decoder.total_in()), since(before.1, decoder.total_out()), finished)
            }
            Codec::Bzip2(decoder) => {
                let before = (decoder.total_in(), decoder.total_out());
                let finished = match decoder.decompress(input, output) {
                    Ok(bzip2::Status::StreamEnd) => Ok(true),
                    Ok(bzip2::Status::MemNeeded) => Err(io::ErrorKind::OutOfMemory.into()),
                    Ok(_) => Ok(false),
                    Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
                };
                (since(before.0, decoder.total_in()), since(before.1, decoder.total_out()), finished)
            }
            Codec::Xz(decoder) => {
                let before = (decoder.total_in(), decoder.total_out());
                let action = if ended { lzma_rust2::Action::Finish } else { lzma_rust2::Action::Run };
                let finished = match decoder.process(input, output, action) {
                    Ok(result) if result.status == lzma_rust2::Status::StreamEnd => Ok(true),
                    Ok(_) => Ok(false),
                    Err(error) => Err(error),
                };
                (since(before.0, decoder.total_in()), since(before.1, decoder.total_out()), finished)
            }
            Codec::Zstd { decoder, wanted } => {
                let mut from = zstd_raw::InBuffer::around(&input[..input.len().min(*wanted)]);
                let mut into = zstd_raw::OutBuffer::around(output);
                let finished = decoder.run(&mut from, &mut into).map(|hint| {
                    *wanted = if hint == 0 { ZSTD_FRAME_START } else { hint };
                    hint == 0
                });
                (from.pos(), into.pos(), finished)
            }
        }
    }
}

fn since(before: u64, after: u64) -> usize {
    usize::try_from(after - before).expect("a step moves no more bytes than its buffers hold")
}
