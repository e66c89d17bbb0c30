//! Which compression is this, told from the first bytes and asking for no more of them than it takes.

use std::fmt;

/// A compression format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878, also starting with a skippable frame.
    Zstd,
    /// bzip2.
    Bzip2,
    /// The .xz file format.
    Xz,
}

impl fmt::Display for Compression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
        })
    }
}

/// What the first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniffed {
    /// Not compressed in a known format.
    Plain,
    /// Compressed.
    Compressed(Compression),
    /// These bytes start like a compressed format; more are needed to tell.
    NeedMore,
}

/// A byte pattern at the start: one inclusive range for each byte.
type Magic = (Compression, &'static [(u8, u8)]);

const MAGICS: [Magic; 6] = [
    (Compression::Gzip, &[(0x1f, 0x1f), (0x8b, 0x8b), (8, 8)]),
    (Compression::Zstd, &[(0x28, 0x28), (0xb5, 0xb5), (0x2f, 0x2f), (0xfd, 0xfd)]),
    (Compression::Zstd, &[(0x50, 0x5f), (0x2a, 0x2a), (0x4d, 0x4d), (0x18, 0x18)]),
    (Compression::Xz, &[(0xfd, 0xfd), (0x37, 0x37), (0x7a, 0x7a), (0x58, 0x58), (0x5a, 0x5a), (0, 0)]),
    // "BZh", the block size, then the magic number of a block (the digits of pi) or, in a stream
    // without any block, of the end (those of its square root).
    (Compression::Bzip2, &BZIP2_BLOCK),
    (Compression::Bzip2, &BZIP2_END),
];
const BZIP2_BLOCK: [(u8, u8); 10] = bzip2_magic([0x31, 0x41, 0x59, 0x26, 0x53, 0x59]);
const BZIP2_END: [(u8, u8); 10] = bzip2_magic([0x17, 0x72, 0x45, 0x38, 0x50, 0x90]);

const fn bzip2_magic(m: [u8; 6]) -> [(u8, u8); 10] {
    [
        (b'B', b'B'),
        (b'Z', b'Z'),
        (b'h', b'h'),
        (b'1', b'9'),
        (m[0], m[0]),
        (m[1], m[1]),
        (m[2], m[2]),
        (m[3], m[3]),
        (m[4], m[4]),
        (m[5], m[5]),
    ]
}

/// Tells the format from the first bytes of a source. `ended` says that there are no more of them;
/// then a source that breaks off inside of a magic number counts as that format, cut short, unless
/// what there is could as well be the text of a tiny log (up to 4 printable bytes).
pub fn sniff(head: &[u8], ended: bool) -> Sniffed {
    let mut undecided = None;
    for (format, magic) in MAGICS {
        let fits = head.iter().zip(magic).all(|(byte, (low, high))| (low..=high).contains(&byte));
        if fits && head.len() >= magic.len() {
            return Sniffed::Compressed(format);
        }
        if fits {
            undecided = Some(format);
        }
    }
    match undecided {
        Some(_) if !ended => Sniffed::NeedMore,
        Some(format) if head.len() > 4 || (head.len() > 1 && head.iter().any(|b| *b >= 0x80)) => {
            Sniffed::Compressed(format)
        }
        _ => Sniffed::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_that_rules_all_formats_out_is_enough() {
        for byte in 0..=255u8 {
            let possible = [0x1f, 0x28, 0xfd, b'B'].contains(&byte) || (0x50..=0x5f).contains(&byte);
            let expected = if possible { Sniffed::NeedMore } else { Sniffed::Plain };
            assert_eq!(sniff(&[byte], false), expected, "{byte:#x}");
        }
    }

    #[test]
    fn each_magic_number_is_known_once_it_is_complete() {
        for (format, magic) in MAGICS {
            let bytes: Vec<u8> = magic.iter().map(|(_, high)| *high).collect();
            for length in 1..bytes.len() {
                assert_eq!(sniff(&bytes[..length], false), Sniffed::NeedMore);
            }
            assert_eq!(sniff(&bytes, false), Sniffed::Compressed(format));
        }
    }

    #[test]
    fn a_text_that_starts_like_a_magic_number_is_plain() {
        assert_eq!(sniff(b"BZh9 is not a block", false), Sniffed::Plain);
        assert_eq!(sniff(b"BZh9", true), Sniffed::Plain);
        assert_eq!(sniff(b"(", true), Sniffed::Plain);
        assert_eq!(sniff(b"", true), Sniffed::Plain);
    }

    #[test]
    fn a_source_cut_inside_of_the_magic_number_is_truncated_not_plain() {
        assert_eq!(sniff(&[0x1f, 0x8b], true), Sniffed::Compressed(Compression::Gzip));
        assert_eq!(sniff(&[0x28, 0xb5], true), Sniffed::Compressed(Compression::Zstd));
        assert_eq!(sniff(b"BZh91A", true), Sniffed::Compressed(Compression::Bzip2));
    }
}
