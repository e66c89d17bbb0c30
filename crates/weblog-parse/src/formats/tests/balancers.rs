//! HAProxy, AWS load balancers, Envoy, Traefik, ingress-nginx, Nginx Proxy Manager.

use super::{Family, Reason, holds, read, rejected, under};

const ALB: &str = "h2 2026-01-22T03:56:14.186641Z app/web/50dc 192.0.2.7:2817 198.51.100.1:80 0.086 0.048 0.037 \
    200 201 5 57 \"GET https://shop.example:443/a%20b?q=1 HTTP/2.0\" \"curl/8\" ECDHE-RSA TLSv1.2 arn:tg \
    \"Root=1-5\" \"sni.example\" \"arn:cert\" 1 2026-01-22T03:56:13.364000Z \"forward,waf\" \
    \"https://r.example/\" \"-\" \"198.51.100.1:80\" \"201\" \"Ambiguous\" \"SpaceInUri\" TID_1";

#[test]
fn all_thirty_fields_of_an_application_load_balancer_are_kept() {
    let expected = "time=2026-01-22T03:56:14.186641Z\nutc_offset=0\nremote_addr=192.0.2.7\nmethod=GET\n\
        target=https://shop.example:443/a%20b?q=1\npath=/a b\nquery=q=1\nprotocol=HTTP/2.0\nstatus=200\n\
        bytes=57\nuser_agent=curl/8\nvhost=shop.example\nserver_port=443\nduration_us=171000\n\
        request_bytes=5\nupstream_addr=198.51.100.1:80\nupstream_status=201\nupstream_time_us=48000\n\
        request_id=Root=1-5\ntls_protocol=TLSv1.2\ntls_cipher=ECDHE-RSA\ntype=h2\nelb=app/web/50dc\n\
        client_port=2817\nrequest_processing_time_us=86000\nresponse_processing_time_us=37000\n\
        target_group_arn=arn:tg\ndomain_name=sni.example\nchosen_cert_arn=arn:cert\n\
        matched_rule_priority=1\nrequest_creation_time=2026-01-22T03:56:13.364000Z\n\
        actions_executed=forward,waf\nredirect_url=https://r.example/\n\
        target_port_list=198.51.100.1:80\ntarget_status_code_list=201\nclassification=Ambiguous\n\
        classification_reason=SpaceInUri\nconn_trace_id=TID_1\n";
    assert_eq!(read(Family::Alb, ALB), expected);
}

#[test]
fn older_lines_of_an_application_load_balancer_end_earlier_and_newer_ones_have_extra() {
    let old = &ALB[..ALB.find(" \"Root").unwrap()];
    holds(Family::Alb, old, &["target_group_arn=arn:tg", "request_id=", "conn_trace_id="]);
    holds(Family::Alb, &format!("{ALB} x \"y z\""), &["conn_trace_id=TID_1", "extra=x \"y z\""]);
}

#[test]
fn times_of_minus_one_are_null_and_so_is_their_sum() {
    let line =
        ALB.replace("0.048 0.037", "-1 -1").replace(" 198.51.100.1:80 0", " - 0").replace(" 201 5", " - 5");
    holds(
        Family::Alb,
        &line,
        &[
            "request_processing_time_us=86000",
            "upstream_time_us=",
            "response_processing_time_us=",
            "duration_us=",
            "upstream_addr=",
            "upstream_status=",
        ],
    );
}

#[test]
fn a_line_that_an_application_load_balancer_did_not_write_says_where_and_why() {
    let broken = |from: &str, to: &str| ALB.replacen(from, to, 1);
    let rest = |line: &str, from: &str| line[line.find(from).unwrap()..].to_owned();
    for (line, reason, at, expected) in [
        (broken("2026-01-22T03", "2026-13-22T03"), Reason::BadTime, "2026-13", "a time like"),
        (broken(" 200 201", " 2x0 201"), Reason::BadStatus, "2x0", "a status"),
        (broken("5 57 ", "5 5,7 "), Reason::BadBytes, "5,7", "the sent bytes"),
        (broken(" 5 57", " 9223372036854775808 57"), Reason::BadBytes, "92233", "the received bytes"),
        (broken("\"GET", "GET"), Reason::BadRequest, "GET", "the request in quotes"),
        (broken("0.086", "0.08x"), Reason::MissingField, "0.08x", "in seconds"),
        (broken(" 1 2026", " one 2026"), Reason::MissingField, "one 2026", "the priority"),
    ] {
        rejected(Family::Alb, &line, reason, &rest(&line, at), expected);
    }
    rejected(Family::Alb, &ALB[..60], Reason::Truncated, "", "the request processing time");
    rejected(Family::Alb, &ALB[..150], Reason::Truncated, "", "a closing quote");
}

