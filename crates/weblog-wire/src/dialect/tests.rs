use super::*;
use weblog_parse::{Parsed, Parser};

/// What becomes of a line, as weblog writes it: the dialect and the record, or the reject.
fn read(line: impl AsRef<[u8]>) -> String {
    let (arena, mut record) = (Arena::new(), Record::new());
    let mut reader = Reader::default();
    let dialect = match reader.read(line.as_ref(), &arena, &mut record) {
        Ok(Json::Record(dialect)) => dialect.name(),
        Ok(Json::Line(wrapped)) => {
            match Parser::default().parse(wrapped.line, &mut record) {
                Parsed::Record { .. } => wrapped.add_to(&mut record),
                other => return format!("{other:?}"),
            }
            "line"
        }
        Err(reject) => return format!("{} {}: {}", reject.reason, reject.column, reject.expected),
    };
    let mut out = Vec::new();
    ndjson::Writer::new(None).write(&record, &mut out);
    format!("{dialect} {}", String::from_utf8(out).unwrap().trim_end())
}

#[test]
fn a_line_of_caddy_is_read_with_its_headers_and_its_tls() {
    let line = r#"{"level":"info","ts":1761019828.6153953,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"192.0.2.7","remote_port":"46628","client_ip":"198.51.100.1","proto":"HTTP/2.0","method":"GET","host":"shop.example","uri":"/caf%C3%A9?q=%2F","headers":{"Accept":["*/*"],"User-Agent":["Agent \"x\""],"X-Forwarded-For":["198.51.100.1"],"Referer":["https://search.example/"]},"tls":{"resumed":false,"version":772,"cipher_suite":4865,"proto":"h2","server_name":"shop.example"}},"bytes_read":0,"user_id":"","duration":0.001674508,"size":188,"status":200,"resp_headers":{"Server":["Caddy"]}}"#;
    assert_eq!(
        read(line),
        r#"caddy {"time":"2025-10-21T04:10:28.615395Z","remote_addr":"192.0.2.7","method":"GET","target":"/caf%C3%A9?q=%2F","path":"/café","query":"q=%2F","protocol":"HTTP/2.0","status":200,"bytes":188,"referer":"https://search.example/","user_agent":"Agent \"x\"","vhost":"shop.example","duration_us":1674,"forwarded_for":"198.51.100.1","tls_protocol":"TLSv1.3","tls_cipher":"TLS_AES_128_GCM_SHA256","client_addr":"198.51.100.1","request_remote_port":"46628","request_headers":{"Accept":["*/*"]},"request_tls_resumed":false,"request_tls_proto":"h2","request_tls_server_name":"shop.example","level":"info","logger":"http.log.access.log0","msg":"handled request","bytes_read":0,"resp_headers":{"Server":["Caddy"]}}"#
    );
}

