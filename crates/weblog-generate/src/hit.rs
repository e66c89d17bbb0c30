//! One request, before it is written as a line.

use crate::address::Address;
use crate::agents::Agent;
use crate::site::Id;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// A path of the site, and the query after it, which begins with `?` or is empty.
    Site(Id, &'static str),
    /// A path written out, and the query after it, which begins with `?` or is empty.
    Path(&'static str, &'static str),
    /// A path and query that ends in a number.
    Numbered(&'static str, u32),
    /// Not a request at all: what stands between the quotes instead, in Apache's and in nginx's spelling.
    Raw(&'static str, &'static str),
}

/// Where the client says it came from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Referer {
    /// It says nothing.
    None,
    /// Another site.
    Outside(&'static str),
    /// A page of this site.
    Inside(Target),
}

/// One request and its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    /// When the line is written, in microseconds since 1970.
    pub(crate) time: i64,
    pub(crate) address: Address,
    /// `-` when nobody logged in.
    pub(crate) user: &'static str,
    pub(crate) method: &'static str,
    pub(crate) target: Target,
    pub(crate) protocol: &'static str,
    pub(crate) status: u16,
    /// Bytes of the body that was sent.
    pub(crate) bytes: u32,
    pub(crate) referer: Referer,
    pub(crate) agent: Agent,
    /// No person caused it.
    pub(crate) bot: bool,
}
