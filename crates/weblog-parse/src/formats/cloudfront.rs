//! Amazon CloudFront standard logs ("Standard log file fields" of its developer guide): W3C rows
//! parted by tabs, whose texts are percent-encoded once more than the client sent them. That
//! encoding is undone once; a file from the years when blanks were written `%2520` gives `%20`.

use super::w3c::{self, Header};
use crate::{
    record::Record,
    reject::{Reason, Reject},
    time::Memo,
    zone::Zone,
};
use memchr::memchr;
use std::sync::LazyLock;

/// The 33 columns of version 1.0.
const FIELDS: &[u8] = b"#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem \
    sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id \
    x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher \
    x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port \
    time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start \
    sc-range-end";

impl Header {
    /// The columns of CloudFront's standard log, for a file without a header.
    pub fn cloudfront() -> &'static Header {
        static HEADER: LazyLock<Header> =
            LazyLock::new(|| Header::compile(FIELDS).expect("the names of CloudFront are known"));
        &HEADER
    }
}

/// Reads one row; whether it has more at its end than the header names.
pub(crate) fn parse<'a>(
    header: &Header,
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    if memchr(b'\t', line).is_none() && !Header::is_directive(line) {
        return Err(Reject::at(line.len(), Reason::BadRow, "fields parted by tabs"));
    }
    w3c::parse(header, memo, zone, line, record)
}