#[test]
fn a_classic_load_balancer_ends_with_the_request_or_with_tls() {
    let old = "2026-01-22T03:56:14.559871Z elb1 192.0.2.7:4586 - -1 -1 -1 504 0 0 0 \"GET http://shop.example:80/ HTTP/1.1\"";
    holds(
        Family::Elb,
        old,
        &["status=504", "vhost=shop.example", "server_port=80", "duration_us=", "elb=elb1"],
    );
    let new = format!("{old} \"a \\x22b\" ECDHE TLSv1.2");
    holds(Family::Elb, &new, &["user_agent=a \"b", "tls_cipher=ECDHE", "tls_protocol=TLSv1.2"]);
    let tcp = "2026-01-22T03:56:14.559871Z elb1 192.0.2.7:4586 198.51.100.1:80 0.1 0.2 0.000003 - - 8 9 \"- - - \" \"-\" - -";
    holds(Family::Elb, tcp, &["request_kind=empty", "request=", "status=", "duration_us=300003", "bytes=9"]);
    rejected(Family::Elb, &format!("{old} \"a\""), Reason::Truncated, "", "the TLS cipher");
}

#[test]
fn a_network_load_balancer_logs_connections_in_utc() {
    let line = "tls 2.0 2026-01-22T03:56:14 net/nlb/c6 g3d 192.0.2.7:51341 198.51.100.1:443 5 2 98 246 - arn:acm - \
        ECDHE tlsv12 - nlb.example h2 - - 2026-01-22T03:56:10";
    holds(
        Family::Nlb,
        line,
        &[
            "time=2026-01-22T03:56:14Z",
            "duration_us=5000",
            "tls_handshake_time_us=2000",
            "vhost=nlb.example",
            "alpn_fe_protocol=h2",
            "tls_connection_creation_time=2026-01-22T03:56:10Z",
            "method=",
        ],
    );
}

const HAPROXY: &str = "2001:db8::7:33317 [06/Feb/2026:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 \
    SID=1 - ---- 1/2/3/4/5 6/7 {1wt.example|Mozilla/5.0 (X)} {} \"GET /index.html?a=b HTTP/1.1\"";

#[test]
fn every_field_of_haproxys_http_log_is_kept() {
    let expected = "time=2026-02-06T12:14:14.655Z\nremote_addr=2001:db8::7\nmethod=GET\n\
        target=/index.html?a=b\npath=/index.html\nquery=a=b\nprotocol=HTTP/1.1\nstatus=200\nbytes=2750\n\
        duration_us=109000\nclient_port=33317\nfrontend=http-in~\nbackend=static\nserver=srv1\ntq_us=10000\n\
        tw_us=0\ntc_us=30000\ntr_us=69000\ncaptured_request_cookie=SID=1\ntermination_state=----\nactconn=1\n\
        feconn=2\nbeconn=3\nsrvconn=4\nretries=5\nsrv_queue=6\nbackend_queue=7\n\
        captured_request_headers=1wt.example|Mozilla/5.0 (X)\ncaptured_response_headers=\n";
    assert_eq!(read(Family::Haproxy, HAPROXY), expected);
}

#[test]
fn the_prefix_of_syslog_names_the_machine_and_columns_count_from_the_beginning_of_the_line() {
    let line = format!("<134>Feb  6 12:14:14 lb1 haproxy[14389]: {HAPROXY}");
    holds(Family::Haproxy, &line, &["host=lb1", "client_port=33317", "retries=5"]);
    let line = line.replace(" 200 ", " 20 ");
    let rest = &line[line.find("20 2750").unwrap()..];
    rejected(Family::Haproxy, &line, Reason::BadStatus, rest, "a status");
}

#[test]
fn logasap_redispatches_and_sessions_without_server_or_request_are_records() {
    let asap = HAPROXY.replace("/109", "/+109").replace(" 2750", " +2750").replace("4/5 ", "4/+5 ");
    holds(Family::Haproxy, &asap, &["duration_us=109000", "bytes=2750", "retries=5"]);
    let bad = "192.0.2.7:33317 [06/Feb/2026:12:14:14.655] in in/<NOSRV> -1/-1/-1/-1/8490 -1 0 - - CR-- 2/2/2/0/0 0/0 \"<BADREQ>\"";
    holds(
        Family::Haproxy,
        bad,
        &[
            "server=",
            "tq_us=",
            "tr_us=",
            "duration_us=8490000",
            "status=",
            "request=<BADREQ>",
            "request_kind=junk",
            "termination_state=CR--",
            "method=",
        ],
    );
}

