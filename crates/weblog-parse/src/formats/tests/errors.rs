//! The error logs of Apache httpd and nginx.

use super::{Family, Reason, Zone, holds, read, rejected};
use crate::{record::Record, schema::Field, time::Memo};

#[test]
fn an_error_of_apache_2_2_has_a_level_and_a_client() {
    let line = "[Wed Oct 11 14:32:52 2000] [error] [client 2001:db8::1] File does not exist: /x, referer: http://r.example/";
    assert_eq!(
        read(Family::ApacheError, line),
        "time=2000-10-11T14:32:52Z\nremote_addr=2001:db8::1\nreferer=http://r.example/\nkind=error\nlevel=error\n\
         message=File does not exist: /x\n"
    );
}

#[test]
fn an_error_of_apache_2_4_has_module_process_port_and_code() {
    let line = "[Wed Oct 01 14:32:52.123456 2025] [core:error] [pid 17:tid 140] [client 192.0.2.1:1234] AH00124: a [b] \\\"c\\\"";
    assert_eq!(
        read(Family::ApacheError, line),
        "time=2025-10-01T14:32:52.123456Z\nremote_addr=192.0.2.1\nkind=error\nlevel=error\nmodule=core\n\
         code=AH00124\npid=17\ntid=140\nclient_port=1234\nmessage=a [b] \"c\"\n"
    );
}

#[test]
fn the_error_of_the_system_stands_before_the_client() {
    let line = "[Wed Oct  1 14:32:52.123456 2025] [core:crit] [pid 1] (13)Permission denied: [client 2001:db8::1:99] \
        AH00035: access to /x denied";
    holds(
        Family::ApacheError,
        line,
        &[
            "os_error=(13)Permission denied",
            "remote_addr=2001:db8::1",
            "client_port=99",
            "code=AH00035",
            "message=access to /x denied",
        ],
    );
}

#[test]
fn lines_without_a_client_and_with_other_brackets_are_errors_too() {
    let notice =
        "[Wed Oct 11 14:32:52.123456 2025] [mpm_event:notice] [pid 7:tid 8] AH00489: Apache configured";
    holds(Family::ApacheError, notice, &["level=notice", "module=mpm_event", "remote_addr=", "code=AH00489"]);
    let remote = "[Wed Oct 11 14:32:52 2025] [proxy:trace8] [pid 7] [tid 8] [remote 192.0.2.9:443] x";
    holds(
        Family::ApacheError,
        remote,
        &["level=trace8", "tid=8", "remote_addr=192.0.2.9", "client_port=443"],
    );
    let bracket = "[Wed Oct 11 14:32:52 2025] [:error] [notice] is part of the message";
    holds(
        Family::ApacheError,
        bracket,
        &["level=error", "module=", "message=[notice] is part of the message"],
    );
}

#[test]
fn what_is_no_error_of_apache_is_rejected_where_it_stops_fitting() {
    rejected(
        Family::ApacheError,
        "[Wed Oct 41 14:32:52 2025] [error] x",
        Reason::BadTime,
        "Wed Oct 41 14:32:52 2025] [error] x",
        "a time",
    );
    rejected(
        Family::ApacheError,
        "[Wed Oct 11 14:32:52 2025] hello",
        Reason::MissingField,
        "hello",
        "module and level",
    );
    rejected(Family::ApacheError, "[Wed Oct 11 14:32:52 2025]", Reason::Truncated, "", "module and level");
    rejected(Family::ApacheError, "hello", Reason::MissingField, "hello", "a time in brackets");
}

#[test]
fn an_error_of_nginx_says_who_asked_for_what() {
    let line = "2026/01/22 03:56:14 [error] 12#13: *45 FastCGI sent in stderr: \"PHP message: a, client: x\" while reading, \
        client: 192.0.2.4, server: shop.example, request: \"GET /a\"b?c HTTP/1.1\", subrequest: \"/auth\", \
        upstream: \"fastcgi://unix:/run/php.sock:\", host: \"www.example:8080\", referrer: \"http://r.example/\"";
    assert_eq!(
        read(Family::NginxError, line),
        "time=2026-01-22T03:56:14Z\nremote_addr=192.0.2.4\nmethod=GET\ntarget=/a\"b?c\npath=/a\"b\nquery=c\n\
         protocol=HTTP/1.1\nreferer=http://r.example/\nvhost=shop.example\n\
         upstream_addr=fastcgi://unix:/run/php.sock:\nkind=error\nlevel=error\npid=12\ntid=13\nconnection=45\n\
         message=FastCGI sent in stderr: \"PHP message: a, client: x\" while reading\nsubrequest=/auth\n\
         http_host=www.example:8080\n"
    );
}

#[test]
fn the_host_is_the_virtual_host_where_the_server_has_no_name() {
    let line = "2026/01/22 03:56:14 [warn] 1#2: *3 x, client: 192.0.2.4, server: _, host: \"www.example:8080\", odd: 1";
    holds(
        Family::NginxError,
        line,
        &["vhost=www.example", "server_port=8080", "http_host=", "extra=, odd: 1"],
    );
    let notice = "2026/01/22 03:56:14 [notice] 1#1: signal process started";
    holds(Family::NginxError, notice, &["message=signal process started", "connection=", "remote_addr="]);
}

#[test]
fn what_is_no_error_of_nginx_is_rejected_where_it_stops_fitting() {
    rejected(
        Family::NginxError,
        "2026/13/22 03:56:14 [error] 1#1: x",
        Reason::BadTime,
        "2026/13/22 03:56:14 [error] 1#1: x",
        "a time",
    );
    rejected(
        Family::NginxError,
        "2026/01/22 03:56:14 error 1#1: x",
        Reason::MissingField,
        "error 1#1: x",
        "the level",
    );
    rejected(
        Family::NginxError,
        "2026/01/22 03:56:14 [error] 1: x",
        Reason::MissingField,
        "1: x",
        "the process",
    );
}

#[test]
fn times_without_a_zone_are_in_the_zone_that_was_asked_for() {
    let berlin: Zone = "Europe/Berlin".parse().unwrap();
    for (family, line, local) in [
        (Family::ApacheError, "[Wed Jul 02 14:32:52.5 2025] [error] x", None),
        (Family::ApacheError, "[Wed Jul 02 14:32:52 2025] [error] x", Some("2025-07-02T12:32:52Z")),
        (Family::NginxError, "2025/01/02 14:32:52 [error] 1#1: x", Some("2025-01-02T13:32:52Z")),
        (
            Family::Haproxy,
            "192.0.2.1:1 [02/Jul/2025:14:32:52.001] f b/s 0/0/1 2 -- 0/0/0/0/0 0/0",
            Some("2025-07-02T12:32:52.001Z"),
        ),
        // The second that never came, and the leap second.
        (Family::NginxError, "2025/03/30 02:30:00 [error] 1#1: x", Some("2025-03-30T01:30:00Z")),
        (Family::ApacheError, "[Sat Dec 31 23:59:60 2016] [error] x", Some("2016-12-31T23:00:00Z")),
    ] {
        let mut record = Record::new();
        let read = family.parse(None, &mut Memo::default(), berlin, line.as_bytes(), &mut record);
        let time = read.ok().and_then(|_| record.get(Field::Time)).map(super::shown);
        assert_eq!(time.as_deref(), local, "{line}");
    }
}
