//! Names whose values are secrets: parameters, cookies, headers, fields.

use super::{decoded::Decoded, edits::Edits};
use foldhash::fast::RandomState;
use std::{collections::HashSet, ops::Range};

/// Names that are secret as a whole, in small letters and digits alone. Some are those of the
/// OpenTelemetry conventions (`AWSAccessKeyId`, `Signature`, `sig`); the rest is what frameworks,
/// sign-in protocols and forms use. `state` is not among them: it is part of addresses too.
const WHOLE: &[&str] = &[
    "apikey",
    "auth",
    "authorization",
    "authtoken",
    "awsaccesskeyid",
    "bearer",
    "cardno",
    "cardnumber",
    "card",
    "ccnumber",
    "code",
    "codeverifier",
    "cookie",
    "creditcard",
    "cvc",
    "cvv",
    "dob",
    "jsessionid",
    "jwt",
    "key",
    "mail",
    "msisdn",
    "oauth",
    "otp",
    "pass",
    "passcode",
    "phone",
    "phonenumber",
    "phpsessid",
    "pin",
    "pw",
    "pwd",
    "sas",
    "samlresponse",
    "sess",
    "session",
    "sessid",
    "sid",
    "sig",
    "ssn",
    "taxid",
    "tel",
    "telephone",
    "ticket",
    "totp",
    "iban",
    "username",
    "login",
    "aspsessionid",
    "cfid",
    "cftoken",
    "hmac",
    "mfa",
    "accesskeyid",
    "pass1",
    "pass2",
    "laravelsession",
    "cisession",
    "sessionkey",
    "authkey",
    "resetkey",
    "csrf",
    "cvv2",
    "devicecode",
    "idtokenhint",
    "samlrequest",
    "cookies",
];

/// Those of them that are secret as names of fields, too.
const FIELDS: &[&str] =
    &["auth", "jwt", "otp", "pass", "phone", "phpsessid", "pwd", "session", "sessid", "sid", "ssn", "csrf"];

/// Endings of names that are secret in any company: `csrf_token`, `newPassword`, `client_secret`.
const ENDINGS: &[&str] = &[
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "signature",
    "credential",
    "credentials",
    "sessionid",
    "email",
    "emailaddress",
    "authcode",
];

/// Beginnings of names that are secret: of signed addresses in Amazon's and Google's storage.
const BEGINNINGS: &[&str] = &["xamz", "xgoog", "aspsessionid"];

/// The longest name that is looked at; of a longer one its end.
const LONGEST: usize = 48;

/// The names whose values are secrets.
#[derive(Debug, Default)]
pub(super) struct Names {
    whole: HashSet<Box<[u8]>, RandomState>,
    default: bool,
}

