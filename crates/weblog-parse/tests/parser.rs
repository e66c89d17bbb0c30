//! What the parser makes of lines that fuzzing found.

#![allow(clippy::unwrap_used)]

use weblog_parse::{Field, Format, Options, Parsed, Parser, Program, Reason, Record, Value, formats::Family};

const COMBINED: &str = r#"192.0.2.4 - - [22/Jan/2026:03:56:14 +0100] "GET /a HTTP/1.1" 200 5 "-" "\xff""#;

fn parser(format: Format) -> Parser {
    Parser::new(Options { format, ..Options::default() })
}

#[test]
fn what_is_no_text_at_the_end_of_a_line_is_not_part_of_what_the_line_has_more() {
    for end in ["\0\0", "\x1b[0m", "\0 \t\x1b[1;31m"] {
        let line = format!("{COMBINED} \"x\" 0.012{end}");
        let (mut fast, mut slow) = (Record::new(), Record::new());
        parser(Format::Combined).parse(line.as_bytes(), &mut fast);
        parser(Format::Combined).parse_slowly(line.as_bytes(), &mut slow);
        assert_eq!(fast.get(Field::Extra), Some(Value::Text(b"\"x\" 0.012")));
        assert_eq!(fast, slow);
    }
}

#[test]
fn rows_under_a_header_that_cannot_be_read_are_rejected_and_not_read_by_another_one() {
    let row = b"2026-01-22 03:56:14 198.51.100.1 GET / - 443 - 192.0.2.4 - - 200 0 64 15";
    let wide = format!("#Fields:{}", " a".repeat(129));
    for format in [Format::Auto, Format::Of(Family::W3c)] {
        for header in [b"#Fields: date t\xffme" as &[u8], b"#Fields:", wide.as_bytes()] {
            let mut parser = parser(format);
            assert!(matches!(parser.parse(row, &mut Record::new()), Parsed::Record { .. }));
            assert_eq!(parser.parse(b"#Fields: date time s-ip", &mut Record::new()), Parsed::Skipped);
            assert_eq!(parser.parse(header, &mut Record::new()), Parsed::Skipped);
            let Parsed::Rejected(reject) = parser.parse(row, &mut Record::new()) else { panic!("a record") };
            assert_eq!(reject.reason, Reason::BadRow);
        }
    }
}

#[test]
fn a_line_of_combined_is_that_under_a_header_whose_columns_take_any_words() {
    for line in [COMBINED.to_owned(), format!("{COMBINED} more")] {
        let mut parser = parser(Format::Auto);
        parser.begin(None, Some(b"#Fields: x y"));
        for slowly in [false, true] {
            let mut record = Record::new();
            let parsed = match slowly {
                false => parser.parse(line.as_bytes(), &mut record),
                true => parser.parse_slowly(line.as_bytes(), &mut record),
            };
            assert!(matches!(parsed, Parsed::Record { format: Format::Combined, .. }), "{parsed:?}");
        }
        let parsed = parser.parse(b"192.0.2.1 b", &mut Record::new());
        assert_eq!(parsed, Parsed::Record { format: Format::Of(Family::W3c), extra: false });
    }
}

#[test]
fn a_line_of_combined_that_has_a_label_at_its_beginning_and_behind_a_tab_is_no_ltsv() {
    let line = b"2001:db8::8 - - [22/Jan/2019:03:56:15 +0330] \"GET /a\treq:b HTTP/1.1\" 302 - \"-\" \"-\"";
    let parsed = parser(Format::Auto).parse(line, &mut Record::new());
    assert_eq!(parsed, Parsed::Record { format: Format::Combined, extra: false });
    assert_eq!(parsed, parser(Format::Auto).parse_slowly(line, &mut Record::new()));
}

#[test]
fn a_header_is_skipped_in_a_log_of_a_compiled_format_and_known_where_any_format_may_follow() {
    let programs = [Program::apache("%h %>s").unwrap().into()].into();
    let compiled = Options { format: Format::Compiled(0), programs, ..Options::default() };
    let any = Options { format: Format::Auto, ..compiled.clone() };
    for (options, second) in [(compiled, None), (any, Some(Format::Of(Family::W3c)))] {
        let mut parser = Parser::new(options);
        assert_eq!(parser.parse(b"#Fields: c-ip x sc-status", &mut Record::new()), Parsed::Skipped);
        let parsed = parser.parse(b"192.0.2.1 200", &mut Record::new());
        assert_eq!(parsed, Parsed::Record { format: Format::Compiled(0), extra: false });
        let parsed = parser.parse(b"192.0.2.1 word 200", &mut Record::new());
        let format = if let Parsed::Record { format, .. } = parsed { Some(format) } else { None };
        assert_eq!(format, second);
    }
}
