//! What tells the format of a line: a well-formed line of any format is read alike whether the format is
//! named or not, and whatever lines stand around it.

#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use weblog_parse::{Format, Options, Parsed, Parser, Reason, Record, formats::Family};

/// What the lines of all formats are made of.
#[derive(Clone, Debug)]
struct Request {
    time: DateTime<Utc>,
    client: String,
    host: String,
    user: String,
    method: &'static str,
    target: String,
    status: u16,
    bytes: u32,
    referer: String,
    agent: String,
    upstream: String,
    micros: u32,
    port: u16,
    forwarded_for: String,
}

prop_compose! {
    fn requests()(
        seconds in 900_000_000i64..2_000_000_000,
        client in "(192\\.0\\.2\\.[1-9]|2001:db8::[1-9a-f]{1,4})",
        host in "[a-z]{1,8}\\.example",
        user in "(-|[a-z]{1,8})",
        method in prop::sample::select(vec!["GET", "POST", "HEAD", "PROPFIND"]),
        target in "/[a-zA-Z0-9/._~-]{0,16}(%20)?(\\?[a-z0-9=&%]{1,10})?",
        (status, bytes, micros, port) in (100u16..600, 0u32.., 0u32..100_000_000, 1u16..),
        referer in "(-|https?://[a-z]{1,6}\\.example/[a-z?=]{0,6})",
        agent in prop_oneof![
            "[!-~&&[^\"\\\\]][ -~&&[^\"\\\\]]{0,24}",
            prop::sample::select(vec!["-", "a [b] c", "x 12ms", "1 0.1 [a] []", "a: b", "[Client 192.0.2.1]"])
                .prop_map(str::to_owned),
        ],
        upstream in "198\\.51\\.100\\.[1-9]:80",
        forwarded_for in "(-|203\\.0\\.113\\.[1-9](, 203\\.0\\.113\\.[1-9])?)",
    ) -> Request {
        let time = DateTime::from_timestamp(seconds, micros % 1_000_000 * 1_000).unwrap();
        Request { time, client, host, user, method, target, status, bytes, referer, agent, upstream, micros, port, forwarded_for }
    }
}

