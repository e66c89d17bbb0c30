//! S3, Squid, uWSGI and LTSV.

use super::{Family, Reason, holds, rejected, under};

const S3: &str = "79a59df9 bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:aws:iam::1:user/x 3E57 REST.PUT.OBJECT \
    a/b%2Bc.pdf \"PUT /bucket/a/b%2Bc.pdf?x-id=1 HTTP/1.1\" 404 NoSuchKey 113 4406583 41 28 \"http://r.example/\" \
    \"S3 \"Console\" 1\"";

#[test]
fn an_s3_line_is_as_long_as_its_version_and_quotes_in_agents_are_not_escaped() {
    holds(Family::S3, S3, &["user_agent=S3 \"Console\" 1", "version_id=", "duration_us=41000"]);
    let whole = format!("{S3} v1 h1= SigV4 ECDHE AuthHeader bucket.s3.example TLSv1.2 arn:ap Yes");
    holds(
        Family::S3,
        &whole,
        &[
            "time=2026-02-06T00:00:38Z",
            "remote_addr=192.0.2.3",
            "remote_user=arn:aws:iam::1:user/x",
            "path=/bucket/a/b+c.pdf",
            "query=x-id=1",
            "status=404",
            "bytes=113",
            "referer=http://r.example/",
            "user_agent=S3 \"Console\" 1",
            "vhost=bucket.s3.example",
            "request_id=3E57",
            "tls_protocol=TLSv1.2",
            "tls_cipher=ECDHE",
            "bucket_owner=79a59df9",
            "bucket=bucket",
            "operation=REST.PUT.OBJECT",
            "key=a/b%2Bc.pdf",
            "error_code=NoSuchKey",
            "object_size=4406583",
            "turn_around_time_us=28000",
            "version_id=v1",
            "host_id=h1=",
            "signature_version=SigV4",
            "authentication_type=AuthHeader",
            "access_point_arn=arn:ap",
            "acl_required=Yes",
            "extra=",
        ],
    );
    holds(Family::S3, &format!("{whole} us-east-1"), &["acl_required=Yes", "extra=us-east-1"]);
    let broken = S3.replace(" 404 ", " 4 ");
    rejected(Family::S3, &broken, Reason::BadStatus, &broken[broken.find("4 NoSuch").unwrap()..], "a status");
}

#[test]
fn squids_elapsed_time_is_padded_and_its_status_may_be_none() {
    let line = "1286536309.586    921 192.0.2.68 TCP_MISS/200 507 POST http://rcv.example/a/b?c=1 user \
        HIER_DIRECT/198.51.100.4 text/html";
    holds(
        Family::Squid,
        line,
        &[
            "time=2010-10-08T11:11:49.586Z",
            "duration_us=921000",
            "remote_addr=192.0.2.68",
            "cache_status=TCP_MISS",
            "status=200",
            "bytes=507",
            "method=POST",
            "target=http://rcv.example/a/b?c=1",
            "path=/a/b",
            "query=c=1",
            "remote_user=user",
            "hierarchy=HIER_DIRECT",
            "upstream_addr=198.51.100.4",
            "content_type=text/html",
        ],
    );
    let tunnel = "1286536309.586      0 192.0.2.68 NONE/000 0 CONNECT h.example:443 - HIER_NONE/- -";
    holds(
        Family::Squid,
        tunnel,
        &["status=0", "target=h.example:443", "path=", "upstream_addr=", "content_type="],
    );
    let broken = line.replace("/200 ", "/2000 ");
    rejected(
        Family::Squid,
        &broken,
        Reason::BadStatus,
        &broken[broken.find("2000").unwrap()..],
        "three digits",
    );
}

