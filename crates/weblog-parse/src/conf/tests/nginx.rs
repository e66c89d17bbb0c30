//! nginx.

use super::*;

fn nginx(tree: &[(&'static str, &'static str)]) -> Conf {
    read_tree(&Options { server: Some(Server::Nginx), ..Options::default() }, tree)
}

fn one(text: &'static str) -> Conf {
    nginx(&[("/etc/nginx/nginx.conf", text)])
}

const DEBIAN: &str = r#"
user www-data;
worker_processes auto;
error_log /var/log/nginx/error.log;
include /etc/nginx/modules-enabled/*.conf;

events { worker_connections 768; }

http {
	include mime.types;
	default_type application/octet-stream;

	map $status $loggable {
		~^[23]  0;
		default 1;
		include nowhere.map;
	}
	map $http_upgrade $connection_upgrade { default upgrade; '' close; }
	geo $internal { default 0; 192.0.2.0/24 1; }

	log_format main '$remote_addr - $remote_user [$time_local] "$request" '
	                '$status $body_bytes_sent "$http_referer" '
	                '"$http_user_agent" "$http_x_forwarded_for"';
	log_format  json  escape=json  # a comment between words
	  '{'
	    '"time":"$time_iso8601",'
	    "\"agent\":\"${http_user_agent}\","
	    '"status":$status'
	  '}';
	log_format bare escape=none $remote_addr\ $request_time;

	access_log /var/log/nginx/access.log;

	include conf.d/*.conf;
	include sites-enabled/*;
}

stream {
	log_format main '$remote_addr $bytes_sent';
	access_log /var/log/nginx/stream.log main;
}
"#;

const DEBIAN_TREE: &[(&str, &str)] = &[
    ("/etc/nginx/nginx.conf", DEBIAN),
    ("/etc/nginx/mime.types", "types { text/html html htm; }\n"),
    (
        "/etc/nginx/sites-enabled/default",
        "server { listen 80 default_server; listen [::]:80; server_name _; include snippets/php.conf; }",
    ),
    (
        "/etc/nginx/sites-enabled/shop",
        r#"server {
    listen 443 ssl;
    server_name shop.example www.shop.example;
    access_log /var/log/nginx/shop.log main buffer=32k flush=5s if=$loggable;
    error_log /var/log/nginx/shop.error.log warn;
    location /api/ {
        access_log /var/log/nginx/api.$host.log json gzip=4;
        access_log syslog:server=192.0.2.9:514,tag=api json;
        if ($arg_quiet) { access_log off; }
    }
    location ~ "^/(a|b){1,2}$" { access_log off; }
    location ~ "^/q{2}" { return 204; }
}
"#,
    ),
    ("/etc/nginx/snippets/php.conf", "location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }"),
];

#[test]
fn a_debian_like_tree_gives_every_log_with_its_format_and_servers() {
    let conf = nginx(DEBIAN_TREE);
    assert_eq!(
        logs(&conf),
        [
            "/var/log/nginx/error.log Error ?: _",
            "/var/log/nginx/access.log Access combined: _",
            "/var/log/nginx/shop.log Access main: shop.example,www.shop.example",
            "/var/log/nginx/shop.error.log Error ?: shop.example,www.shop.example",
            "/var/log/nginx/api.$host.log Access json: shop.example,www.shop.example",
            "syslog:server=192.0.2.9:514,tag=api Access json: shop.example,www.shop.example",
        ]
    );
    assert_eq!(problems(&conf), Vec::<String>::new());
    assert_eq!(conf.logs[2].condition.as_deref(), Some("if=$loggable"));
    assert_eq!(conf.logs[1].servers[0].listen, ["80", "[::]:80"]);
    let at = &conf.logs[2].at;
    assert_eq!((at.file.to_str(), at.line, at.column), (Some("/etc/nginx/sites-enabled/shop"), 4, 5));
}

#[test]
fn strings_of_a_format_are_joined_with_nothing_between() {
    let conf = nginx(DEBIAN_TREE);
    let texts: Vec<_> = conf.formats.iter().map(|format| (format.text.as_str(), format.escape)).collect();
    assert_eq!(
        texts,
        [
            (
                "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                 \"$http_referer\" \"$http_user_agent\" \"$http_x_forwarded_for\"",
                Escape::Default
            ),
            (r#"{"time":"$time_iso8601","agent":"${http_user_agent}","status":$status}"#, Escape::Json),
            ("$remote_addr\\ $request_time", Escape::None),
        ]
    );
}

#[test]
fn escapes_of_words_are_those_of_nginx() {
    for (word, text) in [
        (r#""a\"b""#, "a\"b"),
        (r#"'a\'b'"#, "a'b"),
        (r#"'a"b'"#, "a\"b"),
        (r#""a\tb\nc\rd""#, "a\tb\nc\rd"),
        (r#""a\\b\xc""#, "a\\b\\xc"),
        (r"a\;b", "a\\;b"),
        ("${a}b#c\"d", "${a}b#c\"d"),
        ("'${a}; {'", "${a}; {"),
    ] {
        let text_of = format!("log_format x {word};");
        let mut none = Tree(Vec::new());
        let options = Options { server: Some(Server::Nginx), ..Options::default() };
        let conf = read(Path::new("/n"), text_of.as_bytes(), &options, &mut none).unwrap();
        assert_eq!((conf.formats[0].text.as_str(), problems(&conf)), (text, vec![]), "{word}");
    }
}

#[test]
fn a_level_with_logs_of_its_own_replaces_the_outer_ones() {
    let conf = one("http { access_log /o.log; error_log /e.log;
        server { server_name a; }
        server { server_name b; access_log /b.log; }
        server { server_name c; access_log off; }
        server { server_name d; location / { access_log /d.log; } location /x { access_log off; } }
    }");
    let expected = [
        "/o.log Access combined: a|d",
        "/e.log Error ?: a|b|c|d",
        "/b.log Access combined: b",
        "/d.log Access combined: d",
    ];
    assert_eq!(logs(&conf), expected);
}

#[test]
fn without_any_access_log_nginx_writes_its_default() {
    let conf = one("http { server { server_name a; } }");
    assert_eq!(logs(&conf), ["logs/access.log Access combined: a"]);
    assert!(
        conf.logs[0].format.as_ref().unwrap().text.starts_with("$remote_addr - $remote_user [$time_local]")
    );
    let off = one("http { access_log off; server { server_name a; } }");
    assert_eq!(logs(&off), Vec::<String>::new());
}

#[test]
fn relative_logs_are_under_the_prefix_and_relative_includes_beside_the_main_file() {
    let tree = [
        ("/opt/nginx/conf/nginx.conf", "http { include sub/a.conf; }"),
        ("/opt/nginx/conf/sub/a.conf", "include sub/b.conf; access_log logs/a.log;"),
        ("/opt/nginx/conf/sub/b.conf", "server { server_name b; }"),
    ];
    assert_eq!(logs(&nginx(&tree)), ["/opt/nginx/logs/a.log Access combined: b"]);
    let options = Options { root: Some("/srv/n".into()), ..Options::default() };
    assert_eq!(logs(&read_tree(&options, &tree)), ["/srv/n/logs/a.log Access combined: b"]);
    let packaged = one("http { access_log logs/a.log; }");
    assert_eq!(logs(&packaged), ["logs/a.log Access combined: "]);
}

#[test]
fn the_code_of_lua_blocks_is_passed_over() {
    let conf = one(r#"http {
        init_by_lua_block {
            local s = "}" .. '\'}' -- } a comment with a quote '
            --[[ } ]] local t = { [==[ }}} ]==] }
            access_log = "/no.log;"
        }
        server { server_name a; content_by_lua_block { ngx.say("{") } access_log /yes.log; }
    }"#);
    assert_eq!((logs(&conf), problems(&conf)), (vec!["/yes.log Access combined: a".into()], vec![]));
}

#[test]
fn formats_are_found_without_regard_to_case_and_wherever_they_stand() {
    let conf = one("http { access_log /a MAIN; log_format main '$status'; }");
    assert_eq!(logs(&conf), ["/a Access main: "]);
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_rest_is_read() {
    for (text, expected) in [
        ("http { access_log /a nope; }", "1:8: No format is named `nope`."),
        ("http {\n  access_log;\n access_log /a; }", "2:3: `access_log` lacks an argument."),
        ("http { access_log /a; ", "1:1: `{` is not closed in this file."),
        ("http { access_log /a; } }", "1:25: '}' cannot stand here."),
        ("http { ; access_log /a; }", "1:8: ';' cannot stand here."),
        ("access_log /a;\nlog_format x 'abc", "2:14: The quote ' is not closed."),
        ("access_log \"/a\"; log_format x \"a\"b;", "1:34: 'b' cannot stand here."),
        ("access_log /a; user x", "1:22: The file ends within a directive."),
        ("access_log /a; user }", "1:21: '}' cannot stand here."),
        (
            "access_log /a; log_format x escape=xml '$a';",
            "1:16: `escape=xml` is not a value that is known here.",
        ),
        (
            "access_log /a; log_format combined '$a';",
            "1:16: The format `combined` is defined before; that one counts.",
        ),
        ("access_log /a; include gone.conf;", "1:16: There is no file `/etc/nginx/gone.conf`."),
    ] {
        let conf = one(text);
        assert_eq!(conf.problems[0].to_string(), format!("/etc/nginx/nginx.conf:{expected}"), "{text}");
        assert_eq!(conf.logs.len(), 1, "{text}");
    }
}

#[test]
fn an_include_that_cannot_be_read_is_a_problem() {
    let mut denied = |_: &str, _: &Path| Err(std::io::Error::other("denied"));
    let options = Options { server: Some(Server::Nginx), ..Options::default() };
    let conf = read(Path::new("/n"), b"include /x/*; access_log /a;", &options, &mut denied).unwrap();
    assert_eq!(problems(&conf), ["/n:1:1: Cannot read `/x/*`: denied."]);
    assert_eq!(conf.logs.len(), 1);
}
