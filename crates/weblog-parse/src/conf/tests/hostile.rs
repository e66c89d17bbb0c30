//! What must neither panic nor hang nor eat memory.

use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const BOTH: [Server; 2] = [Server::Nginx, Server::Apache];

fn forced(server: Server) -> Options {
    Options { server: Some(server), ..Options::default() }
}

/// Reads text as both servers' configuration, with the given answer to every include.
fn read_both(text: &[u8], include: &str) -> [Conf; 2] {
    BOTH.map(|server| {
        let mut number = 0;
        let mut files = |_: &str, _: &Path| {
            number += 1;
            Ok(vec![(PathBuf::from(format!("/{number}")), include.as_bytes().to_vec())])
        };
        read(Path::new("/main"), text, &forced(server), &mut files).unwrap()
    })
}

#[test]
fn nothing_takes_time_that_grows_with_the_square_of_its_size() {
    const SIZE: usize = 2 << 20;
    let long = format!("{} %h\n", "x".repeat(4000));
    for (start, unit) in [
        ("", "{"),
        ("", "a{"),
        ("", "server{"),
        ("", "location x{"),
        ("", "}"),
        ("", ";"),
        ("", "\""),
        ("", "\"a\"b"),
        ("", "'\n"),
        ("a ", "\\"),
        ("a ", "${"),
        ("", "$"),
        ("", "\\\n"),
        ("", "#"),
        ("", "a "),
        ("server_name ", "a "),
        ("ServerAlias ", "a "),
        ("", "ServerAlias a a a a a\n"),
        ("", "x_by_lua_block{[[}"),
        ("x_by_lua_block{", "[=="),
        ("x_by_lua_block{", "--[[\n"),
        ("x_by_lua_block{", "\"\\\n"),
        ("", "<a>\n"),
        ("", "</a>\n"),
        ("", "<VirtualHost>\n</VirtualHost>\n"),
        ("", "<IfModule>\nLogFormat %h x\n</IfModule>\nCustomLog a x\n"),
        ("", "Define A ${A}${A}x\n"),
        ("Define A 1234567890\n", "Define A ${A}${A}\nCustomLog ${A} %h\n"),
        ("", "ServerRoot x\n"),
        ("", "CustomLog ${ %h\n"),
        ("", "ErrorLog ${a}${b}\n"),
        ("", "ErrorLog |rotatelogs\n"),
        ("", "log_format a b;access_log $x a;"),
        ("", "server{access_log x;}"),
        ("", "server{}"),
        ("", "http{}error_log x;"),
        ("", "http{server{}}"),
        (&"error_log x;".repeat(80_000), "http{}"),
        ("", "include x;"),
        ("", "Include x\n"),
        ("", &format!("CustomLog {long}")),
        (&format!("ServerRoot /{long}"), "CustomLog a %h\n"),
    ] {
        let text = format!("{start}{}", unit.repeat(SIZE / unit.len()));
        let begun = Instant::now();
        let confs = read_both(text.as_bytes(), "server{}");
        for conf in &confs {
            assert!(conf.problems.len() <= limits::PROBLEMS);
            assert!(conf.logs.len() <= limits::ENTRIES);
            conf.format_of(Path::new("/var/log/nginx/access.log-20260101.gz"));
        }
        let shown: String = format!("{start}{unit}").chars().take(60).collect();
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?} for {shown:?}", begun.elapsed());
    }
}

#[test]
fn a_file_that_includes_itself_is_cut_with_a_problem() {
    for (server, text) in
        [(Server::Nginx, "include x; access_log /a;"), (Server::Apache, "Include x\nCustomLog /a %h\n")]
    {
        let mut files = |_: &str, _: &Path| Ok(vec![(PathBuf::from("/x"), text.as_bytes().to_vec())]);
        let conf = read(Path::new("/x"), text.as_bytes(), &forced(server), &mut files).unwrap();
        assert_eq!(problems(&conf), ["/x:1:1: `/x` includes itself; this was cut."]);
        let conf = read(Path::new("/main"), text.as_bytes(), &forced(server), &mut files).unwrap();
        assert_eq!(problems(&conf), ["/x:1:1: `/x` includes itself; this was cut."]);
        assert_eq!(conf.logs.len(), 2);
    }
}

