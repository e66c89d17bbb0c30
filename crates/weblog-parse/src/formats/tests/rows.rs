//! W3C and CloudFront: rows under a header.

use super::{Family, Header, Reason, holds, rejected, under};
use crate::{record::Name, schema::Kind};

fn row(header: &str, line: &str) -> String {
    let header = Header::compile(header.as_bytes()).unwrap();
    super::announced(Family::W3c, Some(&header), line);
    under(Some(&header), Family::W3c, line).unwrap().0
}

#[test]
fn the_columns_of_iis_are_known_without_a_header() {
    let line = "2026-01-22 03:56:14 198.51.100.1 GET /a%20b q=1 443 DOM\\new 192.0.2.4 Mozilla/5.0+(X;+Y) \
        http://r.example/a+b 200 0 64 15";
    assert_eq!(
        super::read(Family::W3c, line),
        "time=2026-01-22T03:56:14Z\nremote_addr=192.0.2.4\nremote_user=DOM\\new\nmethod=GET\npath=/a b\nquery=q=1\n\
         status=200\nreferer=http://r.example/a+b\nuser_agent=Mozilla/5.0 (X; Y)\nserver_addr=198.51.100.1\n\
         server_port=443\nduration_us=15000\nsc_substatus=0\nsc_win32_status=64\n"
    );
    let nulls = "2026-01-22 03:56:14 198.51.100.1 GET / - 443 - 192.0.2.4 - - 200 0 64 -";
    holds(Family::W3c, nulls, &["query=", "user_agent=", "duration_us=", "remote_user="]);
}

#[test]
fn a_header_says_what_stands_where_and_may_be_in_any_order() {
    let header =
        "#fields: sc-status time cs-bytes date cs-host cs(X-Own-Header) s-sitename c-port cs-uri s-action";
    let line = "404 03:56:14.25 7 2026-01-22 shop.example:8080 a+b W3SVC1 1234 http://h.example/a?b TCP_HIT";
    assert_eq!(
        row(header, line),
        "time=2026-01-22T03:56:14.250Z\ntarget=http://h.example/a?b\npath=/a\nquery=b\nstatus=404\n\
         vhost=shop.example\nserver_port=8080\nrequest_bytes=7\ncache_status=TCP_HIT\ncs_x_own_header=a b\n\
         s_sitename=W3SVC1\nclient_port=1234\n"
    );
}

#[test]
fn quoted_values_keep_their_blanks_and_pluses() {
    let header = "#Fields: c-ip cs(User-Agent) cs(Referer) sc-bytes";
    let line = "192.0.2.1 \"a+b c \"\"d\"\" e\" \"\" 5 more";
    assert_eq!(
        row(header, line),
        "remote_addr=192.0.2.1\nbytes=5\nreferer=\nuser_agent=a+b c \"\"d\"\" e\nextra=more\n"
    );
}

#[test]
fn times_taken_are_milliseconds_or_seconds_with_a_fraction() {
    let header = "#Fields: time-taken sc-status";
    assert_eq!(row(header, "15 200"), "status=200\nduration_us=15000\n");
    assert_eq!(row(header, "0.015 200"), "status=200\nduration_us=15000\n");
}

#[test]
fn a_date_or_a_time_alone_is_no_instant_and_stays_under_its_own_name() {
    assert_eq!(
        row("#Fields: time c-ip", "03:56:14 192.0.2.1"),
        "remote_addr=192.0.2.1\ntime_of_day=03:56:14\n"
    );
    assert_eq!(row("#Fields: date c-ip", "2026-01-22 192.0.2.1"), "remote_addr=192.0.2.1\ndate=2026-01-22\n");
    assert_eq!(row("#Fields: date time c-ip", "- - 192.0.2.1"), "remote_addr=192.0.2.1\n");
}

#[test]
fn two_columns_of_one_name_are_both_kept() {
    assert_eq!(
        row("#Fields: c-ip c-ip x y-z y.z", "a b c d e"),
        "remote_addr=a\ncolumn_2=b\nx=c\ny_z=d\ncolumn_5=e\n"
    );
}

#[test]
fn a_leap_second_is_the_second_after_it() {
    let line = "2016-12-31 23:59:60 192.0.2.1";
    assert_eq!(row("#Fields: date time c-ip", line), "time=2017-01-01T00:00:00Z\nremote_addr=192.0.2.1\n");
}

#[test]
fn a_row_that_does_not_fit_its_header_says_where() {
    let line = "2026-01-22 03:56:14 198.51.100.1 GET / - 443 - 192.0.2.4 ua - 200 0 64 15";
    rejected(Family::W3c, &line.replace(" 200 0", " OK 0"), Reason::BadStatus, "OK 0 64 15", "a status");
    rejected(Family::W3c, &line.replace(" 64 15", " 64 1x"), Reason::BadRow, "1x", "in milliseconds");
    rejected(
        Family::W3c,
        &line.replace("2026-01-22", "2026-02-30"),
        Reason::BadTime,
        &line.replace("01-22", "02-30"),
        "a date",
    );
    rejected(Family::W3c, &line[..line.len() - 3], Reason::Truncated, "", "as many fields");
    rejected(Family::W3c, "#Date: 2026-01-22", Reason::BadRow, "#Date: 2026-01-22", "a row");
    assert_eq!(under(None, Family::W3c, line).unwrap_err().reason, Reason::BadRow);
}

