//! The time of a line, whatever the line is, for commands that order or pace lines and pass them unchanged.

use crate::{
    formats::Reading,
    stream::{Read, Reader, micros},
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::Arc,
};
use weblog_io::Above;
use weblog_parse::{Field, Format, Record, TimeFinder};
use weblog_window::LineClock;
use weblog_wire::{
    csv,
    dialect::Arena,
    text::{Scratch, number, text},
};

/// Tells the time of lines: well-formed ones at a finder, all others by reading them.
pub struct Clock {
    reader: Reader,
    /// None when only reading a line tells its time.
    finder: Option<TimeFinder>,
    record: Record<'static>,
    arena: Arena,
    skews: Arc<[Skew]>,
    /// What is added to the times of this source.
    skew: i64,
    /// Other hosts than the source may be meant.
    by_host: bool,
}

/// How wrong the clock of a host is.
#[derive(Clone, Debug)]
pub struct Skew {
    /// A host, or an input.
    pub name: String,
    /// Microseconds to add.
    pub micros: i64,
}

impl Clock {
    /// A clock that reads lines like this. `inputs` are the names of all inputs.
    pub fn new(reading: &Reading, skews: &Arc<[Skew]>, inputs: &[Arc<str>]) -> Self {
        let is_input = |skew: &Skew| inputs.iter().any(|input| is_named(input, &skew.name));
        let by_host = !skews.iter().all(is_input);
        // A format that was asked for may have its time anywhere.
        let as_usual = reading.options().format == Format::Auto
            && reading.options().programs.is_empty()
            && reading.conf().is_none();
        Clock {
            reader: Reader::new(reading.clone()),
            finder: (as_usual && !by_host).then(TimeFinder::default),
            record: Record::new(),
            arena: Arena::new(),
            skews: Arc::clone(skews),
            skew: 0,
            by_host,
        }
    }

    /// Reads a line and gives what `look` makes of its record, if it is one.
    fn read<T>(&mut self, line: &[u8], look: impl FnOnce(&Record<'_>) -> Option<T>) -> Option<T> {
        let mut record = std::mem::take(&mut self.record).recycle();
        let read = self.reader.read(line, &mut record, &mut self.arena);
        let told = matches!(read, Read::Record { .. }).then(|| look(&record)).flatten();
        self.record = record.recycle();
        told
    }

    /// What tells a line from all others but its copies: host, source and offset, if it has them.
    pub fn identity(&mut self, line: &[u8]) -> Option<u128> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first() != Some(&b'{') {
            return None;
        }
        self.read(line, |record| {
            let (source, offset) = (record.get(Field::Source)?, number(record.get(Field::Offset)?)?);
            let (mut one, mut two) = (Scratch::default(), Scratch::default());
            let host = record.get(Field::Host).map(|host| text(host, &mut one));
            let source = text(source, &mut two);
            let half = |salt: u64| {
                let mut hasher = DefaultHasher::new();
                (salt, host, source, offset).hash(&mut hasher);
                u128::from(hasher.finish())
            };
            Some(half(0) << 64 | half(1))
        })
    }
}

/// Whether an input is meant by a name: its own, or that of its file.
fn is_named(input: &str, name: &str) -> bool {
    input == name || Path::new(input).file_name().is_some_and(|file| file == name)
}

impl LineClock for Clock {
    fn begin(&mut self, source: &Arc<str>, above: &Above) {
        self.reader.begin(source, above);
        let skew = self.skews.iter().find(|skew| is_named(source, &skew.name));
        self.skew = skew.map_or(0, |skew| skew.micros);
    }

    #[inline]
    fn time(&mut self, line: &[u8]) -> Option<i64> {
        if let Some(time) = self.finder.as_mut().and_then(|finder| finder.time(line)) {
            return Some(time.saturating_add(self.skew));
        }
        let (skews, by_host, skew) = (Arc::clone(&self.skews), self.by_host, self.skew);
        self.read(line, |record| {
            let time = micros(record.get(Field::Time)?);
            let mut scratch = Scratch::default();
            let host = record.get(Field::Host).filter(|_| by_host).map(|host| text(host, &mut scratch));
            let of_host = host.and_then(|host| skews.iter().find(|skew| skew.name == host));
            let skew = of_host.map_or(skew, |skew| skew.micros);
            (time != i64::MAX).then(|| time.saturating_add(skew))
        })
    }

    fn is_header(&self, first: &[u8]) -> bool {
        csv::Reader::of_header(first).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weblog_generate::{Format as Generated, Generator, Options};

    fn slow() -> Clock {
        Clock { finder: None, ..Clock::new(&Reading::default(), &Arc::default(), &[]) }
    }

    /// Lines of servers, with their malformations, and records that begin like weblog's own.
    fn lines() -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for format in [Generated::Common, Generated::Combined, Generated::VhostCombined, Generated::NginxMain]
        {
            let mut generator = Generator::new(Options { format, malformed: 0.3, ..Options::default() });
            for _ in 0..2_000 {
                let mut line = Vec::new();
                generator.line(&mut line);
                lines.extend(line.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
            }
        }
        for time in [
            "2019-01-22T00:26:14Z",
            "2019-01-22T00:26:14.5Z",
            "2019-01-22T00:26:14.500Z",
            "2019-13-22T00:26:14Z",
        ] {
            for rest in [
                "\"remote_addr\":\"192.0.2.1\"",
                "\"utc_offset\":60,\"remote_addr\":\"192.0.2.1\"",
                "\"remote_addr\":\"192.0.2.1\",\"request\":\"GET / HTTP/1.1\",\"status\":\"200\"",
                "\"message\":\"192.0.2.1 - - [22/Jan/2020:03:56:14 +0330] \\\"GET / HTTP/1.1\\\" 200 5\"",
                "\"remote_addr\":\"x\",\"log\":\"192.0.2.1 - - [22/Jan/2020:03:56:14 +0330] \\\"GET / HTTP/1.1\\\" 200 5\"",
                "\"remote_addr\":\"x\",\"ts\":1548116774",
            ] {
                lines.push(format!("{{\"time\":\"{time}\",{rest}}}").into_bytes());
            }
        }
        lines
    }

    #[test]
    fn a_glance_tells_the_time_that_reading_tells() {
        let (mut finder, mut clock, mut told) = (TimeFinder::default(), slow(), 0);
        let lines = lines();
        for line in &lines {
            if let (Some(at_a_glance), Some(read)) = (finder.time(line), clock.time(line)) {
                assert_eq!(at_a_glance, read, "{}", String::from_utf8_lossy(line));
                told += 1;
            }
        }
        assert!(told > 5_000, "{told}");
    }

    #[test]
    fn a_skew_is_that_of_the_host_or_else_of_the_input() {
        let skews: Arc<[Skew]> =
            [("web1", 5), ("a.log", 7)].map(|(name, micros)| Skew { name: name.into(), micros }).into();
        let mut clock = Clock::new(&Reading::default(), &skews, &["logs/a.log".into()]);
        let record =
            |host: &str| format!("{{\"time\":\"1970-01-01T00:00:01Z\",\"remote_addr\":\"x\"{host}}}");
        clock.begin(&"logs/a.log".into(), &Above::default());
        assert_eq!(clock.time(record("").as_bytes()), Some(1_000_007));
        assert_eq!(clock.time(record(",\"host\":\"web1\"").as_bytes()), Some(1_000_005));
        clock.begin(&"b.log".into(), &Above::default());
        assert_eq!(clock.time(record("").as_bytes()), Some(1_000_000));
    }
}
