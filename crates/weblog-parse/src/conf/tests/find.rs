//! Which log a file is.

use super::*;

const CONF: &str = "http { log_format main '$status'; log_format api '$host';
    server { access_log /var/log/nginx/access.log main; error_log /var/log/nginx/error.log;
             location / { access_log /var/log/nginx/$host.access.log api; }
             location /a { access_log /srv/access.log api; }
             location /b { access_log /data/$host; } } }";

fn fits(conf: &Conf, path: &str) -> Vec<(Fit, String)> {
    let text = |found: &Match<'_>| match &found.log.target {
        Target::File(path) => path.text().to_owned(),
        other => format!("{other:?}"),
    };
    conf.format_of(Path::new(path)).iter().map(|found| (found.fit, text(found))).collect()
}

fn nginx() -> Conf {
    read_tree(&Options::default(), &[("/etc/nginx/nginx.conf", CONF)])
}

#[test]
fn the_path_itself_comes_before_a_rotated_one_a_pattern_and_a_copy() {
    let main = "/var/log/nginx/access.log";
    let conf = nginx();
    let expected = [(Fit::Exact, main.to_owned()), (Fit::Name, "/srv/access.log".into())];
    assert_eq!(fits(&conf, main), expected);
    let host = "/var/log/nginx/$host.access.log".to_owned();
    assert_eq!(fits(&conf, "/var/log/nginx/a.example.access.log.1"), [(Fit::Pattern, host.clone())]);
    assert_eq!(fits(&conf, "/home/me/a.example.access.log"), [(Fit::NamePattern, host)]);
    let copies = [(Fit::Name, main.to_owned()), (Fit::Name, "/srv/access.log".into())];
    assert_eq!(fits(&conf, "access.log"), copies);
    assert_eq!(fits(&conf, "/data/x.example"), [(Fit::Pattern, "/data/$host".into())]);
    assert_eq!(fits(&conf, "/home/me/x.example"), []);
    assert_eq!(fits(&conf, "/var/log/nginx/other.log"), []);
    assert_eq!(conf.format_of(Path::new("/var/log/nginx/error.log"))[0].log.kind, Kind::Error);
}

#[test]
fn every_usual_name_of_a_rotated_log_is_known() {
    let conf = nginx();
    for ending in [
        ".1",
        ".10.gz",
        ".2.bz2",
        "-20260101",
        "-20260101.gz",
        "-20260101.zst",
        "-2026-01-01.xz",
        "-20260101-1767225600",
        ".2026-01-01T00:00:00",
        "_20260101",
        ".old",
        ".gz",
        "~",
    ] {
        let found = fits(&conf, &format!("/var/log/nginx/access.log{ending}"));
        assert_eq!(found[0], (Fit::Rotated, "/var/log/nginx/access.log".into()), "{ending}");
    }
    assert_eq!(fits(&conf, "/var/log/nginx/access-20260101.log.gz")[0].0, Fit::Rotated);
    assert_eq!(fits(&conf, "/var/log/nginx/access.log.swp"), []);
}

#[test]
fn the_dates_of_rotatelogs_are_digits() {
    let conf = read_tree(
        &Options::default(),
        &[(
            "/etc/httpd/httpd.conf",
            "CustomLog \"|rotatelogs /log/a.%Y%m%d-100%%.log 86400\" %h\nCustomLog \"|rotatelogs /log/b 86400\" %h\n\
         CustomLog \"|cronolog /log/%Y/%b/c.log\" %h\nCustomLog /log/100%d.log %h\n",
        )],
    );
    for (path, fit) in [
        ("/log/a.20260101-100%.log", Some(Fit::Pattern)),
        ("/log/a.20260101-100%.log.gz", Some(Fit::Pattern)),
        ("/log/a.today-100%.log", None),
        ("/copy/a.20260101-100%.log", Some(Fit::NamePattern)),
        ("/log/b.1767225600", Some(Fit::Pattern)),
        ("/log/b", None),
        ("/log/2026/Jan/c.log", Some(Fit::Pattern)),
        ("/log/100%d.log", Some(Fit::Exact)),
        ("/log/10001.log", None),
    ] {
        assert_eq!(fits(&conf, path).first().map(|found| found.0), fit, "{path}");
    }
}
