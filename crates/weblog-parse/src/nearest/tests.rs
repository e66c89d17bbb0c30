use super::*;
use crate::Reason;
use proptest::prelude::*;

const COMBINED: &str =
    r#"192.0.2.1 - - [22/Jan/2019:03:56:14 +0330] "GET /a HTTP/1.1" 200 5 "-" "Agent/1.0""#;

fn first(line: &str) -> Attempt {
    nearest(line.as_bytes(), None, Zone::default()).remove(0)
}

#[test]
fn the_format_that_reads_the_whole_line_goes_first() {
    for (line, format) in [
        (COMBINED.to_owned(), "combined"),
        (format!("{COMBINED} \"203.0.113.9\""), "nginx_main"),
        (format!("www.example.org:443 {COMBINED}"), "vhost_combined"),
        (COMBINED[..COMBINED.find(" \"-\"").unwrap()].to_owned(), "common"),
        ("time:22/Jan/2019:03:56:14 +0330\thost:192.0.2.1\tstatus:200".to_owned(), "ltsv"),
        ("2019/01/22 03:56:14 [error] 12#12: *3 open() failed".to_owned(), "nginx_error"),
        (
            "1066036250.603 310 192.0.2.1 TCP_MISS/302 415 GET http://www.example.org/ - DIRECT/192.0.2.2 -"
                .to_owned(),
            "squid",
        ),
    ] {
        let attempt = first(&line);
        assert_eq!(
            (attempt.format.name(), attempt.outcome),
            (format, Outcome::Fits { extra: false }),
            "{line}"
        );
        assert_eq!(attempt.read, line.len(), "{line}");
    }
}

#[test]
fn a_tail_that_no_format_names_is_extra_and_the_format_before_it_is_told() {
    let attempt = first(&format!("{COMBINED} 12060 rt=0.1"));
    assert_eq!((attempt.format, attempt.outcome), (Format::Combined, Outcome::Fits { extra: true }));
    assert_eq!(attempt.read, COMBINED.len() + 1);
}

#[test]
fn of_formats_that_do_not_fit_the_one_that_reads_furthest_goes_first() {
    let line = COMBINED.replace(" 200 ", " abc ");
    let attempt = first(&line);
    assert_eq!(attempt.format, Format::Combined);
    assert_eq!(attempt.read, line.find("abc").unwrap());
    let Outcome::Stops(reject) = attempt.outcome else { panic!("it fits") };
    assert_eq!(reject.reason, Reason::BadStatus);
}

#[test]
fn a_row_is_read_by_the_header_above_it() {
    let fields = b"#Fields: date time c-ip cs-method cs-uri-stem sc-status";
    let row = b"2019-01-22 00:26:14 192.0.2.1 GET /a 200";
    let attempts = nearest(row, Some(fields), Zone::default());
    assert_eq!((attempts[0].format.name(), attempts[0].fits()), ("w3c", true));
}

#[test]
fn labels_that_say_nothing_of_a_request_are_no_fit() {
    let attempts = nearest(b"203.0.113.9:56224 SSL handshake failure", None, Zone::default());
    assert!(attempts.iter().all(|attempt| !attempt.fits()), "{attempts:?}");
}

#[test]
fn what_is_no_entry_has_no_attempts() {
    for line in ["", "   ", "# a comment", "==> access.log <=="] {
        assert_eq!(nearest(line.as_bytes(), None, Zone::default()), [], "{line:?}");
    }
}

proptest! {
    #[test]
    fn the_order_is_best_first_and_every_format_is_tried_once(
        line in prop_oneof![any::<Vec<u8>>(), "[ -~]{0,120}".prop_map(String::into_bytes), damaged()],
    ) {
        let attempts = nearest(&line, None, Zone::default());
        let mut names: Vec<_> = attempts.iter().map(|attempt| attempt.format.name()).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), attempts.len());
        prop_assert!(attempts.is_empty() || attempts.len() == Format::names().count() - 5);
        prop_assert!(attempts.is_sorted_by_key(|attempt| !attempt.fits()));
        prop_assert!(attempts.iter().all(|attempt| attempt.read <= line.len()));
        let stops = attempts.iter().filter(|attempt| !attempt.fits() && !is_row(attempt.format)).map(|a| a.read);
        prop_assert!(stops.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn a_line_that_auto_reads_is_read_by_the_first_attempt(line in damaged()) {
        let mut parser = Parser::new(Options::default());
        parser.begin(Some(&line), None);
        let mut record = Record::new();
        if matches!(parser.parse(&line, &mut record), Parsed::Record { .. }) && is_entry(&record) {
            prop_assert!(nearest(&line, None, Zone::default())[0].fits());
        }
    }
}

/// A good line with some of its bytes changed.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((0..COMBINED.len(), any::<u8>()), 0..4).prop_map(|changes| {
        let mut line = COMBINED.as_bytes().to_vec();
        changes.into_iter().for_each(|(at, byte)| line[at] = byte);
        line
    })
}