#[test]
fn the_tcp_log_has_three_timers_and_no_request() {
    let line = "192.0.2.7:33313 [06/Feb/2026:12:12:51.443] fnt bck/srv1 1/2/5007 212 -- 0/0/0/0/3 0/0";
    holds(
        Family::Haproxy,
        line,
        &[
            "tw_us=1000",
            "tc_us=2000",
            "duration_us=5007000",
            "bytes=212",
            "termination_state=--",
            "request_kind=",
        ],
    );
}

#[test]
fn a_request_that_haproxy_cut_off_is_what_was_left_and_one_with_more_behind_it_has_extra() {
    let cut =
        "192.0.2.7:1 [06/Feb/2026:12:14:14.655] in b/s 0/0/0/0/1 200 5 - - ---- 1/1/1/1/0 0/0 \"GET /long";
    assert!(under(None, Family::Haproxy, cut).unwrap().0.contains("path=/long\n"));
    holds(Family::Haproxy, &format!("{HAPROXY} 0x1f \"-\""), &["extra=0x1f \"-\"", "protocol=HTTP/1.1"]);
}

#[test]
fn what_haproxy_says_about_itself_and_about_handshakes_is_no_record() {
    let started = "Feb 25 16:19:38 lb haproxy[1]: Proxy web started.";
    rejected(Family::Haproxy, started, Reason::NotAccessLog, "Proxy web started.", "the accept date");
    let failed = "192.0.2.7:56224 [25/Feb/2026:16:20:10.111] web/sni: SSL handshake failure";
    rejected(
        Family::Haproxy,
        failed,
        Reason::ErrorLog,
        "web/sni: SSL handshake failure",
        "connection failed",
    );
}

#[test]
fn envoys_default_line_and_istios_longer_one_are_read() {
    let line = "[2026-04-15T20:17:00.310Z] \"POST /api/v1?x HTTP/2\" 204 - 154 0 226 100 \"192.0.2.9\" \"nsq2http\" \
        \"cc21d9b0\" \"locations.example\" \"tcp://198.51.100.2:80\"";
    holds(
        Family::Envoy,
        line,
        &[
            "time=2026-04-15T20:17:00.310Z",
            "path=/api/v1",
            "status=204",
            "response_flags=",
            "request_bytes=154",
            "bytes=0",
            "duration_us=226000",
            "upstream_time_us=100000",
            "forwarded_for=192.0.2.9",
            "user_agent=nsq2http",
            "request_id=cc21d9b0",
            "vhost=locations.example",
            "upstream_addr=tcp://198.51.100.2:80",
        ],
    );
    let istio = "[2026-04-15T20:17:00.310Z] \"GET /s HTTP/1.1\" 418 UF via_upstream - \"-\" 0 135 4 4 \"-\" \"curl/7\" \
        \"84961386\" \"web:8000\" \"198.51.100.3:80\" outbound|8000||web 192.0.2.1:37854 192.0.2.2:8000 \
        203.0.113.7:37042 outbound_.8000 default";
    holds(
        Family::Envoy,
        istio,
        &[
            "remote_addr=203.0.113.7",
            "client_port=37042",
            "server_addr=192.0.2.2",
            "server_port=8000",
            "response_flags=UF",
            "response_code_details=via_upstream",
            "route_name=default",
            "vhost=web",
        ],
    );
    rejected(
        Family::Envoy,
        &line.replace(" 226 ", " x "),
        Reason::MissingField,
        &line[line.find("226").unwrap()..].replacen("226", "x", 1),
        "the duration",
    );
}

const COMBINED: &str =
    "192.0.2.4 - John Doe [22/Jan/2026:03:56:14 +0100] \"GET /a?b HTTP/1.1\" 200 5 \"-\" \"a \\\"b\"";

#[test]
fn traefik_adds_a_count_the_router_the_service_and_milliseconds() {
    let line = format!("{COMBINED} 42 \"web@docker\" \"http://198.51.100.1:80\" 12ms");
    holds(
        Family::Traefik,
        &line,
        &[
            "time=2026-01-22T02:56:14Z",
            "utc_offset=60",
            "remote_user=John Doe",
            "user_agent=a \"b",
            "referer=",
            "request_count=42",
            "router=web@docker",
            "upstream_addr=http://198.51.100.1:80",
            "duration_us=12000",
        ],
    );
    let failed = format!("{COMBINED} 42 \"-\" \"-\" 0ms");
    holds(Family::Traefik, &failed, &["router=", "upstream_addr=", "duration_us=0"]);
    rejected(
        Family::Traefik,
        &format!("{COMBINED} 42 \"-\" \"-\" 0s"),
        Reason::MissingField,
        "0s",
        "like 12ms",
    );
}

