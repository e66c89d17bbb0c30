//! What carries a line is taken off it, and kept.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use weblog_parse::{Parsed, Parser, Record, wrapper::unwrap};

const LINE: &str = "192.0.2.1 - - [22/Jan/2026:00:26:14 +0000] \"GET / HTTP/1.1\" 200 5";

fn carried(wrapper: &str) -> (String, Option<String>) {
    let line = format!("{wrapper}{LINE}");
    let inner = unwrap(line.as_bytes()).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(text(inner.line), LINE);
    (text(inner.prefix), inner.host.map(text))
}

#[test]
fn syslog_of_rfc_5424_is_taken_off_with_its_structured_data() {
    for (wrapper, host) in [
        ("<134>1 2026-01-22T00:26:14.003Z web1 nginx 12 - - ", Some("web1")),
        ("<134>1 2026-01-22T00:26:14+01:00 web1 nginx - access [a@1 k=\"]\\\"[\"][b c=\"d\"] ", Some("web1")),
        ("<134>1 - - nginx - - - \u{feff}", None),
    ] {
        assert_eq!(carried(wrapper), (wrapper.to_owned(), host.map(str::to_owned)));
    }
}

#[test]
fn the_journals_export_format_carries_lines_and_its_other_members_are_no_entries() {
    assert_eq!(carried("MESSAGE=").0, "MESSAGE=");
    for line in ["__CURSOR=s=1;i=2", "_HOSTNAME=web1", "PRIORITY=6", "SYSLOG_IDENTIFIER=nginx", ""] {
        let parsed = Parser::default().parse(line.as_bytes(), &mut Record::new());
        assert_eq!(parsed, Parsed::Skipped, "{line}");
    }
}

#[test]
fn half_a_header_of_syslog_is_none() {
    for line in [
        "<134>1 ",
        "<134>1 2026-01-22T00:26:14Z web1 nginx 12 - [",
        "<134>1 x y z a b c d",
        "<1>1 - - - - - x",
    ] {
        assert_eq!(unwrap(line.as_bytes()), None, "{line}");
    }
}
