//! The logs of other servers, each with a grammar of its own.
//!
//! - `part`: the leaves of these grammars. Each knows what it expected, so that one grammar reads a
//!   line and explains why another one is none.
//! - `fill`: from the parts of a line to the fields of a record. `clock`: its time.
//! - Proxies and balancers: `haproxy`, `alb`, `elb`, `nlb`, `squid`, `envoy`; and with a beginning
//!   that is `combined`: `traefik`, `ingress_upstreaminfo`. `nginx_proxy_manager` has its own.
//! - Rows under a header: `w3c` (IIS and others) and `cloudfront`.
//! - Other servers: `s3`, `uwsgi`; and `ltsv`, whose lines name their fields.
//! - Error logs: `apache_error`, `nginx_error`, over `error_log`.
//! - `guess`: what a line looks like, from a few of its bytes.

use crate::{
    record::{Name, Record, Value},
    reject::{Reason, Reject},
    schema::{Field, Kind},
    time::Memo,
    wrapper,
    zone::Zone,
};

mod alb;
mod apache_error;
mod clock;
mod cloudfront;
mod combined;
mod elb;
mod envoy;
mod error_log;
mod fill;
mod guess;
mod haproxy;
mod ingress_upstreaminfo;
mod ltsv;
mod nginx_error;
mod nginx_proxy_manager;
mod nlb;
mod part;
mod s3;
mod squid;
mod traefik;
mod uwsgi;
mod w3c;

pub use guess::guess;
pub use w3c::Header;

/// A format with a grammar of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// AWS Application Load Balancer.
    Alb,
    /// The error log of Apache httpd, 2.2 and 2.4.
    ApacheError,
    /// Amazon CloudFront's standard log.
    Cloudfront,
    /// AWS Classic Load Balancer.
    Elb,
    /// Envoy's default format, and Istio's.
    Envoy,
    /// HAProxy's HTTP log and its TCP log.
    Haproxy,
    /// The nginx ingress controller's `upstreaminfo`.
    IngressUpstreaminfo,
    /// Labeled tab-separated values.
    Ltsv,
    /// The error log of nginx.
    NginxError,
    /// Nginx Proxy Manager's two formats.
    NginxProxyManager,
    /// AWS Network Load Balancer, TLS listeners.
    Nlb,
    /// AWS S3 server access log.
    S3,
    /// Squid's native format.
    Squid,
    /// Traefik's common log format.
    Traefik,
    /// uWSGI's default request line.
    Uwsgi,
    /// W3C extended format, of IIS and others.
    W3c,
}

