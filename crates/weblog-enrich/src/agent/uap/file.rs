//! The file of uap-core, `regexes.yaml`, or the same as JSON, which is YAML too.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

/// An expression of the file, and what stands beside it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The line on which the entry begins, from 1.
    pub(super) line: usize,
    /// Its keys and values; a null has no value.
    values: Vec<(String, Option<String>)>,
}

impl Entry {
    /// Takes the value of a key out.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        self.values.iter_mut().find(|(name, _)| name == key)?.1.take()
    }
}

/// The lists of the file that are asked.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) browsers: Vec<Entry>,
    pub(super) systems: Vec<Entry>,
}

/// Why a file is none of uap-core's: where, and what is wrong there.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) reason: String,
}

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        Fault { line: error.marker().line(), reason: error.info().to_string() }
    }
}

/// Reads the lists of expressions for browsers and for systems.
pub(super) fn read(text: &str) -> Result<Lists, Fault> {
    let mut reader = Reader { parser: Parser::new_from_str(text), line: 1 };
    let (mut browsers, mut systems) = (None, None);
    reader.until_value()?;
    reader.expect_mapping("lists of expressions")?;
    while let Some(key) = reader.key()? {
        match key.as_ref() {
            "user_agent_parsers" => browsers = Some(reader.list()?),
            "os_parsers" => systems = Some(reader.list()?),
            _ => reader.skip()?,
        }
    }
    let missing = |name| Fault { line: reader.line, reason: format!("there is no list {name}") };
    Ok(Lists {
        browsers: browsers.ok_or_else(|| missing("user_agent_parsers"))?,
        systems: systems.ok_or_else(|| missing("os_parsers"))?,
    })
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// The line of the last event.
    line: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, Fault> {
        let (event, span): (Event<'t>, Span) = self.parser.next_event().unwrap_or_else(|| {
            Ok((Event::StreamEnd, Span::empty(saphyr_parser::Marker::new(0, self.line, 0))))
        })?;
        self.line = span.start.line();
        Ok(event)
    }

    fn fault<T>(&self, reason: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { line: self.line, reason: reason.into() })
    }

    /// Passes what stands before the first value of the file.
    fn until_value(&mut self) -> Result<(), Fault> {
        while matches!(self.parser.peek(), Some(Ok((Event::StreamStart | Event::DocumentStart(_), _)))) {
            self.next()?;
        }
        Ok(())
    }

    fn expect_mapping(&mut self, of: &str) -> Result<(), Fault> {
        match self.next()? {
            Event::MappingStart(..) => Ok(()),
            _ => self.fault(format!("expected a mapping: {of}")),
        }
    }

    /// The next key of a mapping; None at its end.
    fn key(&mut self) -> Result<Option<Cow<'t, str>>, Fault> {
        match self.next()? {
            Event::Scalar(key, ..) => Ok(Some(key)),
            Event::MappingEnd => Ok(None),
            _ => self.fault("expected a name as key"),
        }
    }

    fn list(&mut self) -> Result<Vec<Entry>, Fault> {
        let Event::SequenceStart(..) = self.next()? else {
            return self.fault("expected a list of expressions");
        };
        let mut entries = Vec::new();
        loop {
            match self.next()? {
                Event::MappingStart(..) => entries.push(self.entry()?),
                Event::SequenceEnd => return Ok(entries),
                _ => return self.fault("expected a mapping with the key regex"),
            }
        }
    }

    fn entry(&mut self) -> Result<Entry, Fault> {
        let mut entry = Entry { line: self.line, values: Vec::new() };
        while let Some(key) = self.key()? {
            let value = match self.next()? {
                Event::Scalar(value, ScalarStyle::Plain, ..)
                    if matches!(value.as_ref(), "" | "~" | "null") =>
                {
                    None
                }
                Event::Scalar(value, ..) => Some(value.into_owned()),
                _ => return self.fault(format!("expected a text as value of {key}")),
            };
            entry.values.push((key.into_owned(), value));
        }
        Ok(entry)
    }

    /// Passes a value of any form.
    fn skip(&mut self) -> Result<(), Fault> {
        let mut depth = 0usize;
        loop {
            match self.next()? {
                Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
                Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
                Event::StreamEnd => return self.fault("the file ends too early"),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}
