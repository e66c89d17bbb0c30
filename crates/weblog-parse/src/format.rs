//! The names of the formats, and the fields that each one can carry.

use crate::{
    formats::Family,
    record::Name,
    schema::{Field, Kind},
};
use std::{fmt, str::FromStr};

/// A log format.
///
/// The names of the first ones are Apache httpd's (`common`, `combined`, and Debian's `vhost_combined`)
/// and nginx's (`combined`, and `main` of the packaged nginx.conf). Every format takes lines with more at
/// the end than it names; the rest becomes `extra`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Each line tells which of the others it is.
    #[default]
    Auto,
    /// `%h %l %u %t "%r" %>s %b`
    Common,
    /// `common` and `"%{Referer}i" "%{User-Agent}i"`
    Combined,
    /// `%v:%p` before `common`
    VhostCommon,
    /// `%v:%p` before `combined`
    VhostCombined,
    /// `combined` and `"$http_x_forwarded_for"`
    NginxMain,
    /// A format with a grammar of its own.
    Of(Family),
    /// The error log of Apache httpd or of nginx.
    Error,
    /// Caddy's JSON.
    Caddy,
    /// Traefik's JSON.
    TraefikJson,
    /// JSON that a `log_format` of nginx spells.
    NginxJson,
    /// One of the compiled formats that the parser was given, by its place among them.
    Compiled(u16),
}

impl Format {
    /// The formats that are told from others by the lines alone, with their names; [`Family::NAMES`] are
    /// formats as well, and [`Format::names`] gives all.
    const OWN: &'static [(&'static str, Format)] = &[
        ("auto", Format::Auto),
        ("common", Format::Common),
        ("combined", Format::Combined),
        ("vhost_common", Format::VhostCommon),
        ("vhost_combined", Format::VhostCombined),
        ("nginx_main", Format::NginxMain),
        ("caddy", Format::Caddy),
        ("error", Format::Error),
        ("nginx_json", Format::NginxJson),
        ("traefik_json", Format::TraefikJson),
    ];

    /// Every format with its name, `auto` first.
    pub fn names() -> impl Iterator<Item = (&'static str, Format)> {
        let families = Family::NAMES.iter().map(|(name, family)| (*name, Format::Of(*family)));
        Self::OWN.iter().copied().chain(families)
    }

    /// The name of the format. A compiled one has none but `compiled`.
    pub fn name(self) -> &'static str {
        Self::names().find(|(_, format)| *format == self).map_or("compiled", |(name, _)| name)
    }

    /// Whether lines of this format are JSON objects.
    pub fn is_json(self) -> bool {
        matches!(self, Format::Caddy | Format::TraefikJson | Format::NginxJson)
    }

    /// Whether lines are of an error log.
    pub fn is_error_log(self) -> bool {
        matches!(self, Format::Error | Format::Of(Family::ApacheError | Family::NginxError))
    }

    /// Whether lines begin like `common`, behind a virtual host or not.
    pub(crate) fn is_common(self) -> bool {
        self.has_agent() || matches!(self, Format::Common | Format::VhostCommon)
    }

    /// Whether a line begins with the virtual host.
    pub(crate) fn has_vhost(self) -> bool {
        matches!(self, Format::VhostCommon | Format::VhostCombined)
    }

    /// Whether a line has a referer and a user agent.
    pub(crate) fn has_agent(self) -> bool {
        matches!(self, Format::Combined | Format::VhostCombined | Format::NginxMain)
    }

    /// The fields that lines of this format fill, in the order of their records, as far as the name
    /// tells them: those of W3C and CloudFront are named by a header, else they are the usual ones;
    /// those of JSON and of a compiled format are not known here.
    pub fn fields(self) -> Vec<(Name<'static>, Kind)> {
        match self {
            Format::Of(family) => family.fields(family.default_header(b"")),
            Format::Error => Family::NginxError.fields(None),
            format if format.is_json() || matches!(format, Format::Compiled(_)) => Vec::new(),
            format => {
                let fields = format.common_fields();
                fields.into_iter().map(|field| (Name::Known(field), field.info().kind)).collect()
            }
        }
    }

    /// The fields of `common` and its descendants, in schema order.
    fn common_fields(self) -> Vec<Field> {
        use Field::*;
        let mut fields = vec![
            Time,
            UtcOffset,
            RemoteAddr,
            RemoteLogname,
            RemoteUser,
            Method,
            Target,
            Path,
            Query,
            Protocol,
            Request,
            RequestKind,
            Status,
            Bytes,
        ];
        if self.has_agent() {
            fields.extend([Referer, UserAgent]);
        }
        if self.has_vhost() {
            fields.extend([Vhost, ServerPort]);
        }
        if self == Format::NginxMain {
            fields.push(ForwardedFor);
        }
        fields
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown format `{}`: the formats are", self.0)?;
        for (at, (name, _)) in Format::names().enumerate() {
            write!(f, "{} {name}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::names().find(|(known, _)| *known == name);
        found.map(|(_, format)| format).ok_or_else(|| UnknownFormat(name.into()))
    }
}