impl Names {
    /// The names that somebody added, with the default ones if wanted.
    pub(super) fn new<'n>(added: impl Iterator<Item = &'n str>, default: bool) -> Names {
        let built_in = WHOLE.iter().copied().filter(|_| default);
        let mut buffer = [0; LONGEST];
        let whole = built_in.chain(added).map(|name| plain(name.as_bytes(), &mut buffer).into());
        let mut whole: HashSet<Box<[u8]>, RandomState> = whole.collect();
        whole.remove(&b""[..]);
        Names { whole, default }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && !self.default
    }

    /// Whether a parameter with this name is secret. The name may have parts, as `user[password]`
    /// or `login.token`: one of them is enough.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        let mut buffer = [0; LONGEST];
        name.split(|byte| matches!(byte, b'[' | b']' | b'.' | b'$' | b':')).any(|part| {
            let part = plain(part, &mut buffer);
            !part.is_empty() && (self.whole.contains(part) || self.default && is_strong(part))
        })
    }

    /// Whether a field with this name is secret as a whole: cookies, authorization, and what
    /// is secret in any company. `code` or `key` as the name of a field says nothing.
    pub(super) fn has_field(&self, name: &str, added: &[Box<[u8]>]) -> bool {
        let mut buffer = [0; LONGEST];
        let last = plain(name.rsplit('.').next().unwrap_or(name).as_bytes(), &mut buffer);
        if added.iter().any(|added| **added == *last) {
            return true;
        }
        if !self.default {
            return false;
        }
        let contains = |word: &[u8]| memchr::memmem::find(last, word).is_some();
        let is_field = FIELDS.iter().any(|field| field.as_bytes() == last);
        if is_field || contains(b"cookie") || contains(b"authorization") || is_strong(last) {
            return true;
        }
        // nginx names the parameters of a request `$arg_NAME`.
        last.strip_prefix(b"arg").is_some_and(|parameter| self.whole.contains(parameter))
    }

    /// Finds the values of secret parameters: `name=value`.
    pub(super) fn find(&self, text: &Decoded<'_>, is_url: bool, edits: &mut Edits) {
        let bytes = &text.bytes[..];
        let has_quotes = !is_url && memchr::memchr(b'"', bytes).is_some();
        let question = memchr::memchr(b'?', bytes).unwrap_or(bytes.len());
        let mut done = 0;
        for equals in memchr::memchr_iter(b'=', bytes) {
            if equals < done {
                continue;
            }
            let name = name_before(bytes, equals, done);
            if !self.has(&bytes[name.clone()]) {
                continue;
            }
            let depth = text.depth(equals);
            let is_parameter_of_path = name.start > 0 && bytes[name.start - 1] == b';';
            let ends = |(at, byte): (usize, &u8)| {
                let is_end = match byte {
                    b'&' => true,
                    b';' | b'?' => is_parameter_of_path,
                    b'/' => is_parameter_of_path && is_url && equals < question,
                    b'"' => !is_url,
                    b' ' | b'\t' | b'\r' | b'\n' => !is_url && !has_quotes,
                    _ => false,
                };
                // What was encoded more often than the equals sign is part of the value.
                is_end && text.depth(equals + 1 + at) <= depth
            };
            let rest = &bytes[equals + 1..];
            let quote = rest.first().filter(|byte| !is_url && matches!(byte, b'"' | b'\''));
            let from = equals + 1 + usize::from(quote.is_some());
            let length = match quote {
                Some(quote) => memchr::memchr(*quote, &bytes[from..]),
                None => rest.iter().enumerate().position(ends),
            };
            done = length.map_or(bytes.len(), |length| from + length);
            edits.redact(text.source(from..done));
        }
    }

    /// Finds the values of secret members of JSON (`"token":"value"`) and, unless it is an address or a query, of
    /// headers (`Cookie: value`).
    pub(super) fn find_members(&self, text: &Decoded<'_>, is_url: bool, edits: &mut Edits) {
        let bytes = &text.bytes[..];
        let mut done = 0;
        for colon in memchr::memchr_iter(b':', bytes) {
            if colon < done {
                continue;
            }
            let blanks = bytes[done..colon].iter().rev().take(4).take_while(|byte| **byte == b' ').count();
            let is_member = bytes[done..colon - blanks].last() == Some(&b'"');
            let is_header = !is_url && bytes.get(colon + 1) == Some(&b' ');
            if !is_member && !is_header {
                continue;
            }
            let end = if is_member { colon - blanks - 1 } else { colon };
            let name = name_before(bytes, end, done);
            if !self.has(&bytes[name]) {
                continue;
            }
            let blank = |byte: &u8| !matches!(byte, b' ' | b'[' | b'{');
            let rest = &bytes[colon + 1..];
            let from = colon + 1 + rest.iter().position(blank).unwrap_or(rest.len());
            let is_string = bytes.get(from) == Some(&b'"');
            let from = from + usize::from(is_string);
            let ends = |(at, byte): (usize, &u8)| match byte {
                b'"' => text.depth(from + at) <= text.depth(colon),
                b',' | b'}' | b']' => is_member && !is_string,
                _ => false,
            };
            let rest = &bytes[from..];
            done = from + rest.iter().enumerate().position(ends).unwrap_or(rest.len());
            edits.redact(text.source(from..done));
        }
    }
}

/// Where the name stands that ends before a sign.
fn name_before(bytes: &[u8], end: usize, from: usize) -> Range<usize> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.[]$:".contains(byte);
    // Some servers do not mind these behind a name.
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'+' | 0);
    let end = end - bytes[from.min(end)..end].iter().rev().take(4).take_while(is_blank).count();
    let length = bytes[from.min(end)..end].iter().rev().take_while(|byte| is_name(byte)).count();
    end - length..end
}

/// A name in small letters and digits alone: `Api-Key`, `apiKey` and `api_key` are one.
fn plain<'b>(name: &[u8], buffer: &'b mut [u8; LONGEST]) -> &'b [u8] {
    let letters = name.iter().rev().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    let mut start = LONGEST;
    for byte in letters.take(LONGEST) {
        start -= 1;
        buffer[start] = byte.to_ascii_lowercase();
    }
    &buffer[start..]
}

fn is_strong(plain: &[u8]) -> bool {
    // `new_password2`, `password_confirmation`.
    memchr::memmem::find(plain, b"password").is_some()
        || ENDINGS.iter().any(|ending| plain.ends_with(ending.as_bytes()))
        || BEGINNINGS.iter().any(|beginning| plain.starts_with(beginning.as_bytes()))
}

/// Added names in the form in which they are compared.
pub(super) fn comparable(name: &str) -> Box<[u8]> {
    plain(name.as_bytes(), &mut [0; LONGEST]).into()
}
