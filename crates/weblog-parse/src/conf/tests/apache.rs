//! Apache httpd.

use super::*;

fn apache(tree: &[(&'static str, &'static str)]) -> Conf {
    read_tree(&Options { server: Some(Server::Apache), ..Options::default() }, tree)
}

fn one(text: &'static str) -> Conf {
    apache(&[("/etc/apache2/apache2.conf", text)])
}

const APACHE2: &str = r#"
#ServerRoot "/etc/apache2"
DefaultRuntimeDir ${APACHE_RUN_DIR}
ErrorLog ${APACHE_LOG_DIR}/error.log
IncludeOptional mods-enabled/*.load
Include ports.conf
<Directory />
	Options FollowSymLinks
</Directory>
LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost_combined
LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" combined
LogFormat "%h %l %u %t \"%r\" %>s %O" common
IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
"#;

const DEBIAN: &[(&str, &str)] = &[
    ("/etc/apache2/apache2.conf", APACHE2),
    ("/etc/apache2/ports.conf", "Listen 80\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n"),
    (
        "/etc/apache2/conf-enabled/other-vhosts-access-log.conf",
        "CustomLog ${APACHE_LOG_DIR}/other_vhosts_access.log vhost_combined\n",
    ),
    (
        "/etc/apache2/sites-enabled/000-default.conf",
        "<VirtualHost *:80>\n\tServerAdmin webmaster@localhost\n\tErrorLog ${APACHE_LOG_DIR}/error.log\n\t\
         CustomLog ${APACHE_LOG_DIR}/access.log combined\n</VirtualHost>\n",
    ),
    (
        "/etc/apache2/sites-enabled/shop.conf",
        r#"<IfModule mod_ssl.c>
<VirtualHost _default_:443 [2001:db8::1]:443>
	ServerAlias www.shop.example *.shop.example
	ServerName https://shop.example:443
	SetEnvIf Request_URI "^/health" quiet
	CustomLog "${APACHE_LOG_DIR}/shop.log" \
		"%h %{ms}T \"%r\"" \
		env=!quiet
</VirtualHost>
</IfModule>
<VirtualHost *:80>
	ServerName plain.example
</VirtualHost>
"#,
    ),
];

#[test]
fn a_debian_like_tree_gives_every_log_with_its_format_and_hosts() {
    let variables = envvars(b"export APACHE_LOG_DIR=/var/log/apache2$SUFFIX\n");
    let conf = read_tree(&Options { variables, ..Options::default() }, DEBIAN);
    assert_eq!(conf.server, Server::Apache);
    assert_eq!(problems(&conf), Vec::<String>::new());
    assert_eq!(
        logs(&conf),
        [
            "/var/log/apache2/error.log Error ?: |shop.example,www.shop.example,*.shop.example|plain.example",
            "/var/log/apache2/other_vhosts_access.log Access vhost_combined: |plain.example",
            "/var/log/apache2/error.log Error ?: ",
            "/var/log/apache2/access.log Access combined: ",
            "/var/log/apache2/shop.log Access %h %{ms}T \"%r\": shop.example,www.shop.example,*.shop.example",
        ]
    );
    let shop = &conf.logs[4];
    assert_eq!(shop.condition.as_deref(), Some("env=!quiet"));
    assert_eq!(shop.section.as_deref(), Some("<IfModule mod_ssl.c>"));
    assert_eq!(shop.servers[0].listen, ["_default_:443", "[2001:db8::1]:443"]);
    let vhost_combined = &conf.formats[0].text;
    assert_eq!(vhost_combined, r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#);
}

#[test]
fn a_variable_that_is_not_known_stays_is_told_once_and_fits_any_directory() {
    let conf = apache(DEBIAN);
    assert_eq!(
        problems(&conf),
        ["/etc/apache2/apache2.conf:4:1: The variable `APACHE_LOG_DIR` is not defined."]
    );
    let found = conf.format_of(Path::new("/var/log/apache2/access.log.3.gz"));
    assert_eq!(
        (found[0].fit, shown(found[0].log)),
        (Fit::Pattern, "${APACHE_LOG_DIR}/access.log Access combined: ".into())
    );
}

const RHEL: &[(&str, &str)] = &[
    (
        "/etc/httpd/conf/httpd.conf",
        r#"
ServerRoot "/etc/httpd"
Listen 80
Include conf.modules.d/*.conf
ServerName main.example:80
ErrorLog "logs/error_log"
ErrorLogFormat "[%{u}t] [%-m:%l] %M"
LogLevel warn
<IfModule log_config_module>
    LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"" combined
    LogFormat "%h %l %u %t \"%r\" %>s %b" common
    <IfModule logio_module>
      LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %I %O" combinedio
    </IfModule>
    #CustomLog "logs/access_log" common
    CustomLog "logs/access_log" combined
</IfModule>
IncludeOptional conf.d/*.conf
"#,
    ),
    ("/etc/httpd/conf.modules.d/00-base.conf", "LoadModule log_config_module modules/mod_log_config.so\n"),
    (
        "/etc/httpd/conf.d/ssl.conf",
        "<VirtualHost _default_:443>\nErrorLog logs/ssl_error_log\nTransferLog logs/ssl_access_log\n\
         CustomLog logs/ssl_request_log \\\n    \"%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x \\\"%r\\\" %b\"\n\
         </VirtualHost>\n",
    ),
];

#[test]
fn a_red_hat_like_tree_gives_every_log_with_its_format_and_hosts() {
    let conf = apache(RHEL);
    assert_eq!(problems(&conf), Vec::<String>::new());
    assert_eq!(
        logs(&conf),
        [
            "/etc/httpd/logs/error_log Error [%{u}t] [%-m:%l] %M: main.example",
            "/etc/httpd/logs/access_log Access combined: main.example",
            "/etc/httpd/logs/ssl_error_log Error [%{u}t] [%-m:%l] %M: ",
            "/etc/httpd/logs/ssl_access_log Access CLF: ",
            "/etc/httpd/logs/ssl_request_log Access %t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x \"%r\" %b: ",
        ]
    );
    assert_eq!(conf.formats.len(), 3);
}

#[test]
fn a_nickname_may_be_defined_after_its_use_and_in_any_case() {
    assert_eq!(logs(&one("CustomLog /a Mine\nLogFormat %h mine\n")), ["/a Access mine: "]);
    assert_eq!(logs(&one("CustomLog /a CLF\n")), ["/a Access CLF: "]);
}

#[test]
fn the_nickname_of_a_virtual_host_is_its_own() {
    let conf = one(
        "LogFormat %h x\nCustomLog /a x\n<VirtualHost *>\nLogFormat %v x\nCustomLog /b x\n</VirtualHost>\n",
    );
    let texts: Vec<_> = conf.logs.iter().map(|log| log.format.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(texts, ["%h", "%v"]);
}

#[test]
fn a_transfer_log_has_the_format_of_the_log_format_without_nickname() {
    assert_eq!(logs(&one("LogFormat \"%h %r\"\nTransferLog /a\n")), ["/a Access %h %r: "]);
    assert_eq!(logs(&one("LogFormat %h x\nLogFormat x\nTransferLog /a\n")), ["/a Access x: "]);
    assert_eq!(logs(&one("TransferLog /a\n")), ["/a Access CLF: "]);
}

#[test]
fn a_global_log_is_that_of_every_host() {
    let conf = one(
        "GlobalLog /g %h\nCustomLog /m %h\n<VirtualHost *>\nServerName a\nCustomLog /a %h\n</VirtualHost>\n\
                    <VirtualHost *>\nServerName b\n</VirtualHost>\nServerName m\n",
    );
    assert_eq!(logs(&conf), ["/g Access %h: m|a|b", "/m Access %h: m|b", "/a Access %h: a"]);
}

#[test]
fn both_definitions_of_a_format_are_given_when_a_condition_decides() {
    let conf = one("LogFormat %a x\n<IfModule logio_module>\nLogFormat %O x\n</IfModule>\n\
                    <IfModule !logio_module>\nLogFormat %b x\n</IfModule>\nCustomLog /a x\n");
    let texts: Vec<_> = conf.logs.iter().map(|log| log.format.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(texts, ["%b", "%O", "%a"]);
}

#[test]
fn if_define_is_decided_by_what_is_defined() {
    let text = "Define A\n<IfDefine A>\nCustomLog /a %h\n</IfDefine>\n<IfDefine !A>\n<IfModule x>\nCustomLog /b %h\n\
                </IfModule>\n</IfDefine>\n<IfDefine D>\nCustomLog /d %h\n</IfDefine>\n\
                <IfDefine !D>\nCustomLog /e %h\n</IfDefine>\n";
    let conf = one(text);
    assert_eq!(logs(&conf), ["/a Access %h: ", "/d Access %h: ", "/e Access %h: "]);
    let sections: Vec<_> = conf.logs.iter().map(|log| log.section.as_deref()).collect();
    assert_eq!(sections, [None, Some("<IfDefine D>"), Some("<IfDefine !D>")]);
    let options = Options { defines: ["D".to_owned()].into(), ..Options::default() };
    let given = read_tree(&options, &[("/c", text)]);
    assert_eq!(logs(&given), ["/a Access %h: ", "/d Access %h: "]);
}

#[test]
fn variables_are_put_in_as_they_are_defined_at_that_point() {
    let conf = one("Define D /var/log\nDefine S ${D}/s\nCustomLog ${S}/1.log %h\nDefine S /t\n\
                    CustomLog \"${S}/2.log\" %h\nUnDefine S\nCustomLog ${S}/3.log %h\n");
    assert_eq!(
        logs(&conf),
        ["/var/log/s/1.log Access %h: ", "/t/2.log Access %h: ", "${S}/3.log Access %h: "]
    );
    assert_eq!(conf.problems.len(), 1);
}

#[test]
fn piped_logs_are_the_files_that_the_program_writes() {
    for (pipe, expected) in [
        ("|/usr/bin/rotatelogs /var/log/a.%Y%m%d 86400", vec!["/var/log/a.%Y%m%d"]),
        (
            "||bin/rotatelogs -l -L /var/log/now -f '/var/log/a b.log' 5M",
            vec!["/var/log/a b.log.%s", "/var/log/now"],
        ),
        ("|$nice -n 5 rotatelogs -n 5 /var/log/a 10M", vec!["/var/log/a"]),
        ("|rotatelogs -t -p /bin/zip /var/log/a 10M", vec!["/var/log/a"]),
        (
            "|/usr/sbin/cronolog --symlink=/var/log/now /var/log/%Y/%m/a.log",
            vec!["/var/log/%Y/%m/a.log", "/var/log/now"],
        ),
        ("|/usr/bin/logger -t httpd", vec!["/usr/bin/logger -t httpd"]),
        ("|rotatelogs -L", vec!["rotatelogs -L"]),
        ("|", vec![""]),
    ] {
        let text = format!("CustomLog \"{pipe}\" %h\n");
        let options = Options { server: Some(Server::Apache), ..Options::default() };
        let conf = read(Path::new("/c"), text.as_bytes(), &options, &mut Tree(Vec::new())).unwrap();
        let expected: Vec<_> = expected.iter().map(|path| format!("{path} Access %h: ")).collect();
        assert_eq!(logs(&conf), expected, "{pipe}");
    }
}

#[test]
fn a_macro_is_read_once_with_its_parameters_as_placeholders() {
    let conf = one(
        "<Macro Site $name>\n<VirtualHost *>\nServerName $name\nCustomLog /log/$name.log %h\n</VirtualHost>\n\
                    </Macro>\nUse Site a.example\n",
    );
    assert_eq!(logs(&conf), ["/log/$name.log Access %h: $name"]);
    assert_eq!(conf.logs[0].section.as_deref(), Some("<Macro Site $name>"));
    assert_eq!(conf.format_of(Path::new("/log/a.example.log"))[0].fit, Fit::Pattern);
}

#[test]
fn includes_are_under_the_server_root_and_may_be_directories() {
    let conf = apache(&[
        (
            "/x/httpd.conf",
            "ServerRoot /srv\nInclude conf.d\nInclude gone.conf\nIncludeOptional gone/*.conf\n",
        ),
        ("/srv/conf.d/a.conf", "CustomLog logs/a %h\n"),
        ("/srv/conf.d/sub/b", "CustomLog |$x %h\nErrorLog syslog:local1\n"),
    ]);
    assert_eq!(logs(&conf), ["/srv/logs/a Access %h: ", "x Access %h: ", "syslog:local1 Error ?: "]);
    assert_eq!(problems(&conf), ["/x/httpd.conf:3:1: There is no file `/srv/gone.conf`."]);
}

#[test]
fn a_line_that_goes_on_keeps_its_places_and_a_comment_goes_on_too() {
    let conf = one("# comment \\\nCustomLog /no %h\nCustomLog \\\r\n  /a \\\n  \"%h\n");
    assert_eq!(logs(&conf), ["/a Access %h: "]);
    assert_eq!(problems(&conf), ["/etc/apache2/apache2.conf:5:3: The quote \" is not closed."]);
}

#[test]
fn backslashes_are_undone_as_httpd_does() {
    for (word, text) in [
        (r#""%h \"%r\"""#, "%h \"%r\""),
        (r#"'%h "%r"'"#, "%h \"%r\""),
        (r#""%h\\t%r""#, "%h\\t%r"),
        (r#""%h\t%r""#, "%h\\t%r"),
        (r#"%h\"%r"#, "%h\\\"%r"),
        (r#""%h'%r""#, "%h'%r"),
    ] {
        let text_of = format!("LogFormat {word} x\n");
        let options = Options { server: Some(Server::Apache), ..Options::default() };
        let conf = read(Path::new("/c"), text_of.as_bytes(), &options, &mut Tree(Vec::new())).unwrap();
        assert_eq!(conf.formats[0].text, text, "{word}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_rest_is_read() {
    for (text, expected) in [
        ("CustomLog /a nope\n", "1:1: No format is named `nope`."),
        ("CustomLog\nErrorLog /a\n", "1:1: `customlog` lacks an argument."),
        ("ErrorLog /a\n <VirtualHost *>\n", "2:2: `<virtualhost>` is not closed in this file."),
        ("ErrorLog /a\n</If>\n", "2:1: `</If>` closes nothing that is open."),
        ("<A>\n<B>\n</A>\nErrorLog /a\n", "2:1: `<b>` is not closed in this file."),
    ] {
        let conf = one(text);
        assert_eq!(problems(&conf), [format!("/etc/apache2/apache2.conf:{expected}")], "{text}");
        assert_eq!(conf.logs.len(), 1, "{text}");
    }
}

#[test]
fn perl_code_is_no_configuration() {
    let conf = one(
        "<IfModule y>\n<Perl>\nif ($a <b) {\n<IfModule x>\nCustomLog /a %h\n</IfModule>\n</Perl>\n</IfModule>\nCustomLog /b %h\n",
    );
    assert_eq!((logs(&conf), problems(&conf)), (vec!["/b Access %h: ".into()], vec![]));
}
