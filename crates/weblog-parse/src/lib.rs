//! From the bytes of one line to a [`Record`]. No I/O, no output, no clock.
//!
//! A tour, in the order in which a line meets the files:
//!
//! - [`parser`]: [`Parser`], the door. It tries the fast path, then the lenient one.
//! - [`format`](mod@format): the names of the formats and the fields that each one can carry.
//! - `fast`: the grammar of well-formed lines, nom over the leaves of `leaf`.
//! - `time_finder`: [`TimeFinder`], the time of a line without reading all of it.
//! - `lenient`: the same formats with everything that servers, shippers and attackers do to them.
//!   It is the slow reference of the fast path: what `fast` accepts, `lenient` reads the same way.
//! - [`formats`]: the logs of other servers, each with a grammar of its own: HAProxy, AWS, W3C, Squid
//!   and more, and the error logs of Apache httpd and nginx.
//! - [`program`]: log formats of the user's own, compiled from `LogFormat` and `log_format` strings.
//! - [`wrapper`]: prefixes of syslog, containers and terminals that stand before a line.
//! - `line`: the parts of a line, and how they become a record.
//! - [`request`]: METHOD TARGET PROTOCOL, and what else stands in a request's quotes.
//! - [`time`]: the time of a request, in the servers' own shape and in all the others.
//! - [`zone`]: the time zone of times that carry none.
//! - [`text`]: escapes: the servers' own, percent-encoding, and weblog's lossless one.
//! - [`conf`]: which log has which format, from the configuration of nginx or Apache httpd.
//! - [`reject`]: why a line is no record: reason, column, and what was expected there.
//! - [`nearest`](mod@nearest): how far each format reads a line, for one that its own format rejects.
//! - [`advice`]: what to write into a server's configuration so that its log has more fields.
//! - [`record`], [`schema`]: the record, and the table of every field that it can have.

pub mod advice;
pub mod conf;
pub mod format;
pub mod formats;
pub mod nearest;
pub mod parser;
pub mod program;
pub mod record;
pub mod reject;
pub mod request;
pub mod schema;
pub mod text;
pub mod time;
pub mod wrapper;
pub mod zone;

mod fast;
mod leaf;
mod lenient;
mod line;
mod names;
mod time_finder;

pub use format::Format;
pub use nearest::{Attempt, Outcome, nearest};
pub use parser::{Glance, Options, Parsed, Parser};
pub use program::{BadFormat, Escape, Program};
pub use record::{Instant, Name, Record, Value};
pub use reject::{Reason, Reject};
pub use schema::{Field, FieldInfo, Kind, SCHEMA};
pub use time_finder::TimeFinder;
pub use zone::Zone;