#[test]
fn the_times_of_caddy_may_be_text_or_milliseconds_and_its_spans_text() {
    let line = |ts: &str, duration: &str| {
        read(format!(
            r#"{{"ts":{ts},"request":{{"method":"GET","uri":"/"}},"duration":{duration},"status":200}}"#
        ))
    };
    let expected = |time: &str, duration: &str| {
        format!(
            r#"caddy {{"time":"{time}","method":"GET","target":"/","path":"/","status":200,"duration_us":{duration}}}"#
        )
    };
    assert_eq!(line("1761019828615.25", "\"73.14µs\""), expected("2025-10-21T04:10:28.615250Z", "73"));
    assert_eq!(line("\"2025-10-21T04:10:28.615Z\"", "7.314e-05"), {
        expected("2025-10-21T04:10:28.615Z", "73").replace(r#""method""#, r#""utc_offset":0,"method""#)
    });
    assert_eq!(
        line("1761019828615395123", "\"1m2.5s\""),
        expected("2025-10-21T04:10:28.615395Z", "62500000")
    );
}

#[test]
fn a_line_that_is_no_text_is_carried_as_its_bytes() {
    let line = b"192.0.2.1 - - [22/Jan/2026:00:26:14 +0000] \"GET /\xe9 HTTP/1.1\" 200 5";
    let wrapped = format!("{{\"host\":\"web1\",\"source\":\"a.log\",\"offset\":7,\"message\":{line:?}}}");
    let record = read(&wrapped);
    assert!(record.starts_with("line") && record.contains("web1"), "{record}");
    assert!(record.contains("/\\\\xe9"), "{record}");
}

#[test]
fn a_message_of_the_server_among_its_entries_is_no_entry() {
    let line = r#"{"level":"info","ts":1761019822.31,"logger":"tls","msg":"storage cleaned"}"#;
    assert_eq!(read(line), "error_log 1: an access log entry, not a message of the server");
}

#[test]
fn a_line_of_nginx_in_its_own_variables_is_read_by_them() {
    let line = r#"{"time_iso8601":"2026-01-22T03:56:14+03:30","remote_addr":"192.0.2.7","remote_user":"","request":"GET /a%20b?x=1 HTTP/1.1","status":"200","body_bytes_sent":"512","bytes_sent":"700","request_length":"99","request_time":"0.123","http_referer":"","http_user_agent":"Agent\/1.0","http_x_forwarded_for":"","host":"shop.example","server_name":"_","upstream_addr":"192.0.2.9:80, 192.0.2.10:80","upstream_status":"502, 200","upstream_response_time":"0.001, 0.200","ssl_protocol":"TLSv1.3","request_id":"abc","scheme":"https","uri":"/a b","args":"x=1"}"#;
    assert_eq!(
        read(line),
        r#"nginx_json {"time":"2026-01-22T00:26:14Z","utc_offset":210,"remote_addr":"192.0.2.7","method":"GET","target":"/a%20b?x=1","path":"/a b","query":"x=1","protocol":"HTTP/1.1","status":200,"bytes":512,"referer":"","user_agent":"Agent/1.0","vhost":"_","duration_us":123000,"request_bytes":99,"response_bytes":700,"upstream_addr":"192.0.2.9:80, 192.0.2.10:80","upstream_status":"502, 200","upstream_time_us":201000,"upstream_attempts":2,"request_id":"abc","forwarded_for":"","tls_protocol":"TLSv1.3","original_host":"shop.example","scheme":"https"}"#
    );
}

#[test]
fn what_hand_written_json_does_wrong_is_read_all_the_same() {
    let line = b"{ \"time_local\":\"22/Jan/2026:03:56:14 +0330\",\"remote_addr\":\"192.0.2.7\",\"request\":\"GET /\\x22\xe9 HTTP/1.1\",\"status\":200,\"t\":,\"urt\":0.001, 0.200,\"http_user_agent\":\"tab\there \\u0007\",\"upstream_response_time\":-,\"note\":\"\xff\",}";
    assert_eq!(
        read(line),
        r#"nginx_json {"time":"2026-01-22T00:26:14Z","utc_offset":210,"remote_addr":"192.0.2.7","method":"GET","target":"/\"\\xe9","path":"/\"\\xe9","protocol":"HTTP/1.1","status":200,"user_agent":"tab\there \u0007","t":null,"urt":"0.001, 0.200","note":"\\xff"}"#
    );
}

#[test]
fn names_in_common_use_are_read_in_any_spelling() {
    let line = r#"{"@timestamp":"2026-01-22T00:26:14Z","clientIP":"192.0.2.7","verb":"POST","URL":"/x?y=1","http_version":"1.1","responseStatus":404,"size":12,"userAgent":"A","duration_ms":1.5,"duration":7,"level":"info"}"#;
    assert_eq!(
        read(line),
        r#"json {"time":"2026-01-22T00:26:14Z","utc_offset":0,"remote_addr":"192.0.2.7","method":"POST","target":"/x?y=1","path":"/x","query":"y=1","protocol":"HTTP/1.1","status":404,"bytes":12,"user_agent":"A","duration_us":1500,"duration":7,"level":"info"}"#
    );
}

#[test]
fn names_of_the_schema_with_values_of_another_server_are_read_as_its() {
    let line = r#"{"time":"[22/Jan/2026:03:56:14 +0330]","remote_addr":"192.0.2.7","request":"GET / HTTP/1.1","status":"200","bytes":"-"}"#;
    assert_eq!(
        read(line),
        r#"json {"time":"2026-01-22T00:26:14Z","utc_offset":210,"remote_addr":"192.0.2.7","method":"GET","target":"/","path":"/","protocol":"HTTP/1.1","status":200}"#
    );
}

#[test]
fn a_line_of_traefik_is_read_in_nanoseconds() {
    let line = r#"{"ClientAddr":"192.0.2.7:5555","ClientHost":"192.0.2.7","ClientPort":"5555","ClientUsername":"-","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":57999,"RequestHost":"shop.example","RequestMethod":"GET","RequestPath":"/x?a=b","RequestProtocol":"HTTP/1.1","StartUTC":"2026-01-22T00:26:14.123456789Z","TLSVersion":"1.3","request_User-Agent":"A","time":"2026-01-22T00:26:15Z"}"#;
    assert_eq!(
        read(line),
        r#"traefik_json {"time":"2026-01-22T00:26:14.123456Z","utc_offset":0,"remote_addr":"192.0.2.7","method":"GET","target":"/x?a=b","path":"/x","query":"a=b","protocol":"HTTP/1.1","status":404,"bytes":19,"user_agent":"A","vhost":"shop.example","duration_us":57,"tls_protocol":"TLSv1.3","remote_port":5555,"ClientPort":"5555","original_time":"2026-01-22T00:26:15Z"}"#
    );
}

#[test]
fn a_line_of_envoy_is_read_in_milliseconds() {
    let line = r#"{"start_time":"2026-01-22T00:26:14.123Z","method":"GET","path":"/x","protocol":"HTTP/2","response_code":200,"response_flags":"-","bytes_received":0,"bytes_sent":12,"duration":15,"upstream_service_time":"14","x_forwarded_for":null,"user_agent":"A","request_id":"r1","authority":"shop.example","upstream_host":"198.51.100.2:80","downstream_remote_address":"192.0.2.7:5555","downstream_local_address":"[2001:db8::1]:443"}"#;
    assert_eq!(
        read(line),
        r#"envoy_json {"time":"2026-01-22T00:26:14.123Z","utc_offset":0,"remote_addr":"192.0.2.7","method":"GET","target":"/x","path":"/x","protocol":"HTTP/2","status":200,"bytes":12,"user_agent":"A","vhost":"shop.example","server_addr":"2001:db8::1","server_port":443,"duration_us":15000,"upstream_addr":"198.51.100.2:80","upstream_time_us":14000,"upstream_attempts":1,"request_id":"r1","bytes_received":0,"remote_port":5555,"response_flags":"-"}"#
    );
}

#[test]
fn a_line_of_haproxy_is_read_by_its_timers() {
    let line = r#"{"client_ip":"192.0.2.7","client_port":5555,"timestamp":"22/Jan/2026:00:26:14.123","method":"GET","uri":"/x","http_version":"HTTP/1.1","status_code":503,"bytes_read":212,"Tw":-1,"Tc":-1,"Tr":-1,"Ta":+7,"termination_state":"SC--","backend":"web"}"#;
    assert_eq!(
        read(line),
        r#"haproxy_json {"time":"2026-01-22T00:26:14.123Z","remote_addr":"192.0.2.7","method":"GET","target":"/x","path":"/x","protocol":"HTTP/1.1","status":503,"duration_us":7000,"response_bytes":212,"client_port":5555,"Tw":-1,"Tc":-1,"termination_state":"SC--","backend":"web"}"#
    );
}

#[test]
fn names_of_ecs_are_read_with_dots_and_nested() {
    let dotted = r#"{"@timestamp":"2026-01-22T00:26:14Z","source.address":"192.0.2.7","http.request.method":"GET","url.original":"/x?y","http.response.status_code":200,"http.version":"1.1","event.duration":1500000,"event.kind":"event"}"#;
    let fields = r#"{"time":"2026-01-22T00:26:14Z","utc_offset":0,"remote_addr":"192.0.2.7","method":"GET","target":"/x?y","path":"/x","query":"y","protocol":"HTTP/1.1","status":200,"duration_us":1500,"#;
    assert_eq!(read(dotted), format!(r#"ecs_json {fields}"event.kind":"event"}}"#));
    let nested = r#"{"@timestamp":"2026-01-22T00:26:14Z","source":{"address":"192.0.2.7","ip":"192.0.2.7"},"http":{"request":{"method":"GET"},"response":{"status_code":200},"version":"1.1"},"url":{"original":"/x?y","path":"/x"},"event":{"duration":1500000,"kind":"event"},"tags":["a"]}"#;
    assert_eq!(read(nested), format!(r#"ecs_json {fields}"event_kind":"event","tags":["a"]}}"#));
}

#[test]
fn a_line_of_a_google_load_balancer_is_read() {
    let line = r#"{"httpRequest":{"latency":"0.012345s","remoteIp":"192.0.2.7","requestMethod":"GET","requestSize":"99","requestUrl":"https://shop.example/x?y","responseSize":"512","status":200,"userAgent":"A","cacheHit":true},"insertId":"i","timestamp":"2026-01-22T00:26:14.123456Z","resource":{"type":"http_load_balancer"}}"#;
    assert_eq!(
        read(line),
        r#"gcp_json {"time":"2026-01-22T00:26:14.123456Z","utc_offset":0,"remote_addr":"192.0.2.7","method":"GET","target":"https://shop.example/x?y","path":"/x","query":"y","status":200,"user_agent":"A","duration_us":12345,"request_bytes":99,"response_bytes":512,"httpRequest_cacheHit":true,"insertId":"i","resource":{"type":"http_load_balancer"}}"#
    );
}

#[test]
fn lines_of_aws_waf_and_cloudfront_are_read() {
    let waf = r#"{"timestamp":1769041574123,"webaclId":"w","action":"BLOCK","httpRequest":{"clientIp":"192.0.2.7","country":"DE","headers":[{"name":"User-Agent","value":"A"},{"name":"Host","value":"shop.example"}],"uri":"/a%20b","args":"x=1","httpVersion":"HTTP/1.1","httpMethod":"GET","requestId":"r"}}"#;
    assert_eq!(
        read(waf),
        r#"waf_json {"time":"2026-01-22T00:26:14.123Z","remote_addr":"192.0.2.7","method":"GET","target":"/a%20b?x=1","path":"/a b","query":"x=1","protocol":"HTTP/1.1","user_agent":"A","vhost":"shop.example","request_id":"r","country":"DE","httpRequest_headers":[{"name":"User-Agent","value":"A"},{"name":"Host","value":"shop.example"}],"webaclId":"w","action":"BLOCK"}"#
    );
    let cloudfront = r#"{"date":"2026-01-22","time":"00:26:14","c-ip":"192.0.2.7","cs-method":"GET","cs-uri-stem":"/x","cs-uri-query":"-","sc-status":"200","sc-bytes":"512","time-taken":"0.012","cs(User-Agent)":"A%20B","x-edge-location":"FRA"}"#;
    assert_eq!(
        read(cloudfront),
        r#"cloudfront_json {"time":"2026-01-22T00:26:14Z","remote_addr":"192.0.2.7","method":"GET","target":"/x","path":"/x","status":200,"user_agent":"A B","duration_us":12000,"response_bytes":512,"x-edge-location":"FRA"}"#
    );
}

#[test]
fn a_line_of_kong_is_read() {
    let line = r#"{"client_ip":"192.0.2.7","started_at":1769041574123,"request":{"method":"GET","uri":"/x","size":"99","headers":{"user-agent":"A","host":"shop.example","accept":"*/*"}},"response":{"status":200,"size":"512","headers":{"via":"kong"}},"latencies":{"request":25,"proxy":20,"kong":5},"route":{"name":"r"}}"#;
    assert_eq!(
        read(line),
        r#"kong_json {"time":"2026-01-22T00:26:14.123Z","remote_addr":"192.0.2.7","method":"GET","target":"/x","path":"/x","status":200,"user_agent":"A","vhost":"shop.example","duration_us":25000,"request_bytes":99,"response_bytes":512,"upstream_time_us":20000,"request_headers":{"accept":"*/*"},"response_headers":{"via":"kong"},"latencies_kong":5,"original_route":{"name":"r"}}"#
    );
}

const COMMON: &str = r#"192.0.2.7 - - [22/Jan/2026:03:56:14 +0330] \"GET / HTTP/1.1\" 200 5"#;
const FIELDS: &str = r#"line {"time":"2026-01-22T00:26:14Z","utc_offset":210,"remote_addr":"192.0.2.7","method":"GET","target":"/","path":"/","protocol":"HTTP/1.1","status":200,"bytes":5"#;

#[test]
fn a_line_in_a_file_of_docker_is_the_entry() {
    let line = format!(r#"{{"log":"{COMMON}\n","stream":"stdout","time":"2026-01-22T00:26:15.123456789Z"}}"#);
    assert_eq!(read(line), format!(r#"{FIELDS},"stream":"stdout"}}"#));
}

#[test]
fn a_line_without_a_time_has_that_of_its_wrapper() {
    let line = r#"{"log":"{\"method\":\"GET\",\"uri\":\"/\",\"status\":200}\n","stream":"stdout","time":"2026-01-22T00:26:15.123456789Z"}"#;
    assert_eq!(
        read(line),
        r#"json {"time":"2026-01-22T00:26:15.123456Z","utc_offset":0,"method":"GET","target":"/","path":"/","status":200,"stream":"stdout"}"#
    );
}

#[test]
fn a_line_of_the_journal_is_the_entry_also_as_an_array_of_bytes() {
    let text = COMMON.replace('\\', "");
    let bytes = format!("{:?}", text.as_bytes());
    for message in [format!("\"{COMMON}\""), bytes] {
        let line = format!(
            r#"{{"MESSAGE":{message},"_HOSTNAME":"web1","SYSLOG_IDENTIFIER":"nginx","__REALTIME_TIMESTAMP":"1769041575000000"}}"#
        );
        assert_eq!(
            read(line),
            format!(
                r#"{FIELDS},"host":"web1","SYSLOG_IDENTIFIER":"nginx","__REALTIME_TIMESTAMP":"1769041575000000"}}"#
            )
        );
    }
}

#[test]
fn what_filebeat_says_of_host_and_file_is_kept() {
    let line = format!(
        r#"{{"@timestamp":"2026-01-22T00:26:15Z","message":"{COMMON}","host":{{"name":"web1","os":{{"kernel":"6"}}}},"log":{{"offset":42,"file":{{"path":"/var/log/nginx/access.log"}}}},"agent":{{"type":"filebeat"}}}}"#
    );
    assert_eq!(
        read(line),
        format!(
            r#"{FIELDS},"host":"web1","source":"/var/log/nginx/access.log","offset":42,"@timestamp":"2026-01-22T00:26:15Z","host_os":{{"kernel":"6"}},"agent":{{"type":"filebeat"}}}}"#
        )
    );
}

#[test]
fn what_logstash_and_vector_and_fluentd_say_is_kept() {
    let logstash =
        format!(r#"{{"@version":"1","message":"{COMMON}","host":"web1","path":"/var/log/access.log"}}"#);
    assert_eq!(
        read(logstash),
        format!(r#"{FIELDS},"host":"web1","source":"/var/log/access.log","@version":"1"}}"#)
    );
    let vector = format!(
        r#"{{"file":"/var/log/access.log","host":"web1","message":"{COMMON}","source_type":"file"}}"#
    );
    assert_eq!(
        read(vector),
        format!(r#"{FIELDS},"host":"web1","source":"/var/log/access.log","source_type":"file"}}"#)
    );
    let fluentd = format!(
        r#"{{"log":"{COMMON}","stream":"stdout","kubernetes":{{"pod_name":"p","host":"node1","labels":{{"app":"x"}}}}}}"#
    );
    assert_eq!(
        read(fluentd),
        format!(
            r#"{FIELDS},"host":"node1","stream":"stdout","kubernetes_pod_name":"p","kubernetes_labels":{{"app":"x"}}}}"#
        )
    );
}

#[test]
fn json_behind_a_prefix_of_syslog_or_compose_is_an_entry() {
    let json = r#"{"time_local":"22/Jan/2026:03:56:14 +0330","remote_addr":"192.0.2.7","status":200}"#;
    let line = format!("<190>Jan 22 03:56:14 web1 nginx: {json}");
    assert!(is_json(line.as_bytes()));
    assert_eq!(
        read(line),
        r#"nginx_json {"time":"2026-01-22T00:26:14Z","utc_offset":210,"remote_addr":"192.0.2.7","status":200,"host":"web1","prefix":"<190>Jan 22 03:56:14 web1 nginx: "}"#
    );
    assert!(is_json(format!("web  | {json}").as_bytes()));
    assert!(!is_json(COMMON.as_bytes()));
}

#[test]
fn wrappers_are_peeled_to_a_depth_of_four() {
    let mut line = COMMON.replace('\\', "");
    for depth in 1..=5 {
        let quoted = serde_json::to_string(&line).unwrap();
        line = format!(r#"{{"log":{quoted},"stream":"s{depth}"}}"#);
        let read = read(&line);
        match depth {
            5 => assert!(read.starts_with("Rejected"), "{read}"),
            _ => assert_eq!(read, format!(r#"{FIELDS},"stream":"s1"}}"#)),
        }
    }
}

#[test]
fn weblogs_own_lines_stay_weblogs_whatever_other_names_they_have() {
    for line in [
        r#"{"time":"2026-01-22T00:26:14Z","remote_addr":"192.0.2.7","status":200}"#,
        r#"{"time":"2026-01-22T00:26:14.123Z","remote_addr":"192.0.2.7","status":200,"uri":"/x","duration":5,"@timestamp":"x"}"#,
        r#"{"remote_addr":"192.0.2.7","status":200}"#,
        r#"{"host":"h","anything":[1,{"a":null}]}"#,
        "{}",
    ] {
        assert_eq!(read(line), format!("ndjson {line}"));
    }
}

#[test]
fn what_is_no_object_is_rejected_where_it_stops_being_one() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(65), "]".repeat(65));
    for (line, expected) in [
        (r#"{"a":1"#, "bad_json 7: a comma or the end of the object"),
        (r#"{"a" 1}"#, "bad_json 6: a colon behind the key"),
        (r#"{"a":x}"#, "bad_json 6: a JSON value"),
        (r#"{"a":"x}"#, "bad_json 9: the quote that closes a string"),
        (r#"{"a":1} x"#, "bad_json 9: the end of the line behind the object"),
        (r#"{a:1}"#, "bad_json 2: a key in quotes or the end of the object"),
        (r#"{"a":[}"#, "bad_json 7: the bracket that closes what was opened"),
        (deep.as_str(), "bad_json 70: at most 64 levels of nesting"),
        (r#"{"request":{"method" "GET"},"status":200}"#, "bad_json 22: a colon behind the key"),
    ] {
        assert_eq!(read(line), expected, "{line}");
    }
}

#[test]
fn a_key_that_stands_twice_is_kept_twice() {
    assert_eq!(
        read(r#"{"remote_ip":"192.0.2.7","status":200,"status":404,"method":"GET"}"#),
        r#"json {"remote_addr":"192.0.2.7","method":"GET","status":200,"original_status":404}"#
    );
}

#[test]
fn a_reader_that_saw_other_lines_reads_the_same() {
    let lines = [
        r#"{"remote_ip":"192.0.2.7","status":"200","method":"GET"}"#,
        r#"{"time":"2026-01-22T00:26:14Z","remote_addr":"192.0.2.7","status":200}"#,
        r#"{"remote_addr":"192.0.2.7","status":200}"#,
        r#"{"remote_addr":"192.0.2.7","status":"200"}"#,
        r#"{"remote_addr":"192.0.2.7","status":200,"url":"/x"}"#,
        "{}",
        r#"{"log":"{}","stream":"x"}"#,
    ];
    let mut reader = Reader::default();
    for line in lines.iter().chain(&lines).chain(lines.iter().rev()) {
        let (arena, mut record, mut fresh) = (Arena::new(), Record::new(), Record::new());
        let ours = reader.read(line.as_bytes(), &arena, &mut record).map(|json| format!("{json:?}"));
        let theirs =
            Reader::default().read(line.as_bytes(), &arena, &mut fresh).map(|json| format!("{json:?}"));
        assert_eq!((ours, record), (theirs, fresh), "{line}");
    }
}
