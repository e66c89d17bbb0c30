//! The bounds within which a configuration is read. What is beyond is a problem, not an error.

/// Files that are included within each other.
pub const DEPTH: usize = 32;
/// Files in all.
pub const FILES: usize = 20_000;
/// Bytes in all, those of variables and directories put in included. A caller should read no more of one file.
pub const BYTES: usize = 32 << 20;
/// Blocks or sections within each other.
pub const BLOCKS: usize = 64;
/// Bytes of one word; nginx itself takes 4096.
pub const WORD: usize = 64 << 10;
/// Bytes that a server, a name, an address or a defined variable counts for, beside its own.
pub const NAME: usize = 64;
/// Bytes of a path.
pub const PATH: usize = 4096;
/// Words of one directive.
pub const WORDS: usize = 20_000;
/// Logs, formats, and virtual hosts, of each.
pub const ENTRIES: usize = 100_000;
/// Definitions of one format name that are all possible.
pub const ALTERNATIVES: usize = 8;
/// Problems that are told.
pub const PROBLEMS: usize = 1000;