#[test]
fn lists_of_upstreams_are_kept_summed_and_counted() {
    let line = format!(
        "{COMBINED} 88 0.202 [shop-80] [] 198.51.100.1:80, [2001:db8::2]:80 : 198.51.100.3:80 0, - : 5 \
         0.001, - : 0.200 502, - : 200 dd48"
    );
    holds(
        Family::IngressUpstreaminfo,
        &line,
        &[
            "upstream_addr=198.51.100.1:80, [2001:db8::2]:80 : 198.51.100.3:80",
            "upstream_status=502, - : 200",
            "upstream_last_status=200",
            "upstream_time_us=201000",
            "upstream_attempts=3",
            "request_id=dd48",
            "upstream_response_length=0, - : 5",
            "upstream_response_time=0.001, - : 0.200",
            "request_bytes=88",
            "duration_us=202000",
            "upstream_name=shop-80",
            "alternative_upstream_name=",
        ],
    );
    let none = format!("{COMBINED} 88 0.000 [] [] - - - - dd48");
    holds(Family::IngressUpstreaminfo, &none, &["upstream_addr=", "upstream_attempts=", "upstream_time_us="]);
}

#[test]
fn what_a_container_runtime_or_syslog_wrote_before_a_line_is_its_prefix() {
    let line = format!("{COMBINED} 42 \"-\" \"-\" 0ms");
    let cri = format!("2026-01-22T03:56:14.123456789Z stdout F {line}");
    holds(
        Family::Traefik,
        &cri,
        &["remote_addr=192.0.2.4", "prefix=2026-01-22T03:56:14.123456789Z stdout F "],
    );
    let syslog = format!("Jan 22 03:56:14 edge1 traefik[7]: {line}");
    holds(Family::Traefik, &syslog, &["host=edge1", "request_count=42"]);
    let broken = cri.replace(" 200 ", " 2 ");
    rejected(
        Family::Traefik,
        &broken,
        Reason::BadStatus,
        &broken[broken.find("2 5 ").unwrap()..],
        "a status",
    );
}

#[test]
fn older_ingress_controllers_repeat_the_client_and_know_no_alternative() {
    let line = "192.0.2.4 - [192.0.2.4] - - [22/Jan/2026:03:56:14 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\" 88 0.1 \
        [shop-80] [2001:db8::2]:80 5 0.1 200";
    holds(
        Family::IngressUpstreaminfo,
        line,
        &["upstream_addr=[2001:db8::2]:80", "upstream_attempts=1", "request_id=", "remote_user="],
    );
    let broken = line.replace(" 0.1 200", " 0.x 200");
    rejected(Family::IngressUpstreaminfo, &broken, Reason::MissingField, "0.x 200", "times of the upstreams");
}

#[test]
fn nginx_proxy_manager_has_a_format_with_an_upstream_and_one_without() {
    let proxied = "[22/Jan/2026:03:56:14 +0000] HIT 201 200 - GET https shop.example \"/uri?q=1\" [Client 192.0.2.4] \
        [Length 12] [Gzip 2.5] [Sent-to 198.51.100.1] \"ua\" \"http://r.example/\"";
    let fields = [
        "status=200",
        "upstream_status=201",
        "cache_status=HIT",
        "method=GET",
        "path=/uri",
        "query=q=1",
        "vhost=shop.example",
        "scheme=https",
        "remote_addr=192.0.2.4",
        "bytes=12",
        "gzip_ratio=2.5",
        "upstream_addr=198.51.100.1",
        "user_agent=ua",
        "referer=http://r.example/",
    ];
    holds(Family::NginxProxyManager, proxied, &fields);
    holds(Family::NginxProxyManager, &proxied.replace("] HIT", "] - HIT"), &fields);
    let plain = "[22/Jan/2026:03:56:14 +0000] 404 - GET http localhost \"/\" [Client 192.0.2.4] [Length 150] [Gzip -] \"-\" \"-\"";
    holds(Family::NginxProxyManager, plain, &["status=404", "cache_status=", "upstream_addr=", "bytes=150"]);
    let broken = plain.replace("150", "1x0");
    rejected(
        Family::NginxProxyManager,
        &broken,
        Reason::BadBytes,
        "1x0] [Gzip -] \"-\" \"-\"",
        "the sent bytes",
    );
}
