//! Whose configuration a file is.

use std::fmt;

/// A web server whose configuration can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// nginx, and those that share its language: OpenResty, Tengine, Angie, freenginx.
    Nginx,
    /// Apache httpd.
    Apache,
}

/// What a file of httpd's has and nginx's has not, in lower case.
const APACHE: &[&str] = &[
    "customlog",
    "define",
    "directoryindex",
    "documentroot",
    "errorlog",
    "errorlogformat",
    "globallog",
    "group",
    "includeoptional",
    "keepalive",
    "listen",
    "loadmodule",
    "logformat",
    "loglevel",
    "mutex",
    "pidfile",
    "serveradmin",
    "serveralias",
    "servername",
    "serverroot",
    "timeout",
    "transferlog",
    "user",
];

impl Server {
    /// Tells it from the lines of a main file: nginx ends directives with `;` and blocks with braces,
    /// httpd has sections in angle brackets and directives that end with their line.
    pub fn detect(bytes: &[u8]) -> Option<Server> {
        let (mut nginx, mut apache) = (0_usize, 0_usize);
        for line in bytes.split(|b| *b == b'\n').take(10_000) {
            let line = line.trim_ascii();
            let code = match line.windows(2).position(|w| w[0].is_ascii_whitespace() && w[1] == b'#') {
                Some(comment) => line[..comment].trim_ascii_end(),
                None => line,
            };
            match code {
                [] | [b'#', ..] => {}
                [.., b';' | b'{' | b'}'] => nginx += 1,
                [b'<', name, ..] if name.is_ascii_alphabetic() || *name == b'/' => apache += 1,
                _ if is_apache(code) => apache += 1,
                _ => {}
            }
        }
        match nginx.cmp(&apache) {
            std::cmp::Ordering::Greater => Some(Server::Nginx),
            std::cmp::Ordering::Less => Some(Server::Apache),
            std::cmp::Ordering::Equal => None,
        }
    }
}

fn is_apache(line: &[u8]) -> bool {
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    word.len() < line.len() && APACHE.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Server::Nginx => "nginx",
            Server::Apache => "Apache httpd",
        })
    }
}
