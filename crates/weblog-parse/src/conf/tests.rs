//! Configurations as people write them, and as nobody should.

mod apache;
mod find;
mod hostile;
mod nginx;

use super::*;

/// A file tree in memory. It knows what an include may name: a file, `*` in any part, a directory.
struct Tree(Vec<(&'static str, &'static str)>);

impl Files for Tree {
    fn read(&mut self, pattern: &str, _: &Path) -> std::io::Result<Vec<(PathBuf, Vec<u8>)>> {
        let below = format!("{}/", pattern.trim_end_matches('/'));
        let is_meant = |path: &&(&str, &str)| glob(pattern, path.0) || path.0.starts_with(&below);
        Ok(self.0.iter().filter(is_meant).map(|(path, text)| ((*path).into(), (*text).into())).collect())
    }
}

fn glob(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => path.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter().any(|at| !rest[..at].contains('/') && glob(after, &rest[at..]))
        }),
    }
}

/// Reads the first file of a tree with the others at hand.
fn read_tree(options: &Options, tree: &[(&'static str, &'static str)]) -> Conf {
    let (path, text) = tree[0];
    read(Path::new(path), text.as_bytes(), options, &mut Tree(tree.to_vec())).unwrap()
}

fn problems(conf: &Conf) -> Vec<String> {
    conf.problems.iter().map(Problem::to_string).collect()
}

/// A log as `path kind format: servers`.
fn shown(log: &LogFile) -> String {
    let target = match &log.target {
        Target::File(path) => path.text(),
        Target::Syslog(text) | Target::Program(text) | Target::Other(text) => text,
    };
    let format = log.format.as_ref().map_or("?", |format| format.name.as_deref().unwrap_or(&format.text));
    let servers: Vec<_> = log.servers.iter().map(|site| site.names.join(",")).collect();
    format!("{target} {:?} {format}: {}", log.kind, servers.join("|"))
}

fn logs(conf: &Conf) -> Vec<String> {
    conf.logs.iter().map(shown).collect()
}

#[test]
fn content_tells_whose_configuration_it_is() {
    for (text, server) in [
        ("user www-data;\nhttp {\n  # LogFormat\n}\n", Some(Server::Nginx)),
        ("log_format main '$remote_addr'\n   '$request'; # both\n", Some(Server::Nginx)),
        ("# a;\n# b {\nServerRoot \"/etc/httpd\"\n", Some(Server::Apache)),
        ("<VirtualHost *:80>\n</VirtualHost>\n", Some(Server::Apache)),
        ("customlog logs/a combined\n", Some(Server::Apache)),
        ("", None),
        ("192.0.2.1 - - [22/Jan/2019:00:00:00 +0000] \"GET / HTTP/1.1\" 200 5\n", None),
    ] {
        assert_eq!(Server::detect(text.as_bytes()), server, "{text}");
    }
}

#[test]
fn a_file_that_is_no_configuration_is_an_error_unless_the_server_is_forced() {
    let mut none = Tree(Vec::new());
    let read = |options: &Options, files: &mut Tree| read(Path::new("/x"), b"hello", options, files);
    assert_eq!(read(&Options::default(), &mut none).unwrap_err(), ConfError::UnknownServer);
    for server in [Server::Nginx, Server::Apache] {
        let options = Options { server: Some(server), ..Options::default() };
        assert_eq!(read(&options, &mut none).unwrap().server, server);
    }
}

#[test]
fn the_assignments_of_a_shell_file_are_read_without_a_shell() {
    let file = br#"
unset HOME
if [ "${APACHE_CONFDIR##/etc/apache2-}" != "${APACHE_CONFDIR}" ] ; then
	SUFFIX="-${APACHE_CONFDIR##/etc/apache2-}"
else
	SUFFIX=
fi
export APACHE_LOG_DIR=/var/log/apache2$SUFFIX   # comment
export DEEP="${APACHE_LOG_DIR}/deep" # comment
SINGLE='$x y'
STAMP=$(date)
export LANG
"#;
    let read = envvars(file);
    let read: Vec<_> = read.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected =
        ["APACHE_LOG_DIR=/var/log/apache2", "DEEP=/var/log/apache2/deep", "SINGLE=$x y", "SUFFIX="];
    assert_eq!(read, expected);
}