#[test]
fn files_that_include_ever_more_of_themselves_end_at_a_bound() {
    let begun = Instant::now();
    let [nginx, _] = read_both(b"include a; include b;", "include a; include b; access_log /x;");
    let [_, apache] = read_both(b"Include a\nInclude b\n", "Include a\nInclude b\nCustomLog /x %h\n");
    for conf in [nginx, apache] {
        assert!(conf.logs.len() <= limits::FILES);
        assert!(conf.problems.iter().any(|problem| problem.fault == Fault::TooDeep));
    }
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[test]
fn a_log_beyond_deep_nesting_is_told_and_one_after_it_is_read() {
    let deep = format!("{}{} access_log /a;", "location x {".repeat(1000), "}".repeat(1000));
    let [nginx, _] = read_both(deep.as_bytes(), "");
    assert_eq!((logs(&nginx).len(), &nginx.problems[0].fault), (1, &Fault::TooDeep));
    let deep = format!("{}{}CustomLog /a %h\n", "<a>\n".repeat(1000), "</a>\n".repeat(1000));
    let [_, apache] = read_both(deep.as_bytes(), "");
    assert_eq!((logs(&apache).len(), &apache.problems[0].fault), (1, &Fault::TooDeep));
}

#[test]
fn a_word_longer_than_the_bound_is_told() {
    let text = format!("access_log /a; log_format x '{}';", "x".repeat(limits::WORD + 1));
    let [nginx, _] = read_both(text.as_bytes(), "");
    assert_eq!((nginx.logs.len(), nginx.formats.len(), &nginx.problems[0].fault), (1, 0, &Fault::TooLong));
    let text = format!("CustomLog /a %h\nLogFormat '{}' x\n", "x".repeat(limits::WORD + 1));
    let [_, apache] = read_both(text.as_bytes(), "");
    assert_eq!((apache.logs.len(), apache.formats.len(), &apache.problems[0].fault), (1, 0, &Fault::TooLong));
}

#[test]
fn a_configuration_that_is_too_large_is_told_and_not_read() {
    let text = vec![b'\n'; limits::BYTES + 1];
    for conf in read_both(&text, "") {
        assert_eq!(
            problems(&conf),
            ["/main:1:1: There are too many bytes in all; the rest was passed over."]
        );
    }
}

fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z$%{};\"'\\\\#<>/| \n]{0,12}",
        Just("log_format x '$a'; ".to_owned()),
        Just("access_log /a.log x; ".to_owned()),
        Just("http { server { server_name a; ".to_owned()),
        Just("include x; ".to_owned()),
        Just("\nInclude x\n".to_owned()),
        Just("\nLogFormat \"%h\" x\n".to_owned()),
        Just("\nCustomLog \"|rotatelogs -l /a.%Y 1\" x\n".to_owned()),
        Just("\nDefine A ${B}${A}\n".to_owned()),
        Just("\n<IfDefine !A>\n".to_owned()),
        Just("\n</IfDefine>\n".to_owned()),
        Just("\n<VirtualHost *:80>\n".to_owned()),
        Just("\\\n".to_owned()),
        Just("x_by_lua_block { ".to_owned()),
        "\\PC{0,6}",
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), path in any::<Vec<u8>>()) {
        let include = String::from_utf8_lossy(&bytes).into_owned();
        for conf in read_both(&bytes, &include) {
            conf.format_of(Path::new(&*String::from_utf8_lossy(&path)));
        }
        envvars(&bytes);
    }

    #[test]
    fn every_problem_stands_in_its_file(parts in prop::collection::vec(fragment(), 0..30)) {
        let text = parts.concat();
        for conf in read_both(text.as_bytes(), "access_log /b; }") {
            for problem in conf.problems.iter().filter(|problem| &*problem.at.file == Path::new("/main")) {
                let line = text.split('\n').nth(problem.at.line - 1);
                prop_assert!(problem.at.column >= 1);
                prop_assert!(line.is_some_and(|line| problem.at.column <= line.len() + 1), "{problem} in {text:?}");
            }
        }
    }

    #[test]
    fn a_format_in_single_quotes_is_read_as_it_is(format in "[ -&(-\\[\\]-~]{1,40}") {
        let [nginx, _] = read_both(format!("log_format x '{format}';").as_bytes(), "");
        let [_, apache] = read_both(format!("LogFormat '{format}' x\n").as_bytes(), "");
        prop_assume!(!format.starts_with("escape="));
        prop_assert_eq!(&nginx.formats[0].text, &format);
        prop_assert_eq!(&apache.formats[0].text, &format);
    }

    #[test]
    fn a_fixed_path_is_found_as_it_is_and_rotated(name in "[a-z][a-z0-9_.-]{0,12}[a-z]", number in 1..999_u32) {
        let text = format!("access_log /log/{name};");
        let [nginx, _] = read_both(text.as_bytes(), "");
        for (path, fit) in [
            (format!("/log/{name}"), Fit::Exact),
            (format!("/log/{name}.{number}.gz"), Fit::Rotated),
            (format!("/copy/{name}-20260101"), Fit::Name),
        ] {
            prop_assert_eq!(nginx.format_of(Path::new(&path))[0].fit, fit, "{}", path);
        }
    }
}
