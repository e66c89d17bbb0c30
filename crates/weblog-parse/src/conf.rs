//! What a server's configuration says about its logs: which file is written in which format.
//!
//! [`read`] takes the main file (`nginx.conf`, `httpd.conf`, `apache2.conf`) and gives a [`Conf`]: the
//! log files with format, virtual hosts and place, the named formats, and the problems. Then
//! [`Conf::format_of`] tells in which format the lines of a given log are. Nothing here opens a file:
//! what a configuration includes comes from the caller's [`Files`].
//!
//! # How the servers resolve relative paths
//!
//! | | `include` | log file |
//! |---|---|---|
//! | nginx | the directory of the *main* configuration file, also within included files | the prefix, `nginx -p` or the one that nginx was compiled with |
//! | httpd | `ServerRoot` | `ServerRoot` |
//!
//! The prefix that nginx was compiled with stands in no file. It is [`Options::root`] or, for a main
//! file in a directory named `conf`, the directory above that one, which is how nginx is laid out when
//! built from source. Otherwise a relative path stays relative, and logs are told by their names.
//! `ServerRoot` is what the configuration says, then [`Options::root`], then the directory of the main
//! file, or the one above when it is named `conf`: Debian's and Red Hat's layouts. The paths that a
//! piped log's command names are the program's own affair and stay as written.
//!
//! # What is taken, and what is passed over
//!
//! - nginx: `log_format`, `access_log` and `error_log` in `http`, `server`, `location`, `if` and
//!   `limit_except`. A level with an `access_log` of its own replaces what is inherited; without one
//!   anywhere the default is `logs/access.log` in `combined`. The blocks `stream` and `mail` are passed
//!   over: what they log are not requests. A file that holds only `server` or `log_format` is read as
//!   if it stood in `http`.
//! - httpd: `LogFormat`, `CustomLog`, `GlobalLog`, `TransferLog`, `ErrorLog`, `ErrorLogFormat`. Which
//!   modules and which version run is not known, so sections like `<IfModule>`, `<IfModule !…>`,
//!   `<IfVersion>` and `<If>` are all taken, and [`LogFile::section`] says so. `<IfDefine>` is decided
//!   by `Define` and [`Options::defines`]; a name in neither may have come by `httpd -D`, so it is
//!   taken both ways. A `<Macro>` is read once, where it stands, its parameters being placeholders.
//!
//! A configuration may be hostile: files, bytes, depth, logs, formats, hosts and problems are bounded
//! (see [`limits`]), a circle of includes is cut, and time grows with the size of what is read. Words
//! that are not UTF-8 are taken with U+FFFD in place of what is not.
//!
//! Sources: nginx's `ngx_conf_file.c` and `ngx_http_log_module.c`; httpd's `server/config.c`,
//! `server/util.c` (`ap_getword_conf`, `ap_resolve_env`), `mod_log_config.c`; the manuals of both.

mod apache;
mod find;
pub mod limits;
mod nginx;
mod path;
mod problem;
mod server;
mod sources;
mod variables;

#[cfg(test)]
mod tests;

pub use find::{Fit, Match};
pub use path::LogPath;
pub use problem::{Fault, Place, Problem};
pub use server::Server;
pub use sources::Files;
pub use variables::envvars;

pub use crate::program::Escape;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What is known beside the configuration itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whose configuration it is; without it, the content tells.
    pub server: Option<Server>,
    /// nginx's prefix, or the `ServerRoot` of a configuration that names none.
    pub root: Option<PathBuf>,
    /// The environment of httpd, for `${NAME}`: Debian's is what [`envvars`] reads.
    pub variables: BTreeMap<String, String>,
    /// The names given by `httpd -D`, for `<IfDefine>`.
    pub defines: BTreeSet<String>,
}

/// What a configuration says about logs.
#[derive(Clone, Debug)]
pub struct Conf {
    /// Whose configuration it is.
    pub server: Server,
    /// The logs in the order in which they are declared.
    pub logs: Vec<LogFile>,
    /// The formats that have a name, in the order in which they are declared.
    pub formats: Vec<Arc<LogFormat>>,
    /// What could not be read or makes no sense, in the order in which it was met.
    pub problems: Vec<Problem>,
}

/// One log that a server writes.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Where it goes.
    pub target: Target,
    /// What it holds.
    pub kind: Kind,
    /// The format; none for nginx's error logs, httpd's without `ErrorLogFormat`, and where the name
    /// is unknown, which is a problem of its own. One log whose format has several possible
    /// definitions (`<IfModule a>` and `<IfModule !a>`) appears once for each.
    pub format: Option<Arc<LogFormat>>,
    /// The servers or virtual hosts that write to it, also those that inherit it. Empty when none does.
    pub servers: Arc<[Arc<Site>]>,
    /// Only lines under this condition are written: nginx's `if=…`, httpd's `env=…` or `expr=…`.
    pub condition: Option<Arc<str>>,
    /// The section whose condition was not tested, as it is written: `<IfModule mod_ssl.c>`.
    pub section: Option<Arc<str>>,
    /// The directive.
    pub at: Place,
}

/// What a log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Requests.
    Access,
    /// Errors.
    Error,
}

/// Where a log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, or the files that `rotatelogs` or `cronolog` write.
    File(LogPath),
    /// Syslog, as written: `syslog:server=…`.
    Syslog(Arc<str>),
    /// The standard input of a program of which no file is known; its command.
    Program(Arc<str>),
    /// Something else, as written: `stderr`, `memory:…`.
    Other(Arc<str>),
}

/// The format of a log's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFormat {
    /// Its name; none when the log's own directive says the format.
    pub name: Option<String>,
    /// The format string, quotes and escapes of the configuration undone, strings joined.
    pub text: String,
    /// How values are escaped.
    pub escape: Escape,
    /// Where it is defined; none for those that the server brings along.
    pub at: Option<Place>,
}

/// A server block or virtual host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// `server_name`, or `ServerName` and `ServerAlias`.
    pub names: Vec<String>,
    /// The addresses: `listen`, or those of `<VirtualHost …>`.
    pub listen: Vec<String>,
}

/// Why a configuration cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfError {
    /// The content does not tell whose configuration it is.
    UnknownServer,
}

impl fmt::Display for ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is neither a configuration of nginx nor one of Apache httpd")
    }
}

impl std::error::Error for ConfError {}

/// Reads the main file of a configuration and what it includes. Faults of the configuration are
/// [`Conf::problems`]; the only error is content of which no server is known.
pub fn read(main: &Path, bytes: &[u8], options: &Options, files: &mut dyn Files) -> Result<Conf, ConfError> {
    let server = options.server.or_else(|| Server::detect(bytes)).ok_or(ConfError::UnknownServer)?;
    let mut sources = sources::Sources::new(files);
    let Some(source) = sources.main(main, bytes) else {
        return Ok(Conf { server, logs: Vec::new(), formats: Vec::new(), problems: sources.problems });
    };
    let (logs, formats) = match server {
        Server::Nginx => nginx::read(&mut sources, source, options),
        Server::Apache => apache::read(&mut sources, source, options),
    };
    Ok(Conf { server, logs, formats, problems: sources.problems })
}
