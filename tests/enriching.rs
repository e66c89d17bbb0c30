//! What enrichment adds and takes away, where a case cannot show it.

use crate::program::{Place, text};
use std::fs;

/// Nothing of these may be left: an address in several spellings, and secrets.
const CANARIES: [&str; 9] = [
    "203.7.113.77",
    "2a02:cf40:1:2::77",
    "s3cr3t-t0ken",
    "hunter2canary",
    "canary.ann@mail.example",
    "canary.ann%40mail.example",
    "4111111111111111",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
    "AKIAIOSFODNN7CANARY",
];

/// Lines of several formats with canaries in every place that a client can reach, and lines that are none.
fn lines() -> String {
    let [four, six, token, password, mail, encoded, card, jwt, key] = CANARIES;
    let target = format!(
        "/p;jsessionid={token}/{mail}?token={token}&e={encoded}&n={card}&q={jwt}&ip={four}&AWSAccessKeyId={key}"
    );
    let referer = format!("https://ann:{password}@example.org/?password={password}&from={six}");
    let agent = format!("Mozilla/5.0 (compatible; {mail})");
    let mut all = String::new();
    for (at, client) in [four, six].into_iter().enumerate() {
        let time = format!("[22/Jan/2019:00:00:{at:02} +0000]");
        all += &format!("{client} - - {time} \"GET {target} HTTP/1.1\" 200 5 \"{referer}\" \"{agent}\"\n");
        all +=
            &format!("{client} - - {time} \"POST {target} HTTP/1.1\" 404 - \"-\" \"-\" \"{four}, {six}\"\n");
        all += &format!("{client} - - {time} \"{jwt}\" 400 0 \"{referer}\" \"{agent}\"\n");
        all += &format!("{client} - - [broken] \"GET {target}\" ?? {referer} {agent}\n");
        all += &format!(
            "{{\"time\":\"2019-01-22T00:00:00Z\",\"remote_addr\":\"{client}\",\"path\":\"/{mail}\",\"cookie\":\"sid={token}\",\"deep\":{{\"token\":\"{token}\",\"ip\":\"{four}\"}},\"http_x_real_ip\":\"{six}\"}}\n"
        );
        all += &format!("{{\"broken\": \"{client} password={password} {mail}\n");
        // Nested, in arrays, as text within text, in quotes, and where a browser says what it is.
        all += &format!(
            "{{\"time\":\"2019-01-22T00:00:00Z\",\"remote_addr\":\"{client}\",\"cookie\":[\"a=1\",\"b={token}\"],\"headers\":{{\"Cookie\":[\"a=1\",\"{token}\"],\"X-Real-Ip\":[\"{six}\"],\"token\" : {{\"value\":\"{token}\"}}}}}}\n"
        );
        all += &format!(
            "{{\"time\":\"2019-01-22T00:00:00Z\",\"remote_addr\":\"{client}\",\"request_body\":\"{{\\\"new_password2\\\":\\\"{password}\\\"}}\",\"msg\":\"password=\\\"{password}\\\" Cookie: {token}\",\"pin_code\":1}}\n"
        );
        all += &format!(
            "{client} - - {time} \"GET /?token%20={token} HTTP/1.1\" 200 5 \"-\" \"App/1 ({four}; {six})\"\n"
        );
        all += &format!(
            "{client} ident ann [broken] level=info token=\"{token}\" {{\"h\":{{\"token\" : \"{token}\"}}}}\n"
        );
    }
    all
}

fn assert_clean(what: &str, bytes: &[u8]) {
    let seen = String::from_utf8_lossy(bytes).to_lowercase();
    for canary in CANARIES {
        assert!(!seen.contains(&canary.to_lowercase()), "{what} has {canary}\n{seen}");
    }
}

