//! The file that tells where bots come from, and what can be wrong with it.

use std::{fmt, io, sync::Arc};

use super::{
    networks::{Networks, network},
    ranges::{Hosts, Operator, Ranges},
};

/// Why a file that should tell where bots come from does not.
#[derive(Debug)]
#[non_exhaustive]
pub enum RangesError {
    /// It cannot be read.
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// A place in it is not understood.
    Text {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
        /// What should stand there.
        expected: String,
    },
}

impl fmt::Display for RangesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RangesError::Read { path, error } => write!(f, "{path}: {error}"),
            RangesError::Text { path, line, column, expected } => {
                write!(f, "{path}:{line}:{column}: expected {expected}")
            }
        }
    }
}

impl std::error::Error for RangesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RangesError::Read { error, .. } => Some(error),
            RangesError::Text { .. } => None,
        }
    }
}

/// The text that is not understood, and what should stand there.
type Fault<'t> = (&'t str, &'static str);

pub(super) fn parse(path: &str, text: &str) -> Result<Ranges, RangesError> {
    let mut reader = Reader::default();
    for (number, line) in text.lines().enumerate() {
        reader.line(line).map_err(|(at, expected)| RangesError::Text {
            path: path.to_string(),
            line: number + 1,
            column: at.as_ptr() as usize - line.as_ptr() as usize + 1,
            expected: expected.to_string(),
        })?;
    }
    reader.finish().map_err(|expected| RangesError::Text {
        path: path.to_string(),
        line: text.lines().count() + 1,
        column: 1,
        expected: expected.to_string(),
    })
}

#[derive(Default)]
struct Reader {
    day: Option<u64>,
    operators: Vec<Operator>,
    bots: Vec<(Box<str>, usize)>,
    /// The networks of the last operator.
    networks: Vec<(u128, u128)>,
}

impl Reader {
    fn line<'t>(&mut self, line: &'t str) -> Result<(), Fault<'t>> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (keyword, rest) = line.split_once([' ', '\t']).unwrap_or((line, &line[line.len()..]));
        let rest = rest.trim_start();
        match keyword {
            "date" => self.day = Some(day(rest).ok_or((rest, "a date as 2026-11-21"))?),
            "operator" if rest.is_empty() => return Err((rest, "the name of an operator")),
            "operator" => {
                self.close();
                self.operators.push(Operator { name: rest.to_string(), ..Operator::default() });
            }
            "source" => drop(self.operator(keyword)?),
            "bots" => self.bots(keyword, rest)?,
            "ranges" => {
                let (all, _) = self
                    .flags(keyword, rest, |reader, word| {
                        reader.networks.push(network(word)?);
                        Some(())
                    })
                    .map_err(|at| (at, "a network as 192.0.2.0/24, no wider than /8, or /16 of IPv6"))?;
                self.operator(keyword)?.networks_all |= all;
            }
            "asns" => {
                let (all, own) = self
                    .flags(keyword, rest, |reader, word| {
                        reader.operators.last_mut()?.asns.push(word.parse().ok()?);
                        Some(())
                    })
                    .map_err(|at| (at, "the number of an autonomous system"))?;
                let operator = self.operator(keyword)?;
                operator.asns_all |= all;
                operator.asns_own |= own;
            }
            "hosts" => {
                let mut suffixes = Vec::new();
                let (all, _) = self
                    .flags(keyword, rest, |_, word| {
                        suffixes.push(domain(word)?);
                        Some(())
                    })
                    .map_err(|at| (at, "a domain as bots.example.com"))?;
                self.operator(keyword)?.hosts = Some(Arc::new(Hosts { suffixes, all }));
            }
            _ => return Err((keyword, "date, operator, source, bots, ranges, asns or hosts")),
        }
        Ok(())
    }

    /// Reads the flags `all` and `own`, and then word after word.
    fn flags<'t>(
        &mut self,
        keyword: &'t str,
        rest: &'t str,
        mut word: impl FnMut(&mut Reader, &str) -> Option<()>,
    ) -> Result<(bool, bool), &'t str> {
        if self.operators.is_empty() {
            return Err(keyword);
        }
        let (mut all, mut own) = (false, false);
        for text in rest.split_whitespace() {
            match text {
                "all" => all = true,
                "own" => own = true,
                _ => word(self, text).ok_or(text)?,
            }
        }
        Ok((all, own))
    }

    fn bots<'t>(&mut self, keyword: &'t str, rest: &'t str) -> Result<(), Fault<'t>> {
        self.operator(keyword)?;
        let at = self.operators.len() - 1;
        for name in rest.split(',').map(str::trim) {
            if name.is_empty() {
                return Err((name, "the name of a bot"));
            }
            if self.bots.iter().any(|(known, _)| **known == *name) {
                return Err((name, "a bot that no line before has"));
            }
            self.bots.push((name.into(), at));
        }
        Ok(())
    }

    /// The operator that a line belongs to.
    fn operator<'t>(&mut self, keyword: &'t str) -> Result<&mut Operator, Fault<'t>> {
        self.operators.last_mut().ok_or((keyword, "an operator before it"))
    }

    fn close(&mut self) {
        let networks = std::mem::take(&mut self.networks);
        if let Some(operator) = self.operators.last_mut() {
            operator.networks = Networks::new(networks);
        }
    }

    fn finish(mut self) -> Result<Ranges, &'static str> {
        self.close();
        let day = self.day.ok_or("a line with the date")?;
        if self.operators.iter().any(|operator| operator.networks_all && operator.networks.is_empty()) {
            return Err("networks wherever it says that they are all");
        }
        Ok(Ranges { day, operators: self.operators, bots: self.bots.into_iter().collect() })
    }
}

fn domain(word: &str) -> Option<String> {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // A bare top-level domain would vouch for half the world.
    (word.contains('.') && word.split('.').all(is_label)).then(|| word.to_ascii_lowercase())
}

/// The days since 1970 of a date as `2026-11-21`, with or without a time behind it.
pub(super) fn day(text: &str) -> Option<u64> {
    let date = text.get(..10)?;
    let is_end = text[10..].chars().next().is_none_or(|next| matches!(next, 'T' | ' '));
    let shape = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !is_end || !shape {
        return None;
    }
    let number = |range| date.get(range).and_then(|digits: &str| digits.parse::<u64>().ok());
    let (year, month, of_month) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&of_month) {
        return None;
    }
    // Years that begin in March have their leap day at the end, and months a simple formula; see
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + of_month - 1;
    Some(365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}
