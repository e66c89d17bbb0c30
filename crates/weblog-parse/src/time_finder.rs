//! The time of a line at a glance, without reading the rest of the line.

use crate::{
    Zone, fast,
    time::{Memo, Shape},
};

/// Tells the time of well-formed lines of `common` and its kin and of weblog's own NDJSON. Where it answers
/// and a reader makes a record of the line, that record has the same time; of other lines it says nothing.
#[derive(Clone, Debug, Default)]
pub struct TimeFinder {
    memo: Memo,
    own: Memo,
}

/// How weblog's own NDJSON begins.
const OWN: &[u8] = b"{\"time\":\"";

impl TimeFinder {
    /// Microseconds since the epoch.
    #[inline]
    pub fn time(&mut self, line: &[u8]) -> Option<i64> {
        match line.first()? {
            b'{' => self.own(line.strip_prefix(OWN)?),
            _ => fast::time_of(&mut self.memo, line),
        }
    }

    fn own(&mut self, rest: &[u8]) -> Option<i64> {
        let end = match (rest.get(19), rest.get(23), rest.get(26)) {
            (Some(b'Z'), ..) => 20,
            (Some(b'.'), Some(b'Z'), _) => 24,
            (Some(b'.'), _, Some(b'Z')) => 27,
            _ => return None,
        };
        let (text, rest) = rest.split_at(end);
        // A wrapper around another line has a time as well, and not the line's; it has none of these behind it.
        if !rest.starts_with(b"\",\"utc_offset\":") && !rest.starts_with(b"\",\"remote_addr\":") {
            return None;
        }
        match self.own.read_shape(text, Zone::default()) {
            Some(Shape::Full(logged)) => Some(logged.instant.micros),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, Options, Parsed, Parser, Record, Value};
    use proptest::prelude::*;

    fn find(line: &str) -> Option<i64> {
        TimeFinder::default().time(line.as_bytes())
    }

    #[test]
    fn it_knows_the_lines_of_servers_and_those_of_weblog() {
        let expected = Some(1_548_116_774_000_000);
        assert_eq!(find("192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] \"GET / HTTP/1.1\" 200 5"), expected);
        assert_eq!(
            find("a.example 192.0.2.1 - - [22/Jan/2019:00:26:14 +0000] \"GET / HTTP/1.1\" 200 5"),
            expected
        );
        assert_eq!(find("{\"time\":\"2019-01-22T00:26:14Z\",\"remote_addr\":\"192.0.2.1\"}"), expected);
        assert_eq!(
            find("{\"time\":\"2019-01-22T00:26:14.500Z\",\"utc_offset\":0}"),
            expected.map(|time| time + 500_000)
        );
    }

    #[test]
    fn it_says_nothing_of_others() {
        assert_eq!(find(""), None);
        assert_eq!(find("#Fields: date time"), None);
        assert_eq!(find("{\"time\":\"2019-01-22T00:26:14Z\",\"message\":\"x\"}"), None);
        assert_eq!(find("{\"time\":\"2019-01-22T00:26:14\",\"remote_addr\":\"x\"}"), None);
        assert_eq!(find("{\"time\":\"2019-13-22T00:26:14Z\",\"remote_addr\":\"x\"}"), None);
    }

    proptest! {
        #[test]
        fn where_it_answers_the_parser_reads_the_same_time(
            before in "(192\\.0\\.2\\.1|a|#|\\[|\"|::1|,| |-){0,6}",
            names in "(- -|a b|-|a b c|=|\\|)",
            second in 0..61_u8,
            request in "(\"GET / HTTP/1.1\"|\"a\"b\"|\"|GET|\"-\" )",
            rest in "( 200 5| - -| 1|\"| \\[22/Jan/2020:00:00:00 \\+0000\\] \"GET / HTTP/1.1\" 200 5){0,3}",
        ) {
            let line = format!("{before} {names} [22/Jan/2019:00:00:{second:02} +0000] {request}{rest}");
            let mut record = Record::new();
            let mut parser = Parser::new(Options::default());
            if let (Some(at_a_glance), Parsed::Record { .. }) =
                (find(&line), parser.parse(line.as_bytes(), &mut record))
                && let Some(Value::Time(instant)) = record.get(Field::Time)
            {
                prop_assert_eq!(at_a_glance, instant.micros, "{}", line);
            }
        }
    }
}