#[test]
fn uwsgis_line_counts_requests_headers_and_switches() {
    let line = "[pid: 12|app: 0|req: 1/2] 192.0.2.4 (bob) {36 vars in 500 bytes} [Thu Jan  1 10:00:00 2026] \
        GET /x?y=z => generated 12 bytes in 3 msecs (HTTP/1.1 200) 2 headers in 70 bytes (1 switches on core 0)";
    holds(
        Family::Uwsgi,
        line,
        &[
            "time=2026-01-01T10:00:00Z",
            "remote_addr=192.0.2.4",
            "remote_user=bob",
            "path=/x",
            "query=y=z",
            "protocol=HTTP/1.1",
            "status=200",
            "bytes=12",
            "duration_us=3000",
            "pid=12",
            "app=0",
            "worker_requests=1",
            "requests=2",
            "vars=36",
            "vars_bytes=500",
            "response_headers=2",
            "response_header_bytes=70",
            "switches=1",
            "core=0",
        ],
    );
    let sent = line
        .replace("3 msecs", "7 micros via sendfile()")
        .replace("(bob)", "()")
        .replace("app: 0", "app: -1");
    holds(Family::Uwsgi, &sent, &["duration_us=7", "status=200", "remote_user=", "app="]);
    let memory = format!("{{address space usage: 1 bytes/1MB}} {{rss usage: 1 bytes/1MB}} {line}");
    holds(Family::Uwsgi, &memory, &["pid=12"]);
    let broken = line.replace("Jan  1", "Jan 32");
    rejected(Family::Uwsgi, &broken, Reason::BadTime, &broken[broken.find("Thu").unwrap()..], "a time like");
}

#[test]
fn the_labels_of_ltsv_stand_in_any_order_and_unknown_ones_keep_their_names() {
    let line = "ua:curl\\x2f8\tstatus:200\ttime:[22/Jan/2026:03:56:14 +0900]\thost:192.0.2.4\treq:GET /a%20b?c HTTP/1.1\t\
        size:-\treqtime_microsec:123\tapptime:0.001\tvhost:shop.example:8080\tx_own:a:\"q\"\tcache:HIT\t\
        forwardedfor:203.0.113.1, 192.0.2.9\treqsize:7\treferer:\tident:-\tuser:bob";
    let read = super::read(Family::Ltsv, line);
    let expected = "time=2026-01-21T18:56:14Z\nutc_offset=540\nremote_addr=192.0.2.4\nremote_user=bob\nmethod=GET\n\
        target=/a%20b?c\npath=/a b\nquery=c\nprotocol=HTTP/1.1\nstatus=200\nreferer=\nuser_agent=curl/8\n\
        vhost=shop.example\nserver_port=8080\nduration_us=123\nrequest_bytes=7\nupstream_time_us=1000\n\
        cache_status=HIT\nforwarded_for=203.0.113.1, 192.0.2.9\nx_own=a:\"q\"\n";
    assert_eq!(read, expected);
}

#[test]
fn a_request_in_parts_is_put_together_and_durations_have_several_labels() {
    let line =
        "method:GET\turi:/a?b\tprotocol:HTTP/1.1\ttaken_sec:0.25\ttime:2026-01-22T03:56:14.5Z\tcountry:DE";
    holds(
        Family::Ltsv,
        line,
        &[
            "method=GET",
            "target=/a?b",
            "path=/a",
            "query=b",
            "protocol=HTTP/1.1",
            "duration_us=250000",
            "time=2026-01-22T03:56:14.500Z",
            "country=DE",
        ],
    );
    for (label, micros) in [("reqtime:1.5", 1_500_000), ("reqtime_millisec:7", 7_000), ("taken:0", 0)] {
        holds(Family::Ltsv, &format!("status:200\t{label}"), &[&format!("duration_us={micros}")]);
    }
}

#[test]
fn what_is_no_label_or_no_number_is_rejected_where_it_stands() {
    rejected(Family::Ltsv, "status:200\tno label:x", Reason::MissingField, "no label:x", "a label");
    rejected(Family::Ltsv, "status:20x\tua:y", Reason::BadStatus, "20x\tua:y", "a status");
    rejected(Family::Ltsv, "ua:y\tsize:1 kB", Reason::BadBytes, "1 kB", "a whole number");
    rejected(Family::Ltsv, "time:yesterday\tua:y", Reason::BadTime, "yesterday\tua:y", "a time like");
    assert!(under(None, Family::Ltsv, "").is_err());
}