impl Family {
    /// Every format with its name.
    pub const NAMES: &'static [(&'static str, Family)] = &[
        ("alb", Family::Alb),
        ("apache_error", Family::ApacheError),
        ("cloudfront", Family::Cloudfront),
        ("elb", Family::Elb),
        ("envoy", Family::Envoy),
        ("haproxy", Family::Haproxy),
        ("ingress_upstreaminfo", Family::IngressUpstreaminfo),
        ("ltsv", Family::Ltsv),
        ("nginx_error", Family::NginxError),
        ("nginx_proxy_manager", Family::NginxProxyManager),
        ("nlb", Family::Nlb),
        ("s3", Family::S3),
        ("squid", Family::Squid),
        ("traefik", Family::Traefik),
        ("uwsgi", Family::Uwsgi),
        ("w3c", Family::W3c),
    ];

    /// The name of the format.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, family)| *family == self).map_or("", |(name, _)| name)
    }

    /// The header for a row of a file that has none, for a format whose files have one.
    pub fn default_header(self, row: &[u8]) -> Option<&'static Header> {
        match self {
            Family::W3c => Some(Header::iis(row)),
            Family::Cloudfront => Some(Header::cloudfront()),
            _ => None,
        }
    }

    /// The fields that lines fill, in the order of their records; those of a format whose files
    /// have a header come from it.
    pub fn fields(self, header: Option<&Header>) -> Vec<(Name<'static>, Kind)> {
        match self {
            Family::Alb => alb::fields(),
            Family::ApacheError => apache_error::fields(),
            Family::Elb => elb::fields(),
            Family::Envoy => envoy::fields(),
            Family::Haproxy => haproxy::fields(),
            Family::IngressUpstreaminfo => ingress_upstreaminfo::fields(),
            Family::Ltsv => ltsv::fields(),
            Family::NginxError => nginx_error::fields(),
            Family::NginxProxyManager => nginx_proxy_manager::fields(),
            Family::Nlb => nlb::fields(),
            Family::S3 => s3::fields(),
            Family::Squid => squid::fields(),
            Family::Traefik => traefik::fields(),
            Family::Uwsgi => uwsgi::fields(),
            Family::Cloudfront | Family::W3c => header.map(Header::fields).unwrap_or_default(),
        }
    }

    /// Reads one line, given without its newline, into an empty record. Tells whether the line has
    /// more at its end than the format names. A rejected line may leave fields in the record.
    ///
    /// What carried the line, like syslog or a container runtime, may stand before it.
    ///
    /// A `header` is needed by [`Family::W3c`] and [`Family::Cloudfront`] alone, whose rows are
    /// rejected without one.
    pub fn parse<'a>(
        self,
        header: Option<&Header>,
        memo: &mut Memo,
        zone: Zone,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<bool, Reject> {
        // Files that were written or moved on Windows.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let read = self.parse_bare(header, memo, zone, line, record);
        match read {
            Err(reject) => self.parse_wrapped(header, memo, zone, line, record).unwrap_or(Err(reject)),
            read => read,
        }
    }

    /// A line that does not fit, when something carried it.
    #[cold]
    fn parse_wrapped<'a>(
        self,
        header: Option<&Header>,
        memo: &mut Memo,
        zone: Zone,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Option<Result<bool, Reject>> {
        let outer = wrapper::unwrap(line)?;
        record.clear();
        let read = self.parse_bare(header, memo, zone, outer.line, record);
        let before = line.len() - outer.line.len();
        if read.is_ok() {
            if let Some(host) = outer.host {
                record.push(Field::Host, Value::Text(host));
            }
            record.push_other("prefix", Value::Text(outer.prefix));
            record.canonical();
        }
        Some(read.map_err(|reject| Reject { column: reject.column + before, ..reject }))
    }

    fn parse_bare<'a>(
        self,
        header: Option<&Header>,
        memo: &mut Memo,
        zone: Zone,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<bool, Reject> {
        let headed =
            || header.ok_or_else(|| Reject::at(0, Reason::BadRow, "a #Fields: header before the rows"));
        match self {
            Family::Alb => alb::parse(memo, zone, line, record),
            Family::ApacheError => apache_error::parse(memo, zone, line, record),
            Family::Cloudfront => cloudfront::parse(headed()?, memo, zone, line, record),
            Family::Elb => elb::parse(memo, zone, line, record),
            Family::Envoy => envoy::parse(memo, zone, line, record),
            Family::Haproxy => haproxy::parse(memo, zone, line, record),
            Family::IngressUpstreaminfo => ingress_upstreaminfo::parse(memo, zone, line, record),
            Family::Ltsv => ltsv::parse(memo, zone, line, record),
            Family::NginxError => nginx_error::parse(memo, zone, line, record),
            Family::NginxProxyManager => nginx_proxy_manager::parse(memo, zone, line, record),
            Family::Nlb => nlb::parse(memo, zone, line, record),
            Family::S3 => s3::parse(memo, zone, line, record),
            Family::Squid => squid::parse(memo, zone, line, record),
            Family::Traefik => traefik::parse(memo, zone, line, record),
            Family::Uwsgi => uwsgi::parse(memo, zone, line, record),
            Family::W3c => w3c::parse(headed()?, memo, zone, line, record),
        }
    }
}

#[cfg(test)]
mod tests;
