//! The names of the formats, and the fields that each one can carry.

use crate::schema::Field;
use std::{fmt, str::FromStr};

/// A log format.
///
/// The names are Apache httpd's (`common`, `combined`, and Debian's `vhost_combined`) and nginx's
/// (`combined`, and `main` of the packaged nginx.conf). Every format takes lines with more at the
/// end than it names; the rest becomes `extra`.
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
}

impl Format {
    /// Every format with its name.
    pub const NAMES: &'static [(&'static str, Format)] = &[
        ("auto", Format::Auto),
        ("common", Format::Common),
        ("combined", Format::Combined),
        ("vhost_common", Format::VhostCommon),
        ("vhost_combined", Format::VhostCombined),
        ("nginx_main", Format::NginxMain),
    ];

    /// The name of the format.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// Whether a line begins with the virtual host.
    pub(crate) fn has_vhost(self) -> bool {
        matches!(self, Format::VhostCommon | Format::VhostCombined)
    }

    /// Whether a line has a referer and a user agent.
    pub(crate) fn has_agent(self) -> bool {
        matches!(self, Format::Combined | Format::VhostCombined | Format::NginxMain)
    }

    /// The fields that lines of this format fill, in schema order.
    pub fn fields(self) -> Vec<Field> {
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
        for (at, (name, _)) in Format::NAMES.iter().enumerate() {
            write!(f, "{} {name}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| UnknownFormat(name.into()))
    }
}
