//! What compiled formats make of lines.

#![allow(clippy::unwrap_used)]

use weblog_parse::{
    Escape, Field, Kind, Name, Program, Reason, Record, Reject, Value, Zone,
    program::{Builder, Shape, Variable},
    text::bytes,
    time::Memo,
};

const COMBINED: &str = r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#;

fn shown(record: &Record<'_>) -> String {
    let mut out = Vec::new();
    for (name, value) in record.fields() {
        let name = match name {
            Name::Known(field) => field.name(),
            Name::Other(other) => other,
        };
        let value = match *value {
            Value::Int(number) => number.to_string(),
            Value::Time(instant) => format!("{}/{}", instant.micros, instant.digits),
            Value::Str(text) | Value::Json(text) => text.into(),
            value => String::from_utf8_lossy(bytes(value, &mut Vec::new()).unwrap()).into_owned(),
        };
        out.push(format!("{name}={value}"));
    }
    out.join("; ")
}

fn read(program: &Program, line: &str) -> Result<String, Reject> {
    let mut record = Record::new();
    program.parse(&mut Memo::default(), Zone::default(), line.as_bytes(), &mut record)?;
    Ok(shown(&record))
}

#[track_caller]
fn apache(format: &str, line: &str) -> String {
    read(&Program::apache(format).unwrap(), line).unwrap()
}

#[track_caller]
fn nginx(format: &str, line: &str) -> String {
    read(&Program::nginx(format, Escape::Default).unwrap(), line).unwrap()
}

#[track_caller]
fn json(format: &str, line: &str) -> String {
    read(&Program::nginx(format, Escape::Json).unwrap(), line).unwrap()
}

#[track_caller]
fn rejected(format: &str, line: &str) -> (Reason, usize, String) {
    let reject = read(&Program::apache(format).unwrap(), line).unwrap_err();
    (reject.reason, reject.column, reject.expected.into_owned())
}

#[test]
fn combined_is_read_field_by_field_into_schema_order() {
    let line = r#"192.0.2.1 - joe [22/Jan/2019:03:56:14 +0330] "GET /a%20b?c=d HTTP/1.1" 200 512 "-" "x\"y""#;
    assert_eq!(
        apache(COMBINED, line),
        "time=1548116774000000/0; utc_offset=210; remote_addr=192.0.2.1; remote_user=joe; method=GET; \
         target=/a%20b?c=d; path=/a b; query=c=d; protocol=HTTP/1.1; status=200; bytes=512; user_agent=x\"y"
    );
}