#[test]
fn nothing_of_what_must_not_be_kept_is_in_any_output() {
    let place = Place::new();
    fs::write(place.path().join("in.log"), lines()).unwrap();
    fs::write(place.path().join("key"), [7; 32]).unwrap();
    for how in ["truncate", "hmac", "hmac:never", "prefix", "drop"] {
        let clean =
            format!("--redact --anonymize {how} --anonymize-key key --trusted-proxy private --routes routes");
        let books = "--rejects rejects --ledger ledger -v";
        let runs = [
            format!("weblog enrich {clean} {books} in.log"),
            format!("weblog enrich {clean} {books} --provenance -t csv in.log"),
            format!("weblog enrich {clean} {books} -t tsv in.log"),
            format!("weblog enrich {clean} {books} -t table in.log"),
            format!("weblog parse in.log | weblog enrich {clean} {books} -j 1"),
            format!("weblog to-parquet {clean} {books} -t arrow in.log"),
            format!("weblog to-parquet {clean} {books} --by hour ds-{how} in.log; grep -ra . ds-{how}"),
            format!("weblog to-parquet {clean} {books} -o one.parquet in.log; cat one.parquet"),
        ];
        for run in runs {
            let output = place.sh(&run, b"");
            assert!(!output.stdout.is_empty(), "{run}: {}", text(&output.stderr));
            assert_clean(&run, &output.stdout);
            assert_clean(&run, &output.stderr);
            assert_clean(&run, &fs::read(place.path().join("routes")).unwrap());
            for book in ["rejects", "ledger"] {
                let bytes = fs::read(place.path().join(book)).unwrap();
                // In a pipe `parse` rejects, and has nothing to clean it with.
                assert!(bytes.len() > 2 || run.starts_with("weblog parse"), "{run}: {book}");
                assert_clean(&format!("{run}: {book}"), &bytes);
            }
        }
        #[cfg(feature = "query")]
        for place_of in [format!("ds-{how}"), "one.parquet".into()] {
            let output = place.sh(&format!("weblog query -t csv 'select * from logs' {place_of}"), b"");
            assert!(text(&output.stdout).contains("REDACTED"), "{}", text(&output.stderr));
            assert_clean(&place_of, &output.stdout);
        }
    }
    // The canaries would be seen.
    let plain = place.sh("weblog enrich -q in.log", b"");
    for canary in CANARIES {
        assert!(text(&plain.stdout).contains(canary), "{canary}");
    }
}

#[test]
fn name_servers_never_change_what_is_no_bot() {
    let place = Place::new();
    let line = br#"{"remote_addr":"8.8.8.0","user_agent":"curl/8.5.0"}"#;
    let asked = place.sh("weblog enrich --rdns", line);
    if asked.status.success() {
        assert_eq!(text(&asked.stdout), text(&place.sh("weblog enrich", line).stdout));
    } else {
        assert!(text(&asked.stderr).contains("--rdns finds no name server"), "{}", text(&asked.stderr));
    }
}

#[test]
fn a_database_that_is_replaced_meanwhile_is_taken_over() {
    use std::{
        io::{BufRead, BufReader, Write},
        process::Stdio,
        time::Duration,
    };
    let place = Place::new();
    let copy = |name: &str| {
        let from = crate::program::root().join("testdata/geo").join(name);
        fs::copy(from, place.path().join("new")).unwrap();
        fs::rename(place.path().join("new"), place.path().join("City.mmdb")).unwrap();
    };
    copy("city.mmdb");
    let mut command = place.command("weblog");
    command.args(["enrich", "--geo", "City.mmdb", "--fields", "country"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut ask = || {
        input.write_all(b"{\"remote_addr\":\"11.0.2.200\"}\n").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line
    };
    assert_eq!(ask(), "{\"country\":\"FR\"}\n");
    fs::write(place.path().join("City.mmdb"), "half a file").unwrap();
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(ask(), "{\"country\":\"FR\"}\n");
    copy("shield.mmdb");
    let since = std::time::Instant::now();
    while ask() != "{\"country\":\"DE\"}\n" {
        assert!(since.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(200));
    }
    drop(input);
    let told = text(&child.wait_with_output().unwrap().stderr);
    assert!(told.contains("stays in use") && told.contains("read anew"), "{told}");
}
