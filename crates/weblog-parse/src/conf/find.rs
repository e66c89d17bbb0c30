//! Which log of a configuration a file is.

use super::{Conf, LogFile, LogPath, Target};
use std::path::Path;

/// How well a file fits a log of the configuration, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// It is the path.
    Exact,
    /// It is the path with what a rotation adds: `.1`, `-20260101`, `.gz`.
    Rotated,
    /// It is the path with the variables and dates filled in, rotated or not.
    Pattern,
    /// It has the same file name in another directory: a copy.
    Name,
    /// It has the same file name, variables and dates filled in, in another directory.
    NamePattern,
}

/// A log that a file may be.
#[derive(Clone, Copy, Debug)]
pub struct Match<'c> {
    /// The log.
    pub log: &'c LogFile,
    /// How well the file fits.
    pub fit: Fit,
}

impl Conf {
    /// The logs that a file may be, the best fit first, then in the order of the configuration.
    ///
    /// All that fit are given, also with different formats: two servers may write to one file, and a
    /// copied `access.log` may be that of any of them. The caller decides by content. Error logs are
    /// among them. Make the path absolute before: a relative one fits by its name alone.
    pub fn format_of(&self, path: &Path) -> Vec<Match<'_>> {
        let candidates = unrotated(path.as_os_str().as_encoded_bytes());
        let mut matches: Vec<_> = self.logs.iter().filter_map(|log| fit(log, &candidates)).collect();
        matches.sort_by_key(|found| found.fit);
        matches
    }
}

fn fit<'c>(log: &'c LogFile, candidates: &[Vec<u8>]) -> Option<Match<'c>> {
    let Target::File(path) = &log.target else { return None };
    let fit = match candidates.iter().position(|candidate| path.matches(candidate)) {
        Some(_) if !path.is_fixed() => Fit::Pattern,
        Some(0) => Fit::Exact,
        Some(_) => Fit::Rotated,
        None => fit_of_name(path, candidates)?,
    };
    Some(Match { log, fit })
}

fn fit_of_name(path: &LogPath, candidates: &[Vec<u8>]) -> Option<Fit> {
    let name =
        |candidate: &Vec<u8>| path.matches_name(candidate.rsplit(|b| *b == b'/').next().unwrap_or(&[]));
    let fits = path.has_name() && candidates.iter().any(name);
    fits.then_some(if path.has_fixed_name() { Fit::Name } else { Fit::NamePattern })
}

/// A path, and what it may have been before it was rotated and compressed.
fn unrotated(path: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = vec![path.to_vec()];
    let mut plain = path;
    for ending in [".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z"] {
        plain = plain.strip_suffix(ending.as_bytes()).unwrap_or(plain);
    }
    candidates.push(plain.to_vec());
    for ending in ["~", ".old", ".bak", ".orig", ".save"] {
        candidates.extend(plain.strip_suffix(ending.as_bytes()).map(<[u8]>::to_vec));
    }
    candidates.extend(before_numbers(plain).map(<[u8]>::to_vec));
    // logrotate's `extension .log`: the date stands before the ending.
    let start = plain.iter().rposition(|b| *b == b'/').map_or(0, |slash| slash + 1);
    if let Some(dot) = plain[start..].iter().rposition(|b| *b == b'.') {
        let (stem, ending) = plain.split_at(start + dot);
        candidates.extend(before_numbers(stem).map(|stem| [stem, ending].concat()));
    }
    candidates.dedup();
    candidates
}

/// What stands before a number or date at the end of a name, for each place where that may begin.
fn before_numbers(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_number = |b: &&u8| b.is_ascii_digit() || b"-_.:T".contains(b);
    let ends = name.iter().rev().take_while(is_number).take(40).count();
    let start = name.len() - ends;
    let begins =
        move |at: &usize| b"-_.".contains(&name[*at]) && name[at + 1..].iter().any(u8::is_ascii_digit);
    (start..name.len()).filter(begins).take(6).map(|at| &name[..at])
}