#[test]
fn a_format_pasted_from_httpd_conf_may_have_its_quotes_escaped() {
    assert_eq!(
        apache(r#"\"%r\" %>s"#, r#""GET / HTTP/1.1" 200"#),
        apache(r#""%r" %>s"#, r#""GET / HTTP/1.1" 200"#)
    );
}

#[test]
fn the_final_status_wins_and_the_other_is_the_original_one() {
    assert_eq!(apache("%<s %s %>s", "201 202 203"), "status=203; original_status=201");
    assert_eq!(apache("%s", "000"), "status=0");
    assert_eq!(apache("%>s", "-"), "");
}

#[test]
fn modifiers_stand_before_and_behind_the_argument() {
    for format in ["%>{Referer}i", "%{Referer}>i", "%!200,304{Referer}i", "%{Referer}!200,304i"] {
        assert_eq!(apache(format, "https://a.example/"), "referer=https://a.example/", "{format}");
        assert_eq!(apache(format, "-"), "", "{format}");
    }
    assert_eq!(apache("%!200t %>s", "- 200"), "status=200");
}

#[test]
fn of_one_field_twice_the_one_that_is_not_a_dash_counts() {
    assert_eq!(
        apache(r#""%400r" "%!400r""#, r#""-" "GET / HTTP/1.1""#),
        "method=GET; target=/; path=/; protocol=HTTP/1.1"
    );
}

#[test]
fn sent_bytes_are_the_bytes_when_the_format_has_no_others() {
    assert_eq!(apache("%b %O", "5 9"), "bytes=5; response_bytes=9");
    assert_eq!(apache("%I %O", "5 9"), "bytes=9; request_bytes=5");
    assert_eq!(nginx("$bytes_sent", "9"), "bytes=9");
}

#[test]
fn the_finest_duration_wins_in_whole_microseconds() {
    assert_eq!(apache("%T %{ms}T %D", "1 1042 1042345"), "duration_us=1042345");
    assert_eq!(apache("%T %{MS}T", "1 1042"), "duration_us=1042000");
    assert_eq!(apache("%T", "3"), "duration_us=3000000");
    for (text, micros) in
        [("0.123", 123_000), ("0,123", 123_000), ("123ms", 123_000), ("+12", 12_000_000), ("<0.001", 1_000)]
    {
        assert_eq!(
            nginx("$request_time $status", &format!("{text} 200")),
            format!("status=200; duration_us={micros}")
        );
    }
    for none in ["-", "-1", "-1.000"] {
        assert_eq!(nginx("$request_time $status", &format!("{none} 200")), "status=200");
    }
}

#[test]
fn the_finest_time_wins_with_the_offset_of_the_one_that_has_it() {
    assert_eq!(
        nginx("[$time_local] $msec", "[22/Jan/2019:03:56:14 +0330] 1548116774.250"),
        "time=1548116774250000/3; utc_offset=210"
    );
}

#[test]
fn times_in_pieces_make_one_instant() {
    let instant = "time=1548116774250000/3; utc_offset=210";
    for (format, line) in [
        ("%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t", "2019-01-22T03:56:14.250+0330"),
        ("%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t", "22/Jan/2019 03:56:14.250 +0330"),
        ("%t.%{msec_frac}t", "[22/Jan/2019:03:56:14 +0330].250"),
        ("%{%F}t %h %{%T}t %{%z}t %{msec_frac}t", "2019-01-22 - 03:56:14 +0330 250"),
        ("%{%s}t %{%z}t %{msec_frac}t", "1548116774 +0330 250"),
    ] {
        assert_eq!(apache(format, line), instant, "{format}");
    }
    assert_eq!(apache("%{sec}t.%{usec_frac}t", "1548116774.250001"), "time=1548116774250001/6");
    assert_eq!(apache("%{usec}t", "1548116774250001"), "time=1548116774250001/6");
    assert_eq!(apache("%{%Y-%m-%d}t %>s", "2019-01-22 200"), "status=200");
}

#[test]
fn begin_and_end_are_two_times_when_the_format_has_both() {
    assert_eq!(
        apache("%{begin:%s}t %{end:%s}t", "1548116774 1548116775"),
        "time=1548116774000000/0; end_time=1548116775000000/0"
    );
    assert_eq!(apache("%{end}t", "[22/Jan/2019:00:26:14 +0000]"), "time=1548116774000000/0; utc_offset=0");
}

#[test]
fn seconds_that_no_date_has_are_no_time() {
    let (reason, column, _) = rejected("%>s %{sec}t", "200 999999999999");
    assert_eq!((reason, column), (Reason::BadTime, 5));
    assert_eq!(rejected("%{%s}t %>s", "999999999999 200").0, Reason::BadTime);
}

#[test]
fn a_time_without_zone_is_in_the_zone_given() {
    let program = Program::apache("%{%F %T}t").unwrap();
    let mut record = Record::new();
    let zone = "Europe/Berlin".parse().unwrap();
    program.parse(&mut Memo::default(), zone, b"2019-01-22 01:26:14", &mut record).unwrap();
    assert_eq!(shown(&record), "time=1548116774000000/0");
}

#[test]
fn path_and_query_given_apart_fill_the_fields_and_a_request_line_comes_before_them() {
    assert_eq!(
        apache("%m %U%q %H", "GET /a?b=c HTTP/1.1"),
        "method=GET; path=/a; query=b=c; protocol=HTTP/1.1"
    );
    assert_eq!(apache("%U%q", "/a?"), "path=/a; query=");
    assert_eq!(apache("%U%q", "/a"), "path=/a");
    assert_eq!(
        nginx("$request_method $request_uri $server_protocol", "GET /a%41?b=c HTTP/1.1"),
        "method=GET; target=/a%41?b=c; path=/aA; query=b=c; protocol=HTTP/1.1"
    );
    assert_eq!(nginx("$uri$is_args$args $status", "/a?b 200"), "path=/a; query=b; status=200");
    assert_eq!(
        nginx("\"$request\" $uri $request_method", "\"GET /a HTTP/1.1\" /index.html GET"),
        "method=GET; target=/a; path=/a; protocol=HTTP/1.1; uri=/index.html; request_method=GET"
    );
}

#[test]
fn the_query_of_a_path_is_not_given_twice() {
    let read = nginx("$uri$is_args$args $args $status", "/a?b b 200");
    assert_eq!(read, "path=/a; query=b; status=200; args=b");
}

#[test]
fn an_upstream_list_is_kept_summed_and_counted() {
    let format = "$upstream_addr $upstream_status $upstream_response_time $status";
    assert_eq!(
        nginx(format, "192.0.2.1:80, 192.0.2.2:80 : - 502, 200 : 404 0.001, 0.200 : - 200"),
        "status=200; upstream_addr=192.0.2.1:80, 192.0.2.2:80 : -; upstream_status=502, 200 : 404; \
         upstream_time_us=201000; upstream_attempts=3; upstream_last_status=404; \
         upstream_response_time=0.001, 0.200 : -"
    );
    assert_eq!(
        nginx(format, "192.0.2.1:80 502 0.001 502"),
        "status=502; upstream_addr=192.0.2.1:80; upstream_status=502; upstream_time_us=1000; \
         upstream_attempts=1; upstream_last_status=502"
    );
    assert_eq!(nginx(format, "- - - 200"), "status=200");
    assert_eq!(
        nginx("\"$upstream_connect_time\" $status", "\"0.001, 0.002\" 200"),
        "status=200; upstream_connect_time=0.001, 0.002; upstream_connect_time_us=3000"
    );
}

#[test]
fn variables_that_nobody_knows_are_text_under_their_own_name() {
    assert_eq!(nginx("${my_map}x $http_x_thing", "1x y"), "my_map=1; http_x_thing=y");
    assert_eq!(
        apache("%{X-Thing}i|%{a}C|%{v}e|%{X-Out}o", "1|2|3|4"),
        "http_x_thing=1; cookie_a=2; env_v=3; sent_http_x_out=4"
    );
    // What is a field of the schema by name, but of another kind, does not get the field.
    assert_eq!(nginx("$time $country", "x DE"), "country=DE; var_time=x");
}

#[test]
fn virtual_hosts_have_an_order_and_the_others_keep_their_names() {
    assert_eq!(nginx("$host", "a.example"), "vhost=a.example");
    assert_eq!(nginx("$host $server_name", "a.example b.example"), "vhost=b.example; host_header=a.example");
    assert_eq!(
        apache("%v:%p %h", "[2001:db8::1]:443 x"),
        "remote_addr=x; vhost=[2001:db8::1]; server_port=443"
    );
}

#[test]
fn in_escape_json_missing_numbers_are_null_and_empty_texts_empty() {
    let format = r#"{"s":$status,"u":$upstream_response_time,"b":"$body_bytes_sent","ua":"$http_user_agent","r":"$request"}"#;
    assert_eq!(
        json(format, r#"{"s":200,"u":,"b":"","ua":"","r":"GET /\"%41 HTTP/1.1"}"#),
        "method=GET; target=/\"%41; path=/\"A; protocol=HTTP/1.1; status=200; user_agent="
    );
    assert_eq!(
        json(format, r#"{"s":400,"u":0.5,"b":"7","ua":"a\u0000\n\\\"","r":"\u0016\u0003\u0001"}"#),
        "request=\u{16}\u{3}\u{1}; request_kind=tls; status=400; bytes=7; user_agent=a\0\n\\\"; \
         upstream_time_us=500000; upstream_attempts=1"
    );
}

#[test]
fn in_escape_none_backslashes_are_backslashes() {
    let program = Program::nginx("$status \"$http_user_agent\" \"$http_referer\"", Escape::None).unwrap();
    assert_eq!(read(&program, r#"200 "a\x41" """#).unwrap(), r"status=200; referer=; user_agent=a\x41");
    assert_eq!(read(&program, r#"200 "a"b" "c""#).unwrap(), r#"status=200; referer=c; user_agent=a"b"#);
    assert_eq!(program.warnings().len(), 2);
}

#[test]
fn what_shippers_and_servers_do_to_lines_is_undone() {
    let plain = r#"192.0.2.1 - - [22/Jan/2019:00:26:14 +0000] "GET / HTTP/1.1" 200 5 "-" "x""#;
    let fields = apache(COMBINED, plain);
    assert_eq!(apache(COMBINED, &format!("\u{feff}{plain}")), fields);
    assert_eq!(apache(COMBINED, &format!("\0\0{plain}\r")), fields);
    assert_eq!(
        apache(COMBINED, &plain.replace(' ', "  ").replace("GET  /  H", "GET / H").replace("14  +", "14 +")),
        fields
    );
    assert_eq!(apache(COMBINED, &plain.replace("\"-\"", "-")), fields);
    assert_eq!(apache(COMBINED, &format!("web | {plain}")), format!("{fields}; prefix=web | "));
    assert_eq!(
        apache(COMBINED, &format!("Jan 22 00:26:14 www httpd: {plain}")),
        format!("{fields}; host=www; prefix=Jan 22 00:26:14 www httpd: ")
    );
    assert_eq!(
        apache("%h %l %u %t", "- - John Doe [22/Jan/2019:00:26:14 +0000]"),
        "time=1548116774000000/0; utc_offset=0; remote_user=John Doe"
    );
    assert_eq!(apache("%u %>s", "\"\" 200"), "remote_user=; status=200");
    assert_eq!(
        apache("\"%r\" %>s", r#""GET /"a" b HTTP/1.1" 200"#),
        "method=GET; target=/\"a\" b; path=/\"a\" b; protocol=HTTP/1.1; status=200"
    );
    assert_eq!(apache(COMBINED, "- - - - - - - - -"), "request_kind=empty");
}

#[test]
fn what_the_format_does_not_name_is_extra() {
    let program = Program::apache("%h %>s").unwrap();
    let mut record = Record::new();
    assert!(program.parse(&mut Memo::default(), Zone::default(), b"x 200 a \"b\" ", &mut record).unwrap());
    assert_eq!(shown(&record), "remote_addr=x; status=200; extra=a \"b\"");
}

#[test]
fn a_reject_names_the_first_byte_that_fits_nothing() {
    assert_eq!(
        rejected(COMBINED, "192.0.2.1 - - [22/Jan/2019:00:26:14 +0000]x"),
        (Reason::MissingField, 43, "the literal `] \"` after %t".into())
    );
    assert_eq!(
        rejected("%h \"%r\" %>s", "x \"GET /\" 2x0"),
        (Reason::BadStatus, 11, "%>s: three digits".into())
    );
    assert_eq!(rejected("%h %t %>s", "x [22/Foo/2019:00:26:14 +0000] 200").0, Reason::BadTime);
    assert_eq!(
        rejected("%b %>s", "99999999999999999999 200"),
        (Reason::BadBytes, 1, "%b: a whole number of at most 63 bits".into())
    );
    assert_eq!(rejected("\"%r\" %>s", "GET / 200"), (Reason::BadRequest, 1, "`\"` before %r".into()));
    assert_eq!(rejected("%h %>s %b", "x 200"), (Reason::Truncated, 6, "the literal ` ` after %>s".into()));
    let line = r#"x [22/Jan/2019:00:26:14 +0000] "GE y [22/Jan/2019:00:26:14 +0000] "GET /" 200"#;
    assert_eq!(rejected("%h %t \"%r\" %>s %b", line).0, Reason::Glued);
    assert_eq!(rejected("%h", "").2, "%h: a word without blanks");
    let wrapped = rejected("%h %>s", "Jan 22 00:26:14 www httpd: x 2000");
    assert_eq!(wrapped, (Reason::MissingField, 33, "a blank or the end of the line after %>s".into()));
}

#[test]
fn a_bad_format_string_says_where_and_what() {
    for (format, at, word) in [
        ("%h %", 4, "letter"),
        ("%h %{Referer", 12, "`}`"),
        ("%h %y", 3, "`%y` is none"),
        ("%h %i", 3, "%{NAME}i"),
        ("%^JS", 0, "mod_log_json"),
        ("%^F", 2, "two letters"),
        ("%^é", 0, "is none"),
        ("a %{%Q}t", 4, "`%Q` is none"),
        ("plain", 5, "this format has none"),
    ] {
        let error = Program::apache(format).unwrap_err();
        assert_eq!(error.at, at, "{format}: {error}");
        assert!(error.to_string().contains(word), "{format}: {error}");
    }
    for (format, at) in [("$", 1), ("$remote_addr ${status", 21), ("${}", 2), ("a$-", 2)] {
        assert_eq!(Program::nginx(format, Escape::Default).unwrap_err().at, at, "{format}");
    }
}

#[test]
fn ambiguities_are_warnings_in_sentences() {
    let warnings = |format| Program::nginx(format, Escape::Default).unwrap().warnings().join("\n");
    assert_eq!(warnings("$remote_addr \"$http_user_agent\"\t$args\t$status"), "");
    assert!(warnings("$http_user_agent $status").contains("can hold the ` `"));
    assert!(warnings("$a$b").contains("nothing stands between `$a` and `$b`"));
    assert_eq!(nginx("$http_user_agent $status", "a b 200 c 404"), "status=200; user_agent=a b; extra=c 404");
    assert_eq!(
        nginx("$scheme://$host$request_uri $status", "https://a.example/x 200"),
        "target=/x; path=/x; status=200; vhost=a.example; scheme=https"
    );
}

#[test]
fn fields_are_named_with_their_kinds_in_the_order_of_the_record() {
    let program =
        Program::nginx("$connection $upstream_response_time $host $x [$time_local]", Escape::Default)
            .unwrap();
    let known = |field: Field| (Name::Known(field), field.info().kind);
    assert_eq!(
        program.fields(),
        [
            known(Field::Time),
            known(Field::UtcOffset),
            known(Field::Vhost),
            known(Field::UpstreamTimeUs),
            known(Field::UpstreamAttempts),
            (Name::Other("upstream_response_time"), Kind::Text),
            (Name::Other("connection"), Kind::Int),
            (Name::Other("x"), Kind::Text),
        ]
    );
    assert_eq!(program.to_string(), program.source());
}

#[test]
fn a_format_can_be_built_from_its_parts() {
    let program = Builder::new("mine", Escape::Default)
        .variable(Variable::field("client", Field::RemoteAddr, Shape::Word))
        .literal(b" -> ")
        .variable(Variable::other("backend", "backend", Shape::Word))
        .build()
        .unwrap();
    assert_eq!(read(&program, "192.0.2.1 -> b").unwrap(), "remote_addr=192.0.2.1; backend=b");
    assert_eq!(read(&program, "192.0.2.1 - b").unwrap_err().expected, "the literal ` -> ` after client");
}

#[test]
fn more_variables_than_the_line_buffer_holds_are_read_all_the_same() {
    let format: Vec<String> = (0..100).map(|n| format!("$v{n}")).collect();
    let line: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let fields = nginx(&format.join("|"), &line.join("|"));
    assert!(fields.starts_with("v0=0; v1=1; ") && fields.ends_with("v99=99"), "{fields}");
    let too_many: Vec<String> = (0..300).map(|n| format!("$v{n}")).collect();
    assert!(Program::nginx(&too_many.join("|"), Escape::Default).is_err());
}

#[test]
fn json_escapes_of_any_bytes_are_undone() {
    let decoded = |escaped: &[u8]| bytes(Value::JsonEscaped(escaped), &mut Vec::new()).unwrap().to_vec();
    assert_eq!(decoded(br#"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"#), "\"\\/\x08\x0c\n\r\té😀".as_bytes());
    assert_eq!(decoded(b"caf\xe9"), b"caf\xe9");
    // What is no escape stays.
    assert_eq!(decoded(br"\x41 \ud83d \u12 \"), br"\x41 \ud83d \u12 \");
}