/// The line that a server writes of a request.
fn line(format: Format, request: &Request) -> String {
    let Request { time, client, host, user, method, target, status, bytes, .. } = request;
    let Request { referer, agent, upstream, micros, port, forwarded_for, .. } = request;
    let (clf, iso) = (time.format("%d/%b/%Y:%H:%M:%S %z"), time.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
    let http = format!("{method} {target} HTTP/1.1");
    let common = format!("{client} - {user} [{clf}] \"{http}\" {status} {bytes}");
    let combined = format!("{common} \"{referer}\" \"{agent}\"");
    let seconds = format!("{}.{:03}", micros / 1_000_000, micros / 1_000 % 1_000);
    let (path, query) = target.split_once('?').unwrap_or((target, "-"));
    let bracketed = if client.contains(':') { format!("[{client}]") } else { client.clone() };
    let word = agent.replace([' ', '\t'], "+");
    let family = match format {
        Format::Common => return common,
        Format::Combined => return combined,
        Format::VhostCommon => return format!("{host}:{port} {common}"),
        Format::VhostCombined => return format!("{host}:{port} {combined}"),
        Format::NginxMain => return format!("{combined} \"{forwarded_for}\""),
        Format::Of(family) => family,
        _ => panic!("no line of text"),
    };
    match family {
        Family::Alb => format!(
            "h2 {iso} app/a/1 {bracketed}:{port} {upstream} {seconds} 0.1 -1 {status} - 5 {bytes} \"{method} https://{host}:443{target} HTTP/2.0\" \
             \"{agent}\" ECDHE-RSA TLSv1.2 arn:tg \"Root=1\" \"{host}\" \"-\" 0 {iso} \"forward\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\""
        ),
        Family::ApacheError => format!(
            "[{}] [core:error] [pid 7:tid 9] [client {bracketed}:{port}] AH00126: {agent}",
            time.format("%a %b %d %H:%M:%S%.6f %Y")
        ),
        Family::Cloudfront => format!(
            "{}\tFRA2-C1\t{bytes}\t{client}\t{method}\td1.example\t{path}\t{status}\t-\t{word}\t{query}\t-\tHit\tid==\t{host}\thttps\t23\t\
             {seconds}\t-\tTLSv1.2\tECDHE\tHit\tHTTP/2.0\t-\t-\t{port}\t0.001\tHit\ttext/html\t78\t-\t-",
            time.format("%Y-%m-%d\t%H:%M:%S")
        ),
        Family::Elb => format!(
            "{iso} elb1 {bracketed}:{port} {upstream} {seconds} 0.2 0.000003 {status} 200 8 {bytes} \"{method} http://{host}:80{target} HTTP/1.1\" \
             \"{agent}\" ECDHE TLSv1.2"
        ),
        Family::Envoy => format!(
            "[{}] \"{http}\" {status} - 154 {bytes} 226 100 \"{forwarded_for}\" \"{agent}\" \"cc21\" \"{host}\" \"{upstream}\"",
            time.format("%Y-%m-%dT%H:%M:%S%.3fZ")
        ),
        Family::Haproxy => format!(
            "{client}:{port} [{}] http-in~ static/srv1 10/0/30/69/109 {status} {bytes} - - ---- 1/2/3/4/5 6/7 \"{http}\"",
            time.format("%d/%b/%Y:%H:%M:%S%.3f")
        ),
        Family::IngressUpstreaminfo => format!(
            "{combined} 88 {seconds} [shop-80] [] {upstream}, {upstream} 0, {bytes} 0.1, {seconds} 502, {status} dd48"
        ),
        Family::Ltsv => format!(
            "time:[{clf}]\thost:{client}\tvhost:{host}\treq:{http}\tstatus:{status}\tsize:{bytes}\treferer:{referer}\tua:{agent}\treqtime:{seconds}"
        ),
        Family::NginxError => format!(
            "{} [error] 12#34: *56 open() \"/srv\" failed, client: {client}, server: {host}, request: \"{http}\", host: \"{host}\"",
            time.format("%Y/%m/%d %H:%M:%S")
        ),
        Family::NginxProxyManager => format!(
            "[{clf}] - {status} {status} - {method} https {host} \"{target}\" [Client {client}] [Length {bytes}] [Gzip -] [Sent-to 198.51.100.1] \
             \"{agent}\" \"{referer}\""
        ),
        Family::Nlb => format!(
            "tls 2.0 {} net/nlb/c6 g3d {bracketed}:{port} {upstream} 5 2 98 {bytes} - arn:acm - ECDHE tlsv12 - {host} h2 h2 \"h2\" {}",
            time.format("%Y-%m-%dT%H:%M:%S"),
            time.format("%Y-%m-%dT%H:%M:%S")
        ),
        Family::S3 => format!(
            "79a5 bucket [{clf}] {client} {user} 3E57 REST.GET.OBJECT a/b \"{http}\" {status} - {bytes} 44 41 28 \"{referer}\" \"{agent}\" -"
        ),
        Family::Squid => format!(
            "{}.{:03} {:6} {client} TCP_MISS/{status:03} {bytes} {method} http://{host}{target} {user} HIER_DIRECT/198.51.100.4 text/html",
            time.timestamp(),
            micros % 1_000,
            micros / 1_000
        ),
        Family::Traefik => format!("{combined} 42 \"web@docker\" \"http://{upstream}\" {}ms", micros / 1_000),
        Family::Uwsgi => format!(
            "[pid: 12|app: 0|req: 1/2] {client} ({}) {{36 vars in 500 bytes}} [{}] {method} {target} => generated {bytes} bytes in {} msecs \
             (HTTP/1.1 {status}) 2 headers in 70 bytes (1 switches on core 0)",
            user.trim_matches('-'),
            time.format("%a %b %e %H:%M:%S %Y"),
            micros / 1_000
        ),
        Family::W3c => format!(
            "{} 198.51.100.1 {method} {path} {query} 443 {user} {client} {word} {referer} {status} 0 64 {}",
            time.format("%Y-%m-%d %H:%M:%S"),
            micros / 1_000
        ),
    }
}

/// The formats that are told by their lines. JSON is told by its keys, not here.
fn formats() -> impl Strategy<Value = Format> {
    let all = Format::names().map(|(_, format)| format);
    let own = |format: &Format| !format.is_json() && !matches!(format, Format::Auto | Format::Error);
    prop::sample::select(all.filter(own).collect::<Vec<_>>())
}

fn parser(format: Format) -> Parser {
    Parser::new(Options { format, ..Options::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_line_of_any_format_is_read_by_itself_as_by_the_name_of_its_format(format in formats(), request in requests()) {
        let line = line(format, &request);
        let (mut record, mut named) = (Record::new(), Record::new());
        let by_name = parser(format).parse(line.as_bytes(), &mut named);
        prop_assert_eq!(&by_name, &Parsed::Record { format, extra: false }, "{}", line);
        let mut auto = parser(Format::Auto);
        auto.begin(Some(line.as_bytes()), None);
        prop_assert_eq!(auto.parse(line.as_bytes(), &mut record), by_name, "{}", line);
        prop_assert_eq!(record, named, "{}", line);
    }

    #[test]
    fn lines_of_all_formats_in_one_file_are_each_read_as_by_name(
        lines in prop::collection::vec((formats(), requests()), 2..8),
        header in any::<bool>(),
    ) {
        let first = line(lines[0].0, &lines[0].1);
        let mut auto = parser(Format::Auto);
        auto.begin(Some(first.as_bytes()), None);
        let errors = lines[0].0.is_error_log();
        if header {
            let iis = b"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
                cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";
            prop_assert_eq!(auto.parse(iis, &mut Record::new()), Parsed::Skipped);
        }
        for (format, request) in lines {
            let line = line(format, &request);
            let (mut record, mut named) = (Record::new(), Record::new());
            let parsed = auto.parse(line.as_bytes(), &mut record);
            if format.is_error_log() && !errors {
                let stray = matches!(&parsed, Parsed::Rejected(reject) if reject.reason == Reason::ErrorLog);
                prop_assert!(stray, "{parsed:?} {line}");
                continue;
            }
            prop_assert_eq!(parsed, parser(format).parse(line.as_bytes(), &mut named), "{}", line);
            prop_assert_eq!(record, named, "{}", line);
        }
    }
}
