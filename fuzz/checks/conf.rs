//! What holds for any configuration: it is read in bounded time; its problems have a place; its formats
//! compile or say why not; a log is found by its own path.
//!
//! The first byte chooses the server, `a` nginx, `b` Apache httpd, `c` the one that the content tells. NULs
//! part the main file from the files that it can include, which have the numbers from 1 for their names; a
//! pattern names them all. The last of them is a path to look up as well.

use std::{
    io,
    path::{Path, PathBuf},
};
use weblog_parse::{
    Program,
    conf::{Files, Fit, Options, Server, Target, envvars, read},
};

pub fn check(data: &[u8]) {
    let Some((server, text)) = data.split_first() else { return };
    let parts: Vec<&[u8]> = text.split(|b| *b == 0).collect();
    let server = match server.wrapping_sub(b'a') % 3 {
        0 => Some(Server::Nginx),
        1 => Some(Server::Apache),
        _ => None,
    };
    let last = parts.last().copied().unwrap_or_default();
    let options = Options { server, variables: envvars(last), ..Options::default() };
    let mut files = Included { parts: &parts, left: 12 };
    let Ok(conf) = read(Path::new("/srv/conf/main"), parts[0], &options, &mut files) else {
        return assert_eq!(server, None);
    };
    for problem in &conf.problems {
        assert!(problem.at.line > 0 && problem.at.column > 0, "{problem}");
    }
    for problem in conf.problems.iter().take(5) {
        assert!(!problem.to_string().contains(char::is_control), "{problem:?}");
    }
    let used = conf.logs.iter().filter_map(|log| log.format.as_ref());
    for format in conf.formats.iter().chain(used).take(5) {
        let _ = match conf.server {
            Server::Nginx => Program::nginx(&format.text, format.escape),
            Server::Apache => Program::apache(&format.text),
        };
    }
    if let Ok(path) = std::str::from_utf8(last) {
        conf.format_of(Path::new(path));
    }
    for log in conf.logs.iter().take(5) {
        let Target::File(path) = &log.target else { continue };
        // In the name of a program's file `%%` is a percent sign.
        if path.is_fixed() && path.text().starts_with('/') && !path.text().contains('%') {
            let found = conf.format_of(Path::new(path.text()));
            let own = found.iter().any(|found| std::ptr::eq(found.log, log) && found.fit == Fit::Exact);
            assert!(own, "{}", path.text());
        }
    }
}

/// The files that can be included, a few times each: how many there may be in all has tests of its own.
struct Included<'p> {
    parts: &'p [&'p [u8]],
    left: usize,
}

impl Files for Included<'_> {
    fn read(&mut self, pattern: &str, _: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::PermissionDenied)?;
        let all = pattern.contains('*');
        let asked = pattern.rsplit('/').next().and_then(|name| name.parse::<usize>().ok());
        let parts = self.parts.iter().enumerate().skip(1).filter(|(at, _)| all || asked == Some(*at));
        Ok(parts.map(|(at, part)| (format!("/srv/conf/{at}").into(), part.to_vec())).collect())
    }
}
