//! What an `ssh://` address names.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::str::FromStr;

/// A file of a far machine: `ssh://[user@]host[:port]/path`, as in RFC 3986, with `ssh://host/~/path` for a path
/// from the user's home directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The user to log in as; ssh's configuration says when there is none.
    pub user: Option<String>,
    /// A name, an alias of ssh's configuration, or an address (IPv6 without its brackets).
    pub host: String,
    /// The port; ssh's configuration says when there is none.
    pub port: Option<u16>,
    /// The file: absolute, or relative to the home directory.
    pub path: PathBuf,
}

/// What is wrong with an `ssh://` address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetError {
    /// It does not begin with `ssh://`.
    Scheme,
    /// The user's name is empty, begins with `-`, or holds what a name cannot.
    User,
    /// A password stands in it, which `ssh` would not take.
    Password,
    /// The host is empty, begins with `-`, or holds what a name or address cannot.
    Host,
    /// The port is no number from 1 to 65535.
    Port,
    /// No file is named: no path, or one that ends with a slash.
    Path,
    /// A `%` is not followed by two hexadecimal digits, or gives a NUL byte.
    Escape,
    /// The path is in the home directory of a user by name (`/~user/`), which is not understood.
    OtherHome,
}

impl fmt::Display for TargetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Scheme => "an address of a far file is ssh://[user@]host[:port]/path",
            Self::User => "the user's name is empty or has characters that a name cannot have",
            Self::Password => "a password cannot stand in the address: ssh takes keys and its agent",
            Self::Host => "the host is missing or has characters that a name or address cannot have",
            Self::Port => "the port is a number from 1 to 65535",
            Self::Path => "the address names no file: ssh://host/var/log/nginx/access.log",
            Self::Escape => "a % in the address must be followed by two hexadecimal digits (%25 is a %)",
            Self::OtherHome => {
                "only ~/ is understood, the home directory of the user who logs in (%7E is a ~)"
            }
        })
    }
}

impl std::error::Error for TargetError {}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Target, TargetError> {
        let rest = match text.split_at_checked(6) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ssh://") => rest,
            _ => return Err(TargetError::Scheme),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(self::user(user)?), place),
            None => (None, authority),
        };
        let (host, port) = place_of(place)?;
        let port = match port {
            Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok().filter(|&port| port > 0).ok_or(TargetError::Port)?)
            }
            Some(_) => return Err(TargetError::Port),
            None => None,
        };
        Ok(Target { user, host, port, path: self::path(path)? })
    }
}

/// The characters that ssh refuses too: they would mean something to the shell of a `ProxyCommand`.
fn user(text: &str) -> Result<String, TargetError> {
    if text.contains(':') {
        return Err(TargetError::Password);
    }
    let name = String::from_utf8(decoded(text)?).map_err(|_| TargetError::User)?;
    let is_bad = |char: char| char.is_control() || char.is_whitespace() || "'`\";&<>|(){}".contains(char);
    let bad = name.is_empty() || name.starts_with('-') || name.ends_with('\\') || name.contains(is_bad);
    if bad { Err(TargetError::User) } else { Ok(name) }
}

/// The host without brackets, and the text of the port.
fn place_of(text: &str) -> Result<(String, Option<&str>), TargetError> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or(TargetError::Host)?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port),
            None if rest.is_empty() => None,
            None => return Err(TargetError::Host),
        };
        // RFC 6874: the zone of a link-local address comes after an escaped percent sign.
        let address = address.replacen("%25", "%", 1);
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b":.%-_".contains(&byte);
        if !address.contains(':') || address.starts_with('-') || !address.bytes().all(is_good) {
            return Err(TargetError::Host);
        }
        return Ok((address, port));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if host.is_empty() || host.starts_with('-') || !host.bytes().all(is_good) {
        return Err(TargetError::Host);
    }
    Ok((host.to_owned(), port))
}

fn path(text: &str) -> Result<PathBuf, TargetError> {
    let (from_home, text) = match text.strip_prefix("/~") {
        Some(rest) => (true, rest.strip_prefix('/').ok_or(TargetError::OtherHome)?),
        None => (false, text),
    };
    let bytes = decoded(text)?;
    let name = bytes.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    if name.is_empty() || name == b"." || name == b".." || (from_home && bytes[0] == b'/') {
        return Err(TargetError::Path);
    }
    Ok(OsString::from_vec(bytes).into())
}

/// RFC 3986, section 2.1.
fn decoded(text: &str) -> Result<Vec<u8>, TargetError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else { return Err(TargetError::Escape) };
                (high * 16 + low) as u8
            }
            byte => byte,
        };
        if byte == 0 {
            return Err(TargetError::Escape);
        }
        bytes.push(byte);
    }
    Ok(bytes)
}

impl fmt::Display for Target {
    /// The address, which reads as this target again.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(out, "{}@", encoded(user.as_bytes(), b"\\$+@"))?;
        }
        match self.host.contains(':') {
            true => write!(out, "[{}]", self.host.replacen('%', "%25", 1))?,
            false => out.write_str(&self.host)?,
        }
        if let Some(port) = self.port {
            write!(out, ":{port}")?;
        }
        let path = self.path.as_os_str().as_bytes();
        if !path.starts_with(b"/") {
            return write!(out, "/~/{}", encoded(path, b"/~"));
        }
        // A directory whose name begins with a tilde must not read as a home.
        let after = if path.starts_with(b"/~") { "/%7E" } else { "/" };
        write!(out, "{after}{}", encoded(&path[if after.len() > 1 { 2 } else { 1 }..], b"/~"))
    }
}

/// Text as it is, all else by its bytes. Letters of other scripts stay readable.
fn encoded(bytes: &[u8], also: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            let plain = match char.is_ascii() {
                true => {
                    char.is_ascii_alphanumeric()
                        || b"-._:,=".contains(&(char as u8))
                        || also.contains(&(char as u8))
                }
                false => char.is_alphanumeric(),
            };
            if plain {
                text.push(char);
            } else {
                escape(char.encode_utf8(&mut [0; 4]).as_bytes(), &mut text);
            }
        }
        escape(chunk.invalid(), &mut text);
    }
    text
}

fn escape(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        text.push('%');
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
    }
}

#[cfg(test)]
mod tests;