#[test]
fn headers_are_told_from_other_lines() {
    for line in ["#Fields: a", "\u{feff}#FIELDS: a", "#Fields:\ta\tb\r"] {
        assert!(Header::is_header(line.as_bytes()) && Header::compile(line.as_bytes()).is_some(), "{line}");
        assert_eq!(super::guess(line.as_bytes()), Some(Family::W3c));
    }
    for line in ["#Date: x", "#Field", "", "Fields: a", "\u{feff}"] {
        assert!(!Header::is_header(line.as_bytes()), "{line}");
    }
    assert!(Header::is_directive(b"#Software: x") && !Header::is_directive(b"2026-01-22"));
    let many = format!("#Fields:{}", " c-ip".repeat(129));
    for line in ["#Fields:", "#Fields: \t", "#Fields: \u{fffd}".trim_end_matches('\u{fffd}'), &many] {
        assert_eq!(Header::compile(line.as_bytes()), None, "{line}");
    }
    let long = format!("#Fields: {}", "x".repeat(101));
    assert_eq!(Header::compile(long.as_bytes()), None);
}

#[test]
fn names_that_the_schema_has_with_another_kind_are_set_apart() {
    let header = Header::compile(b"#Fields: latitude forwarded-suspect Country asn").unwrap();
    let names: Vec<_> = header.fields().into_iter().map(|(name, kind)| (super::named(name), kind)).collect();
    let text = |name| (name, Kind::Text);
    assert_eq!(
        names,
        [text("extra"), text("country"), ("asn", Kind::Int), text("x_latitude"), text("x_forwarded_suspect")]
    );
    assert!(matches!(header.fields()[3].0, Name::Other(_)));
}

#[test]
fn columns_with_the_names_of_fields_stand_in_schema_order_and_no_field_comes_twice() {
    let shown = row("#Fields: os country c-ip", "linux DE 192.0.2.1 more");
    assert_eq!(shown, "remote_addr=192.0.2.1\nextra=more\ncountry=DE\nos=linux\n");
    assert_eq!(row("#Fields: extra cs-method", "a GET b"), "method=GET\nextra=b\nx_extra=a\n");
    assert_eq!(row("#Fields: path cs-uri", "/x /a?b"), "target=/a?b\npath=/x\n");
    assert_eq!(
        row("#Fields: server_port cs-host", "81 shop.example:80"),
        "vhost=shop.example\nserver_port=81\n"
    );
    let offset = row("#Fields: date time utc-offset host", "2026-01-22 03:56:14+01:00 7 a");
    assert_eq!(offset, "time=2026-01-22T02:56:14Z\nutc_offset=7\nx_host=a\n");
}

const CLOUDFRONT: &str = "2026-01-22\t03:56:14\tFRA2-C1\t182\t192.0.2.10\tGET\td111.example\t/view/my%20file.html\t000\t-\t\
    Mozilla/5.0%20(X%2520Y)\tx=%201\tk=a%20b\tError\trid==\tshop.example\thttps\t23\t0.001\t192.0.2.1,%20192.0.2.2\t\
    TLSv1.2\tECDHE\tError\tHTTP/2.0\t-\t-\t11040\t0.0014\tError\ttext/html\t-\t-\t-";

#[test]
fn the_texts_of_cloudfront_are_decoded_once_and_its_seconds_are_exact() {
    let read = super::read(Family::Cloudfront, CLOUDFRONT);
    assert_eq!(
        read,
        "time=2026-01-22T03:56:14Z\nremote_addr=192.0.2.10\nmethod=GET\npath=/view/my file.html\nquery=x=%201\n\
         protocol=HTTP/2.0\nstatus=0\nbytes=182\nuser_agent=Mozilla/5.0 (X%20Y)\nvhost=shop.example\n\
         duration_us=1000\nrequest_bytes=23\ncache_status=Error\nrequest_id=rid==\n\
         forwarded_for=192.0.2.1, 192.0.2.2\ntls_protocol=TLSv1.2\ntls_cipher=ECDHE\nx_edge_location=FRA2-C1\n\
         cs_host=d111.example\ncs_cookie=k=a b\ncs_protocol=https\nx_edge_response_result_type=Error\n\
         client_port=11040\ntime_to_first_byte_us=1400\nx_edge_detailed_result_type=Error\n\
         sc_content_type=text/html\n"
    );
}

#[test]
fn a_row_of_cloudfront_has_tabs_and_may_have_more_columns_than_the_header() {
    let spaces = CLOUDFRONT.replace('\t', " ");
    rejected(Family::Cloudfront, &spaces, Reason::BadRow, "", "tabs");
    holds(Family::Cloudfront, &format!("{CLOUDFRONT}\tnew\tones"), &["extra=new\tones"]);
    let short = &CLOUDFRONT[..CLOUDFRONT.len() - 4];
    rejected(Family::Cloudfront, short, Reason::Truncated, "", "as many fields");
}
